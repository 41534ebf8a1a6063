"""The pinhole camera, once: Blender's axes, OpenCV's matrices and pixels.

Camera frame of Blender: looks along −Z, Y up. Of OpenCV: looks along +Z, Y down. Pixels have
(0, 0) at the centre of the top-left pixel, x right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.geometry.rotations import Array

BLENDER_TO_OPENCV: Final[Array] = np.diag([1.0, -1.0, -1.0])
SENSOR_WIDTH_MM: Final = 36.0


@dataclass(frozen=True, eq=False)
class Pinhole:
    """A placed camera.

    Attributes
    ----------
    matrix_world : ndarray, shape (4, 4)
        Camera to world, metres, Blender's camera axes.
    field_of_view : float
        Horizontal angle in degrees.
    width, height : int
        Size of the picture in pixels.
    clip_start, clip_end : float
        Metres along the view axis.
    """

    matrix_world: Array
    field_of_view: float
    width: int
    height: int
    clip_start: float = 0.001
    clip_end: float = 10.0

    @property
    def position(self) -> Array:
        return np.asarray(self.matrix_world[:3, 3])

    @property
    def focal_pixels(self) -> float:
        return float(self.width / 2.0 / np.tan(np.radians(self.field_of_view) / 2.0))

    @property
    def focal_mm(self) -> float:
        """Focal length on a sensor 36 mm wide."""
        return float(SENSOR_WIDTH_MM / 2.0 / np.tan(np.radians(self.field_of_view) / 2.0))

    @property
    def vertical_field_of_view(self) -> float:
        """Degrees, for square pixels."""
        return float(2.0 * np.degrees(np.arctan(self.height / 2.0 / self.focal_pixels)))

    def intrinsics(self) -> Array:
        """OpenCV's K, shape (3, 3), pixels."""
        f = self.focal_pixels
        return np.array(
            [[f, 0.0, (self.width - 1) / 2.0], [0.0, f, (self.height - 1) / 2.0], [0.0, 0.0, 1.0]]
        )

    def extrinsics(self) -> Array:
        """OpenCV's [R|t], shape (3, 4): world metres to camera metres (z forward, y down)."""
        rotation = BLENDER_TO_OPENCV @ self.matrix_world[:3, :3].T
        return np.hstack([rotation, -(rotation @ self.position)[:, None]])

    def to_camera(self, points: Array) -> Array:
        """World points (..., 3) in OpenCV's camera frame, metres; the last value is the depth."""
        e = self.extrinsics()
        return np.asarray(np.asarray(points, dtype=np.float64) @ e[:, :3].T + e[:, 3])

    def project(self, points: Array) -> Array:
        """World points (..., 3) to pixels (..., 2); NaN for points at or behind the camera."""
        p = self.to_camera(points)
        z = np.where(p[..., 2:] > 1e-9, p[..., 2:], np.nan)
        centre = np.array([(self.width - 1) / 2.0, (self.height - 1) / 2.0])
        return np.asarray(p[..., :2] / z * self.focal_pixels + centre)

    def ray(self, pixel: tuple[float, float]) -> tuple[Array, Array]:
        """Origin and unit direction in the world of the ray through a pixel."""
        x = (pixel[0] - (self.width - 1) / 2.0) / self.focal_pixels
        y = (pixel[1] - (self.height - 1) / 2.0) / self.focal_pixels
        direction = self.matrix_world[:3, :3] @ np.array([x, -y, -1.0])
        return self.position, np.asarray(direction / np.linalg.norm(direction))


def look_at(position: Array, target: Array, roll: float = 0.0) -> Array:
    """Camera-to-world matrix, shape (4, 4), that looks from ``position`` at ``target``, Z up.

    Looking straight up or down, the picture's up is +Y. ``roll`` in degrees turns the camera
    about its view axis.
    """
    back = np.asarray(position, dtype=np.float64) - np.asarray(target, dtype=np.float64)
    length = float(np.linalg.norm(back))
    back = back / length if length > 1e-9 else np.array([0.0, -1.0, 0.0])
    right = np.cross([0.0, 0.0, 1.0], back)
    if np.linalg.norm(right) < 1e-6:
        right = np.cross([0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    matrix = np.eye(4)
    matrix[:3, 0] = c * right + s * up
    matrix[:3, 1] = c * up - s * right
    matrix[:3, 2] = back
    matrix[:3, 3] = position
    return matrix
