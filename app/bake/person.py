"""Who a baked person is: a small frozen record, and the random draw of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

MISSING_EXTRA = "bake-head needs the 'bake' extra: pip install 'headroom[bake]'"
HAIR_STYLES = ("cap", "crop", "short", "bob")
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

    def __post_init__(self) -> None:
        unit = "gender weight muscle height african asian caucasian skin_tone stubble freckles"
        for field in unit.split():
            _within(field, getattr(self, field), 0.0, 1.0)
        _within("age", self.age, *AGE_RANGE)
        if self.african + self.asian + self.caucasian <= 0:
            raise ValueError("ancestry: at least one share must be above 0")
        if self.hair_style not in HAIR_STYLES:
            raise ValueError(f"hair_style: {self.hair_style!r} is not one of {HAIR_STYLES}")
        for field in ("eye_color", "hair_color", "cloth_color"):
            srgb(getattr(self, field))
        for label, value in self.local:
            _within(f"local change {label}", value, -1.0, 1.0)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**dataclasses.asdict(self), "local": dict(self.local)}

    def rng(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose, independent of every other purpose."""
        return np.random.default_rng([self.seed, *purpose.encode()])


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name}: {value:g} is outside {low:g} to {high:g}")


def srgb(color: str) -> tuple[float, float, float]:
    """Red, green and blue in 0..1 of a ``#rrggbb`` colour."""
    digits = color.removeprefix("#")
    if len(digits) != 6 or color == digits:
        raise ValueError(f"colour {color!r} is not of the form #rrggbb")
    try:
        r, g, b = (int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4))
    except ValueError:
        raise ValueError(f"colour {color!r} is not of the form #rrggbb") from None
    return r, g, b


# Local changes that vary a face without leaving what is seen on people, with their spread.
_SYMMETRIC_SPREAD: Mapping[str, float] = {
    "chin-height-incr": 0.22,
    "chin-prominent-incr": 0.22,
    "chin-width-incr": 0.26,
    "chin-bones-incr": 0.22,
    "chin-cleft-incr": 0.15,
    "eyebrows-angle-up": 0.09,
    "eyebrows-trans-up": 0.22,
    "forehead-temple-incr": 0.22,
    "forehead-trans-forward": 0.19,
    "forehead-scale-vert-incr": 0.19,
    "head-fat-incr": 0.22,
    "head-scale-depth-incr": 0.15,
    "head-scale-horiz-incr": 0.15,
    "head-scale-vert-incr": 0.15,
    "mouth-scale-horiz-incr": 0.22,
    "mouth-lowerlip-volume-incr": 0.26,
    "mouth-upperlip-volume-incr": 0.26,
    "mouth-cupidsbow-incr": 0.22,
    "mouth-trans-up": 0.19,
    "mouth-philtrum-volume-incr": 0.22,
    "nose-scale-horiz-incr": 0.22,
    "nose-scale-vert-incr": 0.19,
    "nose-scale-depth-incr": 0.19,
    "nose-hump-incr": 0.26,
    "nose-point-up": 0.22,
    "nose-point-width-incr": 0.22,
    "nose-width1-incr": 0.22,
    "nose-width2-incr": 0.22,
    "nose-nostrils-width-incr": 0.22,
    "nose-volume-incr": 0.22,
    "neck-scale-horiz-incr": 0.15,
}
_PAIRED_SPREAD: Mapping[str, float] = {
    "cheek-bones-incr": 0.22,
    "cheek-volume-incr": 0.22,
    "cheek-inner-incr": 0.22,
    "ear-scale-incr": 0.19,
    "ear-wing-incr": 0.22,
    "ear-lobe-incr": 0.22,
    "eye-scale-incr": 0.15,
    "eye-height2-incr": 0.19,
    "eye-corner1-up": 0.22,
    "eye-corner2-up": 0.22,
    "eye-eyefold-angle-up": 0.22,
    "eye-bag-incr": 0.22,
    "eye-trans-out": 0.15,
}


def random_person(seed: int, **given: Any) -> PersonSpec:
    """A random person; whatever is given replaces the drawn value.

    The draw of one parameter does not depend on the others' replacement, except that skin, eyes
    and hair follow the ancestry, age and gender finally used.
    """
    rng = np.random.default_rng(seed)
    drawn: dict[str, Any] = {"name": f"person{seed}", "seed": seed}
    drawn["age"] = float(np.round(18 + 57 * rng.beta(1.3, 2.0), 1))
    side = rng.random() < 0.5
    drawn["gender"] = float(np.round(side * 1.0 + (1 - 2 * side) * rng.beta(1.0, 8.0), 3))
    for field in ("weight", "muscle", "height"):
        drawn[field] = float(np.round(np.clip(rng.normal(0.5, 0.14), 0.1, 0.9), 3))
    shares = rng.dirichlet([0.5, 0.5, 0.5])
    for field, share in zip(("african", "asian", "caucasian"), shares, strict=True):
        drawn[field] = float(np.round(share, 3))
    local = _random_local(rng)
    tone_noise, beard, freckle, dice = (
        rng.normal(0, 0.07),
        rng.random(),
        rng.random(),
        rng.random(6),
    )
    drawn |= {k: v for k, v in given.items() if k != "local"}

    total = drawn["african"] + drawn["asian"] + drawn["caucasian"]
    if not total > 0:
        raise ValueError("ancestry: at least one share must be above 0")
    african, asian = drawn["african"] / total, drawn["asian"] / total
    light, man = 1 - african - asian, 1 - drawn["gender"]
    tone = 0.16 + 0.62 * african + 0.14 * asian + tone_noise
    follows: dict[str, Any] = {
        "skin_tone": float(np.round(np.clip(tone, 0.02, 0.98), 3)),
        "stubble": float(np.round(man * beard**1.5, 3)) if man > 0.5 else 0.0,
        "freckles": float(np.round(light * freckle**4, 3)),
        **_hair_and_eyes(light, drawn["age"], drawn["gender"], dice),
    }
    drawn = follows | drawn
    local["head-age-incr"] = float(np.round(np.interp(drawn["age"], [35, 80], [0.0, 0.9]), 3))
    chosen = local | dict(given.get("local", ()))
    return PersonSpec(**drawn, local=tuple(sorted(chosen.items())))


def _random_local(rng: np.random.Generator) -> dict[str, float]:
    local = {
        label: float(np.round(np.clip(rng.normal(0, spread), -0.9, 0.9), 3))
        for label, spread in _SYMMETRIC_SPREAD.items()
    }
    for label, spread in _PAIRED_SPREAD.items():
        both = rng.normal(0, spread)
        for side in "lr":
            value = np.clip(both + rng.normal(0, 0.15 * spread), -0.9, 0.9)
            local[f"{side}-{label}"] = float(np.round(value, 3))
    return local


def _hair_and_eyes(light: float, age: float, gender: float, dice: Any) -> dict[str, str]:
    fair = ["dark-brown", "brown", "light-brown", "blond", "auburn", "light-blond", "red"]
    hair = fair[int(dice[0] * len(fair))] if dice[1] < light else "black"
    if hair == "black" and dice[0] < 0.3:
        hair = "dark-brown"
    if dice[2] < np.interp(age, [40, 75], [0.0, 0.9]):
        hair = "white" if age > 68 and dice[0] < 0.5 else "grey"
    pale = ["brown", "hazel", "green", "grey", "blue", "blue"]
    eyes = (
        pale[int(dice[3] * len(pale))] if dice[1] < light else ("dark", "brown")[int(dice[3] > 0.6)]
    )
    styles = ("bob", "bob", "short", "short") if gender > 0.5 else ("short", "crop", "short")
    cloths = ("#3d4f63", "#6f7f86", "#8c8377", "#7b4b45", "#2f3338", "#c9c4ba", "#53624f")
    return {
        "hair_color": HAIR_COLORS[hair],
        "eye_color": EYE_COLORS[eyes],
        "hair_style": styles[int(dice[4] * len(styles))],
        "cloth_color": cloths[int(dice[5] * len(cloths))],
    }
