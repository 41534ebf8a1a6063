"""Quick reasons: what curators say most often, by a word that can be typed."""

from __future__ import annotations

from typing import Final

REASONS: Final = {
    "anatomy": "This is not where the feature lies.",
    "off": "It is off the surface, or on another surface.",
    "mirror": "It does not mirror its partner.",
    "close": "It is too close to its neighbour.",
    "uneven": "Its neighbours are spaced unevenly now.",
    "subset": "It moves a point of iBUG-68, which data and models rely on.",
    "name": "The name does not say what it is.",
    "needless": "Nothing is gained by this.",
}


def in_full(reason: str) -> str:
    """A quick reason by its word as a sentence; anything else as it is."""
    return REASONS.get(reason.strip(), reason.strip())
