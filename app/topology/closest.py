"""The nearest point of a triangle."""

from __future__ import annotations

import numpy as np

from app.geometry.rotations import Array


def closest_on_triangles(points: Array, corners: Array) -> Array:
    """Barycentric weights, shape (N, 3), of the point of each triangle nearest to each point.

    Parameters
    ----------
    points : ndarray, shape (N, 3)
    corners : ndarray, shape (N, 3, 3)
        Corner by corner.

    Notes
    -----
    Source: C. Ericson, 2005, "Real-time collision detection", section 5.1.5.
    """
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac = b - a, c - a
    d1, d2 = _dot(ab, points - a), _dot(ac, points - a)
    d3, d4 = _dot(ab, points - b), _dot(ac, points - b)
    d5, d6 = _dot(ab, points - c), _dot(ac, points - c)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    total = va + vb + vc
    zero, one = np.zeros_like(d1), np.ones_like(d1)
    with np.errstate(divide="ignore", invalid="ignore"):
        on_ab, on_ac = d1 / (d1 - d3), d2 / (d2 - d6)
        on_bc = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        inside = np.stack([va, vb, vc], axis=1) / total[:, None]
    cases = [
        (d1 <= 0) & (d2 <= 0),
        (d3 >= 0) & (d4 <= d3),
        (d6 >= 0) & (d5 <= d6),
        (vc <= 0) & (d1 >= 0) & (d3 <= 0),
        (vb <= 0) & (d2 >= 0) & (d6 <= 0),
        (va <= 0) & (d4 >= d3) & (d5 >= d6),
    ]
    at = [
        np.stack([one, zero, zero], axis=1),
        np.stack([zero, one, zero], axis=1),
        np.stack([zero, zero, one], axis=1),
        np.stack([1 - on_ab, on_ab, zero], axis=1),
        np.stack([1 - on_ac, zero, on_ac], axis=1),
        np.stack([zero, 1 - on_bc, on_bc], axis=1),
    ]
    weights = np.select([case[:, None] for case in cases], at, inside)
    return np.where(np.isfinite(weights).all(axis=1)[:, None], weights, at[0])


def _dot(u: Array, v: Array) -> Array:
    return np.asarray(np.einsum("ni,ni->n", u, v))
