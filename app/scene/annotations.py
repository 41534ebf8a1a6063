"""Ground truth beside a picture: camera, head pose, bones, as JSON.

Schema ``headroom-annotations``, version 1. Lengths are metres, angles degrees, pixels have (0, 0)
at the centre of the top-left pixel.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from app.files import write_bytes
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import (
    WORLD_TO_IMAGE,
    Array,
    blender_xyz_from_matrix,
    pose_para_from_matrix,
)
from app.head.asset import HeadAsset
from app.head.skinning import bone_motions, head_matrix
from app.scene.placement import pinhole
from app.scene.scene import Scene

SCHEMA: Final = "headroom-annotations"
VERSION: Final = 1

UNITS: Final = {
    "length": "metre",
    "angle": "degree",
    "pixel": "(0, 0) is the centre of the top-left pixel, x right, y down",
    "world": "right-handed, Z up, the head at zero pose faces -Y, origin at its centre",
    "camera": "OpenCV: x right, y down, z forward",
    "camera_matrix": "camera to world, Blender's camera axes (looks along -Z, Y up)",
    "blender_xyz": "R = Rz(yaw) Ry(roll) Rx(pitch) in world axes",
    "pose_para": "300W-LP and AFLW2000-3D: R = Rx(pitch) Ry(yaw) Rz(roll), frame-turning, "
    "in image axes (x right, y up, z towards the camera)",
}


def annotate(
    asset: HeadAsset,
    scene: Scene,
    *,
    head: Array | None = None,
    files: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that is known exactly about a picture.

    Parameters
    ----------
    asset : HeadAsset
        Of the scene's head.
    scene : Scene
    head : ndarray, shape (4, 4), optional
        Head centre in the world as Blender reported it; computed where it is None.
    files : dict of str to str, optional
        Names of the files that belong to the picture, by pass.
    """
    view = pinhole(scene.camera)
    placed = head_matrix(asset, scene.pose) if head is None else np.asarray(head, dtype=np.float64)
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "units": UNITS,
        "files": files or {},
        "camera": camera_block(view, scene.camera.name),
        "head": {
            "name": asset.name,
            "file": scene.head.path,
            "sha256": asset.source.sha256,
            "centre": centre_block(view, placed),
            "pose": head_poses(placed[:3, :3], view.matrix_world[:3, :3]),
            "neck_share": {"head": scene.pose.head_share, "neck": 1.0 - scene.pose.head_share},
            "shapes": {k: v for k, v in scene.pose.shapes.items() if v and k in asset.shape_names},
        },
        "bones": _bones(asset, scene, view),
        "render": asdict(scene.render),
    }


def write_annotations(path: Path, annotations: dict[str, Any]) -> None:
    """Replace ``path`` in one step.

    Raises
    ------
    OSError
    """
    write_bytes(path, msgspec.json.format(msgspec.json.encode(annotations), indent=2) + b"\n")


def seen_rotation(head: Array, camera: Array) -> Array:
    """Rotation of the head as the camera sees it, shape (3, 3).

    That of a head in the world of a camera which looks along +Y and stands upright, so that both
    conventions apply to it: Mᵀ Cᵀ R, where C is camera to world, R the head in the world and M
    takes world axes to image axes.
    """
    return np.asarray(WORLD_TO_IMAGE.T @ np.asarray(camera).T @ np.asarray(head))


def head_poses(head: Array, camera: Array) -> dict[str, Any]:
    """The pose in both conventions, relative to the world and to the camera."""
    seen = seen_rotation(head, camera)
    return {
        "of_the_world": {
            "blender_xyz": _angles(blender_xyz_from_matrix(head)),
            "pose_para": _angles(pose_para_from_matrix(head)),
        },
        "of_the_camera": {
            "blender_xyz": _angles(blender_xyz_from_matrix(seen)),
            "pose_para": _angles(pose_para_from_matrix(seen)),
        },
        "compare_predictions_with": "of_the_camera.pose_para",
        "rotation_world": _rows(head),
    }


def camera_block(view: Pinhole, name: str) -> dict[str, Any]:
    """Intrinsics and extrinsics in OpenCV's terms, and the camera as Blender has it."""
    extrinsics = view.extrinsics()
    return {
        "name": name,
        "width": view.width,
        "height": view.height,
        "field_of_view": view.field_of_view,
        "clip": [view.clip_start, view.clip_end],
        "intrinsics": _rows(view.intrinsics()),
        "distortion": None,
        "extrinsics": _rows(extrinsics),
        "camera_matrix": _rows(view.matrix_world),
        "blender_xyz": _angles(blender_xyz_from_matrix(view.matrix_world[:3, :3])),
    }


def centre_block(view: Pinhole, head: Array) -> dict[str, Any]:
    """Where the head centre is: in the world, before the camera and in the picture."""
    point = head[:3, 3]
    return {"world": _list(point), "camera": _list(view.to_camera(point)), **_pixel(view, point)}


def _bones(asset: HeadAsset, scene: Scene, view: Pinhole) -> dict[str, Any]:
    motions = bone_motions(asset, scene.pose)
    skeleton = asset.skeleton
    joints = _moved(motions, skeleton.matrices[:, :3, 3])
    tails = _moved(motions, skeleton.tails)
    return {
        name: {
            "joint": {"world": _list(joint), **_pixel(view, joint)},
            "tail": {"world": _list(tail), **_pixel(view, tail)},
        }
        for name, joint, tail in zip(skeleton.names, joints, tails, strict=True)
    }


def _moved(motions: Array, points: Array) -> Array:
    return np.asarray(np.einsum("bij,bj->bi", motions[:, :3, :3], points) + motions[:, :3, 3])


def _pixel(view: Pinhole, point: Array) -> dict[str, Any]:
    """Where a point falls; None for one beside or behind the lens, which falls nowhere."""
    x, y = (float(v) for v in view.project(point))
    if not (np.isfinite(x) and np.isfinite(y)):
        return {"pixel": None, "in_frame": False}
    inside = -0.5 <= x <= view.width - 0.5 and -0.5 <= y <= view.height - 0.5
    return {"pixel": [x, y], "in_frame": inside}


def _angles(angles: Any) -> dict[str, float]:
    return {name: float(value) + 0.0 for name, value in asdict(angles).items()}


def _list(values: Array) -> list[float]:
    return [float(v) for v in values]


def _rows(matrix: Array) -> list[list[float]]:
    return [_list(row) for row in matrix]
