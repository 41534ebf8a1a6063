"""Steps along a surface, never off it."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.curate.surface import Spots, Surface
from app.geometry.rotations import Array
from app.topology.closest import closest_on_triangles

_LEAST: Final = 1e-9


def walk(surface: Surface, spot: Spots, step: Array) -> Spots:
    """The place that one comes to by a straight step along the surface.

    Straight means that the triangles on the way are folded flat. At a border the way ends.

    Parameters
    ----------
    surface : Surface
    spot : Spots
        One place.
    step : ndarray, shape (3,), metres
        What stands out of the surface is left away; the length along it is kept.
    """
    triangle, weights = int(spot.triangles[0]), spot.weights[0].astype(np.float64)
    normal = surface.normals[triangle]
    tangent = step - (step @ normal) * normal
    left = float(np.linalg.norm(step))
    length = float(np.linalg.norm(tangent))
    if length < _LEAST or left < _LEAST:
        return spot
    direction = tangent / length
    came = -1
    for _ in range(len(surface.triangles)):
        rate = _rates(surface.corners[triangle], direction)
        exit_corner, room = _exit(weights, rate, came)
        if exit_corner < 0 or room >= left:
            weights = weights + left * rate
            break
        weights = weights + room * rate
        weights[exit_corner] = 0.0
        weights = weights / weights.sum()
        left -= room
        edge = (exit_corner + 1) % 3
        beyond = int(surface.across[triangle, edge])
        if beyond < 0:
            break
        direction = _folded(direction, surface.normals[triangle], surface.normals[beyond])
        point = weights @ surface.corners[triangle]
        entries = np.flatnonzero(surface.across[beyond] == triangle)
        came = int((entries[0] + 2) % 3)
        triangle = beyond
        weights = closest_on_triangles(point[None], surface.corners[triangle][None])[0]
        # On the edge exactly, and of sum one: what is left over would grow from edge to edge.
        weights[came] = 0.0
        weights = weights / max(float(weights.sum()), _LEAST)
    weights = np.clip(weights, 0.0, 1.0)
    return Spots(np.array([triangle]), (weights / weights.sum())[None])


def _rates(corners: Array, direction: Array) -> Array:
    """Change of barycentric weights, shape (3,), for each metre in a direction in the plane."""
    first, second = corners[1] - corners[0], corners[2] - corners[0]
    a, b, c = first @ first, first @ second, second @ second
    p, q = first @ direction, second @ direction
    area = max(a * c - b * b, 1e-30)
    u, v = (c * p - b * q) / area, (a * q - b * p) / area
    return np.array([-u - v, u, v])


def _exit(weights: Array, rate: Array, came: int) -> tuple[int, float]:
    """The corner whose weight first comes to nothing, and the way until then; -1 for none."""
    best, room = -1, np.inf
    for k in range(3):
        if rate[k] < -_LEAST and k != came:
            way = max(float(weights[k]), 0.0) / -float(rate[k])
            if way < room:
                best, room = k, way
    return best, float(room)


def _folded(direction: Array, from_normal: Array, to_normal: Array) -> Array:
    """A direction turned about the edge between two triangles, with their fold.

    Source: Rodrigues' rotation that takes one normal to the other.
    """
    axis = np.cross(from_normal, to_normal)
    sine, cosine = float(np.linalg.norm(axis)), float(from_normal @ to_normal)
    if sine < _LEAST:
        return direction
    axis = axis / sine
    turned = (
        cosine * direction
        + sine * np.cross(axis, direction)
        + (1.0 - cosine) * (axis @ direction) * axis
    )
    turned = turned - (turned @ to_normal) * to_normal
    return np.asarray(turned / max(float(np.linalg.norm(turned)), 1e-20))
