"""The face's skin, cut finely, on which the points of dense topologies are spread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.geometry.rotations import Array
from app.topology.base_mesh import BaseMesh, rounded
from app.topology.topology import Vector

Indices = NDArray[Any]
Bools = NDArray[Any]

CENTRE: Final = np.array([0.0, 0.06, -0.03])
"""Inside the head, metres: the flattened face is what this point sees, as on a sphere."""

_FINE: Final = 0.0016
_FREE_ROOM: Final = 0.004


@dataclass(frozen=True, eq=False)
class FaceSkin:
    """The mean person's skin with what says where the face ends.

    Attributes
    ----------
    base : BaseMesh
    hair : ndarray, shape (V,), metres
        At the base vertices, height above the hairline; positive where hair grows.
    ears : ndarray, shape (V,)
        At the base vertices, 1 on the ears, 0 elsewhere.
    """

    base: BaseMesh
    hair: Array
    ears: Array


@dataclass(frozen=True, eq=False)
class FineSkin:
    """The right half of a symmetric skin in small triangles.

    Attributes
    ----------
    vertices : ndarray, shape (N, 3), metres
    triangles : ndarray, shape (T, 3)
    fields : ndarray, shape (N, 2)
        Height above the hairline, and ears.
    """

    vertices: Array
    triangles: Indices
    fields: Array

    @cached_property
    def areas(self) -> Array:
        """Square metres around each vertex, shape (N,)."""
        a, b, c = (self.vertices[self.triangles[:, k]] for k in range(3))
        third = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 6
        corners = self.triangles.ravel()
        around = np.bincount(corners, np.repeat(third, 3), minlength=len(self.vertices))
        return around.astype(np.float64)

    @cached_property
    def normals(self) -> Array:
        """Unit normals of the vertices, shape (N, 3)."""
        a, b, c = (self.vertices[self.triangles[:, k]] for k in range(3))
        spread = np.repeat(np.cross(b - a, c - a), 3, axis=0)
        corners = self.triangles.ravel()
        normal = np.stack(
            [np.bincount(corners, spread[:, k], minlength=len(self.vertices)) for k in range(3)],
            axis=1,
        )
        normal[self.middle, 0] = 0.0
        return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-20)[:, None])

    @cached_property
    def middle(self) -> Bools:
        """Vertices in the plane x = 0, shape (N,)."""
        return np.asarray(np.abs(self.vertices[:, 0]) < 1e-9)


def flatten(points: Array) -> Array:
    """Points, shape (N, 3), in the plane, shape (N, 2), as wide as they are about a head's radius.

    Source: Lambert's azimuthal equal-area projection about the direction that the face looks in;
    J. P. Snyder, 1987, "Map projections: a working manual", section 24.
    """
    way = points - CENTRE
    way = way / np.linalg.norm(way, axis=1, keepdims=True)
    return np.asarray(way[:, [0, 2]] * np.sqrt(2.0 / np.maximum(1.0 - way[:, 1:2], 1e-9)) * 0.09)


def refined(skin: FaceSkin) -> FineSkin:
    """The right half of the face's surroundings, with edges of about one and a half millimetres."""
    vertices = skin.base.vertices
    right = vertices[skin.base.triangles][..., 0].max(axis=1) < 1e-9
    triangles = skin.base.triangles[right]
    centre = vertices[triangles].mean(axis=1)
    triangles = triangles[(centre[:, 2] > -0.13) & (centre[:, 1] < 0.09)]
    used, local = np.unique(triangles, return_inverse=True)
    points = np.column_stack([vertices[used], skin.hair[used], skin.ears[used]])
    triangles = local.reshape(-1, 3)
    while True:
        corners = points[triangles, :3]
        length = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
        if np.median(length) < _FINE:
            break
        points, triangles = _halved(points, triangles)
    return FineSkin(points[:, :3], triangles, points[:, 3:])


def _halved(points: Array, triangles: Indices) -> tuple[Array, Indices]:
    ends = np.sort(np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1), axis=-1)
    edges, edge = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    ab, bc, ca = (len(points) + edge.reshape(-1, 3)).T
    a, b, c = triangles.T
    pieces = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return (
        np.concatenate([points, points[edges].mean(axis=1)]),
        np.concatenate([np.stack(piece, axis=1) for piece in pieces]),
    )


def folded(fine: FineSkin) -> Bools:
    """Vertices, shape (N,), that another piece of skin covers.

    It lies close before them and faces them: inside the nostrils, where the lips meet.
    """
    result = np.zeros(len(fine.vertices), dtype=bool)
    pairs = cKDTree(fine.vertices).query_pairs(_FREE_ROOM, output_type="ndarray")
    normals = fine.normals
    facing = np.einsum("ni,ni->n", normals[pairs[:, 0]], normals[pairs[:, 1]]) < -0.3
    for one, other in (pairs[facing].T, pairs[facing][:, ::-1].T):
        way = fine.vertices[other] - fine.vertices[one]
        ahead = np.einsum("ni,ni->n", way, normals[one])
        result[one[ahead > 0.5 * np.linalg.norm(way, axis=1)]] = True
    return result


def on_middle(base: BaseMesh, position: Array) -> tuple[tuple[int, int, int], Vector]:
    """Corners and weights of the point of the middle line nearest to a position."""
    flat = np.abs(base.vertices[base.triangles][..., 0]) < 1e-9
    rows = np.flatnonzero(flat.sum(axis=1) == 2)
    order = np.argsort(~flat[rows], axis=1, kind="stable")
    edges = np.take_along_axis(base.triangles[rows], order, axis=1)
    first, second = base.vertices[edges[:, 0]], base.vertices[edges[:, 1]]
    along = second - first
    share = np.einsum("ni,ni->n", position - first, along) / np.einsum("ni,ni->n", along, along)
    share = np.clip(share, 0.0, 1.0)
    gap = np.linalg.norm(first + share[:, None] * along - position, axis=1)
    best = int(np.round(gap, 9).argmin())
    a, b, c = (int(v) for v in edges[best])
    return (a, b, c), rounded(np.array([1.0 - share[best], share[best], 0.0]))
