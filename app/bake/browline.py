"""The course of the eyebrows on the mean person."""

from __future__ import annotations

import numpy as np

from app.bake.mesh import Floats, Singles

# From the nose outwards: x and z in millimetres, half the breadth, and the direction of the hairs
# in degrees above the outward horizontal.
ALONG = np.array([0.0, 0.12, 0.35, 0.6, 0.8, 1.0])
X = np.array([10.0, 15.0, 25.0, 38.0, 47.5, 57.0])
Z = np.array([11.4, 13.2, 15.8, 18.2, 16.4, 11.0])
HALF = np.array([3.0, 3.7, 3.6, 2.8, 1.9, 0.6])
RISE = np.array([66.0, 50.0, 26.0, 4.0, -20.0, -33.0])


def brow_distance(p: Floats | Singles, breadth: float = 1.0) -> Floats:
    """Distance from the middle line of the brow in half breadths, shape (N,), both sides.

    Parameters
    ----------
    p : ndarray, shape (N, 3), metres
        Canonical position.
    breadth : float
        Of this brow, relative to an average one.
    """
    x, z = np.abs(p[:, 0]) * 1000, p[:, 2] * 1000
    t = np.interp(x, X, ALONG)
    beyond = np.maximum(x - X[-1], 0) + np.maximum(X[0] - x, 0)
    across = (z - np.interp(t, ALONG, Z)) / (np.interp(t, ALONG, HALF) * breadth + 0.6)
    result: Floats = np.hypot(across, beyond / 2.0)
    return result
