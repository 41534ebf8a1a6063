"""Who a baked person is: a frozen record, and the random draw of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.bake.features import (
    Beard,
    Brows,
    Earrings,
    Glasses,
    Hat,
    Makeup,
    one_of,
    srgb,
    within,
)

MISSING_EXTRA = "bake-head needs the 'bake' extra: pip install 'headroom[bake]'"
HAIR_STYLES = (
    "cap",
    "crop",
    "short",
    "bob",
    "bald",
    "fringe",
    "long",
    "bun",
    "curly",
    "afro",
)
EYE_COLORS: Mapping[str, str] = {
    "brown": "#4a2c17",
    "dark": "#2b1810",
    "hazel": "#6b5530",
    "green": "#5d7050",
    "grey": "#74828a",
    "blue": "#54799b",
}
HAIR_COLORS: Mapping[str, str] = {
    "black": "#120e0c",
    "dark-brown": "#2a1b12",
    "brown": "#47301f",
    "light-brown": "#6b4a2e",
    "auburn": "#5c2a17",
    "red": "#8a4520",
    "blond": "#a88352",
    "light-blond": "#c9ab77",
    "grey": "#7c7873",
    "white": "#c4c0b8",
}
AGE_RANGE = (14.0, 90.0)
_UNIT = (
    *("gender", "weight", "muscle", "height", "african", "asian", "caucasian"),
    *("skin_tone", "stubble", "freckles", "iris_size"),
)


@dataclass(frozen=True)
class PersonSpec:
    """Parameters of one person.

    Attributes
    ----------
    seed : int
        Drives everything that is random in the painting and the hair.
    age : float
        Years.
    gender : float
        0 male to 1 female.
    weight, muscle, height : float
        0 least to 1 most, 0.5 average.
    african, asian, caucasian : float
        Shares of ancestry; only their proportion counts.
    skin_tone : float
        0 lightest to 1 darkest.
    eye_color, hair_color : str
        ``#rrggbb`` in sRGB.
    hair_style : str
        One of `HAIR_STYLES`.
    stubble : float
        0 none to 1 a dense beard shadow.
    freckles : float
        0 none to 1 many.
    cloth_color : str
        ``#rrggbb`` in sRGB.
    local : tuple of (str, float)
        Local changes of the body model, each from -1 to 1.
    iris_size : float
        0 small to 1 large, 0.5 average.
    brows, beard, makeup, glasses, earrings, hat
        See `app.bake.features`.
    """

    name: str
    seed: int
    age: float
    gender: float
    weight: float
    muscle: float
    height: float
    african: float
    asian: float
    caucasian: float
    skin_tone: float
    eye_color: str
    hair_color: str
    hair_style: str
    stubble: float
    freckles: float
    cloth_color: str
    local: tuple[tuple[str, float], ...] = ()
    iris_size: float = 0.5
    brows: Brows = field(default_factory=Brows)
    beard: Beard = field(default_factory=Beard)
    makeup: Makeup = field(default_factory=Makeup)
    glasses: Glasses = field(default_factory=Glasses)
    earrings: Earrings = field(default_factory=Earrings)
    hat: Hat = field(default_factory=Hat)

    def __post_init__(self) -> None:
        for name in _UNIT:
            within(name, getattr(self, name), 0.0, 1.0)
        within("age", self.age, *AGE_RANGE)
        if self.african + self.asian + self.caucasian <= 0:
            raise ValueError("ancestry: at least one share must be above 0")
        one_of("hair_style", self.hair_style, HAIR_STYLES)
        for name in ("eye_color", "hair_color", "cloth_color"):
            srgb(getattr(self, name))
        for label, value in self.local:
            within(f"local change {label}", value, -1.0, 1.0)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**dataclasses.asdict(self), "local": dict(self.local)}

    def rng(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose, independent of every other purpose."""
        return np.random.default_rng([self.seed, *purpose.encode()])


def random_person(seed: int, **given: Any) -> PersonSpec:
    """A random person; whatever is given replaces the drawn value.

    The draw of one parameter does not depend on the others' replacement, except that what
    follows ancestry, age and gender (see `app.bake.distribution`) follows those finally used.

    Raises
    ------
    ValueError
        For a given value that no person can have.
    """
    from app.bake.draw import draw_person

    return draw_person(seed, given)
