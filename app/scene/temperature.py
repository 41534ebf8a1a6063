"""The colour of black body radiation, in linear RGB."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

XYZ_TO_RGB: Final = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
"""CIE 1931 XYZ to linear RGB with the primaries and the D65 white of Rec. 709 (IEC 61966-2-1)."""

_SECOND_RADIATION_CONSTANT: Final = 1.438776877e-2
"""Metres times kelvin."""

_X_LOBES: Final = (
    (1.056, 599.8, 37.9, 31.0),
    (0.362, 442.0, 16.0, 26.7),
    (-0.065, 501.1, 20.4, 26.2),
)
_Y_LOBES: Final = ((0.821, 568.8, 46.9, 40.5), (0.286, 530.9, 16.3, 31.1))
_Z_LOBES: Final = ((1.217, 437.0, 11.8, 36.0), (0.681, 459.0, 26.0, 13.8))


@lru_cache(maxsize=256)
def blackbody(kelvin: float) -> tuple[float, float, float]:
    """Linear RGB of luminance 1, so that a lamp keeps its brightness when its colour changes.

    Planck's law, integrated with the multi-lobe fit of the CIE 1931 colour matching functions by
    Wyman, Sloan and Shirley, "Simple Analytic Approximations to the CIE XYZ Color Matching
    Functions", Journal of Computer Graphics Techniques 2(2), 2013, table 1. What lies outside the
    gamut is cut at zero. Values above 1 are usual.

    Parameters
    ----------
    kelvin : float
        Above zero.
    """
    wavelength = np.arange(380.0, 781.0, 5.0)
    metres = wavelength * 1e-9
    exponent = _SECOND_RADIATION_CONSTANT / (metres * kelvin)
    radiance = 1.0 / (metres**5 * np.expm1(exponent))
    lobes = (_X_LOBES, _Y_LOBES, _Z_LOBES)
    xyz = np.array([np.sum(radiance * _matching(wavelength, each)) for each in lobes])
    rgb = np.maximum(XYZ_TO_RGB @ (xyz / xyz[1]), 0.0)
    return float(rgb[0]), float(rgb[1]), float(rgb[2])


def _matching(
    wavelength: NDArray[np.float64], lobes: tuple[tuple[float, float, float, float], ...]
) -> NDArray[np.float64]:
    """Sum of Gaussian lobes (height, centre, widths left and right of it, nanometres)."""
    total = np.zeros_like(wavelength)
    for height, centre, left, right in lobes:
        width = np.where(wavelength < centre, left, right)
        total += height * np.exp(-0.5 * ((wavelength - centre) / width) ** 2)
    return total
