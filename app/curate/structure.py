"""Landmarks that come and go: add, delete, split, merge."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.curate.action import Desk, EditError, counted
from app.curate.mean_head import MIDDLE
from app.curate.surface import Spots
from app.curate.ulid import new
from app.curate.walking import walk
from app.curate.working import Working, free_name, other_side
from app.geometry.rotations import Array
from app.topology.topology import Landmark, Topology

ORIGIN: Final = "placed by hand"
_APART: Final = 0.003


def new_ids(count: int) -> tuple[str, ...]:
    """Ids for landmarks to come; an edit that is done again gives the same ones."""
    return tuple(new() for _ in range(count))


@dataclass(frozen=True, eq=False)
class Add:
    """A new landmark, and in mirrored editing its other side.

    Attributes
    ----------
    name : str
    spot : Spots
        One place of the mean head.
    ids : (str, str)
        Its own and that of its other side.
    part : str
        The part that it joins at the end; empty for none.
    """

    name: str
    spot: Spots
    ids: tuple[str, ...]
    part: str = ""
    origin: str = ORIGIN

    @property
    def text(self) -> str:
        return f"Add {self.name}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        added = add_pair(working, desk, self.name, self.spot, self.ids, self.origin)
        if self.part:
            working.part(self.part).members.append(added[0])
            if len(added) > 1:
                _join_other_part(working, self.part, added[1])
        return working.topology()


def add_pair(
    working: Working,
    desk: Desk,
    name: str,
    spot: Spots,
    ids: Sequence[str],
    origin: str = ORIGIN,
    behind: str | None = None,
) -> tuple[str, ...]:
    """Add a landmark and, in mirrored editing beside the middle, its other side; their ids."""
    if spot.triangles[0] < 0:
        raise EditError("a landmark needs a place on the skin")
    taken = {mark.name for mark in working.marks.values()}
    if name in taken:
        raise EditError(f"there is a landmark {name!r} already")
    blank = Landmark(name, (0, 0, 0), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), origin)
    mark = desk.head.placed(blank, spot)
    mirrored = desk.view.mirrored
    if mirrored and abs(mark.mean[0]) <= _APART / 2.0:
        # Nearer to its mirror image than two landmarks may be: it belongs to the middle.
        mark = desk.head.in_middle(blank, np.array(mark.mean))
    working.add(ids[0], mark, behind)
    if not mirrored or abs(mark.mean[0]) <= MIDDLE:
        return (ids[0],)
    named = other_side(name)
    if named == name:
        named = f"{name} mirrored"
    other = replace(desk.head.mirrored(blank, mark), name=free_name(named, {*taken, name}))
    working.add(ids[1], other, ids[0] if behind is not None else None)
    working.mirror[ids[0]], working.mirror[ids[1]] = ids[1], ids[0]
    return ids[0], ids[1]


def _join_other_part(working: Working, part: str, key: str) -> None:
    name = other_side(part)
    known = next((p for p in working.parts if p.name == name), None)
    if known is not None:
        known.members.append(key)


def with_partners(working: Working, desk: Desk, ids: Sequence[str]) -> tuple[str, ...]:
    """Landmarks and, in mirrored editing, their other sides."""
    working.need(ids)
    found = dict.fromkeys(ids)
    for key in ids:
        other = working.partner(key)
        if other is not None and desk.view.follows(key, other):
            found[other] = None
    return tuple(found)


@dataclass(frozen=True)
class Delete:
    """Take landmarks away; the lines of parts close over the gap, edges go."""

    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Delete {counted(len(self.ids))}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        gone = with_partners(working, desk, self.ids)
        if len(gone) >= len(working.marks):
            raise EditError("a topology keeps one landmark at least")
        for part in working.parts:
            _close_gaps(working, part.members, part.closed, set(gone))
        working.remove(gone)
        return working.topology()


def _close_gaps(working: Working, members: list[str], closed: bool, gone: set[str]) -> None:
    """Join the neighbours of landmarks of a line that go."""
    kept = [k for k, key in enumerate(members) if key not in gone]
    pairs = list(itertools.pairwise(kept))
    if closed and len(kept) > 2:
        pairs.append((kept[-1], kept[0] + len(members)))
    for first, last in pairs:
        run = [members[k % len(members)] for k in range(first, last + 1)]
        if len(run) > 2 and all(map(working.joined, run[:-1], run[1:])):
            working.join(run[0], run[-1])


@dataclass(frozen=True)
class SplitEdge:
    """A new landmark half-way along an edge, which becomes two; lines of parts run through it."""

    one: str
    other: str
    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return "Split an edge"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        working.need((self.one, self.other))
        if not working.joined(self.one, self.other):
            raise EditError("there is no edge between these two")
        far = working.mirror[self.one], working.mirror[self.other]
        name = _between_name(working, self.one, self.other)
        spot = _middle(working, desk, (self.one, self.other))
        added = add_pair(working, desk, name, spot, self.ids, behind=self.one)
        _put_between(working, self.one, self.other, added[0])
        if len(added) > 1 and working.joined(*far):
            _put_between(working, far[0], far[1], added[1])
        return working.topology()


def _between_name(working: Working, one: str, other: str) -> str:
    first, second = working.marks[one].name, working.marks[other].name
    name = f"{first} to {second}"
    if len(name) > 70:
        name = f"{first[:60]} and next"
    return free_name(name, {mark.name for mark in working.marks.values()})


def _middle(working: Working, desk: Desk, ids: Sequence[str]) -> Spots:
    """The place on the skin nearest to the middle of some landmarks."""
    marks = [working.marks[key] for key in ids]
    spots = desk.head.spots(marks)
    if spots.triangles.min() < 0:
        raise EditError("one of these does not lie on the skin")
    facing: Array = desk.head.surface.facing(spots).mean(axis=0)
    middle = np.array([mark.mean for mark in marks]).mean(axis=0)
    return desk.head.surface.closest(middle[None], facing[None])[0]


def _put_between(working: Working, one: str, other: str, added: str) -> None:
    working.cut(one, other)
    working.join(one, added)
    working.join(added, other)
    for part in working.parts:
        members = part.members
        count = len(members)
        for k in range(count if part.closed else count - 1):
            if {members[k], members[(k + 1) % count]} == {one, other}:
                members.insert(k + 1, added)
                break


@dataclass(frozen=True)
class SplitLandmark:
    """Make two of one landmark: a second beside it, joined with it and in the same parts."""

    id: str
    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return "Split a landmark"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        working.need((self.id,))
        mark, far = working.marks[self.id], working.mirror[self.id]
        start = desk.head.spots([mark])
        if start.triangles[0] < 0:
            raise EditError(f"{mark.name!r} does not lie on the skin")
        on_middle = far == self.id and abs(mark.mean[0]) <= MIDDLE
        side = np.sign(mark.mean[0]) or -1.0
        step = np.array([0.0, 0.0, -1.0]) if on_middle else np.array([side, 0.0, 0.0])
        spot = walk(desk.head.surface, start, _APART * step)
        name = free_name(mark.name, {m.name for m in working.marks.values()})
        added = add_pair(working, desk, name, spot, self.ids, mark.origin, behind=self.id)
        for old, key in zip((self.id, far), added, strict=False):
            working.join(old, key)
            for part in working.parts:
                if old in part.members:
                    part.members.insert(part.members.index(old) + 1, key)
        return working.topology()


@dataclass(frozen=True)
class Merge:
    """Make one of several landmarks: the first, in the middle of them, with the edges of all."""

    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Merge {counted(len(self.ids))}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        working.need(self.ids)
        if len(set(self.ids)) < 2:
            raise EditError("choose two landmarks at least to merge")
        self._merge(working, desk, self.ids)
        return working.topology()

    def _merge(self, working: Working, desk: Desk, ids: Sequence[str]) -> None:
        far = tuple(dict.fromkeys(working.mirror[key] for key in ids))
        follows = all(desk.view.follows(key, working.mirror[key]) for key in ids)
        first, mark = ids[0], working.marks[ids[0]]
        spot = _middle(working, desk, ids)
        across = follows and set(far) & set(ids)
        if across:
            # Both sides of the face are among them: what becomes of them lies in the middle.
            every = tuple(dict.fromkeys((*ids, *far)))
            moved = desk.head.in_middle(mark, desk.head.surface.at(spot)[0])
            _unite(working, every, first)
            working.marks[first], working.mirror[first] = moved, first
            return
        working.marks[first] = desk.head.placed(mark, spot)
        _unite(working, ids, first)
        if follows and far[0] != first:
            other = working.marks[far[0]]
            working.marks[far[0]] = desk.head.mirrored(other, working.marks[first])
            _unite(working, far, far[0])
            working.mirror[first], working.mirror[far[0]] = far[0], first


def _unite(working: Working, ids: Sequence[str], into: str) -> None:
    """Hand edges and memberships of landmarks on to one of them, and remove the others."""
    own = set(ids)
    for a, b in list(working.edges):
        if (a in own) != (b in own):
            working.join(into if a in own else a, into if b in own else b)
    for part in working.parts:
        if own & set(part.members) and into not in part.members:
            part.members[next(k for k, key in enumerate(part.members) if key in own)] = into
    working.remove([key for key in ids if key != into])
