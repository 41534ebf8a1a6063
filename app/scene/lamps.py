"""Adding lights, and turning one kind into another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.scene.naming import free_name
from app.scene.scene import Light, LightKind

NEW: Final[dict[LightKind, Light]] = {
    "area": Light("Area", "area", energy=10.0, size=0.5, position=(0.6, -0.8, 0.5)),
    "sun": Light("Sun", "sun", energy=3.0, size=0.53, position=(0.8, -1.2, 1.0)),
    "point": Light("Point", "point", energy=10.0, size=0.05, position=(0.5, -0.7, 0.3)),
    "spot": Light("Spot", "spot", energy=20.0, size=0.05, position=(0.7, -1.0, 0.7)),
}
"""A good start for each kind; the sun's size is that of the real one in degrees."""


def new_light(kind: LightKind, lights: Sequence[Light]) -> Light:
    """A light with a name that no other has."""
    light = NEW[kind]
    return replace(light, name=free_name(light.name, (other.name for other in lights)))


def of_kind(light: Light, kind: LightKind) -> Light:
    """The same light as another kind.

    Between a sun (W/m², degrees) and the others (W, metres) energy and size mean different
    things, so they start anew.
    """
    if (light.kind == "sun") != (kind == "sun"):
        light = replace(light, energy=NEW[kind].energy, size=NEW[kind].size)
    return replace(light, kind=kind)


def distance(light: Light) -> float:
    """Metres from the light to its target."""
    return math.dist(light.position, light.target)
