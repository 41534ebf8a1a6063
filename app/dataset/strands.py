"""A fringe: locks of hair that hang from the hairline over the face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from app.dataset.relief import Cover
from app.scene.patterns import Bytes, Color, near

_FINER: Final = 2
"""Hairs are drawn so much larger and brought down."""

_FINE: Final = 16
_STEPS: Final = 8
_Point = tuple[float, float]


def strands(
    rng: np.random.Generator,
    size: tuple[int, int],
    roots: Sequence[_Point],
    metre: float,
    amount: float,
    color: Color,
) -> list[Cover]:
    """Locks that fall from ``roots``, points from left to right along the hairline, in pixels.

    The stronger, the more locks there are, the longer and the wider apart. ``metre`` is in pixels.
    """
    fine = metre * _FINER
    points = [(x * _FINER, y * _FINER) for x, y in roots]
    locks = 2 + round(7 * amount)
    sweep = float(rng.uniform(-1.0, 1.0))
    middle = float(rng.uniform(0.25, 0.75))
    share = 0.12 + 0.38 * amount
    lines: list[tuple[list[list[int]], Color, int]] = []
    thick = max(1, round(0.0009 * fine))
    for lock in range(locks):
        place = middle + ((lock + float(rng.uniform(0.2, 0.8))) / locks * 2.0 - 1.0) * share
        at = points[min(len(points) - 1, max(0, round(place * (len(points) - 1))))]
        length = (0.03 + 0.075 * amount * float(rng.uniform(0.55, 1.0))) * fine
        lean = sweep * 0.45 + (place - 0.5) * 0.5 + float(rng.normal()) * 0.1
        bend = float(rng.normal()) * 0.18 + sweep * 0.25
        lines += _lock(rng, at, (lean, bend), length, 0.0065 * fine, color, thick)
    return _drawn(lines, size, thick)


def _lock(
    rng: np.random.Generator,
    root: _Point,
    course: tuple[float, float],
    length: float,
    wide: float,
    color: Color,
    thick: int,
) -> list[tuple[list[list[int]], Color, int]]:
    """Hairs that spread at the root and meet at the tip; those drawn last catch the light."""
    hairs = max(7, min(22, round(3.2 * wide / thick)))
    order = sorted(float(rng.normal()) * 0.5 for _ in range(hairs))
    found = []
    for number, side in enumerate(order):
        lean, bend = course[0] + float(rng.normal()) * 0.05, course[1] + float(rng.normal()) * 0.05
        own = length * float(rng.uniform(0.6, 1.06))
        points = []
        for step in range(_STEPS + 1):
            t = step / _STEPS
            x = root[0] + wide * side * (1.0 - 0.85 * t * t) + own * (lean * t + bend * t * t)
            y = root[1] - 0.02 * own + own * (t - 0.12 * bend * bend * t)
            points.append([round(x * _FINE), round(y * _FINE)])
        bright = 1.25 - abs(number / hairs - 0.5) * 1.1
        tone = near(
            rng, (_lit(color[0], bright), _lit(color[1], bright), _lit(color[2], bright)), 12
        )
        found.append((points, tone, thick))
    return found


def _lit(value: int, bright: float) -> int:
    return min(255, round(value * bright))


def _drawn(
    lines: list[tuple[list[list[int]], Color, int]], size: tuple[int, int], thick: int
) -> list[Cover]:
    """All lines on one cover, drawn finer than the picture."""
    corners = np.array([p for line, _, _ in lines for p in line], np.int64) // (_FINE * _FINER)
    low, high = corners.min(axis=0) - 3, corners.max(axis=0) + 4
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(size[1], int(high[0])), min(size[0], int(high[1]))
    if left >= right or top >= bottom:
        return []
    shape = ((bottom - top) * _FINER, (right - left) * _FINER)
    mask, paint = np.zeros(shape, np.uint8), np.zeros((*shape, 3), np.uint8)
    paint[:] = lines[0][1]
    move = np.array([left * _FINER * _FINE, top * _FINER * _FINE])
    for points, tone, _ in lines:
        line = [(np.array(points) - move).astype(np.int32)]
        cv2.polylines(paint, line, False, tone, thick + 2, cv2.LINE_8, 4)
        cv2.polylines(mask, line, False, 255, thick, cv2.LINE_AA, 4)
        ends = [line[0][: math.ceil(_STEPS * 0.75)]]
        cv2.polylines(mask, ends, False, 255, thick + 1, cv2.LINE_AA, 4)
    mask, paint = _halved(mask), _halved(paint)
    return [Cover(mask, paint, np.zeros(mask.shape, np.float32), top, left)]


def _halved(values: Bytes) -> Bytes:
    v = values.astype(np.uint16)
    return np.asarray(
        ((v[::2, ::2] + v[1::2, ::2] + v[::2, 1::2] + v[1::2, 1::2]) >> 2).astype(np.uint8)
    )
