"""Approval makes releases: in part, past other releases, with conflicts settled, and back again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.curate import (
    approving,
    comments,
    contents,
    people,
    proposal_file,
    proposals,
    release_file,
    releases,
    reviews,
)
from app.curate.approving import ConflictError
from app.curate.changes import difference
from app.curate.faults import NotAllowedError, StateError, StoreError
from app.curate.states import state_of
from app.curate.store import Store
from app.curate.verify import verify
from app.topology import store as files
from app.topology.identity import content_sha256
from app.topology.release import ReleaseName, mismatch, release_of
from app.topology.topology import Topology
from tests.unit.small_curation import (
    ARTIST,
    CURATOR,
    NAME,
    OTHER,
    edits,
    mark,
    moved,
    newest,
    opened,
    proposed,
    renamed,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "own.store") as made:
        yield made
        assert verify(made.db) == []


def x_of(topology: Topology, place: int) -> float:
    return topology.landmarks[place].mean[0]


def test_shipped_topologies_are_the_first_releases_the_same_in_every_store(
    store: Store, tmp_path: Path
) -> None:
    assert releases.names(store.db) == list(files.shipped())
    with Store(tmp_path / "another.store") as other:
        for name in files.shipped():
            (first,) = releases.history(store.db, name)
            assert first == releases.latest(other.db, name)
            assert first.record.kind == "shipped"
            assert first.record.parent is None
            assert releases.content(store.db, first) == files.load(name)
            assert first.number == files.load(name).version
            assert first.record.sha256 == content_sha256(files.load(name))


def test_approval_makes_the_next_release_with_a_log_and_the_hash_of_the_one_before(
    store: Store,
) -> None:
    base = newest(store)
    first = releases.latest(store.db, NAME)
    made = proposed(store, {30: 1.25, 8: -0.5}, title="Nose and chin")
    release = approving.approve(store, CURATOR, made.number, "Measured on ten heads.")
    record = release.record
    assert (release.number, record.kind, record.parent) == (
        first.number + 1,
        "approved",
        first.hash,
    )
    assert (record.by, record.author, record.title) == (CURATOR, ARTIST, "Nose and chin")
    assert (record.note, record.proposal) == ("Measured on ten heads.", made.id)
    after = moved(base, {30: 1.25, 8: -0.5})
    way = [1000 * math.dist(base.landmarks[i].mean, after.landmarks[i].mean) for i in (8, 30)]
    assert [(line.landmark, line.words) for line in record.log] == [
        (mark(8), f"moved {way[0]:.2f} mm"),
        (mark(30), f"moved {way[1]:.2f} mm"),
    ]
    assert newest(store) == replace(after, version=release.number)
    done = proposals.proposal(store.db, made.number)
    assert (done.state, done.released, done.approved) == ("approved", release.number, 2)


def test_only_what_is_approved_gets_into_the_release_and_the_rest_can_be_taken_up(
    store: Store,
) -> None:
    base = newest(store)
    made = proposed(store, {3: 1.0, 5: 2.0, 9: 3.0})
    reviews.review(store, CURATOR, made.number, [mark(3)], "approved")
    with pytest.raises(StateError, match="2 edits of proposal 1 are not reviewed"):
        approving.release(store, CURATOR, made.number)
    reviews.review(store, CURATOR, made.number, [mark(5), mark(9)], "rejected", "Not these.")
    release = approving.release(store, CURATOR, made.number)
    assert [line.landmark for line in release.record.log] == [mark(3)]
    assert x_of(newest(store), 5) == x_of(base, 5)
    with pytest.raises(NotAllowedError):
        approving.rest(store, OTHER, made.number)
    left = approving.rest(store, ARTIST, made.number)
    assert (left.state, left.base, left.author) == ("draft", release.number, ARTIST)
    assert [e.landmark for e in contents.listed(store.db, left.number)] == [mark(5), mark(9)]
    proposals.propose(store, ARTIST, left.number)
    approving.approve(store, CURATOR, left.number)
    assert newest(store) == replace(moved(base, {3: 1.0, 5: 2.0, 9: 3.0}), version=base.version + 2)


def test_a_proposal_of_which_nothing_is_approved_makes_no_release(store: Store) -> None:
    made = proposed(store, {3: 1.0})
    reviews.review(store, CURATOR, made.number, [mark(3)], "rejected", "No.")
    with pytest.raises(StateError, match="reject it instead"):
        approving.release(store, CURATOR, made.number)


def test_approved_edits_that_need_others_name_them(store: Store) -> None:
    base = newest(store)
    a, b = base.landmarks[3].name, base.landmarks[5].name
    swapped = renamed(renamed(base, 3, b), 5, a)
    draft = proposals.create(store, ARTIST, difference(base, swapped), "Names")
    proposals.propose(store, ARTIST, draft.number)
    reviews.review(store, CURATOR, draft.number, [mark(3)], "approved")
    reviews.review(store, CURATOR, draft.number, [mark(5)], "rejected", "Why?")
    with pytest.raises(StateError, match=f"approve '{a}' with it"):
        approving.release(store, CURATOR, draft.number)
    assert releases.latest(store.db, NAME).number == base.version


def test_proposals_on_one_base_that_touch_different_points_both_get_in(store: Store) -> None:
    base = newest(store)
    one, two = proposed(store, {3: 1.0}), proposed(store, {9: 1.0}, author=OTHER)
    approving.approve(store, CURATOR, one.number)
    assert reviews.conflicts(store.db, two.number) == ()
    second = approving.approve(store, CURATOR, two.number)
    assert second.number == base.version + 2
    assert newest(store) == replace(moved(base, {3: 1.0, 9: 1.0}), version=second.number)


def test_the_second_to_touch_a_point_is_in_conflict_until_the_curator_settles_it(
    store: Store,
) -> None:
    base = newest(store)
    one, two = proposed(store, {3: 1.0}), proposed(store, {3: -1.0, 9: 1.0}, author=OTHER)
    with pytest.raises(StoreError, match="no conflict"):
        reviews.settle(store, CURATOR, two.number, mark(3), "take")
    approving.approve(store, CURATOR, one.number)
    with pytest.raises(ConflictError, match="settle each, nothing was released") as raised:
        approving.approve(store, CURATOR, two.number)
    (conflict,) = raised.value.conflicts
    states = [change.after for change in (conflict.first, conflict.second)]
    xs = [state.mean[0] for state in states if state is not None and hasattr(state, "mean")]
    assert xs == [x_of(moved(base, {3: d}), 3) for d in (1.0, -1.0)]
    assert proposals.proposal(store.db, two.number).unreviewed == 2, "nothing was half done"
    reviews.settle(store, CURATOR, two.number, mark(3), "take")
    approving.approve(store, CURATOR, two.number)
    assert x_of(newest(store), 3) == x_of(moved(base, {3: -1.0}), 3)
    assert x_of(newest(store), 9) == x_of(moved(base, {9: 1.0}), 9)


def test_a_conflict_can_be_settled_for_the_release_or_for_a_third_state(store: Store) -> None:
    base = newest(store)
    one, two = proposed(store, {3: 1.0}), proposed(store, {3: -1.0, 9: 1.0})
    three = proposed(store, {3: -2.0, 10: 1.0})
    approving.approve(store, CURATOR, one.number)
    reviews.settle(store, CURATOR, two.number, mark(3), "keep")
    approving.approve(store, CURATOR, two.number)
    assert x_of(newest(store), 3) == x_of(moved(base, {3: 1.0}), 3)
    between = state_of(moved(base, {3: 0.25})).landmarks[mark(3)]
    with pytest.raises(StoreError):
        reviews.settle(store, CURATOR, three.number, mark(10), "state", between)
    reviews.settle(store, CURATOR, three.number, mark(3), "state", between)
    approving.approve(store, CURATOR, three.number)
    assert x_of(newest(store), 3) == between.mean[0]


def test_a_settlement_does_not_hold_for_a_later_change_of_the_same_point(store: Store) -> None:
    first, second = proposed(store, {3: 1.0}), proposed(store, {3: -1.0})
    approving.approve(store, CURATOR, first.number)
    reviews.settle(store, CURATOR, second.number, mark(3), "take")
    again = proposed(store, {3: 0.75})
    approving.approve(store, CURATOR, again.number)
    with pytest.raises(ConflictError):
        approving.approve(store, CURATOR, second.number)


def test_what_a_release_has_already_is_not_released_again(store: Store) -> None:
    one, two = proposed(store, {3: 1.0}), proposed(store, {3: 1.0}, author=OTHER)
    approving.approve(store, CURATOR, one.number)
    with pytest.raises(StateError, match="has all of proposal 2 already"):
        approving.approve(store, CURATOR, two.number)


def test_going_back_to_an_older_release_is_a_new_release(store: Store) -> None:
    base = newest(store)
    approving.approve(store, CURATOR, proposed(store, {3: 1.0}).number)
    with pytest.raises(NotAllowedError):
        releases.restore(store, ARTIST, NAME, base.version)
    with pytest.raises(StateError, match="newest already"):
        releases.restore(store, CURATOR, NAME, base.version + 1)
    with pytest.raises(StoreError, match="has no release 99; it has"):
        releases.restore(store, CURATOR, NAME, 99)
    back = releases.restore(store, CURATOR, NAME, base.version)
    assert (back.number, back.record.restored) == (base.version + 2, base.version)
    assert newest(store) == replace(base, version=back.number)
    assert [r.record.kind for r in releases.history(store.db, NAME)] == [
        "shipped",
        "approved",
        "restored",
    ]


def test_a_proposal_on_an_old_release_is_carried_to_the_newest(store: Store) -> None:
    base = newest(store)
    waiting = proposed(store, {20: 1.0})
    for place in (1, 2, 3):
        approving.approve(store, CURATOR, proposed(store, {place: 1.0}).number)
    changes, conflicts = approving.preview(store, waiting.number)
    assert conflicts == ()
    assert changes.base.version == base.version + 3
    approving.approve(store, CURATOR, waiting.number)
    expected = moved(base, {1: 1.0, 2: 1.0, 3: 1.0, 20: 1.0})
    assert newest(store) == replace(expected, version=base.version + 4)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    wanted=st.dictionaries(st.integers(0, 67), st.sampled_from([-1.0, 0.5, 2.0]), min_size=1),
    approved=st.sets(st.integers(0, 67)),
)
def test_a_release_holds_exactly_the_approved_moves(
    tmp_path: Path, wanted: dict[int, float], approved: set[int]
) -> None:
    with opened(tmp_path / "drawn.store") as store:
        base = newest(store)
        made = proposed(store, wanted)
        yes = [place for place in wanted if place in approved]
        no = [place for place in wanted if place not in approved]
        if no:
            reviews.review(store, CURATOR, made.number, [mark(p) for p in no], "rejected", "no")
        if yes:
            approving.approve(store, CURATOR, made.number)
            expected = moved(base, {place: wanted[place] for place in yes})
            assert newest(store) == replace(expected, version=base.version + 1)
        else:
            with pytest.raises(StateError):
                approving.approve(store, CURATOR, made.number)
            reviews.reject(store, CURATOR, made.number, "nothing of it")


def test_a_proposal_travels_as_a_file_and_is_approved_elsewhere(
    store: Store, tmp_path: Path
) -> None:
    with opened(tmp_path / "artist.store") as theirs:
        made = proposed(theirs, {3: 1.0, 4: 1.0}, title="From afar")
        comments.add(theirs, OTHER, made.number, "Looks right.", mark(3))
        proposal_file.send(theirs.db, made.number, tmp_path / "jaw.proposal")
    sent = proposal_file.read(tmp_path / "jaw.proposal")
    taken = proposal_file.take_in(store, CURATOR, sent)
    assert (taken.id, taken.author, taken.state) == (made.id, ARTIST, "proposed")
    (said,) = comments.of(store.db, taken.number)
    assert (said.author, said.landmark) == (CURATOR, mark(3))
    assert said.text.startswith(f"{OTHER}, 20")
    with pytest.raises(StoreError, match="here already"):
        proposal_file.take_in(store, CURATOR, sent)
    assert approving.approve(store, CURATOR, taken.number).record.proposal == made.id


def test_a_rejected_proposal_is_sent_again_with_other_edits(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "jaw.proposal"
    with opened(tmp_path / "artist.store") as theirs:
        made = proposed(theirs, {3: 1.0})
        proposal_file.send(theirs.db, made.number, path)
        taken = proposal_file.take_in(store, CURATOR, proposal_file.read(path))
        reviews.reject(store, CURATOR, taken.number, "Half of it, please.")
        proposals.withdraw(theirs, ARTIST, made.number)
        proposals.reopen(theirs, ARTIST, made.number)
        proposals.save(theirs, ARTIST, made.number, edits(theirs, {3: 0.5}), 1)
        proposal_file.send(theirs.db, made.number, path)
    again = proposal_file.take_in(store, CURATOR, proposal_file.read(path))
    assert (again.number, again.revision, again.state) == (taken.number, 2, "proposed")
    assert proposals.changes_of(store.db, again) == edits(store, {3: 0.5})


def test_files_of_strangers_are_refused_with_one_line(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "jaw.proposal"
    with opened(tmp_path / "artist.store") as theirs:
        made = proposed(theirs, {3: 1.0})
        proposal_file.send(theirs.db, made.number, path)
        with pytest.raises(StoreError, match=r"ends in \.proposal"):
            proposal_file.send(theirs.db, made.number, tmp_path / "jaw.json")
    good = msgspec.json.decode(path.read_bytes())

    def refused(content: object) -> str:
        path.write_bytes(content if isinstance(content, bytes) else msgspec.json.encode(content))
        with pytest.raises((StoreError, StateError)) as problem:
            proposal_file.take_in(store, CURATOR, proposal_file.read(path))
        assert "\n" not in str(problem.value)
        return str(problem.value)

    assert "no proposal" in refused(b"\xff\xfe nonsense")
    assert "no proposal" in refused(b"[" * 100_000)
    assert "no proposal" in refused(good | {"author": "x" * 300})
    assert "no proposal" in refused(good | {"extra": 1})
    assert "no proposal" in refused(good | {"id": "../../etc/passwd"})
    assert "do not have its hash" in refused(good | {"sha256": "0" * 64})
    assert "name" in refused(good | {"author": "a\x1b[31m"})
    far = msgspec.json.decode(msgspec.json.encode(good["changes"]))
    far["changes"][0]["after"]["mean"] = [99.0, 0.0, 0.0]
    assert "no proposal" in refused(good | {"changes": far})
    foreign = msgspec.json.decode(msgspec.json.encode(good["changes"]))
    foreign["base"]["sha256"] = "1" * 64
    from app.curate import audit, changes

    content = msgspec.convert(foreign, changes.ChangeSet)
    foreign_hash = audit.sha256(changes.encode(content))
    assert "no release that is" in refused(good | {"changes": foreign, "sha256": foreign_hash})
    outside = msgspec.json.decode(msgspec.json.encode(good["changes"]))
    outside["changes"][0]["after"]["corners"] = [19158, 0, 1]
    content = msgspec.convert(outside, changes.ChangeSet)
    outside_hash = audit.sha256(changes.encode(content))
    assert "out of range" in refused(good | {"changes": outside, "sha256": outside_hash})
    beside = msgspec.json.decode(msgspec.json.encode(good["changes"]))
    beside["changes"][0]["after"]["mean"][1] += 0.001
    content = msgspec.convert(beside, changes.ChangeSet)
    beside_hash = audit.sha256(changes.encode(content))
    assert "its mean is not" in refused(good | {"changes": beside, "sha256": beside_hash})
    across = msgspec.json.decode(msgspec.json.encode(good["changes"]))
    across["changes"][0]["after"]["corners"] = [5564, 732, 860]
    content = msgspec.convert(across, changes.ChangeSet)
    across_hash = audit.sha256(changes.encode(content))
    assert "on a face of the skin" in refused(good | {"changes": across, "sha256": across_hash})
    assert not people.everybody(store.db)[1:], "nobody joined by what was refused"


def test_releases_travel_to_the_stores_of_artists_as_a_chain(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "ours.release"
    with Store(tmp_path / "artist.store") as theirs:
        made = proposed(theirs, {3: 1.0})
        proposal_file.send(theirs.db, made.number, tmp_path / "jaw.proposal")
        sent = proposal_file.read(tmp_path / "jaw.proposal")
        taken = proposal_file.take_in(store, CURATOR, sent)
        first = approving.approve(store, CURATOR, taken.number)
        second = approving.approve(store, CURATOR, proposed(store, {9: 1.0}, OTHER).number)
        with pytest.raises(StoreError, match="nothing to send"):
            release_file.send(store.db, NAME, first.number - 1, path)
        assert release_file.send(store.db, NAME, second.number, path) == 2
        got = release_file.take_in(theirs, ARTIST, release_file.read(path))
        assert got == [first, second]
        assert newest(theirs) == newest(store)
        own = proposals.proposal(theirs.db, made.number)
        assert (own.state, own.released) == ("approved", first.number)
        assert release_file.take_in(theirs, ARTIST, release_file.read(path)) == []
        assert proposed(theirs, {20: 1.0}).base == second.number
        assert verify(theirs.db) == []
    with pytest.raises(NotAllowedError):
        release_file.take_in(store, ARTIST, release_file.read(path))


def test_releases_that_went_another_way_or_were_altered_are_refused(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "ours.release"
    approving.approve(store, CURATOR, proposed(store, {3: 1.0}).number)
    approving.approve(store, CURATOR, proposed(store, {5: 1.0}).number)
    release_file.send(store.db, NAME, newest(store).version, path)
    with opened(tmp_path / "other.store") as other:
        approving.approve(other, CURATOR, proposed(other, {4: 1.0}).number)
        with pytest.raises(StateError, match="another release 5"):
            release_file.take_in(other, CURATOR, release_file.read(path))
    good = msgspec.json.decode(path.read_bytes())
    empty = Store(tmp_path / "empty.store")

    def refused(change: dict[str, object], second: bool = False) -> str:
        altered = msgspec.json.decode(msgspec.json.encode(good))
        one = altered["releases"][second]
        for key, value in change.items():
            (one if key == "content" else one["record"])[key] = value
        path.write_bytes(msgspec.json.encode(altered))
        with pytest.raises(StoreError) as problem:
            release_file.take_in(empty, ARTIST, release_file.read(path))
        assert "\n" not in str(problem.value)
        return str(problem.value)

    content = good["releases"][0]["content"]
    assert "content does not have its hash" in refused({"content": content.replace("nose", "n")})
    assert "does not follow" in refused({"note": "better"})
    assert "does not follow" in refused({"parent": "0" * 64}, second=True)
    assert "does not follow" in refused({"parent": None})
    assert "does not follow" in refused({"kind": "shipped"})
    assert "holds ibug-68 5" in refused({"number": 10**30})
    assert "cannot be shown" in refused({"by": "a\x1b[31m"})
    assert "no releases" in refused({"log": [1]})
    assert newest(empty).version == files.load(NAME).version
    empty.close()


def test_releases_are_told_apart_by_name_version_and_content() -> None:
    ours = release_of(files.load(NAME))
    assert mismatch(ours, ours) is None
    assert mismatch(ours, ReleaseName(NAME, ours.version)) is None
    assert "points may have moved" in (mismatch(ours, replace(ours, version=3)) or "")
    assert "different points" in (mismatch(ours, release_of(files.load("dense-243"))) or "")
    altered = release_of(moved(files.load(NAME), {3: 1.0}))
    assert "one of them was altered" in (mismatch(ours, altered) or "")


def test_data_sets_and_models_name_the_releases_that_they_were_made_with() -> None:
    from app.dataset import run_record
    from app.dataset.spec import DatasetSpec
    from app.topology.release import mismatches, releases_of

    made_with = run_record.versions(DatasetSpec(topologies=("ibug-68", "dense-520")))
    data = run_record.releases_of(made_with)
    assert set(data) == {release_of(files.load(name)) for name in ("ibug-68", "dense-520")}
    card = releases_of({"ibug-68": 4, "ibug-68-outline": 4, "dense-520": 3})
    assert [str(one) for one in card] == ["ibug-68 4", "dense-520 3"]
    (said,) = mismatches(data, card)
    assert "dense-520 4" in said and "dense-520 3" in said
    older = {k: v for k, v in made_with.items() if not k.startswith("content")}
    assert mismatches(run_record.releases_of(older), data) == ()
