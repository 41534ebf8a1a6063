"""A hand before a face: fingers, thumb, back of the hand, forearm and sleeve."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

import numpy as np

from app.dataset.relief import Cover, Relief
from app.scene.patterns import Bytes, Color, any_color, laid_over, near, ramp, shade, weave

HAND_LENGTH: Final = 0.185
"""Metres from wrist to the tip of the middle finger; the lengths below are shares of it."""

_KNUCKLES: Final = ((-0.142, 0.50), (-0.048, 0.535), (0.047, 0.51), (0.135, 0.455))
_FINGERS: Final = (0.40, 0.445, 0.41, 0.325)
_PHALANGES: Final = (0.44, 0.31, 0.25)
_THUMB: Final = ((-0.085, 0.12), (-0.205, 0.30), (-0.275, 0.45), (-0.31, 0.575))
_THICK: Final = (0.051, 0.053, 0.050, 0.043)
_POSES: Final[dict[str, tuple[float, tuple[float, float, float, float], float]]] = {
    "flat": (3.0, (1.0, 1.0, 1.0, 0.98), 0.0),
    "spread": (11.0, (1.0, 1.0, 1.0, 1.0), -14.0),
    "relaxed": (5.0, (0.92, 0.84, 0.78, 0.74), 8.0),
    "pointing": (4.0, (1.0, 0.42, 0.38, 0.36), 24.0),
    "fist": (1.5, (0.44, 0.46, 0.44, 0.42), 34.0),
}
"""Degrees between fingers, how far each is seen stretched, and how far the thumb turns in."""

_Point = tuple[float, float]


class _Frame:
    """From shares of the hand's length, wrist at zero and fingers along +y, to pixels."""

    def __init__(self, wrist: _Point, angle: float, scale: float, mirrored: bool) -> None:
        self._wrist, self.scale = wrist, scale
        self._side = -1.0 if mirrored else 1.0
        self._cos, self._sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def __call__(self, point: _Point) -> _Point:
        x, y = point[0] * self._side * self.scale, -point[1] * self.scale
        return (
            self._wrist[0] + x * self._cos - y * self._sin,
            self._wrist[1] + x * self._sin + y * self._cos,
        )


def skin_ramp(skin: Color) -> tuple[Color, ...]:
    """Skin in shadow, which turns redder, in light, and where it shines."""
    r, g, b = skin
    light = (r + (255 - r) // 4, g + (255 - g) // 5, b + (255 - b) // 5)
    return (
        (r * 3 // 10, g * 2 // 10, b * 2 // 10),
        (r * 62 // 100, g * 52 // 100, b * 50 // 100),
        (r * 88 // 100, g * 84 // 100, b * 83 // 100),
        skin,
        light,
    )


def hand(
    rng: np.random.Generator,
    size: tuple[int, int],
    tip: _Point,
    angle: float,
    scale: float,
    skin: Color,
    light: float,
) -> list[Cover]:
    """Arm, sleeve and hand, the nearest last; a stretched middle finger ends at ``tip``.

    Parameters
    ----------
    size : tuple of int
        Height and width of the picture.
    angle : float
        Degrees clockwise in the picture from fingers that point up.
    scale : float
        Pixels of the hand's length.
    light : float
        Degrees, see `Relief.shaded`.
    """
    turn = math.radians(angle)
    wrist = tip[0] - math.sin(turn) * 0.98 * scale, tip[1] + math.cos(turn) * 0.98 * scale
    place = _Frame(wrist, angle, scale, bool(rng.random() < 0.5))
    spread, stretched, thumb_in = _POSES[tuple(_POSES)[int(rng.integers(len(_POSES)))]]
    relief = Relief(*size, 0.014 * scale)
    joints, nails = _hand(rng, relief, place, spread, stretched, thumb_in)
    shaded = relief.painted(ramp(skin_ramp(skin))[_wrinkled(relief, light, joints, scale)])
    if rng.random() < 0.75:
        _paint_nails(shaded.color, relief, nails, near(rng, skin, 10))
    return [*_arm(rng, size, place, skin, light), shaded]


_Nail = tuple[_Point, _Point, float]


def _hand(
    rng: np.random.Generator,
    relief: Relief,
    place: _Frame,
    spread: float,
    stretched: tuple[float, ...],
    thumb_in: float,
) -> tuple[list[_Point], list[_Nail]]:
    scale = place.scale
    joints: list[_Point] = []
    nails: list[_Nail] = []
    for i, knuckle in enumerate(_KNUCKLES):
        wrist = (knuckle[0] * 0.62, 0.02)
        lift = 0.012 * scale if i in (1, 2) else 0.0
        relief.capsule(place(wrist), 0.075 * scale, place(knuckle), 0.062 * scale, lift)
        if i:
            before = _KNUCKLES[i - 1]
            middle = (knuckle[0] + before[0]) / 2, (knuckle[1] + before[1]) / 2 - 0.02
            relief.capsule(
                place((middle[0] * 0.6, 0.05)), 0.075 * scale, place(middle), 0.055 * scale
            )
    relief.capsule(place((-0.06, 0.13)), 0.105 * scale, place((-0.1, 0.36)), 0.075 * scale)
    relief.capsule(place((0.07, 0.08)), 0.085 * scale, place((0.09, 0.34)), 0.07 * scale)
    for i, knuckle in enumerate(_KNUCKLES):
        seen = min(1.0, stretched[i] * float(rng.uniform(0.92, 1.05)))
        heading = (i - 1.4) * spread + float(rng.normal()) * 1.6
        nails += _finger(relief, place, knuckle, heading, seen, i, joints)
    at = [_THUMB[0]]
    heading = thumb_in + float(rng.normal()) * 5.0
    for (x0, y0), (x1, y1) in pairwise(_THUMB):
        c, s = math.cos(math.radians(heading)), math.sin(math.radians(heading))
        dx, dy = x1 - x0, y1 - y0
        at.append((at[-1][0] + dx * c + dy * s, at[-1][1] - dx * s + dy * c))
    thick = (0.088, 0.066, 0.058, 0.047)
    for k in range(3):
        lift = 0.03 * scale if thumb_in > 15.0 else 0.0
        relief.capsule(place(at[k]), thick[k] * scale, place(at[k + 1]), thick[k + 1] * scale, lift)
    joints.append(place(at[2]))
    return joints, nails


def _finger(
    relief: Relief,
    place: _Frame,
    knuckle: _Point,
    heading: float,
    seen: float,
    number: int,
    joints: list[_Point],
) -> list[_Nail]:
    """Three links; a bent finger is seen short and comes nearer at its middle joint."""
    scale, length, thick = place.scale, _FINGERS[number], _THICK[number]
    along = math.sin(math.radians(heading)), math.cos(math.radians(heading))
    bent = 1.0 - seen
    at, reached = knuckle, 0.0
    radius = thick * 1.05
    lifts = (0.0, 0.10 * min(1.0, 3.0 * bent), 0.07 * min(1.0, 3.0 * bent), 0.0)
    ends: list[_Point] = [at]
    for k, share in enumerate(_PHALANGES):
        reached += share * length * (seen if k else 0.5 + 0.5 * seen)
        end = knuckle[0] + along[0] * reached, knuckle[1] + along[1] * reached
        thinner = thick * (0.97, 0.90, 0.76)[k]
        lift = max(lifts[k], lifts[k + 1]) * scale
        relief.capsule(place(at), radius * scale, place(end), thinner * scale, lift)
        joints.append(place(at))
        at, radius = end, thinner
        ends.append(end)
    if seen < 0.7:
        return []
    start = ends[2][0] * 0.45 + ends[3][0] * 0.55, ends[2][1] * 0.45 + ends[3][1] * 0.55
    tip = ends[3][0] + along[0] * thick * 0.45, ends[3][1] + along[1] * thick * 0.45
    return [(place(start), place(tip), thick * 0.55 * scale)]


def _wrinkled(relief: Relief, light: float, joints: list[_Point], scale: float) -> Bytes:
    """Brightness with knuckles: a darker, soft spot over each joint."""
    tones = relief.tones(light)
    spots = np.full(tones.shape, 255.0, np.float32)
    top, left = (part.start for part in relief.place)
    height, width = tones.shape
    reach = 0.045 * scale
    for joint in joints:
        x, y = joint[0] - left, joint[1] - top
        columns = slice(max(0, int(x - reach)), max(0, min(width, int(x + reach) + 1)))
        rows = slice(max(0, int(y - reach)), max(0, min(height, int(y + reach) + 1)))
        px = (np.arange(columns.start, columns.stop, dtype=np.float32) - np.float32(x)) / reach
        py = (np.arange(rows.start, rows.stop, dtype=np.float32) - np.float32(y)) / reach
        away = px[None, :] * px[None, :] + py[:, None] * py[:, None]
        dark = np.float32(255.0) - np.float32(26.0) * np.maximum(np.float32(1.0) - away, 0)
        part = spots[rows, columns]
        np.minimum(part, dark, out=part)
    return np.asarray((tones * spots * np.float32(1.0 / 255.0)).astype(np.uint8))


def _paint_nails(color: Bytes, hand: Relief, nails: list[_Nail], skin: Color) -> None:
    """``color`` belongs to the place of ``hand``."""
    r, g, b = (min(255, c + d) for c, d in zip(skin, (16, 6, 10), strict=True))
    top, left = (part.start for part in hand.place)
    for start, tip, radius in nails:
        moved = [(x - left, y - top) for x, y in (start, tip)]
        one = Relief(*color.shape[:2])
        one.capsule(moved[0], radius, moved[1], radius * 0.85)
        if radius < 1.2 or one.mask.size == 0:
            continue
        part = color[one.place]
        pale = np.maximum(part, np.array((r, g, b), np.uint8))
        part[:] = laid_over(part, pale, (one.mask // 2).astype(np.uint8))


def _arm(
    rng: np.random.Generator, size: tuple[int, int], place: _Frame, skin: Color, light: float
) -> list[Cover]:
    scale = place.scale
    bare = Relief(*size)
    bare.capsule(place((0.0, 0.12)), 0.155 * scale, place((0.0, -0.35)), 0.15 * scale)
    bare.capsule(place((0.0, -0.35)), 0.15 * scale, place((0.0, -1.6)), 0.21 * scale)
    arm = bare.shaded(skin_ramp(skin), light)
    if rng.random() < 0.35:
        return [arm]
    cuff = -float(rng.uniform(0.02, 0.3))
    sleeve = Relief(*size)
    sleeve.capsule(place((0.0, cuff - 0.17)), 0.2 * scale, place((0.0, -1.8)), 0.29 * scale)
    cloth = any_color(rng, 0.7, 0.08)
    tones = sleeve.tones(light)
    if tones.size == 0:
        return [arm]
    threads = weave(rng, (tones.shape[0], tones.shape[1]), max(2.0, 0.025 * scale), cloth)
    return [arm, sleeve.painted(shade(threads, tones, 255))]
