"""Light and background of each picture of a data set, drawn by chance.

Lamps are measured by the irradiance that they give a surface which faces them at the head, in
W/m²: the studio's key light gives about 4.5. What is too dark or burnt out teaches nothing, what
is always well lit teaches too little, so lamps stand anywhere before and beside the face, hard
and soft, white and coloured, and their sum is bounded.
"""

from __future__ import annotations

import colorsys
import math
from dataclasses import replace
from typing import Final

import numpy as np

from app.dataset.spec import Background
from app.scene.backdrop import Backdrop
from app.scene.presets import STUDIO
from app.scene.scene import Environment, Light, LightKind, Vector

Lighting = tuple[tuple[Light, ...], Environment]

ENVIRONMENTS: Final = ("studio", "city", "courtyard", "forest", "interior", "sunrise", "sunset")
"""Blender's own but for the night, which lights too little by itself."""

KINDS: Final[tuple[LightKind, ...]] = ("area", "sun", "point", "spot")
LAMPS: Final = (0.12, 0.30, 0.33, 0.25)
"""How often there are none, one, two and three lamps beside the environment."""

KEY: Final = (1.3, 7.0)
OTHERS: Final = (0.2, 2.5)
SURROUNDINGS: Final = (0.15, 0.9)
"""Strength of the environment where there are lamps."""
ALONE: Final = (0.6, 1.6)
"""Strength of the environment where there is no lamp."""
MOST: Final = 9.0
"""Irradiance of all lamps together."""
COLORED: Final = 0.12
"""How often a lamp has a colour that no glowing body has."""
ROOMS: Final = 24
"""Furnishings of each interior; few, so that a worker need not build one for every picture."""


def lighting(
    chance: np.random.Generator, background: Background, *, studio: bool = False
) -> Lighting:
    """Lamps and surroundings of one picture.

    Parameters
    ----------
    background : str
        The surroundings show behind the head where it is ``"environment"``; within rooms there
        is no sun, and the lamps stand inside.
    studio : bool
        Always the studio's three lamps.
    """
    visible = background == "environment"
    picture = str(chance.choice(ENVIRONMENTS))
    rotation = round(float(chance.uniform(-180.0, 180.0)), 1)
    if studio:
        own = STUDIO.environment
        surroundings = replace(own, picture=picture, rotation=rotation, visible=True)
        return STUDIO.lights, surroundings if visible else own
    indoors = background in ("classroom", "shop")
    count = int(chance.choice(len(LAMPS), p=LAMPS))
    kinds = [k for k in KINDS if not (indoors and k == "sun")]
    chosen = [kinds[int(i)] for i in chance.permutation(len(kinds))[:count]]
    shares = [_ratio(chance, *(KEY if i == 0 else OTHERS)) for i in range(count)]
    scale = min(1.0, MOST / sum(shares)) if shares else 1.0
    lights = tuple(
        _lamp(chance, kind, share * scale, first=i == 0, reach=1.1 if indoors else 1.8)
        for i, (kind, share) in enumerate(zip(chosen, shares, strict=True))
    )
    strength = round(_ratio(chance, *(SURROUNDINGS if count else ALONE)), 3)
    return lights, Environment(picture, strength=strength, rotation=rotation, visible=visible)


def backdrop(
    chance: np.random.Generator,
    background: Background,
    pictures: tuple[str, ...] = (),
    folder: str | None = None,
) -> Backdrop:
    """What stands behind the head; ``pictures`` are the files in ``folder`` to choose from."""
    seed = int(chance.integers(2**31))
    if background == "plain":
        return Backdrop("plain", color=_plain(chance))
    if background == "pictures":
        name = pictures[int(chance.integers(len(pictures)))]
        return Backdrop("picture", picture=f"{folder}/{name}", seed=seed)
    if background == "classroom" or background == "shop":
        return Backdrop("room", room=background, seed=seed % ROOMS)
    return Backdrop("texture" if background == "texture" else "environment", seed=seed)


def _lamp(
    chance: np.random.Generator, kind: LightKind, irradiance: float, *, first: bool, reach: float
) -> Light:
    """A lamp that gives the face its irradiance whatever its kind.

    An area light of P watts gives P / (π d²) straight before it, a point or spot P / (4π² d²) as
    Blender defines them, a sun its own number. The first stands before the face, so that no
    picture is black; the others anywhere around but behind the camera's picture.
    """
    widest = 75.0 if first else 160.0
    azimuth = math.radians(float(chance.uniform(-widest, widest)))
    elevation = math.radians(float(chance.uniform(-15.0, 65.0)))
    distance = float(chance.uniform(0.7, reach))
    size = {
        "area": _ratio(chance, 0.15, 1.2),
        "sun": _ratio(chance, 0.4, 10.0),
    }.get(kind, _ratio(chance, 0.005, 0.1))
    watts = {"area": math.pi * distance**2, "sun": 1.0}.get(kind, 4.0 * math.pi * distance**2)
    ring = distance * math.cos(elevation)
    temperature: float | None = round(float(chance.uniform(2500.0, 10000.0)), -1)
    color: Vector = (1.0, 1.0, 1.0)
    if chance.random() < COLORED:
        temperature, color = None, _hue(chance)
    return Light(
        kind.capitalize(),
        kind,
        energy=round(irradiance * watts, 4),
        color=color,
        temperature=temperature,
        size=round(size, 4),
        position=(
            round(ring * math.sin(azimuth), 4),
            round(-ring * math.cos(azimuth), 4),
            round(distance * math.sin(elevation), 4),
        ),
        spot_angle=round(float(chance.uniform(25.0, 70.0)), 1),
        spot_blend=round(float(chance.uniform(0.1, 0.8)), 2),
    )


def _ratio(chance: np.random.Generator, low: float, high: float) -> float:
    """Between two bounds, equal ratios equally likely."""
    return float(low * (high / low) ** chance.random())


def _hue(chance: np.random.Generator) -> Vector:
    r, g, b = colorsys.hsv_to_rgb(float(chance.random()), float(chance.uniform(0.3, 0.85)), 1.0)
    return round(r, 4), round(g, 4), round(b, 4)


def _plain(chance: np.random.Generator) -> Vector:
    """A wall's colour: grey in two of five, else a hue that is not too strong."""
    strength = 0.0 if chance.random() < 0.4 else float(chance.uniform(0.05, 0.65))
    r, g, b = colorsys.hsv_to_rgb(
        float(chance.random()), strength, float(chance.uniform(0.08, 0.97))
    )
    return round(r, 4), round(g, 4), round(b, 4)
