"""Filling a face with points up to a number, and evening them out, the same on both sides.

All is done on the right half: a point beside the middle stands for itself and its mirror image, a
point of the middle line for itself.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.geometry.rotations import Array
from app.topology.dense_surface import FineSkin
from app.topology.face_limits import FaceLimits, along

Indices = NDArray[Any]
Bools = NDArray[Any]

_STEPS: Final = 150
_FINER: Final = 0.3
_NEAR: Final = 0.010
_TURN: Final = 0.004
_APART: Final = 0.42
_MIDDLE: Final = 0.42


@dataclass(frozen=True, eq=False)
class Ground:
    """Samples of the right half of the face.

    Attributes
    ----------
    points, normals : ndarray, shape (N, 3)
    areas : ndarray, shape (N,)
    grain : ndarray, shape (N,)
        How near to one another points shall lie, as a share of the widest distance.
    middle : ndarray of bool, shape (N,)
    triangles : ndarray, shape (T, 3)
        Between samples.
    """

    points: Array
    normals: Array
    areas: Array
    grain: Array
    middle: Bools
    triangles: Indices

    @staticmethod
    def of(fine: FineSkin, held: Bools, features: Array) -> Ground:
        """Samples of the vertices that are held; finer near features, shape (F, 3), metres."""
        whole = fine.triangles[held[fine.triangles].all(axis=1)]
        return Ground(
            fine.vertices[held],
            fine.normals[held],
            fine.areas[held],
            grain_at(fine.vertices[held], features),
            fine.middle[held],
            (np.cumsum(held) - 1)[whole],
        )

    def spacing(self, count: int) -> float:
        """Widest distance between neighbours where ``count`` points cover both halves."""
        area = 2.0 * float((self.areas / self.grain**2).sum())
        return float(np.sqrt(area / count * 2.0 / np.sqrt(3.0)))


def grain_at(points: Array, features: Array) -> Array:
    """The share of the widest distance that points (N, 3) keep near features (F, 3)."""
    gap, _ = cKDTree(features).query(points)
    return np.asarray(1.0 - _FINER * np.exp(-((gap / _NEAR) ** 2)))


@dataclass(eq=False)
class Half:
    """Points of the right half while they are being chosen.

    Attributes
    ----------
    origins : list of str
    sources : list of int
        Of each point, its index in what it comes from (iBUG-68 or the rounds), or -1.
    free : list of bool
        Whether evening may move the point.
    """

    points: list[Array] = field(default_factory=list)
    middle: list[bool] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    free: list[bool] = field(default_factory=list)

    def add(self, point: Array, origin: str, source: int, free: bool) -> None:
        """Add a point; one in the plane x = 0 belongs to the middle."""
        self.points.append(np.asarray(point, dtype=np.float64))
        self.middle.append(bool(abs(point[0]) < 1e-7))
        self.origins.append(origin)
        self.sources.append(source)
        self.free.append(free)

    @property
    def count(self) -> int:
        """Points on both halves together."""
        return 2 * len(self.points) - sum(self.middle)

    def gap(self, points: Array) -> Array:
        """Distance from each of points (N, 3) to the nearest one that was chosen."""
        return np.asarray(cKDTree(np.array(self.points)).query(points)[0])


def add_border(half: Half, limits: FaceLimits, spacing: float) -> None:
    """Points along the border between those that lie on it already, which do not move."""
    right = limits.right_border
    way = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(right, axis=0), axis=1)))
    gap = np.linalg.norm(right[:, None] - np.array(half.points)[None], axis=2).min(axis=1)
    stops = np.flatnonzero(gap < 1e-6)
    for first, last in itertools.pairwise(stops):
        length = way[last] - way[first]
        for share in np.linspace(0.0, 1.0, max(round(length / spacing), 1) + 1)[1:-1]:
            half.add(along(right, way[first] + share * length), "fill", -1, free=False)


def add_round(
    half: Half, points: Array, sources: Indices, origin: str, spacing: float, count: int
) -> None:
    """The points of one round, farthest first, that lie far enough from the others."""
    left = np.arange(len(points))
    while len(left):
        gap = half.gap(points[left])
        best = int(np.round(gap, 9).argmax())
        single = abs(points[left[best], 0]) < 1e-7
        if gap[best] < _APART * spacing or half.count + (1 if single else 2) > count:
            return
        half.add(points[left[best]], origin, int(sources[left[best]]), free=True)
        left = np.delete(left, best)


def fill(half: Half, ground: Ground, spacing: float, count: int) -> None:
    """Points where the face is emptiest, one after the other, until there are ``count``.

    Raises
    ------
    ValueError
        If there are more points already.
    """
    if half.count > count:
        raise ValueError(
            f"{count} points are too few: the landmarks and the outline have {half.count}"
        )
    gap = half.gap(ground.points) / ground.grain
    near = ground.points[:, 0] > -_MIDDLE * spacing
    while half.count < count:
        single = count - half.count == 1
        allowed = ground.middle if single else ground.middle | ~near
        best = int(np.where(allowed, np.round(gap, 9), -1.0).argmax())
        half.add(ground.points[best], "fill", -1, free=True)
        added = np.linalg.norm(ground.points - ground.points[best], axis=1)
        gap = np.minimum(gap, added / ground.grain)


def even(half: Half, ground: Ground) -> None:
    """Move the free points to the middle of what lies nearest to them, again and again.

    Source: S. Lloyd, 1982, "Least squares quantization in PCM", method I, on samples of the skin;
    the direction in which the skin faces counts as distance too, so that a point on one lip does
    not take from the other.
    """
    free, middle = np.array(half.free), np.array(half.middle)
    points = np.array(half.points)
    mass = ground.areas / ground.grain**4  # spacing goes with the fourth root of the density
    whole = cKDTree(ground.points)
    line = np.flatnonzero(ground.middle)
    middle_line = cKDTree(ground.points[line])
    for _ in range(_STEPS):
        half.points = list(points)
        cell = cells(half, ground)
        area: Array = np.bincount(cell, mass, minlength=len(points)).astype(np.float64)
        centre: Array = np.stack(
            [
                np.bincount(cell, mass * ground.points[:, k], minlength=len(points))
                for k in range(3)
            ],
            axis=1,
        )
        held = area > 0
        centre[held] = centre[held] / area[held, None]
        centre[~held] = points[~held]
        touch = whole.query(centre)[1]
        touch[middle] = line[middle_line.query(centre[middle] * [0.0, 1.0, 1.0])[1]]
        normal = ground.normals[touch]
        off = np.einsum("ni,ni->n", centre - ground.points[touch], normal)
        moved = centre - off[:, None] * normal
        moved[middle, 0] = 0.0
        points = np.where(free[:, None], moved, points)
    half.points = list(points)


def cells(half: Half, ground: Ground) -> Indices:
    """The point, by its index, that lies nearest to each sample, shape (N,)."""
    points = np.array(half.points)
    near = cKDTree(ground.points).query(points)[1]
    places = np.column_stack([points, _TURN * ground.normals[near]])
    samples = np.column_stack([ground.points, _TURN * ground.normals])
    return np.asarray(cKDTree(places).query(samples)[1])
