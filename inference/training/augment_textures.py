"""Patterns made once for each process, from a fixed seed, and cut anew for every sample."""

from __future__ import annotations

import functools
from typing import Final

import cv2
import numpy as np

from inference.training.augment_view import Bytes, Floats, between, blend

_SIDE: Final = 384
_SEED: Final = 20_411


@functools.cache
def tiles() -> tuple[Floats, ...]:
    """Patterns (384, 384), float32, from 0 to 1: clouds, grain, stripes, cells, steps."""
    rng = np.random.default_rng(_SEED)
    made = [_clouds(rng, power) for power in (0.6, 1.0, 1.4, 1.8, 2.2, 2.6) for _ in range(2)]
    made += [_streaks(rng, long) for long in (6.0, 20.0, 60.0)]
    made += [_cells(rng, count) for count in (20, 90, 400)]
    made += [_boxes(rng, count) for count in (12, 60)]
    return tuple(_even(tile) for tile in made)


@functools.cache
def grain() -> Floats:
    """A million independent standard normal numbers."""
    return np.random.default_rng(_SEED + 1).standard_normal(1 << 20).astype(np.float32)


def noise(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Standard normal noise from the pool `grain`."""
    count = int(np.prod(shape))
    pool = grain()
    start = int(rng.integers(0, len(pool)))
    if start + count <= len(pool):
        return pool[start : start + count].reshape(shape)
    return np.resize(np.roll(pool, -start), shape)


def pattern(size: int, rng: np.random.Generator, scale: tuple[float, float] = (0.4, 2.5)) -> Floats:
    """A part of one of `tiles`, turned and enlarged by chance, (size, size), 0 to 1."""
    pool = tiles()
    tile = pool[int(rng.integers(len(pool)))]
    return _part(tile, size, rng, scale)


def clouds(size: int, rng: np.random.Generator, scale: tuple[float, float]) -> Floats:
    """As `pattern`, of the clouds alone."""
    return _part(tiles()[int(rng.integers(12))], size, rng, scale)


def backdrop(size: int, rng: np.random.Generator) -> Bytes:
    """A coloured pattern or a plain wall, (size, size, 3)."""
    first, second = _colour(rng), _colour(rng)
    kind = rng.random()
    if kind < 0.15:
        at = np.linspace(0.0, 1.0, size, dtype=np.float32)
        weight = at[:, None] * between(rng, -1, 1) + at[None, :] * between(rng, -1, 1)
        weight = np.clip(0.5 + 0.5 * weight, 0.0, 1.0)
    else:
        weight = pattern(size, rng)
        if kind > 0.7:
            weight = np.clip(0.5 + (weight - 0.5) * between(rng, 2.0, 6.0), 0.0, 1.0)
    level = (weight * np.float32(255.0)).astype(np.uint8)
    table = first + np.linspace(0.0, 1.0, 256)[:, None] * (second - first)
    picture = cv2.LUT(cv2.merge([level, level, level]), table.astype(np.uint8)[None])
    if kind > 0.4:
        third = pattern(size, rng) * np.float32(between(rng, 0.1, 0.7))
        picture = blend(picture, tuple(_colour(rng)), third)
    return np.asarray(picture)


def _colour(rng: np.random.Generator) -> Floats:
    """Greyish more often than bright."""
    grey = rng.random() * 255.0
    tint = rng.random(3) * 255.0
    return np.asarray(grey + (tint - grey) * rng.random() ** 2, np.float32)


def _part(tile: Floats, size: int, rng: np.random.Generator, scale: tuple[float, float]) -> Floats:
    zoom = float(np.exp(between(rng, np.log(scale[0]), np.log(scale[1])))) * 128.0 / size
    angle = between(rng, 0.0, 2.0 * np.pi)
    c, s = np.cos(angle) * zoom, np.sin(angle) * zoom
    x, y = rng.random(2) * _SIDE
    matrix = np.array([[c, -s, x], [s, c, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(tile, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_WRAP)
    )


def _even(tile: Floats) -> Floats:
    """Ends at the 1st and 99th hundredth."""
    low, high = np.percentile(tile, (1, 99))
    return np.asarray(np.clip((tile - low) / max(high - low, 1e-6), 0.0, 1.0), np.float32)


def _clouds(rng: np.random.Generator, power: float) -> Floats:
    """Noise whose amplitude falls with the frequency's ``power``; its edges meet."""
    f = np.hypot(np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)[None, :])
    f[0, 0] = 1.0
    spectrum = np.fft.rfft2(rng.standard_normal((_SIDE, _SIDE))) / f**power
    spectrum[0, 0] = 0.0
    return np.fft.irfft2(spectrum, s=(_SIDE, _SIDE)).astype(np.float32)


def _streaks(rng: np.random.Generator, long: float) -> Floats:
    tile = rng.standard_normal((_SIDE, _SIDE)).astype(np.float32)
    return np.asarray(
        cv2.GaussianBlur(tile, (0, 0), long, sigmaY=0.8, borderType=cv2.BORDER_REFLECT)
    )


def _cells(rng: np.random.Generator, count: int) -> Floats:
    mask = np.full((_SIDE, _SIDE), 255, np.uint8)
    for x, y in rng.integers(0, _SIDE, (count, 2)):
        mask[y, x] = 0
    return np.asarray(np.sqrt(cv2.distanceTransform(mask, cv2.DIST_L2, 5)), np.float32)


def _boxes(rng: np.random.Generator, count: int) -> Floats:
    tile = np.zeros((_SIDE, _SIDE), np.float32)
    for _ in range(count):
        x, y = (int(v) for v in rng.integers(0, _SIDE, 2))
        w, h = (int(v) for v in rng.integers(8, 160, 2))
        cv2.rectangle(tile, (x, y), (x + w, y + h), float(rng.random()), -1)
    return tile
