"""Rounded shapes drawn as a height over the picture, lit from one side, with soft edges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from app.scene.patterns import Bytes, Color, Floats, ramp, softened

_AMBIENT: Final = 0.42
_EDGE: Final = 4
"""Pixels drawn beyond an outline."""

_Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Cover:
    """Something drawn before the head: a part of the picture from ``top`` and ``left`` on.

    Attributes
    ----------
    mask : ndarray, shape (h, w), uint8
        How much of a pixel it covers, 255 all.
    color : ndarray, shape (h, w, 3), uint8, sRGB
    height : ndarray, shape (h, w), float32
        How far its surface stands out towards the camera, in pixels.
    """

    mask: Bytes
    color: Bytes
    height: Floats
    top: int
    left: int


class Relief:
    """A surface that grows by shapes; all of it has one material.

    Parameters
    ----------
    height, width : int
        Of the picture, in pixels, as all lengths here.
    smooth : float
        Standard deviation by which the joins of the shapes are rounded.
    """

    def __init__(self, height: int, width: int, smooth: float = 0.0) -> None:
        self._rise = np.zeros((height, width), np.float32)
        self._inside = np.full((height, width), -_EDGE, np.float32)
        self._smooth = smooth
        self._drawn = (height, 0, width, 0)

    def capsule(
        self, a: _Point, radius_a: float, b: _Point, radius_b: float, lift: float = 0.0
    ) -> None:
        """A limb from ``a`` to ``b``; ``lift`` brings it nearer."""
        window = self._window((a, b), max(radius_a, radius_b))
        if window is None:
            return
        x, y, rows, columns = window
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = max(dx * dx + dy * dy, 1e-6)
        along = (x - np.float32(a[0])) * np.float32(dx / length)
        along = np.clip(along + (y - np.float32(a[1])) * np.float32(dy / length), 0, 1)
        px = x - (np.float32(a[0]) + along * np.float32(dx))
        py = y - (np.float32(a[1]) + along * np.float32(dy))
        radius = np.float32(radius_a) + along * np.float32(radius_b - radius_a)
        away = px * px + py * py
        rise = np.sqrt(np.maximum(radius * radius - away, 0)) + np.float32(lift)
        self.grow(rows, columns, rise, radius - np.sqrt(away))

    def box(
        self, centre: _Point, half: _Point, angle: float, corner: float, bevel: float, lift: float
    ) -> tuple[Floats, Floats]:
        """A slab with round corners, turned by ``angle`` degrees.

        Returns
        -------
        tuple of ndarray
            Coordinates along and across of the pixels about it, from -1 to 1 within.
        """
        window = self._window((centre,), math.hypot(*half))
        if window is None:
            nothing = np.zeros((0, 0), np.float32)
            return nothing, nothing
        x, y, rows, columns = window
        c, s = np.float32(math.cos(math.radians(angle))), np.float32(math.sin(math.radians(angle)))
        x, y = x - np.float32(centre[0]), y - np.float32(centre[1])
        u, v = x * c + y * s, y * c - x * s
        corner = min(corner, *half)
        qu = np.maximum(np.abs(u) - np.float32(half[0] - corner), 0)
        qv = np.maximum(np.abs(v) - np.float32(half[1] - corner), 0)
        inside = np.float32(corner) - np.sqrt(qu * qu + qv * qv)
        short = np.minimum(np.float32(half[0]) - np.abs(u), np.float32(half[1]) - np.abs(v))
        inside = np.minimum(inside, short)
        edge = np.clip(inside * np.float32(1.0 / max(bevel, 1e-3)), 0, 1)
        rise = np.float32(lift) + np.float32(bevel) * edge * (np.float32(2.0) - edge)
        self.grow(rows, columns, rise, inside)
        return u * np.float32(1.0 / half[0]), v * np.float32(1.0 / half[1])

    def ring(self, centre: _Point, radius: float, thick: float) -> None:
        """A torus, as of a steering wheel."""
        window = self._window((centre,), radius + thick)
        if window is None:
            return
        x, y, rows, columns = window
        x, y = x - np.float32(centre[0]), y - np.float32(centre[1])
        away = np.abs(np.sqrt(x * x + y * y) - np.float32(radius))
        rise = np.sqrt(np.maximum(np.float32(thick * thick) - away * away, 0))
        self.grow(rows, columns, rise, np.float32(thick) - away)

    def grow(self, rows: slice, columns: slice, rise: Floats, inside: Floats) -> None:
        """Add a shape by its height and its distance from its own outline, positive within."""
        high, deep = self._rise[rows, columns], self._inside[rows, columns]
        np.copyto(high, rise, where=(inside > 0) & (rise > high))
        np.maximum(deep, inside, out=deep)
        top, bottom, left, right = self._drawn
        self._drawn = (
            min(top, rows.start),
            max(bottom, rows.stop),
            min(left, columns.start),
            max(right, columns.stop),
        )

    def window(self, points: tuple[_Point, ...], reach: float) -> tuple[slice, slice] | None:
        """Rows and columns within ``reach`` of the box about some points."""
        height, width = self._rise.shape
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        reach += _EDGE
        left, right = max(0, math.floor(min(xs) - reach)), min(width, math.ceil(max(xs) + reach))
        top, bottom = max(0, math.floor(min(ys) - reach)), min(height, math.ceil(max(ys) + reach))
        return None if left >= right or top >= bottom else (slice(top, bottom), slice(left, right))

    @property
    def place(self) -> tuple[slice, slice]:
        """Rows and columns of what was drawn."""
        top, bottom, left, right = self._drawn
        return slice(min(top, bottom), bottom), slice(min(left, right), right)

    @property
    def rise(self) -> Floats:
        """Height of what was drawn, its joins rounded."""
        rise = self._rise[self.place]
        if self._smooth < 0.3 or rise.size == 0:
            return rise
        fine = np.clip(rise * np.float32(256.0), 0, 65535).astype(np.uint16)
        size = 2 * math.ceil(2.0 * self._smooth) + 1
        rounded = cv2.GaussianBlur(fine, (size, size), self._smooth)
        return np.asarray(rounded.astype(np.float32) * np.float32(1.0 / 256.0))

    @property
    def mask(self) -> Bytes:
        soft = np.clip(self._inside[self.place] * np.float32(170.0) + np.float32(127.5), 0, 255)
        return np.asarray(soft.astype(np.uint8))

    def shaded(self, colors: tuple[Color, ...], light: float) -> Cover:
        """Lit from ``light``, in degrees (0 = right, 90 = below); the dark colours come first."""
        return self.painted(ramp(colors)[self.tones(light)])

    def painted(self, color: Bytes) -> Cover:
        """With colours of its own, of the size of `place`."""
        rows, columns = self.place
        return Cover(self.mask, color, self.rise, rows.start, columns.start)

    def tones(self, light: float) -> Bytes:
        """Brightness: Lambert's law, and darker where the surface lies lower than about it."""
        h = self.rise
        if h.size == 0:
            return np.zeros(h.shape, np.uint8)
        dx, dy = np.zeros_like(h), np.zeros_like(h)
        dx[:, 1:-1] = h[:, 2:] - h[:, :-2]
        dy[1:-1] = h[2:] - h[:-2]
        lx = np.float32(math.cos(math.radians(light)) * 0.62)
        ly = np.float32(math.sin(math.radians(light)) * 0.62)
        length = np.sqrt(np.float32(4.0) + dx * dx + dy * dy)
        lambert = np.maximum((np.float32(2.0 * 0.78) - dx * lx - dy * ly) / length, 0)
        top = max(float(h.max()), 1.0)
        level = np.clip(h * np.float32(255.0 / top), 0, 255).astype(np.uint8)
        around = softened(level, max(1.0, 0.012 * min(self._rise.shape)))
        sunk = np.clip(around.astype(np.float32) - level, 0, 90) * np.float32(1.0 / 150.0)
        bright = np.float32(_AMBIENT) + np.float32(1.0 - _AMBIENT) * lambert
        bright *= (np.float32(1.0) - sunk) * np.float32(255.0)
        return np.asarray(np.clip(bright, 0, 255).astype(np.uint8))

    def _window(
        self, points: tuple[_Point, ...], reach: float
    ) -> tuple[Floats, Floats, slice, slice] | None:
        found = self.window(points, reach)
        if found is None:
            return None
        rows, columns = found
        x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :]
        y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
        return x, y, rows, columns
