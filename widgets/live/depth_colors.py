"""Depth of a face as colours: looked up, laid over the picture by the mask of the head."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter, QTransform

from widgets.live.overlays import ColorMap, DepthLayer

if TYPE_CHECKING:
    from inference.depth import DepthMap

ALPHAS: Final = 32
"""Steps of transparency at the edge of the mask."""


@functools.lru_cache(maxsize=3)
def color_table(name: ColorMap) -> NDArray[np.uint8]:
    """256 colours, near first and bright, shape (256, 3), RGB."""
    import cv2

    code = {
        "viridis": cv2.COLORMAP_VIRIDIS,
        "plasma": cv2.COLORMAP_PLASMA,
        "turbo": cv2.COLORMAP_TURBO,
    }[name]
    ramp = np.arange(255, -1, -1, dtype=np.uint8)
    return np.ascontiguousarray(cv2.applyColorMap(ramp[:, None], code)[:, 0, ::-1], np.uint8)


@functools.lru_cache(maxsize=3)
def _blends(name: ColorMap) -> NDArray[np.uint32]:
    """Premultiplied ARGB of each transparency and colour, shape (ALPHAS · 256,)."""
    part = np.linspace(0.0, 1.0, ALPHAS)[:, None, None]
    rgb = np.rint(color_table(name)[None] * part).astype(np.uint32)
    alpha = np.rint(255.0 * part[..., 0]).astype(np.uint32)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    blends = alpha << 24 | red << 16 | green << 8 | blue
    return np.ascontiguousarray(np.broadcast_to(blends, (ALPHAS, 256)).ravel())


def depth_pixels(found: DepthMap, layer: DepthLayer) -> NDArray[np.uint32]:
    """Premultiplied ARGB, shape (S, S), clear where the mask is.

    Parameters
    ----------
    found : DepthMap
    layer : DepthLayer
        Its two ends in millimetres are those of the colours; what lies beyond has the last colour.
    """
    depth, mask = found.depth, found.mask
    span = max(layer.far - layer.near, 1e-3)
    index: NDArray[Any] = depth * np.float32(255.0e3 / span)
    index -= np.float32(255.0 * layer.near / span)
    np.clip(np.nan_to_num(index, copy=False), 0.0, 255.0, out=index)
    clear: NDArray[Any] = mask * np.float32(ALPHAS - 1)
    np.clip(np.nan_to_num(clear, copy=False), 0.0, ALPHAS - 1.0, out=clear)
    places = index.astype(np.int32) + (np.rint(clear).astype(np.int32) << 8)
    return np.asarray(_blends(layer.colormap).take(places), np.uint32)


def paint_depth(painter: QPainter, found: DepthMap, layer: DepthLayer) -> None:
    """Lay the colours where the map lies; the painter has (0, 0) at the picture's corner."""
    pixels = depth_pixels(found, layer)
    side = len(pixels)
    image = QImage(pixels.data, side, side, side * 4, QImage.Format.Format_ARGB32_Premultiplied)
    (a, c, x), (b, d, y) = found.crop.matrix.tolist()
    place = QTransform(a, b, c, d, x - (a + c - 1.0) / 2.0, y - (b + d - 1.0) / 2.0)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setTransform(place, True)
    painter.drawImage(0, 0, image)
    painter.restore()
