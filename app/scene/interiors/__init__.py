"""Interiors about the head, furnished by a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from app.scene.backdrop import RoomName
from app.scene.interiors.classroom import classroom
from app.scene.interiors.shop import shop
from app.scene.room import Room

__all__ = ["build_room"]

_BUILDERS: Final[dict[RoomName, Callable[[int], Room]]] = {"classroom": classroom, "shop": shop}


def build_room(name: RoomName, seed: int) -> Room:
    """An interior with its lamps, the same for the same seed.

    The head is at the origin, 1.2 to 1.6 m above the floor. Nothing stands within 1.35 m of it, nor
    in front of it where a camera may be.
    """
    room = _BUILDERS[name](seed)
    return replace(room, parts=tuple(part for part in room.parts if len(part.triangles)))
