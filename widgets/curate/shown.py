"""What lies over the head beside the topology under edit: a proposal or two releases compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.topology.topology import Topology

Side = Literal["after", "before", "swipe"]


@dataclass(frozen=True)
class Comparison:
    """Two states of a topology to be drawn in place of the document's.

    Attributes
    ----------
    before, after : Topology
    title : str
        One line over the picture, such as ``"Proposal 12: nose tip"``.
    side : str
        Which is drawn; ``"swipe"`` draws what was before left of `split`. To blink is to change
        this by a timer.
    split : float
        Of the picture's width, 0 to 1.
    arrows : bool
        From where each moved landmark was to where it is, with the length in mm.
    marked : frozenset of str
        Landmarks that are ringed, such as those in conflict.
    """

    before: Topology
    after: Topology
    title: str = ""
    side: Side = "after"
    split: float = 0.5
    arrows: bool = True
    marked: frozenset[str] = frozenset()
