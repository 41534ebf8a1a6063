"""The sky's light inside of a cabin, and the shadows of lamps.

The sky reaches a point from those of some directions from which nothing hides it; a coarse copy of
all solids is drawn from each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.raster.lamps import POINT, SPOT, SUN, Lamp
from app.raster.openness import sky_directions
from app.raster.stage_window import (
    DistanceWindow,
    Onlook,
    coarse_triangles,
    parallel_onlook,
    point_onlook,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

DIRECTIONS: Final = 26
SKY_SIDE: Final = 128
LAMP_SIDE: Final = 640
SHADOWS: Final = 3
"""Lamps that cast shadows."""
CENTRE: Final = np.array([-0.35, -0.1, 0.2])
RADIUS: Final = 1.75
"""Middle and half width of what casts shadows, metres."""
CELL: Final = 0.03
LIFT: Final = 0.022
"""Metres of a cell of the coarse copy, and by which points are lifted off it."""


@dataclass(frozen=True, eq=False)
class SkyLight:
    """What of the sky reaches the points.

    Attributes
    ----------
    soft : ndarray, shape (N, 3), float32
        Light that a white diffuse surface would return.
    open : ndarray, shape (N,), float32
        Share of directions before the surface that are free.
    mean : ndarray, shape (3,), float32
        Mean of ``soft`` over all points in view, for what surfaces throw about.
    """

    soft: Floats
    open: Floats
    mean: Floats


class StageLight:
    """Draws the coarse copy of a stage from where light comes."""

    def __init__(self) -> None:
        self._sky = DistanceWindow(SKY_SIDE)
        self._lamp = DistanceWindow(LAMP_SIDE)

    def place(self, points: Floats, triangles: Ints) -> None:
        """Take the solids of a stage: points (N, 3) and triangles (T, 3)."""
        self._points, self._triangles = points, triangles
        self._sky.place(points, coarse_triangles(points, triangles, CELL))

    def gather(self, points: Floats, normals: Floats, used: Ints, sky: Floats) -> SkyLight:
        """The light of a sky, shape (h, 2 h, 3), at those of points (N, 3) that are used."""
        count = len(points)
        points, normals = points[used], normals[used]
        lifted = points + normals * np.float32(LIFT)
        soft = np.zeros((len(points), 3), np.float32)
        free = np.zeros(len(points), np.float32)
        most = np.full(len(points), 1e-6, np.float32)
        light = _means(sky)
        texel = 2.0 * RADIUS / SKY_SIDE
        for direction, arriving in zip(sky_directions(DIRECTIONS), light, strict=True):
            share = np.maximum(normals @ direction.astype(np.float32), np.float32(0.0))
            most += share
            look = parallel_onlook(direction, CENTRE, RADIUS)
            seen = look.seen(self._sky.distances(look), lifted, 0.6 * texel)
            share *= seen
            free += share
            soft += share[:, None] * arriving
        soft *= np.float32(4.0 / DIRECTIONS)
        mean = soft.mean(axis=0) if len(soft) else np.zeros(3, np.float32)
        whole, opening = np.zeros((count, 3), np.float32), np.zeros(count, np.float32)
        whole[used], opening[used] = soft, free / most
        return SkyLight(whole, opening, mean)

    def shadows(self, shining: list[Lamp]) -> list[tuple[object, Floats]]:
        """For the first lamps where they look from and how far they see."""
        if not shining:
            return []
        self._lamp.place(self._points, self._triangles)
        out: list[tuple[object, Floats]] = []
        for lamp in shining[:SHADOWS]:
            look = onlook_of(lamp)
            out.append((look, self._lamp.distances(look)))
        return out

    def close(self) -> None:
        self._sky.close()
        self._lamp.close()


def onlook_of(lamp: Lamp) -> Onlook:
    """Where a lamp looks."""
    if lamp.kind == SUN:
        return parallel_onlook(-lamp.direction, CENTRE, RADIUS)
    angle = 2.0 * np.degrees(np.arccos(lamp.cone[0])) + 2.0 if lamp.kind == SPOT else 130.0
    target = lamp.position + lamp.direction
    if lamp.kind == POINT:
        target = CENTRE
        away = float(np.linalg.norm(lamp.position - CENTRE))
        angle = float(np.clip(2.0 * np.degrees(np.arctan2(1.5, away)), 40.0, 130.0))
    return point_onlook(lamp.position, target, angle, 8.0)


def _means(sky: Floats) -> Floats:
    """Mean light about each of the directions, shape (DIRECTIONS, 3)."""
    import cv2

    around = sky_directions(DIRECTIONS)
    small = cv2.resize(sky, (64, 32), interpolation=cv2.INTER_AREA)
    lift = (0.5 - (np.arange(32) + 0.5) / 32) * np.pi
    turn = (0.5 - (np.arange(64) + 0.5) / 64) * 2.0 * np.pi
    turn, lift = np.meshgrid(turn, lift)
    ring = np.cos(lift)
    each = np.stack([ring * np.cos(turn), ring * np.sin(turn), np.sin(lift)], axis=-1)
    nearest = np.argmax(each.reshape(-1, 3) @ around.T, axis=1)
    solid = ring.ravel()
    total = np.bincount(nearest, solid, minlength=len(around))
    out = np.stack(
        [
            np.bincount(nearest, small[..., k].ravel() * solid, minlength=len(around)) / total
            for k in range(3)
        ],
        axis=1,
    )
    return np.asarray(out, np.float32)
