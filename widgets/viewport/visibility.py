"""How much of each lamp and of the sky every point of a head sees: shadows, one value a point.

The head is drawn from a place on the lamp, or from far away in the sky; a point that lies behind
the drawn depth is in shadow. The mean over several places is a soft shadow. It is worked out at
rest, once for a pose and a set of lamps, and costs nothing while the viewer moves.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import look_at
from app.geometry.rotations import Array
from app.raster.lamps import AREA, SUN, Lamp
from widgets.viewport.navigation import View

Floats = NDArray[np.float32]

SIZE: Final = 512
"""Side of the depth pictures, pixels."""
SKY_PLACES: Final = 40
LAMP_PLACES: Final = 9
REACH: Final = 0.40
"""Metres about the head that cast and take shadows."""
_FAR_AWAY: Final = 4.0


def sky_directions(count: int = SKY_PLACES) -> Array:
    """Evenly spread unit vectors (Fibonacci's spiral), shape (count, 3)."""
    i = np.arange(count) + 0.5
    z = 1.0 - 2.0 * i / count
    turn = np.pi * (1.0 + np.sqrt(5.0)) * i
    ring = np.sqrt(1.0 - z * z)
    return np.stack([ring * np.cos(turn), ring * np.sin(turn), z], axis=1)


def sky_view(direction: Array, centre: Array) -> View:
    """The head as the sky sees it from a direction."""
    place = centre + direction * _FAR_AWAY
    matrix = look_at(place, centre)
    return View(matrix, SIZE, SIZE, REACH, True, _FAR_AWAY - REACH, _FAR_AWAY + REACH)


def lamp_views(lamp: Lamp, centre: Array, count: int = LAMP_PLACES) -> list[View]:
    """The head as places spread over a lamp's shining surface see it."""
    frame = look_at(lamp.position, lamp.position + lamp.direction)
    i = np.arange(count) + 0.5
    turn, ring = np.pi * (1.0 + np.sqrt(5.0)) * i, np.sqrt(i / count)
    disc = np.stack([ring * np.cos(turn), ring * np.sin(turn)], axis=1) * lamp.radius
    if lamp.kind == SUN:
        ways = -lamp.direction + disc @ frame[:3, :2].T
        return [sky_view(way / np.linalg.norm(way), centre) for way in ways]
    if lamp.kind != AREA:
        frame = look_at(lamp.position, centre)
    return [_near_view(place, centre) for place in lamp.position + disc @ frame[:3, :2].T]


def _near_view(place: Array, centre: Array) -> View:
    away = max(float(np.linalg.norm(centre - place)), 0.02)
    tangent = REACH / max(np.sqrt(max(away**2 - REACH**2, 0.0)), 0.35 * REACH)
    near = max(away - 1.5 * REACH, 0.01)
    return View(look_at(place, centre), SIZE, SIZE, tangent, False, near, away + 1.5 * REACH)


def seen(view: View, depths: Floats, points: Floats, normals: Floats) -> Floats:
    """Which points (N, 3) a view reaches, 0 to 1, by its depth buffer (SIZE, SIZE), top row first.

    The four nearest pixels count by their distance, so the edge of a shadow is not stepped.
    Points outside of the view are reached.
    """
    texel = 2.0 * view.tangent / SIZE
    if not view.orthographic:
        texel *= max(float(np.linalg.norm(view.position - points.mean(0))), 0.01)
    local = view.to_camera(points + normals * np.float32(1.5 * texel)).astype(np.float32)
    depth = -local[:, 2] - 0.7 * texel
    scale = SIZE / 2.0 / view.tangent
    flat = local[:, :2] * (scale if view.orthographic else scale / np.maximum(-local[:, 2:], 1e-4))
    x, y = flat[:, 0] + SIZE / 2.0 - 0.5, SIZE / 2.0 - flat[:, 1] - 0.5
    inside = (x >= 0) & (y >= 0) & (x < SIZE - 1) & (y < SIZE - 1) & (depth > view.near)
    x, y = np.where(inside, x, 0.0), np.where(inside, y, 0.0)
    left, top = x.astype(np.intp), y.astype(np.intp)
    u, v = x - left, y - top
    metres = linear_depth(view, depths)
    total = np.zeros(len(points), np.float32)
    for dx, dy, share in (
        (0, 0, (1 - u) * (1 - v)),
        (1, 0, u * (1 - v)),
        (0, 1, (1 - u) * v),
        (1, 1, u * v),
    ):
        total += share * (metres[top + dy, left + dx] >= depth)
    return np.where(inside, total, np.float32(1.0))


def linear_depth(view: View, buffer: Floats) -> Floats:
    """Metres along the view axis of a depth buffer's values (0 at near, 1 at far)."""
    near, far = np.float32(view.near), np.float32(view.far)
    if view.orthographic:
        return near + buffer * (far - near)
    return near * far / (far - buffer * (far - near))


def bounced(openness: Floats) -> Floats:
    """Brighter hollows: light that comes in is thrown back and forth there (albedo about 0.45)."""
    return openness / (1.0 - 0.45 * (1.0 - openness))
