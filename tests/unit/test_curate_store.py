"""Proposals in a store: their states, reviews, roles, comments, and several people at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.curate import approving, comments, contents, database, listing, people, proposals, reviews
from app.curate.audit import entries
from app.curate.database import Database
from app.curate.faults import (
    AlteredError,
    NotAllowedError,
    StaleError,
    StateError,
    StoreError,
)
from app.curate.listing import Query
from app.curate.reasons import REASONS
from app.curate.schema import MIGRATIONS
from app.curate.store import Store
from app.curate.verify import verify
from tests.unit.small_curation import (
    ARTIST,
    CURATOR,
    NAME,
    OTHER,
    edits,
    mark,
    newest,
    opened,
    proposed,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "own.store") as made:
        yield made
        assert verify(made.db) == []


def actions(store: Store, number: int) -> list[str]:
    return [entry.action for entry in entries(store.db, proposal=number)]


def test_a_draft_is_proposed_rejected_with_a_reason_reopened_and_proposed_again(
    store: Store,
) -> None:
    draft = proposals.create(store, ARTIST, edits(store, {30: 1.0}), "  Nose\n tip ")
    assert (draft.state, draft.title, draft.revision, draft.points) == ("draft", "Nose tip", 1, 1)
    proposals.propose(store, ARTIST, draft.number)
    with pytest.raises(StoreError, match="say why"):
        reviews.reject(store, CURATOR, draft.number, "  ")
    rejected = reviews.reject(store, CURATOR, draft.number, "Too far to the side.")
    assert (rejected.state, rejected.changed_by) == ("rejected", CURATOR)
    reopened = proposals.reopen(store, ARTIST, draft.number)
    saved = proposals.save(
        store, ARTIST, draft.number, edits(store, {30: 0.5}), reopened.revision, "Nose tip, less"
    )
    assert (saved.state, saved.revision, saved.title) == ("draft", 2, "Nose tip, less")
    proposals.propose(store, ARTIST, draft.number)
    trail = list(entries(store.db, proposal=draft.number))
    assert [e.action for e in trail] == [
        "created",
        "proposed",
        "rejected",
        "reopened",
        "saved",
        "proposed",
    ]
    assert trail[2].detail["reason"] == "Too far to the side."
    assert {e.by for e in trail} == {ARTIST, CURATOR}
    assert contents.read(store.db, draft.number, 1) == edits(store, {30: 1.0})
    assert contents.read(store.db, draft.number, 2) == edits(store, {30: 0.5})


def test_what_a_state_does_not_allow_is_refused_and_changes_nothing(store: Store) -> None:
    made = proposed(store, {8: 1.0})
    for refused in (
        lambda: proposals.propose(store, ARTIST, made.number),
        lambda: proposals.reopen(store, ARTIST, made.number),
        lambda: proposals.save(store, ARTIST, made.number, edits(store, {8: 2.0}), 1),
    ):
        with pytest.raises(StateError, match=f"proposal {made.number} is proposed"):
            refused()
    proposals.withdraw(store, ARTIST, made.number)
    with pytest.raises(StateError, match="withdrawn"):
        reviews.reject(store, CURATOR, made.number, "late")
    assert actions(store, made.number) == ["created", "proposed", "withdrawn"]


def test_an_empty_proposal_cannot_be_proposed(store: Store) -> None:
    draft = proposals.create(store, ARTIST, edits(store, {}), "Nothing")
    with pytest.raises(StateError, match="no edits"):
        proposals.propose(store, ARTIST, draft.number)


def test_only_the_author_saves_proposes_and_withdraws(store: Store) -> None:
    draft = proposals.create(store, ARTIST, edits(store, {1: 1.0}), "Jaw")
    for refused in (
        lambda: proposals.save(store, OTHER, draft.number, edits(store, {1: 2.0}), 1),
        lambda: proposals.propose(store, OTHER, draft.number),
        lambda: proposals.withdraw(store, CURATOR, draft.number),
    ):
        with pytest.raises(NotAllowedError, match=f"only {ARTIST}"):
            refused()


def test_only_curators_review_and_nobody_their_own_unless_the_store_allows_it(
    store: Store,
) -> None:
    made = proposed(store, {1: 1.0})
    with pytest.raises(NotAllowedError, match=f"only a curator may review: {CURATOR}"):
        reviews.review(store, OTHER, made.number, [mark(1)], "approved")
    own = proposed(store, {2: 1.0}, author=CURATOR)
    with pytest.raises(NotAllowedError, match="your own"):
        approving.approve(store, CURATOR, own.number)
    with pytest.raises(NotAllowedError, match="only a curator may change the rules"):
        people.set_self_approval(store.db, True, ARTIST)
    people.set_self_approval(store.db, True, CURATOR)
    assert approving.approve(store, CURATOR, own.number).record.author == CURATOR


def test_roles_are_given_by_curators_and_the_last_one_stays(store: Store) -> None:
    with pytest.raises(NotAllowedError, match="give roles"):
        people.appoint(store.db, ARTIST, True, ARTIST)
    with pytest.raises(NotAllowedError, match="the only curator"):
        people.appoint(store.db, CURATOR, False, CURATOR)
    people.appoint(store.db, ARTIST, True, CURATOR)
    people.appoint(store.db, CURATOR, False, ARTIST)
    assert [p.name for p in people.everybody(store.db) if p.curator] == [ARTIST]


@pytest.mark.parametrize("name", ["", "  ", "a\x07b", "x" * 81, "Headroom"])
def test_names_that_cannot_be_used_are_refused(store: Store, name: str) -> None:
    with pytest.raises(StoreError):
        proposals.create(store, name, edits(store, {1: 1.0}), "Jaw")
    assert not [p for p in people.everybody(store.db) if p.name not in (CURATOR,)]


def test_a_name_is_the_same_however_it_is_typed(store: Store) -> None:
    made = proposals.create(store, " Zoe\u0308  Q ", edits(store, {1: 1.0}), "Jaw")
    assert made.author == "Zoë Q"
    assert proposals.propose(store, "Zoë Q", made.number).state == "proposed"


def test_each_landmark_is_decided_alone_and_found_by_next_and_previous(store: Store) -> None:
    made = proposed(store, {3: 1.0, 5: 1.0, 9: 1.0, 20: 1.0})
    with pytest.raises(StoreError, match="say why"):
        reviews.review(store, CURATOR, made.number, [mark(5)], "rejected")
    reviews.review(store, CURATOR, made.number, [mark(5)], "rejected", "off")
    now = reviews.review(store, CURATOR, made.number, [mark(3), mark(20)], "approved")
    assert (now.approved, now.rejected, now.unreviewed) == (2, 1, 1)
    listed = contents.listed(store.db, made.number)
    assert [edit.verdict for edit in listed] == ["approved", "rejected", None, "approved"]
    assert all(2e-4 < edit.distance < 1.5e-3 for edit in listed)
    assert reviews.next_unreviewed(listed, 0) == reviews.next_unreviewed(listed, 3) == 2
    now = reviews.review(store, CURATOR, made.number, [mark(3)], None)
    assert (now.approved, now.unreviewed) == (1, 2)
    listed = contents.listed(store.db, made.number)
    assert reviews.next_unreviewed(listed, 2) == 0
    assert reviews.next_unreviewed(listed, 0, back=True) == 2
    with pytest.raises(StoreError, match="no edit"):
        reviews.review(store, CURATOR, made.number, [mark(3), mark(4)], "approved")
    assert proposals.proposal(store.db, made.number).approved == 1


def test_a_draft_is_not_saved_over_what_somebody_else_saved(store: Store, tmp_path: Path) -> None:
    draft = proposals.create(store, ARTIST, edits(store, {1: 1.0}), "Jaw")
    with Store(tmp_path / "own.store") as second:
        proposals.save(second, ARTIST, draft.number, edits(second, {1: 2.0}), 1)
    with pytest.raises(StaleError, match="nothing was overwritten") as stale:
        proposals.save(store, ARTIST, draft.number, edits(store, {1: 3.0}), 1)
    assert stale.value.revision == 2
    now = proposals.proposal(store.db, draft.number)
    assert proposals.changes_of(store.db, now) == edits(store, {1: 2.0})


def test_other_open_proposals_about_the_same_points_are_shown_with_both_states(
    store: Store,
) -> None:
    first = proposed(store, {4: 1.0, 6: 1.0})
    second = proposed(store, {6: -1.0, 7: 1.0}, author=OTHER)
    alike = proposed(store, {4: 1.0}, author=OTHER)
    (found,) = reviews.overlaps(store.db, first.number)
    assert (found.other, found.author, found.landmark) == (second.number, OTHER, mark(6))
    both = [reviews.states_of(store.db, n, mark(6)) for n in (first.number, found.other)]
    assert both[0].before == both[1].before
    assert both[0].after != both[1].after
    assert reviews.overlaps(store.db, first.number, mark(4)) == []
    with pytest.raises(StoreError, match="no edit"):
        reviews.states_of(store.db, first.number, mark(9))
    assert reviews.overlaps(store.db, alike.number) == []


def test_comments_are_pinned_to_landmarks_and_have_quick_reasons(store: Store) -> None:
    made = proposed(store, {3: 1.0})
    comments.add(store, CURATOR, made.number, "Why here?", mark(3))
    comments.add(store, OTHER, made.number, "", mark(3), "mirror")
    comments.add(store, ARTIST, made.number, "In general:\nit fits.")
    said = comments.of(store.db, made.number)
    assert [one.author for one in said] == [CURATOR, OTHER, ARTIST]
    assert said[1].text == REASONS["mirror"]
    assert [one.number for one in comments.of(store.db, made.number, mark(3))] == [1, 2]
    for text, landmark, reason in (
        ("", None, None),
        ("x" * 4001, None, None),
        ("a\x1b[2Jb", None, None),
        ("on what?", mark(4), None),
        ("", None, "because"),
    ):
        with pytest.raises(StoreError):
            comments.add(store, OTHER, made.number, text, landmark, reason)


def test_proposals_are_found_by_state_author_words_and_what_is_unreviewed(store: Store) -> None:
    one = proposed(store, {3: 1.0}, title="Jaw a little 100% better")
    two = proposed(store, {30: 1.0}, author=OTHER, title="Nose_tip")
    three = proposals.create(store, OTHER, edits(store, {8: 1.0}), "Chin")

    def found(**asked: object) -> list[int]:
        query = Query(**asked)  # type: ignore[arg-type]
        numbers = listing.numbers(store.db, query)
        assert listing.some(store.db, numbers) == listing.proposals(store.db, query)
        assert listing.count(store.db, query) == len(numbers)
        return numbers

    assert found() == [three.number, two.number, one.number]
    assert found(states=("proposed",)) == [two.number, one.number]
    assert found(author=OTHER) == [three.number, two.number]
    assert found(words="100%") == [one.number]
    assert found(words="e_t") == [two.number]
    assert found(words=newest(store).landmarks[8].name) == [three.number]
    assert found(words=mark(30)) == [two.number]
    many = proposed(store, dict.fromkeys(range(60), 1.0), title="Everything")
    assert found(words=NAME, author=OTHER) == [three.number, two.number]
    assert found(words=NAME) == [many.number, three.number, two.number, one.number]
    proposals.withdraw(store, ARTIST, many.number)
    assert found(words="right jaw", states=("withdrawn",)) == [many.number]
    assert found(topology="dense-520") == []
    reviews.review(store, CURATOR, one.number, [mark(3)], "approved")
    assert found(unreviewed=True) == [two.number]
    assert listing.next_unreviewed(store.db, two.number) is None
    assert listing.next_unreviewed(store.db, one.number) == two.number
    assert listing.count(store.db, Query(topology=NAME)) == 4
    assert listing.some(store.db, [two.number, 99, one.number])[1].number == one.number


def test_edits_of_another_base_are_refused(store: Store) -> None:
    base = newest(store)
    from dataclasses import replace

    from app.curate.changes import difference
    from tests.unit.small_curation import moved

    strange = replace(base, version=77)
    with pytest.raises(StoreError, match="no release that is ibug-68, version 77"):
        proposals.create(store, ARTIST, difference(strange, moved(strange, {1: 1.0})), "Jaw")


def test_a_quick_reason_is_told_in_full(store: Store) -> None:
    made = proposed(store, {3: 1.0})
    reviews.reject(store, CURATOR, made.number, "uneven")
    assert list(entries(store.db, made.number))[-1].detail["reason"] == REASONS["uneven"]


def test_what_others_write_is_noticed(store: Store, tmp_path: Path) -> None:
    before = store.written_elsewhere()
    proposed(store, {3: 1.0})
    assert store.written_elsewhere() == before
    with Store(tmp_path / "own.store") as second:
        proposed(second, {4: 1.0})
    assert store.written_elsewhere() != before


def test_an_action_that_fails_half_way_leaves_nothing(store: Store) -> None:
    before = store.db.rows("SELECT count(*) FROM audit")
    with pytest.raises(RuntimeError), store.action("Nobody yet"):
        proposals.create(store, ARTIST, edits(store, {1: 1.0}), "Jaw")
        raise RuntimeError
    assert store.db.rows("SELECT count(*) FROM audit") == before
    assert listing.proposals(store.db) == []


def test_files_that_are_no_stores_are_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.store"
    text.write_text("no database at all, but long enough to be looked at as one " * 20)
    with pytest.raises(StoreError, match="no store"):
        Store(text)
    other = tmp_path / "other.store"
    with sqlite3.connect(other) as foreign:
        foreign.execute("CREATE TABLE mine (x)")
    foreign.close()
    with pytest.raises(StoreError, match="no store of topologies"):
        Store(other)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path / "text.store" / "below")
    assert text.read_text().startswith("no database")


def test_a_store_of_an_older_program_is_brought_up_to_date_and_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "own.store"
    with opened(path) as store:
        number = proposed(store, {1: 1.0}).number
    newer = (
        *MIGRATIONS,
        "CREATE TABLE label (text TEXT); ALTER TABLE person ADD COLUMN mail TEXT;",
    )
    database.Database(path, newer).close()
    with pytest.raises(StoreError, match="newer program"):
        Store(path)
    aside = tmp_path / "own.store.v1.bak"
    with Store(aside) as old:
        assert proposals.proposal(old.db, number).state == "proposed"


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "own.store"
    with opened(path) as store:
        number = proposed(store, {1: 1.0}).number
    broken = (*MIGRATIONS, "CREATE TABLE label (text TEXT); DROP TABLE nothing_of_that_name;")
    with pytest.raises(StoreError, match="no such table"):
        Database(path, broken)
    with Store(path) as store:
        assert proposals.proposal(store.db, number).state == "proposed"


def test_history_cannot_be_changed_and_missing_triggers_are_found(tmp_path: Path) -> None:
    path = tmp_path / "own.store"
    with opened(path) as store:
        proposed(store, {1: 1.0})
        for sql in ("DELETE FROM audit", "UPDATE release SET number = 9", "DELETE FROM content"):
            with pytest.raises(AlteredError, match="history"), store.db.transaction():
                store.db.run(sql)
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TRIGGER audit_no_delete")
    raw.close()
    with pytest.raises(AlteredError, match="audit_no_delete"):
        Store(path)
