"""Solid noise: values in space, so that paint has no seams."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from app.bake.mesh import Floats, Ints, Singles

Numbers = Floats | Singles

LATTICE = 32  # a power of two
RESOLVED = 1.6
"""Texels that a wavelength must span to be worth drawing."""


def value_noise(
    points: Numbers, wavelength: float | Floats, rng: np.random.Generator, texel: float = 0.0
) -> Singles:
    """Smooth noise of about zero mean and unit deviation.

    Parameters
    ----------
    points : ndarray, shape (N, 3), metres
    wavelength : float or ndarray of shape (3,), metres
        Distance between lattice values, per axis.
    texel : float
        Metres between neighbouring points; noise that is finer than they can show is replaced by
        numbers without any pattern.

    Returns
    -------
    ndarray, shape (N,)
    """
    if np.max(wavelength) < RESOLVED * texel:
        return np.asarray(rng.standard_normal(len(points), dtype=np.float32))
    lattice = rng.standard_normal(LATTICE**3, dtype=np.float32)
    scale = np.broadcast_to(1 / np.asarray(wavelength, dtype=np.float32), 3)
    offset = rng.uniform(0, LATTICE, 3).astype(np.float32)
    (x0, x1, tx), (y0, y1, ty), (z0, z1, tz) = (
        _cells(points[:, k] * scale[k] + offset[k], LATTICE ** (2 - k)) for k in range(3)
    )

    def row(line: Ints) -> Singles:
        near = lattice.take(line + z0)
        far = lattice.take(line + z1)
        far -= near
        far *= tz
        far += near
        return far

    def sheet(x: Ints) -> Singles:
        near, far = row(x + y0), row(x + y1)
        far -= near
        far *= ty
        far += near
        return far

    front, back = sheet(x0), sheet(x1)
    back -= front
    back *= tx
    back += front
    back *= np.float32(1.9)
    return back


def _cells(at: Numbers, stride: int) -> tuple[Ints, Ints, Singles]:
    """Lattice positions before and after, in steps of `stride`, and the eased way between."""
    at = at.astype(np.float32, copy=False)
    low = np.floor(at)
    t = at - low
    t *= t * (3 - 2 * t)
    cell = low.astype(np.int64)
    after = cell + 1
    for index in (cell, after):
        index &= LATTICE - 1
        index *= stride
    return cell, after, t


def fractal_noise(
    points: Numbers,
    wavelength: float,
    octaves: int,
    rng: np.random.Generator,
    texel: float = 0.0,
) -> Singles:
    """Sum of noises of halved wavelength and amplitude, unit deviation at most.

    Octaves after the first that are too fine for points `texel` metres apart are left out.
    """
    total = value_noise(points, wavelength, rng, texel)
    for k in range(1, octaves):
        if wavelength / 2**k < RESOLVED * texel:
            break
        total += value_noise(points, wavelength / 2**k, rng) * np.float32(0.5**k)
    total /= np.float32(1.15)
    return total


def cell_distance(points: Numbers, seeds: Numbers, reach: float) -> tuple[Singles, Ints]:
    """Distance to the nearest seed and its number, shapes (N,).

    Points farther than `reach` metres from every seed have an infinite distance and number 0.
    """
    distance, index = cKDTree(seeds).query(points, distance_upper_bound=reach)
    near = np.isfinite(distance)
    return distance.astype(np.float32), np.where(near, index, 0)
