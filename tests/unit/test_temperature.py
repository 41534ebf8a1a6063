"""Black body colours against published chromaticities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scene.temperature import XYZ_TO_RGB, blackbody

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize(
    ("kelvin", "x", "y"),
    [(2856.0, 0.4476, 0.4074), (5000.0, 0.3451, 0.3516), (10000.0, 0.2807, 0.2884)],
)
def test_chromaticity_is_that_of_the_planckian_locus(kelvin: float, x: float, y: float) -> None:
    """CIE illuminant A, and the CIE 1931 locus at 5000 and 10000 K."""
    xyz = np.linalg.inv(XYZ_TO_RGB) @ blackbody(kelvin)
    assert xyz[:2] / xyz.sum() == pytest.approx([x, y], abs=0.004)


@given(st.floats(2000.0, 20000.0))
def test_brightness_stays_the_same_at_any_temperature(kelvin: float) -> None:
    assert LUMINANCE @ np.array(blackbody(kelvin)) == pytest.approx(1.0, abs=0.02)


@given(st.floats(800.0, 19000.0), st.floats(50.0, 1000.0))
def test_hotter_is_bluer(kelvin: float, more: float) -> None:
    cool, hot = blackbody(kelvin), blackbody(kelvin + more)
    assert hot[2] >= cool[2]
    assert hot[0] <= cool[0]
    assert min(cool) >= 0.0
