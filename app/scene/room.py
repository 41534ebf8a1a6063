"""A room as plain arrays, the same for both renderers. World frame, metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.scene.scene import Light


@dataclass(frozen=True, eq=False)
class RoomPart:
    """Triangles of one surface, shaded flat.

    Attributes
    ----------
    vertices : ndarray, shape (V, 3), float32, metres
    triangles : ndarray, shape (T, 3), int32
    uvs : ndarray, shape (T, 3, 2), float32
        For each corner; (0, 0) is the lower left of ``texture``, which repeats.
    color : tuple of float
        Linear RGB; multiplies the texture where there is one.
    roughness : float
    texture : ndarray, shape (H, W, 3), uint8, or None
        sRGB.
    emission : float
        Brightness of the surface by itself, in units of its colour. The light that it seems to
        shed comes from the room's lamps.
    casts_shadow : bool
        False for walls, floor and ceiling, so that the scene's own lamps and surroundings reach
        the head as they do without a room.
    """

    name: str
    vertices: NDArray[np.float32]
    triangles: NDArray[np.int32]
    uvs: NDArray[np.float32]
    color: tuple[float, float, float] = (0.8, 0.8, 0.8)
    roughness: float = 0.7
    texture: NDArray[np.uint8] | None = None
    emission: float = 0.0
    casts_shadow: bool = True


@dataclass(frozen=True, eq=False)
class Room:
    """An interior about the head, with the lamps that belong to it."""

    name: str
    parts: tuple[RoomPart, ...]
    lights: tuple[Light, ...] = ()
