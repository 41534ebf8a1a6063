"""How landmarks look over the head: what is drawn, and in which colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.curate.view import View
from app.topology.identity import ids_of
from app.topology.topology import Landmark, Topology

Coloring = Literal["part", "state"]

PART_COLORS: Final = tuple(
    QColor(name)
    for name in (
        "#5fd3f3", "#ffb454", "#7ee081", "#f78fb3", "#b69cff", "#f4e06d",
        "#ff8a65", "#66e0c2", "#9fb8ff", "#e59bff", "#c3e07a", "#ffcfa8",
    )
)  # fmt: skip
NO_PART: Final = QColor("#dfe3ea")

STATES: Final[dict[str, tuple[str, QColor]]] = {
    "as released": ("As released", QColor("#dfe3ea")),
    "moved": ("Moved", QColor("#ffb454")),
    "changed": ("Changed otherwise", QColor("#5fd3f3")),
    "new": ("New", QColor("#7ee081")),
    "locked": ("Locked", QColor("#8b93a3")),
    "alone": ("Not mirrored", QColor("#b69cff")),
}
"""Words and colour of what a landmark is in the document."""

CHOSEN: Final = QColor("#ffffff")
ACCENT: Final = QColor("#5c9dff")
BEFORE: Final = QColor("#8fb4ff")
AFTER: Final = QColor("#ffb454")
ADDED: Final = QColor("#7ee081")
REMOVED: Final = QColor("#f0726a")


@dataclass(frozen=True)
class Looks:
    """What is drawn.

    Attributes
    ----------
    coloring : str
    edges, contours, numbers, hidden, changes : bool
        All edges; the lines of parts; numbers beside points; what lies behind the head; where
        moved points were in the release.
    """

    coloring: Coloring = "part"
    edges: bool = True
    contours: bool = True
    numbers: bool = False
    hidden: bool = True
    changes: bool = True


def part_color(number: int) -> QColor:
    """Of the part with a number; -1 for none."""
    return NO_PART if number < 0 else PART_COLORS[number % len(PART_COLORS)]


def state_of(key: str, mark: Landmark, before: Landmark | None, view: View) -> str:
    """One of `STATES`; what is handled specially comes first."""
    if key in view.locked:
        return "locked"
    if key in view.alone:
        return "alone"
    if before is None:
        return "new"
    if mark is before or mark == before:
        return "as released"
    moved = (mark.corners, mark.weights) != (before.corners, before.weights)
    return "moved" if moved else "changed"


def states_of(topology: Topology, base: Topology, view: View) -> NDArray[Any]:
    """Which of `STATES`, by its place there, each landmark is in, shape (L,)."""
    known = dict(zip(ids_of(base), base.landmarks, strict=True))
    order = {name: k for k, name in enumerate(STATES)}
    pairs = zip(ids_of(topology), topology.landmarks, strict=True)
    found = [order[state_of(key, mark, known.get(key), view)] for key, mark in pairs]
    return np.array(found, dtype=np.int64)


def colors_of(coloring: Coloring) -> Sequence[QColor]:
    """The colours that the groups of a coloring have."""
    if coloring == "part":
        return (NO_PART, *PART_COLORS)
    return [color for _, color in STATES.values()]
