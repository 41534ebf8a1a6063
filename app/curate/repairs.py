"""Edits that put right what checks find."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.curate.action import Desk, EditError, counted
from app.curate.moving import indices, relocated
from app.curate.structure import new_ids
from app.curate.walking import walk
from app.curate.working import Working, WorkingPart, free_name
from app.topology.topology import Landmark, Topology

_ROOM = 1.02
_TURNS = 20


@dataclass(frozen=True)
class KeepApart:
    """Move two landmarks along the surface until they are a least distance apart.

    Attributes
    ----------
    one, other : str
    least : float
        Metres.
    alone : bool
        Whether the second alone is moved; else each half the way.
    """

    one: str
    other: str
    least: float
    alone: bool = False

    @property
    def text(self) -> str:
        return "Move two landmarks apart"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        first, second = indices(topology, (self.one, self.other))
        for _ in range(_TURNS):
            marks = [topology.landmarks[i] for i in (first, second)]
            spots = desk.head.spots(marks)
            if spots.triangles.min() < 0:
                raise EditError("one of these does not lie on the skin")
            way = np.subtract(marks[1].mean, marks[0].mean)
            gap = float(np.linalg.norm(way))
            if gap >= self.least:
                return topology
            if gap < 1e-9:
                way, gap = np.array([0.0, 0.0, 1.0]), 1.0
                step = self.least * way
            else:
                step = way / gap * (self.least * _ROOM - gap)
            share = 1.0 if self.alone else 0.5
            places = {second: walk(desk.head.surface, spots[1], share * step)}
            if not self.alone:
                places[first] = walk(desk.head.surface, spots[0], -share * step)
            topology = relocated(topology, desk, places)
        raise EditError("there is no room to move these apart")


@dataclass(frozen=True)
class Restore:
    """Put landmarks back as another state of the topology has them, with all that hangs on them.

    Attributes
    ----------
    base : Topology
        Such as the release that was edited.
    ids : tuple of str
    """

    base: Topology
    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Put back {counted(len(self.ids))}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working, before = Working(topology), Working(self.base)
        before.need(self.ids)
        back = [key for key in before.marks if key in self.ids and key not in working.marks]
        if not back:
            raise EditError("these landmarks are there already")
        taken = {mark.name for mark in working.marks.values()}
        order = list(before.marks)
        for key in back:
            name = free_name(before.marks[key].name, taken)
            taken.add(name)
            earlier = (k for k in reversed(order[: order.index(key)]) if k in working.marks)
            _insert(working, key, replace(before.marks[key], name=name), next(earlier, None))
        for key in back:
            other = before.mirror[key]
            if other != key and other in working.marks and working.mirror[other] == other:
                working.mirror[key], working.mirror[other] = other, key
        for name, held in before.subsets.items():
            own = working.subsets.setdefault(name, [])
            own += [None] * (len(held) - len(own))
            for k, held_key in enumerate(held):
                if held_key in back and own[k] is None:
                    own[k] = held_key
        working.became.update((at, key) for at, key in before.became.items() if key in back)
        for part in before.parts:
            _rejoin(working, before, part, back)
        for one, other in before.edges:
            if {one, other} & set(back) and one in working.marks and other in working.marks:
                working.join(one, other)
        return working.topology()


def _insert(working: Working, key: str, mark: Landmark, behind: str | None) -> None:
    working.add(key, mark, behind)
    if behind is None:
        order = dict.fromkeys((key, *working.marks))
        working.marks = {k: working.marks[k] for k in order}


def _rejoin(working: Working, before: Working, part: WorkingPart, back: list[str]) -> None:
    """Put landmarks back into their place in a part, and open the edge that closed its gap."""
    if not set(part.members) & set(back):
        return
    known = next((p for p in working.parts if p.name == part.name), None)
    if known is None:
        known = WorkingPart(part.name, [], part.closed)
        working.parts.append(known)
    for k, key in enumerate(part.members):
        if key not in back or key in known.members:
            continue
        earlier = (m for m in reversed(part.members[:k]) if m in known.members)
        ahead = next(earlier, None)
        at = known.members.index(ahead) + 1 if ahead is not None else 0
        ends = known.members[at - 1 : at + 1] if at else []
        if known.closed and known.members:
            ends = [known.members[at - 1], known.members[at % len(known.members)]]
        if len(ends) == 2 and not before.joined(ends[0], ends[1]):
            working.cut(ends[0], ends[1])
        known.members.insert(at, key)


@dataclass(frozen=True)
class RestoreSubset:
    """Give a topology landmarks that stand for those of another one, where it has them.

    Attributes
    ----------
    subset : Topology
    """

    subset: Topology

    @property
    def text(self) -> str:
        return f"Restore {self.subset.name}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        held = working.subsets.setdefault(self.subset.name, [])
        held += [None] * (len(self.subset) - len(held))
        missing = [k for k in range(len(self.subset)) if held[k] is None]
        if not missing:
            raise EditError(f"nothing of {self.subset.name} is missing")
        taken = {mark.name for mark in working.marks.values()}
        for k, key in zip(missing, new_ids(len(missing)), strict=True):
            mark = self.subset.landmarks[k]
            name = free_name(mark.name, taken)
            taken.add(name)
            working.add(key, replace(mark, name=name, origin=self.subset.name))
            held[k] = key
        for k in missing:
            own, other = held[k], held[self.subset.mirror[k]]
            if own is not None and other is not None and working.mirror[other] == other:
                working.mirror[own], working.mirror[other] = other, own
        first = [key for key in held if key is not None]
        order = dict.fromkeys((*first, *working.marks))
        working.marks = {key: working.marks[key] for key in order}
        return working.topology()
