"""What a rig's head measures: its points, its size and facing, its eyes, its zero pose."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.blender.errors import OpError
from app.blender.ops.importing import Rig, Skin
from app.geometry.rotations import Array, rotation_z
from app.head.correction import Correction
from app.head.eyes import Eyes, check_eyes, estimate_eyes, eyeball_centre
from app.head.placing import (
    Choice,
    facing_turn,
    left_of_geometry,
    left_of_pairs,
    mirror_plane,
    plausible_scale,
    upright,
)
from app.head.roles import guess_role
from app.head.zero import zero_rotation

FACE_ROLES: Final = frozenset({"skin", "other"})
"""Surfaces that may show the profile of the face."""

EYE_ROLES: Final = frozenset({"sclera", "iris", "cornea"})

Flags = NDArray[np.bool_]
Triangles = NDArray[np.int32]


@dataclass(eq=False)
class Notes:
    """What people should know of a file: warnings, and why each choice was made."""

    warnings: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    def warn(self, text: str | None) -> None:
        if text and text not in self.warnings:
            self.warnings.append(text)


@dataclass(frozen=True, eq=False)
class Placed:
    """Where a rig goes, but for its translation.

    ``linear`` (3, 3) takes the imported world to the project's; ``joints`` (B, 3) are in the
    latter.
    """

    linear: Array
    scale: float
    turn: float
    joints: Array


def on_head(rig: Rig, skin: Skin) -> Flags:
    """Vertices, shape (V,), with more than half of their weight on the head bone and below it."""
    inside = np.zeros(len(rig.bones.names), bool)
    inside[rig.bones.subtree(rig.bones.names.index(rig.roles.head))] = True
    return np.asarray((skin.weights * inside[skin.bones]).sum(axis=1) > 0.5)


def head_points(rig: Rig) -> Array:
    """World vertices of the head, shape (V, 3).

    Raises
    ------
    OpError
        no_head, when nothing hangs on the head bone.
    """
    points: Array = np.concatenate([s.vertices[on_head(rig, s)] for s in rig.skins])
    if len(points) < 4 or not np.ptp(points, axis=0).max() > 0:
        name = rig.roles.head
        raise OpError("no_head", f"No mesh hangs on the head bone {name!r}: choose another bone.")
    return points


def head_surface(rig: Rig, roles: frozenset[str] | None = None) -> tuple[Array, Triangles]:
    """World vertices (V, 3) and triangles (T, 3) of the head, of the roles asked for."""
    vertices, triangles, start = [], [], 0
    for skin in rig.skins:
        found = _triangles(skin)
        kept = on_head(rig, skin)[found].all(axis=1)
        if roles is not None:
            kept &= _has_role(skin, roles)
        vertices.append(skin.vertices)
        triangles.append(found[kept] + np.int32(start))
        start += len(skin.vertices)
    return np.concatenate(vertices), np.concatenate(triangles)


def head_height(rig: Rig) -> float:
    return float(np.ptp(head_points(rig)[:, 2]))


def _triangles(skin: Skin) -> Triangles:
    mesh = skin.obj.data
    mesh.calc_loop_triangles()
    found = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", found)
    return found.reshape(-1, 3)


def _has_role(skin: Skin, roles: frozenset[str]) -> Flags:
    """Triangles, shape (T,), whose material has one of the roles."""
    mesh = skin.obj.data
    names = [s.material.name if s.material else "" for s in skin.obj.material_slots] or [""]
    slots = np.empty(len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("material_index", slots)
    wanted = np.array([guess_role(n, skin.obj.name) in roles for n in names])
    return np.asarray(wanted[np.clip(slots, 0, len(names) - 1)])


def place(rig: Rig, correction: Correction, notes: Notes) -> Placed:
    """Turn upright and towards −Y, and scale to a person's size."""
    head = head_points(rig)
    base = rig.bones.joints[rig.bones.names.index(rig.roles.chain[0])]
    up, warning = upright(head.mean(axis=0) - base)
    notes.warn(warning)
    facing = _facing(rig, up, correction)
    rotation = rotation_z(facing.value) @ up
    scale = plausible_scale(float(np.ptp((head @ rotation.T)[:, 2])))
    if correction.scale is not None:
        scale = Choice(correction.scale, "The scale was chosen by hand.")
    for role, choice in (("facing", facing), ("scale", scale)):
        notes.reasons[role] = choice.reason
        notes.warn(choice.warning)
    linear = scale.value * rotation
    return Placed(linear, scale.value, facing.value, rig.bones.joints @ linear.T)


def _facing(rig: Rig, up: Array, correction: Correction) -> Choice:
    if correction.facing_turn is not None:
        return Choice(correction.facing_turn, "Facing was chosen by hand.")
    vertices, triangles = head_surface(rig)
    vertices, joints = vertices @ up.T, rig.bones.joints @ up.T
    left = left_of_pairs(rig.bones.names, joints)
    if left is None:
        if not len(triangles):
            return Choice(0.0, "Facing is as in the file.", "Facing could not be told: check it.")
        choice = facing_turn(
            left_of_geometry(vertices, triangles), "taken from the surface of the head"
        )
        return replace(choice, warning="Facing was taken from the head's surface alone: check it.")
    if _eyes_lie_behind(rig, joints, head_points(rig) @ up.T, left):
        text = "Left and right are exchanged in the bones' names: facing follows the eyes."
        return replace(facing_turn(-left, "taken from the eyes"), warning=text)
    return facing_turn(left, "taken from the bones that are named left and right")


def _eyes_lie_behind(rig: Rig, joints: Array, head: Array, left: Array) -> bool:
    """Whether the eyes lie in the rear half of the head, were its left where the names say.

    The head is taken at the height of the eyes alone: hair and veils hang down behind.
    """
    if rig.roles.eye_left is None or rig.roles.eye_right is None:
        return False
    eyes = joints[[rig.bones.names.index(e) for e in (rig.roles.eye_left, rig.roles.eye_right)]]
    middle, apart = eyes.mean(axis=0), float(np.linalg.norm(eyes[0] - eyes[1]))
    band = head[np.abs(head[:, 2] - middle[2]) < 0.5 * apart]
    if len(band) < 4:
        return False
    forward = np.cross(left / np.linalg.norm(left), [0.0, 0.0, 1.0])
    along = band @ forward
    return bool(middle @ forward < (along.min() + along.max()) / 2 - 0.2 * apart)


def find_eyes(rig: Rig, placed: Placed, notes: Notes) -> Eyes:
    """Eyeball centres: by bones, else by eye meshes, else estimated, with a warning."""
    head = head_points(rig) @ placed.linear.T
    for eyes in (_eyes_by_bones(rig, placed), _eyes_by_meshes(rig, placed)):
        if eyes is None:
            continue
        wrong = check_eyes(eyes.left, eyes.right, head)
        if wrong is None:
            notes.reasons["head_centre"] = f"Midpoint of the eyeballs, {eyes.reason}."
            return eyes
        notes.warn(f"The eyes {eyes.reason} were not used: {wrong}.")
    normal, point = _mirror_plane(rig, placed, head)
    eyes = estimate_eyes(head, normal if normal[0] > 0 else -normal, point)
    notes.reasons["head_centre"] = f"Midpoint of the eyes, {eyes.reason}."
    notes.warn(f"No eyeballs were found: the head centre is {eyes.reason}.")
    return eyes


def _mirror_plane(rig: Rig, placed: Placed, head: Array) -> tuple[Array, Array]:
    vertices, triangles = head_surface(rig)
    if len(triangles):
        return mirror_plane(vertices @ placed.linear.T, triangles)
    return np.array([1.0, 0.0, 0.0]), (head.min(axis=0) + head.max(axis=0)) / 2


def _eyes_by_bones(rig: Rig, placed: Placed) -> Eyes | None:
    centres = []
    for name in (rig.roles.eye_left, rig.roles.eye_right):
        if name is None:
            return None
        bone = rig.bones.names.index(name)
        below = rig.bones.subtree(bone)
        points = np.concatenate([s.vertices[np.isin(s.strongest, below)] for s in rig.skins])
        centres.append(eyeball_centre(placed.joints[bone], points @ placed.linear.T))
    left, right = centres
    return None if left is None or right is None else Eyes(left, right, "found by their bones")


def _eyes_by_meshes(rig: Rig, placed: Placed) -> Eyes | None:
    found = []
    for skin in rig.skins:
        used = np.unique(_triangles(skin)[_has_role(skin, EYE_ROLES)])
        found.append(skin.vertices[used[on_head(rig, skin)[used]]])
    points = np.concatenate(found) @ placed.linear.T
    if len(points) < 16:
        return None
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    left = eyeball_centre(None, points[points[:, 0] > middle])
    right = eyeball_centre(None, points[points[:, 0] <= middle])
    return None if left is None or right is None else Eyes(left, right, "found by their meshes")


def find_zero(rig: Rig, placed: Placed, eyes: Eyes) -> tuple[Array, str]:
    """Rotation to zero pose, shape (3, 3), and what it was taken from."""
    if not eyes.measured:
        rotation, _ = zero_rotation(eyes.left, eyes.right, None, None)
        return rotation, (
            "Yaw and roll from the mirror plane of the head; pitch as in the file, because no "
            "eyes were found."
        )
    vertices, triangles = head_surface(rig, FACE_ROLES)
    return zero_rotation(eyes.left, eyes.right, vertices @ placed.linear.T, triangles)
