"""The scene's camera, put where somebody is looking from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.geometry.rotations import Array
from app.scene.aim import rotation_of
from app.scene.scene import Camera

_AIMED: float = 0.5
"""Degrees by which a view may miss the head centre and still count as looking at it."""


def camera_at(camera: Camera, matrix: Array) -> Camera:
    """The camera moved to a view; its lens and picture stay.

    Parameters
    ----------
    matrix : ndarray, shape (4, 4)
        Camera to world, metres, Blender's camera axes.

    Returns
    -------
    Camera
        Locked on the head centre where the view looks at it, free otherwise. Nearer than the
        least distance it is pushed out to that distance.
    """
    position, forward = matrix[:3, 3], -matrix[:3, 2]
    distance = float(np.linalg.norm(position))
    x, y, z = (float(v) for v in position)
    azimuth = float(np.degrees(np.arctan2(x, -y))) if np.hypot(x, y) > 1e-9 else 0.0
    elevation = float(np.degrees(np.arcsin(np.clip(z / max(distance, 1e-9), -1.0, 1.0))))
    towards = -position / max(distance, 1e-9)
    aimed = float(forward @ towards) > np.cos(np.radians(_AIMED))
    pitch, yaw, _ = rotation_of(matrix[:3, :3])
    return replace(
        camera,
        distance=float(np.clip(distance, 0.05, 100.0)),
        azimuth=azimuth,
        elevation=elevation,
        offset=(0.0, 0.0, 0.0),
        look_at=aimed,
        rotation=(0.0, 0.0, 0.0) if aimed else (pitch, yaw, 0.0),
    )
