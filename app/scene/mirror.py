"""Left and right: which shapes are a pair, and a pose seen in a mirror."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Literal

from app.head.pose import HeadPose

Side = Literal["left", "right"]

_WORD: Final = re.compile(r"(?<![a-z])(?:left|right)(?![a-z])|(?:Left|Right|LEFT|RIGHT)(?![a-z])")
_LETTER: Final = re.compile(r"(?:(?<=[._\- ])[LRlr](?=$|[._\- ]))|(?:^[LRlr](?=[._\- ]))")
_OPPOSITE: Final = {"left": "right", "right": "left", "l": "r", "r": "l"}


def split_side(name: str) -> tuple[str, Side | None]:
    """The name without its side, and the side; ``eyeBlinkLeft`` is ("eyeBlink", "left").

    Sides are the words Left and Right at a capital or between separators, or a lone L or R
    between separators (``Eye_Blink_L``, ``brow.R``). The last one in the name counts.
    """
    match = _last_side(name)
    if match is None:
        return name, None
    side: Side = "left" if match[0].lower().startswith("l") else "right"
    base = name[: match.start()] + name[match.end() :]
    return re.sub(r"([._\- ])[._\- ]+", r"\1", base).strip("._- "), side


def opposite(name: str) -> str:
    """The name with left and right exchanged; a name without a side is its own opposite."""
    match = _last_side(name)
    if match is None:
        return name
    found = match[0]
    other = _OPPOSITE[found.lower()]
    if found.isupper():
        other = other.upper()
    elif found[0].isupper():
        other = other.capitalize()
    return name[: match.start()] + other + name[match.end() :]


def mirrored(pose: HeadPose, names: Iterable[str] | None = None) -> HeadPose:
    """The pose in a mirror: yaw and roll change their sign, left and right shapes their places.

    ``names`` are the shapes that the head has; a shape whose opposite is not among them keeps its
    place.
    """
    known = None if names is None else frozenset(names)
    shapes: dict[str, float] = {}
    for name, weight in pose.shapes.items():
        other = opposite(name)
        shapes[other if known is None or other in known else name] = weight
    return replace(pose, yaw=0.0 - pose.yaw, roll=0.0 - pose.roll, shapes=shapes)


def _last_side(name: str) -> re.Match[str] | None:
    matches = [*_WORD.finditer(name), *_LETTER.finditer(name)]
    return max(matches, key=lambda match: match.start(), default=None)
