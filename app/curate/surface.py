"""A triangle mesh ready to be worked on by hand: nearest points and rays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.geometry.rotations import Array
from app.topology.closest import closest_on_triangles

Indices = NDArray[Any]

_SPACING: Final = 0.002
_NEAR: Final = 0.008
_FACING: Final = 0.1
_WELD: Final = 1e-6
_LEAST: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Spots:
    """Places on a surface.

    Attributes
    ----------
    triangles : ndarray, shape (N,)
        Rows of `Surface.triangles`; -1 where there is none.
    weights : ndarray, shape (N, 3)
        Barycentric, rows sum to one.
    """

    triangles: Indices
    weights: Array

    def __len__(self) -> int:
        return len(self.triangles)

    def __getitem__(self, rows: Any) -> Spots:
        return Spots(np.atleast_1d(self.triangles[rows]), self.weights[rows].reshape(-1, 3))


@dataclass(frozen=True, eq=False)
class Surface:
    """A mesh.

    Attributes
    ----------
    vertices : ndarray, shape (V, 3), metres
    triangles : ndarray, shape (T, 3)
    """

    vertices: Array
    triangles: Indices

    @cached_property
    def corners(self) -> Array:
        """Positions of the triangles' corners, shape (T, 3, 3)."""
        return np.asarray(self.vertices[self.triangles], dtype=np.float64)

    @cached_property
    def normals(self) -> Array:
        """Unit normals of the triangles, shape (T, 3)."""
        a, b, c = np.moveaxis(self.corners, 1, 0)
        normal = np.cross(b - a, c - a)
        return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-20)[:, None])

    @cached_property
    def vertex_normals(self) -> Array:
        """Unit normals of the vertices, shape (V, 3), weighed by area."""
        a, b, c = np.moveaxis(self.corners, 1, 0)
        spread = np.repeat(np.cross(b - a, c - a), 3, axis=0)
        flat = self.triangles.ravel()
        normal = np.stack(
            [np.bincount(flat, spread[:, k], minlength=len(self.vertices)) for k in range(3)],
            axis=1,
        )
        return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-20)[:, None])

    @cached_property
    def across(self) -> Indices:
        """Triangle beyond the edge from each corner to the next, shape (T, 3); -1 on a border.

        Vertices in one place count as one.
        """
        _, weld = np.unique(
            np.round(self.vertices / _WELD).astype(np.int64), axis=0, return_inverse=True
        )
        welded = weld.reshape(-1)[self.triangles]
        ends = np.sort(np.stack([welded, np.roll(welded, -1, axis=1)], axis=-1), axis=-1)
        key = (ends[..., 0].astype(np.int64) * len(self.vertices) + ends[..., 1]).ravel()
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(key[order][1:] == key[order][:-1])
        beyond = np.full(len(key), -1, dtype=np.int64)
        beyond[order[same]] = order[same + 1] // 3
        beyond[order[same + 1]] = order[same] // 3
        return beyond.reshape(-1, 3)

    def at(self, spots: Spots) -> Array:
        """Positions, shape (N, 3), metres."""
        return np.asarray(np.einsum("nc,nci->ni", spots.weights, self.corners[spots.triangles]))

    def facing(self, spots: Spots) -> Array:
        """Unit normals at places, shape (N, 3), smooth over the edges of triangles."""
        around = self.vertex_normals[self.triangles[spots.triangles]]
        normal = np.einsum("nc,nci->ni", spots.weights, around)
        return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-20)[:, None])

    @cached_property
    def _samples(self) -> tuple[cKDTree, Indices, float]:
        """Points at most a little apart on all triangles, whose they are, and how far apart."""
        sides = np.linalg.norm(self.corners - np.roll(self.corners, -1, axis=1), axis=2)
        longest = sides.max(axis=1)
        steps = np.clip(np.ceil(longest / _SPACING), 1, 60).astype(int)
        points, owner = [], []
        for step in np.unique(steps):
            own = np.flatnonzero(steps == step)
            a, b = np.meshgrid(np.arange(step), np.arange(step), indexing="ij")
            a, b = a[a + b < step], b[a + b < step]
            weights = np.stack([a, b, step - 1 - a - b], axis=1) + 1.0 / 3.0
            weights /= weights.sum(axis=1, keepdims=True)
            points.append(np.einsum("sc,tci->tsi", weights, self.corners[own]).reshape(-1, 3))
            owner.append(np.repeat(own, len(weights)))
        apart = float((longest / steps).max())
        return cKDTree(np.concatenate(points)), np.concatenate(owner), apart

    def samples(self) -> Array:
        """Points on all triangles, at most 2 mm apart, shape (S, 3), metres."""
        return np.asarray(self._samples[0].data)

    def closest(self, points: Array, normals: Array | None = None) -> tuple[Spots, Array]:
        """The places nearest to points, and how far away they are.

        Parameters
        ----------
        points : ndarray, shape (N, 3), metres
        normals : ndarray, shape (N, 3), optional
            Surface that faces away from these is taken only where there is no other near: so a
            point of the upper lip stays on it.

        Returns
        -------
        spots : Spots
        gap : ndarray, shape (N,), metres
        """
        points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        tree, owner, apart = self._samples
        first = owner[tree.query(points)[1]]
        _, bound = self._on(points, first)
        # The nearest triangle has a sample that is hardly farther away.
        spots, gap, away = self._best(points, bound + apart, normals)
        far = np.flatnonzero(away)
        if len(far) and normals is not None:
            found, distance, _ = self._best(points[far], bound[far] + _NEAR, normals[far])
            spots.triangles[far], spots.weights[far] = found.triangles, found.weights
            gap[far] = distance
        return spots, gap

    def _on(self, points: Array, rows: Indices) -> tuple[Array, Array]:
        """Weights of, and distances to, the nearest point of one triangle for each point."""
        corners = self.corners[rows]
        weights = closest_on_triangles(points, corners)
        found = np.einsum("nc,nci->ni", weights, corners)
        return weights, np.linalg.norm(found - points, axis=1)

    def _best(
        self, points: Array, radii: Array, normals: Array | None
    ) -> tuple[Spots, Array, NDArray[Any]]:
        """The nearest places among the triangles that have a sample within a radius.

        Also whether all of those face away.
        """
        tree, owner, _ = self._samples
        balls = tree.query_ball_point(points, radii + _LEAST, return_sorted=False)
        sizes = np.array([len(ball) for ball in balls])
        samples = np.concatenate([np.asarray(ball, dtype=np.int64) for ball in balls])
        pairs = np.unique(
            np.repeat(np.arange(len(points)), sizes) * len(self.corners) + owner[samples]
        )
        point, row = np.divmod(pairs, len(self.corners))
        weights, gap = self._on(points[point], row)
        turned = np.zeros(len(row), dtype=bool)
        if normals is not None:
            turned = np.einsum("ni,ni->n", self.normals[row], normals[point]) < _FACING
        order = np.lexsort((gap, turned, point))
        best = order[np.searchsorted(point, np.arange(len(points)))]
        return Spots(row[best], weights[best]), gap[best], turned[best]

    def ray(self, origin: Array, direction: Array) -> tuple[Spots, float] | None:
        """The first place that a ray meets from outside, and how far along it is.

        Parameters
        ----------
        origin : ndarray, shape (3,), metres
        direction : ndarray, shape (3,)

        Notes
        -----
        Source: T. Möller and B. Trumbore, 1997, "Fast, minimum storage ray/triangle
        intersection".
        """
        direction = direction / np.linalg.norm(direction)
        facing = np.flatnonzero(self.normals @ direction < 0.0)
        a, b, c = np.moveaxis(self.corners[facing], 1, 0)
        first, second = b - a, c - a
        cross = np.cross(direction, second)
        scale = np.einsum("ti,ti->t", first, cross)
        with np.errstate(divide="ignore", invalid="ignore"):
            way = origin - a
            u = np.einsum("ti,ti->t", way, cross) / scale
            other = np.cross(way, first)
            v = other @ direction / scale
            length = np.einsum("ti,ti->t", second, other) / scale
            met = (u >= -_LEAST) & (v >= -_LEAST) & (u + v <= 1.0 + _LEAST) & (length > 0.0)
        rows = np.flatnonzero(met)
        if not len(rows):
            return None
        best = rows[length[rows].argmin()]
        weights = np.clip([1.0 - u[best] - v[best], u[best], v[best]], 0.0, 1.0)
        weights = weights / weights.sum()
        return Spots(facing[best : best + 1], weights[None]), float(length[best])

    def beside(self, origin: Array, direction: Array) -> Spots:
        """Where a ray meets the surface, or else the place that it passes nearest to.

        What a point is dragged to by a cursor that has left the head: the rim that is seen.
        """
        met = self.ray(origin, direction)
        if met is not None:
            return met[0]
        direction = direction / np.linalg.norm(direction)
        way = self.vertices[self._used] - origin
        along = np.maximum(way @ direction, 0.0)
        off = np.linalg.norm(way - along[:, None] * direction, axis=1)
        nearest = self.vertices[self._used[(off / np.maximum(along, _LEAST)).argmin()]]
        length = float((nearest - origin) @ direction)
        return self.closest((origin + max(length, 0.0) * direction)[None])[0]

    @cached_property
    def _used(self) -> Indices:
        return np.unique(self.triangles)
