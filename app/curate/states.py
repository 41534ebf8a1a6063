"""A topology seen landmark by landmark: all that concerns one, in one value.

A proposal is told in these values. They name other landmarks by id, never by index, so that they
hold whatever comes and goes beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.curate.order import places
from app.topology.identity import canonical, ids_of, subsets_of
from app.topology.topology import Landmark, Part, Round, Subset, Topology

MOST_LINKS: Final = 256

LandmarkId = Annotated[str, Meta(pattern=r"^[!-~]([ -~]{0,118}[!-~])?$")]
Word = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
Place = Annotated[float, Meta(ge=-1e9, le=1e9)]
Weight = Annotated[float, Meta(ge=-1e-5, le=1.0 + 1e-4)]
Metre = Annotated[float, Meta(ge=-10.0, le=10.0)]
Index = Annotated[int, Meta(ge=0, le=10_000_000)]
Links = Annotated[tuple[LandmarkId, ...], Meta(max_length=MOST_LINKS)]


class Membership(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A landmark in a part; the members of a part stand in the order of their places."""

    part: Word
    place: Place


class SubsetPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Which landmark of another topology this one stands for: ``("ibug-68", 30)``."""

    subset: Word
    place: Annotated[int, Meta(ge=0, le=9999)]


class LandmarkState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a topology says about one landmark.

    Attributes
    ----------
    id : str
        The same through all releases.
    name, corners, weights, mean, origin
        As those of a `Landmark`.
    mirror : str, optional
        The landmark on the other side; None on the middle plane.
    parts : tuple of Membership
        In the order of the topology's parts.
    edges, edges_in : tuple of str
        Landmarks that edges run to and come from. An edge between two landmarks that stay is
        changed at the one that it runs from.
    order : float
        Landmarks stand in the order of these; the index is where that comes to.
    subsets : tuple of SubsetPlace
    made_as : tuple of int
        The points of the topology's rounds that became this landmark, counted through all rounds.
    """

    id: LandmarkId
    name: Word
    corners: tuple[Index, Index, Index]
    weights: tuple[Weight, Weight, Weight]
    mean: tuple[Metre, Metre, Metre]
    origin: Annotated[str, Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
    order: Place
    mirror: LandmarkId | None = None
    parts: Annotated[tuple[Membership, ...], Meta(max_length=64)] = ()
    edges: Links = ()
    edges_in: Links = ()
    subsets: Annotated[tuple[SubsetPlace, ...], Meta(max_length=16)] = ()
    made_as: Annotated[tuple[Index, ...], Meta(max_length=MOST_LINKS)] = ()


class PartState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a topology says about one part, apart from its members."""

    name: Word
    closed: bool
    place: Place


@dataclass(frozen=True)
class TopologyState:
    """A topology, landmark by landmark.

    Attributes
    ----------
    landmarks : mapping of str to LandmarkState
        In order.
    parts : tuple of PartState
        In order; those without members are no part of the topology.
    rounds : tuple of Round
        Without what became of their points, which the landmarks say.
    """

    name: str
    version: int
    base_mesh: str
    landmarks: Mapping[str, LandmarkState]
    parts: tuple[PartState, ...]
    rounds: tuple[Round, ...] = ()


def state_of(topology: Topology) -> TopologyState:
    """A topology, landmark by landmark; places are the indices."""
    whole = canonical(topology)
    ids = ids_of(whole)
    return _state(
        whole,
        {key: float(i) for i, key in enumerate(ids)},
        [{ids[i]: float(k) for k, i in enumerate(part.landmarks)} for part in whole.parts],
        [float(k) for k in range(len(whole.parts))],
    )


def state_against(base: Topology, other: Topology) -> TopologyState:
    """As `state_of` the other, with as few places as possible changed against the base."""
    base, other = canonical(base), canonical(other)
    base_ids, ids = ids_of(base), ids_of(other)
    base_parts = {part.name: [base_ids[i] for i in part.landmarks] for part in base.parts}
    of_part = places(list(base_parts), [part.name for part in other.parts])
    members = [
        places(base_parts.get(part.name, ()), [ids[i] for i in part.landmarks])
        for part in other.parts
    ]
    return _state(other, places(base_ids, ids), members, [of_part[p.name] for p in other.parts])


def _state(
    whole: Topology,
    order: Mapping[str, float],
    members: Sequence[Mapping[str, float]],
    part_places: Sequence[float],
) -> TopologyState:
    ids = ids_of(whole)
    count = len(ids)
    parts: list[list[Membership]] = [[] for _ in range(count)]
    for part, within in zip(whole.parts, members, strict=True):
        for i in part.landmarks:
            parts[i].append(Membership(part.name, within[ids[i]]))
    out: list[list[str]] = [[] for _ in range(count)]
    into: list[list[str]] = [[] for _ in range(count)]
    for a, b in whole.edges:
        out[a].append(ids[b])
        into[b].append(ids[a])
    subsets: list[list[SubsetPlace]] = [[] for _ in range(count)]
    for subset in subsets_of(whole):
        for place, index in enumerate(subset.landmarks):
            if index is not None:
                subsets[index].append(SubsetPlace(subset.name, place))
    made_as: list[list[int]] = [[] for _ in range(count)]
    points = [point for made in whole.rounds for point in made.points]
    for k, point in enumerate(points):
        if point.landmark is not None:
            made_as[point.landmark].append(k)
    states = {
        ids[i]: LandmarkState(
            id=ids[i],
            name=mark.name,
            corners=mark.corners,
            weights=mark.weights,
            mean=mark.mean,
            origin=mark.origin,
            order=order[ids[i]],
            mirror=None if whole.mirror[i] == i else ids[whole.mirror[i]],
            parts=tuple(parts[i]),
            edges=tuple(sorted(out[i])),
            edges_in=tuple(sorted(into[i])),
            subsets=tuple(subsets[i]),
            made_as=tuple(made_as[i]),
        )
        for i, mark in enumerate(whole.landmarks)
    }
    defined = tuple(
        PartState(part.name, part.closed, place)
        for part, place in zip(whole.parts, part_places, strict=True)
    )
    rounds = tuple(
        replace(made, points=tuple(replace(p, landmark=None) for p in made.points))
        for made in whole.rounds
    )
    return TopologyState(whole.name, whole.version, whole.base_mesh, states, defined, rounds)


def topology_of(state: TopologyState) -> Topology:
    """The topology that a state tells, in canonical form.

    Edges to landmarks that are not there are left out, and so are parts without members.

    Raises
    ------
    KeyError
        If a landmark's mirror is not there.
    """
    marks = sorted(state.landmarks.values(), key=lambda mark: (mark.order, mark.id))
    index = {mark.id: i for i, mark in enumerate(marks)}
    edges = [(index[m.id], index[to]) for m in marks for to in m.edges if to in index]
    made: dict[int, int] = {k: index[m.id] for m in marks for k in m.made_as}
    return canonical(
        Topology(
            state.name,
            state.version,
            tuple(Landmark(m.name, m.corners, m.weights, m.mean, m.origin) for m in marks),
            tuple(_parts(state.parts, marks, index)),
            tuple(edges),
            tuple(index[m.mirror] if m.mirror is not None else index[m.id] for m in marks),
            state.base_mesh,
            tuple(_rounds(state.rounds, made)),
            tuple(m.id for m in marks),
            tuple(_subsets(marks, index)),
        )
    )


def _parts(
    defined: Sequence[PartState], marks: Sequence[LandmarkState], index: Mapping[str, int]
) -> Iterable[Part]:
    members: dict[str, list[tuple[float, int]]] = {}
    for mark in marks:
        for one in mark.parts:
            members.setdefault(one.part, []).append((one.place, index[mark.id]))
    known = {part.name for part in defined}
    last = max((part.place for part in defined), default=0.0) + 1.0
    whole = [*defined, *(PartState(name, False, last) for name in members if name not in known)]
    for part in sorted(whole, key=lambda part: (part.place, part.name)):
        if part.name in members:
            yield Part(part.name, tuple(i for _, i in sorted(members[part.name])), part.closed)


def _subsets(marks: Sequence[LandmarkState], index: Mapping[str, int]) -> Iterable[Subset]:
    places_of: dict[str, dict[int, int]] = {}
    for mark in marks:
        for one in mark.subsets:
            places_of.setdefault(one.subset, {})[one.place] = index[mark.id]
    for name, held in sorted(places_of.items()):
        yield Subset(name, tuple(held.get(k) for k in range(max(held) + 1)))


def _rounds(rounds: Sequence[Round], made: Mapping[int, int]) -> Iterable[Round]:
    before = 0
    for one in rounds:
        points = tuple(
            replace(point, landmark=made.get(before + k)) for k, point in enumerate(one.points)
        )
        before += len(points)
        yield Round(one.name, points)
