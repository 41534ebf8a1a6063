"""What landmarks are called, in which order they stand, and to which parts they belong."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.curate.action import Desk, EditError, counted
from app.curate.structure import with_partners
from app.curate.working import Working, WorkingPart, other_side
from app.topology.topology import Topology

_LONGEST = 80


def _checked(name: str) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > _LONGEST or not kept.isprintable():
        raise EditError(f"a name has 1 to {_LONGEST} letters that can be printed")
    return kept


@dataclass(frozen=True)
class Rename:
    """Give a landmark another name; its other side gets it with left and right exchanged."""

    id: str
    name: str

    @property
    def text(self) -> str:
        return f"Rename to {self.name}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        working.need((self.id,))
        name = _checked(self.name)
        wanted = {self.id: name}
        other = working.partner(self.id)
        named = other_side(name)
        if other is not None and desk.view.follows(self.id, other) and named != name:
            wanted[other] = named
        for key, text in wanted.items():
            holder = next((k for k, m in working.marks.items() if m.name == text), key)
            if holder not in wanted:
                raise EditError(f"there is a landmark {text!r} already")
            working.marks[key] = replace(working.marks[key], name=text)
        return working.topology()


@dataclass(frozen=True)
class Reorder:
    """Put landmarks, in the order given, before another one; at the end without one."""

    ids: tuple[str, ...]
    before: str | None = None

    @property
    def text(self) -> str:
        return f"Reorder {counted(len(self.ids))}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        working.need(self.ids)
        moved = list(dict.fromkeys(self.ids))
        left = [key for key in working.marks if key not in self.ids]
        at = len(left)
        if self.before is not None:
            working.need((self.before,))
            if self.before in self.ids:
                raise EditError("landmarks cannot stand before themselves")
            at = left.index(self.before)
        order = [*left[:at], *moved, *left[at:]]
        working.marks = {key: working.marks[key] for key in order}
        return working.topology()


@dataclass(frozen=True)
class JoinPart:
    """Make landmarks members of a part, which is made where there is none of the name.

    Attributes
    ----------
    before : str, optional
        The member that they stand before; at the end without one.
    """

    ids: tuple[str, ...]
    part: str
    before: str | None = None

    @property
    def text(self) -> str:
        return f"Assign {counted(len(self.ids))} to {self.part}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        working.need(self.ids)
        name = _checked(self.part)
        _join(working, name, self.ids, self.before)
        others = [k for k in with_partners(working, desk, self.ids) if k not in self.ids]
        known = {part.name for part in working.parts}
        if others and (other_side(name) != name or name in known):
            _join(working, other_side(name), others, None)
        return working.topology()


def _join(
    working: Working, name: str, ids: tuple[str, ...] | list[str], before: str | None
) -> None:
    part = next((p for p in working.parts if p.name == name), None)
    if part is None:
        part = WorkingPart(name, [])
        working.parts.append(part)
    kept = [key for key in part.members if key not in ids]
    at = kept.index(before) if before in kept else len(kept)
    part.members = [*kept[:at], *ids, *kept[at:]]


@dataclass(frozen=True)
class LeavePart:
    """Take landmarks out of a part; a part without members is gone."""

    ids: tuple[str, ...]
    part: str

    @property
    def text(self) -> str:
        return f"Take {counted(len(self.ids))} out of {self.part}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        for name in dict.fromkeys((self.part, other_side(self.part))):
            part = next((p for p in working.parts if p.name == name), None)
            if part is None:
                continue
            gone = self.ids if name == self.part else ()
            gone = gone if not desk.view.mirrored else with_partners(working, desk, self.ids)
            part.members = [key for key in part.members if key not in gone]
        return working.topology()


@dataclass(frozen=True)
class ClosePart:
    """Join the last landmark of a part to its first, or open it again."""

    part: str
    closed: bool = True

    @property
    def text(self) -> str:
        return f"{'Close' if self.closed else 'Open'} {self.part}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        working.part(self.part).closed = self.closed
        return working.topology()


@dataclass(frozen=True)
class RenamePart:
    """Give a part another name."""

    part: str
    name: str

    @property
    def text(self) -> str:
        return f"Rename {self.part} to {self.name}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        name = _checked(self.name)
        part = working.part(self.part)
        if any(p.name == name and p is not part for p in working.parts):
            raise EditError(f"there is a part {name!r} already")
        part.name = name
        return working.topology()
