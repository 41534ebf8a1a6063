"""Ground truth of the Biwi Kinect Head Pose Database: text files of rotations and positions.

One folder a sequence, in it ``frame_00003_pose.txt``, …: three rows of a rotation matrix, an
empty line and the head's position in millimetres, in the frame of the depth camera (x right,
y down, z forward). The matrix takes the head, at rest aligned with that frame and facing the
camera, to where it is. ``rgb.cal`` tells how the colour camera sees.

Source: G. Fanelli et al., 2013, "Random forests for real time 3D face analysis", IJCV 101, and
the files that come with it. Evaluations read yaw, pitch and roll of ``pose_para`` from these
matrices (N. Ruiz et al., 2018, "Fine-grained head pose estimation without keypoints"), which
`head_rotation` agrees with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.files import read_bytes
from app.geometry.pinhole import BLENDER_TO_OPENCV
from app.geometry.rotations import (
    WORLD_TO_IMAGE,
    Array,
    blender_xyz_from_matrix,
    nearest_rotation,
    pose_para_from_matrix,
)

MAX_BYTES: Final = 16384
MAX_POSES: Final = 200_000
POSE_FILE: Final = re.compile(r"frame_(\d+)_pose\.txt", re.IGNORECASE)
_TO_WORLD: Final[Array] = WORLD_TO_IMAGE.T @ BLENDER_TO_OPENCV
"""The camera's axes (x right, y down, z forward) in those of the world (x, z up, y forward)."""
_SKEW: Final = 0.02


class BiwiError(ValueError):
    """The file holds no pose or calibration; the message is one line that says why."""


@dataclass(frozen=True, eq=False)
class BiwiPose:
    """What one file says.

    Attributes
    ----------
    frame : int
    rotation : ndarray, shape (3, 3)
        Of the head in the camera's frame (x right, y down, z forward).
    position : ndarray, shape (3,), metres
        Of the head in the same frame.
    """

    frame: int
    rotation: Array
    position: Array


@dataclass(frozen=True, eq=False)
class BiwiCamera:
    """What ``rgb.cal`` or ``depth.cal`` says.

    Attributes
    ----------
    intrinsics : ndarray, shape (3, 3), pixels
    distortion : ndarray, shape (4,)
    rotation : ndarray, shape (3, 3)
        From the depth camera's frame to this camera's.
    translation : ndarray, shape (3,), metres
    width, height : int
    """

    intrinsics: Array
    distortion: Array
    rotation: Array
    translation: Array
    width: int
    height: int

    def project(self, points: Array) -> Array:
        """Points (..., 3) of the depth camera's frame, metres, to pixels (..., 2)."""
        own = np.asarray(points) @ self.rotation.T + self.translation
        flat = own / own[..., 2:]
        return np.asarray((flat @ self.intrinsics.T)[..., :2])


def head_rotation(rotation: Array) -> Array:
    """The head's rotation in the world, shape (3, 3), of a camera that looks along +Y, upright."""
    return np.asarray(_TO_WORLD @ np.asarray(rotation) @ _TO_WORLD.T)


def parse_pose(text: str, name: str = "The pose", frame: int = 0) -> BiwiPose:
    """Read the text of a pose.

    Raises
    ------
    BiwiError
        When it has not four rows of three numbers, or the first three are no rotation.
    """
    rows = _rows(text, name)
    if [len(row) for row in rows] != [3, 3, 3, 3]:
        raise BiwiError(f"{name} has not three rows of a rotation and one of a position")
    matrix, position = np.array(rows[:3]), np.array(rows[3])
    if abs(matrix @ matrix.T - np.eye(3)).max() > _SKEW or np.linalg.det(matrix) < 0:
        raise BiwiError(f"{name} holds no rotation")
    return BiwiPose(frame, nearest_rotation(matrix), position / 1000.0)


def read_pose(path: Path) -> BiwiPose:
    """Read a ``frame_XXXXX_pose.txt``.

    Raises
    ------
    BiwiError
    OSError
    """
    match = POSE_FILE.fullmatch(path.name)
    return parse_pose(_text(path), path.name, int(match[1]) if match else 0)


def read_camera(path: Path) -> BiwiCamera:
    """Read an ``rgb.cal`` or ``depth.cal``.

    Raises
    ------
    BiwiError
    OSError
    """
    rows = _rows(_text(path), path.name)
    if [len(row) for row in rows] != [3, 3, 3, 4, 3, 3, 3, 3, 2]:
        raise BiwiError(f"{path.name} is no calibration of Biwi")
    width, height = rows[8]
    return BiwiCamera(
        np.array(rows[:3]),
        np.array(rows[3]),
        np.array(rows[4:7]),
        np.array(rows[7]) / 1000.0,
        int(width),
        int(height),
    )


def pose_files(folder: Path) -> list[Path]:
    """The pose files of a sequence in the order of their frames.

    Raises
    ------
    OSError
    """
    found = [(int(m[1]), p) for p in folder.iterdir() if (m := POSE_FILE.fullmatch(p.name))]
    return [path for _, path in sorted(found)][:MAX_POSES]


def sequences(folder: Path) -> list[Path]:
    """Folders of poses: ``folder`` itself, or those in it (``01`` to ``24``).

    Raises
    ------
    OSError
    """
    if pose_files(folder):
        return [folder]
    return sorted(p for p in folder.iterdir() if p.is_dir() and pose_files(p))


def angles(pose: BiwiPose) -> tuple[float, float, float]:
    """Yaw, pitch and roll of the head as the camera sees it, degrees in ``blender_xyz``."""
    found = blender_xyz_from_matrix(head_rotation(pose.rotation))
    return found.yaw, found.pitch, found.roll


def evaluated_angles(pose: BiwiPose) -> tuple[float, float, float]:
    """The same in ``pose_para``, which evaluations on Biwi compare with."""
    found = pose_para_from_matrix(head_rotation(pose.rotation))
    return found.yaw, found.pitch, found.roll


def _text(path: Path) -> str:
    data = read_bytes(path, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise BiwiError(f"{path.name} is too long for ground truth of Biwi")
    return data.decode("utf-8", errors="replace")


def _rows(text: str, name: str) -> list[list[float]]:
    try:
        rows = [[float(v) for v in line.split()] for line in text.splitlines() if line.strip()]
    except ValueError:
        raise BiwiError(f"{name} holds something that is no number") from None
    if not all(np.isfinite(v) for row in rows for v in row):
        raise BiwiError(f"{name} holds something that is no finite number")
    return rows
