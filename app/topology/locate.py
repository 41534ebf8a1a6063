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

COARSE: Final = 1.5
"""The same for the centre of the nearest pixel, in pixels: in small faces one spans millimetres."""

_STEP: Final = 0.02
"""Metres from one pixel to the next that no surface of a face bridges."""

_FAR: Final = 1e3


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
    distance = view.to_camera(world)[:, 2]
    visible = seen(pixels, distance, depth, view.focal_pixels)
    truths = []
    start = 0
    for (name, version), points in zip(names, found, strict=True):
        own = slice(start, start + len(points))
        if name == OUTLINE:
            visible[own] = seen_on_rim(pixels[own], distance[own], depth)
        truths.append(LandmarkTruth(name, version, points, pixels[own], visible[own]))
        start = own.stop
    return tuple(truths)


def seen(pixels: Array, distance: Array, depth: NDArray[Any], focal: float) -> NDArray[Any]:
    """Whether points are in the picture and on the surface that it shows.

    See `gap`, which must not be above 0.

    Parameters
    ----------
    pixels : ndarray, shape (L, 2)
        NaN behind the lens.
    distance : ndarray, shape (L,), metres
        Along the camera's -Z.
    depth : ndarray, shape (H, W), metres
    focal : float
        Focal length in pixels.

    Returns
    -------
    ndarray of bool, shape (L,)
    """
    inside = in_picture(pixels, depth.shape)
    return np.asarray(inside & (gap(pixels, distance, depth, focal) <= 0.0))


def seen_on_rim(pixels: Array, distance: Array, depth: NDArray[Any]) -> NDArray[Any]:
    """As `seen`, for points where a surface turns away; see `rim_gap`."""
    inside = in_picture(pixels, depth.shape)
    return np.asarray(inside & (rim_gap(pixels, distance, depth) <= 0.0))


def gap(pixels: Array, distance: Array, depth: NDArray[Any], focal: float) -> Array:
    """How far points lie from the surface that the picture shows, beyond what is allowed, metres.

    The depth between the four pixels around a point must be its own distance to `TOLERANCE`, and
    that of the nearest pixel too, or to `COARSE` of what a pixel spans where that is more. So what
    is hidden, beside a rim, or seen very steeply does not count.

    Returns
    -------
    ndarray, shape (L,)
        At most 0 for points that are seen; +inf on nothing.
    """
    spanned = np.nan_to_num(distance) / focal
    height, width = depth.shape
    at = np.nan_to_num(pixels, nan=0.0).clip(-1e6, 1e6)
    left, top = np.floor(at).astype(np.intp).T
    share_x, share_y = (at - np.stack([left, top], axis=1)).T
    between = np.zeros(len(at))
    for i, j in ((0, 0), (1, 0), (0, 1), (1, 1)):
        share = (share_x if i else 1.0 - share_x) * (share_y if j else 1.0 - share_y)
        here = depth[(top + j).clip(0, height - 1), (left + i).clip(0, width - 1)]
        with np.errstate(invalid="ignore"):
            between += np.where(share > 0.0, share * here.astype(np.float64), 0.0)
    columns, rows = np.round(at).astype(np.intp).T
    nearest = depth[rows.clip(0, height - 1), columns.clip(0, width - 1)].astype(np.float64)
    return np.maximum(
        _apart(between, distance, np.full(len(at), TOLERANCE)),
        _apart(nearest, distance, np.maximum(TOLERANCE, COARSE * spanned)),
    )


def rim_gap(pixels: Array, distance: Array, depth: NDArray[Any]) -> Array:
    """As `gap`, for points on the rim of a surface, where depth falls off within a pixel.

    The surface is carried from a pixel's centre along its slope in the depth picture. It may differ
    by `TOLERANCE` and by how much it bends within a pixel: half the change of the slope inside of
    it, twice the slope at its rim. The nearest pixel decides, unless it shows something farther
    away than the point; then another of the four pixels around it may hold its surface.
    """
    height, width = depth.shape
    at = np.nan_to_num(pixels, nan=0.0).clip(-1e6, 1e6)
    left, top = np.floor(at).astype(np.intp).T
    columns = np.stack([left, left + 1, left, left + 1]).clip(0, width - 1)
    rows = np.stack([top, top, top + 1, top + 1]).clip(0, height - 1)
    carried, allowed = _carried(at, columns, rows, depth)
    apart = _apart(carried, distance, allowed)
    nearest = ((at[:, 0] - columns) ** 2 + (at[:, 1] - rows) ** 2).argmin(axis=0)[None]
    own = np.take_along_axis(apart, nearest, axis=0)[0]
    before = np.take_along_axis(carried, nearest, axis=0)[0] < distance
    return np.asarray(np.where(before, own, apart.min(axis=0)))


def _apart(carried: Array, distance: Array, allowed: Array) -> Array:
    with np.errstate(invalid="ignore"):
        apart = np.abs(carried - distance) - allowed
    return np.asarray(np.where(np.isnan(apart), np.inf, apart))


def _carried(
    at: Array, columns: NDArray[Any], rows: NDArray[Any], depth: NDArray[Any]
) -> tuple[Array, Array]:
    """Depth of pixels (N, L) carried to the points (L, 2) along the slope, and what may be off."""
    height, width = depth.shape
    here = depth[rows, columns].astype(np.float64)
    total, bend = here.copy(), np.full(here.shape, TOLERANCE)
    rim = np.zeros(here.shape, dtype=bool)
    steep = np.zeros(here.shape)
    for offset, dx, dy in ((at[:, 0] - columns, 1, 0), (at[:, 1] - rows, 0, 1)):
        after = depth[(rows + dy).clip(0, height - 1), (columns + dx).clip(0, width - 1)]
        before = depth[(rows - dy).clip(0, height - 1), (columns - dx).clip(0, width - 1)]
        with np.errstate(invalid="ignore"):
            ahead, behind = after - here, here - before
        ahead = np.nan_to_num(ahead, nan=0.0, posinf=_FAR, neginf=-_FAR)
        behind = np.nan_to_num(behind, nan=0.0, posinf=_FAR, neginf=-_FAR)
        slope = np.where(np.abs(ahead) < np.abs(behind), ahead, behind)
        slope = np.where(np.abs(slope) < _STEP, slope, 0.0)
        total += slope * offset
        bend += np.minimum(np.abs(ahead - behind) / 2.0, np.abs(slope))
        rim |= (ahead > _STEP) | (-behind > _STEP)
        steep += np.abs(slope)
    return total, np.where(rim, bend + 2.0 * steep, bend)


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
