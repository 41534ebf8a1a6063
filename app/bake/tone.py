"""Encoding of colours and soft thresholds, of single or double precision."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from app.bake.mesh import Floats, Singles

Numbers = TypeVar("Numbers", Floats, Singles)


def to_srgb(linear: Numbers) -> Numbers:
    """IEC 61966-2-1 encoding of linear values."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def to_linear(encoded: Floats) -> Floats:
    """Inverse of `to_srgb`."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def smoothstep(low: float, high: float, x: Numbers) -> Numbers:
    """0 below `low`, 1 above `high`, smooth between; `low` may exceed `high`."""
    t = np.clip((x - low) * (1 / (high - low)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
