"""Landmarks of one picture: where they lie, where they are seen, and whether they are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import Floats
from app.topology.contour import visible_outline
from app.topology.truth import OUTLINE, LandmarkTruth

if TYPE_CHECKING:
    from app.topology.landmarks import HeadLandmarks

TOLERANCE: Final = 0.001
"""Metres between a landmark and the surface that a picture shows, up to which they are one."""


def locate(
    landmarks: HeadLandmarks,
    vertices: tuple[Floats, ...],
    view: Pinhole,
    depth: NDArray[Any],
) -> tuple[LandmarkTruth, ...]:
    """Landmarks of every topology of a head, and the visible outline after iBUG-68.

    Parameters
    ----------
    landmarks : HeadLandmarks
    vertices : tuple of ndarray, shape (V, 3), metres
        Posed vertices of every mesh of the head.
    view : Pinhole
    depth : ndarray, shape (H, W), metres
        Along the camera's -Z at the centres of the pixels, +inf where nothing is.
    """
    names: list[tuple[str, int]] = []
    found: list[Array] = []
    for placement in landmarks.placements:
        names.append((placement.topology, placement.version))
        found.append(placement.positions(vertices))
        if placement.topology == landmarks.outline.topology:
            names.append((OUTLINE, placement.version))
            found.append(visible_outline(landmarks.outline, vertices, view))
    world = np.concatenate(found)
    pixels = view.project(world)
    visible = seen(pixels, view.to_camera(world)[:, 2], depth)
    ends = np.cumsum([len(f) for f in found])[:-1]
    return tuple(
        LandmarkTruth(name, version, w, p, v)
        for (name, version), w, p, v in zip(
            names, found, np.split(pixels, ends), np.split(visible, ends), strict=True
        )
    )


def seen(pixels: Array, distance: Array, depth: NDArray[Any]) -> NDArray[Any]:
    """Whether points are in the picture and on the surface that it shows.

    A point is seen where its own distance lies between the least and the greatest of the depths
    at the four pixel centres around it, give or take `TOLERANCE`. So it need not fall on a pixel
    centre, and the slope of the surface does not matter; on a silhouette the background beside it
    does not hide it.

    Parameters
    ----------
    pixels : ndarray, shape (L, 2)
        NaN behind the lens.
    distance : ndarray, shape (L,), metres
        Along the camera's -Z.
    depth : ndarray, shape (H, W), metres

    Returns
    -------
    ndarray of bool, shape (L,)
    """
    least, greatest = around(pixels, depth)
    return np.asarray(
        in_picture(pixels, depth.shape)
        & (distance >= least - TOLERANCE)
        & (distance <= greatest + TOLERANCE)
    )


def in_picture(pixels: Array, shape: tuple[int, ...]) -> NDArray[Any]:
    """Whether points (L, 2) lie on the pixels of a picture of this height and width."""
    height, width = shape
    x, y = pixels[:, 0], pixels[:, 1]
    return np.asarray((x >= -0.5) & (x < width - 0.5) & (y >= -0.5) & (y < height - 0.5))


def around(pixels: Array, depth: NDArray[Any]) -> tuple[Array, Array]:
    """Least and greatest depth, shape (L,), at the four pixel centres around each point (L, 2).

    A point beyond the outermost centres takes those of the border.
    """
    height, width = depth.shape
    left, top = np.floor(np.nan_to_num(pixels, nan=0.0)).clip(-1e6, 1e6).astype(np.intp).T
    x0, x1 = left.clip(0, width - 1), (left + 1).clip(0, width - 1)
    y0, y1 = top.clip(0, height - 1), (top + 1).clip(0, height - 1)
    four = np.stack([depth[y0, x0], depth[y0, x1], depth[y1, x0], depth[y1, x1]])
    return four.min(axis=0).astype(np.float64), four.max(axis=0).astype(np.float64)
