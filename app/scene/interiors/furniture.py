"""Desks, chairs, cupboards, plants: added to the surfaces that they are made of."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from app.scene.interiors.builder import Faces, Place, Point, Rect

CLEAR: Final = 1.35
"""Metres about the head in which nothing stands."""


def is_clear(x: float, y: float, reach: float) -> bool:
    """Whether something of a radius may stand at a place on the floor.

    Besides the circle about the head, the strip in which cameras look at it stays empty.
    """
    near = math.hypot(x, y) < CLEAR + reach
    before = y < 0.0 and y > -1.8 - reach and abs(x) < 0.6 + reach
    return not (near or before)


def desk(top: Faces, metal: Faces, place: Place, wide: float = 1.2, deep: float = 0.55) -> None:
    """A table 0.72 m high."""
    w, d = wide / 2, deep / 2
    top.box((-w, -d, 0.69), (w, d, 0.72), place)
    for x in (-w + 0.05, w - 0.08):
        for y in (-d + 0.05, d - 0.08):
            metal.box(
                (x, y, 0.0), (x + 0.03, y + 0.03, 0.69), place, sides=("-x", "+x", "-y", "+y")
            )
    metal.box((-w + 0.05, d - 0.08, 0.62), (w - 0.05, d - 0.05, 0.69), place)


def chair(seat: Faces, metal: Faces, place: Place) -> None:
    """A chair whose back is at its +y."""
    seat.box((-0.2, -0.2, 0.43), (0.2, 0.2, 0.455), place)
    seat.box((-0.19, 0.17, 0.62), (0.19, 0.2, 0.84), place)
    upright = ("-x", "+x", "-y", "+y")
    for x in (-0.19, 0.165):
        metal.box((x, -0.19, 0.0), (x + 0.025, -0.165, 0.43), place, sides=upright)
        metal.box((x, 0.17, 0.0), (x + 0.025, 0.195, 0.8), place, sides=upright)


def cupboard(
    rng: np.random.Generator, wood: Faces, books: Faces, place: Place,
    size: tuple[float, float, float], tiles: int,
) -> None:  # fmt: skip
    """Open shelves with books; ``tiles`` backs of books lie side by side in the books' texture."""
    wide, deep, tall = size
    w = wide / 2
    wood.box((-w, -0.02, 0.0), (w, 0.0, tall), place, sides=("-y",))
    for x in (-w, w - 0.025):
        wood.box((x, -deep, 0.0), (x + 0.025, 0.0, tall), place)
    count = max(2, round(tall / 0.36))
    for level in range(count + 1):
        z = level * (tall - 0.025) / count
        wood.box((-w, -deep, z), (w, 0.0, z + 0.025), place, sides=("-y", "+z", "-z"))
        if level < count:
            _books(rng, books, place, (-w + 0.03, w - 0.03), z + 0.025, deep, tiles)


def _books(
    rng: np.random.Generator, books: Faces, place: Place, span: tuple[float, float], z: float,
    deep: float, tiles: int,
) -> None:  # fmt: skip
    x = span[0]
    while x < span[1] - 0.05:
        if rng.random() < 0.18:
            x += float(rng.uniform(0.05, 0.25))
            continue
        thick = float(rng.uniform(0.025, 0.075))
        tall = float(rng.uniform(0.2, 0.31))
        number = int(rng.integers(tiles))
        rect = (number / tiles, 0.0, (number + 1) / tiles, 1.0)
        back = -deep + float(rng.uniform(0.01, 0.06))
        if x + thick < span[1]:
            books.box((x, back, z), (x + thick, -0.03, z + tall), place, rect,
                      sides=("-y", "+z", "-x", "+x"))  # fmt: skip
        x += thick + 0.002


def plant(rng: np.random.Generator, pot: Faces, leaves: Faces, place: Place, tall: float) -> None:
    """A pot with pointed leaves."""
    pot.prism(0.13, 0.0, 0.24, place, sides=10, upper=0.17)
    for _ in range(26):
        turn = float(rng.uniform(0.0, 2.0 * math.pi))
        reach = float(rng.uniform(0.15, 0.45)) * tall
        rise = 0.24 + tall * float(rng.uniform(0.35, 1.0))
        wide = 0.09 * tall
        c, s = math.cos(turn), math.sin(turn)
        foot: Point = (0.03 * c, 0.03 * s, 0.24)
        tip: Point = (reach * c, reach * s, rise)
        middle = tuple(0.45 * a + 0.55 * b for a, b in zip(foot, tip, strict=True))
        left: Point = (middle[0] - wide * s, middle[1] + wide * c, middle[2] + 0.05)
        right: Point = (middle[0] + wide * s, middle[1] - wide * c, middle[2] + 0.05)
        leaves.quad((foot, right, tip, left), (0.0, 0.0, 1.0, 1.0), place)


def tile_of(number: int, columns: int, rows: int) -> Rect:
    """The part of an atlas that a picture of it takes."""
    column, row = number % columns, number // columns % rows
    return column / columns, row / rows, (column + 1) / columns, (row + 1) / rows
