"""Car interiors: what they are, and their random draw.

World of the cabin: metres, the origin is the middle between the driver's hip joints, the car drives
to -Y, the driver's left is +X, Z is up. A cabin is described as a left-hand drive; where the wheel
is on the right it is its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from app.scene.wheel import RimCover, Wheel

Color = tuple[float, float, float]
CarKind = Literal["sedan", "medium-suv", "large-suv"]
CAR_KINDS: Final[tuple[CarKind, ...]] = get_args(CarKind)


@dataclass(frozen=True)
class Proportions:
    """Measures of a cabin in metres, all from the driver's hips.

    Attributes
    ----------
    door, centre : float
        To the inside of the driver's door, and to the middle of the car, sideways.
    roof, sill, dash : float
        Heights of roof, lower edge of the windows and top of the dashboard.
    floor : float
        Depth of the floor.
    face, cowl, header : float
        To the dashboard's face, the lower and the upper edge of the windscreen, forwards.
    wheel_height, wheel_ahead : float
        Of the middle of the wheel.
    wheel_tilt : float
        Degrees from the upright.
    """

    door: float
    centre: float
    roof: float
    sill: float
    dash: float
    floor: float
    face: float
    cowl: float
    header: float
    wheel_height: float
    wheel_ahead: float
    wheel_tilt: float


_KINDS: Final[dict[CarKind, Proportions]] = {
    "sedan": Proportions(0.35, 0.36, 0.92, 0.42, 0.45, 0.27, 0.62, 1.05, 0.20, 0.35, 0.40, 22.0),
    "medium-suv": Proportions(
        0.36, 0.37, 0.99, 0.43, 0.45, 0.32, 0.63, 1.00, 0.24, 0.35, 0.39, 26.0
    ),
    "large-suv": Proportions(
        0.40, 0.41, 1.04, 0.44, 0.46, 0.36, 0.66, 1.02, 0.28, 0.35, 0.38, 29.0
    ),
}


@dataclass(frozen=True)
class Palette:
    """Linear colours of an interior."""

    upper: Color
    lower: Color
    seat: Color
    insert: Color
    roof: Color
    carpet: Color
    trim: Color
    glow: Color


@dataclass(frozen=True)
class Cabin:
    """An interior.

    Attributes
    ----------
    right_hand_drive : bool
    seat : tuple of float
        Half width of the back, height of its side bolsters, thickness of the headrest, metres.
    screen : str
        ``"tablet"``, ``"wide"``, ``"sunken"`` or ``"none"``.
    gear : str
        ``"stick"``, ``"lever"`` or ``"knob"``.
    belt : bool
    seed : int
    """

    kind: CarKind
    measures: Proportions
    palette: Palette
    wheel: Wheel
    right_hand_drive: bool = False
    seat: tuple[float, float, float] = (0.25, 0.045, 0.05)
    quilted: bool = False
    screen: str = "tablet"
    gear: str = "stick"
    belt: bool = True
    seed: int = 0


def draw_cabin(rng: np.random.Generator) -> Cabin:
    """A random interior."""
    kind = CAR_KINDS[int(rng.integers(len(CAR_KINDS)))]
    base = _KINDS[kind]
    spread = {
        "door": 0.02, "centre": 0.015, "roof": 0.025, "sill": 0.03, "dash": 0.025, "floor": 0.015,
        "face": 0.02, "cowl": 0.05, "header": 0.05, "wheel_height": 0.012, "wheel_ahead": 0.012,
        "wheel_tilt": 3.0,
    }  # fmt: skip
    values = {
        name: float(getattr(base, name) + wide * rng.uniform(-1.0, 1.0))
        for name, wide in spread.items()
    }
    palette = draw_palette(rng)
    return Cabin(
        kind=kind,
        measures=Proportions(**values),
        palette=palette,
        wheel=draw_wheel(rng, palette),
        right_hand_drive=bool(rng.random() < 0.3),
        seat=(
            float(rng.uniform(0.235, 0.27)),
            float(rng.uniform(0.015, 0.07)),
            float(rng.uniform(0.04, 0.065)),
        ),
        quilted=bool(rng.random() < 0.3),
        screen=("tablet", "wide", "sunken", "none")[int(rng.choice(4, p=[0.4, 0.2, 0.25, 0.15]))],
        gear=("stick", "lever", "knob")[int(rng.integers(3))],
        belt=bool(rng.random() < 0.85),
        seed=int(rng.integers(2**31)),
    )


def grey(level: float, warm: float = 0.0) -> Color:
    """A linear grey, warmer or colder."""
    return level * (1.0 + warm), level, level * (1.0 - warm)


def draw_palette(rng: np.random.Generator) -> Palette:
    """Colours of an interior: mostly dark, some light, some in two tones."""
    kind = float(rng.random())
    warm = float(rng.uniform(-0.06, 0.12))
    dark = grey(float(rng.uniform(0.02, 0.075)), warm)
    middle = grey(float(rng.uniform(0.08, 0.25)), warm)
    light = grey(float(rng.uniform(0.25, 0.6)), float(rng.uniform(0.0, 0.22)))
    tans: tuple[Color, ...] = (
        (0.30, 0.14, 0.06), (0.42, 0.27, 0.15), (0.20, 0.02, 0.02), (0.12, 0.07, 0.045),
        (0.05, 0.07, 0.12), (0.55, 0.50, 0.42),
    )  # fmt: skip
    tan = tans[int(rng.integers(len(tans)))]
    if kind < 0.45:
        lower, seat, insert = dark, dark, middle
    elif kind < 0.65:
        lower, seat, insert = middle, middle, dark
    elif kind < 0.85:
        lower, seat, insert = dark, tan, tan
    else:
        lower, seat, insert = light, light, light
    trims: tuple[Color, ...] = (
        (0.45, 0.46, 0.48), (0.02, 0.02, 0.02), (0.2, 0.1, 0.05), (0.3, 0.3, 0.3),
    )  # fmt: skip
    glows: tuple[Color, ...] = ((0.3, 0.6, 1.0), (1.0, 0.5, 0.2), (0.9, 0.95, 1.0))
    return Palette(
        upper=dark if rng.random() < 0.8 else middle,
        lower=lower,
        seat=seat,
        insert=insert,
        roof=light if rng.random() < 0.7 else dark,
        carpet=grey(float(rng.uniform(0.01, 0.05))),
        trim=trims[int(rng.integers(len(trims)))],
        glow=glows[int(rng.integers(len(glows)))],
    )


def draw_wheel(rng: np.random.Generator, palette: Palette) -> Wheel:
    """A random steering wheel."""
    layouts: tuple[tuple[float, ...], ...] = (
        (90.0, 180.0, 270.0),
        (90.0, 165.0, 195.0, 270.0),
        (100.0, 260.0),
        (80.0, 280.0),
        (105.0, 150.0, 210.0, 255.0),
        (95.0, 180.0, 265.0),
    )
    covers: tuple[RimCover, ...] = ("leather", "perforated", "wood", "two-tone", "suede")
    cover = covers[int(rng.choice(5, p=[0.45, 0.2, 0.1, 0.15, 0.1]))]
    black = grey(float(rng.uniform(0.008, 0.035)))
    tone = black if rng.random() < 0.75 else palette.seat
    woods: tuple[Color, ...] = ((0.22, 0.09, 0.03), (0.10, 0.04, 0.02), (0.35, 0.2, 0.09))
    second = woods[int(rng.integers(3))] if cover == "wood" else palette.insert
    seams: tuple[Color, ...] = (black, (0.5, 0.5, 0.5), (0.45, 0.02, 0.02), (0.05, 0.1, 0.4))
    return Wheel(
        radius=float(rng.uniform(0.170, 0.192)),
        thickness=float(rng.uniform(0.0130, 0.0178)),
        flat=float(rng.uniform(0.06, 0.16)) if rng.random() < 0.35 else 0.0,
        spokes=layouts[int(rng.integers(len(layouts)))],
        spoke_width=float(rng.uniform(0.028, 0.062)),
        spoke_depth=float(rng.uniform(0.005, 0.035)),
        hub=(
            float(rng.uniform(0.055, 0.092)),
            float(rng.uniform(0.05, 0.075)),
            float(rng.uniform(2.0, 5.5)),
        ),
        cover=cover,
        color=tone,
        second=second,
        trim=palette.trim if rng.random() < 0.6 else (0.5, 0.5, 0.52),
        stitching=seams[int(rng.integers(len(seams)))],
        controls=bool(rng.random() < 0.8),
        seed=int(rng.integers(2**31)),
    )
