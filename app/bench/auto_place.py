"""How near landmarks come that a model places by itself, on heads whose true points are known.

On the shipped heads they are known exactly. For heads of strangers nobody knows them: what is told
there is the distance to what people set right by hand, where somebody did, or else to what
registration proposes, which is itself some millimetres off and stands for no truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.bench.figures import Figure
from app.blender.client import Blender
from app.blender.heads import open_head
from app.curate.auto_place import AutoPlaced, by_registration
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.library import BUILTIN, shipped
from app.jobs import JobError
from app.paths import ROOT
from app.scene.scene import HeadFile
from app.topology import placement_file, store
from app.topology.landmarks import TOPOLOGIES, base_vertices_of, shared_placement
from app.topology.placement import Placement
from app.topology.placement_file import PlacementError
from app.topology.topology import Topology

BOUND: Final = 4.0
FAR: Final = 10.0
"""Millimetres from what registration proposes beyond which another place of the face is meant."""
STRANGERS: Final = ROOT.parent / "shared" / "data" / "fbx" / "rocketbox"
"""Human heads of another maker."""

Find = Callable[[HeadAsset, Sequence[AutoPlaced]], Sequence[AutoPlaced]]
"""Puts landmarks that registration proposed where a model sees them."""


@dataclass(frozen=True)
class Gap:
    """Millimetres between landmarks that were placed and others, in the mean and at most.

    Attributes
    ----------
    against : str
        What the others are: ``"true"``, ``"hand-corrected"`` or ``"registered"``.
    """

    landmarks: int
    mean: float
    most: float
    against: str

    def __str__(self) -> str:
        return f"{self.mean:.2f} (at most {self.most:.2f}) of {self.landmarks}, {self.against}"


def parts(find: Find) -> dict[str, Callable[[], Iterator[Figure]]]:
    """Parts of the suite ``curate`` about placing landmarks.

    Parameters
    ----------
    find : callable
    """
    return {"auto-place": lambda: _auto_place(find)}


def _auto_place(find: Find) -> Iterator[Figure]:
    with Blender(spare=False) as blender:
        for head in shipped():
            yield _on_shipped(find, blender, head)
        files = sorted(STRANGERS.rglob("*.fbx"))
        for file in files:
            yield _on_stranger(find, blender, file)
        if not files:
            name = "auto-place on human heads of another maker"
            yield Figure(name, 0.0, "mm", FAR, absent=f"no heads in {STRANGERS.name}")


def _on_shipped(find: Find, blender: Blender, head: str) -> Figure:
    """Of the topology that is farther off."""
    name = f"auto-place on {head}: mean distance to the true points"
    try:
        asset = open_head(HeadFile(BUILTIN + head), blender).asset
        registered, found = _placed(find, asset)
    except (JobError, ValueError, OSError) as problem:
        return Figure(name, 0.0, "mm", BOUND, absent=_line(problem))
    detail: dict[str, str] = {}
    worst = 0.0
    for first, second in zip(registered, found, strict=True):
        topology = second.topology
        true = true_places(asset, topology)
        gap = distance(asset, second.placement, true, "true")
        detail[topology.name] = str(gap)
        detail[f"{topology.name}, by registration alone"] = str(
            distance(asset, first.placement, true, "true")
        )
        worst = max(worst, gap.mean)
    return Figure(name, worst, "mm", BOUND, detail=dict(detail))


def _on_stranger(find: Find, blender: Blender, file: Path) -> Figure:
    """Of the topology that is farther off; what it is measured against is part of the name."""
    name = f"auto-place on {file.stem}: mean distance to the points"
    try:
        asset = open_head(HeadFile(str(file)), blender).asset
        registered, found = _placed(find, asset)
    except (JobError, ValueError, OSError) as problem:
        return Figure(name, 0.0, "mm", FAR, absent=_line(problem))
    gaps = [known_gap(asset, one, two) for one, two in zip(registered, found, strict=True)]
    worst = max(gaps, key=lambda gap: gap.mean)
    detail = {two.topology.name: str(gap) for two, gap in zip(found, gaps, strict=True)}
    return Figure(f"{name}, {worst.against}", worst.mean, "mm", FAR, detail=dict(detail))


def _line(problem: Exception) -> str:
    return " ".join(str(problem).split())


def _placed(find: Find, asset: HeadAsset) -> tuple[tuple[AutoPlaced, ...], tuple[AutoPlaced, ...]]:
    registered = by_registration(asset, [store.load(name) for name in TOPOLOGIES])
    return registered, tuple(find(asset, registered))


def true_places(asset: HeadAsset, topology: Topology) -> Placement:
    """The landmarks of a head that shares the base mesh.

    Raises
    ------
    ValueError
        If it does not.
    """
    base = base_vertices_of(asset)
    if base is None:
        raise ValueError(f"{asset.name} does not share the base mesh")
    return shared_placement(asset.meshes, base, topology)


def known_gap(asset: HeadAsset, registered: AutoPlaced, found: AutoPlaced) -> Gap:
    """Distance to the points that a person set right on a head, or else to the registered ones."""
    topology = found.topology
    by_hand = corrected(asset, topology)
    if by_hand is not None:
        rows, places = by_hand
        return distance(asset, found.placement, places, "hand-corrected", rows)
    return distance(asset, found.placement, registered.placement, "registered")


def corrected(asset: HeadAsset, topology: Topology) -> tuple[list[int], Placement] | None:
    """Which landmarks of a head people set right, and its kept placement; None for none."""
    try:
        saved = placement_file.read(asset.source.sha256)
    except PlacementError:
        return None
    placed = saved.of(topology.name, topology.version) if saved is not None else None
    if saved is None or placed is None:
        return None
    rows = [k for k, mark in enumerate(placed.landmarks) if mark.by == "person"]
    kept = placement_file.placement_of(asset, saved, topology)
    return (rows, kept[0]) if rows and kept is not None else None


def distance(
    asset: HeadAsset,
    found: Placement,
    others: Placement,
    against: str,
    rows: Sequence[int] | None = None,
) -> Gap:
    """How far two placements on a head at rest are apart, of all landmarks or of some."""
    vertices = [mesh.vertices for mesh in asset.meshes]
    apart: Array = np.linalg.norm(found.positions(vertices) - others.positions(vertices), axis=1)
    chosen = apart if rows is None else apart[list(rows)]
    return Gap(len(chosen), 1000.0 * float(chosen.mean()), 1000.0 * float(chosen.max()), against)
