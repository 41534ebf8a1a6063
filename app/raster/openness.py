"""How much of the sky each point of a head sees: hollows are darker."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array
from app.raster.programs import SHADOW_SIDE
from app.raster.shadow_maps import CELL, LampView, ShadowPass, sky_view

Floats = NDArray[np.float32]

PLACES: Final = 16
_ALBEDO: Final = 0.45
_OFFSET: Final = np.float32(0.8 * CELL)


def sky_directions(count: int = PLACES) -> Array:
    """Evenly spread unit vectors (Fibonacci's spiral), shape (count, 3)."""
    i = np.arange(count) + 0.5
    z = 1.0 - 2.0 * i / count
    turn = np.pi * (1.0 + np.sqrt(5.0)) * i
    ring = np.sqrt(1.0 - z * z)
    return np.stack([ring * np.cos(turn), ring * np.sin(turn), z], axis=1)


def openness(shadows: ShadowPass, points: Floats, normals: Floats, centre: Array) -> Floats:
    """Share of the light of an even sky that reaches points (P, 3), 0 to 1, shape (P,).

    What is missing is thrown back and forth in hollows (albedo about 0.45), which brightens them.
    ``shadows`` holds the head to which the points belong.
    """
    reached = np.zeros(len(points), np.float32)
    most = np.full(len(points), 1e-6, np.float32)
    lifted = np.ascontiguousarray((points + normals * _OFFSET).T)
    for direction in sky_directions():
        view = sky_view(direction, centre)
        share = np.maximum(normals @ direction.astype(np.float32), np.float32(0.0))
        reached += share * _seen(view, shadows.depths(view), lifted)
        most += share
    open_to: Floats = reached / most
    return open_to / (1.0 - np.float32(_ALBEDO) * (1.0 - open_to))


def _seen(view: LampView, depths: Floats, points: Floats) -> NDArray[np.bool_]:
    """Which points (3, P) a parallel view reaches; those outside of it are reached."""
    matrix = view.to_picture().astype(np.float32)
    x, y, away = matrix[:3, :3] @ points + matrix[:3, 3:]
    column = (x * SHADOW_SIDE).astype(np.int32)
    row = (y * SHADOW_SIDE).astype(np.int32)
    last = SHADOW_SIDE - 1
    inside = (x >= 0.0) & (y >= 0.0) & (column <= last) & (row <= last)
    cell = np.clip(row, 0, last) * SHADOW_SIDE + np.clip(column, 0, last)
    nearest = np.ascontiguousarray(depths).ravel()[cell]
    return np.asarray(~inside | (nearest >= away - np.float32(0.5 * view.texel)))
