"""Whether landmarks lie where they say: on a face of the skin, with the mean that it has there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from app.curate.changes import ChangeSet
from app.curate.faults import StateError
from app.curate.mean_head import mean_head
from app.curate.states import LandmarkState
from app.topology import base_skin

TOLERANCE: Final = 5e-6
"""Metres; files keep six decimals."""


def check(content: ChangeSet, base_mesh: str) -> None:
    """See that all landmarks of a change set are sound places after it.

    Raises
    ------
    StateError
        With one line for the first that is not.
    """
    check_states((c.after for c in content.changes if c.after is not None), base_mesh)


def check_states(states: Iterable[LandmarkState], base_mesh: str) -> None:
    """As `check`, for states."""
    if base_mesh != base_skin.NAME:
        return
    head = mean_head()
    for state in states:
        if head.row_of(state.corners) < 0:
            raise StateError(f"{state.name!r} does not lie on a face of the skin")
        at = np.array(state.weights) @ head.surface.vertices[list(state.corners)]
        if not np.abs(at - state.mean).max() <= TOLERANCE:
            raise StateError(f"{state.name!r}: its mean is not where its corners and weights are")
