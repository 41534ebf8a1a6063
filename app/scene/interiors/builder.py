"""Surfaces of a room put together from quadrilaterals, boxes and prisms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.scene.patterns import Bytes
from app.scene.room import RoomPart

Point = tuple[float, float, float]
Rect = tuple[float, float, float, float]
"""Left, bottom, right and top in a texture, from 0 to 1."""

WHOLE: Final[Rect] = (0.0, 0.0, 1.0, 1.0)
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """Where something stands: metres, and degrees counter-clockwise seen from above."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    turn: float = 0.0

    def __call__(self, points: _Floats) -> _Floats:
        c, s = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        x, y = points[..., 0], points[..., 1]
        turned = np.stack([x * c - y * s, x * s + y * c, points[..., 2]], axis=-1)
        return np.asarray(turned + np.array([self.x, self.y, self.z]))

    def at(self, x: float, y: float, z: float) -> Place:
        """The place that lies there as seen from this one, turned alike."""
        there = self(np.array([x, y, z]))
        return Place(float(there[0]), float(there[1]), float(there[2]), self.turn)


HERE: Final = Place()

_SIDES: Final = {
    "-y": ((0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)),
    "+y": ((1, 1, 0), (0, 1, 0), (0, 1, 1), (1, 1, 1)),
    "-x": ((0, 1, 0), (0, 0, 0), (0, 0, 1), (0, 1, 1)),
    "+x": ((1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 0, 1)),
    "+z": ((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)),
    "-z": ((0, 1, 0), (1, 1, 0), (1, 0, 0), (0, 0, 0)),
}
"""Corners of the sides of a box, lower left first, as seen from outside."""

ALL_SIDES: Final = tuple(_SIDES)


class Faces:
    """Gathers the faces of one surface.

    Parameters
    ----------
    tile : float
        Metres that the texture takes along each side, where faces are not given a part of it.
    """

    def __init__(self, tile: float = 1.0) -> None:
        self._tile = tile
        self._quads: list[_Floats] = []
        self._uvs: list[_Floats] = []

    @property
    def triangle_count(self) -> int:
        return 2 * len(self._quads)

    def quad(
        self,
        corners: tuple[Point, Point, Point, Point],
        rect: Rect | None = WHOLE,
        place: Place = HERE,
    ) -> None:
        """Four corners, lower left first and counter-clockwise seen from the front.

        ``rect`` is the part of the texture that they show; None lays it out in metres.
        """
        points = np.array(corners, np.float64)
        if rect is None:
            wide = float(np.linalg.norm(points[1] - points[0])) / self._tile
            tall = float(np.linalg.norm(points[3] - points[0])) / self._tile
            rect = (0.0, 0.0, wide, tall)
        left, bottom, right, top = rect
        self._quads.append(place(points))
        self._uvs.append(np.array([[left, bottom], [right, bottom], [right, top], [left, top]]))

    def box(
        self,
        low: Point,
        high: Point,
        place: Place = HERE,
        rect: Rect | None = None,
        sides: tuple[str, ...] = ALL_SIDES,
    ) -> None:
        """A box between two corners; ``rect`` as for `quad`, on every side."""
        for side in sides:
            corners = [
                tuple(high[axis] if far else low[axis] for axis, far in enumerate(corner))
                for corner in _SIDES[side]
            ]
            self.quad(tuple(corners), rect, place)  # type: ignore[arg-type]

    def prism(
        self,
        radius: float,
        bottom: float,
        top: float,
        place: Place = HERE,
        *,
        sides: int = 10,
        upper: float | None = None,
        rect: Rect = WHOLE,
        lid: bool = True,
    ) -> None:
        """An upright round body; ``upper`` is the radius at the top where it differs."""
        above = radius if upper is None else upper
        left, low, right, high = rect
        angles = [2.0 * math.pi * i / sides for i in range(sides + 1)]
        for i, (a, b) in enumerate(pairwise(angles)):
            u0, u1 = (left + (right - left) * k / sides for k in (i, i + 1))
            foot, next_foot = _ring(radius, a, bottom), _ring(radius, b, bottom)
            head, next_head = _ring(above, a, top), _ring(above, b, top)
            self.quad((foot, next_foot, next_head, head), (u0, low, u1, high), place)
        if lid and above > 1e-4:
            centre = (0.0, 0.0, top)
            for i in range(0, sides, 2):
                ends = [_ring(above, angles[min(i + k, sides)], top) for k in range(3)]
                u = left + (right - left) * 0.5
                self.quad((centre, ends[0], ends[1], ends[2]), (u, high, u, high), place)

    def disc(self, radius: float, place: Place, sides: int = 24) -> None:
        """A round plate that faces -y, with the whole texture on it."""
        for i in range(0, sides, 2):
            angles = [2.0 * math.pi * (i + k) / sides for k in range(3)]
            ends: list[Point] = [(radius * math.cos(a), 0.0, radius * math.sin(a)) for a in angles]
            points = np.array([(0.0, 0.0, 0.0), *ends])
            self._quads.append(place(points))
            self._uvs.append(points[:, [0, 2]] / (2.0 * radius) + 0.5)

    def move(self, step: Point) -> None:
        """Move all that is there by a step."""
        self._quads = [quad + np.array(step) for quad in self._quads]

    def part(
        self,
        name: str,
        color: tuple[float, float, float] = (1.0, 1.0, 1.0),
        *,
        roughness: float = 0.7,
        texture: Bytes | None = None,
        emission: float = 0.0,
        casts_shadow: bool = True,
    ) -> RoomPart:
        """The surface; ``color`` is linear RGB."""
        quads = np.array(self._quads).reshape(-1, 4, 3)
        uvs = np.array(self._uvs).reshape(-1, 4, 2)
        first = 4 * np.arange(len(quads), dtype=np.int32)[:, None]
        split = np.array([0, 1, 2, 0, 2, 3])
        return RoomPart(
            name,
            np.ascontiguousarray(quads.reshape(-1, 3), np.float32),
            np.ascontiguousarray((first + split.astype(np.int32)).reshape(-1, 3)),
            np.ascontiguousarray(uvs[:, split].reshape(-1, 3, 2), np.float32),
            color,
            roughness,
            texture,
            emission,
            casts_shadow,
        )


def _ring(radius: float, angle: float, z: float) -> Point:
    return radius * math.cos(angle), radius * math.sin(angle), z


def linear(color: tuple[int, int, int]) -> tuple[float, float, float]:
    """sRGB bytes as linear RGB (IEC 61966-2-1)."""
    r, g, b = (
        c / 255.0 / 12.92 if c <= 10 else ((c / 255.0 + 0.055) / 1.055) ** 2.4 for c in color
    )
    return r, g, b
