"""Procedural pictures that stand behind a head: one of many families, drawn from a seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from app.scene.patterns import (
    Bytes,
    any_color,
    blocks,
    colored,
    fill,
    grain,
    hsv,
    near,
    noise,
    planks,
    shade,
    slope,
    softened,
    stretched,
    wave,
    weave,
)

_LONGEST: Final = 512
"""Pixels along the longer side at which a pattern is drawn; larger ones are enlarged."""

_Size = tuple[int, int]
_Family = Callable[[np.random.Generator, _Size], Bytes]


def texture(seed: int, width: int, height: int) -> Bytes:
    """A pattern, shape (H, W, 3), uint8 sRGB.

    Two of three are lit unevenly and some are out of focus, as walls behind people are.
    """
    rng = np.random.default_rng((0x7E87, seed))
    scale = min(1.0, _LONGEST / max(width, height))
    size = max(8, round(height * scale)), max(8, round(width * scale))
    family = FAMILIES[tuple(FAMILIES)[int(rng.integers(len(FAMILIES)))]]
    picture = _lit(rng, family(rng, size))
    if rng.random() < 0.35:
        picture = softened(picture, float(rng.uniform(0.004, 0.03)) * min(size))
    picture = grain(rng, picture, int(rng.integers(0, 5)))
    if (width, height) != (size[1], size[0]):
        enlarged = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR_EXACT)
        picture = np.asarray(enlarged)
    return picture


def _lit(rng: np.random.Generator, picture: Bytes) -> Bytes:
    depth = int(rng.integers(0, 140))
    if depth < 45:
        return picture
    height, width = picture.shape[:2]
    along = slope(height, width, float(rng.uniform(0.0, 360.0)))
    return shade(picture, stretched((along - along.min()).astype(np.int32)), depth)


def _noise(rng: np.random.Generator, size: _Size) -> Bytes:
    values = noise(rng, *size, cells=float(rng.uniform(1.5, 9.0)), octaves=int(rng.integers(2, 6)))
    count = int(rng.integers(2, 5))
    colors = [any_color(rng, 0.7) for _ in range(count)]
    if rng.random() < 0.4:
        base = colors[0]
        colors = [near(rng, base, 45) for _ in range(count)]
    if rng.random() < 0.25:
        steps = 255 // count
        values = np.asarray(np.minimum(values // steps * steps, 255).astype(np.uint8))
    return colored(values, colors)


def _stripes(rng: np.random.Generator, size: _Size) -> Bytes:
    angle = float(rng.choice([0.0, 90.0, 45.0, float(rng.uniform(0, 180))]))
    period = float(rng.uniform(0.04, 0.35)) * min(size)
    values = wave(slope(*size, angle), period, float(rng.choice([1.0, 3.0, period / 3.0])))
    first = any_color(rng, 0.8)
    second = near(rng, first, 50) if rng.random() < 0.4 else any_color(rng, 0.6)
    return colored(values, (first, second))


def _checks(rng: np.random.Generator, size: _Size) -> Bytes:
    angle = float(rng.choice([0.0, 0.0, 45.0, float(rng.uniform(0, 90))]))
    period = float(rng.uniform(0.08, 0.4)) * min(size)
    a, b = (wave(slope(*size, angle + turn), period, period / 3.0) for turn in (0.0, 90.0))
    first, second = any_color(rng, 0.7), any_color(rng, 0.3, 0.4)
    if rng.random() < 0.5:
        both = (a.astype(np.uint16) + b) // 2
        return colored(both.astype(np.uint8), (first, near(rng, first, 60), second))
    return colored(np.bitwise_xor(a, b), (first, second))


def _bricks(rng: np.random.Generator, size: _Size) -> Bytes:
    tall = float(rng.uniform(0.05, 0.12)) * min(size)
    hue, saturation = float(rng.uniform(0.0, 0.09)), float(rng.uniform(0.1, 0.65))
    color = hsv(hue, saturation, float(rng.uniform(0.35, 0.9)))
    joint = near(rng, hsv(0.1, 0.08, float(rng.uniform(0.4, 0.85))), 10)
    picture = blocks(rng, size, (tall, tall * 3.0), 0.5, (color, joint), max(1.0, tall / 7.0))
    return shade(picture, noise(rng, *size, 9.0, 4), 90)


def _tiles(rng: np.random.Generator, size: _Size) -> Bytes:
    side = float(rng.uniform(0.1, 0.3)) * min(size)
    color = any_color(rng, 0.4, 0.4)
    joint = near(rng, color, 60)
    bond = float(rng.choice([0.0, 0.0, 0.5]))
    picture = blocks(rng, size, (side, side), bond, (color, joint), max(1.0, side / 22.0))
    return shade(picture, noise(rng, *size, 3.0, 3), 50)


def _planks(rng: np.random.Generator, size: _Size) -> Bytes:
    color = hsv(
        float(rng.uniform(0.04, 0.12)),
        float(rng.uniform(0.15, 0.65)),
        float(rng.uniform(0.3, 0.95)),
    )
    plank = float(rng.uniform(0.1, 0.3)) * min(size)
    if rng.random() < 0.5:
        return planks(rng, size, plank, color)
    return np.ascontiguousarray(planks(rng, (size[1], size[0]), plank, color).transpose(1, 0, 2))


def _fabric(rng: np.random.Generator, size: _Size) -> Bytes:
    return weave(rng, size, float(rng.uniform(0.012, 0.05)) * min(size), any_color(rng, 0.7, 0.2))


def _gradient(rng: np.random.Generator, size: _Size) -> Bytes:
    height, width = size
    colors = [any_color(rng, 0.6) for _ in range(int(rng.integers(2, 4)))]
    if rng.random() < 0.5:
        along = slope(height, width, float(rng.uniform(0, 360)))
    else:
        cx, cy = float(rng.uniform(0.2, 0.8)) * width, float(rng.uniform(0.2, 0.8)) * height
        x = np.arange(width, dtype=np.float32) - np.float32(cx)
        y = np.arange(height, dtype=np.float32) - np.float32(cy)
        along = np.sqrt(x[None, :] * x[None, :] + y[:, None] * y[:, None])
    return colored(stretched(((along - along.min()) * np.float32(64.0)).astype(np.int32)), colors)


def _bokeh(rng: np.random.Generator, size: _Size) -> Bytes:
    height, width = size
    night = hsv(float(rng.random()), 0.5, float(rng.uniform(0.05, 0.35)))
    picture = colored(noise(rng, height, width, 2.0, 2), (night, near(rng, night, 40)))
    radius = float(rng.uniform(0.025, 0.09)) * min(size)
    hue = float(rng.random())
    for _ in range(int(rng.integers(12, 45))):
        lamp = hsv(
            hue + float(rng.normal()) * 0.08,
            float(rng.uniform(0.1, 0.7)),
            float(rng.uniform(0.4, 1.0)),
        )
        r = radius * float(rng.uniform(0.5, 1.4))
        x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        glow = float(rng.uniform(0.15, 0.6))
        left, top = max(0, int(x - r - 2)), max(0, int(y - r - 2))
        part = picture[top : int(y + r + 3), left : int(x + r + 3)]
        if part.size == 0:
            continue
        disc = np.zeros(part.shape[:2], np.uint8)
        at = round((x - left) * 16), round((y - top) * 16)
        cv2.circle(disc, at, round(r * 16), 255, cv2.FILLED, cv2.LINE_AA, 4)
        weight = (disc.astype(np.uint32) * round(glow * 256))[..., None] >> 8
        room = 255 - part.astype(np.uint32)
        part += (room * weight * np.array(lamp, np.uint32) // 65025).astype(np.uint8)
    return softened(picture, 0.006 * min(size))


def _clutter(rng: np.random.Generator, size: _Size) -> Bytes:
    """Flat shapes over one another: a room seen out of focus."""
    height, width = size
    wall = any_color(rng, 0.3, 0.3)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = wall
    edge = float(rng.uniform(0.55, 0.9)) * height
    floor = any_color(rng, 0.4, 0.2)
    tilt = float(rng.uniform(-0.1, 0.1)) * height
    fill(picture, [(0, edge), (width, edge + tilt), (width, height), (0, height)], floor)
    for _ in range(int(rng.integers(5, 16))):
        w, h = (float(rng.uniform(0.06, 0.45)) * min(size) for _ in range(2))
        x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        color = any_color(rng, 0.7)
        if rng.random() < 0.75:
            lean = float(rng.uniform(-0.1, 0.1)) * w
            corners = [(x, y), (x + w, y + lean), (x + w, y + h), (x, y + h)]
            fill(picture, corners, color)
            for shelf in range(int(rng.integers(0, 5))):
                at = y + h * (shelf + 1) / 6.0
                fill(
                    picture,
                    [(x, at), (x + w, at), (x + w, at + h / 30), (x, at + h / 30)],
                    near(rng, color, 70),
                )
        else:
            turn = float(rng.uniform(0, 180))
            cv2.ellipse(
                picture,
                (round(x), round(y)),
                (round(w / 2), round(h / 2)),
                turn,
                0,
                360,
                color,
                cv2.FILLED,
                cv2.LINE_AA,
            )
    return softened(picture, float(rng.uniform(0.002, 0.03)) * min(size))


def _leaves(rng: np.random.Generator, size: _Size) -> Bytes:
    height, width = size
    hue = float(rng.uniform(0.17, 0.4)) if rng.random() < 0.8 else float(rng.uniform(0.03, 0.14))
    ground = hsv(hue, 0.5, 0.15)
    picture = colored(noise(rng, height, width, 5.0, 3), (ground, near(rng, ground, 25)))
    count = int(rng.integers(120, 300))
    for step in range(count):
        length = float(rng.uniform(0.02, 0.07)) * min(size)
        x, y, turn = (
            float(rng.uniform(0, width)),
            float(rng.uniform(0, height)),
            rng.uniform(0, 6.3),
        )
        along = math.cos(turn) * length, math.sin(turn) * length
        across = -along[1] * 0.35, along[0] * 0.35
        bright = 0.2 + 0.6 * step / count + float(rng.uniform(-0.1, 0.15))
        color = hsv(hue + float(rng.normal()) * 0.02, float(rng.uniform(0.35, 0.75)), bright)
        fill(
            picture,
            [
                (x - along[0], y - along[1]),
                (x + across[0], y + across[1]),
                (x + along[0], y + along[1]),
                (x - across[0], y - across[1]),
            ],
            color,
        )
    return softened(picture, float(rng.uniform(0.0, 0.012)) * min(size))


FAMILIES: Final[dict[str, _Family]] = {
    "noise": _noise,
    "stripes": _stripes,
    "checks": _checks,
    "bricks": _bricks,
    "tiles": _tiles,
    "planks": _planks,
    "fabric": _fabric,
    "gradient": _gradient,
    "bokeh": _bokeh,
    "clutter": _clutter,
    "leaves": _leaves,
}
