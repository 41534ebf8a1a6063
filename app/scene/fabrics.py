"""Textures of cloth, leather and wood, drawn from a generator of random numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Color = tuple[float, float, float]

Fabric = Literal["plain", "stripes", "hoops", "checks", "plaid", "dots", "melange", "camouflage"]
FABRICS: Final[tuple[Fabric, ...]] = get_args(Fabric)
SIDE: Final = 128


def color_of(values: Iterable[float]) -> Color:
    """Three numbers as a colour."""
    red, green, blue = (float(v) for v in values)
    return red, green, blue


def encoded(linear: Floats) -> Bytes:
    """Linear light (..., 3) as sRGB bytes."""
    x = np.clip(linear, 0.0, 1.0)
    screen = np.where(x <= 0.0031308, x * 12.92, 1.055 * np.power(x, 1 / 2.4) - 0.055)
    return np.asarray(np.rint(screen * 255.0), np.uint8)


def clouds(rng: np.random.Generator, side: int, cells: int) -> Floats:
    """Smooth noise that repeats, shape (side, side), mean 0 and deviation 1."""
    grid = rng.normal(size=(cells, cells))
    at = np.arange(side) * (cells / side)
    low = np.floor(at).astype(int)
    part = at - low
    part = part * part * (3.0 - 2.0 * part)
    high = (low + 1) % cells
    rows = grid[low] * (1 - part[:, None]) + grid[high] * part[:, None]
    out = rows[:, low] * (1 - part) + rows[:, high] * part
    return np.asarray((out - out.mean()) / max(float(out.std()), 1e-9))


def fabric(rng: np.random.Generator, kind: Fabric, first: Color, second: Color) -> Bytes:
    """One repeat of a pattern in two linear colours, shape (SIDE, SIDE, 3)."""
    a, b = np.array(first), np.array(second)
    v, u = np.meshgrid(
        (np.arange(SIDE) + 0.5) / SIDE, (np.arange(SIDE) + 0.5) / SIDE, indexing="ij"
    )
    count = int(rng.integers(2, 7))
    wide = float(rng.uniform(0.25, 0.6))
    share = np.zeros((SIDE, SIDE))
    match kind:
        case "stripes":
            share = ((u * count) % 1.0 < wide).astype(float)
        case "hoops":
            share = ((v * count) % 1.0 < wide).astype(float)
        case "checks":
            share = 0.5 * ((u * count) % 1.0 < 0.5) + 0.5 * ((v * count) % 1.0 < 0.5)
        case "plaid":
            line = 0.12
            share = 0.4 * ((u * 2) % 1.0 < wide) + 0.4 * ((v * 2) % 1.0 < wide)
            share = share + 0.6 * ((u * 2 + 0.3) % 1.0 < line) + 0.6 * ((v * 2 + 0.3) % 1.0 < line)
        case "dots":
            x, y = (u * count) % 1.0 - 0.5, (v * count) % 1.0 - 0.5
            share = (np.hypot(x, y) < 0.5 * wide).astype(float)
        case "melange":
            share = 0.35 + 0.25 * clouds(rng, SIDE, 64)
        case "camouflage":
            share = (clouds(rng, SIDE, 5) + 0.5 * clouds(rng, SIDE, 11) > 0.3).astype(float)
        case "plain":
            pass
    share = np.clip(share, 0.0, 1.0)[..., None]
    tone = 1.0 + 0.05 * clouds(rng, SIDE, 48) + 0.04 * clouds(rng, SIDE, 7)
    return encoded((a + share * (b - a)) * tone[..., None])


def leather(rng: np.random.Generator, color: Color, strength: float = 0.12) -> Bytes:
    """Grain and wear of leather or moulded plastic, shape (SIDE, SIDE, 3)."""
    tone = 1.0 + strength * (0.6 * clouds(rng, SIDE, 60) + 0.6 * clouds(rng, SIDE, 6))
    return encoded(np.array(color) * np.maximum(tone, 0.2)[..., None])


def wood(rng: np.random.Generator, color: Color) -> Bytes:
    """Veneer with its grain along u, shape (SIDE, SIDE, 3)."""
    v, u = np.meshgrid(np.arange(SIDE) / SIDE, np.arange(SIDE) / SIDE, indexing="ij")
    bend = 0.35 * clouds(rng, SIDE, 3)
    rings = np.sin(2.0 * np.pi * (9.0 * v + bend + 0.3 * np.sin(2.0 * np.pi * u)))
    tone = 0.8 + 0.28 * rings + 0.10 * clouds(rng, SIDE, 50)
    return encoded(np.array(color) * np.maximum(tone, 0.15)[..., None])
