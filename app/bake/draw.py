"""The random draw of people: what is drawn, from what, and what it depends on.

`app.bake.distribution` tells it in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from app.bake.features import Beard, Brows, Earrings, Glasses, Hat, Makeup
from app.bake.person import EYE_COLORS, HAIR_COLORS, PersonSpec

# Local changes that vary a face without leaving what is seen on people, with their spread.
SYMMETRIC_SPREAD: Mapping[str, float] = {
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
PAIRED_SPREAD: Mapping[str, float] = {
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
SIDES_DIFFER: Final = 0.15
"""Spread of the difference between left and right, relative to that of both."""

AGE: Final = (18.0, 57.0, 1.3, 2.0)
"""Years: the least, the span, and the two exponents of the beta distribution over it."""

FAIR_HAIR: Final = ("dark-brown", "brown", "light-brown", "blond", "auburn", "light-blond", "red")
PALE_EYES: Final = ("brown", "hazel", "green", "grey", "blue", "blue")
GREY_HAIR: Final = ((40.0, 75.0), (0.0, 0.9))
CLOTHS: Final = ("#3d4f63", "#6f7f86", "#8c8377", "#7b4b45", "#2f3338", "#c9c4ba", "#53624f")
HATS: Final = ("#2f3338", "#51423a", "#3d4f63", "#7b4b45", "#8c8377")

HAIR_WOMEN: Final = {"long": 0.28, "bob": 0.22, "bun": 0.18, "fringe": 0.12, "curly": 0.10,
                     "short": 0.07, "crop": 0.03}  # fmt: skip
HAIR_MEN: Final = {"short": 0.46, "crop": 0.24, "fringe": 0.10, "curly": 0.08, "bald": 0.08,
                   "long": 0.04}  # fmt: skip
AFRO: Final = 0.35
"""Share of round hair at wholly African ancestry; half of it for cropped hair."""

BALDNESS: Final = ((30.0, 75.0), (0.0, 0.30))
BEARDS: Final = {"none": 0.56, "full": 0.22, "goatee": 0.12, "moustache": 0.10}
MADE_UP: Final = 0.6
LIPSTICKS: Final = ("#9c2f3a", "#b3404f", "#7d2431", "#c06a64", "#a8566a", "#5e2030")
SHADOWS: Final = ("#6b4a52", "#3e3a42", "#7a5a3c", "#4d5a6e", "#84606e")
GLASSES: Final = ((18.0, 75.0), (0.20, 0.45))
FRAME_SHARES: Final = {"rectangular": 0.34, "round": 0.24, "half-rim": 0.16, "aviator": 0.14,
                       "cat-eye": 0.12}  # fmt: skip
FRAME_COLORS: Final = ("#1d1a18", "#3b2417", "#5a4632", "#2c3440", "#5b1f22", "#8a8d90", "#a98d4f")
TINTED: Final = {"clear": 0.80, "light": 0.10, "dark": 0.10}
TINTS: Final = {"clear": (0.0, 0.05), "light": (0.10, 0.30), "dark": (0.55, 0.85)}
RINGS: Final = {"women": 0.40, "men": 0.05}
RINGS_OF: Final = {"stud": 0.6, "hoop": 0.4}
HATTED: Final = 0.06
HATS_OF: Final = {"beanie": 0.6, "cap": 0.4}


def draw_person(seed: int, given: Mapping[str, Any]) -> PersonSpec:
    """The person of a seed with given values in place of drawn ones; see `random_person`."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, Any] = {"name": f"person{seed}", "seed": seed}
    low, span, early, late = AGE
    drawn["age"] = _round(low + span * rng.beta(early, late), 1)
    side = rng.random() < 0.5
    drawn["gender"] = _round(side * 1.0 + (1 - 2 * side) * rng.beta(1.0, 8.0))
    for field in ("weight", "muscle", "height"):
        drawn[field] = _round(np.clip(rng.normal(0.5, 0.14), 0.1, 0.9))
    shares = rng.dirichlet([0.5, 0.5, 0.5])
    for field, share in zip(("african", "asian", "caucasian"), shares, strict=True):
        drawn[field] = _round(share)
    local = _random_local(rng)
    tone_noise, shadow, freckle = rng.normal(0, 0.07), rng.random(), rng.random()
    drawn |= {k: v for k, v in given.items() if k != "local"}

    total = drawn["african"] + drawn["asian"] + drawn["caucasian"]
    if not total > 0:
        raise ValueError("ancestry: at least one share must be above 0")
    african, asian = drawn["african"] / total, drawn["asian"] / total
    light, man = 1 - african - asian, 1 - drawn["gender"]
    tone = 0.16 + 0.62 * african + 0.14 * asian + tone_noise
    age = float(drawn["age"])
    follows: dict[str, Any] = {
        "skin_tone": _round(np.clip(tone, 0.02, 0.98)),
        "stubble": _round(man * shadow**1.5) if man > 0.5 else 0.0,
        "freckles": _round(light * freckle**4),
        **_hair_and_eyes(seed, light, african, age, man),
        **_worn(seed, age, man),
    }
    drawn = follows | drawn
    local["head-age-incr"] = _round(np.interp(age, [35, 80], [0.0, 0.9]))
    chosen = local | dict(given.get("local", ()))
    return PersonSpec(**drawn, local=tuple(sorted(chosen.items())))


def _round(value: Any, digits: int = 3) -> float:
    return float(np.round(value, digits))


def _dice(seed: int, purpose: str) -> np.random.Generator:
    return np.random.default_rng([seed, *f"draw {purpose}".encode()])


def _pick(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    """A name by its share of the sum."""
    names, weights = tuple(shares), np.cumsum(tuple(shares.values()))
    return names[min(int(np.searchsorted(weights, rng.random() * weights[-1])), len(names) - 1)]


def _one(rng: np.random.Generator, of: tuple[str, ...]) -> str:
    return of[int(rng.random() * len(of))]


def _random_local(rng: np.random.Generator) -> dict[str, float]:
    local = {
        label: _round(np.clip(rng.normal(0, spread), -0.9, 0.9))
        for label, spread in SYMMETRIC_SPREAD.items()
    }
    for label, spread in PAIRED_SPREAD.items():
        both = rng.normal(0, spread)
        for side in "lr":
            value = np.clip(both + rng.normal(0, SIDES_DIFFER * spread), -0.9, 0.9)
            local[f"{side}-{label}"] = _round(value)
    return local


def _hair_and_eyes(
    seed: int, light: float, african: float, age: float, man: float
) -> dict[str, Any]:
    rng = _dice(seed, "colours")
    fair, pale = rng.random(2) < light
    hair = _one(rng, FAIR_HAIR) if fair else _pick(rng, {"black": 0.7, "dark-brown": 0.3})
    if rng.random() < np.interp(age, *GREY_HAIR):
        hair = "white" if age > 68 and rng.random() < 0.5 else "grey"
    eyes = _one(rng, PALE_EYES) if pale else _pick(rng, {"dark": 0.6, "brown": 0.4})
    return {
        "hair_color": HAIR_COLORS[hair],
        "eye_color": EYE_COLORS[eyes],
        "iris_size": _round(np.clip(rng.normal(0.5, 0.2), 0.0, 1.0)),
        "hair_style": _pick(_dice(seed, "hair"), hair_shares(african, age, man)),
        "cloth_color": _one(_dice(seed, "cloth"), CLOTHS),
        "brows": Brows(
            _round(np.clip(rng.normal(0.42 + 0.16 * man, 0.16), 0.05, 1.0)),
            _round(np.clip(rng.normal(0.40 + 0.20 * man, 0.18), 0.0, 1.0)),
        ),
    }


def hair_shares(african: float, age: float, man: float) -> dict[str, float]:
    """Share of each hair style for an ancestry, an age and a gender (1 a man)."""
    shares = dict(HAIR_MEN if man > 0.5 else HAIR_WOMEN)
    curled = AFRO * african
    shares = {style: share * (1 - 1.5 * curled) for style, share in shares.items()}
    shares["afro"] = curled
    shares["crop"] += 0.5 * curled
    if man > 0.5:
        shares["bald"] += float(np.interp(age, *BALDNESS))
    return shares


def _worn(seed: int, age: float, man: float) -> dict[str, Any]:
    rng = _dice(seed, "worn")
    made_up, spectacled, ringed, hatted = rng.random(4)
    worn: dict[str, Any] = {}
    if man > 0.5:
        style = _pick(_dice(seed, "beard"), BEARDS)
        worn["beard"] = Beard(style, _round(rng.beta(1.3, 2.2)) if style != "none" else 0.35)
    elif made_up < MADE_UP:
        worn["makeup"] = _makeup(_dice(seed, "make-up"))
    if spectacled < np.interp(age, *GLASSES):
        worn["glasses"] = _glasses(_dice(seed, "glasses"))
    if ringed < RINGS["men" if man > 0.5 else "women"]:
        style = _pick(rng, RINGS_OF)
        worn["earrings"] = Earrings(style, _one(rng, ("#c9a24b", "#b9bcc0")))
    if hatted < HATTED:
        worn["hat"] = Hat(_pick(rng, HATS_OF), _one(rng, HATS))
    return worn


def _makeup(rng: np.random.Generator) -> Makeup:
    lips, eyes, liner, blush = rng.random(4)
    return Makeup(
        lipstick=_round(0.85 * lips),
        lip_color=_one(rng, LIPSTICKS),
        eye_shadow=_round(max(0.0, 1.4 * eyes - 0.4)),
        eye_shadow_color=_one(rng, SHADOWS),
        liner=_round(max(0.0, 1.5 * liner - 0.5)),
        blush=_round(0.8 * blush),
    )


def _glasses(rng: np.random.Generator) -> Glasses:
    frame, color = _pick(rng, FRAME_SHARES), _one(rng, FRAME_COLORS)
    metal = frame in ("aviator", "half-rim") or rng.random() < 0.25
    low, high = TINTS[_pick(rng, TINTED)]
    return Glasses(frame, color, metal, _round(rng.uniform(low, high)))
