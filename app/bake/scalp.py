"""Where hair grows on the head: the hairline as a curve about the vertical axis."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from app.bake.mesh import Floats, Singles

# Azimuth from the front in degrees, and height of the hairline above the eyes in millimetres, on
# the mean person.
_AZIMUTH = np.array([0, 12, 24, 36, 46, 56, 66, 76, 84, 92, 104, 116, 128, 145, 165, 180])
_WOMAN = np.array([63, 63, 61, 56, 48, 38, 24, 4, -14, -6, 14, 6, -22, -56, -70, -73])
_MAN = np.array([67, 68, 69, 68, 60, 44, 26, 2, -20, -8, 14, 6, -20, -52, -66, -69])


_FINE = np.linspace(0, 180, 1441)


def hairline_distance(p: Floats | Singles, gender: float, age: float) -> Floats:
    """Signed height above the hairline, metres, positive where hair grows.

    Parameters
    ----------
    p : ndarray, shape (N, 3)
        Canonical position (see `app.bake.canvas`).
    gender : float
        0 male to 1 female.
    age : float
        Years; men's temples recede with it.
    """
    azimuth = np.degrees(np.arctan2(np.abs(p[:, 0]), -(p[:, 1] - 0.065)))
    line = gender * _WOMAN + (1 - gender) * _MAN
    recede = (1 - gender) * np.interp(age, [25, 70], [0, 1])
    line = (
        line + recede * 16 * np.exp(-(((_AZIMUTH - 32) / 16) ** 2)) + recede * 5 * (_AZIMUTH < 60)
    )
    curve = PchipInterpolator(_AZIMUTH, line / 1000)(_FINE)
    height: Floats = p[:, 2] - np.interp(azimuth, _FINE, curve)
    return height
