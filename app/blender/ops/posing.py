"""The head in Blender: opening it and holding it as a pose asks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.blender.errors import OpError
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.head.skinning import chain_motions
from app.head.store import BLEND, DamagedAssetError, load

HEAD_CENTRE: Final = "Head centre"
"""Name of the empty that hangs on the head bone; its world matrix is the head-centre frame."""


@dataclass(frozen=True, eq=False)
class OpenHead:
    """A head that is open in Blender.

    Attributes
    ----------
    asset : HeadAsset
        Without its meshes.
    armature : bpy.types.Object
    meshes : tuple of bpy.types.Object
        In the order of the asset's meshes, named as they are.
    centre : bpy.types.Object
        The empty at the head centre.
    """

    asset: HeadAsset
    armature: Any
    meshes: tuple[Any, ...]
    centre: Any


def open_head(bpy: Any, folder: Path) -> OpenHead:
    """Open ``head.blend`` of an asset's folder; the one that is open already stays as it is.

    Raises
    ------
    OpError
        When the folder holds no whole head.
    """
    try:
        asset = load(folder, meshes=False)
    except DamagedAssetError as problem:
        raise OpError(
            "not_found", f"The head in {folder} is not there any more: open it again.", str(problem)
        ) from problem
    blend = (folder / BLEND).resolve()
    opened = bpy.data.filepath and Path(bpy.data.filepath).resolve() == blend
    if not opened or bpy.context.scene.get("head_key") != asset.key:
        bpy.ops.wm.open_mainfile(filepath=str(blend), load_ui=False, use_scripts=False)
    return find_head(bpy, asset)


def find_head(bpy: Any, asset: HeadAsset) -> OpenHead:
    """The objects of the head in the open file."""
    objects = bpy.data.objects
    armature = next(o for o in objects if o.type == "ARMATURE")
    meshes = tuple(o for o in objects if o.type == "MESH" and o.get("head_mesh") is not None)
    ordered = tuple(sorted(meshes, key=lambda o: int(o["head_mesh"])))
    return OpenHead(asset, armature, ordered, objects[HEAD_CENTRE])


def apply_pose(bpy: Any, head: OpenHead, pose: HeadPose) -> None:
    """Turn the chain and set all shapes as `HeadPose` says; everything else goes to rest."""
    turn_chain(bpy, head, chain_motions(head.asset, pose))
    for obj in head.meshes:
        keys = obj.data.shape_keys
        for key in keys.key_blocks[1:] if keys else []:
            key.value = pose.shapes.get(key.name, 0.0)
    bpy.context.view_layer.update()


def turn_chain(bpy: Any, head: OpenHead, motions: Array) -> None:
    """Give the bones of the chain their rigid motions from rest, shape (L, 4, 4), world.

    The armature lies in the world without a transform of its own. With pose = parent's pose ·
    parent's rest⁻¹ · rest · basis and pose = motion · rest, the basis of a bone is
    rest⁻¹ · (parent's motion)⁻¹ · motion · rest.
    """
    bones = head.armature.pose.bones
    moved: dict[str, Array] = {}
    for name, motion in zip(head.asset.roles.chain, motions, strict=True):
        bone = bones[name]
        rest = np.array(bone.bone.matrix_local)
        above = np.eye(4)
        parent = bone.parent
        while parent is not None:
            if parent.name in moved:
                above = moved[parent.name]
                break
            parent = parent.parent
        basis = np.linalg.inv(rest) @ np.linalg.inv(above) @ motion @ rest
        bone.matrix_basis = as_matrix(bone, basis)
        moved[name] = motion
    bpy.context.view_layer.update()


def as_matrix(owner: Any, values: Array) -> Any:
    """Blender's own matrix; plain lists would be taken column by column.

    ``owner`` is anything that has a ``matrix_basis``.
    """
    return type(owner.matrix_basis)(values.tolist())


def head_centre_matrix(bpy: Any, head: OpenHead) -> Array:
    """World matrix, shape (4, 4), of the head-centre frame as Blender evaluates it."""
    graph = bpy.context.evaluated_depsgraph_get()
    return np.array(head.centre.evaluated_get(graph).matrix_world)
