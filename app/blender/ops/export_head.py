"""Build a baked person's objects and write them as FBX, the same bytes for the same person."""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from app.blender.ops.materials import plain_material

_EPOCH = datetime.datetime(2000, 1, 1)


def export_head(bpy: Any, spec: dict[str, Any]) -> dict[str, Any]:
    """Write an FBX file from arrays and textures.

    Parameters
    ----------
    bpy : module
        Blender's Python module.
    spec : dict
        ``arrays`` (path of the .npz), ``bones`` ([name, parent] pairs), ``parts`` (name, materials
        and actions of each mesh), ``textures`` (folder, beside or under the FBX), ``looks`` (by
        name of a material: color, alpha, roughness, metallic; may be absent) and ``output`` (path
        of the FBX).

    Returns
    -------
    dict
        ``output``, ``bytes`` and ``triangles``.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    output = Path(spec["output"])
    arrays = np.load(spec["arrays"])
    armature = _armature(bpy, spec["bones"], arrays["bone_heads"], arrays["bone_tails"])
    materials: dict[str, Any] = {}
    triangles = 0
    for part in spec["parts"]:
        for name in part["materials"]:
            if name not in materials:
                materials[name] = plain_material(
                    bpy, name, Path(spec["textures"]), spec.get("looks", {}).get(name)
                )
        mesh_object = _mesh_object(bpy, part, arrays, spec["bones"], materials)
        mesh_object.parent = armature
        modifier = mesh_object.modifiers.new("Armature", "ARMATURE")
        modifier.object = armature
        triangles += sum(len(polygon.vertices) - 2 for polygon in mesh_object.data.polygons)
    with _reproducible(output):
        bpy.ops.export_scene.fbx(
            filepath=str(output),
            object_types={"ARMATURE", "MESH"},
            apply_scale_options="FBX_SCALE_ALL",
            use_mesh_modifiers=False,
            mesh_smooth_type="OFF",
            add_leaf_bones=False,
            bake_anim=False,
            path_mode="RELATIVE",
            use_tspace=False,
        )
    return {"output": str(output), "bytes": output.stat().st_size, "triangles": triangles}


@contextlib.contextmanager
def _reproducible(output: Path) -> Iterator[None]:
    """Hide from the exporter the clock and where on this machine the files lie."""
    from io_scene_fbx import export_fbx_bin, fbx_utils  # type: ignore[import-not-found]

    clock = SimpleNamespace(datetime=SimpleNamespace(now=lambda: _EPOCH))

    def relative(image: Any, _scene: Any) -> tuple[str, str]:
        path = Path(os.path.relpath(image.filepath, output.parent)).as_posix()
        return path, path

    kept = export_fbx_bin.datetime, export_fbx_bin._gen_vid_path
    export_fbx_bin.datetime, export_fbx_bin._gen_vid_path = clock, relative
    fbx_utils._keys_to_uuids.clear()
    fbx_utils._uuids_to_keys.clear()
    try:
        yield
    finally:
        export_fbx_bin.datetime, export_fbx_bin._gen_vid_path = kept


def _armature(bpy: Any, bones: list[list[str | None]], heads: Any, tails: Any) -> Any:
    data = bpy.data.armatures.new("Armature")
    armature = bpy.data.objects.new("Armature", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for (name, parent), head, tail in zip(bones, heads, tails, strict=True):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = head.tolist(), tail.tolist()
        if parent is not None:
            bone.parent = data.edit_bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    return armature


def _mesh_object(
    bpy: Any,
    part: dict[str, Any],
    arrays: Any,
    bones: list[list[str | None]],
    materials: dict[str, Any],
) -> Any:
    name = part["name"]
    vertices, faces, uv, weights, material_of = (
        arrays[f"{name}/{key}"] for key in ("vertices", "faces", "uv", "weights", "material_of")
    )
    mesh = bpy.data.meshes.new(name)
    corners = faces >= 0
    mesh.from_pydata(vertices.tolist(), [], [f[f >= 0].tolist() for f in faces])
    mesh.polygons.foreach_set("use_smooth", np.ones(len(faces), dtype=bool))
    mesh.polygons.foreach_set("material_index", material_of.astype(np.int32))
    layer = mesh.uv_layers.new(name="UVMap")
    layer.data.foreach_set("uv", uv[corners].astype(np.float32).ravel())
    normals = arrays[f"{name}/normals"]
    if len(normals):
        mesh.normals_split_custom_set_from_vertices(normals.tolist())
    for material in part["materials"]:
        mesh.materials.append(materials[material])
    mesh_object = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(mesh_object)
    for index, (bone, _) in enumerate(bones):
        column = weights[:, index]
        if not column.any():
            continue
        group = mesh_object.vertex_groups.new(name=bone)
        for vertex in np.flatnonzero(column):
            group.add([int(vertex)], float(column[vertex]), "REPLACE")
    if part["actions"]:
        mesh_object.shape_key_add(name="Basis", from_mix=False)
        for action in part["actions"]:
            key = mesh_object.shape_key_add(name=action, from_mix=False)
            moved = vertices + arrays[f"{name}/action/{action}"]
            key.data.foreach_set("co", moved.astype(np.float32).ravel())
            key.value = 0.0
    return mesh_object
