"""The passes of a finished render as pictures and values, read away from the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.blender.render import load_depth, load_normals, load_segmentation
from app.scene.depth_view import (
    ColorMap,
    color_table,
    depth_picture,
    depth_range,
    normal_picture,
)
from app.scene.scene import Pass
from app.scene.segments import PALETTE, SEGMENTS
from widgets.panels.picture_view import Scale

T = TypeVar("T")

RAW_FILES: Final[dict[Pass, str]] = {"color": "linear", "depth": "depth", "normals": "normals"}
"""Which file of a render holds a pass in full precision."""


@dataclass(frozen=True, eq=False)
class PassPictures:
    """What can be shown of a render.

    Attributes
    ----------
    images : dict of Pass to QImage
        In the order in which they are offered.
    depth : ndarray, shape (H, W), float32, metres, or None
    normals : ndarray, shape (H, W, 3), float32, or None
    labels : ndarray, shape (H, W), uint8, or None
        Indices into `SEGMENTS`.
    scale : Scale or None
        Of the depth's colours.
    """

    images: dict[Pass, QImage]
    depth: NDArray[np.float32] | None = None
    normals: NDArray[np.float32] | None = None
    labels: NDArray[np.uint8] | None = None
    scale: Scale | None = None

    def read_out(self, shown: Pass, x: int, y: int) -> str:
        """What lies under a pixel: its place, its value in the pass shown, depth and label."""
        parts = [f"{x}, {y}"]
        image = self.images.get(shown)
        if image is not None and not image.rect().contains(x, y):
            return parts[0]
        if self.depth is not None:
            metres = float(self.depth[y, x])
            parts.append(f"{metres:.4f} m" if np.isfinite(metres) else "no surface")
        if self.labels is not None and shown != "normals":
            label = int(self.labels[y, x])
            parts.append(SEGMENTS[label] if label < len(SEGMENTS) else str(label))
        if shown == "normals" and self.normals is not None:
            parts.append("n " + " ".join(f"{v:+.2f}" for v in self.normals[y, x]))
        elif shown == "color" and image is not None:
            colour = image.pixelColor(x, y)
            parts.append(f"RGB {colour.red()} {colour.green()} {colour.blue()}")
        return "  ·  ".join(parts)


def load_passes(files: dict[str, Path], color_map: ColorMap) -> PassPictures:
    """Read the files of a render; one that is gone or broken is left out."""
    images: dict[Pass, QImage] = {}
    color = read_image(files["color"]) if "color" in files else QImage()
    if not color.isNull():
        images["color"] = color
    depth = _read(load_depth, files.get("depth"))
    normals = _read(load_normals, files.get("normals"))
    labels = _read(load_segmentation, files.get("segmentation"))
    scale = None
    if depth is not None:
        near, far = depth_range(depth, None if labels is None else labels > 0)
        images["depth"] = to_image(depth_picture(depth, near, far, color_map))
        red_green_blue = color_table(color_map)[::15].tolist()
        scale = Scale([(r, g, b) for r, g, b in red_green_blue], near, far)
    if normals is not None:
        images["normals"] = to_image(normal_picture(normals))
    if labels is not None:
        images["segmentation"] = to_image(np.array(PALETTE, np.uint8)[labels])
    return PassPictures(images, depth, normals, labels, scale)


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """RGB bytes, shape (H, W, 3), as a picture of its own memory."""
    height, width = pixels.shape[:2]
    pixels = np.ascontiguousarray(pixels)
    packed = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)
    return packed.convertToFormat(QImage.Format.Format_RGB32)


def read_image(path: Path) -> QImage:
    """A picture's file in the format of the screen, so that showing it copies nothing."""
    image = QImage(str(path))
    return image if image.isNull() else image.convertToFormat(QImage.Format.Format_RGB32)


def _read(load: Callable[[Path], T], path: Path | None) -> T | None:
    try:
        return None if path is None else load(path)
    except OSError:
        return None
