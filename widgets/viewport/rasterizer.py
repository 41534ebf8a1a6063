"""Which triangle covers each pixel: a depth buffer in numpy, for machines without OpenGL.

Triangles of about one size are tested together over a square of pixels each (Pineda 1988, "A
Parallel Algorithm for Polygon Rasterization"), so that there is no loop over triangles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from widgets.viewport.navigation import View

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Wide = NDArray[np.float64]

_SQUARES: Final = (4, 8, 16, 32, 64)
_AT_ONCE: Final = 2_000_000
"""Pixels tested in one go."""


@dataclass(frozen=True, eq=False)
class Covered:
    """The nearest triangle of every pixel that has one.

    Attributes
    ----------
    pixels : ndarray, shape (N,)
        Index row · width + column, top row first; each at most once.
    triangles : ndarray, shape (N,)
    shares : ndarray, shape (N, 3), float32
        Barycentric weights of the triangle's corners, true in perspective.
    """

    pixels: Ints
    triangles: Ints
    shares: Floats


def rasterize(view: View, points: Floats, triangles: NDArray[np.int32]) -> Covered:
    """Triangles (T, 3) of points (N, 3) in the world, as a view sees them.

    Triangles that reach before the near plane are left out.
    """
    width, height = round(view.width), round(view.height)
    exact = points.astype(np.float64)
    depth = -view.to_camera(exact)[:, 2]
    flat = np.nan_to_num(view.project(exact), nan=-1e9) - 0.5
    inverse = np.ones_like(depth) if view.orthographic else 1.0 / np.maximum(depth, 1e-9)
    key = -depth if view.orthographic else inverse
    in_front = ((depth > view.near) & (depth < view.far))[triangles].all(1)
    corners = flat[triangles]
    low = np.maximum(np.ceil(corners.min(1)), 0).astype(np.int64)
    high = np.minimum(np.floor(corners.max(1)), [width - 1, height - 1]).astype(np.int64)
    side = (high - low).max(1) + 1
    wanted = in_front & ((high - low).min(1) >= 0)
    best = np.full(width * height, -np.inf)
    found = np.full(width * height, -1, np.int64)
    smaller = 0
    for square in (*_SQUARES, max(width, height)):
        chosen = np.flatnonzero(wanted & (side > smaller) & (side <= square))
        smaller = square
        step = max(_AT_ONCE // square**2, 1)
        for first in range(0, len(chosen), step):
            some = chosen[first : first + step]
            pixel, which, near = _tested(
                corners[some], key[triangles[some]], low[some], square, (width, height)
            )
            order = np.argsort(near, kind="stable")
            order = order[near[order] > best[pixel[order]]]
            best[pixel[order]], found[pixel[order]] = near[order], some[which[order]]
    pixels = np.flatnonzero(found >= 0)
    hit = found[pixels]
    at = np.stack([pixels % width, pixels // width], axis=1)
    shares = _barycentric(corners[hit], at[:, None, :])[:, 0] * inverse[triangles[hit]]
    shares /= shares.sum(1, keepdims=True)
    return Covered(pixels, hit, shares.astype(np.float32))


def _tested(
    corners: Wide, key: Wide, low: Ints, square: int, size: tuple[int, int]
) -> tuple[Ints, Ints, Wide]:
    """Pixels inside of some triangles, which of these it is, and how near it lies there.

    Of each triangle: corners (M, 3, 2) in the picture, key (M, 3) that is greater for what is
    nearer, and the first pixel (M, 2) of the square that holds it.
    """
    offset = np.stack(np.meshgrid(np.arange(square), np.arange(square)), -1).reshape(-1, 2)
    at = low[:, None, :] + offset
    shares = _barycentric(corners, at)
    inside = (shares >= -1e-9).all(-1) & (at[..., 0] < size[0]) & (at[..., 1] < size[1])
    which, place = np.nonzero(inside)
    pixel = at[which, place]
    near = (shares[which, place] * key[which]).sum(1)
    return pixel[:, 1] * size[0] + pixel[:, 0], which, near


def _barycentric(corners: Wide, at: Ints) -> Wide:
    """Weights (M, P, 3) of corners (M, 3, 2) at points (M, P, 2); NaN without an area."""
    a, b, c = (corners[:, None, i] for i in range(3))
    twice = _cross(b - a, c - a)
    twice = np.where(np.abs(twice) < 1e-12, np.nan, twice)
    wb, wc = _cross(at - a, c - a) / twice, _cross(b - a, at - a) / twice
    return np.stack([1.0 - wb - wc, wb, wc], axis=-1)


def _cross(a: Wide, b: Wide) -> Wide:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
