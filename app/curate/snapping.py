"""Bringing landmarks to what is near them: a vertex, an edge, the mirror image, a feature curve."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.curate.action import Desk, EditError, counted
from app.curate.mean_head import means
from app.curate.moving import indices, relocated
from app.curate.surface import Spots
from app.geometry.rotations import Array
from app.topology.topology import Part, Topology

_NO_LINE: Final = "there is no line near: join the landmarks of a part by edges first"


@dataclass(frozen=True)
class SnapToVertex:
    """Bring landmarks to the nearest corner of their triangles."""

    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Snap {counted(len(self.ids))} to vertices"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        return _snapped(topology, desk, self.ids, _nearest_corner)


@dataclass(frozen=True)
class SnapToEdge:
    """Bring landmarks to the nearest edge of their triangles that is a side of a quad."""

    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Snap {counted(len(self.ids))} to edges"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        return _snapped(topology, desk, self.ids, _nearest_side)


def _snapped(
    topology: Topology,
    desk: Desk,
    ids: Sequence[str],
    weights: Callable[[Desk, Spots], Array],
) -> Topology:
    rows = indices(topology, ids)
    spots = desk.head.spots([topology.landmarks[i] for i in rows])
    for k, i in enumerate(rows):
        if spots.triangles[k] < 0:
            raise EditError(f"{topology.landmarks[i].name!r} does not lie on the skin")
    places = {
        i: Spots(spots.triangles[k : k + 1], weights(desk, spots[k])[None])
        for k, i in enumerate(rows)
    }
    return relocated(topology, desk, places)


def _nearest_corner(desk: Desk, spot: Spots) -> Array:
    corners = desk.head.surface.corners[spot.triangles[0]]
    gap = np.linalg.norm(corners - spot.weights[0] @ corners, axis=1)
    return np.asarray(np.eye(3)[int(gap.argmin())])


def _nearest_side(desk: Desk, spot: Spots) -> Array:
    """The triangles (0, 1, 2) and (0, 2, 3) of a quad have its sides at 0-1, 1-2 and 1-2, 2-0."""
    row = int(spot.triangles[0])
    first = row < len(desk.head.skin.quads)
    corners = desk.head.surface.corners[row]
    point = spot.weights[0] @ corners
    best, least = spot.weights[0], np.inf
    for a, b in ((0, 1), (1, 2)) if first else ((1, 2), (2, 0)):
        along = corners[b] - corners[a]
        share = float(np.clip((point - corners[a]) @ along / (along @ along), 0.0, 1.0))
        gap = float(np.linalg.norm(corners[a] + share * along - point))
        if gap < least:
            best, least = (1.0 - share) * np.eye(3)[a] + share * np.eye(3)[b], gap
    return np.asarray(best)


@dataclass(frozen=True)
class SnapToMirror:
    """Bring landmarks to the mirror images of their other sides, or into the middle plane."""

    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Snap {counted(len(self.ids))} to the mirror image"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        marks = list(topology.landmarks)
        for i in indices(topology, self.ids):
            other = topology.mirror[i]
            if other == i:
                marks[i] = desk.head.in_middle(marks[i], np.array(marks[i].mean))
            else:
                marks[i] = desk.head.mirrored(marks[i], topology.landmarks[other])
        return replace(topology, landmarks=tuple(marks))


@dataclass(frozen=True)
class SnapToCurve:
    """Bring landmarks to the line through the landmarks of a part, along the skin.

    Attributes
    ----------
    ids : tuple of str
    part : str
        A run of landmarks, such as ``"jaw"``; empty for the nearest part that is one.
    """

    ids: tuple[str, ...]
    part: str = ""

    @property
    def text(self) -> str:
        return f"Snap {counted(len(self.ids))} to {self.part or 'the nearest line'}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        points = means(topology)
        lines = (
            [p for p in topology.parts if p.name == self.part] if self.part else lines_of(topology)
        )
        if not lines:
            raise EditError(f"there is no part {self.part!r}" if self.part else _NO_LINE)
        places = {}
        for i in indices(topology, self.ids):
            spot = desk.head.spots([topology.landmarks[i]])
            if spot.triangles[0] < 0:
                raise EditError(f"{topology.landmarks[i].name!r} does not lie on the skin")
            target = _foot(lines, points, i)
            places[i] = desk.head.surface.closest(target[None], desk.head.surface.facing(spot))[0]
        return relocated(topology, desk, places)


def lines_of(topology: Topology) -> list[Part]:
    """The parts that are lines: edges join each landmark of theirs with the next."""
    joined = {frozenset(edge) for edge in topology.edges}
    return [
        part
        for part in topology.parts
        if len(part.landmarks) > 1
        and all(frozenset(pair) in joined for pair in itertools.pairwise(part.landmarks))
    ]


def _foot(lines: Sequence[Part], points: Array, own: int) -> Array:
    """The point of some broken lines, without their corner ``own``, nearest to it."""
    best, least = points[own], np.inf
    for part in lines:
        members = [i for i in part.landmarks if i != own]
        ring = [*members, members[0]] if part.closed and members else members
        for a, b in itertools.pairwise(ring):
            along = points[b] - points[a]
            share = float((points[own] - points[a]) @ along / max(float(along @ along), 1e-18))
            foot = points[a] + min(max(share, 0.0), 1.0) * along
            gap = float(np.linalg.norm(foot - points[own]))
            if gap < least:
                best, least = foot, gap
    if not np.isfinite(least):
        raise EditError(_NO_LINE)
    return np.asarray(best)
