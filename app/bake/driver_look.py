"""What a driver wears below the neck: parameters and their random draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from app.scene.fabrics import FABRICS, Fabric, color_of

Color = tuple[float, float, float]
Top = Literal["t-shirt", "shirt", "jumper", "jacket", "rolled"]

_SLEEVES: Final[dict[Top, tuple[float, float]]] = {
    "t-shirt": (0.45, 0.85),
    "shirt": (1.90, 1.97),
    "jumper": (1.88, 1.99),
    "jacket": (1.92, 2.03),
    "rolled": (1.02, 1.35),
}
"""Where sleeves may end: 0 at the shoulder, 1 at the elbow, 2 at the wrist."""
_THICK: Final[dict[Top, float]] = {
    "t-shirt": 0.005,
    "shirt": 0.006,
    "jumper": 0.009,
    "jacket": 0.013,
    "rolled": 0.007,
}


@dataclass(frozen=True)
class Outfit:
    """Clothes.

    Attributes
    ----------
    top : str
    sleeve : float
        Where sleeves end: 0 at the shoulder, 1 at the elbow, 2 at the wrist.
    thickness : float
        Metres between skin and cloth.
    fabric : str
    color, second, trousers, shoes : tuple of float
        Linear RGB.
    tile : float
        Metres that one repeat of the fabric takes.
    watch, ring : str
        ``"L"``, ``"R"`` or empty.
    watch_color : tuple of float
    gloves : bool
    seed : int
    """

    top: Top
    sleeve: float
    thickness: float
    fabric: Fabric
    color: Color
    second: Color
    trousers: Color
    shoes: Color
    tile: float = 0.12
    watch: str = ""
    ring: str = ""
    watch_color: Color = (0.02, 0.02, 0.02)
    gloves: bool = False
    seed: int = 0


def random_color(rng: np.random.Generator, strong: float = 0.8) -> Color:
    """A linear colour of cloth: many dark and grey ones, some bright."""
    value = float(rng.beta(1.1, 1.6)) * 0.75 + 0.015
    hue, saturation = float(rng.random()) * 6.0, float(rng.random()) ** 1.6 * strong
    k = (np.array([5.0, 3.0, 1.0]) + hue) % 6.0
    rgb = value * (1.0 - saturation * np.clip(np.minimum(k, 4.0 - k), 0.0, 1.0))
    return float(rgb[0]), float(rgb[1]), float(rgb[2])


def draw_outfit(rng: np.random.Generator, sleeve_color: Color | None = None) -> Outfit:
    """A random outfit; ``sleeve_color`` makes the top plain and of that colour."""
    tops: tuple[Top, ...] = ("t-shirt", "shirt", "jumper", "jacket", "rolled")
    top = tops[int(rng.choice(5, p=[0.30, 0.22, 0.20, 0.14, 0.14]))]
    fabrics = np.array([0.45, *[0.55 / (len(FABRICS) - 1)] * (len(FABRICS) - 1)])
    kind = FABRICS[int(rng.choice(len(FABRICS), p=fabrics))]
    color, second = random_color(rng), random_color(rng)
    low, high = _SLEEVES[top]
    sleeve = float(rng.uniform(low, high))
    if sleeve_color is not None:
        top, kind, color = "jumper", "plain", sleeve_color
        sleeve = float(rng.uniform(*_SLEEVES["jumper"]))
    trousers = random_color(rng, 0.4)
    dark = 0.4 if rng.random() < 0.7 else 1.0
    worn = rng.random(4)
    return Outfit(
        top=top,
        sleeve=sleeve,
        thickness=_THICK[top] * float(rng.uniform(0.8, 1.3)),
        fabric=kind,
        color=color,
        second=second,
        trousers=(trousers[0] * dark, trousers[1] * dark, trousers[2] * dark),
        shoes=color_of(0.3 * c for c in random_color(rng, 0.4)),
        tile=float(rng.uniform(0.05, 0.22)),
        watch=("L" if worn[1] < 0.75 else "R") if worn[0] < 0.35 else "",
        ring=("L" if worn[3] < 0.5 else "R") if worn[2] < 0.35 else "",
        watch_color=random_color(rng, 0.5),
        gloves=bool(rng.random() < 0.04),
        seed=int(rng.integers(2**31)),
    )
