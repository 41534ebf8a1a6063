"""Materials of a person's parts: what each is made of, and its textures where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from app.bake.looks import Look
from app.bake.parts import Part
from app.head.asset import Material
from app.head.roles import guess_role

ROUGHNESS: Final[Mapping[str, float]] = {
    "sclera": 0.25,
    "iris": 0.9,
    "teeth": 0.25,
    "tongue": 0.35,
    "hair": 0.9,
    "brows": 0.95,
    "lashes": 0.95,
    "cloth": 0.85,
    "skin": 0.5,
}


def materials_of(
    parts: Iterable[Part], folder: Path, plain: Mapping[str, Look]
) -> tuple[tuple[Material, ...], dict[str, int]]:
    """Materials in the order in which the parts name them, and the index of each name.

    A texture ``<name>_color``, ``_normal`` or ``_roughness`` in the folder belongs to the material
    of that name; what has no picture looks as ``plain`` says.
    """
    textures = {path.stem: path.name for path in sorted(folder.iterdir())}
    materials: list[Material] = []
    index: dict[str, int] = {}
    for part in parts:
        for name in part.materials:
            if name not in index:
                index[name] = len(materials)
                materials.append(_material(name, part.name, textures, plain))
    return tuple(materials), index


def _material(
    name: str, mesh: str, textures: Mapping[str, str], plain: Mapping[str, Look]
) -> Material:
    look = plain.get(name, Look(roughness=ROUGHNESS.get(name, 0.5)))
    return Material(
        name,
        guess_role(name, mesh),
        look.color,
        look.alpha,
        look.metallic,
        look.roughness,
        color_texture=textures.get(f"{name}_color"),
        normal_texture=textures.get(f"{name}_normal"),
        roughness_texture=textures.get(f"{name}_roughness"),
    )
