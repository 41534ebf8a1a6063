"""Rooms cut for drawing: flat triangles, all so small that light at their corners says enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.scene.room import Room, RoomPart

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

LARGEST: Final = 0.6
"""Metres along the edges of the triangles of a room."""
_ROUNDS: Final = 6


@dataclass(frozen=True, eq=False)
class RoomSurface:
    """One part of a room; each triangle has points of its own.

    Attributes
    ----------
    points, normals : ndarray, shape (3 T, 3), float32
        Metres; unit vectors.
    uvs : ndarray, shape (3 T, 2), float32
    triangles : ndarray, shape (T, 3), int32
    """

    part: RoomPart
    points: Floats
    normals: Floats
    uvs: Floats
    triangles: Ints


def room_surfaces(room: Room) -> list[RoomSurface]:
    """What is to be drawn of a room."""
    return [_surface(part) for part in room.parts if len(part.triangles)]


def _surface(part: RoomPart) -> RoomSurface:
    corners = np.concatenate([part.vertices[part.triangles], part.uvs], axis=2).astype(np.float32)
    corners = _divided(corners)
    points, uvs = corners[..., :3], corners[..., 3:]
    faces = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    faces /= np.maximum(np.linalg.norm(faces, axis=1, keepdims=True), 1e-12)
    return RoomSurface(
        part,
        points.reshape(-1, 3),
        np.repeat(faces, 3, axis=0).astype(np.float32),
        uvs.reshape(-1, 2),
        np.arange(3 * len(points), dtype=np.int32).reshape(-1, 3),
    )


def _divided(corners: Floats) -> Floats:
    """Triangles (T, 3, K), place first, halved at their longest edges until all are short."""
    for _ in range(_ROUNDS * 2):
        edges = np.linalg.norm(np.roll(corners[..., :3], -1, axis=1) - corners[..., :3], axis=2)
        long = edges.max(axis=1) > LARGEST
        if not long.any():
            break
        cut, longest = corners[long], edges[long].argmax(axis=1)
        rows = np.arange(len(cut))
        a, b, c = (cut[rows, (longest + i) % 3] for i in range(3))
        middle = (a + b) / np.float32(2.0)
        halves = [np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)]
        corners = np.concatenate([corners[~long], *halves])
    return np.asarray(corners)
