"""An FBX file brought into an empty Blender file and to rest: armatures and what hangs on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.blender.errors import OpError
from app.blender.ops.posing import as_matrix
from app.geometry.rotations import Array
from app.head.asset import BoneRoles
from app.head.bones import Bones, Counts, NoHeadError, find_roles
from app.head.correction import Correction
from app.head.fbx import is_cut_off

NO_WEIGHT = 1e-4
"""Blender's armature modifier leaves a vertex alone whose weights sum to no more than this."""


@dataclass(eq=False)
class Skin:
    """A mesh object and the bones that it hangs on, as the file has it.

    ``vertices`` (V, 3) are Blender's world at rest; ``bones`` (V, K) index the rig's bones;
    ``weights`` (V, K) sum to one, or to zero for a vertex without any.
    """

    obj: Any
    vertices: Array
    bones: np.ndarray[Any, np.dtype[np.int32]]
    weights: Array
    rigid: int | None = None

    @property
    def strongest(self) -> Counts:
        """Bone on which each vertex hangs most, shape (V,); −1 for none."""
        rows = np.arange(len(self.vertices))
        best: Counts = self.bones[rows, np.argmax(self.weights, axis=1)]
        return np.asarray(np.where(self.weights.sum(axis=1) > 0, best, -1))


@dataclass(eq=False)
class Rig:
    """One armature of the file with its meshes and the bones that turn its head."""

    armature: Any
    bones: Bones
    skins: list[Skin]
    roles: BoneRoles


def import_fbx(bpy: Any, path: Path) -> None:
    """Read the file into an empty scene, without its animations.

    Raises
    ------
    OpError
        truncated, corrupt, version or not_fbx.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    try:
        bpy.ops.wm.fbx_import(filepath=str(path), use_anim=False, import_subdivision=False)
    except RuntimeError as problem:
        said = str(problem)
        name = path.name
        if "version" in said.lower():
            raise OpError(
                "version", f"{name} has an FBX version that is not known: export it as 7.4.", said
            ) from None
        if "Not an FBX" in said:
            text = f"{name} is not an FBX file: export the head as FBX."
            raise OpError("not_fbx", text, said) from None
        if is_cut_off(path):
            text = f"{name} is cut off: copy or export it again."
            raise OpError("truncated", text, said) from None
        raise OpError("corrupt", f"{name} is damaged: copy or export it again.", said) from None


def settle(bpy: Any) -> list[str]:
    """Put everything to rest and take away what would move it; tell what was dropped."""
    bpy.context.view_layer.update()
    dropped = []
    for kind, plural in (("LIGHT", "lights"), ("CAMERA", "cameras")):
        count = sum(o.type == kind for o in bpy.data.objects)
        if count:
            dropped.append(f"{count} {plural if count > 1 else plural[:-1]} of the file not used.")
    for obj in bpy.data.objects:
        obj.animation_data_clear()
        obj.hide_viewport = False
        obj.constraints.clear()
        if obj.type == "ARMATURE":
            obj.data.pose_position = "POSE"
            for bone in obj.pose.bones:
                for constraint in list(bone.constraints):
                    bone.constraints.remove(constraint)
                bone.matrix_basis = as_matrix(bone, np.eye(4))
        if obj.type == "MESH":
            _settle_shapes(obj.data)
    bpy.context.view_layer.update()
    return dropped


def _settle_shapes(mesh: Any) -> None:
    keys = mesh.shape_keys
    if keys is None:
        return
    keys.animation_data_clear()
    keys.use_relative = True
    for key in keys.key_blocks:
        key.slider_min, key.slider_max = -10.0, 10.0
        key.value, key.mute, key.vertex_group = 0.0, False, ""


def find_rig(bpy: Any, name: str, correction: Correction, warn: Callable[[str], None]) -> Rig:
    """The armature that skins the most vertices of a head; ``warn`` hears what was left aside.

    Raises
    ------
    OpError
        no_armature, no_mesh, no_head or corrupt.
    """
    armatures = [o for o in bpy.data.objects if o.type == "ARMATURE" and len(o.data.bones)]
    if not armatures:
        raise OpError(
            "no_armature", f"{name} holds no skeleton: export the head with its armature."
        )
    rigs, problems, skinned = [], [], 0
    for armature in armatures:
        names, parents, joints = _skeleton(armature)
        skins = _skins(bpy, armature, names)
        if not skins:
            continue
        skinned += 1
        bones = _bones(names, parents, joints, skins)
        try:
            rigs.append(Rig(armature, bones, skins, find_roles(bones, correction)))
        except NoHeadError as problem:
            problems.append(str(problem))
    if not skinned:
        raise OpError(
            "no_mesh", f"{name} holds a skeleton but no mesh on it: export the mesh with it."
        )
    if not rigs:
        raise OpError("no_head", f"{name} has no head that can turn: {problems[0]}.")
    rig = max(rigs, key=lambda r: r.bones.carries(r.bones.names.index(r.roles.head)))
    for note in _left_aside(bpy, rig):
        warn(note)
    return rig


def _skeleton(armature: Any) -> tuple[tuple[str, ...], tuple[int, ...], Array]:
    """Names, parents and world joints (B, 3), parents before their children."""
    ordered: list[Any] = []
    waiting = [b for b in armature.data.bones if b.parent is None]
    while waiting:
        bone = waiting.pop(0)
        ordered.append(bone)
        waiting[:0] = list(bone.children)
    names = tuple(b.name for b in ordered)
    index = {n: i for i, n in enumerate(names)}
    parents = tuple(-1 if b.parent is None else index[b.parent.name] for b in ordered)
    world = np.array(armature.matrix_world)
    heads = np.array([b.head_local for b in ordered]).reshape(-1, 3)
    return names, parents, heads @ world[:3, :3].T + world[:3, 3]


def _bones(
    names: tuple[str, ...], parents: tuple[int, ...], joints: Array, skins: list[Skin]
) -> Bones:
    strongest = np.concatenate([s.strongest for s in skins])
    heights = np.concatenate([s.vertices[:, 2] for s in skins])
    used = strongest >= 0
    strongest, heights = strongest[used], heights[used]
    hanging = np.bincount(strongest, minlength=len(names))
    high = heights >= np.quantile(heights, 0.95) if len(heights) else heights.astype(bool)
    top = np.bincount(strongest[high], minlength=len(names))
    return Bones(names, parents, joints, hanging, top)


def _skins(bpy: Any, armature: Any, names: tuple[str, ...]) -> list[Skin]:
    found = []
    for obj in bpy.data.objects:
        if obj.type != "MESH" or not len(obj.data.vertices) or obj.hide_render:
            continue
        rigid = _carrying_bone(obj, armature)
        skinned = any(m.type == "ARMATURE" and m.object is armature for m in obj.modifiers)
        if skinned:
            skin = _weighted(obj, names)
            if skin.weights.any():
                found.append(skin)
        elif rigid is not None:
            found.append(_rigid(obj, names.index(rigid)))
    return found


def _carrying_bone(obj: Any, armature: Any) -> str | None:
    """The bone that an object, or one that it hangs on, is parented to."""
    while obj is not None:
        if obj.parent is armature and obj.parent_type == "BONE":
            return str(obj.parent_bone)
        obj = obj.parent
    return None


def world_vertices(obj: Any) -> Array:
    """World vertices of a mesh object at rest, shape (V, 3)."""
    local = np.empty(len(obj.data.vertices) * 3, np.float32)
    obj.data.vertices.foreach_get("co", local)
    world = np.array(obj.matrix_world)
    points: Array = local.reshape(-1, 3).astype(np.float64) @ world[:3, :3].T + world[:3, 3]
    if not np.isfinite(points).all():
        text = f"The mesh {obj.name!r} has vertices that are no numbers: export the file again."
        raise OpError("corrupt", text)
    return points


def _weighted(obj: Any, names: tuple[str, ...]) -> Skin:
    """Weights as Blender's armature modifier uses them: all bones' groups, normalised."""
    index = {n: i for i, n in enumerate(names)}
    bone_of = [index.get(g.name, -1) for g in obj.vertex_groups]
    rows: list[int] = []
    bones: list[int] = []
    weights: list[float] = []
    slots: list[int] = []
    for i, vertex in enumerate(obj.data.vertices):
        slot = 0
        for group in vertex.groups:
            bone = bone_of[group.group] if group.group < len(bone_of) else -1
            if bone >= 0 and group.weight > 0.0:
                rows.append(i)
                slots.append(slot)
                bones.append(bone)
                weights.append(group.weight)
                slot += 1
    width = max(slots, default=0) + 1
    shape = (len(obj.data.vertices), width)
    table, amount = np.zeros(shape, np.int32), np.zeros(shape)
    table[rows, slots], amount[rows, slots] = bones, weights
    total = amount.sum(axis=1, keepdims=True)
    amount = np.where(total > NO_WEIGHT, amount / np.maximum(total, NO_WEIGHT), 0.0)
    return Skin(obj, world_vertices(obj), table, amount)


def _rigid(obj: Any, bone: int) -> Skin:
    count = len(obj.data.vertices)
    table = np.full((count, 1), bone, np.int32)
    return Skin(obj, world_vertices(obj), table, np.ones((count, 1)), rigid=bone)


def _left_aside(bpy: Any, rig: Rig) -> list[str]:
    """One sentence for each kind of mesh that does not follow the rig's bones."""
    used = {s.obj.name for s in rig.skins}
    groups: dict[str, list[str]] = defaultdict(list)
    for obj in bpy.data.objects:
        if obj.type != "MESH" or obj.name in used:
            continue
        if not len(obj.data.vertices):
            groups["empty"].append(obj.name)
        elif obj.hide_render:
            groups["hidden in the file"].append(obj.name)
        else:
            groups["not on the skeleton of the head"].append(obj.name)
    notes = []
    for why, names in groups.items():
        some = ", ".join(repr(n) for n in names[:3]) + (", …" if len(names) > 3 else "")
        notes.append(f"{len(names)} mesh{'es' * (len(names) > 1)} left out, {why}: {some}.")
    return notes


def normalise(bpy: Any, rig: Rig, world: Array, rehang: tuple[str, ...]) -> None:
    """Bring the rig into the project's world and take away everything else.

    Armature and meshes end without a transform of their own, the meshes as children of the
    armature with one armature modifier each.

    Parameters
    ----------
    world : ndarray, shape (4, 4)
        Blender's world after the import to the project's world, one scale for all axes.
    rehang : tuple of str
        Bones that are hung on the bone below the chain.
    """
    armature = rig.armature
    placed = [(s, world @ np.array(s.obj.matrix_world)) for s in rig.skins]
    of_armature = world @ np.array(armature.matrix_world)
    for skin, _ in placed:
        skin.obj.parent = None
    keep = {armature.name, *(s.obj.name for s in rig.skins)}
    for obj in list(bpy.data.objects):
        if obj.name not in keep:
            bpy.data.objects.remove(obj)
    armature.parent = None
    armature.data = armature.data.copy() if armature.data.users > 1 else armature.data
    armature.data.transform(as_matrix(armature, of_armature))
    armature.matrix_basis = as_matrix(armature, np.eye(4))
    armature.name = "Armature"
    _tidy_bones(bpy, rig, rehang)
    still = _still_bone(rig)
    for order, (skin, matrix) in enumerate(placed):
        _place_mesh(skin, matrix, armature)
        _write_weights(skin, rig.bones.names, still)
        skin.obj["head_mesh"] = order
    bpy.context.view_layer.update()
    for skin in rig.skins:
        skin.vertices = world_vertices(skin.obj)


def _tidy_bones(bpy: Any, rig: Rig, rehang: tuple[str, ...]) -> None:
    armature = rig.armature
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    bones = armature.data.edit_bones
    for bone in bones:
        bone.use_connect = False
    for name in rehang:
        bones[name].parent = bones[rig.roles.chain[0]].parent
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in armature.data.bones:
        bone.use_deform = True
        bone.inherit_scale = "FULL"
        bone.use_inherit_rotation = True
        bone.use_local_location = True
        bone.use_relative_parent = False
    names, parents, joints = _skeleton(armature)
    order = {n: i for i, n in enumerate(names)}
    renumber = np.array([order[n] for n in rig.bones.names], np.int32)
    for skin in rig.skins:
        skin.bones = renumber[skin.bones]
        skin.rigid = None if skin.rigid is None else int(renumber[skin.rigid])
    back = np.argsort(renumber)
    rig.bones = Bones(names, parents, joints, rig.bones.hanging[back], rig.bones.top[back])


def _still_bone(rig: Rig) -> int:
    """A bone that no pose moves; the first where all hang on the chain."""
    moved = set(rig.bones.subtree(rig.bones.names.index(rig.roles.chain[0])))
    return next((i for i in range(len(rig.bones.names)) if i not in moved), 0)


def _place_mesh(skin: Skin, matrix: Array, armature: Any) -> None:
    obj = skin.obj
    if obj.data.users > 1:
        obj.data = obj.data.copy()
    obj.data.transform(as_matrix(obj, matrix), shape_keys=True)
    if np.linalg.det(matrix[:3, :3]) < 0:
        obj.data.flip_normals()
    obj.parent = armature
    obj.parent_type = "OBJECT"
    obj.matrix_parent_inverse = as_matrix(obj, np.eye(4))
    obj.matrix_basis = as_matrix(obj, np.eye(4))
    for modifier in list(obj.modifiers):
        obj.modifiers.remove(modifier)
    modifier = obj.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
    modifier.use_vertex_groups, modifier.use_bone_envelopes = True, False
    obj.data.update()


def _write_weights(skin: Skin, names: tuple[str, ...], still: int) -> None:
    """Hang what has no weight on a bone that stays, and rigid meshes wholly on theirs."""
    loose = np.flatnonzero(skin.weights.sum(axis=1) <= 0.0)
    bone = still
    if skin.rigid is not None:
        skin.obj.vertex_groups.clear()
        loose, bone = np.arange(len(skin.vertices)), skin.rigid
    if len(loose):
        group = skin.obj.vertex_groups.get(names[bone])
        group = group or skin.obj.vertex_groups.new(name=names[bone])
        group.add(loose.tolist(), 1.0, "REPLACE")
        skin.bones[loose, 0] = bone
        skin.weights[loose] = 0.0
        skin.weights[loose, 0] = 1.0
