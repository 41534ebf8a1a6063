"""Which pixels of a labelled picture show the face's surface, for figures of depth.

The face is what lies within the outline of the landmarks, with the things that lie upon it: skin,
eyes, lips, teeth, brows, lashes, the shadow of a beard. It is not the hair that falls over it, the
glasses before it, the hand across it, the neck, the shoulders.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.scene.segments import SEGMENTS

REACH: Final = 0.16
"""Metres from the head centre along the camera's axis beyond which nothing is the face."""

UPON: Final = 0.010
"""Metres between the landmark beside them and hairs or teeth that belong to a face, at most."""

APART: Final = 0.045
"""Metres between skin or eyes and the landmark beside them, at most; a neck below a jaw is more."""

_ALLOWED: Final = np.zeros(256, np.float32)
_ALLOWED[[SEGMENTS.index(name) for name in ("skin", "eyes")]] = APART
_ALLOWED[[SEGMENTS.index(name) for name in ("hair", "other")]] = UPON

_COARSE: Final = 2
"""Pixels of the picture along one of those in which the nearest landmark is looked for."""

Floats = NDArray[np.floating[Any]]


def face_region(
    segments: NDArray[np.uint8], depth: Floats, points: Floats, heights: Floats
) -> NDArray[np.bool_]:
    """Pixels that show the face's surface.

    Parameters
    ----------
    segments : ndarray, shape (H, W), uint8
        Values of `app.scene.segments.SEGMENTS`.
    depth : ndarray, shape (H, W), metres
        Relative to the head centre along the camera's axis, away positive.
    points : ndarray, shape (L, 2)
        Landmarks all over the face in pixels of the same grid, hidden ones too.
    heights : ndarray, shape (L,), metres
        Their depth, as ``depth`` has it; NaN for landmarks that nothing shall be compared with.

    Returns
    -------
    ndarray of bool, shape (H, W)
    """
    height, width = segments.shape
    inside = np.zeros((height, width), np.uint8)
    hull = cv2.convexHull(np.ascontiguousarray(points, np.float32))
    cv2.fillConvexPoly(inside, np.round(hull).astype(np.int32), 1)
    beside = _nearest(points, heights, height, width)
    near = np.abs(depth - beside) < cv2.LUT(segments, _ALLOWED)
    return np.asarray((inside > 0) & (np.abs(depth) < REACH) & near)


def _nearest(points: Floats, heights: Floats, height: int, width: int) -> NDArray[np.float32]:
    """The depth of the landmark nearest to each pixel in the picture; NaN where there is none."""
    rows, columns = -(-height // _COARSE), -(-width // _COARSE)
    x, y = np.round((points + 0.5) / _COARSE - 0.5).astype(int).T
    known = (x >= 0) & (x < columns) & (y >= 0) & (y < rows) & np.isfinite(heights)
    if not known.any():
        return np.full((height, width), np.nan, np.float32)
    x, y = x[known], y[known]
    away = np.ones((rows, columns), np.uint8)
    away[y, x] = 0
    _, labels = cv2.distanceTransformWithLabels(
        away, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.full(int(labels.max()) + 1, np.nan, np.float32)
    table[labels[y, x]] = heights[known]
    found = np.repeat(np.repeat(table[labels], _COARSE, axis=0), _COARSE, axis=1)
    return np.asarray(found[:height, :width])
