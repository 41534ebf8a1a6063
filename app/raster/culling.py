"""Which triangles can show in a picture, judged by the depth of its pixels.

A pyramid of farthest depths (Greene et al. 1993, "Hierarchical Z-buffer visibility") answers for
the rectangle about a triangle in four looks, whatever its size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

_MARGIN: Final = 1
"""Pixels about a triangle that must be covered too."""


@dataclass(frozen=True, eq=False)
class Framed:
    """Triangles as a picture has them, each a rectangle in pixels and a nearest depth.

    Attributes
    ----------
    inside : ndarray, shape (T,), bool
        Whether the rectangle meets the picture; true where a corner lies behind the camera.
    front : ndarray, shape (T,), bool
        Whether the corners run anticlockwise.
    near : ndarray, shape (T,), float32
        Metres along the view axis.
    left, right, top, bottom : ndarray, shape (T,), float32
        Pixels, (0, 0) is the corner of the picture.
    """

    inside: Flags
    front: Flags
    near: Floats
    left: Floats
    right: Floats
    top: Floats
    bottom: Floats

    def covered(self, chosen: Indices, depth: Floats) -> Flags:
        """Which of the chosen triangles lie behind all that is seen about them.

        Parameters
        ----------
        depth : ndarray, shape (H, W)
            Of the picture, metres, +inf where nothing is.
        """
        height, width = depth.shape
        low_x = _cells(self.left[chosen] - _MARGIN, width)
        high_x = _cells(self.right[chosen] + _MARGIN, width)
        low_y = _cells(self.top[chosen] - _MARGIN, height)
        high_y = _cells(self.bottom[chosen] + _MARGIN, height)
        levels, offsets, strides = _pyramid(depth)
        size = np.maximum(high_x - low_x, high_y - low_y).astype(np.float32)
        level = np.minimum(np.frexp(size)[1], len(offsets) - 1)
        first, stride = offsets[level], strides[level]
        low, high = first + (low_y >> level) * stride, first + (high_y >> level) * stride
        left, right = low_x >> level, high_x >> level
        farthest = np.maximum(
            np.maximum(levels[low + left], levels[low + right]),
            np.maximum(levels[high + left], levels[high + right]),
        )
        near = self.near[chosen]
        return np.asarray((near > farthest) & (near > 0.0))


class Framing:
    """Works out `Framed` for fixed triangles (T, 3) of moving vertices."""

    def __init__(self, triangles: Ints) -> None:
        self._corners = [np.ascontiguousarray(column, np.intp) for column in triangles.T]

    def frame(self, vertices: Floats, view: Pinhole) -> Framed:
        """Where triangles lie; ``vertices`` (V, 3) in world metres."""
        turn = view.matrix_world[:3, :3].astype(np.float32) * np.array([1, -1, -1], np.float32)
        local = (vertices - view.position.astype(np.float32)) @ turn
        x, y, z = np.ascontiguousarray(local.T)
        scale = np.float32(view.focal_pixels) / np.maximum(z, np.float32(1e-6))
        ax, bx, cx = self._at(x * scale + np.float32(view.width / 2.0))
        ay, by, cy = self._at(y * scale + np.float32(view.height / 2.0))
        az, bz, cz = self._at(z)
        near = np.minimum(np.minimum(az, bz), cz)
        left, right = np.minimum(np.minimum(ax, bx), cx), np.maximum(np.maximum(ax, bx), cx)
        top, bottom = np.minimum(np.minimum(ay, by), cy), np.maximum(np.maximum(ay, by), cy)
        front = (bx - ax) * (cy - ay) < (cx - ax) * (by - ay)
        behind = near <= 0.0
        inside = (right > 0) & (bottom > 0) & (left < view.width) & (top < view.height)
        return Framed(inside | behind, front | behind, near, left, right, top, bottom)

    def _at(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        a, b, c = (values[corner] for corner in self._corners)
        return a, b, c


def _cells(at: Floats, count: int) -> Ints:
    return np.asarray(np.clip(at, 0, count - 1), np.int32)


def _pyramid(depth: Floats) -> tuple[Floats, Ints, Ints]:
    """Greatest depths of ever larger squares, in one row; where each level begins, its width."""
    levels, offsets, strides, total = [depth.ravel()], [0], [depth.shape[1]], depth.size
    while max(depth.shape) > 1:
        odd = (depth.shape[0] % 2, depth.shape[1] % 2)
        if any(odd):
            depth = np.pad(depth, ((0, odd[0]), (0, odd[1])), mode="edge")
        rows = np.maximum(depth[::2], depth[1::2])
        depth = np.maximum(rows[:, ::2], rows[:, 1::2])
        levels.append(depth.ravel())
        offsets.append(total)
        strides.append(depth.shape[1])
        total += depth.size
    return np.concatenate(levels), np.array(offsets, np.int32), np.array(strides, np.int32)


def nearest_first(near: Floats) -> Indices:
    """Order of triangles from the nearest to the farthest; so what is hidden is not shaded."""
    low, high = float(near.min(initial=np.inf)), float(near.max(initial=-np.inf))
    if not high > low:
        return np.arange(len(near))
    steps = ((near - np.float32(low)) * np.float32(65535.0 / (high - low))).astype(np.uint16)
    return np.asarray(np.argsort(steps, kind="stable"))
