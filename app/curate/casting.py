"""Points seen in pictures from several sides, brought on to the surface that they were seen on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.curate.surface import Spots, Surface
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.scene.placement import pinhole
from app.scene.scene import Camera

Bytes = NDArray[np.uint8]
Predict = Callable[[Bytes], "Array | None"]
"""Points, shape (L, 2), in pixels of a picture (H, W, 3), RGB; NaN or None for what is unseen."""

Render = Callable[[Camera], Bytes]
"""A picture of the head at zero pose."""

SIDES: Final = (
    (0, 0),
    (-22, 0),
    (22, 0),
    (-45, 0),
    (45, 0),
    (0, 16),
    (0, -16),
    (0, -34),
    (-70, 0),
    (70, 0),
)
"""Azimuth and elevation of the cameras, degrees."""

_DISTANCE: Final = 0.9
_FIELD: Final = 22.0
_GRAZING: Final = 0.25
_TURNS: Final = 12
_LEAST: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Seen:
    """What was found in one picture.

    Attributes
    ----------
    view : Pinhole
    points : ndarray, shape (L, 2), pixels
        NaN for what was not found.
    """

    view: Pinhole
    points: Array


@dataclass(frozen=True, eq=False)
class Cast:
    """Points on a surface.

    Attributes
    ----------
    spots : Spots
        Row -1 for what no picture showed well.
    spread : ndarray, shape (L,), metres
        How far apart the pictures put each point, weighed mean; inf for what was not seen.
    views : ndarray, shape (L,)
        How many pictures each was taken from.
    """

    spots: Spots
    spread: Array
    views: NDArray[Any]


def cameras(size: int = 640, sides: Sequence[tuple[float, float]] = SIDES) -> tuple[Camera, ...]:
    """Cameras around the face."""
    return tuple(
        Camera(
            name=f"{azimuth:g} {elevation:g}",
            distance=_DISTANCE,
            azimuth=azimuth,
            elevation=elevation,
            field_of_view=_FIELD,
            width=size,
            height=size,
        )
        for azimuth, elevation in sides
    )


def look(render: Render, predict: Predict, around: Sequence[Camera]) -> tuple[Seen, ...]:
    """Find the points in a picture from each camera; one in which none is found is left out."""
    found = []
    for camera in around:
        points = predict(render(camera))
        if points is not None:
            found.append(Seen(pinhole(camera), np.asarray(points, dtype=np.float64)))
    return tuple(found)


def cast(surface: Surface, seen: Sequence[Seen]) -> Cast:
    """Bring points that were seen on to the surface.

    Each picture gives the place that the ray through the point meets first. The places are
    weighed by how squarely the skin faces the camera, so that outlines hardly count, and the
    weighed geometric median is brought back to the skin.

    Parameters
    ----------
    surface : Surface
        At zero pose, as the pictures show it.
    seen : sequence of Seen

    Notes
    -----
    Source of the median: E. Weiszfeld, 1937, "Sur le point pour lequel la somme des distances de
    n points donnés est minimum".

    Raises
    ------
    ValueError
        If there is no picture with points, or they do not have the same number of points.
    """
    if not seen:
        raise ValueError("no face was found in any picture of this head")
    counts = {len(one.points) for one in seen}
    if len(counts) != 1:
        raise ValueError("the pictures do not have the same number of points")
    (count,) = counts
    places = np.full((len(seen), count, 3), np.nan)
    facing = np.zeros((len(seen), count, 3))
    weights = np.zeros((len(seen), count))
    for v, one in enumerate(seen):
        spots = rays(surface, one.view, one.points)
        met = np.flatnonzero(spots.triangles >= 0)
        if not len(met):
            continue
        places[v, met] = surface.at(spots[met])
        facing[v, met] = surface.facing(spots[met])
        way = one.view.position - places[v, met]
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        square = np.einsum("ni,ni->n", way, facing[v, met])
        weights[v, met] = np.where(square > _GRAZING, square**2, 0.0)
    known = weights.sum(axis=0) > 0.0
    middle = _median(np.nan_to_num(places), weights)
    normal = np.einsum("vl,vli->li", weights, facing)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), _LEAST)
    spots, _ = surface.closest(np.where(known[:, None], middle, 0.0), normal)
    apart = np.linalg.norm(np.nan_to_num(places) - surface.at(spots), axis=2)
    total = np.maximum(weights.sum(axis=0), _LEAST)
    spread = np.where(known, (weights * apart).sum(axis=0) / total, np.inf)
    rows = np.where(known, spots.triangles, -1)
    return Cast(Spots(rows, spots.weights), spread, (weights > 0.0).sum(axis=0))


def _median(places: Array, weights: Array) -> Array:
    """Weighed geometric median, shape (L, 3), of places (V, L, 3) by weights (V, L)."""
    total = np.maximum(weights.sum(axis=0), _LEAST)[:, None]
    middle = np.einsum("vl,vli->li", weights, places) / total
    for _ in range(_TURNS):
        gap = np.maximum(np.linalg.norm(places - middle, axis=2), 1e-6)
        share = weights / gap
        middle = (
            np.einsum("vl,vli->li", share, places) / np.maximum(share.sum(axis=0), _LEAST)[:, None]
        )
    return np.asarray(middle)


def rays(surface: Surface, view: Pinhole, points: Array) -> Spots:
    """Where rays through pixels (N, 2) first meet a surface; row -1 where they miss it."""
    pixels = view.project(surface.corners)
    toward = np.einsum("ti,ti->t", surface.normals, view.position - surface.corners[:, 0]) > 0.0
    whole = np.flatnonzero(np.isfinite(pixels).all(axis=(1, 2)) & toward)
    result = Spots(np.full(len(points), -1, dtype=np.int64), np.zeros((len(points), 3)))
    finite = np.flatnonzero(np.isfinite(points).all(axis=1))
    if not len(whole) or not len(finite):
        return result
    flat = pixels[whole]
    centre = flat.mean(axis=1)
    reach = np.linalg.norm(flat - centre[:, None], axis=2).max(axis=1)
    depth = view.to_camera(surface.corners[whole])[..., 2]
    # A few large triangles are tried for all points, so that the small ones stay few for each.
    usual = float(np.quantile(reach, 0.98))
    small, large = np.flatnonzero(reach <= usual), np.flatnonzero(reach > usual)
    balls = cKDTree(centre[small]).query_ball_point(points[finite], usual)
    for i, ball in zip(finite, balls, strict=True):
        near = np.concatenate([small[ball], large])
        inside, weights = _inside(points[i], flat[near])
        hit = near[inside]
        if not len(hit):
            continue
        # Weights in the picture over depth are weights in space.
        space = weights[inside] / depth[hit]
        best = int(space.sum(axis=1).argmax())
        result.triangles[i] = whole[hit[best]]
        result.weights[i] = space[best] / space[best].sum()
    return result


def _inside(point: Array, triangles: Array) -> tuple[NDArray[Any], Array]:
    """Which triangles (N, 3, 2) hold a point of the picture, and its weights in them."""
    a, b, c = np.moveaxis(triangles, 1, 0)
    first, second, way = b - a, c - a, point - a
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        u = (way[:, 0] * second[:, 1] - way[:, 1] * second[:, 0]) / area
        v = (first[:, 0] * way[:, 1] - first[:, 1] * way[:, 0]) / area
    weights = np.stack([1.0 - u - v, u, v], axis=1)
    inside = np.flatnonzero(np.isfinite(weights).all(axis=1) & (weights.min(axis=1) >= -_LEAST))
    return inside, np.clip(weights, 0.0, 1.0)
