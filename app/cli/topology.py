"""``main.py topology``: landmarks on the mesh, listed, shown, made, checked and placed."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.topology import store
from app.topology.topology import Topology

_DENSE: Final = re.compile(r"dense-(\d{1,6})")


class TopologyCommandError(Exception):
    """What is wrong with the arguments or the input, in one line."""


def add_parser(subparsers: Any) -> None:
    """Add the sub-command's arguments."""
    parser = subparsers.add_parser(
        "topology",
        help="landmarks on the mesh: list, show, build, check, place",
        description="Topologies are ordered, named sets of landmarks on the head's mesh.",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="name the topologies that come with the program")
    listed.set_defaults(run=_guarded(_list))

    show = actions.add_parser("show", help="tell what is in a topology, and draw it on a head")
    show.add_argument("name", help="a shipped topology or a file")
    show.add_argument(
        "--head",
        default="builtin:ben",
        metavar="HEAD",
        help="builtin:NAME or an FBX (default: builtin:ben)",
    )
    show.add_argument("--output", type=Path, metavar="PNG", help="the picture to write")
    show.set_defaults(run=_guarded(_show))

    build = actions.add_parser(
        "build", help="make a dense topology from the papers' rounds; needs the extra 'bake'"
    )
    build.add_argument("name", help="dense-520, dense-243, dense-1001 or another dense-COUNT")
    build.add_argument("--count", type=int, help="points (default: the number in the name)")
    build.add_argument(
        "--output", type=Path, metavar="FILE", help="default: the shipped file of that name"
    )
    build.set_defaults(run=_guarded(_build))

    check = actions.add_parser("check", help="say whether a file is a sound topology")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_guarded(_check))

    from app.cli import topology_compare

    topology_compare.add_parser(actions)


def _guarded(action: Any) -> Any:
    def run(args: argparse.Namespace) -> int:
        try:
            return int(action(args))
        except (TopologyCommandError, store.TopologyError, ValueError) as fault:
            return _refuse(fault, 2)
        except OSError as problem:
            return _refuse(f"{problem.filename or 'a file'}: {problem.strerror or problem}", 2)
        except KeyboardInterrupt:
            return _refuse("stopped", 1)

    return run


def _refuse(fault: object, status: int) -> int:
    print(f"main.py topology: {' '.join(str(fault).split())}", file=sys.stderr)
    return status


def _list(_: argparse.Namespace) -> int:
    for name in store.shipped():
        topology = store.load(name)
        parts = ", ".join(part.name for part in topology.parts)
        print(f"{name:11} version {topology.version}, {len(topology):4} landmarks: {parts}")
    return 0


def _named(name: str) -> Topology:
    if name in store.shipped():
        return store.load(name)
    if name.endswith(".json") or "/" in name:
        return store.read(Path(name))
    known = ", ".join(store.shipped())
    raise TopologyCommandError(f"there is no topology {name!r}; there are: {known}, or name a file")


def _show(args: argparse.Namespace) -> int:
    topology = _named(args.name)
    if args.output is None:
        _print(topology)
        return 0
    if args.output.suffix.lower() != ".png":
        raise TopologyCommandError(f"--output {args.output}: its name must end in .png")
    if not args.output.absolute().parent.is_dir():
        raise TopologyCommandError(
            f"--output {args.output}: the folder {args.output.absolute().parent} is missing"
        )
    from app.blender.client import Blender
    from app.blender.heads import HeadError, open_head
    from app.blender.protocol import OUR_FAULTS
    from app.cli.topology_picture import write_picture
    from app.scene.scene import HeadFile
    from app.topology.landmarks import base_vertices_of, shared_placement

    try:
        with Blender(spare=False) as blender:
            asset = open_head(HeadFile(args.head), blender).asset
    except HeadError as fault:
        return _refuse(fault, 1 if fault.kind in OUR_FAULTS else 2)
    base = base_vertices_of(asset)
    if base is None:
        raise TopologyCommandError(f"{args.head}: was not made by bake-head")
    write_picture(args.output, asset, topology, shared_placement(asset.meshes, base, topology))
    print(args.output)
    return 0


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


def _build(args: argparse.Namespace) -> int:
    named = _DENSE.fullmatch(args.name)
    if named is None:
        raise TopologyCommandError(f"{args.name!r} cannot be built; name it dense-COUNT: dense-520")
    count = int(named[1])
    if args.count not in (None, count):
        raise TopologyCommandError(f"--count {args.count} does not fit the name {args.name}")
    output = args.output or store.FOLDER / f"{args.name}.json"
    if not output.absolute().parent.is_dir():
        raise TopologyCommandError(f"--output {output}: the folder is missing")
    from app.cli.base_skin import face_skin
    from app.topology.dense import build

    try:
        skin = face_skin()
    except ImportError as missing:
        raise TopologyCommandError(str(missing)) from None
    topology = build(skin, store.load("ibug-68"), count)
    store.write(output, topology)
    gap, _, _ = closest_pair(topology)
    print(f"{output}: {len(topology)} landmarks, none closer than {1000 * gap:.2f} mm")
    return 0


def _check(args: argparse.Namespace) -> int:
    topology = store.read(args.file)
    print(f"{args.file}: sound")
    _print(topology)
    return 0
