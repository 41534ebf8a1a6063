"""Where the scene's camera stands."""

from __future__ import annotations

import numpy as np

from app.geometry.pinhole import Pinhole, look_at
from app.geometry.rotations import Array, rotation_x, rotation_z
from app.scene.scene import Camera


def camera_position(camera: Camera) -> Array:
    """World metres, shape (3,); the head centre at zero pose is the origin."""
    azimuth, elevation = np.radians(camera.azimuth), np.radians(camera.elevation)
    ring = camera.distance * np.cos(elevation)
    on_sphere = [
        ring * np.sin(azimuth),
        -ring * np.cos(azimuth),
        camera.distance * np.sin(elevation),
    ]
    return np.asarray(np.array(on_sphere) + np.array(camera.offset))


def camera_matrix(camera: Camera) -> Array:
    """Camera to world, shape (4, 4), Blender's camera axes."""
    position = camera_position(camera)
    if camera.look_at:
        return look_at(position, np.zeros(3), camera.rotation[2])
    pitch, yaw, roll = camera.rotation
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_z(yaw) @ rotation_x(90.0 + pitch) @ rotation_z(roll)
    matrix[:3, 3] = position
    return matrix


def pinhole(camera: Camera) -> Pinhole:
    return Pinhole(
        camera_matrix(camera),
        camera.field_of_view,
        camera.width,
        camera.height,
        camera.clip_start,
        camera.clip_end,
    )
