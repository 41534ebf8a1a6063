"""Poses the head in Blender and tells where its vertices are, to check the viewport's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.blender.errors import OpError
from app.blender.ops.posing import OpenHead, apply_pose, head_centre_matrix, open_head
from app.blender.report import Report
from app.files import aside
from app.geometry.rotations import Array
from app.head.pose import HeadPose


def evaluate(bpy: Any, args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Evaluate poses.

    Parameters
    ----------
    args : dict
        ``asset`` (folder), ``poses`` (list of `HeadPose` as dictionaries) and ``output`` (an npz
        that gets ``p.m`` for pose p and mesh m, world vertices (V, 3), and ``p.head``, the
        head-centre matrix (4, 4)).

    Returns
    -------
    dict
        ``output`` and ``poses``, their number.
    """
    try:
        poses = msgspec.convert(args["poses"], list[HeadPose])
    except msgspec.ValidationError as problem:
        raise OpError("bad_request", f"The poses cannot be used: {problem}.") from None
    head = open_head(bpy, Path(args["asset"]))
    arrays: dict[str, Array] = {}
    for p, pose in enumerate(poses):
        report.progress("Evaluating poses", p / len(poses))
        apply_pose(bpy, head, pose)
        arrays[f"{p}.head"] = head_centre_matrix(bpy, head)
        arrays |= {f"{p}.{m}": v for m, v in enumerate(evaluated_vertices(bpy, head))}
    apply_pose(bpy, head, HeadPose())
    output = Path(args["output"])
    with aside(output) as temporary:
        np.savez(temporary, **arrays)
    return {"output": str(output), "poses": len(poses)}


def evaluated_vertices(bpy: Any, head: OpenHead) -> list[Array]:
    """World vertices of each mesh as Blender evaluates them now."""
    graph = bpy.context.evaluated_depsgraph_get()
    found = []
    for obj in head.meshes:
        evaluated = obj.evaluated_get(graph)
        flat = np.empty(len(evaluated.data.vertices) * 3, np.float32)
        evaluated.data.vertices.foreach_get("co", flat)
        world = np.array(evaluated.matrix_world)
        found.append(flat.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3])
    return found
