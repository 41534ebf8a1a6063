"""True depth of a picture with the pixels that count."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.evaluation.annotated import Bools, DepthTruth, Floats
from app.evaluation.face_region import face_region
from app.scene.segments import SEGMENTS

_HEAD: Final = tuple(SEGMENTS.index(n) for n in ("skin", "eyes", "hair"))
_SHIFT: Final = 4


def labelled_depth(
    relative: Floats,
    segments: NDArray[np.uint8],
    points: NDArray[Any],
    heights: NDArray[Any],
    distance: float,
) -> DepthTruth:
    """Depth of a picture whose segments and landmarks are known.

    Parameters
    ----------
    relative : ndarray, shape (H, W), metres
        From the head centre, away positive; +inf where nothing is.
    segments : ndarray, shape (H, W)
        Index into `app.scene.segments.SEGMENTS`.
    points : ndarray, shape (L, 2), pixels
    heights : ndarray, shape (L,), metres
        Depth of the landmarks from the head centre; NaN for hidden ones.
    distance : float, metres
        Of the head centre.
    """
    whole = np.isfinite(points).all(axis=1)
    solid = np.isfinite(relative)
    face = face_region(segments, np.where(solid, relative, 1e3), points[whole], heights[whole])
    return DepthTruth(relative, solid & face, solid & np.isin(segments, _HEAD), distance)


def plain_depth(relative: Floats, points: NDArray[Any], distance: float) -> DepthTruth:
    """Depth of a picture of which nothing but depth is known.

    The face is then all that has a depth within the convex outline of ``points`` (L, 2).
    """
    solid = np.isfinite(relative)
    within = hull(points, (relative.shape[0], relative.shape[1]))
    return DepthTruth(relative, solid & within, solid, distance)


def hull(points: NDArray[Any], shape: tuple[int, int]) -> Bools:
    """Pixels within the convex outline of points (L, 2)."""
    flat = np.asarray(points, np.float64)
    flat = flat[np.isfinite(flat).all(axis=1)].clip(-20000, 20000)
    area = np.zeros(shape, np.uint8)
    if len(flat) >= 3:
        corners = cv2.convexHull(np.rint(flat * (1 << _SHIFT)).astype(np.int32))
        cv2.fillConvexPoly(area, corners, 1, lineType=cv2.LINE_8, shift=_SHIFT)
    return area.astype(bool)
