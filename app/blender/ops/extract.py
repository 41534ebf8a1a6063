"""Meshes of the open Blender file as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.blender.ops.importing import Skin
from app.head.asset import Floats, Ints, Mesh, Shape

STILL = 1e-7
"""Metres; a shape moves the vertices that it displaces by more."""


def extract_mesh(skin: Skin, material_slots: list[int]) -> Mesh:
    """A normalised mesh object as arrays.

    Parameters
    ----------
    material_slots : list of int
        Index into the asset's materials of each slot of the object.
    """
    mesh = skin.obj.data
    mesh.calc_loop_triangles()
    count = len(mesh.loop_triangles)
    corners = _numbers(mesh.loop_triangles, "loops", count * 3, np.int32).reshape(-1, 3)
    faces = _numbers(mesh.loop_triangles, "polygon_index", count, np.int32)
    slots = _numbers(mesh.polygons, "material_index", len(mesh.polygons), np.int32)
    of_slot = np.array(material_slots or [0], np.int32)
    vertices = _numbers(mesh.vertices, "co", len(mesh.vertices) * 3, np.float32).reshape(-1, 3)
    return Mesh(
        skin.obj.name,
        vertices,
        _numbers(mesh.loop_triangles, "vertices", count * 3, np.int32).reshape(-1, 3),
        _uvs(mesh)[corners],
        _corner_normals(mesh)[corners],
        of_slot[np.clip(slots[faces], 0, len(of_slot) - 1)],
        *_tight(skin),
        _shapes(mesh),
    )


def _numbers(collection: Any, name: str, length: int, kind: Any) -> Any:
    flat = np.empty(length, kind)
    collection.foreach_get(name, flat)
    return flat


def _uvs(mesh: Any) -> Floats:
    layer = next((u for u in mesh.uv_layers if u.active_render), None) or mesh.uv_layers.active
    if layer is None:
        return np.zeros((len(mesh.loops), 2), np.float32)
    flat: Floats = _numbers(layer.uv, "vector", len(mesh.loops) * 2, np.float32)
    return flat.reshape(-1, 2)


def _corner_normals(mesh: Any) -> Floats:
    flat: Floats = _numbers(mesh.corner_normals, "vector", len(mesh.loops) * 3, np.float32)
    return flat.reshape(-1, 3)


def _tight(skin: Skin) -> tuple[Ints, Floats]:
    """Bones and weights, the heaviest first, without columns that are empty for all vertices."""
    order = np.argsort(-skin.weights, axis=1, kind="stable")
    bones = np.take_along_axis(skin.bones, order, axis=1)
    weights = np.take_along_axis(skin.weights, order, axis=1)
    width = max(1, int((weights > 0).any(axis=0).sum()))
    return bones[:, :width].astype(np.int32), weights[:, :width].astype(np.float32)


def _shapes(mesh: Any) -> tuple[Shape, ...]:
    keys = mesh.shape_keys
    if keys is None or not len(keys.key_blocks):
        return ()
    size = len(mesh.vertices) * 3
    found = []
    places = {k.name: _numbers(k.data, "co", size, np.float32) for k in keys.key_blocks}
    for key in keys.key_blocks[1:]:
        deltas = (places[key.name] - places[key.relative_key.name]).reshape(-1, 3)
        moved = np.flatnonzero(np.abs(deltas).max(axis=1) > STILL)
        found.append(Shape(key.name, moved.astype(np.int32), deltas[moved]))
    return tuple(found)
