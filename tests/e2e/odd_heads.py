"""Writes FBX files with what makes rigs hard to read; run with bpy in a process of its own."""

from __future__ import annotations

import importlib
import math
import random
import shutil
import sys
from pathlib import Path

bpy = importlib.import_module("bpy")
Matrix = importlib.import_module("mathutils").Matrix

BONES = [
    ("Hips", None, (0, 0, 1.0), (0, 0, 1.2)),
    ("Chest", "Hips", (0, 0, 1.2), (0, 0, 1.45)),
    ("Neck", "Chest", (0, 0.01, 1.45), (0, 0, 1.55)),
    ("Head", "Neck", (0, 0, 1.55), (0, 0, 1.75)),
    ("LeftEye", "Head", (0.032, -0.075, 1.66), (0.032, -0.1, 1.66)),
    ("RightEye", "Head", (-0.032, -0.075, 1.66), (-0.032, -0.1, 1.66)),
    ("LeftArm", "Chest", (0.18, 0, 1.42), (0.45, 0, 1.42)),
    ("LeftHand", "LeftArm", (0.45, 0, 1.42), (0.6, 0, 1.42)),
    ("RightArm", "Chest", (-0.18, 0, 1.42), (-0.45, 0, 1.42)),
    ("RightHand", "RightArm", (-0.45, 0, 1.42), (-0.6, 0, 1.42)),
]


def ball(name, centre, radii, rings=16, material=None):
    bpy.ops.mesh.primitive_uv_sphere_add(segments=24, ring_count=rings, location=(0, 0, 0))
    obj = bpy.context.object
    obj.name = name
    obj.data.transform(Matrix.Translation(centre) @ Matrix.Diagonal((*radii, 1)))
    obj.data.materials.append(bpy.data.materials.new(material or name))
    return obj


def picture(folder, name, size, color, file_format="PNG"):
    image = bpy.data.images.new(name, *size, alpha=True)
    image.pixels = [c for _ in range(size[0] * size[1]) for c in color]
    image.file_format = file_format
    image.filepath_raw = f"{folder}/{name}"
    image.save()
    bpy.data.images.remove(image)
    return bpy.data.images.load(f"{folder}/{name}")


def dress(material, folder):
    """Colour, opacity and normals from pictures of their own, one larger than is kept."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = next(n for n in nodes if n.type == "BSDF_PRINCIPLED")
    bump = nodes.new("ShaderNodeNormalMap")
    links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    for socket, name, size, color in (
        (shader.inputs["Base Color"], "skin color.png", (64, 32), (0.8, 0.4, 0.2, 1)),
        (shader.inputs["Alpha"], "opacity.png", (16, 16), (0.25, 0.25, 0.25, 1)),
        (bump.inputs["Color"], "bumps.png", (2304, 64), (0.5, 0.5, 1, 1)),
    ):
        node = nodes.new("ShaderNodeTexImage")
        node.image = picture(folder, name, size, color)
        links.new(node.outputs["Color"], socket)


def write(
    path,
    turn=0.0,
    scale=1.0,
    lying=False,
    rename=None,
    unnamed=False,
    viewer_sides=False,
    pictures=None,
    **export,
):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    draw = random.Random(3)
    data = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", data)
    bpy.context.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    names = {}
    for i, (name, parent, head, tail) in enumerate(BONES):
        final = f"Bone.{i:03d}" if unnamed else (rename or {}).get(name, name)
        if viewer_sides:
            final = final.replace("Left", "X").replace("Right", "Left").replace("X", "Right")
        bone = data.edit_bones.new(final)
        names[name] = final
        bone.head, bone.tail = head, tail
        bone.roll = draw.uniform(-3, 3)
        if parent:
            bone.parent = data.edit_bones[names[parent]]
    bpy.ops.object.mode_set(mode="OBJECT")

    face = ball("Face", (0, -0.01, 1.64), (0.08, 0.105, 0.125), 24, "Skin")
    for name in ("Head", "Neck"):
        face.vertex_groups.new(name=names[name])
    for v in face.data.vertices:
        face.vertex_groups[0].add([v.index], 1.0, "REPLACE")
        if v.co.z < 1.56:
            face.vertex_groups[1].add([v.index], 0.7, "REPLACE")
    face.shape_key_add(name="Basis")
    for name, axis in (("jawOpen", 2), ("smile", 0), ("pout", 1)):
        key = face.shape_key_add(name=name)
        for v in face.data.vertices:
            if v.co.z < 1.6:
                key.data[v.index].co[axis] += 0.02
    face.data.shape_keys.key_blocks["smile"].value = 0.4

    body = ball("Body", (0, 0, 1.3), (0.2, 0.12, 0.3), 20, "Cloth")
    groups = [
        body.vertex_groups.new(name=names[b])
        for b in ("Hips", "Chest", "Neck", "Head", "LeftArm", "RightArm")
    ]
    loose = body.vertex_groups.new(name="no such bone")
    for v in body.data.vertices:
        if v.index % 17 == 0:
            loose.add([v.index], 1.0, "REPLACE")
            continue
        for group in groups:
            if group.name == names["Head"] and v.co.z < 1.5:
                continue
            group.add([v.index], draw.uniform(0.0, 0.6), "REPLACE")
    for obj in (face, body):
        obj.parent = rig
        obj.modifiers.new("Armature", "ARMATURE").object = rig

    for side, x in (("Left", 0.032), ("Right", -0.032)):
        eye = ball(f"{side} ball", (0, 0, 0), (0.012, 0.012, 0.012), 12, "Eyeball")
        eye.parent, eye.parent_type, eye.parent_bone = rig, "BONE", names[f"{side}Eye"]
        bpy.context.view_layer.update()
        eye.matrix_world = Matrix.Translation((x, -0.075, 1.66))
    holder = bpy.data.objects.new("Holder", None)
    bpy.context.collection.objects.link(holder)
    holder.parent, holder.parent_type, holder.parent_bone = rig, "BONE", names["Head"]
    bpy.context.view_layer.update()
    holder.matrix_world = Matrix.Translation((0.01, 0.02, 1.76)) @ Matrix.Rotation(0.3, 4, "X")
    hat = ball("Mirrored hat", (0, 0, 0), (0.09, 0.1, 0.02), 8, "Hat")
    hat.parent = holder
    bpy.context.view_layer.update()
    hat.matrix_world = Matrix.Translation((0.01, 0.02, 1.76)) @ Matrix.Diagonal(
        (-1.0, 1.3, 0.8, 1.0)
    )
    ball("Rock", (3, 3, 0), (1, 1, 1), 6)
    bpy.context.view_layer.update()

    rig.matrix_world = (
        Matrix.Rotation(math.radians(turn), 4, "Z")
        @ (Matrix.Rotation(math.radians(90), 4, "X") if lying else Matrix())
        @ Matrix.Scale(scale, 4)
    )
    bpy.context.view_layer.update()
    if pictures:
        dress(face.data.materials[0], pictures)
    bpy.ops.export_scene.fbx(filepath=path, bake_anim=False, mesh_smooth_type="FACE", **export)


folder = sys.argv[-1]
write(f"{folder}/plain.fbx")
write(f"{folder}/turned.fbx", turn=90)
write(f"{folder}/turned back.fbx", turn=180, axis_forward="X", axis_up="Z")
write(f"{folder}/askew.fbx", turn=-37)
write(f"{folder}/centimetres.fbx", scale=100)
write(f"{folder}/tiny.fbx", scale=0.013)
write(f"{folder}/lying.fbx", lying=True)
write(f"{folder}/unnamed.fbx", unnamed=True)
write(
    f"{folder}/accents.fbx",
    rename={"Head": "tête é", "Neck": "le cou", "LeftEye": "œil gauche", "RightEye": "œil droit"},
)
write(f"{folder}/viewer's sides.fbx", viewer_sides=True)
write(f"{folder}/no leaf bones.fbx", add_leaf_bones=False)

place = Path(folder)
elsewhere = place / "elsewhere" / "deep"
for sub in (elsewhere, place / "Textures", place / "beside", place / "far" / "off"):
    sub.mkdir(parents=True)
write(f"{folder}/embedded.fbx", pictures=elsewhere, path_mode="COPY", embed_textures=True)
write(f"{folder}/far/off/missing.fbx", pictures=elsewhere, path_mode="ABSOLUTE")
for file in elsewhere.iterdir():
    shutil.copyfile(file, place / "Textures" / file.name.upper())
write(f"{folder}/beside/beside.fbx", pictures=elsewhere, path_mode="STRIP")
