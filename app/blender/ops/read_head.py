"""Reads a rigged FBX file into a head asset."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from app.blender.errors import OpError
from app.blender.ops.extract import extract_mesh
from app.blender.ops.importing import Rig, find_rig, import_fbx, normalise, settle
from app.blender.ops.measuring import Notes, find_eyes, find_zero, head_height, place
from app.blender.ops.posing import (
    HEAD_CENTRE,
    as_matrix,
    find_head,
    head_centre_matrix,
    turn_chain,
)
from app.blender.ops.surfaces import Surfaces
from app.blender.report import Report
from app.geometry.rotations import angle_between, nearest_rotation
from app.head.asset import HeadAsset, Material, Mesh, Skeleton, Source, ZeroPose
from app.head.bones import arms_on_neck
from app.head.correction import Correction
from app.head.fbx import SIZE_LIMIT, VERTEX_LIMIT, FbxError, check_file
from app.head.pose import HeadPose
from app.head.skinning import chain_motions
from app.head.store import BLEND, save
from app.head.textures import TextureFinder

RESIDUAL_BOUND: Final = 0.05
ABANDONED: Final = 3600.0
"""Seconds after which a folder that a killed reader left behind is taken away."""


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
        ``folder`` and ``warnings``.
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
    source = Source(
        str(path), str(args.get("sha256", "")), header.version, header.creator, 1.0, 0.0
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder.parent)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name[:12]}.", dir=folder.parent))
    try:
        notes = Notes()
        report.progress("Reading the file", 0.1)
        import_fbx(bpy, path)
        _check_vertices(bpy, path.name, int(limits.get("vertices", VERTEX_LIMIT)))
        for note in settle(bpy):
            notes.warn(note)
        report.progress("Finding the bones", 0.3)
        rig = find_rig(bpy, path.name, correction, notes.warn)
        key = str(args.get("key", folder.name))
        asset = _place_and_solve(bpy, rig, correction, source, key, made, notes)
        report.progress("Gathering textures", 0.6)
        meshes, materials = _gather(bpy, rig, path, made, notes)
        report.progress("Saving the head", 0.9)
        asset = replace(asset, meshes=meshes, materials=materials, warnings=tuple(notes.warnings))
        _save_blend(bpy, asset)
        save(asset)
        _publish(made, folder)
    finally:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        shutil.rmtree(made, ignore_errors=True)
    return {"folder": str(folder), "warnings": notes.warnings}


def _publish(made: Path, folder: Path) -> None:
    """Put a finished folder in its place; where another process was quicker, its one stays."""
    old = made.with_name(f"{made.name}.old")
    with suppress(FileNotFoundError):
        folder.replace(old)
    try:
        made.replace(folder)
    except OSError:
        if not folder.is_dir():
            raise
    shutil.rmtree(old, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(".*"):
        if folder.is_dir() and folder.stat().st_mtime < time.time() - ABANDONED:
            shutil.rmtree(folder, ignore_errors=True)


def _check_vertices(bpy: Any, name: str, limit: int) -> None:
    count = sum(len(m.vertices) for m in bpy.data.meshes)
    if count > limit:
        raise OpError("too_large", f"{name} has {count} vertices; at most {limit} are read.")


def _place_and_solve(
    bpy: Any,
    rig: Rig,
    correction: Correction,
    source: Source,
    key: str,
    folder: Path,
    notes: Notes,
) -> HeadAsset:
    """Bring the rig into the project's world: the asset, still without its surfaces."""
    placed = place(rig, correction, notes)
    eyes = find_eyes(rig, placed, notes)
    rotation, method = find_zero(rig, placed, eyes)
    lowest = rig.bones.names.index(rig.roles.chain[0])
    joint = placed.joints[lowest]
    centre_at_zero = rotation @ (eyes.middle - joint) + joint
    world = np.eye(4)
    world[:3, :3], world[:3, 3] = placed.linear, -centre_at_zero
    arms = arms_on_neck(rig.bones, rig.roles)
    if arms:
        below = rig.bones.parents[lowest]
        base = repr(rig.bones.names[below]) if below >= 0 else "nothing"
        notes.warn(
            f"{' and '.join(map(repr, arms))} hung on the neck and would have turned with it; "
            f"hung on {base} instead."
        )
    normalise(bpy, rig, world, arms)
    asset = HeadAsset(
        Path(source.path).stem,
        key,
        folder,
        (),
        (),
        _skeleton(rig),
        replace(rig.roles, reasons=rig.roles.reasons | notes.reasons),
        ZeroPose(rotation, 0.0, method),
        eyes.middle - centre_at_zero,
        head_height(rig),
        replace(source, scale=placed.scale, facing_turn=placed.turn),
    )
    asset = _solve_zero(bpy, asset)
    if asset.zero.residual > RESIDUAL_BOUND:
        notes.warn(f"At zero pose the head centre still reads {asset.zero.residual:.2f}°.")
    return asset


def _skeleton(rig: Rig) -> Skeleton:
    bones = rig.armature.data.bones
    matrices = np.array([np.array(bones[n].matrix_local) for n in rig.bones.names], np.float64)
    tails = np.array([np.array(bones[n].tail_local) for n in rig.bones.names], np.float64)
    return Skeleton(rig.bones.names, np.array(rig.bones.parents, np.int32), matrices, tails)


def _solve_zero(bpy: Any, asset: HeadAsset) -> HeadAsset:
    """Hang the head-centre frame on the head bone and turn the neck until it reads zero."""
    centre = bpy.data.objects.new(HEAD_CENTRE, None)
    bpy.context.scene.collection.objects.link(centre)
    centre.empty_display_size = 0.05
    head = find_head(bpy, asset)
    bone = head.armature.data.bones[asset.roles.head]
    centre.parent, centre.parent_type, centre.parent_bone = head.armature, "BONE", bone.name
    at_tail = np.eye(4)
    at_tail[1, 3] = bone.length
    frame = np.eye(4)
    frame[:3, :3], frame[:3, 3] = asset.zero.rotation.T, asset.head_centre
    basis = np.linalg.inv(np.array(bone.matrix_local) @ at_tail) @ frame
    centre.matrix_parent_inverse = as_matrix(centre, np.eye(4))
    centre.matrix_basis = as_matrix(centre, basis)
    for _ in range(5):
        turn_chain(bpy, head, chain_motions(asset, HeadPose()))
        read = nearest_rotation(head_centre_matrix(bpy, head)[:3, :3])
        residual = angle_between(np.eye(3), read)
        if residual < 1e-4:
            break
        turned = nearest_rotation(read.T @ asset.zero.rotation)
        asset = replace(asset, zero=replace(asset.zero, rotation=turned))
        head = replace(head, asset=asset)
    turn_chain(bpy, head, np.tile(np.eye(4), (len(asset.roles.chain), 1, 1)))
    return replace(asset, zero=replace(asset.zero, residual=residual))


def _gather(
    bpy: Any, rig: Rig, path: Path, folder: Path, notes: Notes
) -> tuple[tuple[Mesh, ...], tuple[Material, ...]]:
    surfaces = Surfaces(bpy, folder, TextureFinder(path))
    meshes = tuple(extract_mesh(s, surfaces.slots(s.obj)) for s in rig.skins)
    for warning in surfaces.warnings:
        notes.warn(warning)
    missing = surfaces.missing
    if missing:
        those = "1 texture was" if len(missing) == 1 else f"{len(missing)} textures were"
        notes.warn(f"{those} not found beside the file: {', '.join(missing)}.")
    return meshes, tuple(surfaces.materials)


def _save_blend(bpy: Any, asset: HeadAsset) -> None:
    bpy.context.scene["head_key"] = asset.key
    bpy.data.orphans_purge(do_recursive=True)
    for image in bpy.data.images:
        if image.filepath:
            image.filepath = "//" + Path(image.filepath).name
    bpy.ops.wm.save_as_mainfile(
        filepath=str(asset.folder / BLEND), compress=False, relative_remap=False
    )
