"""Plain surfaces of what a person wears: what no texture says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.bake.features import srgb
from app.bake.person import PersonSpec
from app.bake.tone import to_linear

_CLEAR = 0.06
_HIDES = 0.4  # tint from which lenses are opaque
_DARK = (0.012, 0.012, 0.013)


@dataclass(frozen=True)
class Look:
    """A surface without pictures: linear colour, opacity, roughness, share of metal."""

    color: tuple[float, float, float] = (0.8, 0.8, 0.8)
    alpha: float = 1.0
    roughness: float = 0.5
    metallic: float = 0.0


def looks(person: PersonSpec) -> dict[str, Look]:
    """Looks of a person's materials by name, of those that need one.

    Lenses are nearly clear, so that eyes behind them count as seen in depth and masks; those of
    sunglasses are not.
    """
    glasses = person.glasses
    return {
        "cornea": Look((1.0, 1.0, 1.0), 0.08, 0.03),
        "glasses": Look(_linear(glasses.color), 1.0, 0.28, 0.9 if glasses.metal else 0.0),
        "lens": Look(_DARK, _CLEAR + 0.9 * glasses.tint if glasses.tint < _HIDES else 1.0, 0.05),
        "earring": Look(_linear(person.earrings.color), 1.0, 0.2, 1.0),
        "hat": Look(_linear(person.hat.color), 1.0, 0.9),
    }


def _linear(color: str) -> tuple[float, float, float]:
    r, g, b = (float(c) for c in to_linear(np.array(srgb(color))))
    return r, g, b
