"""Things that come before a face: phones, boxes, books, cups, bars and the rims of wheels."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from app.dataset.hands import skin_ramp
from app.dataset.relief import Cover, Relief
from app.scene.patterns import (
    Bytes,
    Color,
    Floats,
    any_color,
    colored,
    hsv,
    near,
    noise,
    ramp,
    softened,
)

PHONE: Final = (0.0745, 0.152)
"""Width and height in metres."""

_FINE: Final = 16
_Point = tuple[float, float]
_Size = tuple[int, int]


def phone(
    rng: np.random.Generator,
    size: _Size,
    centre: _Point,
    angle: float,
    scale: float,
    skin: Color,
    light: float,
) -> list[Cover]:
    """Palm, phone and the fingers that hold it; ``scale`` is pixels a metre."""
    squeezed = float(rng.uniform(0.55, 1.0))
    half = PHONE[0] / 2 * scale * squeezed, PHONE[1] / 2 * scale
    behind = _grip(rng, size, centre, half, angle, scale, skin, light, over=False)
    relief = Relief(*size)
    u, v = relief.box(centre, half, angle, 0.011 * scale, 0.0035 * scale, 0.012 * scale)
    case = near(rng, hsv(float(rng.random()), float(rng.choice([0.05, 0.6])), 0.3), 60)
    color = ramp(_ramp(case))[relief.tones(light)]
    if rng.random() < 0.6:
        color = _screen(rng, color, u, v)
    else:
        color = _cameras(rng, color, relief, centre, half, angle, scale)
    front = _grip(rng, size, centre, half, angle, scale, skin, light, over=True)
    return [behind, relief.painted(color), front]


def _screen(rng: np.random.Generator, color: Bytes, u: Floats, v: Floats) -> Bytes:
    """Glass with a picture on it, or off and mirroring."""
    if color.size == 0:
        return color
    height, width = color.shape[:2]
    within = ((np.abs(u) < 0.92) & (np.abs(v) < 0.955))[..., None]
    if rng.random() < 0.5:
        shown = colored(noise(rng, height, width, 6.0, 2), [any_color(rng, 0.7) for _ in range(3)])
    else:
        shown = np.zeros_like(color)
        shown[:] = (12, 13, 16)
    band = np.clip((u + v * np.float32(0.6) + np.float32(float(rng.uniform(-0.5, 0.5)))) * 2, 0, 1)
    glare = (band * np.float32(float(rng.uniform(20, 70)))).astype(np.uint16)[..., None]
    shown = np.minimum(shown + glare, 255).astype(np.uint8)
    return np.asarray(np.where(within, shown, color))


def _cameras(
    rng: np.random.Generator,
    color: Bytes,
    relief: Relief,
    centre: _Point,
    half: _Point,
    angle: float,
    scale: float,
) -> Bytes:
    if color.size == 0:
        return color
    top, left = (part.start for part in relief.place)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    color = np.ascontiguousarray(color)
    count = int(rng.integers(1, 4))
    for i in range(count):
        u = -0.55 * half[0] + (0.5 * half[0] if i == 2 else 0.0)
        v = -half[1] + (0.014 + 0.017 * i * (i < 2) + 0.009 * (i == 2)) * scale
        x, y = centre[0] + u * c - v * s, centre[1] + u * s + v * c
        at = round((x - left) * _FINE), round((y - top) * _FINE)
        for radius, tone in ((0.0075, (70, 72, 78)), (0.006, (16, 17, 20)), (0.0022, (54, 60, 84))):
            r = max(1, round(radius * scale * _FINE))
            cv2.circle(color, at, r, tone, cv2.FILLED, cv2.LINE_AA, 4)
    return color


def _grip(
    rng: np.random.Generator,
    size: _Size,
    centre: _Point,
    half: _Point,
    angle: float,
    scale: float,
    skin: Color,
    light: float,
    over: bool,
) -> Cover:
    """Palm and thumb behind the phone, or the ends of four fingers about its edge."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def place(u: float, v: float) -> _Point:
        return centre[0] + u * c - v * s, centre[1] + u * s + v * c

    relief = Relief(*size)
    if over:
        for i in range(4):
            v = (0.004 + 0.0185 * i + float(rng.uniform(-0.002, 0.002))) * scale
            reach = float(rng.uniform(0.014, 0.024)) * scale
            rise = float(rng.uniform(0.0, 0.006)) * scale
            radius = (0.0085, 0.0088, 0.0083, 0.0072)[i] * scale
            start, end = place(half[0] + 0.002 * scale, v), place(half[0] - reach, v - rise)
            relief.capsule(start, radius, end, radius * 0.86, 0.012 * scale)
    else:
        w, h = half
        relief.capsule(place(w * 0.3, h * 0.35), 0.042 * scale, place(0.0, h * 1.2), 0.034 * scale)
        relief.capsule(
            place(0.0, h * 1.1), 0.031 * scale, place(-0.02 * scale, h * 3.2), 0.04 * scale
        )
        thumb = place(-w - 0.004 * scale, -0.012 * scale)
        relief.capsule(
            place(-w * 0.6, h * 0.6), 0.017 * scale, thumb, 0.0105 * scale, 0.004 * scale
        )
        for i in range(4):
            v = (0.004 + 0.0185 * i) * scale
            relief.capsule(place(0.0, v), 0.009 * scale, place(w, v), 0.009 * scale)
    return relief.shaded(skin_ramp(skin), light)


def thing(
    rng: np.random.Generator,
    size: _Size,
    centre: _Point,
    angle: float,
    scale: float,
    light: float,
) -> list[Cover]:
    """A box, book, cup, bar or the rim of a wheel; ``scale`` is pixels a metre."""
    kind = ("box", "book", "cup", "bar", "rim")[int(rng.integers(5))]
    color = any_color(rng, 0.85, 0.12)
    relief = Relief(*size)
    if kind == "rim":
        radius = 0.185 * scale
        turn = math.radians(angle)
        middle = centre[0] - math.sin(turn) * radius, centre[1] + math.cos(turn) * radius
        relief.ring(middle, radius, float(rng.uniform(0.012, 0.019)) * scale)
        leather = hsv(0.08, 0.25, float(rng.uniform(0.1, 0.35)))
        return [relief.shaded(_ramp(leather), light)]
    if kind == "bar":
        thick = float(rng.uniform(0.008, 0.024)) * scale
        reach = float(max(size))
        lean = math.radians(angle + float(rng.uniform(-25, 25)))
        dx, dy = math.cos(lean) * reach, math.sin(lean) * reach
        a, b = (centre[0] - dx, centre[1] - dy), (centre[0] + dx, centre[1] + dy)
        relief.capsule(a, thick, b, thick)
        return [relief.shaded(_ramp(color), light)]
    if kind == "cup":
        return _cup(rng, size, centre, scale, color, light)
    return _block(rng, size, kind, centre, angle, scale, color, light)


def _block(
    rng: np.random.Generator,
    size: _Size,
    kind: str,
    centre: _Point,
    angle: float,
    scale: float,
    color: Color,
    light: float,
) -> list[Cover]:
    low, high = (0.06, 0.1) if kind == "book" else (0.03, 0.09)
    half = float(rng.uniform(low, high)) * scale, float(rng.uniform(low, high * 1.3)) * scale
    deep = float(rng.uniform(0.15, 0.5)) * min(half)
    turn = math.radians(float(rng.uniform(0, 360)))
    side = Relief(*size)
    for k in range(1, 5):
        at = centre[0] + math.cos(turn) * deep * k / 4, centre[1] + math.sin(turn) * deep * k / 4
        side.box(at, half, angle, 0.002 * scale, 1.0, 0.0)
    edge = (225, 220, 205) if kind == "book" else _darker(color)
    front = Relief(*size)
    u, v = front.box(centre, half, angle, 0.003 * scale, 0.004 * scale, 0.02 * scale)
    tones = front.tones(light)
    picture = ramp(_ramp(color))[tones]
    for _ in range(int(rng.integers(1, 5))):
        a, b = float(rng.uniform(-0.9, 0.3)), float(rng.uniform(-0.9, 0.6))
        w, h = float(rng.uniform(0.2, 1.4)), float(rng.uniform(0.06, 0.5))
        inside = (u > a) & (u < min(0.9, a + w)) & (v > b) & (v < min(0.9, b + h))
        picture[inside] = ramp(_ramp(any_color(rng, 0.8)))[tones[inside]]
    return [side.shaded(_ramp(edge), light), front.painted(softened(picture, 0.5))]


def _cup(
    rng: np.random.Generator,
    size: _Size,
    centre: _Point,
    scale: float,
    color: Color,
    light: float,
) -> list[Cover]:
    """A paper cup with a lid, upright."""
    half_top, half_bottom = 0.042 * scale, float(rng.uniform(0.026, 0.038)) * scale
    tall = float(rng.uniform(0.045, 0.065)) * scale
    cup = Relief(*size)
    found = cup.window((centre,), tall + half_top)
    if found is None:
        return []
    rows, columns = found
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] - np.float32(centre[0])
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - np.float32(centre[1])
    share = np.clip(y * np.float32(0.5 / tall) + np.float32(0.5), 0, 1)
    radius = np.float32(half_top) + share * np.float32(half_bottom - half_top)
    bow = x * x * np.float32(0.2 / half_top)
    inside = np.minimum(radius - np.abs(x), np.float32(tall) - np.abs(y + bow))
    cup.grow(rows, columns, np.sqrt(np.maximum(radius * radius - x * x, 0)), inside)
    tones = cup.tones(light)
    body = ramp(_ramp(color))[tones]
    low, high = 0.5 - float(rng.uniform(0.05, 0.25)), 0.5 + float(rng.uniform(0.05, 0.25))
    at = share + bow * np.float32(0.5 / tall)
    band = (at > np.float32(low)) & (at < np.float32(high))
    body[band] = ramp(_ramp(near(rng, color, 90)))[tones[band]]
    lid = Relief(*size)
    y0 = centre[1] - tall
    rim = 0.006 * scale
    lid.capsule((centre[0] - half_top, y0), rim, (centre[0] + half_top, y0), rim, half_top)
    low_lid = half_top * 0.86
    lid.capsule((centre[0] - low_lid, y0 - rim), rim, (centre[0] + low_lid, y0 - rim), rim)
    white = hsv(0.1, 0.05, float(rng.choice([0.15, 0.95])))
    return [cup.painted(body), lid.shaded(_ramp(white), light)]


def _darker(color: Color) -> Color:
    return color[0] * 5 // 9, color[1] * 5 // 9, color[2] * 5 // 9


def _ramp(color: Color) -> tuple[Color, ...]:
    r, g, b = color
    return (
        (r // 6, g // 6, b // 6),
        (r * 3 // 5, g * 3 // 5, b * 3 // 5),
        color,
        (r + (255 - r) // 3, g + (255 - g) // 3, b + (255 - b) // 3),
    )
