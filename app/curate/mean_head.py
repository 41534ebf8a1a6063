"""The mean head as the ground that a topology is edited on."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.curate.surface import Spots, Surface
from app.geometry.rotations import Array
from app.topology.base_mesh import DECIMALS
from app.topology.base_skin import BaseSkin, base_skin
from app.topology.topology import Landmark, Topology, Vector

Indices = NDArray[Any]
Spot = tuple[tuple[int, int, int], Vector]

MIDDLE: Final = 2e-6
"""Metres from the middle plane up to which a landmark lies in it."""


@dataclass(frozen=True, eq=False)
class MeanHead:
    """The skin of the mean person with what editing needs.

    Attributes
    ----------
    skin : BaseSkin
    """

    skin: BaseSkin

    @cached_property
    def surface(self) -> Surface:
        """The whole skin; rows f and F + f of its triangles are the halves of quad f of F."""
        mesh = self.skin.whole
        return Surface(mesh.vertices, mesh.triangles)

    @cached_property
    def outer(self) -> NDArray[Any]:
        """Triangles of the surface that are not inside mouth, nostrils or sockets, shape (T,)."""
        return np.tile(~self.skin.inside, 2)

    @cached_property
    def _rows(self) -> dict[tuple[int, ...], int]:
        return {tuple(sorted(t)): k for k, t in enumerate(self.surface.triangles.tolist())}

    def row_of(self, corners: Sequence[int]) -> int:
        """The triangle with these corners; -1 where the skin has none."""
        return self._rows.get(tuple(sorted(corners)), -1)

    def spots(self, landmarks: Sequence[Landmark]) -> Spots:
        """Where landmarks lie; row -1 for one on no triangle of the skin."""
        rows = np.array([self.row_of(mark.corners) for mark in landmarks], dtype=np.int64)
        corners = np.array([mark.corners for mark in landmarks]).reshape(-1, 3)
        weights = np.array([mark.weights for mark in landmarks], dtype=np.float64).reshape(-1, 3)
        order = np.argsort(corners, axis=1)
        back = np.argsort(np.argsort(self.surface.triangles[rows], axis=1), axis=1)
        sorted_weights = np.take_along_axis(weights, order, axis=1)
        return Spots(rows, np.take_along_axis(sorted_weights, back, axis=1))

    def placed(self, mark: Landmark, spot: Spots) -> Landmark:
        """A landmark brought to one place."""
        a, b, c = (int(v) for v in self.surface.triangles[spot.triangles[0]])
        return self._at(mark, (a, b, c), kept_weights(spot.weights[0]))

    def mirrored(self, mark: Landmark, of: Landmark) -> Landmark:
        """A landmark brought to the mirror image of another's place."""
        a, b, c = (int(v) for v in self.mirror[list(of.corners)])
        return self._at(mark, (a, b, c), of.weights)

    @cached_property
    def mirror(self) -> Indices:
        """For each base vertex the one on the other side; -1 where the skin has none."""
        return self.skin.whole.mirror

    def in_middle(self, mark: Landmark, position: Array) -> Landmark:
        """A landmark brought to the point of the middle line nearest to a position."""
        edges, first, along, square = self._middle_line
        share = np.einsum("ni,ni->n", position - first, along) / square
        share = np.clip(share, 0.0, 1.0)
        gap = np.linalg.norm(first + share[:, None] * along - position, axis=1)
        best = int(gap.argmin())
        a, b, c = (int(v) for v in edges[best])
        weight = round(float(share[best]), DECIMALS)
        return self._at(mark, (a, b, c), (round(1.0 - weight, DECIMALS), weight, 0.0))

    @cached_property
    def _middle_line(self) -> tuple[Indices, Array, Array, Array]:
        """Edges in the middle plane with the third corner, and as points with directions."""
        triangles = self.surface.triangles[self.outer]
        flat = np.abs(self.surface.vertices[triangles][..., 0]) < 1e-9
        rows = np.flatnonzero(flat.sum(axis=1) == 2)
        order = np.argsort(~flat[rows], axis=1, kind="stable")
        edges = np.take_along_axis(triangles[rows], order, axis=1)
        first = self.surface.vertices[edges[:, 0]]
        along = self.surface.vertices[edges[:, 1]] - first
        return edges, first, along, np.einsum("ni,ni->n", along, along)

    def _at(self, mark: Landmark, corners: tuple[int, int, int], weights: Vector) -> Landmark:
        x, y, z = np.array(weights) @ self.surface.vertices[list(corners)]
        mean = (
            round(float(x), 6) + 0.0,
            round(float(y), 6) + 0.0,
            round(float(z), 6) + 0.0,
        )
        return replace(mark, corners=corners, weights=weights, mean=mean)

    @cached_property
    def vertex_tree(self) -> tuple[cKDTree, Indices]:
        """Vertices of the outer skin to be searched, and their base numbers."""
        used = np.unique(self.surface.triangles[self.outer])
        return cKDTree(self.surface.vertices[used]), used


def kept_weights(weights: Array) -> Vector:
    """Barycentric weights as they are kept: six decimals, none negative, sum one."""
    values = np.clip(np.asarray(weights, dtype=np.float64), 0.0, None)
    units = np.round(values / values.sum() * 10**DECIMALS).astype(int)
    units[units.argmax()] += 10**DECIMALS - units.sum()
    a, b, c = (round(int(u) / 10**DECIMALS, DECIMALS) for u in units)
    return a, b, c


@functools.cache
def mean_head() -> MeanHead:
    """The mean head that comes with the program.

    Raises
    ------
    OSError, ValueError, KeyError
        When its file is missing or damaged.
    """
    return MeanHead(base_skin())


def means(topology: Topology) -> Array:
    """Positions of landmarks on the mean head, shape (L, 3), metres."""
    return np.array([mark.mean for mark in topology.landmarks]).reshape(-1, 3)
