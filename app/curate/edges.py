"""Edges between landmarks: drawn and cut."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from app.curate.action import Desk, EditError, counted
from app.curate.working import Working
from app.topology.topology import Topology


@dataclass(frozen=True)
class DrawEdges:
    """Join each of some landmarks with the next, and the other sides in the same way."""

    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Draw {counted(max(len(self.ids) - 1, 1), 'edge')}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        working.need(self.ids)
        if len(set(self.ids)) < 2:
            raise EditError("an edge joins two landmarks")
        for one, other in itertools.pairwise(self.ids):
            working.join(one, other)
            if _mirrored(working, desk, one, other):
                working.join(working.mirror[one], working.mirror[other])
        return working.topology()


@dataclass(frozen=True)
class CutEdges:
    """Take edges away, and those of the other side in the same way."""

    pairs: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return f"Cut {counted(len(self.pairs), 'edge')}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        for one, other in self.pairs:
            working.need((one, other))
            there = working.cut(one, other)
            if not there:
                names = working.marks[one].name, working.marks[other].name
                raise EditError(f"there is no edge between {names[0]!r} and {names[1]!r}")
        for one, other in self.pairs:
            if _mirrored(working, desk, one, other):
                working.cut(working.mirror[one], working.mirror[other])
        return working.topology()


def _mirrored(working: Working, desk: Desk, one: str, other: str) -> bool:
    return all(desk.view.follows(key, working.mirror[key]) for key in (one, other))
