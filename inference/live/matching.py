"""Which of the faces that a detector found are those that are already followed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from inference.results import Box, Detection

LEAST_SHARED: Final = 0.2
"""Part of the union of two boxes that must be shared for them to be of one face."""

NEAR: Final = 1.0
"""Sides of a face between the middles of two boxes within which a lost face may come back."""

ALIKE: Final = 2.0
"""How many times larger it may be then."""


@dataclass(frozen=True)
class Sighting:
    """What the detector found in a frame.

    Attributes
    ----------
    detections : tuple of Detection
        Most certain first.
    boxes : mapping of int to Box
        Where the faces that were followed lay in that frame, by their numbers.
    """

    detections: tuple[Detection, ...]
    boxes: Mapping[int, Box] = field(default_factory=dict)


def shared_part(a: Box, b: Box) -> float:
    """Area that two boxes share over that of their union, 0 to 1."""
    wide = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    high = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if wide <= 0.0 or high <= 0.0:
        return 0.0
    shared = wide * high
    return shared / (a.width * a.height + b.width * b.height - shared)


def returned(lost: Box, found: Box) -> float:
    """How well a box found fits the last one of a lost face, 0 (not at all) to 1."""
    side, other = max(lost.width, lost.height), max(found.width, found.height)
    if min(side, other) <= 0.0 or max(side, other) > ALIKE * min(side, other):
        return 0.0
    x = lost.x + lost.width / 2 - found.x - found.width / 2
    y = lost.y + lost.height / 2 - found.y - found.height / 2
    return max(1.0 - math.hypot(x, y) / (NEAR * max(side, other)), 0.0)


def pairs(fits: Sequence[Sequence[float]], least: float = 0.0) -> dict[int, int]:
    """Columns by rows, the best fit first, each row and column once; those above the least."""
    ordered = sorted(
        ((fit, -row, -column) for row, own in enumerate(fits) for column, fit in enumerate(own)),
        reverse=True,
    )
    found: dict[int, int] = {}
    for fit, row, column in ordered:
        if fit > least and -row not in found and -column not in found.values():
            found[-row] = -column
    return found
