"""Changes of a topology: told, applied whole or in part, taken back, compared and carried over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.curate.changes import (
    Change,
    ChangeError,
    ChangeSet,
    apply,
    base_of,
    decode,
    difference,
    encode,
    inverse,
    with_needs,
)
from app.curate.merging import carry, conflicts
from app.curate.order import places
from app.curate.states import LandmarkState, Membership, state_of, topology_of
from app.topology import store
from app.topology.identity import canonical, ids_of
from app.topology.topology import Landmark, Part, Round, RoundPoint, Subset, Topology


def _mark(name: str, seed: int) -> Landmark:
    first = (seed % 7) / 10
    weights = (first, round(1.0 - first, 6), 0.0)
    corners = (seed % 19000, (seed + 1) % 19000, (seed + 2) % 19000)
    return Landmark(name, corners, weights, (seed / 1e6, 0.0, 0.1), "anatomy")


IDS = [f"m{i}" for i in range(9)]


def built(seed: int, ids: Sequence[str] = ()) -> Topology:
    """A topology of landmarks with these ids, or some; everything else is drawn."""
    dice = Random(seed)
    order = dice.sample(ids or IDS, len(ids) or dice.randint(1, 8))
    count = len(order)
    names = dice.sample("abcdefghijklmnop", count)
    mirror = list(range(count))
    shuffled = dice.sample(range(count), count)
    for k in range(dice.randint(0, count // 2)):
        a, b = shuffled[2 * k], shuffled[2 * k + 1]
        mirror[a], mirror[b] = b, a

    def some(most: int) -> tuple[int, ...]:
        return tuple(dice.sample(range(count), dice.randint(1, min(most, count))))

    parts = [Part(name, some(5), dice.random() < 0.5) for name in "ABC" if dice.random() < 0.6]
    dice.shuffle(parts)
    edges = [(e[0], e[1]) for e in (some(2) for _ in range(6)) if len(e) == 2]
    subsets = (Subset("ibug-68", (None, *some(3))),) if dice.random() < 0.5 else ()
    points = (
        RoundPoint((1, 2, 3), (0.5, 0.5, 0.0), (0.0, 0.0, 0.0), (), dice.choice([None, k % count]))
        for k in range(3)
    )
    return canonical(
        Topology(
            "drawn",
            3,
            tuple(_mark(name, dice.randint(0, 40)) for name in names),
            tuple(parts),
            tuple(edges),
            tuple(mirror),
            rounds=(Round("outline", tuple(points)),),
            ids=tuple(order),
            subsets=subsets,
        )
    )


def edited(base: Topology, seed: int) -> Topology:
    """The base with some landmarks moved, renamed, added, removed and put elsewhere."""
    dice = Random(seed)
    state = state_of(base)
    marks = dict(state.landmarks)
    for key in dice.sample(sorted(marks), min(3, len(marks))):
        kind = dice.choice(["move", "rename", "remove", "order", "edge", "add", "part"])
        mark = marks[key]
        if kind == "move":
            spot = _mark("", dice.randint(0, 40))
            mark = msgspec.structs.replace(mark, corners=spot.corners, weights=spot.weights)
        elif kind == "rename":
            mark = msgspec.structs.replace(mark, name=f"{dice.choice('xyz')}{len(marks)}")
        elif kind == "order":
            mark = msgspec.structs.replace(mark, order=dice.uniform(-2.0, 9.0))
        elif kind == "part":
            mark = msgspec.structs.replace(mark, parts=(Membership("D", dice.uniform(0, 9)),))
        elif kind == "edge":
            other = dice.choice(sorted(marks))
            mark = msgspec.structs.replace(mark, edges=(other,) if other != key else ())
        elif kind == "add":
            new = msgspec.structs.replace(
                mark, id=f"n{seed}", name=f"n{seed}", order=mark.order + 0.5, mirror=None
            )
            marks[new.id] = msgspec.structs.replace(new, subsets=(), made_as=())
        elif len(marks) > 1:
            del marks[key]
            if mark.mirror is not None:
                marks[mark.mirror] = msgspec.structs.replace(marks[mark.mirror], mirror=None)
            continue
        marks[key] = msgspec.structs.replace(mark, mirror=marks[key].mirror)
    names = [m.name for m in marks.values()]
    once = {m.id: m if names.count(m.name) == 1 else replaced(m) for m in marks.values()}
    return topology_of(replace(state, landmarks=once))


def replaced(mark: LandmarkState) -> LandmarkState:
    return msgspec.structs.replace(mark, name=f"{mark.name} {mark.id}")


seeds = st.integers(0, 10**9)
pairs = st.tuples(seeds.map(built), seeds.map(built))


@settings(deadline=None)
@given(pairs)
def test_a_topology_is_what_its_state_tells(pair: tuple[Topology, Topology]) -> None:
    assert topology_of(state_of(pair[0])) == pair[0]


@settings(deadline=None)
@given(pairs)
def test_the_difference_turns_one_into_the_other_and_back(pair: tuple[Topology, Topology]) -> None:
    base, other = pair
    changes = difference(base, other)
    assert apply(base, changes) == other
    assert apply(other, inverse(base, changes)) == base
    assert not difference(base, base).changes


@settings(max_examples=150, deadline=None)
@given(pairs, st.data())
def test_any_part_of_the_changes_is_valid_or_says_what_it_needs(
    pair: tuple[Topology, Topology], data: st.DataObject
) -> None:
    base, other = pair
    changes = difference(base, other)
    if not changes.ids:
        return
    wanted = data.draw(st.sets(st.sampled_from(changes.ids)))
    try:
        store.check(apply(base, changes.only(wanted)))
        assert with_needs(base, changes, wanted) == wanted
    except ChangeError as problem:
        if str(problem) != "no landmark is left":
            assert problem.needs and problem.needs <= set(changes.ids) - wanted
            whole = with_needs(base, changes, wanted)
            assert whole > wanted
            store.check(apply(base, changes.only(whole)))


@settings(deadline=None)
@given(pairs, st.data())
def test_what_was_not_chosen_stays_as_it_was(
    pair: tuple[Topology, Topology], data: st.DataObject
) -> None:
    base, other = pair
    changes = difference(base, other)
    if not changes.changes:
        return
    wanted = data.draw(st.sets(st.sampled_from([c.id for c in changes.changes])))
    try:
        done = state_of(apply(base, changes.only(wanted))).landmarks
    except ChangeError:
        return
    old, new = state_of(base).landmarks, state_of(other).landmarks
    for key in set(old) | set(new):
        expected = (new if key in wanted or key not in changes.ids else old).get(key)
        found = done.get(key)
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            for field in ("name", "corners", "weights", "mean", "mirror", "subsets"):
                assert getattr(found, field) == getattr(expected, field)


@settings(deadline=None)
@given(pairs)
def test_changes_written_and_read_are_the_same(pair: tuple[Topology, Topology]) -> None:
    changes = difference(*pair)
    assert decode(encode(changes)) == changes


@settings(deadline=None)
@given(st.permutations(range(8)), st.permutations(range(12)))
def test_places_rise_and_as_few_as_possible_change(base: list[int], other: list[int]) -> None:
    found = places(base, other)
    assert list(found.values()) == sorted(found.values())
    assert len(set(found.values())) == len(other)
    moved = [item for item in base if found[item] != base.index(item)]
    for item in moved:  # none of them could have stayed beside all that stay
        stay = [x for x in other if x in base and x not in moved]
        with_it = sorted([*stay, item], key=other.index)
        assert with_it != sorted(with_it, key=base.index)


def test_one_landmark_more_at_the_front_is_one_change() -> None:
    base = store.load("ibug-68")
    state = state_of(base)
    new = msgspec.structs.replace(
        state.landmarks["ibug-68:8"],
        id="new",
        name="new",
        order=-1.0,
        parts=(),
        subsets=(),
        edges=("ibug-68:0",),
        edges_in=("ibug-68:1",),
    )
    other = topology_of(replace(state, landmarks={**state.landmarks, "new": new}))
    changes = difference(base, other)
    assert [change.id for change in changes.changes] == ["new"]
    assert ids_of(apply(base, changes))[:2] == ("new", "ibug-68:0")
    gone = apply(other, inverse(base, changes))
    assert gone == base


@settings(deadline=None)
@given(seeds, seeds, seeds)
def test_changes_carried_past_others_keep_both(start: int, one: int, other: int) -> None:
    base = built(start)
    first, second = edited(base, one), edited(base, other)
    ours, theirs = difference(base, first), difference(base, second)
    found = conflicts(theirs, ours)
    carried = carry(base, second, ours)
    assert carried.conflicts == found
    held = {one.second.id for one in found}
    both = {*(c.id for c in carried.changes.changes), *carried.done, *held}
    assert both >= {c.id for c in ours.changes}
    if found:
        return
    merged = state_of(apply(second, carried.changes)).landmarks
    new, newer, old = (state_of(t).landmarks for t in (first, second, base))
    for key in {*new, *newer, *old}:
        changed_here = old.get(key) != new.get(key)
        source = (new if changed_here and key in ours.ids else newer).get(key)
        assert (merged.get(key) is None) == (source is None)
        if source is not None:
            for field in ("name", "corners", "weights", "mean", "mirror"):
                assert getattr(merged[key], field) == getattr(source, field)


def test_two_moves_of_one_point_are_a_conflict_with_both_states() -> None:
    base = store.load("ibug-68")

    def moved(index: int, to: int) -> Topology:
        marks = list(base.landmarks)
        spot = base.landmarks[to]
        marks[index] = replace(marks[index], corners=spot.corners, mean=spot.mean)
        return replace(base, landmarks=tuple(marks))

    first, second = difference(base, moved(30, 33)), difference(base, moved(30, 29))
    (found,) = conflicts(first, second)
    assert found.reason == "landmark" and found.ids == {"ibug-68:30"}
    assert isinstance(found.first, Change) and isinstance(found.second, Change)
    assert found.first.after is not None and found.second.after is not None
    assert found.first.after.corners == base.landmarks[33].corners
    assert found.second.after.corners == base.landmarks[29].corners
    assert not conflicts(first, difference(base, moved(30, 33)))

    newer = apply(base, first)
    carried = carry(base, newer, second)
    assert not carried.changes.changes and len(carried.conflicts) == 1
    settled = carry(base, newer, second, take={"ibug-68:30"})
    assert apply(newer, settled.changes) == apply(base, second)
    assert carry(base, newer, first).done == ("ibug-68:30",)


def test_a_move_that_is_carried_past_another_is_a_whole_place() -> None:
    base = store.load("ibug-68")

    def at(index: int, **fields: object) -> Topology:
        marks = list(base.landmarks)
        marks[index] = replace(marks[index], **fields)  # type: ignore[arg-type]
        return replace(base, landmarks=tuple(marks))

    spot = base.landmarks[33]
    newer = at(30, corners=spot.corners, weights=spot.weights, mean=spot.mean)
    within = at(30, weights=(0.2, 0.3, 0.5), mean=(0.0, -0.1, 0.0))
    settled = carry(base, newer, difference(base, within), take={"ibug-68:30"})
    assert apply(newer, settled.changes).landmarks[30] == within.landmarks[30]


def test_one_name_for_two_landmarks_is_a_conflict() -> None:
    base = store.load("ibug-68")

    def renamed(index: int) -> Topology:
        marks = list(base.landmarks)
        marks[index] = replace(marks[index], name="mole")
        return replace(base, landmarks=tuple(marks))

    (found,) = conflicts(difference(base, renamed(3)), difference(base, renamed(4)))
    assert found.reason == "name" and found.ids == {"ibug-68:3", "ibug-68:4"}


def test_changes_of_another_base_are_refused() -> None:
    base, other = store.load("ibug-68"), store.load("dense-243")
    changes = difference(base, replace(base, edges=base.edges[1:]))
    assert len(changes) == 1
    with pytest.raises(ChangeError, match="were made on ibug-68, version 4"):
        apply(other, changes)
    raised = replace(base, version=base.version + 1)
    with pytest.raises(ChangeError, match="were made on"):
        apply(raised, changes)


def _told(**fields: object) -> bytes:
    base = store.load("ibug-68")
    marks = list(base.landmarks)
    marks[3] = replace(marks[3], name="mole")
    told = msgspec.to_builtins(difference(base, replace(base, landmarks=tuple(marks))))
    told["changes"][0]["after"].update(fields)
    return msgspec.json.encode(told)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"name": "a\nb"}, "regex"),
        ({"name": "x" * 81}, "length"),
        ({"weights": [2.0, -1.0, 0.0]}, "weights"),
        ({"mean": [11.0, 0.0, 0.0]}, "mean"),
        ({"order": 1e300}, "order"),
        ({"surprise": 1}, "unknown field"),
        ({"id": "another"}, "another landmark"),
        ({"mirror": "ibug-68:3"}, "with itself"),
        ({"parts": [{"part": "jaw", "place": 1}, {"part": "jaw", "place": 2}]}, "twice"),
        ({"edges": [f"x{i}" for i in range(300)]}, "length"),
    ],
)
def test_untrusted_changes_are_refused_in_one_line(fields: dict[str, object], word: str) -> None:
    with pytest.raises(ChangeError) as caught:
        decode(_told(**fields))
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\xff", b"[" * 100_000, b"{}", b"null", b" " * (17 << 20)])
def test_what_is_no_change_set_is_refused(data: bytes) -> None:
    with pytest.raises(ChangeError):
        decode(data)


def test_a_corner_that_the_base_mesh_lacks_is_refused() -> None:
    base = store.load("ibug-68")
    changes = decode(_told(corners=[1, 2, 999_999]))
    with pytest.raises(store.TopologyError, match="out of range"):
        apply(base, changes)


def test_a_change_of_what_is_not_there_is_refused() -> None:
    base = store.load("ibug-68")
    told = decode(_told())
    change = told.changes[0]
    assert change.before is not None
    before = msgspec.structs.replace(change.before, name="another")
    forged = ChangeSet(base_of(base), (Change(change.id, before, change.after),))
    with pytest.raises(ChangeError, match="is not as the change says"):
        apply(base, forged)
