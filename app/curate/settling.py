"""Third ways out of a conflict: a landmark where neither the release nor the proposal has it."""

from __future__ import annotations

import msgspec
import numpy as np

from app.curate.changes import PartChange
from app.curate.faults import StoreError
from app.curate.mean_head import mean_head
from app.curate.merging import Conflict
from app.curate.states import LandmarkState
from app.topology.topology import Landmark


def can_be_placed(conflict: Conflict) -> bool:
    """Whether a third position would settle it: both leave the landmark in place somewhere."""
    return proposed(conflict) is not None and released(conflict) is not None


def proposed(conflict: Conflict) -> LandmarkState | None:
    """The landmark as it is proposed; None for parts and where it is removed."""
    change = conflict.second
    return None if isinstance(change, PartChange) else change.after


def released(conflict: Conflict) -> LandmarkState | None:
    """The landmark as the newest release has it; None for parts and where it is removed."""
    change = conflict.first
    return None if isinstance(change, PartChange) else change.after


def at_place_of(conflict: Conflict, landmark: Landmark) -> LandmarkState:
    """What is proposed, at the place of a landmark.

    Raises
    ------
    StoreError
        If nothing of it is proposed to be left.
    """
    state = proposed(conflict)
    if state is None:
        raise StoreError(f"{conflict.second.name!r} is to be removed; keep it, or take that")
    return msgspec.structs.replace(
        state, corners=landmark.corners, weights=landmark.weights, mean=landmark.mean
    )


def halfway(conflict: Conflict) -> LandmarkState:
    """What is proposed, on the skin halfway between its place and that of the release.

    Raises
    ------
    StoreError
        If either of the two removes it.
    """
    first, second = released(conflict), proposed(conflict)
    if first is None or second is None:
        raise StoreError(f"{conflict.second.name!r} has no two places to be halfway between")
    head = mean_head()
    mark = Landmark(second.name, second.corners, second.weights, second.mean, second.origin)
    spots = head.spots([mark])
    middle = (np.array(first.mean) + np.array(second.mean)) / 2.0
    there, _ = head.surface.closest(middle[None], head.surface.facing(spots))
    return at_place_of(conflict, head.placed(mark, there))
