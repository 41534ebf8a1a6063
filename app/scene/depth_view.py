"""Passes as pictures: depth and normals in colours. Imports OpenCV when first used."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
ColorMap = Literal["viridis", "turbo", "grey"]

COLOR_MAPS: Final[tuple[ColorMap, ...]] = ("viridis", "turbo", "grey")
NOTHING: Final = (24, 25, 28)
"""Where there is no surface."""


@lru_cache(maxsize=4)
def color_table(name: ColorMap) -> Bytes:
    """256 colours, near first, shape (256, 3), RGB. Near is bright, as in a depth camera."""
    ramp = np.arange(256, dtype=np.uint8)
    if name == "grey":
        return np.repeat(ramp[::-1, None], 3, axis=1)
    import cv2

    code = {"viridis": cv2.COLORMAP_VIRIDIS, "turbo": cv2.COLORMAP_TURBO}[name]
    return np.array(cv2.applyColorMap(ramp[::-1, None], code)[:, 0, ::-1], dtype=np.uint8)


def depth_range(depth: Floats, head: NDArray[np.bool_] | None = None) -> tuple[float, float]:
    """Nearest and furthest metres to show: those of the head, without stray pixels.

    Parameters
    ----------
    depth : ndarray, shape (H, W), metres
        Not finite, or 0, where there is no surface.
    head : ndarray, shape (H, W), bool, optional
        Where the head is; without it every surface counts.
    """
    seen = np.isfinite(depth) & (depth > 0) & (depth < 1e6)
    if head is not None and np.any(seen & head):
        seen &= head
    if not np.any(seen):
        return 0.0, 1.0
    near, far = (float(v) for v in np.percentile(depth[seen], (0.2, 99.8)))
    return (near, far) if far - near > 1e-6 else (near - 0.001, near + 0.001)


def depth_picture(depth: Floats, near: float, far: float, name: ColorMap) -> Bytes:
    """Depth in colours, shape (H, W, 3), RGB."""
    seen = np.isfinite(depth) & (depth > 0) & (depth < 1e6)
    part = (np.where(seen, depth, far) - near) / (far - near)
    index = np.rint(np.clip(part, 0.0, 1.0) * 255.0).astype(np.uint8)
    picture: Bytes = color_table(name)[index]
    picture[~seen] = NOTHING
    return picture


def normal_picture(normals: Floats) -> Bytes:
    """Unit normals as colours, −1 to 1 becoming 0 to 255, shape (H, W, 3)."""
    length = np.linalg.norm(normals, axis=-1)
    picture = np.clip((normals * 0.5 + 0.5) * 255.0, 0, 255).astype(np.uint8)
    picture[~(length > 0.5)] = NOTHING
    return picture
