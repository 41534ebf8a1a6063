"""A head asset straight from a person's parts, without Blender.

It is what the reader makes of the person's FBX file: the same meshes in the same order, the same
triangles, weights, shapes, bones and zero pose. Only the names of the textures differ, which the
reader numbers.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.bake.assemble import BakedPerson, build_person, paint_textures, write_textures
from app.bake.body import BONES
from app.bake.export import bake_fbx as bake_fbx
from app.bake.looks import looks
from app.bake.mesh import Bools, Floats, Ints
from app.bake.parts import Part
from app.bake.person import PersonSpec
from app.bake.rig import Hung, bone_matrices, bone_tails, hung
from app.bake.shading import corner_normals, split_quads
from app.bake.surfaces import materials_of
from app.head.asset import HeadAsset, Mesh, Shape, Skeleton, Source, ZeroPose
from app.head.bones import Bones, find_roles
from app.head.eyes import Eyes, eyeball_centre
from app.head.placing import facing_turn, left_of_pairs, plausible_scale
from app.head.zero import zero_rotation

BAKER: Final = 3
"""Raised when the same person becomes something else, so that what is kept is made anew."""

STILL: Final = 1e-7
"""Metres; a shape moves the vertices that it displaces by more, as the FBX reader has it."""


@dataclass(frozen=True, eq=False)
class BakedHead:
    """A head asset and how it hangs together with the body model.

    Attributes
    ----------
    asset : HeadAsset
    base_vertices : ndarray, shape (M,)
        Base-mesh vertex of the first M vertices of the mesh ``Head``.
    """

    asset: HeadAsset
    base_vertices: Ints


def bake_asset(person: PersonSpec, folder: Path, texture_size: int) -> BakedHead:
    """Make a person as an asset; its textures are written into the folder.

    Parameters
    ----------
    folder : Path
        Made where it is absent.
    texture_size : int
        Edge of the skin's colour texture in texels; the others follow it.

    Raises
    ------
    ImportError
        Where the extra ``bake`` is absent.
    OSError
        Where the folder cannot be written.
    """
    baked = build_person(person)
    write_textures(paint_textures(baked, texture_size), folder, fast=True)
    return asset_of(baked, folder, asset_key(person, texture_size))


def asset_key(person: PersonSpec, texture_size: int) -> str:
    """Hash that changes with the person, the texture size and the baker."""
    words = json.dumps([BAKER, texture_size, person.as_dict()], sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def asset_of(baked: BakedPerson, folder: Path, key: str) -> BakedHead:
    """The asset of a person whose textures lie in the folder."""
    parts = sorted(baked.parts, key=lambda part: part.name)
    hanging = [hung(part) for part in parts]
    names = tuple(name for name, _ in BONES)
    parents = tuple(-1 if parent is None else names.index(parent) for _, parent in BONES)
    joints = _single(baked.body.bone_heads)
    bones = _bones(names, parents, joints, parts, hanging)
    roles = find_roles(bones)
    on_head = [_on_head(bones, roles.head, hangs) for hangs in hanging]
    head = np.concatenate([p.vertices[on] for p, on in zip(parts, on_head, strict=True)])
    height = float(np.ptp(_single(head)[:, 2]))
    eyes = _eyes(bones, (roles.eye_left, roles.eye_right), joints, parts, hanging)
    triangles = [split_quads(part.vertices, part.faces) for part in parts]
    rotation, method = _zero(eyes, parts, triangles, on_head)
    joint = joints[names.index(roles.chain[0])]
    origin = rotation @ (eyes.middle - joint) + joint

    materials, index = materials_of(parts, folder, looks(baked.person))
    meshes = tuple(
        _mesh(part, split, hangs, origin, index)
        for part, split, hangs in zip(parts, triangles, hanging, strict=True)
    )
    matrices = bone_matrices(joints - origin, _single(baked.body.bone_tails) - origin)
    left = left_of_pairs(names, joints)
    assert left is not None
    reasons = {
        "facing": facing_turn(left, "taken from the bones that are named left and right").reason,
        "scale": plausible_scale(height).reason,
        "head_centre": f"Midpoint of the eyeballs, {eyes.reason}.",
    }
    asset = HeadAsset(
        name=baked.person.name,
        key=key,
        folder=folder,
        meshes=meshes,
        materials=materials,
        skeleton=Skeleton(
            names, np.array(parents, np.int32), matrices, bone_tails(matrices, parents)
        ),
        roles=type(roles)(
            roles.chain, roles.eye_left, roles.eye_right, roles.jaw, roles.reasons | reasons
        ),
        zero=ZeroPose(rotation, 0.0, method),
        head_centre=eyes.middle - origin,
        head_height=height,
        source=Source(f"person:{baked.person.name}", "", 0, "bake", 1.0, 0.0),
    )
    head_part = next(part for part in parts if part.name == "Head")
    return BakedHead(asset, head_part.base_ids)


def _single(values: Floats) -> Floats:
    """Rounded as a file in single precision rounds."""
    return values.astype(np.float32).astype(np.float64)


def _bones(
    names: tuple[str, ...],
    parents: tuple[int, ...],
    joints: Floats,
    parts: list[Part],
    hanging: list[Hung],
) -> Bones:
    strongest = np.concatenate([hangs.bones[:, 0] for hangs in hanging])
    heights = np.concatenate([part.vertices[:, 2] for part in parts])
    high = heights >= np.quantile(heights, 0.95)
    count = len(names)
    return Bones(
        names,
        parents,
        joints,
        np.bincount(strongest, minlength=count),
        np.bincount(strongest[high], minlength=count),
    )


def _on_head(bones: Bones, head: str, hangs: Hung) -> Bools:
    """Vertices, shape (V,), with more than half of their weight on the head bone and below it."""
    inside = np.zeros(len(bones.names), dtype=bool)
    inside[bones.subtree(bones.names.index(head))] = True
    return np.asarray((hangs.weights * inside[hangs.bones]).sum(axis=1) > 0.5)


def _eyes(
    bones: Bones,
    named: tuple[str | None, str | None],
    joints: Floats,
    parts: list[Part],
    hanging: list[Hung],
) -> Eyes:
    centres = []
    for name in named:
        assert name is not None
        bone = bones.names.index(name)
        points = np.concatenate(
            [p.vertices[h.bones[:, 0] == bone] for p, h in zip(parts, hanging, strict=True)]
        )
        centre = eyeball_centre(joints[bone], points)
        assert centre is not None
        centres.append(centre)
    return Eyes(centres[0], centres[1], "found by their bones")


def _zero(
    eyes: Eyes, parts: list[Part], triangles: list[tuple[Ints, Ints]], on_head: list[Bools]
) -> tuple[Floats, str]:
    """Rotation to zero pose, found from the skin as the reader of files finds it."""
    skin = next(k for k, part in enumerate(parts) if part.name == "Head")
    vertices, split = parts[skin].vertices, triangles[skin][0]
    kept = on_head[skin][split].all(axis=1)
    return zero_rotation(eyes.left, eyes.right, vertices, split[kept].astype(np.int32))


def _mesh(
    part: Part, split: tuple[Ints, Ints], hangs: Hung, origin: Floats, index: dict[str, int]
) -> Mesh:
    triangles, corners = split
    slots = np.array([index[name] for name in part.materials], np.int32)
    shapes = []
    for action in sorted(part.actions):
        deltas = part.actions[action].astype(np.float32)
        x, y, z = np.abs(deltas).T
        moved = np.flatnonzero(np.maximum(np.maximum(x, y), z) > STILL).astype(np.int32)
        shapes.append(Shape(action, moved, deltas[moved]))
    return Mesh(
        part.name,
        (part.vertices - origin).astype(np.float32),
        triangles.astype(np.int32),
        part.uv[corners[..., 0], corners[..., 1]].astype(np.float32),
        corner_normals(part, triangles),
        slots[part.material_of[corners[:, 0, 0]]],
        hangs.bones.astype(np.int32),
        hangs.weights.astype(np.float32),
        tuple(shapes),
    )
