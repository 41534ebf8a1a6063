"""What a renderer gives for one picture, before background pictures and effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Layers:
    """Colour and exact ground truth of one picture.

    Attributes
    ----------
    color : ndarray, shape (H, W, 3), uint8
        Through the view transform, sRGB, not multiplied by ``alpha``.
    alpha : ndarray, shape (H, W), float32
        How much of a pixel the head covers, 0 to 1; 1 everywhere before a room or an environment.
    depth : ndarray, shape (H, W), float32
        Metres along the camera's -Z at the centres of the pixels, +inf where nothing is.
    segments : ndarray, shape (H, W), uint8
        Index into `app.scene.segments.SEGMENTS` at the centres of the pixels.
    vertices : tuple of ndarray, shape (V, 3), float32
        Posed vertices of every mesh of the head, world metres.
    """

    color: Bytes
    alpha: Floats
    depth: Floats
    segments: Bytes
    vertices: tuple[Floats, ...]
