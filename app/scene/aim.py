"""Letting a camera go without turning it."""

from __future__ import annotations

import numpy as np

from app.geometry.rotations import Array, rotation_x, rotation_z
from app.scene.placement import camera_matrix
from app.scene.scene import Camera, Vector


def free_rotation(camera: Camera) -> Vector:
    """Pitch, yaw and roll in degrees with which a free camera looks as this one does now."""
    return rotation_of(camera_matrix(camera)[:3, :3])


def rotation_of(matrix: Array) -> Vector:
    """Pitch, yaw and roll in degrees of a free camera from its axes in the world, shape (3, 3).

    The inverse of `camera_matrix` for ``look_at = False``: Rz(yaw) Rx(90° + pitch) Rz(roll).
    Looking straight up or down, yaw and roll turn about one axis and the roll is taken as zero.
    """
    forward = -matrix[:, 2]
    pitch = np.degrees(np.arcsin(np.clip(forward[2], -1.0, 1.0)))
    if np.hypot(forward[0], forward[1]) > 1e-6:
        yaw = np.degrees(np.arctan2(-forward[0], forward[1]))
    else:
        yaw = np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
    level = rotation_z(float(yaw)) @ rotation_x(90.0 + float(pitch))
    rolled = level.T @ matrix
    roll = np.degrees(np.arctan2(rolled[1, 0], rolled[0, 0]))
    return float(pitch), float(yaw), float(roll)
