"""Seats and belts."""

from __future__ import annotations

import numpy as np

from app.geometry.rotations import Array
from app.scene.cabin import Cabin
from app.scene.fabrics import SIDE, clouds, encoded
from app.scene.solids import Bytes, Finish, Solid, placed, rounded_box, solid

Shape = tuple[Array, Array, Array]


def seats(cabin: Cabin, back: float, recline: float, rng: np.random.Generator) -> list[Solid]:
    """Both front seats and the bench behind them."""
    m = cabin.measures
    main, inner = _cover(cabin, rng, False), _cover(cabin, rng, True)
    out = _seat(cabin, 0.0, back, recline, main, inner)
    aside = float(rng.uniform(-0.06, 0.08))
    out += _seat(
        cabin, -2.0 * m.centre, back + aside, recline + float(rng.uniform(-4, 6)), main, inner
    )
    middle = -m.centre
    wide = m.centre + m.door - 0.03
    bench = placed(
        rounded_box(np.array([wide, 0.26, 0.09]), 0.06, 4), np.array([middle, 0.85, -0.10])
    )
    rear = placed(
        rounded_box(np.array([wide, 0.08, 0.30]), 0.06, 4),
        np.array([middle, 1.24, 0.20]),
        _lean(-24.0),
    )
    out += [solid("bench", bench, main), solid("bench-back", rear, main)]
    for x in (0.0, -m.centre, -2.0 * m.centre):
        head = placed(
            rounded_box(np.array([0.12, 0.045, 0.07]), 0.035, 3),
            np.array([x, 1.40, 0.52]),
            _lean(-20.0),
        )
        out.append(solid("rear-headrest", head, main))
    return out


def _lean(degrees: float) -> Array:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _seat(
    cabin: Cabin, x: float, back: float, recline: float, main: Finish, inner: Finish
) -> list[Solid]:
    half, bolster, thick = cabin.seat
    turn = _lean(-recline)
    deep, high = 0.065, 0.33
    body = _bolstered(
        rounded_box(np.array([half, deep, high]), 0.055, 5), bolster, half, deep, 0.12
    )
    foot = np.array([x, back, -0.13])
    rear = placed(placed(body, np.array([0.0, deep, high])), foot, turn)
    panel = _bolstered(
        rounded_box(np.array([half * 0.62, 0.02, high * 0.86]), 0.018, 4), bolster, half, deep, 0.12
    )
    centre = placed(placed(panel, np.array([0.0, 0.016, high * 1.02])), foot, turn)
    seat = rounded_box(np.array([half + 0.01, 0.27, 0.085]), 0.06, 5)
    points, triangles, uvs = seat
    points = points.copy()
    up = points[:, 2] > 0
    points[up, 2] += (
        bolster * 0.6 * (np.clip(np.abs(points[up, 0]) / half - 0.55, 0, 1) / 0.45) ** 2
    )
    cushion = placed((points, triangles, uvs), np.array([x, back - 0.30, -0.175]), _lean(-11.0))
    rest = rounded_box(np.array([0.135, thick, 0.095]), 0.045, 4)
    level = 2.0 * high + 0.125
    head = placed(placed(rest, np.array([0.0, deep - 0.015, level])), foot, turn)
    out = [
        solid("seat-back", rear, main),
        solid("seat-panel", centre, inner),
        solid("seat", cushion, main),
        solid("headrest", head, main),
    ]
    return out


def _bolstered(shape: Shape, rise: float, half: float, deep: float, taper: float) -> Shape:
    """A seat's back whose sides come forward and whose shoulders are narrower."""
    points, triangles, uvs = shape
    points = points.copy()
    share = np.clip(np.abs(points[:, 0]) / half - 0.5, 0.0, 1.0) / 0.5
    low = np.clip(1.0 - points[:, 2] / 0.33, 0.0, 1.2)
    front = points[:, 1] < 0.0
    points[front, 1] -= (rise * share**2 * low)[front]
    high = np.clip(points[:, 2] / 0.33, 0.0, 1.0)
    points[:, 0] *= 1.0 - taper * high**2
    return points, triangles, uvs


def _cover(cabin: Cabin, rng: np.random.Generator, inner: bool) -> Finish:
    color = cabin.palette.insert if inner else cabin.palette.seat
    return Finish(
        (1.0, 1.0, 1.0),
        0.6,
        0.35,
        texture=_upholstery(rng, color, cabin.quilted and inner),
        tile=0.22,
    )


def _upholstery(
    rng: np.random.Generator, color: tuple[float, float, float], quilted: bool
) -> Bytes:
    """Leather or cloth with its seams, shape (SIDE, SIDE, 3)."""
    v, u = np.meshgrid(np.arange(SIDE) / SIDE, np.arange(SIDE) / SIDE, indexing="ij")
    tone = 1.0 + 0.08 * clouds(rng, SIDE, 50) + 0.06 * clouds(rng, SIDE, 5)
    if quilted:
        seam = np.minimum(np.abs((u + v) * 4 % 1.0 - 0.5), np.abs((u - v) * 4 % 1.0 - 0.5))
        tone = tone * (0.7 + 0.3 * np.clip(seam / 0.08, 0.0, 1.0))
    else:
        count = int(rng.integers(0, 4))
        if count:
            seam = np.abs(u * count % 1.0 - 0.5)
            tone = tone * (0.75 + 0.25 * np.clip(seam / 0.03, 0.0, 1.0))
    return encoded(np.array(color) * np.maximum(tone, 0.1)[..., None])
