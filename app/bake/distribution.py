"""What random people are drawn from, and what was drawn, in plain words and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from app.bake import draw
from app.bake.person import EYE_COLORS, HAIR_COLORS, PersonSpec

FORMAT = 1


def describe() -> dict[str, Any]:
    """The distribution that `app.bake.person.random_person` draws from.

    Returns
    -------
    dict
        ``parameters`` maps each parameter to its ``kind`` (beta, normal, dirichlet, choice, …),
        its numbers, and ``depends_on``: the parameters that it follows.
    """
    low, span, early, late = draw.AGE
    build = {"kind": "normal", "mean": 0.5, "deviation": 0.14, "range": [0.1, 0.9]}
    parameters: dict[str, Any] = {
        "age": {"kind": "beta", "range": [low, low + span], "exponents": [early, late]},
        "gender": {
            "kind": "mixture",
            "text": "half near 0 (male), half near 1 (female), at a distance of beta(1, 8)",
            "range": [0.0, 1.0],
        },
        **dict.fromkeys(("weight", "muscle", "height"), build),
        "african, asian, caucasian": {"kind": "dirichlet", "exponents": [0.5, 0.5, 0.5]},
        "skin_tone": {
            "kind": "normal",
            "mean": "0.16 + 0.62 african + 0.14 asian",
            "deviation": 0.07,
            "range": [0.02, 0.98],
            "depends_on": ["ancestry"],
        },
        "freckles": {
            "kind": "power",
            "text": "caucasian share times u^4, u uniform",
            "depends_on": ["ancestry"],
        },
        "stubble": {
            "kind": "power",
            "text": "(1 - gender) times u^1.5 for men, u uniform; 0 for women",
            "depends_on": ["gender"],
        },
        "local": {
            "kind": "normal",
            "mean": 0.0,
            "range": [-0.9, 0.9],
            "deviation": dict(draw.SYMMETRIC_SPREAD),
            "deviation_of_pairs": dict(draw.PAIRED_SPREAD),
            "difference_of_sides": draw.SIDES_DIFFER,
        },
        "head-age-incr": {
            "kind": "function",
            "ages": [35, 80],
            "values": [0.0, 0.9],
            "depends_on": ["age"],
        },
    }
    return {"format": FORMAT, "parameters": parameters | _hair_and_eyes() | _worn()}


def _hair_and_eyes() -> dict[str, Any]:
    ages, shares = draw.GREY_HAIR
    return {
        "hair_color": {
            "kind": "choice",
            "fair": list(draw.FAIR_HAIR),
            "share_of_fair": "caucasian share",
            "otherwise": {"black": 0.7, "dark-brown": 0.3},
            "grey_or_white": {"ages": list(ages), "shares": list(shares)},
            "depends_on": ["ancestry", "age"],
        },
        "eye_color": {
            "kind": "choice",
            "pale": list(draw.PALE_EYES),
            "share_of_pale": "caucasian share",
            "otherwise": {"dark": 0.6, "brown": 0.4},
            "depends_on": ["ancestry"],
        },
        "iris_size": {"kind": "normal", "mean": 0.5, "deviation": 0.2, "range": [0.0, 1.0]},
        "hair_style": {
            "kind": "choice",
            "women": dict(draw.HAIR_WOMEN),
            "men": dict(draw.HAIR_MEN),
            "afro": {"share_times_african": draw.AFRO},
            "bald_men": {"ages": list(draw.BALDNESS[0]), "shares": list(draw.BALDNESS[1])},
            "depends_on": ["gender", "ancestry", "age"],
        },
        "cloth_color": {"kind": "choice", "of": list(draw.CLOTHS)},
        "brows.density": {
            "kind": "normal",
            "mean": "0.42 + 0.16 for men",
            "deviation": 0.16,
            "range": [0.05, 1.0],
            "depends_on": ["gender"],
        },
        "brows.thickness": {
            "kind": "normal",
            "mean": "0.40 + 0.20 for men",
            "deviation": 0.18,
            "range": [0.0, 1.0],
            "depends_on": ["gender"],
        },
    }


def _worn() -> dict[str, Any]:
    ages, shares = draw.GLASSES
    return {
        "beard.style": {"kind": "choice", "men": dict(draw.BEARDS), "depends_on": ["gender"]},
        "beard.length": {"kind": "beta", "range": [0.0, 1.0], "exponents": [1.3, 2.2]},
        "makeup": {
            "kind": "choice",
            "share_of_women": draw.MADE_UP,
            "lip_color": list(draw.LIPSTICKS),
            "eye_shadow_color": list(draw.SHADOWS),
            "amounts": "lipstick 0.85 u, eye shadow 1.4 u - 0.4, liner 1.5 u - 0.5 (at least 0), "
            "blush 0.8 u; u uniform",
            "depends_on": ["gender"],
        },
        "glasses.frame": {
            "kind": "choice",
            "share_with_glasses": {"ages": list(ages), "shares": list(shares)},
            "of": dict(draw.FRAME_SHARES),
            "color": list(draw.FRAME_COLORS),
            "depends_on": ["age"],
        },
        "glasses.tint": {
            "kind": "mixture",
            "shares": dict(draw.TINTED),
            "ranges": {name: list(bounds) for name, bounds in draw.TINTS.items()},
        },
        "earrings.style": {
            "kind": "choice",
            "share": dict(draw.RINGS),
            "of": dict(draw.RINGS_OF),
            "depends_on": ["gender"],
        },
        "hat.style": {"kind": "choice", "share": draw.HATTED, "of": dict(draw.HATS_OF)},
    }


_NUMBERS: Mapping[str, Callable[[PersonSpec], float]] = {
    "age": lambda p: p.age,
    "gender": lambda p: p.gender,
    "weight": lambda p: p.weight,
    "muscle": lambda p: p.muscle,
    "height": lambda p: p.height,
    "african": lambda p: p.african,
    "asian": lambda p: p.asian,
    "caucasian": lambda p: p.caucasian,
    "skin_tone": lambda p: p.skin_tone,
    "freckles": lambda p: p.freckles,
    "stubble": lambda p: p.stubble,
    "iris_size": lambda p: p.iris_size,
    "brows.density": lambda p: p.brows.density,
    "brows.thickness": lambda p: p.brows.thickness,
    "makeup.lipstick": lambda p: p.makeup.lipstick,
    "glasses.tint": lambda p: p.glasses.tint,
}
_NAMES: Mapping[str, Callable[[PersonSpec], str]] = {
    "side": lambda p: "female" if p.gender > 0.5 else "male",
    "hair_style": lambda p: p.hair_style,
    "hair_color": lambda p: _named(p.hair_color, HAIR_COLORS),
    "eye_color": lambda p: _named(p.eye_color, EYE_COLORS),
    "beard.style": lambda p: p.beard.style,
    "glasses.frame": lambda p: p.glasses.frame,
    "earrings.style": lambda p: p.earrings.style,
    "hat.style": lambda p: p.hat.style,
    "makeup": lambda p: "yes" if p.makeup.lipstick or p.makeup.eye_shadow else "no",
}


def _named(color: str, named: Mapping[str, str]) -> str:
    return next((name for name, value in named.items() if value == color), color)


def summary(people: Iterable[PersonSpec]) -> dict[str, Any]:
    """What was drawn: counts of names; mean, least, greatest and quartiles of numbers."""
    everyone = list(people)
    numbers = {}
    for name, value in _NUMBERS.items():
        values = np.array([value(person) for person in everyone])
        if len(values):
            low, first, middle, third, high = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
            numbers[name] = {
                "mean": round(float(values.mean()), 4),
                "least": round(float(low), 4),
                "quartiles": [round(float(q), 4) for q in (first, middle, third)],
                "greatest": round(float(high), 4),
            }
    names = {
        name: dict(sorted(Counter(map(value, everyone)).items())) for name, value in _NAMES.items()
    }
    return {"people": len(everyone), "names": names, "numbers": numbers}
