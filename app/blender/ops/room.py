"""A room of a data set, built in Blender from arrays and kept while pictures need it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from app.blender.errors import OpError
from app.blender.ops.ground_truth import ROOM
from app.blender.ops.pictures import write_rgb_png
from app.blender.room_file import RoomFileError, read_room
from app.files import aside
from app.scene.room import Room, RoomPart

COLLECTION: Final = "Room"
_KEY: Final = "headroom_room"


def take_room(bpy: Any, path: Path | None) -> None:
    """Bring the room of a file, or none, in place of the one that stood there.

    A room is known by the name of its file; its textures are written beside it.

    Raises
    ------
    OpError
        When the file holds no room.
    """
    key = "" if path is None else str(path)
    if bpy.context.scene.get(_KEY, "") == key:
        return
    _remove(bpy)
    if path is not None:
        try:
            room = read_room(path)
        except RoomFileError as problem:
            raise OpError("corrupt", str(problem)) from problem
        _build(bpy, room, path)
    bpy.context.scene[_KEY] = key


def _remove(bpy: Any) -> None:
    data = bpy.data
    collection = data.collections.get(COLLECTION)
    for obj in list(collection.objects) if collection else ():
        mesh, materials = obj.data, [m for m in obj.data.materials if m]
        data.objects.remove(obj, do_unlink=True)
        data.meshes.remove(mesh)
        for material in materials:
            images = [n.image for n in material.node_tree.nodes if n.type == "TEX_IMAGE"]
            data.materials.remove(material)
            for image in images:
                data.images.remove(image)


def _build(bpy: Any, room: Room, path: Path) -> None:
    collection = bpy.data.collections.get(COLLECTION)
    if collection is None:
        collection = bpy.data.collections.new(COLLECTION)
        bpy.context.scene.collection.children.link(collection)
    for part in room.parts:
        obj = bpy.data.objects.new(part.name, _mesh(bpy, part))
        obj.data.materials.append(_material(bpy, part, path))
        obj.visible_shadow = part.casts_shadow
        collection.objects.link(obj)


def _mesh(bpy: Any, part: RoomPart) -> Any:
    mesh = bpy.data.meshes.new(part.name)
    count = len(part.triangles)
    mesh.vertices.add(len(part.vertices))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(part.vertices, np.float32).ravel())
    mesh.loops.add(3 * count)
    mesh.loops.foreach_set("vertex_index", np.ascontiguousarray(part.triangles, np.int32).ravel())
    mesh.polygons.add(count)
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * count, 3, dtype=np.int32))
    layer = mesh.uv_layers.new(name="UV")
    layer.uv.foreach_set("vector", np.ascontiguousarray(part.uvs, np.float32).ravel())
    mesh.update(calc_edges=True)
    mesh.shade_flat()
    return mesh


def _material(bpy: Any, part: RoomPart, path: Path) -> Any:
    """What it shows by itself is seen by the camera and in mirrors, and lights nothing."""
    material = bpy.data.materials.new(part.name)
    material.use_nodes = True
    material.pass_index = ROOM
    material.cycles.emission_sampling = "NONE"
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = next(n for n in nodes if n.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = part.roughness
    shader.inputs["Specular IOR Level"].default_value = 0.4
    color = nodes.new("ShaderNodeRGB").outputs[0]
    color.default_value = (*part.color, 1.0)
    if part.texture is not None:
        picture = nodes.new("ShaderNodeTexImage")
        picture.image = _image(bpy, part, path)
        product = nodes.new("ShaderNodeMix")
        product.data_type, product.blend_type = "RGBA", "MULTIPLY"
        product.inputs["Factor"].default_value = 1.0
        links.new(picture.outputs["Color"], product.inputs[6])
        links.new(color, product.inputs[7])
        color = product.outputs[2]
    if part.emission <= 0.0:
        links.new(color, shader.inputs["Base Color"])
        return material
    shader.inputs["Base Color"].default_value = (0.0, 0.0, 0.0, 1.0)
    links.new(color, shader.inputs["Emission Color"])
    ray, seen, strength = (nodes.new(f"ShaderNode{n}") for n in ("LightPath", "Math", "Math"))
    seen.operation, strength.operation = "MAXIMUM", "MULTIPLY"
    links.new(ray.outputs["Is Camera Ray"], seen.inputs[0])
    links.new(ray.outputs["Is Glossy Ray"], seen.inputs[1])
    links.new(seen.outputs[0], strength.inputs[0])
    strength.inputs[1].default_value = part.emission
    links.new(strength.outputs[0], shader.inputs["Emission Strength"])
    return material


def _image(bpy: Any, part: RoomPart, path: Path) -> Any:
    """The texture by way of a file of its own beside the room's.

    Cycles tells pictures that are made in memory apart by their address, which a later one may
    have again; files it knows by their names.
    """
    assert part.texture is not None
    file = path.with_name(f"{path.stem}-{part.name.replace(' ', '_')}.png")
    if not file.exists():
        with aside(file) as temporary:
            write_rgb_png(temporary, part.texture)
    return bpy.data.images.load(str(file))
