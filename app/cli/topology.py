"""``main.py topology``: landmarks on the mesh, listed, shown, made, checked and placed."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.blender.protocol import OUR_FAULTS
from app.cli import (
    topology_compare,
    topology_decide,
    topology_effect,
    topology_exchange,
    topology_read,
    topology_store,
    topology_trail,
)
from app.cli.topology_store import CommandError
from app.curate.store import Store
from app.files import write_bytes
from app.head.asset import HeadAsset
from app.jobs import JobError
from app.topology import store
from app.topology.placement import Placement
from app.topology.topology import Topology

_DENSE: Final = re.compile(r"dense-(\d{1,6})")


def add_parser(subparsers: Any) -> None:
    """Add the sub-command's arguments."""
    parser = subparsers.add_parser(
        "topology",
        help="landmarks on the mesh: list, show, build, check, place, propose, release",
        description="Topologies are ordered, named sets of landmarks on the head's mesh. They are "
        "changed by proposals, which curators approve; docs/curating.md tells how.",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    show = actions.add_parser("show", help="tell what is in a topology, and draw it on a head")
    show.add_argument(
        "name", help="a topology (its newest release), NAME@5, a file, or a proposal's number"
    )
    topology_store.add_store(show)
    show.add_argument(
        "--head",
        default="builtin:ben",
        metavar="HEAD",
        help="builtin:NAME or an FBX (default: builtin:ben)",
    )
    show.add_argument("--output", type=Path, metavar="PNG", help="the picture to write")
    show.set_defaults(run=topology_store.guarded(_show))

    build = actions.add_parser(
        "build", help="make a dense topology by the papers' rounds, or what it is made on"
    )
    build.add_argument(
        "name",
        help="dense-520, dense-243, dense-1001 or another dense-COUNT; or default-head, "
        "the head that landmarks of foreign heads are brought over from; or base-skin, the skin "
        "that topologies are made and edited on; the last needs the extra 'bake'",
    )
    build.add_argument("--count", type=int, help="points (default: the number in the name)")
    build.add_argument(
        "--output", type=Path, metavar="FILE", help="default: the shipped file of that name"
    )
    build.set_defaults(run=_guarded(_build))

    check = actions.add_parser("check", help="say whether a file is a sound topology")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_guarded(_check))

    place = actions.add_parser(
        "place", help="write where a topology lies on a head: exact, or proposed by registration"
    )
    place.add_argument("head", help="builtin:NAME or an FBX")
    place.add_argument(
        "--topology", default="ibug-68", metavar="NAME", help="NAME, NAME@5 or a file (ibug-68)"
    )
    place.add_argument("--output", type=Path, required=True, metavar="FILE", help="the .json")
    topology_store.add_store(place)
    place.set_defaults(run=topology_store.guarded(_place))

    topology_compare.add_parser(actions)
    topology_read.add_parsers(actions)
    topology_effect.add_parser(actions)
    topology_decide.add_parsers(actions)
    topology_exchange.add_parsers(actions)
    topology_trail.add_parsers(actions)


def _guarded(action: Any) -> Any:
    def run(args: argparse.Namespace) -> int:
        try:
            return int(action(args))
        except (CommandError, store.TopologyError, ValueError) as fault:
            return _refuse(fault, 2)
        except JobError as fault:
            return _refuse(fault, 1 if getattr(fault, "kind", "") in OUR_FAULTS else 2)
        except OSError as problem:
            return _refuse(f"{problem.filename or 'a file'}: {problem.strerror or problem}", 2)
        except KeyboardInterrupt:
            return _refuse("stopped", 130)

    return run


def _refuse(fault: object, status: int) -> int:
    print(f"main.py topology: {' '.join(str(fault).split())}", file=sys.stderr)
    return status


def _show(args: argparse.Namespace, curated: Store) -> int:
    if topology_store.is_proposal(args.name) and args.output is None:
        topology_read.show_proposal(curated, topology_store.proposal_number(args.name))
        return 0
    topology = topology_store.named(curated, args.name).topology
    if args.output is None:
        _print(topology)
        return 0
    _check_output(args.output, ".png")
    from app.cli.topology_picture import write_picture
    from app.raster.window import NoOpenGLError

    asset = _open(args.head)
    placement, residual = _sound_placement(asset, topology)
    try:
        write_picture(args.output, asset, topology, placement)
    except NoOpenGLError as missing:
        return _refuse(missing, 1)
    if residual is not None:
        print(f"proposed: {1000 * residual:.2f} mm off the default head's face on average")
    print(args.output)
    return 0


def _placed(asset: HeadAsset, topology: Topology) -> tuple[Placement, float | None]:
    """A topology on a head, and metres that its registration is off where it is proposed."""
    from app.topology.landmarks import base_vertices_of, landmarks_of, shared_placement

    base = base_vertices_of(asset)
    if base is not None:
        return shared_placement(asset.meshes, base, topology), None
    if topology.name not in store.shipped() or topology != store.load(topology.name):
        raise CommandError(
            f"{asset.name} was not made by bake-head: only shipped topologies can be proposed on "
            f"it, not {topology.name} {topology.version}"
        )
    found = landmarks_of(asset, None, (topology.name,))
    return found.placements[0], found.residual


def _sound_placement(asset: HeadAsset, topology: Topology) -> tuple[Placement, float | None]:
    """As `_placed`; what the head lacks is an error in one line."""
    try:
        return _placed(asset, topology)
    except ValueError as problem:
        raise CommandError(str(problem)) from None


def _print(topology: Topology) -> None:
    print(f"{topology.name}, version {topology.version}, on {topology.base_mesh}")
    origins = Counter(mark.origin for mark in topology.landmarks)
    print(f"{len(topology)} landmarks: {', '.join(f'{n} {o}' for o, n in origins.items())}")
    for part in topology.parts:
        print(f"  {part.name}: {len(part.landmarks)}{' (closed)' if part.closed else ''}")
    for made in topology.rounds:
        kept = sum(point.landmark is not None for point in made.points)
        print(f"  made in {made.name}: {len(made.points)} points, {kept} kept")
    gap, one, other = closest_pair(topology)
    print(
        f"{len(topology.edges)} edges; closest on the mean head: {1000 * gap:.2f} mm, "
        f"{topology.landmarks[one].name} and {topology.landmarks[other].name}"
    )


def closest_pair(topology: Topology) -> tuple[float, int, int]:
    """Metres between the two nearest landmarks on the mean head, and which they are."""
    means = np.array([mark.mean for mark in topology.landmarks])
    gap = np.linalg.norm(means[:, None] - means[None], axis=2)
    gap[np.diag_indices(len(means))] = np.inf
    one, other = np.unravel_index(int(gap.argmin()), gap.shape)
    return float(gap[one, other]), int(one), int(other)


def _place(args: argparse.Namespace, curated: Store) -> int:
    topology = topology_store.named(curated, args.topology).topology
    _check_output(args.output, ".json")
    from app.cli.topology_place import encode

    asset = _open(args.head)
    placement, residual = _sound_placement(asset, topology)
    write_bytes(args.output, encode(asset, topology, placement, residual))
    about = "exact" if residual is None else f"proposed, {1000 * residual:.2f} mm off on average"
    print(f"{args.output}: {len(topology)} landmarks on {asset.name}, {about}")
    return 0


def _check_output(path: Path, suffix: str) -> None:
    if path.suffix.lower() != suffix:
        raise CommandError(f"--output {path}: its name must end in {suffix}")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise CommandError(f"--output {path}: the folder {folder} is missing")


def _open(head: str) -> HeadAsset:
    """A head, from the cache or read by Blender.

    Raises
    ------
    HeadError
    """
    from app.blender.client import Blender
    from app.blender.heads import open_head
    from app.scene.scene import HeadFile

    with Blender(spare=False) as blender:
        return open_head(HeadFile(head), blender).asset


def _build_default_head(output: Path | None) -> int:
    from app.head.library import BUILTIN
    from app.topology import default_head

    path = output or default_head.FILE
    asset = _open(BUILTIN + default_head.NAME)
    default_head.save(asset, path)
    print(f"{path}: {asset.name} without textures, shapes and hair")
    return 0


def _build_base_skin(output: Path | None) -> int:
    from app.cli.base_skin import kept_skin
    from app.topology import base_skin

    path = output or base_skin.FILE
    try:
        skin = kept_skin()
    except ImportError as missing:
        raise CommandError(str(missing)) from None
    base_skin.save(skin, path)
    print(f"{path}: {len(skin.ids)} vertices, {len(skin.quads)} faces")
    return 0


def _build(args: argparse.Namespace) -> int:
    if args.name == "default-head":
        return _build_default_head(args.output)
    if args.name == "base-skin":
        return _build_base_skin(args.output)
    named = _DENSE.fullmatch(args.name)
    if named is None:
        raise CommandError(f"{args.name!r} cannot be built; name it dense-COUNT: dense-520")
    count = int(named[1])
    if args.count not in (None, count):
        raise CommandError(f"--count {args.count} does not fit the name {args.name}")
    output = args.output or store.FOLDER / f"{args.name}.json"
    _check_output(output, ".json")
    from app.topology.base_skin import base_skin
    from app.topology.dense import build

    topology = build(base_skin().face, store.load("ibug-68"), count)
    store.write(output, topology)
    gap, _, _ = closest_pair(topology)
    print(f"{output}: {len(topology)} landmarks, none closer than {1000 * gap:.2f} mm")
    return 0


def _check(args: argparse.Namespace) -> int:
    topology = store.read(args.file)
    print(f"{args.file}: sound")
    _print(topology)
    return 0
