"""Where beards grow, on the mean person."""

from __future__ import annotations

import numpy as np

from app.bake.canvas import blob
from app.bake.mesh import Floats, Singles
from app.bake.tone import smoothstep


def beard_mask(p: Floats | Singles) -> Singles:
    """Where beard grows: moustache, chin, jaw and upper neck, 0..1, shape (N,).

    Parameters
    ----------
    p : ndarray, shape (N, 3), metres
        Canonical position.
    """
    x, y, z = (p * 1000).astype(np.float32).T
    side = np.abs(x)
    upper = np.interp(side, [0, 12, 24, 32, 50, 62, 72], [-52, -51, -63, -76, -70, -50, -22])
    below = smoothstep(3.0, -4.0, z - upper.astype(np.float32))
    neck = smoothstep(-142.0, -118.0, z - 0.25 * (y + 20))
    back = smoothstep(62.0, 48.0, y)
    soul = 1 - 0.6 * blob(p, (10, -30, -86), (7, 20, 5))
    return np.asarray(below * neck * back * soul)


def style_mask(p: Floats | Singles, style: str) -> Singles:
    """How much of `beard_mask` a style leaves standing, 0..1, shape (N,)."""
    x, y, z = (p * 1000).astype(np.float32).T
    side = np.abs(x)
    if style == "none":
        return np.zeros(len(p), dtype=np.float32)
    front = smoothstep(12.0, 4.0, y)
    moustache = smoothstep(25.0, 20.0, side) * smoothstep(-67.0, -64.0, z) * front
    if style == "moustache":
        return np.asarray(moustache)
    if style == "goatee":
        chin = smoothstep(25.0, 20.0, side) * smoothstep(-66.0, -72.0, z)
        corner = smoothstep(31.0, 27.0, side) * smoothstep(22.0, 25.0, side)
        corner = corner * smoothstep(-95.0, -85.0, z)
        throat = smoothstep(-122.0, -114.0, z)
        return np.asarray(np.maximum(moustache, np.maximum(chin, corner) * throat * front))
    return np.ones(len(p), dtype=np.float32)
