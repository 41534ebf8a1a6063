"""Landmarks of a topology as arrays on one head, brought up to date by what changed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.curate.view import View
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.topology.identity import ids_of
from app.topology.topology import Topology
from widgets.curate.ground import Ground
from widgets.viewport.landmarks import Marks, Sees, seen_points
from widgets.viewport.navigation import View as SceneView

Indices = NDArray[Any]
Bools = NDArray[np.bool_]

FEW: Final = 8
"""So many landmarks are looked at one by one, without a new picture."""
_BEHIND: Final = 0.0015


@dataclass(frozen=True, eq=False)
class Points:
    """A topology on a head.

    Attributes
    ----------
    ground : Ground
    topology : Topology
    world : ndarray, shape (L, 3), metres
    """

    ground: Ground
    topology: Topology
    world: Array

    @staticmethod
    def of(ground: Ground, topology: Topology) -> Points:
        return Points(ground, topology, ground.positions(topology.landmarks))

    def after(self, topology: Topology) -> tuple[Points, Indices]:
        """The points of another state, and which of them lie elsewhere (or are new)."""
        if self.same_landmarks(topology):
            rows = changed_rows(self.topology, topology)
            world = self.world.copy()
            if len(rows):
                world[rows] = self.ground.positions([topology.landmarks[i] for i in rows])
            made = Points(self.ground, topology, world)
            for name in ("ids", "index", "spacing"):
                if name in self.__dict__:
                    made.__dict__[name] = self.__dict__[name]
            if topology.edges == self.topology.edges and "edges" in self.__dict__:
                made.__dict__["edges"] = self.edges
            if topology.parts == self.topology.parts:
                for name in ("part_of", "lines", "line_parts"):
                    if name in self.__dict__:
                        made.__dict__[name] = self.__dict__[name]
            return made, rows
        return Points.of(self.ground, topology), np.arange(len(topology))

    def same_landmarks(self, topology: Topology) -> bool:
        """Whether it has the same landmarks in the same order."""
        before = self.topology
        return before.ids == topology.ids and len(before) == len(topology)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return ids_of(self.topology)

    @cached_property
    def index(self) -> dict[str, int]:
        return {key: i for i, key in enumerate(self.ids)}

    def rows(self, ids: frozenset[str]) -> Indices:
        """Rows of landmarks, rising."""
        found = sorted(self.index[key] for key in ids if key in self.index)
        return np.array(found, dtype=np.int64)

    @cached_property
    def edges(self) -> Indices:
        """Shape (E, 2)."""
        return np.array(self.topology.edges, dtype=np.int64).reshape(-1, 2)

    @cached_property
    def part_of(self) -> Indices:
        """The first part that each landmark belongs to, shape (L,); -1 for none."""
        found = np.full(len(self.topology), -1, dtype=np.int64)
        for number, part in reversed(list(enumerate(self.topology.parts))):
            found[list(part.landmarks)] = number
        return found

    @cached_property
    def lines(self) -> Indices:
        """Pieces of contours, shape (S, 2): neighbours in a part that an edge joins."""
        return self._lines[0]

    @cached_property
    def line_parts(self) -> Indices:
        """The part of each piece, shape (S,)."""
        return self._lines[1]

    @cached_property
    def _lines(self) -> tuple[Indices, Indices]:
        joined = {frozenset(edge) for edge in self.topology.edges}
        pairs, parts = [], []
        for number, part in enumerate(self.topology.parts):
            ring = part.landmarks
            if part.closed and len(ring) > 2:
                ring = (*ring, ring[0])
            for pair in itertools.pairwise(ring):
                if frozenset(pair) in joined:
                    pairs.append(pair)
                    parts.append(number)
        return np.array(pairs, dtype=np.int64).reshape(-1, 2), np.array(parts, dtype=np.int64)

    @cached_property
    def spacing(self) -> float:
        """Median distance of neighbours, metres."""
        if len(self.world) < 2:
            return 0.01
        return float(np.median(cKDTree(self.world).query(self.world, k=2)[0][:, 1]))

    def shown(self, view: View) -> Bools:
        """Which landmarks are not hidden by hand, shape (L,)."""
        if not view.hidden and not view.solo:
            return np.ones(len(self.ids), dtype=bool)
        return np.array([view.shows(key) for key in self.ids], dtype=bool)


def changed_rows(before: Topology, after: Topology) -> Indices:
    """Rows of the landmarks that differ between two states with the same ones."""
    pairs = zip(before.landmarks, after.landmarks, strict=True)
    rows = [i for i, (a, b) in enumerate(pairs) if a is not b and a != b]
    return np.array(rows, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class PointPoser:
    """Tells the render thread which points to look for in each picture.

    Attributes
    ----------
    asset : HeadAsset
        Only pictures of this head are looked at.
    word : str
        Of the state; pictures come back with it.
    world : ndarray, shape (L, 3)
    """

    asset: HeadAsset
    word: str
    world: Array

    def marks(self, pose: HeadPose, view: SceneView, renderer: Sees) -> tuple[Marks, ...]:
        """The points with what of them is seen, under the word of their state."""
        seen = seen_points(self.world, view, renderer)
        return (Marks(self.word, self.world, seen),)


class Sight:
    """Which points are seen, kept right while they move and while pictures lag behind.

    Attributes
    ----------
    visible : ndarray of bool, shape (L,)
    """

    def __init__(self) -> None:
        self.number = 0
        self.visible: Bools = np.zeros(0, dtype=bool)

    def poser(self, points: Points) -> PointPoser:
        return PointPoser(points.ground.asset, str(self.number), points.world)

    def begin(self, points: Points, before: Points | None) -> None:
        """Other landmarks are there: what was seen of the old ones is kept by id."""
        self.number += 1
        old = self.visible
        self.visible = np.ones(len(points.ids), dtype=bool)
        if before is not None and len(old) == len(before.ids) and before.ground is points.ground:
            for i, key in enumerate(points.ids):
                row = before.index.get(key)
                if row is not None:
                    self.visible[i] = old[row]

    def moved(self, points: Points, rows: Indices, view: SceneView) -> bool:
        """Some points lie elsewhere; whether a new picture is wanted to see which are seen."""
        self.number += 1
        if len(rows) > FEW:
            return True
        for i in rows:
            self.visible[i] = in_sight(points.ground, points.world[i], view)
        return False

    def take(self, marks: tuple[Marks, ...]) -> bool:
        """What a picture tells; whether that was of the present state."""
        if not marks or marks[0].topology != str(self.number):
            return False
        self.visible = marks[0].visible.copy()
        return True


def in_sight(ground: Ground, point: Array, view: SceneView) -> bool:
    """Whether a point on the skin is not behind other skin."""
    x, y = view.project(point)
    if not np.isfinite(x):
        return False
    origin, direction = view.ray(float(x), float(y))
    met = ground.surface.ray(origin, direction)
    return met is None or float((point - origin) @ direction) <= met[1] + _BEHIND


def nearest(flat: Array, candidates: Bools, x: float, y: float, reach: float) -> int | None:
    """Row of the candidate nearest to a point of the picture, within a reach."""
    away = np.hypot(flat[:, 0] - x, flat[:, 1] - y)
    away = np.where(candidates & np.isfinite(away), away, np.inf)
    if not len(away):
        return None
    best = int(away.argmin())
    return best if away[best] <= reach else None


def nearest_edge(
    flat: Array, edges: Indices, candidates: Bools, x: float, y: float, reach: float
) -> int | None:
    """Row of the edge nearest to a point of the picture, within a reach."""
    if not len(edges):
        return None
    a, b = flat[edges[:, 0]], flat[edges[:, 1]]
    along, way = b - a, np.array([x, y]) - a
    square = np.maximum(np.einsum("ei,ei->e", along, along), 1e-12)
    share = np.clip(np.einsum("ei,ei->e", way, along) / square, 0.0, 1.0)
    away = np.linalg.norm(way - share[:, None] * along, axis=1)
    away = np.where(candidates & np.isfinite(away), away, np.inf)
    best = int(away.argmin())
    return best if away[best] <= reach else None


def crossed_edges(flat: Array, edges: Indices, candidates: Bools, start: Array, end: Array) -> Any:
    """Rows of the edges that a stroke over the picture crosses."""
    if not len(edges):
        return np.zeros(0, dtype=np.int64)
    a, b = flat[edges[:, 0]], flat[edges[:, 1]]

    def side(p: Array, q: Array, r: Array) -> Array:
        return np.asarray(
            (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1])
            - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        )

    met = (side(a, b, start) * side(a, b, end) < 0) & (
        side(start, end, a) * side(start, end, b) < 0
    )
    return np.flatnonzero(met & candidates)
