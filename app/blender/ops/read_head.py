"""Reads a rigged FBX file into a head asset."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from app.blender.errors import OpError
from app.blender.ops.extract import extract_mesh
from app.blender.ops.importing import Rig, Skin, find_rig, import_fbx, normalise, settle
from app.blender.ops.posing import HEAD_CENTRE, as_matrix, find_head, head_centre_matrix, turn_chain
from app.blender.ops.surfaces import Surfaces
from app.blender.report import Report
from app.geometry.rotations import Array, angle_between, nearest_rotation, rotation_z
from app.head.asset import BoneRoles, HeadAsset, Skeleton, Source, ZeroPose
from app.head.bones import arms_on_neck
from app.head.correction import Correction
from app.head.eyes import Eyes, check_eyes, estimate_eyes, eyeball_centre
from app.head.fbx import SIZE_LIMIT, VERTEX_LIMIT, FbxError, FbxHeader, check_file
from app.head.placing import (
    Choice,
    facing_turn,
    left_of_geometry,
    left_of_pairs,
    mirror_plane,
    plausible_scale,
    upright,
)
from app.head.pose import HeadPose
from app.head.roles import guess_role
from app.head.skinning import chain_motions
from app.head.store import BLEND, save
from app.head.textures import TextureFinder
from app.head.zero import zero_rotation

RESIDUAL_BOUND: Final = 0.05
FACE_ROLES: Final = frozenset({"skin", "other"})
"""Surfaces that may show the profile of the face."""


def read_head(bpy: Any, args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Read a file into an asset's folder, which appears whole or not at all.

    Parameters
    ----------
    args : dict
        ``path``, ``folder`` (to be made), ``key``, ``sha256``, ``correction`` (or None) and
        ``limits`` (``bytes``, ``vertices``; both may be absent).

    Returns
    -------
    dict
        ``folder``, ``warnings``.
    """
    path, folder = Path(args["path"]), Path(args["folder"])
    limits = args.get("limits") or {}
    try:
        header = check_file(path, int(limits.get("bytes", SIZE_LIMIT)))
        correction = msgspec.convert(args.get("correction") or {}, Correction)
    except FbxError as problem:
        raise OpError(problem.kind, str(problem)) from None
    except msgspec.ValidationError as problem:
        raise OpError("bad_request", f"The correction cannot be used: {problem}.") from None
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name[:12]}.", dir=folder.parent))
    try:
        reading = Reading(bpy, path, header, correction, made, report)
        asset = reading.read(str(args.get("key", folder.name)), str(args.get("sha256", "")), limits)
        bpy.ops.wm.read_factory_settings(use_empty=True)
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return {"folder": str(folder), "warnings": list(asset.warnings)}


@dataclass(eq=False)
class Placed:
    """The rig in the project's world, but for its translation: what was measured on the way."""

    world: Array
    scale: float
    turn: float
    joints: Array


class Reading:
    """The steps of reading one file."""

    def __init__(
        self,
        bpy: Any,
        path: Path,
        header: FbxHeader,
        correction: Correction,
        folder: Path,
        report: Report,
    ) -> None:
        self.bpy, self.path, self.header = bpy, path, header
        self.correction, self.folder, self.report = correction, folder, report
        self.warnings: list[str] = []
        self.reasons: dict[str, str] = {}

    def read(self, key: str, sha256: str, limits: dict[str, Any]) -> HeadAsset:
        bpy = self.bpy
        self.report.progress("Reading the file", 0.1)
        import_fbx(bpy, self.path)
        self._check_size(int(limits.get("vertices", VERTEX_LIMIT)))
        self.warnings += settle(bpy)
        self.report.progress("Finding the bones", 0.3)
        rig, aside = find_rig(bpy, self.path.name, self.correction)
        self.warnings += aside
        placed = self._place(rig)
        eyes = self._find_eyes(rig, placed)
        rotation, method = self._find_zero(rig, placed, eyes)
        joint = placed.joints[rig.bones.names.index(rig.roles.chain[0])]
        at_zero = rotation @ (eyes.middle - joint) + joint
        world = placed.world.copy()
        world[:3, 3] -= at_zero
        self.report.progress("Placing the head", 0.5)
        rehang = arms_on_neck(rig.bones, rig.roles)
        if rehang:
            below = rig.bones.parents[rig.bones.names.index(rig.roles.chain[0])]
            base = repr(rig.bones.names[below]) if below >= 0 else "nothing"
            self.warnings.append(
                f"{', '.join(map(repr, rehang))} hung on the neck and would have turned with it; "
                f"they now hang on {base}."
            )
        normalise(bpy, rig, world, rehang)
        height = _height(rig, rig.roles)
        roles = replace(rig.roles, reasons=rig.roles.reasons | self.reasons)
        asset = HeadAsset(
            self.path.stem,
            key,
            self.folder,
            (),
            (),
            _skeleton(rig),
            roles,
            ZeroPose(rotation, 0.0, method),
            eyes.middle - at_zero,
            height,
            Source(
                str(self.path),
                sha256,
                self.header.version,
                self.header.creator,
                placed.scale,
                placed.turn,
            ),
        )
        asset = self._solve(asset)
        self.report.progress("Gathering textures", 0.7)
        surfaces = Surfaces(bpy, self.folder, TextureFinder(self.path))
        meshes = tuple(extract_mesh(s, surfaces.slots(s.obj)) for s in rig.skins)
        self.warnings += surfaces.warnings
        if surfaces.missing:
            self.warnings.append(
                f"{len(surfaces.missing)} textures were not found beside the file: "
                f"{', '.join(surfaces.missing)}."
            )
        self.report.progress("Saving the head", 0.9)
        asset = replace(
            asset,
            meshes=meshes,
            materials=tuple(surfaces.materials),
            warnings=tuple(dict.fromkeys(self.warnings)),
        )
        self._save_blend(asset)
        save(asset)
        return asset

    def _check_size(self, limit: int) -> None:
        count = sum(len(m.vertices) for m in self.bpy.data.meshes)
        if count > limit:
            text = f"{self.path.name} has {count} vertices; at most {limit} are read."
            raise OpError("too_large", text)

    def _place(self, rig: Rig) -> Placed:
        """Rotation and scale into the project's world, from what hangs on the head."""
        head = _head_points(rig)
        joint = rig.bones.joints[rig.bones.names.index(rig.roles.chain[0])]
        turn_up, warning = upright(head.mean(axis=0) - joint)
        self._warn(warning)
        facing = self._facing(rig, turn_up)
        self.reasons["facing"] = facing.reason
        self._warn(facing.warning)
        rotation = rotation_z(facing.value) @ turn_up
        height = float(np.ptp((head @ rotation.T)[:, 2]))
        if not height > 0:
            raise OpError("no_head", f"The head of {self.path.name} is flat.")
        scale = plausible_scale(height)
        if self.correction.scale is not None:
            scale = Choice(self.correction.scale, "The scale was chosen by hand.")
        self.reasons["scale"] = scale.reason
        self._warn(scale.warning)
        world = np.eye(4)
        world[:3, :3] = scale.value * rotation
        return Placed(world, scale.value, facing.value, rig.bones.joints @ world[:3, :3].T)

    def _facing(self, rig: Rig, turn_up: Array) -> Choice:
        if self.correction.facing_turn is not None:
            return Choice(self.correction.facing_turn, "Facing was chosen by hand.")
        vertices, triangles = _head_surface(rig)
        upright_vertices = vertices @ turn_up.T
        joints = rig.bones.joints @ turn_up.T
        left = left_of_pairs(rig.bones.names, joints)
        if left is None:
            left = left_of_geometry(upright_vertices, triangles)
            choice = facing_turn(left, "taken from the surface of the head")
            return replace(
                choice, warning="Facing was taken from the head's surface alone: check it."
            )
        names = rig.bones.names
        eyes = [e for e in (rig.roles.eye_left, rig.roles.eye_right) if e is not None]
        if eyes:
            front = np.mean([joints[names.index(e)] for e in eyes], axis=0)
            towards_face = front - upright_vertices.mean(axis=0)
            forward = np.cross(left, [0.0, 0.0, 1.0])
            if towards_face @ forward < 0:
                choice = facing_turn(-left, "taken from the eyes")
                text = "Left and right in the bones' names are exchanged: facing follows the eyes."
                return replace(choice, warning=text)
        return facing_turn(left, "taken from the bones that are named left and right")

    def _find_eyes(self, rig: Rig, placed: Placed) -> Eyes:
        linear = placed.world[:3, :3]
        head = _head_points(rig) @ linear.T
        for found in (self._eyes_by_bones, self._eyes_by_meshes):
            eyes = found(rig, placed, linear)
            if eyes is None:
                continue
            wrong = check_eyes(eyes.left, eyes.right, head)
            if wrong is None:
                self.reasons["head_centre"] = f"Midpoint of the eyeballs, {eyes.reason}."
                return eyes
            self.warnings.append(f"The eyes, {eyes.reason}, were not used: {wrong}.")
        normal, point = mirror_plane(head)
        normal = normal if normal[0] > 0 else -normal
        eyes = estimate_eyes(head, normal, point)
        self.reasons["head_centre"] = f"Midpoint of the eyes, {eyes.reason}."
        self.warnings.append(f"No eyeballs were found: the head centre is {eyes.reason}.")
        return eyes

    def _eyes_by_bones(self, rig: Rig, placed: Placed, linear: Array) -> Eyes | None:
        centres = []
        for name in (rig.roles.eye_left, rig.roles.eye_right):
            if name is None:
                return None
            bone = rig.bones.names.index(name)
            points = _hanging_on(rig, rig.bones.subtree(bone)) @ linear.T
            centres.append(eyeball_centre(placed.joints[bone], points))
        left, right = centres
        return None if left is None or right is None else Eyes(left, right, "found by their bones")

    def _eyes_by_meshes(self, rig: Rig, placed: Placed, linear: Array) -> Eyes | None:
        points = np.concatenate([_eye_points(rig, s) for s in rig.skins]) @ linear.T
        if len(points) < 16:
            return None
        middle = (points[:, 0].min() + points[:, 0].max()) / 2
        left = eyeball_centre(None, points[points[:, 0] > middle])
        right = eyeball_centre(None, points[points[:, 0] <= middle])
        return None if left is None or right is None else Eyes(left, right, "found by their meshes")

    def _find_zero(self, rig: Rig, placed: Placed, eyes: Eyes) -> tuple[Array, str]:
        vertices, triangles = _head_surface(rig, FACE_ROLES)
        if not eyes.measured:
            rotation, _ = zero_rotation(eyes.left, eyes.right, None, None)
            return rotation, (
                "Yaw and roll from the mirror plane of the head; pitch as in the file, because no "
                "eyes were found."
            )
        return zero_rotation(eyes.left, eyes.right, vertices @ placed.world[:3, :3].T, triangles)

    def _solve(self, asset: HeadAsset) -> HeadAsset:
        """Turn the neck in Blender until the head centre reads zero, and keep what is left."""
        bpy = self.bpy
        rest = asset.zero.rotation.T
        centre = bpy.data.objects.new(HEAD_CENTRE, None)
        bpy.context.scene.collection.objects.link(centre)
        centre.empty_display_size = 0.05
        head = find_head(bpy, asset)
        bone = head.armature.data.bones[asset.roles.head]
        centre.parent, centre.parent_type = head.armature, "BONE"
        centre.parent_bone = bone.name
        hung = np.array(bone.matrix_local) @ _along_y(bone.length)
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = rest, asset.head_centre
        centre.matrix_parent_inverse = as_matrix(centre, np.eye(4))
        centre.matrix_basis = as_matrix(centre, np.linalg.inv(hung) @ matrix)
        residual = np.inf
        for _ in range(5):
            turn_chain(bpy, head, chain_motions(asset, HeadPose()))
            read = nearest_rotation(head_centre_matrix(bpy, head)[:3, :3])
            residual = angle_between(np.eye(3), read)
            if residual < 1e-4:
                break
            turned = nearest_rotation(read.T @ asset.zero.rotation)
            asset = replace(asset, zero=replace(asset.zero, rotation=turned))
            head = replace(head, asset=asset)
        if residual > RESIDUAL_BOUND:
            self.warnings.append(f"At zero pose the head centre still reads {residual:.2f}°.")
        turn_chain(bpy, head, np.tile(np.eye(4), (len(asset.roles.chain), 1, 1)))
        return replace(asset, zero=replace(asset.zero, residual=residual))

    def _save_blend(self, asset: HeadAsset) -> None:
        bpy = self.bpy
        bpy.context.scene["head_key"] = asset.key
        for image in bpy.data.images:
            if image.filepath:
                image.filepath = "//" + Path(image.filepath).name
        bpy.data.orphans_purge(do_recursive=True)
        bpy.ops.wm.save_as_mainfile(
            filepath=str(self.folder / BLEND), compress=False, relative_remap=False
        )

    def _warn(self, text: str | None) -> None:
        if text:
            self.warnings.append(text)


def _along_y(length: float) -> Array:
    """Children of a bone stand at its tail."""
    matrix = np.eye(4)
    matrix[1, 3] = length
    return matrix


def _hanging_on(rig: Rig, bones: list[int]) -> Array:
    """World vertices, shape (N, 3), that hang mostly on some of these bones."""
    return np.concatenate([s.vertices[np.isin(s.strongest, bones)] for s in rig.skins])


def _head_points(rig: Rig) -> Array:
    """World vertices with more than half of their weight on the head bone and what hangs on it."""
    points: Array = np.concatenate([s.vertices[_on_head(rig, s)] for s in rig.skins])
    if len(points) < 4:
        name = rig.roles.head
        raise OpError("no_head", f"No mesh hangs on the head bone {name!r}: choose another bone.")
    return points


def _on_head(rig: Rig, skin: Skin) -> Any:
    inside = np.zeros(len(rig.bones.names), bool)
    inside[rig.bones.subtree(rig.bones.names.index(rig.roles.head))] = True
    return (skin.weights * inside[skin.bones]).sum(axis=1) > 0.5


def _height(rig: Rig, roles: BoneRoles) -> float:
    return float(np.ptp(_head_points(rig)[:, 2]))


def _head_surface(rig: Rig, roles: frozenset[str] | None = None) -> tuple[Array, Array]:
    """Vertices (V, 3) and triangles (T, 3) of the head; of materials in ``roles`` if given."""
    vertices, triangles, start = [], [], 0
    for skin in rig.skins:
        mesh = skin.obj.data
        mesh.calc_loop_triangles()
        found = np.empty(len(mesh.loop_triangles) * 3, np.int32)
        mesh.loop_triangles.foreach_get("vertices", found)
        found = found.reshape(-1, 3)
        kept = _on_head(rig, skin)[found].all(axis=1)
        if roles is not None:
            kept &= _of_roles(skin, roles)
        vertices.append(skin.vertices)
        triangles.append(found[kept] + start)
        start += len(skin.vertices)
    return np.concatenate(vertices), np.concatenate(triangles)


def _triangle_roles(skin: Skin) -> tuple[list[str], Any]:
    mesh = skin.obj.data
    names = [s.material.name if s.material else "" for s in skin.obj.material_slots] or [""]
    slots = np.empty(len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("material_index", slots)
    return [guess_role(n, skin.obj.name) for n in names], np.clip(slots, 0, len(names) - 1)


def _of_roles(skin: Skin, roles: frozenset[str]) -> Any:
    found, slots = _triangle_roles(skin)
    return np.array([r in roles for r in found])[slots]


def _eye_points(rig: Rig, skin: Skin) -> Array:
    """World vertices of eyeballs by the roles of their materials."""
    mesh = skin.obj.data
    mesh.calc_loop_triangles()
    corners = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    of_eye = _of_roles(skin, frozenset({"sclera", "iris", "cornea"}))
    used = np.unique(corners.reshape(-1, 3)[of_eye])
    return np.asarray(skin.vertices[used[_on_head(rig, skin)[used]]])


def _skeleton(rig: Rig) -> Skeleton:
    bones = rig.armature.data.bones
    matrices = np.array([np.array(bones[n].matrix_local) for n in rig.bones.names])
    tails = np.array([np.array(bones[n].tail_local) for n in rig.bones.names])
    parents = np.array(rig.bones.parents, np.int32)
    return Skeleton(rig.bones.names, parents, matrices.astype(np.float64), tails.astype(np.float64))
