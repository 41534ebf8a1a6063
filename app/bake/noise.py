"""Solid noise: values in space, so that paint has no seams."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from app.bake.mesh import Floats, Ints

_LATTICE = 32


def value_noise(points: Floats, wavelength: float | Floats, rng: np.random.Generator) -> Floats:
    """Smooth noise of about zero mean and unit deviation.

    Parameters
    ----------
    points : ndarray, shape (N, 3), metres
    wavelength : float or ndarray of shape (3,), metres
        Distance between lattice values, per axis.
    """
    lattice = rng.standard_normal((_LATTICE,) * 3).astype(np.float32)
    at = (points / wavelength + rng.uniform(0, _LATTICE, 3)).astype(np.float32)
    low = np.floor(at)
    t = at - low
    t = t * t * (3 - 2 * t)
    i0 = low.astype(np.int64) % _LATTICE
    i1 = (i0 + 1) % _LATTICE
    flat = lattice.ravel()

    def row(x: Ints, y: Ints) -> Floats:
        line = (x * _LATTICE + y) * _LATTICE
        near, far = flat[line + i0[:, 2]], flat[line + i1[:, 2]]
        return np.asarray(near + t[:, 2] * (far - near))

    front = row(i0[:, 0], i0[:, 1]) * (1 - t[:, 1]) + row(i0[:, 0], i1[:, 1]) * t[:, 1]
    back = row(i1[:, 0], i0[:, 1]) * (1 - t[:, 1]) + row(i1[:, 0], i1[:, 1]) * t[:, 1]
    result: Floats = (front * (1 - t[:, 0]) + back * t[:, 0]) * 1.9
    return result


def fractal_noise(
    points: Floats, wavelength: float, octaves: int, rng: np.random.Generator
) -> Floats:
    """Sum of noises of halved wavelength and amplitude, unit deviation at most."""
    total = np.zeros(len(points))
    for k in range(octaves):
        total += value_noise(points, wavelength / 2**k, rng) * 0.5**k
    return total / 1.15


def cell_distance(points: Floats, seeds: Floats) -> tuple[Floats, Ints]:
    """Distance to the nearest seed and its number, shapes (N,)."""
    distance, index = cKDTree(seeds).query(points, workers=-1)
    return distance, index
