"""A topology taken apart by ids, changed freely, and put together again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from app.curate.action import EditError
from app.topology import store
from app.topology.identity import canonical, ids_of, subsets_of
from app.topology.topology import Landmark, Part, Round, Subset, Topology


@dataclass
class WorkingPart:
    name: str
    members: list[str]
    closed: bool = False


class Working:
    """A topology whose landmarks, parts and edges can come and go.

    Attributes
    ----------
    marks : dict of str to Landmark
        In order.
    mirror : dict of str to str
        Itself on the middle plane.
    parts : list of WorkingPart
    edges : list of (str, str)
    subsets : dict of str to list of str or None
    became : dict of (int, int) to str
        What the points of the rounds became: round, point, landmark.
    """

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        ids = ids_of(topology)
        self.marks = dict(zip(ids, topology.landmarks, strict=True))
        self.mirror = {ids[i]: ids[other] for i, other in enumerate(topology.mirror)}
        self.parts = [
            WorkingPart(part.name, [ids[i] for i in part.landmarks], part.closed)
            for part in topology.parts
        ]
        self.edges = [(ids[a], ids[b]) for a, b in topology.edges]
        self.subsets = {
            subset.name: [None if i is None else ids[i] for i in subset.landmarks]
            for subset in subsets_of(topology)
        }
        self.became = {
            (k, p): ids[point.landmark]
            for k, made in enumerate(topology.rounds)
            for p, point in enumerate(made.points)
            if point.landmark is not None
        }

    def need(self, ids: Iterable[str]) -> None:
        """Raise `EditError` unless all of these landmarks are there."""
        missing = next((key for key in ids if key not in self.marks), None)
        if missing is not None:
            raise EditError(f"there is no landmark {missing!r} any more")

    def part(self, name: str) -> WorkingPart:
        """A part by its name."""
        for part in self.parts:
            if part.name == name:
                return part
        raise EditError(f"there is no part {name!r}")

    def partner(self, key: str) -> str | None:
        """The landmark on the other side, if it is another one."""
        other = self.mirror[key]
        return other if other != key else None

    def add(self, key: str, mark: Landmark, behind: str | None = None) -> None:
        """Add a landmark at the end, or behind another."""
        if key in self.marks:
            raise EditError(f"there is a landmark {key!r} already")
        self.marks[key] = mark
        self.mirror[key] = key
        if behind is not None:
            order = [k for k in self.marks if k != key]
            order.insert(order.index(behind) + 1, key)
            self.marks = {k: self.marks[k] for k in order}

    def remove(self, gone: Collection[str]) -> None:
        """Remove landmarks with all that hangs on them."""
        gone = set(gone)
        for key in gone:
            del self.marks[key]
            del self.mirror[key]
        self.mirror = {k: (k if other in gone else other) for k, other in self.mirror.items()}
        self.edges = [edge for edge in self.edges if gone.isdisjoint(edge)]
        for part in self.parts:
            part.members = [key for key in part.members if key not in gone]
        self.subsets = {
            name: [None if key in gone else key for key in held]
            for name, held in self.subsets.items()
        }
        self.became = {at: key for at, key in self.became.items() if key not in gone}

    def joined(self, one: str, other: str) -> bool:
        """Whether an edge runs between two landmarks."""
        return (one, other) in self.edges or (other, one) in self.edges

    def join(self, one: str, other: str) -> None:
        """Draw an edge, unless there is one."""
        if one != other and not self.joined(one, other):
            self.edges.append((one, other))

    def cut(self, one: str, other: str) -> bool:
        """Take an edge away; whether there was one."""
        kept = [edge for edge in self.edges if set(edge) != {one, other}]
        there = len(kept) < len(self.edges)
        self.edges = kept
        return there

    def topology(self) -> Topology:
        """The topology as it is now, in canonical form.

        Raises
        ------
        EditError
            If it contradicts itself.
        """
        index = {key: i for i, key in enumerate(self.marks)}
        parts = (p for p in self.parts if p.members)
        known = ((name, held) for name, held in self.subsets.items() if any(held))
        result = canonical(
            replace(
                self._topology,
                landmarks=tuple(self.marks.values()),
                parts=tuple(
                    Part(p.name, tuple(index[k] for k in p.members), p.closed) for p in parts
                ),
                edges=tuple((index[a], index[b]) for a, b in self.edges),
                mirror=tuple(index[self.mirror[key]] for key in self.marks),
                rounds=tuple(self._rounds(index)),
                ids=tuple(self.marks),
                subsets=tuple(
                    Subset(name, tuple(None if k is None else index[k] for k in held))
                    for name, held in known
                ),
            )
        )
        try:
            store.check(result)
        except store.TopologyError as problem:
            raise EditError(str(problem)) from None
        return result

    def _rounds(self, index: dict[str, int]) -> Iterable[Round]:
        for k, made in enumerate(self._topology.rounds):
            became = (self.became.get((k, p)) for p in range(len(made.points)))
            points = (
                point
                if point.landmark == (index[key] if key else None)
                else replace(point, landmark=index[key] if key else None)
                for point, key in zip(made.points, became, strict=True)
            )
            yield Round(made.name, tuple(points))


def other_side(name: str) -> str:
    """A name with left and right exchanged: ``"left brow 1"`` for ``"right brow 1"``."""
    words: Sequence[str] = name.split(" ")
    swap = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
    return " ".join(swap.get(word, word) for word in words)


def free_name(wanted: str, taken: Collection[str]) -> str:
    """A name that is not taken: the wanted one, or with a number."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted} {number}" in taken:
        number += 1
    return f"{wanted} {number}"
