"""Expressions of a data set: the five named ones and random mixes that a face could make."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.dataset.spec import Expression
from app.scene.expressions import EXPRESSIONS

_Mix = dict[str, float]

BROWS: Final = (("browInnerUp",), ("browDown",), ("browOuterUp",), ("browInnerUp", "browOuterUp"))
LIPS: Final = (
    ("mouthSmile", "cheekSquint"),
    ("mouthSmile",),
    ("mouthFrown",),
    ("mouthPucker",),
    ("mouthFunnel",),
    ("mouthStretch",),
    ("mouthPress",),
    ("mouthUpperUp", "noseSneer"),
    ("mouthLowerDown",),
    ("mouthDimple",),
    ("mouthRollLower",),
    ("mouthRollUpper",),
    ("mouthShrugLower", "mouthShrugUpper"),
    ("mouthUpperUp", "mouthLowerDown"),
    ("cheekPuff",),
)
"""Of each list one group at most: muscles that pull against each other are not used at once."""

CLOSED: Final = frozenset({"mouthPress", "cheekPuff", "mouthRollLower", "mouthRollUpper"})
"""Actions of a mouth that is shut."""

ONE_SIDED: Final = 0.15
"""How often one side of the face takes the lead."""

SMILING: Final = 0.45
TEETH: Final = 0.7
"""Candid: how often an open mouth shows its upper teeth."""

_PAIRED: Final = frozenset(
    {"browDown", "browOuterUp", "cheekSquint", "eyeBlink", "eyeSquint", "eyeWide", "noseSneer"}
    | {"mouthDimple", "mouthFrown", "mouthLowerDown", "mouthPress", "mouthSmile"}
    | {"mouthStretch", "mouthUpperUp"}
)


def actions(expression: Expression, chance: np.random.Generator) -> _Mix:
    """Weights of the 52 facial actions, those that are 0 left out."""
    if expression == "candid":
        return candid(chance)
    return mixed(chance) if expression == "mixed" else dict(EXPRESSIONS[expression])


def candid(chance: np.random.Generator) -> _Mix:
    """As people look in photographs: nearly half of them smile, many of these show their teeth."""
    mix: _Mix = {}
    if chance.random() >= SMILING:
        mix = mixed(chance)
        if mix.get("jawOpen", 0.0) > 0.1 and chance.random() < TEETH:
            for side in ("Left", "Right"):
                shown = max(mix.get(f"mouthUpperUp{side}", 0.0), 0.25 + 0.8 * mix["jawOpen"])
                mix[f"mouthUpperUp{side}"] = round(min(shown, 1.0), 4)
        return mix
    if chance.random() < 0.3:
        _add(mix, BROWS[int(chance.integers(len(BROWS)))], chance)
    _eyes(mix, chance)
    _add(mix, ("mouthSmile", "cheekSquint"), chance)
    if chance.random() < 0.7:
        _add(mix, ("mouthUpperUp",), chance)
    if chance.random() < 0.4:
        _add(mix, ("mouthLowerDown",), chance)
    if chance.random() < 0.5:
        mix["jawOpen"] = 0.4 * float(chance.beta(1.1, 2.4))
    return {name: round(weight, 4) for name, weight in sorted(mix.items()) if weight >= 0.005}


def mixed(chance: np.random.Generator) -> _Mix:
    """A random expression: brows, eyes, gaze, lips and jaw drawn apart, each often at rest.

    Both sides move alike within 15 %, now and then one leads; strengths lean to the weak side, as
    on people.
    """
    mix: _Mix = {}
    if chance.random() < 0.6:
        _add(mix, BROWS[int(chance.integers(len(BROWS)))], chance)
    _eyes(mix, chance)
    lips: tuple[str, ...] = ()
    if chance.random() < 0.75:
        lips = LIPS[int(chance.integers(len(LIPS)))]
        _add(mix, lips, chance)
    _jaw(mix, chance, shut=not CLOSED.isdisjoint(lips))
    return {name: round(weight, 4) for name, weight in sorted(mix.items()) if weight >= 0.005}


def _strength(chance: np.random.Generator) -> float:
    return 0.1 + 0.9 * float(chance.beta(1.4, 1.8))


def _add(mix: _Mix, group: tuple[str, ...], chance: np.random.Generator) -> None:
    """All actions of a group, about equally strong."""
    strength = _strength(chance)
    lean = float(chance.uniform(-0.075, 0.075))
    if chance.random() < ONE_SIDED:
        lean = 0.35 if lean > 0.0 else -0.35
    for name in group:
        weight = min(1.0, strength * float(chance.uniform(0.8, 1.1)))
        if name in _PAIRED:
            mix[f"{name}Left"] = weight * (1.0 - max(0.0, 2.0 * lean))
            mix[f"{name}Right"] = weight * (1.0 - max(0.0, -2.0 * lean))
        else:
            mix[name] = weight


def _eyes(mix: _Mix, chance: np.random.Generator) -> None:
    """Lids, and where both eyes look."""
    kind = chance.random()
    if kind < 0.12:
        _add(mix, ("eyeBlink",), chance)
    elif kind < 0.16:
        both = float(chance.uniform(0.9, 1.0))
        mix["eyeBlinkLeft"] = mix["eyeBlinkRight"] = both
    elif kind < 0.18:
        mix["eyeBlinkLeft" if chance.random() < 0.5 else "eyeBlinkRight"] = 1.0
    elif kind < 0.34:
        _add(mix, ("eyeSquint",), chance)
    elif kind < 0.48:
        _add(mix, ("eyeWide",), chance)
    across, up = np.clip(chance.normal(0.0, 0.3, 2), -0.8, 0.8)
    out, into = ("Left", "Right") if across > 0.0 else ("Right", "Left")
    mix[f"eyeLookOut{out}"] = mix[f"eyeLookIn{into}"] = abs(float(across))
    direction = "Up" if up > 0.0 else "Down"
    mix[f"eyeLook{direction}Left"] = mix[f"eyeLook{direction}Right"] = abs(float(up))


def _jaw(mix: _Mix, chance: np.random.Generator, *, shut: bool) -> None:
    if not shut and chance.random() < 0.5:
        mix["jawOpen"] = 0.7 * float(chance.beta(1.1, 2.4))
        if mix["jawOpen"] > 0.3 and chance.random() < 0.04:
            mix["tongueOut"] = float(chance.uniform(0.3, 0.9))
        elif mix["jawOpen"] < 0.3 and chance.random() < 0.1:
            mix["mouthClose"] = mix["jawOpen"]
    if chance.random() < 0.1:
        side = "Left" if chance.random() < 0.5 else "Right"
        mix[f"jaw{side}"] = 0.5 * _strength(chance)
    if chance.random() < 0.06:
        mix["jawForward"] = 0.6 * _strength(chance)
    if chance.random() < 0.1:
        side = "Left" if chance.random() < 0.5 else "Right"
        mix[f"mouth{side}"] = 0.6 * _strength(chance)
