"""What a proposal proposes: for each landmark that it touches, all about it before and after.

A change set is made on one topology and holds for that one alone; `app.curate.merging` carries it
over to another. Any part of it can be applied by itself, or it is said what that needs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.curate.states import (
    LandmarkId,
    LandmarkState,
    PartState,
    TopologyState,
    Word,
    state_against,
    state_of,
    topology_of,
)
from app.topology import store
from app.topology.identity import content_sha256
from app.topology.topology import Topology

MOST_CHANGES: Final = 10_000
SIZE_LIMIT: Final = 16 * 1024 * 1024
PART: Final = "part:"


class ChangeError(Exception):
    """Why changes cannot be applied or read, in one line.

    Attributes
    ----------
    needs : frozenset of str
        Ids of changes of the same set without which these cannot be applied; empty where it is
        something else.
    """

    def __init__(self, message: str, needs: Collection[str] = ()) -> None:
        super().__init__(message)
        self.needs = frozenset(needs)


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The topology that changes were made on."""

    name: Word
    version: Annotated[int, Meta(ge=1, le=1_000_000_000)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version} ({self.sha256[:12]})"


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One landmark before and after; added where nothing was before, removed where nothing is."""

    id: LandmarkId
    before: LandmarkState | None = None
    after: LandmarkState | None = None

    @property
    def name(self) -> str:
        """The landmark's name after the change, or else before."""
        state = self.after or self.before
        return state.name if state else ""


class PartChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a part is before and after, apart from its members."""

    name: Word
    before: PartState | None = None
    after: PartState | None = None

    @property
    def id(self) -> str:
        """``part:`` and the name."""
        return PART + self.name


class ChangeSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes of one topology.

    Attributes
    ----------
    base : Base
    changes : tuple of Change
        Of landmarks, in the order of the topology.
    parts : tuple of PartChange
        Parts that came, went, or are drawn otherwise.
    """

    base: Base
    changes: Annotated[tuple[Change, ...], Meta(max_length=MOST_CHANGES)] = ()
    parts: Annotated[tuple[PartChange, ...], Meta(max_length=256)] = ()

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def ids(self) -> tuple[str, ...]:
        """What can be approved alone: landmarks, and parts that no landmark's change concerns."""
        lone = (part.id for part in self.parts if part.name not in self._parts_of(self.changes))
        return (*(change.id for change in self.changes), *lone)

    def only(self, ids: Collection[str]) -> ChangeSet:
        """The changes with these ids, and of the parts those that they bring with them."""
        kept = tuple(change for change in self.changes if change.id in ids)
        with_them = self._parts_of(kept)
        parts = tuple(p for p in self.parts if p.id in ids or p.name in with_them)
        return msgspec.structs.replace(self, changes=kept, parts=parts)

    @staticmethod
    def _parts_of(changes: Collection[Change]) -> set[str]:
        states = [state for c in changes for state in (c.before, c.after) if state is not None]
        return {one.part for state in states for one in state.parts}


def base_of(topology: Topology) -> Base:
    """Name, version and hash of a topology.

    Raises
    ------
    store.TopologyError
        If it contradicts itself.
    """
    return Base(topology.name, topology.version, content_sha256(topology))


def difference(base: Topology, other: Topology) -> ChangeSet:
    """What turns one topology into the other; name, version and rounds stay those of the base.

    Raises
    ------
    ChangeError
        If the two lie on different base meshes.
    store.TopologyError
        If one of them contradicts itself.
    """
    if base.base_mesh != other.base_mesh:
        raise ChangeError(
            f"{base.name} lies on {base.base_mesh} and {other.name} on {other.base_mesh}: "
            "they cannot be compared"
        )
    store.check(other)
    first, second = state_of(base), state_against(base, other)
    same_rounds = first.rounds == second.rounds
    changes = []
    for key in dict.fromkeys((*first.landmarks, *second.landmarks)):
        before, after = first.landmarks.get(key), second.landmarks.get(key)
        if after is not None and not same_rounds:
            made_as = before.made_as if before is not None else ()
            after = msgspec.structs.replace(after, made_as=made_as)
        if before is not None and after is not None:
            after = _without_consequences(before, after, first.landmarks, second.landmarks)
        if before != after:
            changes.append(Change(key, before, after))
    before_parts = {part.name: part for part in first.parts}
    after_parts = {part.name: part for part in second.parts}
    parts = [
        PartChange(name, before_parts.get(name), after_parts.get(name))
        for name in dict.fromkeys((*before_parts, *after_parts))
        if before_parts.get(name) != after_parts.get(name)
    ]
    return ChangeSet(base_of(base), tuple(changes), tuple(parts))


def _without_consequences(
    before: LandmarkState,
    after: LandmarkState,
    first: Mapping[str, LandmarkState],
    second: Mapping[str, LandmarkState],
) -> LandmarkState:
    """A landmark without what others' coming and going does to its edges."""
    kept = {to for to in after.edges if to in first}
    kept.update(to for to in before.edges if to not in second)
    return msgspec.structs.replace(after, edges=tuple(sorted(kept)), edges_in=before.edges_in)


def apply(base: Topology, changes: ChangeSet) -> Topology:
    """A topology after changes; its name and version stay.

    Raises
    ------
    ChangeError
        If the changes were made on another topology or contradict themselves. Where they lack
        others of the set that they are part of, ``needs`` holds the ids of those.
    store.TopologyError
        If a landmark lies on no triangle of the base mesh, for instance.
    """
    own = base_of(base)
    if changes.base.sha256 != own.sha256:
        raise ChangeError(f"these changes were made on {changes.base}, not on {own}")
    check(changes)
    state = state_of(base)
    landmarks = dict(state.landmarks)
    edges = {(mark.id, to) for mark in landmarks.values() for to in mark.edges}
    for change in changes.changes:
        if landmarks.get(change.id) != change.before:
            raise ChangeError(f"{change.name!r} ({change.id}) is not as the change says it was")
        edges -= {(change.id, to) for to in _edges(change.before) - _edges(change.after)}
        edges |= {(change.id, to) for to in _edges(change.after) - _edges(change.before)}
        if change.after is None:
            del landmarks[change.id]
            continue
        if change.before is None:
            edges |= {(source, change.id) for source in change.after.edges_in}
        landmarks[change.id] = change.after
    _check_whole(landmarks, changes)
    out: dict[str, list[str]] = {}
    for source, to in sorted(edges):
        out.setdefault(source, []).append(to)
    landmarks = {
        key: msgspec.structs.replace(mark, edges=tuple(out.get(key, ())))
        for key, mark in landmarks.items()
    }
    parts = _applied_parts(state, changes)
    result = topology_of(replace(state, landmarks=landmarks, parts=parts))
    store.check(result)
    return result


def inverse(base: Topology, changes: ChangeSet) -> ChangeSet:
    """What turns the topology after changes into the base again.

    Raises
    ------
    ChangeError, store.TopologyError
        As `apply`.
    """
    return difference(apply(base, changes), base)


def with_needs(base: Topology, changes: ChangeSet, ids: Collection[str]) -> frozenset[str]:
    """These ids and those that have to be applied with them.

    Raises
    ------
    ChangeError, store.TopologyError
        If not even all changes together can be applied.
    """
    wanted = frozenset(ids) & frozenset(changes.ids)
    while True:
        try:
            apply(base, changes.only(wanted))
        except ChangeError as problem:
            more = problem.needs & frozenset(changes.ids)
            if wanted == frozenset(changes.ids):
                raise
            wanted = wanted | more if more - wanted else frozenset(changes.ids)
        else:
            return wanted


def encode(changes: ChangeSet) -> bytes:
    """Changes as JSON; the same changes give the same bytes."""
    return msgspec.json.encode(changes)


def decode(data: bytes) -> ChangeSet:
    """Changes from JSON, which may come from a stranger.

    Raises
    ------
    ChangeError
        With one line that says what is wrong.
    """
    if len(data) > SIZE_LIMIT:
        raise ChangeError(f"larger than {SIZE_LIMIT // 1024**2} MB, no changes are")
    try:
        changes = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        text = " ".join(str(problem).split())[:200]
        raise ChangeError(f"these are no changes of a topology: {text}") from None
    check(changes)
    return changes


_DECODER: Final = msgspec.json.Decoder(ChangeSet)


def check(changes: ChangeSet) -> None:
    """Say what contradicts itself, whatever the topology.

    Raises
    ------
    ChangeError
        With one line for the first thing that is wrong.
    """
    seen: set[str] = set()
    both = [(c.id, c.before == c.after) for c in changes.changes]
    for key, same in (*both, *((p.id, p.before == p.after) for p in changes.parts)):
        if key in seen:
            raise ChangeError(f"two changes have the id {key!r}")
        seen.add(key)
        if same:
            raise ChangeError(f"the change of {key!r} changes nothing")
    for mark in changes.changes:
        if any(state is not None and state.id != mark.id for state in (mark.before, mark.after)):
            raise ChangeError(f"the change of {mark.id!r} tells of another landmark")
        after = mark.after
        if after is None:
            continue
        if mark.id in (after.mirror, *after.edges, *after.edges_in):
            raise ChangeError(f"{after.name!r} is joined with itself")
        for held in ([p.part for p in after.parts], [s.subset for s in after.subsets]):
            if len(set(held)) != len(held):
                raise ChangeError(f"{after.name!r} is twice in one part or subset")
    for part in changes.parts:
        if any(
            state is not None and state.name != part.name for state in (part.before, part.after)
        ):
            raise ChangeError(f"the change of part {part.name!r} tells of another part")


def _edges(state: LandmarkState | None) -> set[str]:
    return set(state.edges) if state is not None else set()


def _check_whole(landmarks: Mapping[str, LandmarkState], changes: ChangeSet) -> None:
    """See that landmarks agree with one another."""
    own = {change.id for change in changes.changes}
    faults: list[tuple[str, set[str]]] = []
    names: dict[str, str] = {}
    stands: dict[tuple[str, int], str] = {}
    for key, mark in landmarks.items():
        partner = landmarks.get(mark.mirror) if mark.mirror is not None else None
        if mark.mirror is not None and (partner is None or partner.mirror != key):
            faults.append((f"{mark.name!r} and its mirror do not agree", {key, mark.mirror}))
        other = names.setdefault(mark.name, key)
        if other != key:
            faults.append((f"two landmarks have the name {mark.name!r}", {key, other}))
        for one in mark.subsets:
            other = stands.setdefault((one.subset, one.place), key)
            if other != key:
                text = f"two landmarks stand for number {one.place} of {one.subset}"
                faults.append((text, {key, other}))
    if not landmarks:
        faults.append(("no landmark is left", set()))
    if faults:
        needs = {key for _, keys in faults for key in keys} - own
        raise ChangeError(faults[0][0], needs)


def _applied_parts(state: TopologyState, changes: ChangeSet) -> tuple[PartState, ...]:
    """Definitions of parts; one that was removed goes with its last member, not before."""
    parts = {part.name: part for part in state.parts}
    for change in changes.parts:
        if parts.get(change.name) != change.before:
            raise ChangeError(f"part {change.name!r} is not as the change says it was")
        if change.after is not None:
            parts[change.name] = change.after
    return tuple(parts.values())
