"""Where the eyeballs of a head are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.geometry.rotations import Array

APART: Final = (0.1, 0.45)
"""Plausible distance of the eyeball centres as a part of the head's height."""


@dataclass(frozen=True, eq=False)
class Eyes:
    """Eyeball centres, shape (3,) each, metres; ``measured`` is False for an estimate."""

    left: Array
    right: Array
    reason: str
    measured: bool = True

    @property
    def middle(self) -> Array:
        return np.asarray((self.left + self.right) / 2)


def fit_sphere(points: Array) -> tuple[Array, float]:
    """Centre, shape (3,), and radius of the sphere nearest to points, by linear least squares.

    |p|² = 2 c·p + (r² − |c|²) is linear in c and the constant.
    """
    middle = points.mean(axis=0)
    p = points - middle
    a = np.hstack([2 * p, np.ones((len(p), 1))])
    solution, *_ = np.linalg.lstsq(a, (p**2).sum(axis=1), rcond=None)
    radius = np.sqrt(max(solution[3] + solution[:3] @ solution[:3], 0.0))
    return middle + solution[:3], float(radius)


def eyeball_centre(joint: Array | None, points: Array) -> Array | None:
    """Centre of one eyeball from its bone's joint and the vertices that hang on it.

    The joint is taken where it lies inside the eyeball, otherwise the centre of the geometry.
    """
    if len(points) < 8:
        return joint
    extent = points.max(axis=0) - points.min(axis=0)
    box = (points.max(axis=0) + points.min(axis=0)) / 2
    centre, radius = fit_sphere(points)
    span = float(extent.max()) / 2
    if not (0.6 * span <= radius <= 2.0 * span and np.linalg.norm(centre - box) <= 1.2 * span):
        centre, radius = box, span
    if joint is not None and np.linalg.norm(joint - centre) <= 0.7 * radius:
        return joint
    return centre


def check_eyes(left: Array, right: Array, head: Array) -> str | None:
    """What makes a pair of eyes implausible for head vertices of shape (V, 3), or None."""
    low, high = head.min(axis=0), head.max(axis=0)
    height = float(high[2] - low[2])
    apart = float(np.linalg.norm(left - right))
    if not APART[0] * height <= apart <= APART[1] * height:
        return f"they are {apart / height:.0%} of the head's height apart"
    if left[0] - right[0] < 0.7 * apart:
        return "they do not lie left and right"
    middle = (left + right) / 2
    if np.any(middle < low - 0.05 * height) or np.any(middle > high + 0.05 * height):
        return "they lie outside the head"
    return None


def estimate_eyes(vertices: Array, normal: Array, point: Array) -> Eyes:
    """Eyes of an average head put into a surface that shows none.

    The eyeballs' centres lie half way up the head, 0.13 of its height to each side of the mirror
    plane (``normal`` towards the left, ``point`` on it) and 0.08 of it behind the face.
    """
    low, high = vertices[:, 2].min(), vertices[:, 2].max()
    height = high - low
    z = (low + high) / 2
    off = np.abs((vertices - point) @ normal)
    band = (np.abs(vertices[:, 2] - z) < 0.1 * height) & (off < 0.2 * height)
    front = vertices[band] if band.any() else vertices
    back = np.cross([0.0, 0.0, 1.0], normal)
    back /= np.linalg.norm(back)
    depth = float((front @ back).min()) + 0.08 * height
    across = np.array(normal) * [1.0, 1.0, 0.0]
    across /= np.linalg.norm(across)
    middle = across * float(point @ across) + back * depth + np.array([0.0, 0.0, z])
    side = normal * 0.13 * height
    return Eyes(middle + side, middle - side, "estimated from the shape of the head", False)
