"""From measures of a face to the facial actions that a head's shapes are named after.

Where an action begins and where it is full comes from the shipped heads: each was given one action
at weight 1, and its 68 points were measured through a camera from a turned head.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.scene.expressions import action_of

SIDES: Final = ("right", "left")
JAW_ON_CORNERS: Final = 0.27
"""How far an opening jaw draws the corners of the mouth down, of the gap between the lips."""
JAW_ON_WIDTH: Final = 0.19
ASIDE_ON_CORNERS: Final = 0.9
"""How far a mouth that moves aside lifts the corner that leads."""
SMILE_ON_WIDTH: Final = 0.45
"""How far a corner goes out as it goes up."""
OPEN: Final = (0.03, 0.10)
"""Gap between the lips from where pursed ones are a funnel, and no more a pucker."""


@dataclass(frozen=True)
class Drive:
    """One facial action and the measure that drives it.

    Attributes
    ----------
    action : str
        One of `app.scene.expressions.ACTIONS`.
    measure : str
        Of `derived`.
    start, full : float
        Where the weight leaves 0 and where it reaches 1, in inter-ocular distances; of lids in
        parts of the neutral opening.
    """

    action: str
    measure: str
    start: float
    full: float

    def weight(self, value: float) -> float:
        return min(max((value - self.start) / (self.full - self.start), 0.0), 1.0)


def _both(action: str, measure: str, start: float, full: float) -> tuple[Drive, Drive]:
    return (
        Drive(f"{action}Right", f"{measure} right", start, full),
        Drive(f"{action}Left", f"{measure} left", start, full),
    )


DRIVES: Final[tuple[Drive, ...]] = (
    Drive("jawOpen", "gap", 0.02, 0.32),
    Drive("jawLeft", "chin left", 0.05, 0.11),
    Drive("jawRight", "chin right", 0.05, 0.11),
    *_both("eyeBlink", "lid closed", 0.15, 0.60),
    *_both("eyeWide", "lid wide", 0.12, 0.42),
    Drive("browInnerUp", "inner brows up", 0.010, 0.042),
    *_both("browOuterUp", "outer brow up", 0.018, 0.048),
    *_both("browDown", "inner brow down", 0.010, 0.045),
    *_both("mouthSmile", "corner raised", 0.020, 0.15),
    *_both("mouthFrown", "corner lowered", 0.020, 0.05),
    *_both("mouthStretch", "corner drawn", 0.020, 0.05),
    Drive("mouthLeft", "mouth left", 0.030, 0.09),
    Drive("mouthRight", "mouth right", 0.030, 0.09),
    Drive("mouthPucker", "narrow", 0.015, 0.09),
    Drive("mouthFunnel", "narrow", 0.015, 0.08),
)
"""All that is driven."""


def derived(change: Mapping[str, float]) -> dict[str, float]:
    """What `DRIVES` go by: changes of measures, each freed of what another one does to it.

    Parameters
    ----------
    change : mapping of str to float
        From `inference.live.face_measures.changes`.
    """
    gap, aside, chin = change["gap"], change["mouth aside"], change["chin aside"]
    found = {
        "gap": gap,
        "narrow": -change["width"] - JAW_ON_WIDTH * max(gap, 0.0),
        "mouth left": aside,
        "mouth right": -aside,
        "chin left": chin,
        "chin right": -chin,
        "inner brows up": (change["inner brow right"] + change["inner brow left"]) / 2.0,
    }
    for side, leads in zip(SIDES, (-aside, aside), strict=True):
        raised = (
            change[f"corner up {side}"]
            + JAW_ON_CORNERS * max(gap, 0.0)
            - ASIDE_ON_CORNERS * max(leads, 0.0)
        )
        drawn = change[f"corner out {side}"] - max(leads, 0.0) - SMILE_ON_WIDTH * max(raised, 0.0)
        found[f"corner raised {side}"], found[f"corner lowered {side}"] = raised, -raised
        found[f"corner drawn {side}"] = drawn
        found[f"lid closed {side}"] = -change[f"lid {side}"]
        found[f"lid wide {side}"] = change[f"lid {side}"]
        found[f"outer brow up {side}"] = change[f"outer brow {side}"]
        found[f"inner brow down {side}"] = -change[f"inner brow {side}"]
    return found


def actions(change: Mapping[str, float], strength: float = 1.0) -> dict[str, float]:
    """Weights of facial actions, 0 to 1; those that rest are left out.

    Parameters
    ----------
    change : mapping of str to float
        From `inference.live.face_measures.changes`.
    strength : float
        1 shows a face as it is, 2 twice as lively.
    """
    values = derived(change)
    weights = {d.action: d.weight(values[d.measure]) for d in DRIVES}
    first, last = OPEN
    opened = min(max((values["gap"] - first) / (last - first), 0.0), 1.0)
    weights["mouthFunnel"] *= opened
    weights["mouthPucker"] *= 1.0 - opened
    scaled = {name: min(weight * strength, 1.0) for name, weight in weights.items()}
    return {name: weight for name, weight in scaled.items() if weight > 0.0}


def mirrored(weights: Mapping[str, float]) -> dict[str, float]:
    """The same with left and right exchanged."""
    return {_other_side(name): weight for name, weight in weights.items()}


def driven_shapes(available: Iterable[str]) -> tuple[str, ...]:
    """Which shapes of a head the landmarks can drive, by the head's own names."""
    known = {drive.action.lower() for drive in DRIVES}
    both = {name.removesuffix("left") for name in known if name.endswith("left")}
    return tuple(s for s in available if action_of(s) in known or action_of(s) in both)


def _other_side(name: str) -> str:
    if name.endswith("Left"):
        return name.removesuffix("Left") + "Right"
    return name.removesuffix("Right") + "Left" if name.endswith("Right") else name
