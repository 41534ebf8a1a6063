"""A room as a file, on its way to the worker."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import msgspec
import numpy as np

from app.files import aside
from app.scene.room import Room, RoomPart
from app.scene.scene import Light


class RoomFileError(ValueError):
    """A file that holds no room."""


def write_room(path: Path, room: Room) -> None:
    """Write a room, lamps and all, as NumPy's ``.npz``.

    Raises
    ------
    OSError
    """
    arrays: dict[str, np.ndarray] = {}  # type: ignore[type-arg]
    parts = []
    for number, part in enumerate(room.parts):
        arrays[f"{number}.vertices"] = part.vertices
        arrays[f"{number}.triangles"] = part.triangles
        arrays[f"{number}.uvs"] = part.uvs
        if part.texture is not None:
            arrays[f"{number}.texture"] = part.texture
        parts.append([part.name, part.color, part.roughness, part.emission, part.casts_shadow])
    facts = {"name": room.name, "parts": parts, "lights": msgspec.to_builtins(room.lights)}
    with aside(path) as temporary, temporary.open("wb") as file:
        np.savez(file, facts=np.array(json.dumps(facts)), **arrays)


def read_room(path: Path) -> Room:
    """Read a room that `write_room` wrote.

    Raises
    ------
    RoomFileError
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            facts = json.loads(str(content["facts"]))
            parts = tuple(
                RoomPart(
                    name,
                    content[f"{i}.vertices"],
                    content[f"{i}.triangles"],
                    content[f"{i}.uvs"],
                    tuple(color),
                    roughness,
                    content.get(f"{i}.texture", None),
                    emission,
                    casts_shadow,
                )
                for i, (name, color, roughness, emission, casts_shadow) in enumerate(facts["parts"])
            )
            lights = msgspec.convert(facts["lights"], tuple[Light, ...])
            return Room(str(facts["name"]), parts, lights)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as problem:
        raise RoomFileError(f"The room in {path.name} cannot be read.") from problem
