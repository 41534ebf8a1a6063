"""Patterns drawn from a generator of random numbers: of walls, cloth, wood and blurred rooms.

A pattern is the same to the byte on every machine: its arithmetic is whole numbers, OpenCV's
bit-exact functions, and single operations of float32 that IEEE 754 rounds alike everywhere.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Color = tuple[int, int, int]

_FINE: Final = 16
"""Parts of a pixel in which OpenCV is told corners (``shift`` = 4)."""


def any_color(rng: np.random.Generator, strong: float = 0.5, dark: float = 0.1) -> Color:
    """An sRGB colour; ``strong`` is the greatest saturation, ``dark`` the least brightness."""
    hue, saturation, value = rng.random(3)
    return hsv(float(hue), float(saturation) * strong, dark + (1.0 - dark) * float(value))


def hsv(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, min(1.0, saturation), min(1.0, value))
    return round(255 * red), round(255 * green), round(255 * blue)


def near(rng: np.random.Generator, color: Color, spread: int) -> Color:
    """A colour that differs from another by up to ``spread`` of 255, mostly in brightness."""
    step = int(rng.integers(-spread, spread + 1))
    own = rng.integers(-spread // 4, spread // 4 + 1, 3)
    red, green, blue = (
        max(0, min(255, c + step + int(d))) for c, d in zip(color, own, strict=True)
    )
    return red, green, blue


def noise(
    rng: np.random.Generator, height: int, width: int, cells: float = 4.0, octaves: int = 4
) -> Bytes:
    """Clouds, shape (H, W): values of random grids, ever finer and weaker.

    ``cells`` of the coarsest grid lie along the shorter side.
    """
    total = np.zeros((height, width), np.uint16)
    short = min(height, width)
    for octave in range(octaves):
        pitch = max(1.0, short / cells / 2**octave)
        rows, columns = math.ceil(height / pitch) + 1, math.ceil(width / pitch) + 1
        grid = rng.integers(0, 256, (min(rows, height), min(columns, width)), np.uint8)
        layer = cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR_EXACT)
        total += layer.astype(np.uint16) >> (octave + 1)
    return stretched(total)


def stretched(values: NDArray[Any]) -> Bytes:
    """Whole numbers spread over 0 to 255."""
    low, high = int(values.min()), int(values.max())
    scaled = (values.astype(np.uint32) - low) * 255 // max(1, high - low)
    return np.asarray(scaled.astype(np.uint8))


def ramp(colors: Sequence[Color]) -> Bytes:
    """Table, shape (256, 3), that runs evenly through the colours."""
    stops = np.array(colors, np.int64)
    place = np.arange(256) * (len(colors) - 1)
    span = np.minimum(len(colors) - 2, place // 255)
    part = (place - 255 * span)[:, None]
    table = (stops[span] * (255 - part) + stops[span + 1] * part + 127) // 255
    return np.asarray(table.astype(np.uint8))


def colored(values: Bytes, colors: Sequence[Color]) -> Bytes:
    """Picture, shape (H, W, 3), of values from 0, the first colour, to 255, the last."""
    return np.asarray(ramp(colors)[values])


def slope(height: int, width: int, angle: float) -> Floats:
    """Distance in pixels along a direction (degrees, 0 = to the right), shape (H, W)."""
    x = np.arange(width, dtype=np.float32) * np.float32(math.cos(math.radians(angle)))
    y = np.arange(height, dtype=np.float32) * np.float32(math.sin(math.radians(angle)))
    return np.asarray(x[None, :] + y[:, None])


def wave(distance: Floats, period: float, sharp: float) -> Bytes:
    """Triangle wave, 0 to 255; ``sharp`` >= 1 makes its flanks steeper."""
    turns = distance * np.float32(1.0 / period)
    turns -= np.floor(turns)
    flank = (np.abs(turns - np.float32(0.5)) * np.float32(2.0) - np.float32(0.5)) * np.float32(
        sharp
    )
    return np.asarray(
        np.clip(flank * np.float32(255.0) + np.float32(127.5), 0, 255).astype(np.uint8)
    )


def shade(picture: Bytes, values: Bytes, depth: int) -> Bytes:
    """Darken a picture by up to ``depth`` of 255 where ``values``, shape (H, W), are small."""
    keep = np.uint16(255) - _shared(np.invert(values).astype(np.uint16) * np.uint16(depth))
    return _shared(picture * keep[..., None]).astype(np.uint8)


def laid_over(lower: Bytes, upper: Bytes, weight: Bytes) -> Bytes:
    """One picture over another, with a weight of 0 to 255 for each pixel, shape (H, W)."""
    share = weight[..., None].astype(np.uint16)
    return _shared(lower * (np.uint16(255) - share) + upper * share).astype(np.uint8)


def _shared(product: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Products of two bytes over 255, rounded exactly; reused as scratch."""
    product += np.uint16(128)
    product += product >> np.uint16(8)
    return np.asarray(product >> np.uint16(8))


def grain(rng: np.random.Generator, picture: Bytes, spread: int) -> Bytes:
    """Add a fine unevenness of up to ``spread`` of 255."""
    height, width = picture.shape[:2]
    step = rng.integers(-spread, spread + 1, (height, width, 1), np.int16)
    return np.asarray(np.clip(picture.astype(np.int16) + step, 0, 255).astype(np.uint8))


def softened(picture: Bytes, radius: float) -> Bytes:
    """Gaussian blur of a standard deviation in pixels; bit-exact for bytes."""
    if radius < 0.3:
        return picture
    size = 2 * math.ceil(2.5 * radius) + 1
    return np.asarray(cv2.GaussianBlur(picture, (size, size), radius))


def fill(picture: Bytes, corners: Sequence[tuple[float, float]], color: Color) -> None:
    """Draw a polygon with soft edges into a picture; corners in pixels."""
    points = np.array([[round(x * _FINE), round(y * _FINE)] for x, y in corners], np.int32)
    cv2.fillPoly(picture, [points], color, cv2.LINE_AA, 4)


def blocks(
    rng: np.random.Generator,
    size: tuple[int, int],
    block: tuple[float, float],
    bond: float,
    colors: tuple[Color, Color],
    joint: float,
) -> Bytes:
    """Bricks or tiles: ``size`` and ``block`` are (height, width) in pixels.

    Each row is moved by ``bond`` of a block; ``colors`` are those of block and joint.
    """
    height, width = size
    tall, wide = block
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = colors[1]
    for row in range(-1, math.ceil(height / tall) + 1):
        offset = (row * bond % 1.0) * wide
        for column in range(-1, math.ceil(width / wide) + 1):
            x, y = column * wide + offset, row * tall
            a, b = round(x + joint / 2), round(y + joint / 2)
            c, d = max(a, round(x + wide - joint / 2) - 1), max(b, round(y + tall - joint / 2) - 1)
            cv2.rectangle(picture, (a, b), (c, d), near(rng, colors[0], 22), cv2.FILLED)
    return picture


def planks(rng: np.random.Generator, size: tuple[int, int], plank: float, color: Color) -> Bytes:
    """Boards of wood that run along the picture's width, ``plank`` pixels wide."""
    height, width = size
    rows = max(1, math.ceil(height / plank))
    dark = (color[0] * 5 // 9, color[1] * 5 // 9, color[2] * 5 // 9)
    lines = noise(rng, height, max(8, width // 12), cells=height / 3.0, octaves=2)
    lines = np.asarray(cv2.resize(lines, (width, height), interpolation=cv2.INTER_LINEAR_EXACT))
    picture = colored(lines, (dark, color, color, near(rng, color, 20)))
    tone = rng.integers(170, 256, rows).astype(np.uint8)
    row = np.minimum((np.arange(height) / plank).astype(np.intp), rows - 1)
    picture = shade(picture, np.broadcast_to(tone[row][:, None], (height, width)), 255)
    for line in range(1, rows):
        y = round(line * plank)
        cv2.line(picture, (0, y), (width, y), dark, max(1, round(plank / 24)))
        x = int(rng.integers(0, width))
        cv2.line(picture, (x, y), (x, round((line + 1) * plank)), dark, max(1, round(plank / 24)))
    return picture


def weave(rng: np.random.Generator, size: tuple[int, int], thread: float, color: Color) -> Bytes:
    """Cloth of threads, ``thread`` pixels apart."""
    height, width = size
    dark = (color[0] * 3 // 5, color[1] * 3 // 5, color[2] * 3 // 5)
    turn = float(rng.choice([0.0, 45.0, 8.0]))
    warp = wave(slope(height, width, turn), thread, 1.4).astype(np.uint16)
    weft = wave(slope(height, width, turn + 90.0), thread, 1.4).astype(np.uint16)
    folds = noise(rng, height, width, 2.0, 2).astype(np.uint16)
    return colored(((warp * weft // 255 + folds) // 2).astype(np.uint8), (dark, color))
