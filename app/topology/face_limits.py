"""Where the face ends: along the jaw, and under the hairline from ear to ear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array
from app.topology.dense_surface import FineSkin, flatten, folded

Bools = NDArray[Any]

BELOW_HAIR: Final = 0.004
_HAIRLINE: Final = 49
_TEMPLE: Final = 68.0
_AXIS: Final = 0.065
_EAR: Final = 0.25


@dataclass(frozen=True, eq=False)
class FaceLimits:
    """The border of the face on the mean head, its right half.

    Attributes
    ----------
    jaw : ndarray, shape (17, 3), metres
    hairline : ndarray, shape (H, 3), metres
        From the right temple to the middle of the forehead.
    """

    jaw: Array
    hairline: Array

    def forehead(self, count: int) -> Array:
        """An odd number of points, evenly along the hairline from right to left."""
        chosen = np.linspace(0, len(self.hairline) - 1, (count + 1) // 2).round().astype(int)
        right = self.hairline[chosen]
        return np.concatenate([right, right[-2::-1] * [-1.0, 1.0, 1.0]])

    @property
    def border(self) -> Array:
        """The whole border as a closed line, from the right ear by the chin and the left one."""
        left = self.hairline[:-1] * [-1.0, 1.0, 1.0]
        return np.concatenate([self.jaw, left, self.hairline[::-1]])

    @property
    def right_border(self) -> Array:
        """The right half of the border, from the chin by the ear to the middle of the forehead."""
        return np.concatenate([self.jaw[8::-1], self.hairline])

    def holds(self, fine: FineSkin) -> Bools:
        """Vertices of the fine skin, shape (N,), that belong to the face."""
        inside = inside_polygon(flatten(fine.vertices), flatten(self.border))
        ears = fine.fields[:, 1] > _EAR
        return np.asarray(inside & ~ears & ~folded(fine))


def find_limits(fine: FineSkin, ibug: Array) -> FaceLimits:
    """The border of the face from its 68 landmarks and the hairline."""
    height = fine.fields[:, 0] + BELOW_HAIR
    ends = np.concatenate([fine.triangles[:, [i, (i + 1) % 3]] for i in range(3)])
    ends = ends[height[ends[:, 0]] * height[ends[:, 1]] < 0.0]
    low, high = height[ends[:, :1]], height[ends[:, 1:]]
    share = low / (low - high)
    points = (1.0 - share) * fine.vertices[ends[:, 0]] + share * fine.vertices[ends[:, 1]]
    azimuth = np.degrees(np.arctan2(-points[:, 0], _AXIS - points[:, 1]))
    wanted = np.linspace(_TEMPLE, 0.0, 60)
    order = np.argsort(azimuth, kind="stable")
    line = np.stack([np.interp(wanted, azimuth[order], points[order, k]) for k in range(3)], axis=1)
    line = evenly(line, _HAIRLINE)
    line[-1, 0] = 0.0
    return FaceLimits(ibug[:17], line)


def along(line: Array, distance: float) -> Array:
    """Point, shape (3,), of a broken line at a distance from its beginning."""
    way = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1)))
    return np.array([np.interp(distance, way, line[:, k]) for k in range(line.shape[1])])


def evenly(line: Array, count: int) -> Array:
    """Points at even distances along a broken line, its ends among them, shape (count, 3)."""
    way = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1)))
    wanted = np.linspace(0.0, way[-1], count)
    return np.stack([np.interp(wanted, way, line[:, k]) for k in range(line.shape[1])], axis=1)


def inside_polygon(points: Array, polygon: Array) -> Bools:
    """Points, shape (N, 2), that lie in a polygon, shape (P, 2)."""
    x, y = points[:, 0], points[:, 1]
    inside = np.zeros(len(points), dtype=bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        crosses = (y0 > y) != (y1 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
        inside ^= crosses & (x < at)
    return inside
