"""Which lamps of a scene shine, and in what colour."""

from __future__ import annotations

from collections.abc import Sequence

from app.scene.scene import Light, Vector
from app.scene.temperature import blackbody


def shining(lights: Sequence[Light]) -> tuple[Light, ...]:
    """The lamps that are on; only the solo ones of them where there are any."""
    on = tuple(light for light in lights if light.on)
    return tuple(light for light in on if light.solo) or on


def light_color(light: Light) -> Vector:
    """Linear RGB; that of its temperature where it has one."""
    return light.color if light.temperature is None else blackbody(light.temperature)
