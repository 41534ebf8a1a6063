"""The body model's skin as arrays, and points on it.

The arrays are handed in by whoever has the body model; nothing here needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.geometry.rotations import Array
from app.topology.closest import closest_on_triangles
from app.topology.topology import Topology

Indices = NDArray[Any]

DECIMALS: Final = 6
"""Of barycentric weights, as they are kept."""


@dataclass(frozen=True, eq=False)
class BaseMesh:
    """The mean person's outer skin.

    Attributes
    ----------
    name : str
        As in `Topology.base_mesh`.
    vertices : ndarray, shape (V, 3), metres
        All vertices of the body model, about the midpoint of the eyeballs; left and right are
        mirror images in the plane x = 0.
    triangles : ndarray, shape (T, 3)
        Of the faces that people's heads keep, without the insides of mouth, nostrils and sockets.
    """

    name: str
    vertices: Array
    triangles: Indices

    @cached_property
    def normals(self) -> Array:
        """Unit normals of the triangles, shape (T, 3)."""
        a, b, c = (self.vertices[self.triangles[:, k]] for k in range(3))
        normal = np.cross(b - a, c - a)
        return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-20)[:, None])

    @cached_property
    def mirror(self) -> Indices:
        """For each vertex that a triangle uses the one on the other side, shape (V,); -1 else.

        Raises
        ------
        ValueError
            If the mesh is not the same on both sides.
        """
        used = np.unique(self.triangles)
        gap, other = cKDTree(self.vertices[used]).query(self.vertices[used] * [-1, 1, 1])
        if gap.max() > 1e-5 or len(np.unique(other)) != len(used):
            raise ValueError(f"{self.name}: left and right of the base mesh are not mirror images")
        mirror = np.full(len(self.vertices), -1, dtype=np.int64)
        mirror[used] = used[other]
        return mirror

    @cached_property
    def _near(self) -> tuple[cKDTree, float]:
        corners = self.vertices[self.triangles]
        centres = corners.mean(axis=1)
        reach = np.linalg.norm(corners - centres[:, None], axis=2).max()
        return cKDTree(centres), float(reach)

    def triangles_near(self, position: Array, distance: float) -> Indices:
        """Triangles, shape (N,), that may have a point nearer than ``distance`` to a position."""
        tree, reach = self._near
        return np.array(sorted(tree.query_ball_point(position, distance + reach)), dtype=np.int64)


def place(
    base: BaseMesh,
    position: Array,
    normal: Array | None = None,
    within: float = 0.02,
) -> tuple[tuple[int, int, int], tuple[float, float, float]]:
    """The point of the base mesh nearest to a position on the mean head, as a landmark keeps it.

    Parameters
    ----------
    base : BaseMesh
    position : ndarray, shape (3,), metres
        Near the surface; about the midpoint of the eyeballs.
    normal : ndarray, shape (3,), optional
        Direction that the skin must face there, within 90 degrees: ``(0, 0, 1)`` takes the lower
        lip rather than the upper one where the two touch.
    within : float
        Metres that the point may at most be away.

    Returns
    -------
    corners : tuple of int
        Vertices of the base mesh.
    weights : tuple of float
        Barycentric, rounded to six decimals; they sum to one.

    Raises
    ------
    ValueError
        If there is no skin near.
    """
    position = np.asarray(position, dtype=np.float64)
    near = base.triangles_near(position, within)
    if normal is not None:
        near = near[base.normals[near] @ np.asarray(normal, dtype=np.float64) > 0.0]
    if len(near):
        corners = base.vertices[base.triangles[near]]
        weights = closest_on_triangles(np.broadcast_to(position, (len(near), 3)), corners)
        gap = np.linalg.norm(np.einsum("nc,nci->ni", weights, corners) - position, axis=1)
        best = int(gap.argmin())
        if gap[best] <= within:
            a, b, c = (int(v) for v in base.triangles[near[best]])
            return (a, b, c), rounded(weights[best])
    millimetres = ", ".join(f"{1000 * x:.1f}" for x in position)
    raise ValueError(f"no skin lies within {1000 * within:.0f} mm of ({millimetres}) mm")


def rounded(weights: Array) -> tuple[float, float, float]:
    """Barycentric weights with six decimals that sum to one."""
    first, second = (round(float(w), DECIMALS) + 0.0 for w in weights[:2])
    third = round(1.0 - first - second, DECIMALS) + 0.0
    return first, second, third


def positions(topology: Topology, vertices: Array) -> Array:
    """Landmarks, shape (L, 3), on base vertices (V, 3) of one person."""
    corners = np.array([mark.corners for mark in topology.landmarks])
    weights = np.array([mark.weights for mark in topology.landmarks])
    return np.asarray(np.einsum("lc,lci->li", weights, vertices[corners]))
