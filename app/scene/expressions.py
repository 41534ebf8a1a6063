"""Five expressions as weights of the 52 facial actions that ARKit names.

The recipes follow the action units that Ekman and Friesen's Facial Action Coding System gives for
the basic emotions (happiness 6+12, sadness 1+4+15, anger 4+5+7+23, fear 1+2+4+5+20+26).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

EXPRESSIONS: Final[dict[str, dict[str, float]]] = {
    "neutral": {},
    "happy": {
        "mouthSmileLeft": 0.75,
        "mouthSmileRight": 0.75,
        "cheekSquintLeft": 0.7,
        "cheekSquintRight": 0.7,
        "eyeSquintLeft": 0.35,
        "eyeSquintRight": 0.35,
        "mouthDimpleLeft": 0.25,
        "mouthDimpleRight": 0.25,
        "mouthUpperUpLeft": 0.2,
        "mouthUpperUpRight": 0.2,
        "browOuterUpLeft": 0.1,
        "browOuterUpRight": 0.1,
        "jawOpen": 0.06,
    },
    "sad": {
        "browInnerUp": 0.85,
        "browDownLeft": 0.25,
        "browDownRight": 0.25,
        "mouthFrownLeft": 0.75,
        "mouthFrownRight": 0.75,
        "mouthShrugLower": 0.35,
        "mouthPucker": 0.1,
        "eyeSquintLeft": 0.2,
        "eyeSquintRight": 0.2,
        "eyeBlinkLeft": 0.2,
        "eyeBlinkRight": 0.2,
        "eyeLookDownLeft": 0.25,
        "eyeLookDownRight": 0.25,
    },
    "angry": {
        "browDownLeft": 0.95,
        "browDownRight": 0.95,
        "eyeWideLeft": 0.25,
        "eyeWideRight": 0.25,
        "eyeSquintLeft": 0.45,
        "eyeSquintRight": 0.45,
        "noseSneerLeft": 0.55,
        "noseSneerRight": 0.55,
        "mouthPressLeft": 0.45,
        "mouthPressRight": 0.45,
        "mouthFrownLeft": 0.3,
        "mouthFrownRight": 0.3,
        "mouthRollLower": 0.15,
        "jawForward": 0.15,
    },
    "scared": {
        "browInnerUp": 0.9,
        "browOuterUpLeft": 0.55,
        "browOuterUpRight": 0.55,
        "eyeWideLeft": 0.9,
        "eyeWideRight": 0.9,
        "mouthStretchLeft": 0.6,
        "mouthStretchRight": 0.6,
        "mouthFrownLeft": 0.15,
        "mouthFrownRight": 0.15,
        "mouthLowerDownLeft": 0.25,
        "mouthLowerDownRight": 0.25,
        "jawOpen": 0.28,
    },
}

ACTIONS: Final = (
    *(f"brow{part}" for part in ("DownLeft", "DownRight", "InnerUp", "OuterUpLeft")),
    *("browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight"),
    *(
        f"eye{part}{side}"
        for part in ("Blink", "LookDown", "LookIn", "LookOut", "LookUp", "Squint", "Wide")
        for side in ("Left", "Right")
    ),
    *("jawForward", "jawLeft", "jawOpen", "jawRight"),
    *("mouthClose", "mouthFunnel", "mouthLeft", "mouthPucker", "mouthRight"),
    *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *(
        f"mouth{part}{side}"
        for part in ("Dimple", "Frown", "LowerDown", "Press", "Smile", "Stretch", "UpperUp")
        for side in ("Left", "Right")
    ),
    *("noseSneerLeft", "noseSneerRight", "tongueOut"),
)
"""Names of the 52 facial actions."""

_OTHER_NAMES: Final = {
    "browraiseinnerleft": "browinnerup",
    "browraiseinnerright": "browinnerup",
    "browinnerupleft": "browinnerup",
    "browinnerupright": "browinnerup",
    "browraiseouterleft": "browouterupleft",
    "browraiseouterright": "browouterupright",
    "browdropleft": "browdownleft",
    "browdropright": "browdownright",
    "cheekraiseleft": "cheeksquintleft",
    "cheekraiseright": "cheeksquintright",
    "mouthdownlowerleft": "mouthlowerdownleft",
    "mouthdownlowerright": "mouthlowerdownright",
    "mouthupupperleft": "mouthupperupleft",
    "mouthupupperright": "mouthupperupright",
    "mouthrollinlower": "mouthrolllower",
    "mouthrollinupper": "mouthrollupper",
}
"""Names that character tools give to the same actions, in the form of `_plain`."""


def expression_shapes(name: str, available: Iterable[str]) -> dict[str, float]:
    """Weights of a named expression for the shapes that a head has.

    Parameters
    ----------
    name : str
        One of `EXPRESSIONS`.
    available : iterable of str
        The head's shapes, in any of the usual spellings (``mouthSmileLeft``, ``mouthSmile_L``,
        ``Mouth_Smile_L``, ``AK_31_MouthSmileLeft``). A shape for both sides takes the mean.

    Returns
    -------
    dict of str to float
        By the head's own names; empty for neutral and for a head without such shapes.

    Raises
    ------
    KeyError
        For an unknown expression.
    """
    return action_shapes(EXPRESSIONS[name], available)


def action_shapes(weights: Mapping[str, float], available: Iterable[str]) -> dict[str, float]:
    """Weights of facial actions as weights of the shapes that a head has.

    Parameters
    ----------
    weights : mapping of str to float
        By the names of `ACTIONS`.
    available : iterable of str
        The head's shapes, in any of the usual spellings.
    """
    wanted = {action.lower(): weight for action, weight in weights.items()}
    shapes: dict[str, float] = {}
    for shape in available:
        action = action_of(shape)
        if action in wanted:
            shapes[shape] = wanted[action]
        elif f"{action}left" in wanted and f"{action}right" in wanted:
            shapes[shape] = (wanted[f"{action}left"] + wanted[f"{action}right"]) / 2.0
    return shapes


@cache
def action_of(shape: str) -> str:
    """The facial action that a shape is named after, in lower case."""
    plain = _plain(shape)
    return _OTHER_NAMES.get(plain, plain)


def _plain(shape: str) -> str:
    """Lower-case letters only, without the mesh's name or a number, sides written out."""
    own = re.split(r"[.:|]", shape)[-1]
    own = re.sub(r"^AK_?\d+_?", "", own, flags=re.IGNORECASE)
    own = re.sub(r"[_\-. ]L$", "Left", own)
    own = re.sub(r"[_\-. ]R$", "Right", own)
    own = re.sub(r"(?<=[a-z])L$", "Left", own)
    own = re.sub(r"(?<=[a-z])R$", "Right", own)
    return re.sub(r"[^a-z]", "", own.lower())
