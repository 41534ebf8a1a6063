"""Landmarks of the body model on its refined skin: the same place of the same face on everyone.

The skin of a head is the body model's, with many of its quads cut into four by one step of
Catmull and Clark; old vertices come first, then points of edges, then points of faces. Which
diagonal cuts a quad into triangles differs between people. So a landmark is told as a place in a
small quad, found from how the mesh hangs together and never from where its vertices lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array
from app.head.asset import Ints

Indices = NDArray[Any]
Bools = NDArray[Any]


@dataclass(frozen=True, eq=False)
class QuadPlaces:
    """Places in quads of a mesh.

    Attributes
    ----------
    quads : ndarray, shape (L, 4)
        Vertices, round the quad.
    places : ndarray, shape (L, 2)
        0 to 1 from the first vertex towards the second and towards the fourth.
    known : ndarray of bool, shape (L,)
        False where the landmark's face was not refined.
    """

    quads: Indices
    places: Array
    known: Bools

    def on(self, triangles: Ints, count: int) -> tuple[Indices, Array, Bools]:
        """Corners (L, 3), weights (L, 3) and whether they are known, on one person's triangles."""
        u, v = self.places.T
        one = np.ones_like(u)
        of_quad = np.zeros(count, dtype=bool)
        of_quad[self.quads] = True
        near = triangles[of_quad[triangles].sum(axis=1) >= 2]
        ends = np.concatenate([near[:, [k, (k + 1) % 3]] for k in range(3)])
        edges = _key(ends[:, 0], ends[:, 1], count)
        cut_02, cut_13 = (
            np.isin(_key(self.quads[:, k], self.quads[:, k + 2], count), edges) for k in (0, 1)
        )
        cases = [cut_02 & (u >= v), cut_02, u + v <= 1.0]
        order = np.array([[0, 1, 2], [0, 2, 3], [0, 1, 3], [1, 2, 3]])
        which = np.select(cases, [0, 1, 2], 3)
        weights = np.stack(
            [
                np.stack([one - u, u - v, v], axis=1),
                np.stack([one - v, u, v - u], axis=1),
                np.stack([one - u - v, u, v], axis=1),
                np.stack([one - v, u + v - one, one - u], axis=1),
            ]
        )[which, np.arange(len(u))]
        corners = np.take_along_axis(self.quads, order[which], axis=1)
        return corners, np.clip(weights, 0.0, 1.0), self.known & (cut_02 | cut_13)


def quad_places(
    triangles: Ints, base_count: int, count: int, corners: Indices, weights: Array, vertices: Array
) -> QuadPlaces:
    """Find the small quads that landmarks lie in.

    Parameters
    ----------
    triangles : ndarray, shape (T, 3)
        Of any one person.
    base_count : int
        The first so many vertices are the body model's.
    count : int
        Vertices of the mesh.
    corners : ndarray, shape (L, 3)
        Of each landmark: three vertices of one face of the body model.
    weights : ndarray, shape (L, 3)
    vertices : ndarray, shape (V, 3)
        Used only where a face is refined at one side, to tell its edges apart.
    """
    mesh = _Web(triangles, base_count, count, vertices)
    quads = np.zeros((len(corners), 4), dtype=np.int64)
    places = np.zeros((len(corners), 2))
    known = np.zeros(len(corners), dtype=bool)
    for i, (three, share) in enumerate(zip(corners.tolist(), weights.tolist(), strict=True)):
        found = mesh.place(three, share)
        if found is not None:
            quads[i], places[i], known[i] = found[0], found[1], True
    return QuadPlaces(quads, places, known)


Found = tuple[list[int], tuple[float, float]]


class _Web:
    """What hangs together with what."""

    def __init__(self, triangles: Ints, base_count: int, count: int, vertices: Array) -> None:
        ends = np.concatenate([triangles[:, [k, (k + 1) % 3]] for k in range(3)]).astype(np.int64)
        ends = np.concatenate([ends, ends[:, ::-1]])
        ends = ends[np.argsort(ends[:, 0], kind="stable")]
        self._others = ends[:, 1]
        self._start = np.searchsorted(ends[:, 0], np.arange(count + 1))
        self._first_edge = base_count
        # A point of a face comes after all points of edges and touches no other of its kind.
        second = np.sort(triangles, axis=1)[:, 1]
        self._first_face = int(second.max()) + 1
        self._vertices = vertices

    def place(self, corners: list[int], weights: list[float]) -> Found | None:
        """The quad and the place in it; none where the face is not refined on all sides."""
        if len(set(corners)) < 3:
            return None
        middles = [self._edge_point(corners[k], corners[(k + 1) % 3]) for k in range(3)]
        if sum(m is None for m in middles) != 1:
            return None
        k = middles.index(None)  # from corner k to the next runs the diagonal
        a, c, b = corners[k], corners[(k + 1) % 3], corners[(k + 2) % 3]
        u, v = weights[k], weights[(k + 1) % 3]
        to_c, to_a = middles[(k + 1) % 3], middles[(k + 2) % 3]
        assert to_a is not None and to_c is not None
        if to_a == to_c:  # of a face whose neighbours alone are refined
            return None
        face = self._only(x for x in self._near(to_a) & self._near(to_c) if x >= self._first_face)
        if face is None:
            return None
        if u <= 0.5 and v <= 0.5:
            return [b, to_a, face, to_c], (2 * u, 2 * v)
        outer, inner = (a, to_a) if u > 0.5 else (c, to_c)
        common = self._near(outer) & self._near(face) - {inner}
        beyond = self._only(x for x in common if self._is_edge(x))
        if beyond is None:
            return None
        if u > 0.5:
            return [to_a, a, beyond, face], (2 * u - 1, 2 * v)
        return [to_c, face, beyond, c], (2 * u, 2 * v - 1)

    def _near(self, vertex: int) -> set[int]:
        return set(self._others[self._start[vertex] : self._start[vertex + 1]].tolist())

    def _is_edge(self, vertex: int) -> bool:
        return self._first_edge <= vertex < self._first_face

    def _edge_point(self, one: int, other: int) -> int | None:
        near = self._near(one)
        if other in near:
            return None
        between = sorted(v for v in near & self._near(other) if self._is_edge(v))
        if not between:
            return None
        middle = self._vertices[[one, other]].mean(axis=0)
        gap = np.linalg.norm(self._vertices[between] - middle, axis=1)
        return between[int(gap.argmin())]

    @staticmethod
    def _only(found: Any) -> int | None:
        values = list(found)
        return int(values[0]) if len(values) == 1 else None


def _key(one: Indices, other: Indices, count: int) -> Indices:
    low, high = np.minimum(one, other), np.maximum(one, other)
    return np.asarray(low.astype(np.int64) * count + high)
