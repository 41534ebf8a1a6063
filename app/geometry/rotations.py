"""Rotations of the head, and the two written conventions for its angles.

World frame: right-handed, Z up, metres; a head at rest faces −Y. A head pose is the rotation
matrix, in world axes, that takes the head from zero pose to where it is now.

Two conventions are written to files and never mixed:

``blender_xyz``
    The SynFace text files and the posing order of the source papers: pitch, then roll, then yaw,
    that is the XYZ Euler angles of the world matrix with pitch = X, roll = Y, yaw = Z,
    ``R = Rz(yaw) @ Ry(roll) @ Rx(pitch)``. Yaw > 0 turns the face to the right side of the image,
    pitch > 0 looks down, roll > 0 leans clockwise in the image.
``pose_para``
    Predictions and evaluation: 300W-LP and AFLW2000-3D. ``R = Rx(pitch) @ Ry(yaw) @ Rz(roll)`` in
    image axes (x right, y up, z towards the camera), with elementary rotations that turn the
    frame rather than the vector, so yaw > 0 looks to the left side of the image, pitch > 0 looks
    up and roll > 0 leans clockwise in the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WORLD_TO_IMAGE: Final[Array] = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""World axes (x right, y away from the camera, z up) to image axes (x right, y up, z to camera)."""


@dataclass(frozen=True)
class Angles:
    """Yaw, pitch and roll in degrees; which convention is named by the field that holds them."""

    yaw: float
    pitch: float
    roll: float


def rotation_x(degrees: float) -> Array:
    """Right-handed rotation about X, shape (3, 3)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def rotation_y(degrees: float) -> Array:
    """Right-handed rotation about Y, shape (3, 3)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def rotation_z(degrees: float) -> Array:
    """Right-handed rotation about Z, shape (3, 3)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def matrix_from_blender_xyz(angles: Angles) -> Array:
    """World rotation of a head, shape (3, 3), from ``blender_xyz`` angles."""
    return rotation_z(angles.yaw) @ rotation_y(angles.roll) @ rotation_x(angles.pitch)


def blender_xyz_from_matrix(matrix: Array) -> Angles:
    """``blender_xyz`` angles of a world rotation, roll within ±90°.

    At roll = ±90° yaw and pitch turn about the same axis; yaw is then reported as zero.
    """
    m = np.asarray(matrix, dtype=np.float64)
    cos_roll = float(np.hypot(m[0, 0], m[1, 0]))
    roll = np.arctan2(-m[2, 0], cos_roll)
    if cos_roll > 1e-9:
        pitch = np.arctan2(m[2, 1], m[2, 2])
        yaw = np.arctan2(m[1, 0], m[0, 0])
    else:
        pitch = np.arctan2(-m[1, 2], m[1, 1])
        yaw = 0.0
    return Angles(*(float(np.degrees(a)) for a in (yaw, pitch, roll)))


def matrix_from_pose_para(angles: Angles) -> Array:
    """World rotation of a head, shape (3, 3), from ``pose_para`` angles."""
    image = rotation_x(-angles.pitch) @ rotation_y(-angles.yaw) @ rotation_z(-angles.roll)
    return WORLD_TO_IMAGE.T @ image @ WORLD_TO_IMAGE


def pose_para_from_matrix(matrix: Array) -> Angles:
    """``pose_para`` angles of a world rotation, yaw within ±90°.

    At yaw = ±90° pitch and roll turn about the same axis; roll is then reported as zero.
    """
    m = WORLD_TO_IMAGE @ np.asarray(matrix, dtype=np.float64) @ WORLD_TO_IMAGE.T
    cos_yaw = float(np.hypot(m[0, 0], m[0, 1]))
    yaw = np.arctan2(-m[0, 2], cos_yaw)
    if cos_yaw > 1e-9:
        pitch = np.arctan2(m[1, 2], m[2, 2])
        roll = np.arctan2(m[0, 1], m[0, 0])
    else:
        pitch = np.arctan2(-m[2, 1], m[1, 1])
        roll = 0.0
    return Angles(*(float(np.degrees(a)) for a in (yaw, pitch, roll)))


def rotation_vector(matrix: Array) -> Array:
    """Axis times angle in radians, shape (3,), of a rotation matrix (angle within [0, π])."""
    m = np.asarray(matrix, dtype=np.float64)
    skew = np.array([m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]])
    sin2, cos2 = float(np.linalg.norm(skew)), float(np.trace(m)) - 1.0
    angle = np.arctan2(sin2, cos2)
    if sin2 > 1e-7:
        return np.asarray(skew / sin2 * angle)
    if cos2 > 0:
        return np.asarray(skew / 2.0)
    square = (m + np.eye(3)) / 2.0
    column = int(np.argmax(np.diag(square)))
    axis = square[:, column] / np.sqrt(square[column, column])
    return np.asarray(axis * angle)


def matrix_from_rotation_vector(vector: Array) -> Array:
    """Rotation matrix, shape (3, 3), by Rodrigues' formula."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = np.asarray(vector, dtype=np.float64) / angle
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * skew + (1.0 - np.cos(angle)) * skew @ skew)


def rotation_power(matrix: Array, exponent: float) -> Array:
    """The same rotation axis with the angle multiplied by ``exponent``."""
    return matrix_from_rotation_vector(rotation_vector(matrix) * exponent)


def angle_between(a: Array, b: Array) -> float:
    """Geodesic distance of two rotations in degrees."""
    return float(np.degrees(np.linalg.norm(rotation_vector(np.asarray(a).T @ np.asarray(b)))))


def nearest_rotation(matrix: Array) -> Array:
    """The proper rotation nearest to a 3×3 matrix (polar decomposition)."""
    u, _, vt = np.linalg.svd(np.asarray(matrix, dtype=np.float64))
    u[:, -1] *= np.sign(np.linalg.det(u @ vt))
    return np.asarray(u @ vt)
