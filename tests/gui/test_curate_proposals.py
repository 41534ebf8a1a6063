"""The panel Proposals: found by state, author, topology and words, read as they come into sight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.curate import comments, listing, proposal_file, proposals, reviews
from app.curate.listing import Query
from app.curate.store import Store
from tests.gui.small_store import asked, heard, made_session, until
from tests.unit.small_curation import ARTIST, CURATOR, OTHER, edits, mark, opened, proposed
from widgets import theme
from widgets.curate.proposal_list import PAGE, ProposalModel
from widgets.curate.proposals_panel import ProposalsPanel
from widgets.curate.session import CurateSession
from widgets.curate.words import ago, counted

MANY = 300


def fill(store: Store) -> None:
    """Three of Ana's, one of Bo's; one is reviewed in part, one withdrawn, one a draft."""
    first = proposed(store, {30: 1.0, 8: 0.5}, title="Nose tip on the tip")
    reviews.review(store, CURATOR, first.number, [mark(30)], "approved")
    proposals.withdraw(store, ARTIST, proposed(store, {3: 1.0}, title="Jaw 100%").number)
    proposals.create(store, ARTIST, edits(store, {40: 0.8}), "Eye corners")
    proposed(store, {50: 1.0}, author=OTHER, title="Lips")


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[CurateSession]:
    theme.apply(qapp)
    with made_session(qapp, tmp_path / "own.store", fill) as session:
        yield session


@pytest.fixture
def panel(session: CurateSession) -> Iterator[ProposalsPanel]:
    panel = ProposalsPanel(session)
    panel.resize(360, 600)
    panel.show()
    until(lambda: panel.model.rowCount())
    yield panel
    panel.close()
    panel.deleteLater()


def titles(panel: ProposalsPanel) -> list[str]:
    rows = range(panel.model.rowCount())
    until(lambda: all(panel.model.proposal(row) for row in rows))
    return [found.title for row in rows if (found := panel.model.proposal(row)) is not None]


def menu_words(panel: ProposalsPanel) -> list[str]:
    return [action.text() for action in panel.menu().actions() if not action.isSeparator()]


def choose(panel: ProposalsPanel, number: int) -> None:
    panel.choose(number)
    until(lambda: panel.chosen is not None and panel.chosen.number == number)


def test_everything_is_listed_changed_last_first(panel: ProposalsPanel) -> None:
    assert titles(panel) == ["Lips", "Eye corners", "Jaw 100%", "Nose tip on the tip"]
    assert panel.count.text() == "4 proposals"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(("draft",)), ["Eye corners"]),
        (Query(unreviewed=True), ["Lips", "Nose tip on the tip"]),
        (Query(author=OTHER), ["Lips"]),
        (Query(words="nose TIP"), ["Nose tip on the tip"]),
        (Query(words="100%"), ["Jaw 100%"]),
        (Query(words="ibug-68:40"), ["Eye corners"]),
        (Query(("withdrawn",), "ibug-68", ARTIST), ["Jaw 100%"]),
    ],
)
def test_filters_find_what_the_store_finds(
    session: CurateSession, panel: ProposalsPanel, query: Query, found: list[str]
) -> None:
    panel.show_query(query)
    until(lambda: panel.model.rowCount() == len(found))
    assert titles(panel) == found
    assert [p.title for p in asked(session, lambda s: listing.proposals(s.db, query))] == found
    assert panel.count.text() == f"{len(found)} of 4 proposals"


def test_words_are_found_as_they_are_typed_and_nothing_found_is_said(
    panel: ProposalsPanel,
) -> None:
    QTest.keyClicks(panel.words, "lips")
    until(lambda: panel.model.rowCount() == 1)
    assert titles(panel) == ["Lips"]
    QTest.keyClicks(panel.words, "zzz")
    until(lambda: panel.model.rowCount() == 0)
    assert panel.empty.isVisible() and "No proposal matches" in panel.empty.text()
    panel.words.clear()
    until(lambda: panel.model.rowCount() == 4)
    assert panel.list.isVisible()


def test_an_empty_store_says_how_proposals_come_about(qapp: QApplication, tmp_path: Path) -> None:
    with made_session(qapp, tmp_path / "own.store") as session:
        panel = ProposalsPanel(session)
        panel.show()
        until(lambda: panel.empty.isVisible())
        assert "No proposals yet" in panel.empty.text()
        assert not panel.review_button.isEnabled()
        panel.close()
        panel.deleteLater()


def test_enter_asks_for_a_review_of_the_chosen_one(panel: ProposalsPanel) -> None:
    asked_for: list[int] = []
    panel.review_asked.connect(asked_for.append)
    choose(panel, 1)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    panel.review_button.click()
    assert asked_for == [1, 1]


def test_the_choice_stays_when_others_write(session: CurateSession, panel: ProposalsPanel) -> None:
    choose(panel, 2)
    with opened(session.path) as store:
        comments.add(store, OTHER, 2, "Look again.")
        proposed(store, {12: 0.7}, author=OTHER, title="Brow")
    session.refresh()
    until(lambda: panel.model.rowCount() == 5)
    assert titles(panel)[:2] == ["Brow", "Jaw 100%"]
    assert panel.chosen is not None and panel.chosen.number == 2


def test_a_proposal_that_filters_hide_is_brought_into_sight(panel: ProposalsPanel) -> None:
    panel.show_query(Query(author=OTHER))
    until(lambda: panel.model.rowCount() == 1)
    choose(panel, 3)
    assert panel.model.rowCount() == 4 and panel.authors.currentIndex() == 0


def test_the_menu_offers_what_state_and_role_allow(
    session: CurateSession, panel: ProposalsPanel
) -> None:
    choose(panel, 3)
    assert "Propose" not in menu_words(panel)
    session.set_person(ARTIST)
    assert {"Edit", "Propose", "Withdraw"} <= set(menu_words(panel))
    choose(panel, 2)
    assert "Reopen as draft" in menu_words(panel)
    choose(panel, 4)
    assert menu_words(panel) == ["Review", "Open in the editor", "Send as file…", "Import files…"]


def test_a_menu_entry_changes_the_store_and_the_list(
    session: CurateSession, panel: ProposalsPanel
) -> None:
    session.set_person(ARTIST)
    choose(panel, 3)
    next(a for a in panel.menu().actions() if a.text() == "Propose").trigger()
    until(lambda: panel.chosen is not None and panel.chosen.state == "proposed")
    assert asked(session, lambda s: proposals.proposal(s.db, 3)).state == "proposed"
    assert heard(session) == [("info", "#3 “Eye corners” is proposed now.")]


def test_what_was_sent_is_taken_in_elsewhere_and_what_is_no_proposal_refused(
    qapp: QApplication, session: CurateSession, panel: ProposalsPanel, tmp_path: Path
) -> None:
    path = tmp_path / "lips.proposal"
    asked(session, lambda store: proposal_file.send(store.db, 4, path))
    with made_session(qapp, tmp_path / "other.store") as other:
        there = ProposalsPanel(other)
        there.show()
        there.take_in(path)
        until(lambda: there.model.rowCount() == 1)
        assert titles(there) == ["Lips"]
        (tmp_path / "bad.proposal").write_text('{"format": "something"}')
        there.take_in(tmp_path / "bad.proposal")
        until(lambda: len(heard(other)) == 2)
        assert heard(other)[1][0] == "error" and "is no proposal" in heard(other)[1][1]
        there.close()
        there.deleteLater()


def test_rows_are_read_a_page_at_a_time_and_only_when_they_are_seen(qapp: QApplication) -> None:
    model = ProposalModel()
    wanted: list[list[int]] = []
    model.wanted.connect(wanted.append)
    model.set_numbers(range(MANY, 0, -1))
    assert model.rowCount() == MANY and not wanted
    model.proposal(0)
    model.proposal(1)
    until(lambda: wanted)
    assert wanted == [list(range(MANY, MANY - PAGE, -1))]
    model.proposal(2 * PAGE + 5)
    until(lambda: len(wanted) == 2)
    assert wanted[1] == list(range(MANY - 2 * PAGE, MANY - 3 * PAGE, -1))
    model.proposal(3)
    qapp.processEvents()
    assert len(wanted) == 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "just now"), (90, "2 min ago"), (7200, "2 h ago"), (3 * 86400, "3 d ago")],
)
def test_ages_are_short(seconds: float, words: str) -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert ago((now - timedelta(seconds=seconds)).isoformat(), now) == words


def test_old_times_are_days_and_no_time_is_nothing() -> None:
    now = datetime(2026, 3, 4, tzinfo=UTC)
    assert ago("2025-12-01T10:00:00+00:00", now) == "1 Dec 2025"
    assert ago("", now) == ""
    assert counted(1, "edit") == "1 edit" and counted(12345, "edit") == "12\u2009345 edits"
