"""Ready lightings, and the scene that a head starts with.

Lamps stand around the origin, which is the head centre; with the camera where a new scene has it,
the key light comes from the right side of the picture.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from typing import Final

from app.scene.scene import Environment, HeadFile, Light, LightKind, Scene, Vector


@dataclass(frozen=True)
class Preset:
    """Lights and environment that belong together."""

    title: str
    lights: tuple[Light, ...]
    environment: Environment

    def apply(self, scene: Scene) -> Scene:
        """The scene with these lights and this environment in place of its own."""
        return replace(scene, lights=self.lights, environment=self.environment)


STUDIO: Final = Preset(
    "Studio, three-point",
    (
        Light(
            "Key", "area", energy=17.0, temperature=5200.0, size=0.5, position=(0.55, -0.8, 0.45)
        ),
        Light(
            "Fill", "area", energy=3.0, temperature=6800.0, size=0.9, position=(-0.85, -0.75, 0.05)
        ),
        Light(
            "Rim", "area", energy=16.0, temperature=6200.0, size=0.35, position=(-0.45, 0.75, 0.5)
        ),
    ),
    Environment("studio", strength=0.25, background=(0.045, 0.048, 0.055)),
)

DAYLIGHT: Final = Preset(
    "Daylight",
    (
        Light("Sun", "sun", energy=5.0, temperature=5400.0, size=3.0, position=(0.9, -1.1, 1.1)),
        Light("Sky", "area", energy=5.0, temperature=8500.0, size=1.6, position=(-0.9, -0.9, 0.8)),
    ),
    Environment("courtyard", strength=0.8, visible=True),
)

EVENING: Final = Preset(
    "Evening",
    (
        Light(
            "Low sun", "sun", energy=6.0, temperature=2700.0, size=2.0, position=(1.4, -0.8, 0.35)
        ),
        Light(
            "Dusk", "area", energy=2.0, temperature=11000.0, size=1.4, position=(-1.0, -0.8, 0.5)
        ),
    ),
    Environment("sunset", strength=0.6, rotation=150.0, visible=True),
)

NIGHT: Final = Preset(
    "Night",
    (
        Light(
            "Moon", "area", energy=5.0, temperature=12000.0, size=0.8, position=(-0.55, -0.8, 0.55)
        ),
        Light(
            "Lamp", "point", energy=4.5, temperature=2100.0, size=0.06, position=(0.7, 0.12, 0.1)
        ),
    ),
    Environment("night", strength=0.35, visible=True),
)

PRESETS: Final[dict[str, Preset]] = {
    "studio": STUDIO,
    "daylight": DAYLIGHT,
    "evening": EVENING,
    "night": NIGHT,
}

RANDOM: Final = "random"
NAMES: Final = (*PRESETS, RANDOM)

_KINDS: Final[tuple[LightKind, ...]] = ("area", "sun", "point", "spot")
_ENVIRONMENTS: Final = ("studio", "city", "courtyard", "forest", "interior", "sunrise", "sunset")


def preset(name: str, seed: int = 0) -> Preset:
    """A preset by name; ``seed`` matters to the random one.

    Raises
    ------
    KeyError
        For a name that is not in `NAMES`.
    """
    return random_preset(seed) if name == RANDOM else PRESETS[name]


def random_preset(seed: int) -> Preset:
    """Two to four lamps of all kinds around the head in a random environment.

    As in the data generation of the source papers: area, sun, point and spot lights of varied
    place, strength and colour on top of the light of the surroundings. The first lamp always
    stands before the face, so that no picture is black; the same seed gives the same lighting.
    """
    draw = random.Random(seed)
    count = draw.randint(2, 4)
    kinds = draw.sample(_KINDS, count)
    lights = tuple(_random_light(draw, kind, i == 0) for i, kind in enumerate(kinds))
    environment = Environment(
        draw.choice(_ENVIRONMENTS),
        strength=round(draw.uniform(0.2, 0.7), 3),
        rotation=round(draw.uniform(-180.0, 180.0), 1),
        visible=draw.random() < 0.5,
        background=_gray(draw),
    )
    return Preset(f"Random {seed}", lights, environment)


def _random_light(draw: random.Random, kind: LightKind, before_face: bool) -> Light:
    """A lamp that lights the face as strongly as its share asks, whatever its kind."""
    widest = 60.0 if before_face else 150.0
    azimuth = math.radians(draw.uniform(-widest, widest))
    elevation = math.radians(draw.uniform(-10.0, 55.0))
    distance = draw.uniform(0.7, 1.6)
    irradiance = draw.uniform(1.8, 4.0) if before_face else draw.uniform(0.3, 2.5)
    size = {"area": draw.uniform(0.2, 1.0), "sun": draw.uniform(0.5, 8.0)}.get(
        kind, draw.uniform(0.02, 0.1)
    )
    watts = {"area": math.pi, "sun": 1.0}.get(kind, 4.0 * math.pi)
    squared = 1.0 if kind == "sun" else distance**2
    return Light(
        kind.capitalize(),
        kind,
        energy=round(irradiance * watts * squared, 3),
        temperature=round(draw.uniform(2800.0, 9000.0), -1),
        size=round(size, 3),
        position=_around(azimuth, elevation, distance),
        spot_angle=round(draw.uniform(25.0, 60.0), 1),
        spot_blend=0.4,
    )


def _around(azimuth: float, elevation: float, distance: float) -> Vector:
    ring = distance * math.cos(elevation)
    return (
        round(ring * math.sin(azimuth), 4),
        round(-ring * math.cos(azimuth), 4),
        round(distance * math.sin(elevation), 4),
    )


def _gray(draw: random.Random) -> Vector:
    level = draw.uniform(0.01, 0.3)
    return tuple(round(level * draw.uniform(0.85, 1.15), 4) for _ in range(3))  # type: ignore[return-value]


def default_scene(head: HeadFile) -> Scene:
    """What a head starts with: the studio, the camera 0.30 m before the face, 60° wide."""
    return STUDIO.apply(Scene(head))
