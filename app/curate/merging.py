"""Several change sets on one base: where they disagree, and one carried over past the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from app.curate.changes import (
    Base,
    Change,
    ChangeError,
    ChangeSet,
    PartChange,
    base_of,
    difference,
)
from app.curate.states import LandmarkState, Membership, PartState, TopologyState, state_of
from app.topology.topology import Topology

Reason = Literal["landmark", "name", "mirror", "subset", "part"]

_STEP: Final = 1e-3


@dataclass(frozen=True)
class Conflict:
    """Two changes that cannot both be made.

    Attributes
    ----------
    first, second : Change or PartChange
        With the states before and after of each; both of one landmark unless the reason is
        another than ``"landmark"`` or ``"part"``.
    reason : str
        What they disagree about: ``"name"`` is one name for two landmarks, ``"mirror"`` and
        ``"subset"`` in the same way.
    """

    first: Change | PartChange
    second: Change | PartChange
    reason: Reason

    @property
    def ids(self) -> frozenset[str]:
        """The landmarks or parts that are concerned."""
        return frozenset((self.first.id, self.second.id))


def conflicts(first: ChangeSet, second: ChangeSet) -> tuple[Conflict, ...]:
    """Where two change sets on one base disagree; what both change alike is no conflict."""
    found = list(_same_landmark(first, second))
    concerned = {key for one in found for key in one.ids}
    found += [one for one in _claims(first, second) if not one.ids & concerned]
    parts = {part.name: part for part in first.parts}
    for part in second.parts:
        other = parts.get(part.name)
        if other is not None and _bare(other.after) != _bare(part.after):
            found.append(Conflict(other, part, "part"))
    return tuple(found)


def _same_landmark(first: ChangeSet, second: ChangeSet) -> Iterator[Conflict]:
    own = {change.id: change for change in first.changes}
    for change in second.changes:
        other = own.get(change.id)
        if other is not None and other.after != change.after:
            yield Conflict(other, change, "landmark")


def _bare(part: PartState | None) -> tuple[str, bool] | None:
    return (part.name, part.closed) if part is not None else None


def _claims(first: ChangeSet, second: ChangeSet) -> Iterator[Conflict]:
    """Different landmarks that want the same name, partner or place in a subset."""
    held: dict[tuple[Reason, object], Change] = {}
    for change in first.changes:
        held.update((claim, change) for claim in _wanted(change))
        if change.after is None:
            held[("mirror", change.id)] = change
    for change in second.changes:
        for claim in _wanted(change):
            other = held.get(claim)
            if other is not None and other.id != change.id:
                yield Conflict(other, change, claim[0])
                break


def _wanted(change: Change) -> Iterator[tuple[Reason, object]]:
    after, before = change.after, change.before
    if after is None:
        return
    if before is None or before.name != after.name:
        yield "name", after.name
    if after.mirror is not None and (before is None or before.mirror != after.mirror):
        yield "mirror", after.mirror
    for one in after.subsets:
        if before is None or one not in before.subsets:
            yield "subset", (one.subset, one.place)


@dataclass(frozen=True)
class Carried:
    """A change set on a newer base.

    Attributes
    ----------
    changes : ChangeSet
        What could be carried over, made on the newer base.
    conflicts : tuple of Conflict
        First what the newer base changed, second what was to be carried over.
    done : tuple of str
        Ids of changes that the newer base holds already.
    """

    changes: ChangeSet
    conflicts: tuple[Conflict, ...] = ()
    done: tuple[str, ...] = ()


def carry(
    base: Topology, newer: Topology, changes: ChangeSet, take: Collection[str] = ()
) -> Carried:
    """Carry changes over from the topology that they were made on to a newer one.

    Field by field: what a change leaves alone stays as the newer topology has it.

    Parameters
    ----------
    base, newer : Topology
    changes : ChangeSet
        On the base.
    take : collection of str
        Ids whose conflicts someone has settled in favour of these changes.

    Raises
    ------
    ChangeError
        If the changes were made on another base.
    store.TopologyError
        If a topology contradicts itself.
    """
    own = base_of(base)
    if changes.base.sha256 != own.sha256:
        raise ChangeError(f"these changes were made on {changes.base}, not on {own}")
    made = difference(base, newer)
    found = conflicts(made, changes)
    held = {one.second.id for one in found} - set(take)
    old, new = state_of(base), state_of(newer)
    moved = _Places(old, new)
    carried: list[Change] = []
    done: list[str] = []
    for change in changes.changes:
        if change.id in held:
            continue
        now = new.landmarks.get(change.id)
        after = _carried(change, now, moved)
        if after == now:
            done.append(change.id)
        else:
            carried.append(Change(change.id, now, after))
    now_parts = {part.name: part for part in new.parts}
    parts = []
    for part in changes.parts:
        if part.id in held:
            continue
        if _bare(part.after) == _bare(now_parts.get(part.name)):
            done.append(part.id)
            continue
        parts.append(PartChange(part.name, now_parts.get(part.name), part.after))
    left = tuple(one for one in found if one.second.id in held)
    base_now: Base = base_of(newer)
    return Carried(ChangeSet(base_now, tuple(carried), tuple(parts)), left, tuple(done))


class _Places:
    """Places in the order of a base, told in the order of a newer one."""

    def __init__(self, old: TopologyState, new: TopologyState) -> None:
        self._old, self._new = _orders(old), _orders(new)

    def of(self, part: str | None, place: float, own: str) -> float:
        """A place behind the same landmark; ``part`` None is the order of all landmarks."""
        before, now = self._old.get(part, ((), ())), self._new.get(part, ((), ()))
        index = dict(zip(*now, strict=True))
        for k in range(bisect_right(before[1], place) - 1, -1, -1):
            key = before[0][k]
            if key != own and key in index:
                behind = bisect_right(now[1], index[key])
                room = (now[1][behind] if behind < len(now[1]) else index[key] + 1.0) - index[key]
                share = (place - before[1][k]) / (1.0 + abs(place - before[1][k]))
                return index[key] + room * max(share, _STEP)
        first = now[1][0] if now[1] else 0.0
        return first - 1.5 + place / (1.0 + abs(place))


Order = tuple[Sequence[str], Sequence[float]]


def _orders(state: TopologyState) -> Mapping[str | None, Order]:
    """Ids and places, rising: of all landmarks, and within each part."""
    items: dict[str | None, list[tuple[float, str]]] = {None: []}
    for mark in state.landmarks.values():
        items[None].append((mark.order, mark.id))
        for one in mark.parts:
            items.setdefault(one.part, []).append((one.place, mark.id))
    return {
        part: ([key for _, key in sorted(found)], [place for place, _ in sorted(found)])
        for part, found in items.items()
    }


def _carried(change: Change, now: LandmarkState | None, places: _Places) -> LandmarkState | None:
    before, after = change.before, change.after
    if after is None:
        return None
    parts = {one.part: one.place for one in before.parts} if before is not None else {}
    wanted = {
        one.part: (
            None if parts.get(one.part) == one.place else places.of(one.part, one.place, after.id)
        )
        for one in after.parts
    }
    if before is None or now is None:
        return msgspec.structs.replace(
            after,
            order=places.of(None, after.order, after.id),
            parts=tuple(
                Membership(one.part, places.of(one.part, one.place, after.id))
                for one in after.parts
            ),
        )
    left = {one.part for one in before.parts} - set(wanted)
    kept = {one.part: one.place for one in now.parts if one.part not in left}
    kept.update((part, place) for part, place in wanted.items() if place is not None)
    edges = (set(now.edges) | (set(after.edges) - set(before.edges))) - (
        set(before.edges) - set(after.edges)
    )
    changed = {
        name: getattr(after, name)
        for name in ("name", "origin", "mirror", "subsets", "made_as")
        if getattr(before, name) != getattr(after, name)
    }
    # Corners, weights and mean are one place: parts of two places are none.
    place = ("corners", "weights", "mean")
    if any(getattr(before, name) != getattr(after, name) for name in place):
        changed |= {name: getattr(after, name) for name in place}
    order = now.order if after.order == before.order else places.of(None, after.order, after.id)
    return msgspec.structs.replace(
        now,
        **changed,
        order=order,
        parts=tuple(Membership(part, place) for part, place in kept.items()),
        edges=tuple(sorted(edges)),
    )
