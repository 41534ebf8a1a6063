"""What a person wears on the face, as small frozen records: brows, beard, make-up, glasses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

BEARD_STYLES: Final = ("none", "moustache", "goatee", "full")
FRAMES: Final = ("none", "round", "rectangular", "aviator", "cat-eye", "half-rim")
EARRINGS: Final = ("none", "stud", "hoop")
HATS: Final = ("none", "beanie", "cap")


def within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside its range.

    Raises
    ------
    ValueError
        With one line that names the number.
    """
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{name}: {value:g} is outside {low:g} to {high:g}")


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a name that is not known.

    Raises
    ------
    ValueError
        With one line that lists the known names.
    """
    if value not in known:
        raise ValueError(f"{name}: {value!r} is not one of {', '.join(known)}")


def srgb(color: str) -> tuple[float, float, float]:
    """Red, green and blue in 0..1 of a ``#rrggbb`` colour.

    Raises
    ------
    ValueError
        For any other text.
    """
    digits = color.removeprefix("#")
    if len(digits) != 6 or color == digits or not set(digits) <= set("0123456789abcdefABCDEF"):
        raise ValueError(f"colour {color!r} is not of the form #rrggbb")
    r, g, b = (int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4))
    return r, g, b


@dataclass(frozen=True)
class Brows:
    """Eyebrows; both numbers from 0 to 1, 0.5 is average.

    Their course belongs to the face and is not varied, so that what landmarks call the brow is
    where the hairs are.
    """

    density: float = 0.5
    thickness: float = 0.5

    def __post_init__(self) -> None:
        within("brows density", self.density, 0.0, 1.0)
        within("brows thickness", self.thickness, 0.0, 1.0)


@dataclass(frozen=True)
class Beard:
    """A beard of hairs; ``style`` is one of `BEARD_STYLES`, ``length`` 0 to 1: 8 to 30 mm."""

    style: str = "none"
    length: float = 0.35

    def __post_init__(self) -> None:
        one_of("beard style", self.style, BEARD_STYLES)
        within("beard length", self.length, 0.0, 1.0)


@dataclass(frozen=True)
class Makeup:
    """Paint on the face; amounts from 0, none, to 1, opaque; colours ``#rrggbb`` in sRGB."""

    lipstick: float = 0.0
    lip_color: str = "#9c2f3a"
    eye_shadow: float = 0.0
    eye_shadow_color: str = "#6b4a52"
    liner: float = 0.0
    blush: float = 0.0

    def __post_init__(self) -> None:
        for name in ("lipstick", "eye_shadow", "liner", "blush"):
            within(f"makeup {name}", getattr(self, name), 0.0, 1.0)
        srgb(self.lip_color)
        srgb(self.eye_shadow_color)


@dataclass(frozen=True)
class Glasses:
    """Glasses; ``frame`` is one of `FRAMES`, ``tint`` of the lenses from 0 clear to 1 dark."""

    frame: str = "none"
    color: str = "#1d1a18"
    metal: bool = False
    tint: float = 0.0

    def __post_init__(self) -> None:
        one_of("glasses frame", self.frame, FRAMES)
        within("glasses tint", self.tint, 0.0, 1.0)
        srgb(self.color)


@dataclass(frozen=True)
class Earrings:
    """Earrings in both lobes; ``style`` is one of `EARRINGS`."""

    style: str = "none"
    color: str = "#c9a24b"

    def __post_init__(self) -> None:
        one_of("earrings style", self.style, EARRINGS)
        srgb(self.color)


@dataclass(frozen=True)
class Hat:
    """Something on the head; ``style`` is one of `HATS`."""

    style: str = "none"
    color: str = "#2f3338"

    def __post_init__(self) -> None:
        one_of("hat style", self.style, HATS)
        srgb(self.color)
