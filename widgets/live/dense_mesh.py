"""The triangles between dense landmarks, and which of them a camera sees."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.topology.store import load

TOPOLOGY: Final = "dense-520"

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Facing:
    """What is turned to the camera.

    Attributes
    ----------
    edges : ndarray of bool, shape (E,)
    points : ndarray of bool, shape (L,)
    """

    edges: Mask
    points: Mask


class DenseMesh:
    """Edges of a dense topology with the triangles that they enclose.

    Attributes
    ----------
    edges : ndarray, shape (E, 2)
    triangles : ndarray, shape (T, 3)
        Counter-clockwise for one who looks at the face.
    """

    def __init__(self, edges: Indices, mean: NDArray[np.float64]) -> None:
        self.edges = edges
        self.triangles = _outward(_triangles(edges, len(mean)), mean)
        number = {frozenset(edge): i for i, edge in enumerate(edges.tolist())}
        sides = self.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).tolist()
        self._side = np.array([number[frozenset(side)] for side in sides], np.int64)
        self._corners = self.triangles.ravel()
        self._alone = np.ones(len(edges), bool)
        self._alone[self._side] = False
        self._loose = np.ones(len(mean), bool)
        self._loose[self._corners] = False

    def facing(self, points: NDArray[np.floating[Any]]) -> Facing:
        """What is turned to the camera; an edge is if one of its triangles is.

        Parameters
        ----------
        points : ndarray, shape (L, 2) or (L, 3)
            Picture pixels, y down.
        """
        a, b, c = (points[self.triangles[:, k], :2] for k in range(3))
        ab, ac = b - a, c - a
        seen = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0] < 0.0
        thrice = np.repeat(seen, 3)
        edges, corners = self._alone.copy(), self._loose.copy()
        edges[self._side[thrice]] = True
        corners[self._corners[thrice]] = True
        return Facing(edges, corners)


@functools.cache
def dense_mesh() -> DenseMesh:
    """Of the topology that networks of this program give."""
    topology = load(TOPOLOGY)
    mean = np.array([mark.mean for mark in topology.landmarks])
    return DenseMesh(np.array(topology.edges, np.int64), mean)


def _triangles(edges: Indices, count: int) -> Indices:
    """Three edges that close, each once."""
    near: list[set[int]] = [set() for _ in range(count)]
    for i, j in edges.tolist():
        near[i].add(j)
        near[j].add(i)
    found = [
        (i, j, k)
        for i in range(count)
        for j in near[i]
        if j > i
        for k in near[i] & near[j]
        if k > j
    ]
    return np.array(found, np.int64).reshape(-1, 3)


def _outward(triangles: Indices, mean: NDArray[np.float64]) -> Indices:
    """Triangles turned so that their normals point away from the middle of the head."""
    a, b, c = (mean[triangles[:, k]] for k in range(3))
    behind = mean.mean(axis=0) + np.array([0.0, 0.06, 0.0])
    inward = (np.cross(b - a, c - a) * (a - behind)).sum(axis=1) < 0.0
    turned = triangles.copy()
    turned[inward] = turned[inward][:, ::-1]
    return turned
