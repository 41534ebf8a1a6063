"""What a change does, in words and in millimetres: for tables, logs and the command line."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from app.curate.changes import Change, ChangeSet, PartChange
from app.curate.states import LandmarkState, PartState

Kind = Literal["added", "moved", "changed", "removed"]

LEAST_MOVE: Final = 1e-6
"""Metres: what the files of topologies can tell apart."""


@dataclass(frozen=True)
class Edit:
    """One change in short.

    Attributes
    ----------
    id : str
        Of the landmark, or ``part:`` and the name of a part.
    name : str
        After the change, or before where nothing is left.
    kind : str
        ``"moved"`` where it lies elsewhere, whatever else changed.
    distance : float
        Metres on the mean head; 0 for what is added or removed.
    words : str
        What changed, in one line.
    becomes : bytes
        The beginning of a hash of all that it is after the change: two edits with the same one
        do the same to a landmark.
    """

    id: str
    name: str
    kind: Kind
    distance: float
    words: str
    becomes: bytes


def edits(changes: ChangeSet) -> tuple[Edit, ...]:
    """Everything that can be approved alone, in the set's own order."""
    of_landmarks = {change.id: change for change in changes.changes}
    of_parts = {part.id: part for part in changes.parts}
    return tuple(
        edit_of(of_landmarks[key]) if key in of_landmarks else _part(of_parts[key])
        for key in changes.ids
    )


def edit_of(change: Change) -> Edit:
    before, after = change.before, change.after
    if before is None or after is None:
        kind: Kind = "added" if before is None else "removed"
        return Edit(change.id, change.name, kind, 0.0, kind, _becomes(after))
    distance = math.dist(before.mean, after.mean)
    moved = distance > LEAST_MOVE or (before.corners, before.weights) != (
        after.corners,
        after.weights,
    )
    words = "; ".join(_words(before, after, distance, moved))
    kind = "moved" if moved else "changed"
    return Edit(change.id, change.name, kind, distance, words, _becomes(after))


def _becomes(after: LandmarkState | PartState | None) -> bytes:
    return hashlib.sha256(msgspec.json.encode(after)).digest()[:8]


def _words(
    before: LandmarkState, after: LandmarkState, distance: float, moved: bool
) -> Iterator[str]:
    if moved:
        yield f"moved {1000 * distance:.2f} mm"
    if before.name != after.name:
        yield f"was {before.name!r}"
    if before.mirror != after.mirror:
        yield f"mirror {after.mirror or 'none'}, was {before.mirror or 'none'}"
    was, now = ({one.part for one in state.parts} for state in (before, after))
    if was != now:
        yield f"parts {_set(now)}, was {_set(was)}"
    elif before.parts != after.parts:
        yield "place in its part"
    come = len(set(after.edges) - set(before.edges))
    gone = len(set(before.edges) - set(after.edges))
    if come or gone:
        yield f"edges: {come} drawn, {gone} cut"
    if before.subsets != after.subsets:
        yield f"stands for {_stands(after)}, was {_stands(before)}"
    if before.order != after.order:
        yield "place in the order"
    if before.origin != after.origin:
        yield f"origin {after.origin!r}, was {before.origin!r}"
    if before.made_as != after.made_as:
        yield "which points of the rounds it was made of"


def _set(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _stands(state: LandmarkState) -> str:
    return ", ".join(f"{one.subset} {one.place}" for one in state.subsets) or "none"


def _part(change: PartChange) -> Edit:
    if change.before is None or change.after is None:
        kind: Kind = "added" if change.before is None else "removed"
        words = f"part {kind}"
        return Edit(change.id, change.name, kind, 0.0, words, _becomes(change.after))
    said = []
    if change.before.closed != change.after.closed:
        said.append("closed" if change.after.closed else "open")
    if change.before.place != change.after.place:
        said.append("place among the parts")
    words = "part: " + ", ".join(said)
    return Edit(change.id, change.name, "changed", 0.0, words, _becomes(change.after))
