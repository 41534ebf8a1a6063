"""What shows behind the head: the picture of the environment, through the view transform."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.raster import tone
from app.raster.environment_light import EnvironmentLight
from app.scene.scene import Environment

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


def sky(light: EnvironmentLight, environment: Environment, view: Pinhole) -> Bytes:
    """The environment as a camera sees it, shape (H, W, 3), sRGB."""
    import cv2

    x, y, z = _rays(view)
    turn = np.radians(environment.rotation)
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    around = cv2.phase(cosine * x + sine * y, cosine * y - sine * x)
    lift = np.arcsin(np.clip(z, -1.0, 1.0))
    height, width = light.sky.shape[:2]
    u = (np.float32(0.5) - around / np.float32(2.0 * np.pi)) % 1.0
    v = np.float32(0.5) - lift / np.float32(np.pi)
    wide = np.concatenate([light.sky[:, -1:], light.sky, light.sky[:, :1]], axis=1)
    column, row = u * np.float32(width) + np.float32(0.5), v * np.float32(height) - np.float32(0.5)
    linear = cv2.remap(wide, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    shown = tone.to_bytes((linear * np.float32(environment.strength)).reshape(-1, 3))
    return shown.reshape(view.height, view.width, 3)


def _rays(view: Pinhole) -> tuple[Floats, Floats, Floats]:
    """World axes of unit vectors through the pixels, shape (H, W) each."""
    right = (np.arange(view.width) - (view.width - 1) / 2.0) / view.focal_pixels
    up = -(np.arange(view.height) - (view.height - 1) / 2.0) / view.focal_pixels
    turn = view.matrix_world[:3, :3]
    length = np.sqrt(right[None] ** 2 + up[:, None] ** 2 + 1.0)
    x, y, z = (
        ((turn[i, 0] * right)[None] + (turn[i, 1] * up)[:, None] - turn[i, 2]) / length
        for i in range(3)
    )
    return x.astype(np.float32), y.astype(np.float32), z.astype(np.float32)
