"""What lies about a car: a sky, a road and what stands beside it, as one picture all around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from app.scene.fabrics import clouds, color_of
from app.scene.scene import Light

Floats = NDArray[np.float32]
Array = NDArray[np.float64]
Daytime = Literal["day", "overcast", "evening", "night"]
DAYTIMES: Final[tuple[Daytime, ...]] = get_args(Daytime)

HEIGHT: Final = 320
"""Rows of the picture, which is twice as wide."""


@dataclass(frozen=True, eq=False)
class Outside:
    """Light about a car.

    Attributes
    ----------
    sky : ndarray, shape (HEIGHT, 2 HEIGHT, 3), float32
        Linear light from all around, as Cycles reads an equirectangular picture.
    lights : tuple of Light
        Sun, street lamps and the glow of instruments; cabin metres.
    """

    sky: Floats
    lights: tuple[Light, ...]


def draw_outside(rng: np.random.Generator, time: Daytime) -> Outside:
    """Random surroundings at a time of day."""
    lift, turn = _angles()
    sky = _heaven(rng, time, lift, turn)
    sun_turn, sun_lift = float(rng.uniform(-np.pi, np.pi)), _sun_height(rng, time)
    toward = np.array(
        [
            np.cos(sun_lift) * np.cos(sun_turn),
            np.cos(sun_lift) * np.sin(sun_turn),
            np.sin(sun_lift),
        ]
    )
    if time in ("day", "evening"):
        cosine = (
            np.cos(lift) * np.cos(turn - sun_turn) * np.cos(sun_lift) + np.sin(lift) * toward[2]
        )
        warm = np.array([1.0, 0.85, 0.6]) if time == "day" else np.array([1.0, 0.55, 0.22])
        glow = np.exp((cosine - 1.0) * 14.0) * (1.2 if time == "day" else 1.6)
        sky = sky + glow[..., None] * warm
    sky = np.where((lift > 0.0)[..., None], sky, _ground(rng, time, lift, turn))
    sky = _skyline(rng, time, lift, turn, sky)
    lights = _lamps(rng, time, toward)
    if time in ("evening", "night"):
        sky = _points_of_light(rng, time, lift, turn, sky)
    return Outside(np.asarray(np.maximum(sky, 0.0), np.float32), lights)


def _angles() -> tuple[Array, Array]:
    width = 2 * HEIGHT
    turn = (0.5 - (np.arange(width) + 0.5) / width) * 2.0 * np.pi
    lift = (0.5 - (np.arange(HEIGHT) + 0.5) / HEIGHT) * np.pi
    turn, lift = np.meshgrid(turn, lift)
    return lift, turn


def _sun_height(rng: np.random.Generator, time: Daytime) -> float:
    low, high = (25.0, 65.0) if time == "day" else (3.0, 18.0)
    return float(np.radians(rng.uniform(low, high)))


def _wide_clouds(rng: np.random.Generator, cells: int) -> Array:
    field = clouds(rng, 2 * HEIGHT, cells)
    return np.asarray(field[:HEIGHT])


def _heaven(rng: np.random.Generator, time: Daytime, lift: Array, turn: Array) -> Array:
    share = np.clip(lift / (np.pi / 2), 0.0, 1.0)[..., None] ** 0.5
    if time == "day":
        horizon, zenith = np.array([0.85, 0.93, 1.0]), np.array([0.20, 0.38, 0.80])
        horizon, zenith = horizon * rng.uniform(0.8, 1.3), zenith * rng.uniform(0.7, 1.3)
        cover = np.clip(
            0.5 * _wide_clouds(rng, 6) + 0.35 * _wide_clouds(rng, 15) - rng.uniform(-0.6, 1.0),
            0.0,
            1.0,
        )
        base = horizon + share * (zenith - horizon)
        return np.asarray(base + cover[..., None] * (np.array([1.25, 1.25, 1.27]) - base))
    if time == "overcast":
        level = rng.uniform(0.55, 1.0)
        tone = 1.0 + 0.12 * _wide_clouds(rng, 5) + 0.06 * _wide_clouds(rng, 13)
        color = np.array([0.95, 0.98, 1.02]) * level
        return np.asarray(color * tone[..., None] * (0.75 + 0.35 * share))
    if time == "evening":
        horizon = np.array([0.50, 0.30, 0.20]) * rng.uniform(0.5, 1.2)
        zenith = np.array([0.06, 0.10, 0.22]) * rng.uniform(0.5, 1.2)
        tone = 1.0 + 0.25 * np.clip(_wide_clouds(rng, 7), -1.5, 1.5)
        return np.asarray((horizon + share * (zenith - horizon)) * tone[..., None])
    horizon = np.array([0.016, 0.014, 0.014]) * rng.uniform(0.5, 2.0)
    zenith = np.array([0.002, 0.003, 0.006])
    return np.asarray(horizon + share * (zenith - horizon))


def _level(time: Daytime) -> float:
    return {"day": 1.0, "overcast": 0.75, "evening": 0.25, "night": 0.012}[time]


def _ground(rng: np.random.Generator, time: Daytime, lift: Array, turn: Array) -> Array:
    """A road along Y and what lies beside it."""
    height = rng.uniform(1.0, 1.6)
    away = height / np.maximum(np.tan(-np.minimum(lift, -0.01)), 0.01)
    x = away * np.cos(turn)
    road = np.abs(x + rng.uniform(0.5, 2.5)) < rng.uniform(4.0, 8.0)
    asphalt = np.array([0.16, 0.16, 0.165]) * rng.uniform(0.6, 1.6)
    verges = ([0.10, 0.14, 0.05], [0.22, 0.20, 0.17], [0.30, 0.28, 0.24], [0.06, 0.09, 0.04])
    verge = np.array(verges[int(rng.integers(len(verges)))]) * rng.uniform(0.7, 1.4)
    tone = 1.0 + 0.12 * _wide_clouds(rng, 40) + 0.12 * _wide_clouds(rng, 9)
    out = np.where(road[..., None], asphalt, verge) * tone[..., None]
    line = (np.abs(x + 1.6) < 0.12) | (np.abs(x - 1.9) < 0.1)
    out = np.where(line[..., None], 0.6, out)
    return np.asarray(out * _level(time) * 1.3)


def _skyline(
    rng: np.random.Generator, time: Daytime, lift: Array, turn: Array, sky: Array
) -> Array:
    """Houses, trees or hills, and cars nearer by."""
    level = _level(time)
    around = np.arange(2 * HEIGHT)
    kind = int(rng.integers(3))
    row = clouds(rng, 2 * HEIGHT, 24)[0]
    if kind == 0:
        blocks = np.repeat(rng.uniform(0.02, 0.5, 48), 8)
        top = np.roll(blocks, int(rng.integers(8)))[around % len(blocks)]
    elif kind == 1:
        top = 0.16 + 0.08 * row + 0.03 * clouds(rng, 2 * HEIGHT, 96)[0]
    else:
        top = 0.05 + 0.03 * row
    walls = rng.uniform(0.12, 0.55, (48, 1)) * (1.0 + 0.16 * rng.uniform(-1.0, 1.0, (48, 3)))
    shades = np.repeat(walls * rng.uniform(0.6, 1.3, (48, 1)), 8, axis=0)
    if kind:
        green = np.array([0.07, 0.11, 0.04]) if kind == 1 else np.array([0.12, 0.16, 0.10])
        shades = green * (1.0 + 0.35 * clouds(rng, 2 * HEIGHT, 64)[0][:, None])
    shades = shades[around % len(shades)]
    tone = 1.0 + 0.25 * _wide_clouds(rng, 60) + 0.1 * _wide_clouds(rng, 20)
    windows = np.ones_like(lift)
    if kind == 0:
        grid = (np.sin(turn * 90.0) > -0.2) & (np.sin(lift * 110.0) > 0.0)
        windows = np.where(grid, 1.0, 0.55)
    color = shades[None] * (tone * windows)[..., None] * level
    below = (lift < top[None]) & (lift > -0.03)
    out = np.where(below[..., None], color, sky)
    for _ in range(int(rng.integers(0, 6))):
        centre, wide = float(rng.uniform(-np.pi, np.pi)), float(rng.uniform(0.08, 0.35))
        off = (turn - centre + np.pi) % (2.0 * np.pi) - np.pi
        body = (np.abs(off) < wide) & (lift < 0.02) & (lift > -0.35 * wide - 0.04)
        roof = (np.abs(off) < 0.6 * wide) & (lift < 0.02 + 0.25 * wide) & (lift > 0.0)
        paint = rng.random(3) ** 1.5 * level * 0.9
        out = np.where(body[..., None], paint, out)
        out = np.where(roof[..., None], 0.12 * level + 0.15 * paint, out)
    return np.asarray(out)


def _points_of_light(
    rng: np.random.Generator, time: Daytime, lift: Array, turn: Array, sky: Array
) -> Array:
    """Lamps, windows and headlights, out of focus."""
    count = int(rng.integers(6, 40)) if time == "night" else int(rng.integers(0, 12))
    tints = np.array([[1.0, 0.7, 0.35], [1.0, 0.95, 0.85], [1.0, 0.1, 0.06], [0.5, 0.7, 1.0]])
    out = sky
    for _ in range(count):
        centre, height = float(rng.uniform(-np.pi, np.pi)), float(rng.normal(0.04, 0.08))
        size = float(rng.uniform(0.008, 0.035))
        off = (turn - centre + np.pi) % (2.0 * np.pi) - np.pi
        share = np.clip((size - np.hypot(off, lift - height)) / 0.006, 0.0, 1.0)
        tint = tints[int(rng.choice(4, p=[0.4, 0.35, 0.2, 0.05]))]
        out = out + (share * rng.uniform(0.1, 0.9))[..., None] * tint
    return np.asarray(out)


def _lamps(rng: np.random.Generator, time: Daytime, toward: Array) -> tuple[Light, ...]:
    lights: list[Light] = []
    x, y, z = (float(c) * 8.0 for c in toward)
    if time == "day":
        lights.append(
            Light(
                "sun",
                "sun",
                float(rng.uniform(2.0, 9.0)),
                temperature=5600.0,
                size=0.6,
                position=(x, y, z),
            )
        )
    elif time == "evening" and rng.random() < 0.7:
        lights.append(
            Light(
                "sun",
                "sun",
                float(rng.uniform(0.4, 3.0)),
                temperature=float(rng.uniform(2200, 3600)),
                size=0.8,
                position=(x, y, z),
            )
        )
    elif time == "night":
        for _ in range(int(rng.integers(1, 3))):
            side = float(rng.choice([-1.0, 1.0]))
            place = (
                side * float(rng.uniform(0.9, 3.0)),
                float(rng.uniform(-4.0, 2.0)),
                float(rng.uniform(0.9, 3.5)),
            )
            lights.append(
                Light(
                    "lamp",
                    "point",
                    float(rng.uniform(1.0, 12.0)),
                    temperature=float(rng.uniform(2000, 5000)),
                    size=0.1,
                    position=place,
                )
            )
    if time in ("night", "evening"):
        glow = color_of(0.55 + 0.45 * rng.random(3))
        lights.append(
            Light(
                "dash",
                "area",
                float(rng.uniform(0.02, 0.12)),
                color=glow,
                size=0.3,
                position=(-0.15, -0.55, 0.44),
                target=(0.0, 0.2, 0.35),
            )
        )
    if time == "night" and rng.random() < 0.3:
        lights.append(
            Light(
                "dome",
                "area",
                float(rng.uniform(0.1, 0.6)),
                temperature=3500.0,
                size=0.15,
                position=(-0.3, -0.1, 0.86),
                target=(-0.2, -0.1, 0.0),
            )
        )
    return tuple(lights)
