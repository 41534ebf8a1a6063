"""The rounds by which a dense topology is begun: outline, then the middles of triangles.

Source: S. Basak, 2024, "Contributions towards 3D synthetic facial data generation and 3D face
analysis with weak supervision", University of Galway, section 5.3.1 and figure 5.2: 18 points
around the face and the tip of the nose, Delaunay's triangulation, the centroids of the triangles,
three times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from app.geometry.rotations import Array
from app.topology.dense_surface import FineSkin, flatten
from app.topology.face_limits import FaceLimits, inside_polygon

Indices = NDArray[Any]

ROUNDS: Final = 3
FOREHEAD: Final = 9
JAW: Final = (0, 2, 4, 6, 8, 10, 12, 14, 16)
NOSE_TIP: Final = 30


@dataclass(frozen=True, eq=False)
class Made:
    """Points of all rounds, in order.

    Attributes
    ----------
    points : ndarray, shape (N, 3), metres
    rounds : ndarray, shape (N,)
        0 for the outline, then 1 to 3.
    mirror : ndarray, shape (N,)
    parents : tuple of tuple of int
    """

    points: Array
    rounds: Indices
    mirror: Indices
    parents: tuple[tuple[int, ...], ...]


def make_rounds(fine: FineSkin, limits: FaceLimits, ibug: Array) -> Made:
    """Outline and three rounds of centroids, the same on both sides.

    Parameters
    ----------
    fine : FineSkin
    limits : FaceLimits
    ibug : ndarray, shape (68, 3), metres
    """
    jaw, hairline = ibug[list(JAW)], limits.forehead(FOREHEAD)
    points = np.concatenate([jaw, hairline, ibug[[NOSE_TIP]]])
    mirror = np.concatenate([np.arange(8, -1, -1), np.arange(17, 8, -1), [18]])
    rounds = np.zeros(len(points), dtype=np.int64)
    parents: list[tuple[int, ...]] = [()] * len(points)
    lift = Lift(fine)
    border = flatten(np.concatenate([jaw, hairline]))
    for number in range(1, ROUNDS + 1):
        new, other, made = next_round(points, mirror, border, lift)
        points = np.concatenate([points, new])
        mirror = np.concatenate([mirror, other])
        rounds = np.concatenate([rounds, np.full(len(new), number)])
        parents += made
    return Made(points, rounds, mirror, tuple(parents))


def next_round(
    points: Array, mirror: Indices, border: Array, lift: Lift
) -> tuple[Array, Indices, list[tuple[int, ...]]]:
    """The middles of the triangles between points, the same on both sides.

    Parameters
    ----------
    points : ndarray, shape (N, 3), metres
    mirror : ndarray, shape (N,)
        For each point the one on the other side, or itself.
    border : ndarray, shape (B, 2)
        Flattened; triangles beyond it are none of the face.
    lift : Lift

    Returns
    -------
    points : ndarray, shape (M, 3), metres
    mirror : ndarray, shape (M,)
        Counted on from the points that were there.
    parents : list of tuple of int
        The three points whose middle each is.
    """
    flat, found = flatten(points), []
    triangles = Delaunay(flat).simplices
    triangles = triangles[inside_polygon(flat[triangles].mean(axis=1), border)]
    for triangle in sorted(tuple(sorted(int(v) for v in t)) for t in triangles):
        centroid = flat[list(triangle)].mean(axis=0)
        sides = np.sign(np.round(points[list(triangle), 0], 7))
        if sides.min() < 0 < sides.max():
            # Across the middle two ways of cutting are equally good: the mean of both.
            found.append((triangle, np.array([0.0, centroid[1]]), True))
        elif sides.min() < 0:
            found.append((triangle, centroid, False))
    first = len(points)
    new: list[Array] = []
    other: list[int] = []
    parents: list[tuple[int, ...]] = []
    for triangle, centroid, middle in found:
        at = lift.at(centroid)
        here = first + len(new)
        new.append(at)
        other.append(here if middle else here + 1)
        parents.append(triangle)
        if not middle:
            new.append(at * [-1.0, 1.0, 1.0])
            other.append(here)
            parents.append(tuple(int(mirror[v]) for v in triangle))
    return np.array(new).reshape(-1, 3), np.array(other, dtype=np.int64), parents


class Lift:
    """Brings points of the flattened face back onto the skin; the outermost where it folds."""

    def __init__(self, fine: FineSkin) -> None:
        self._corners = fine.vertices[fine.triangles]
        self._flat = flatten(fine.vertices)[fine.triangles]
        self._tree = cKDTree(self._flat.mean(axis=1))
        self._vertices = fine.vertices
        self._vertex_tree = cKDTree(flatten(fine.vertices))

    def at(self, flat: Array) -> Array:
        """Point of the right half of the skin, shape (3,), metres; beside a hole, its border."""
        near = np.sort(self._tree.query(flat, 48)[1])
        a, b, c = np.moveaxis(self._flat[near], 1, 0)
        u, v, w = b - a, c - a, flat - a
        area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            second = (w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / area
            third = (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]) / area
        weights = np.stack([1.0 - second - third, second, third], axis=1)
        holds = np.isfinite(weights).all(axis=1) & (weights.min(axis=1) > -1e-9)
        if not holds.any():
            return np.asarray(self._vertices[self._vertex_tree.query(flat)[1]])
        points = np.einsum("nc,nci->ni", weights[holds], self._corners[near[holds]])
        return np.asarray(points[points[:, 1].argmin()])
