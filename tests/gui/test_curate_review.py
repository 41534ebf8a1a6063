"""The panel Review: verdicts by row and by key, reasons, comments, conflicts, releases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.curate import approving, comments, contents, proposals, releases, reviews
from app.curate.moving import Nudge
from app.curate.overview import overview
from app.curate.reasons import REASONS
from app.curate.store import Store
from tests.gui.small_store import asked, heard, made_session, until
from tests.unit.small_curation import (
    ARTIST,
    CURATOR,
    NAME,
    OTHER,
    mark,
    newest,
    proposed,
    renamed,
)
from widgets import theme
from widgets.curate.comparison import Comparer
from widgets.curate.review import ReviewPanel
from widgets.curate.review_commands import COMMANDS, MENU
from widgets.curate.review_dialogs import ReasonDialog, ReleaseDialog
from widgets.curate.session import CurateSession


def fill(store: Store) -> None:
    """One of four moves by Ana; one of Bo's that moves one of these points otherwise."""
    proposed(store, {30: 1.4, 8: 0.5, 36: 2.2, 48: 0.9}, title="Four points")
    proposed(store, {36: -1.0, 3: 0.8}, author=OTHER, title="Left eye")


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[CurateSession]:
    theme.apply(qapp)
    with made_session(qapp, tmp_path / "own.store", fill) as session:
        yield session


@pytest.fixture
def panel(session: CurateSession) -> Iterator[ReviewPanel]:
    panel = ReviewPanel(session, Comparer(session))
    panel.resize(420, 900)
    panel.show()
    yield panel
    panel.close()
    panel.deleteLater()


def begun(panel: ReviewPanel, number: int = 1) -> ReviewPanel:
    panel.review(number)
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.number == number)
    return panel


def landmarks(panel: ReviewPanel) -> list[str]:
    return [edit.landmark for edit in panel.desk.model.edits]


def verdicts(session: CurateSession, number: int = 1) -> dict[str, str | None]:
    listed = asked(session, lambda s: contents.listed(s.db, number))
    return {edit.landmark: edit.verdict for edit in listed}


def test_without_a_proposal_it_says_how_to_begin(
    panel: ReviewPanel, session: CurateSession
) -> None:
    assert panel.empty.isVisible()
    panel.empty.next.click()
    until(lambda: panel.desk.seen is not None)
    assert panel.page.isVisible() and panel.page.title.text() == "Four points"
    assert "by Ana on ibug-68" in panel.page.about.text()


def test_changes_stand_farthest_moved_first_and_are_compared_over_the_head(
    panel: ReviewPanel, session: CurateSession
) -> None:
    begun(panel)
    distances = [edit.distance for edit in panel.desk.model.edits]
    assert distances == sorted(distances, reverse=True)
    assert landmarks(panel)[0] == mark(36) and panel.current is not None
    assert panel.current.landmark == mark(36)
    shown = session.shown
    assert shown is not None and shown.title == "#1 Four points"
    assert shown.before.landmarks[30] != shown.after.landmarks[30]
    assert session.selection == {mark(36)}
    panel.leave()
    assert session.shown is None and panel.empty.isVisible()


def test_columns_sort_and_the_choice_stays(panel: ReviewPanel) -> None:
    begun(panel).choose(mark(8))
    panel.page.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    names = [edit.name for edit in panel.desk.model.edits]
    assert names == sorted(names, key=str.casefold)
    assert panel.current is not None and panel.current.landmark == mark(8)


def test_verdicts_go_on_to_what_is_left_and_are_kept(
    panel: ReviewPanel, session: CurateSession
) -> None:
    begun(panel)
    order = landmarks(panel)
    panel.approve()
    assert panel.current is not None and panel.current.landmark == order[1]
    panel.reject("mirror")
    panel.previous()
    assert panel.current.landmark == order[3]
    panel.next()
    assert panel.current.landmark == order[2]
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.rejected == 1)
    assert panel.page.progress.text() == "2 of 4 left"
    assert verdicts(session) == {
        order[0]: "approved",
        order[1]: "rejected",
        order[2]: None,
        order[3]: None,
    }
    panel.choose(order[1])
    assert REASONS["mirror"] in panel.page.detail.decided.text()
    assert CURATOR in panel.page.detail.decided.text()
    panel.take_back()
    until(lambda: verdicts(session)[order[1]] is None)


def test_several_rows_are_decided_together(panel: ReviewPanel, session: CurateSession) -> None:
    begun(panel).page.table.selectAll()
    panel.approve()
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.approved == 4)
    assert set(verdicts(session).values()) == {"approved"}
    panel.next()
    assert heard(session)[-1] == ("info", "Every change of this proposal is reviewed.")


def test_a_quick_reason_is_a_click(panel: ReviewPanel, session: CurateSession) -> None:
    begun(panel)
    menu = panel.page.reject.menu()
    assert menu is not None
    first = panel.chosen[0]
    next(a for a in menu.actions() if a.text() == REASONS["anatomy"]).trigger()
    until(lambda: verdicts(session)[first] == "rejected")


def test_the_question_for_a_reason_wants_one(qapp: QApplication) -> None:
    dialog = ReasonDialog("Reject 'nose tip'")
    ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    assert not ok.isEnabled()
    dialog.list.setCurrentRow(1)
    assert dialog.reason == list(REASONS.values())[1] and ok.isEnabled()
    dialog.text.setPlainText("  ")
    assert not ok.isEnabled()
    dialog.deleteLater()


def test_points_chosen_over_the_head_are_found_in_the_table(
    panel: ReviewPanel, session: CurateSession
) -> None:
    begun(panel)
    session.select([mark(48)], mark(48))
    assert panel.current is not None and panel.current.landmark == mark(48)
    session.select([mark(60)], mark(60))
    assert panel.current.landmark == mark(48)


def test_nobody_but_another_curator_decides(panel: ReviewPanel, session: CurateSession) -> None:
    session.set_person(ARTIST)
    begun(panel)
    assert not panel.page.approve.isEnabled() and not panel.page.release.isEnabled()
    assert "only a curator may review" in panel.page.closed.text().casefold()
    panel.approve()
    assert set(verdicts(session).values()) == {None}
    session.set_person(CURATOR)
    until(lambda: panel.desk.open)
    assert panel.page.approve.isEnabled() and not panel.page.closed.isVisible()


def test_comments_are_pinned_to_the_landmark_and_lead_to_it(
    panel: ReviewPanel, session: CurateSession
) -> None:
    begun(panel).choose(mark(8))
    QTest.keyClicks(panel.page.talk.field, "Lower")
    QTest.keyClick(panel.page.talk.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(lambda: panel.page.talk.lines())
    assert panel.page.talk.field.toPlainText() == ""
    (said,) = asked(session, lambda s: comments.of(s.db, 1))
    assert (said.text, said.landmark, said.author) == ("Lower", mark(8), CURATOR)
    panel.choose(mark(36))
    (line,) = panel.page.talk.lines()
    assert line.property("chosen") is False
    line.asked.emit(mark(8))
    assert panel.current is not None and panel.current.landmark == mark(8)
    assert line.property("chosen") is True
    panel.page.talk.pin.click()
    panel.comment("", "needless")
    until(lambda: len(panel.page.talk.lines()) == 2)
    assert asked(session, lambda s: comments.of(s.db, 1))[1].landmark is None


def test_other_proposals_for_the_same_point_are_named_and_reached(panel: ReviewPanel) -> None:
    begun(panel)
    assert "#2" in panel.page.detail.others.text() and OTHER in panel.page.detail.others.text()
    panel.page.detail.other_asked.emit(2)
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.number == 2)
    assert panel.page.title.text() == "Left eye"


@pytest.mark.parametrize("choice", ["keep", "take", "halfway", "here"])
def test_conflicts_are_shown_with_both_places_and_settled(
    panel: ReviewPanel, session: CurateSession, choice: str
) -> None:
    asked(session, lambda s: approving.approve(s, CURATOR, 2).number)
    session.open_release(NAME, 4)
    until(lambda: session.topology is not None)
    begun(panel).choose(mark(36))
    seen, box = panel.desk.seen, panel.page.detail.conflict
    assert seen is not None and session.topology is not None
    assert session.shown is not None and session.shown.marked == {mark(36)}
    assert box.isVisible() and f"Release {seen.newest}" in box.title.text()
    assert not panel.page.release.isEnabled()
    session.do(Nudge((mark(36),), (1.0, 0.0, 0.0), 0.003))
    editors = session.topology.landmarks[36].mean
    panel.settle(choice)
    until(lambda: panel.desk.seen is not None and not panel.desk.seen.conflicts)
    until(lambda: panel.page.release.isEnabled())
    panel.desk.release("settled")
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.state == "approved")
    made = asked(session, newest).landmarks[36].mean
    released = (
        asked(session, lambda s: releases.content(s.db, releases.release(s.db, NAME, seen.newest)))
        .landmarks[36]
        .mean
    )
    own = seen.after.landmarks[36].mean
    wanted = {"keep": released, "take": own, "here": editors}
    if choice == "halfway":
        gaps = [sum((a - b) ** 2 for a, b in zip(made, x, strict=True)) for x in (released, own)]
        assert gaps[0] == pytest.approx(gaps[1], rel=0.1) and min(gaps) > 1e-7
    else:
        assert made == wanted[choice]


def test_a_release_is_made_of_what_is_approved(panel: ReviewPanel, session: CurateSession) -> None:
    begun(panel)
    panel.choose(mark(8))
    panel.reject("not there")
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.rejected == 1)
    before = asked(session, newest)
    panel.desk.release("three of four")
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.state == "approved")
    after = asked(session, newest)
    changed = [
        i for i, (a, b) in enumerate(zip(before.landmarks, after.landmarks, strict=True)) if a != b
    ]
    assert changed == [30, 36, 48]
    assert heard(session)[-1] == ("info", f"{NAME} {after.version} is released with 3 edits.")
    assert not panel.page.approve.isEnabled()


def test_a_whole_proposal_goes_back_with_its_reason(
    panel: ReviewPanel, session: CurateSession
) -> None:
    begun(panel).desk.reject_all("needless")
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.state == "rejected")
    assert REASONS["needless"] in panel.page.closed.text()
    assert asked(session, lambda s: proposals.proposal(s.db, 1)).state == "rejected"


def test_what_the_store_refuses_is_told_and_shown_as_it_is(
    panel: ReviewPanel, session: CurateSession
) -> None:
    begun(panel)
    asked(session, lambda s: reviews.reject(s, CURATOR, 1, "meanwhile"))
    panel.approve()
    until(lambda: heard(session))
    assert heard(session)[-1][0] == "warning" and "is rejected" in heard(session)[-1][1]
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.state == "rejected")
    assert set(verdicts(session).values()) == {None}


def test_an_unsound_draft_says_why(session: CurateSession, panel: ReviewPanel) -> None:
    def make(store: Store) -> int:
        base = newest(store)
        both = renamed(renamed(base, 1, base.landmarks[2].name), 2, base.landmarks[1].name)
        content = proposals.changes.difference(base, both)
        return proposals.create(store, ARTIST, content.only([mark(1)]), "Half").number

    begun(panel, asked(session, make))
    assert panel.page.problem.isVisible() and "two landmarks" in panel.page.problem.text()
    assert not panel.page.release.isEnabled()


def test_the_effect_shows_what_gets_worse(panel: ReviewPanel) -> None:
    begun(panel)
    words = panel.page.effect.table.words()
    assert "Mirror error, worst" in words and "Landmarks" in words
    seen = panel.desk.seen
    assert seen is not None
    before, after = seen.measured
    assert f"{1000 * after.mirror_worst:.2f} mm" in words
    assert after.mirror_worst > before.mirror_worst


def test_commands_do_what_they_say(panel: ReviewPanel, session: CurateSession) -> None:
    assert {name for group in MENU for name in group} == set(COMMANDS)
    begun(panel)
    comparer = panel.comparer
    panel.call("flip")
    assert comparer.side == "before"
    panel.call("swipe")
    assert session.shown is not None and session.shown.side == "swipe"
    panel.call("blink")
    assert comparer.blinks
    panel.call("blink")
    assert not comparer.blinks and comparer.side == "after"
    panel.call("next_proposal")
    until(lambda: panel.desk.seen is not None and panel.desk.seen.proposal.number == 2)
    panel.call("leave")
    assert panel.desk.number is None
    for name in ("next", "approve", "take_back", "reject", "release"):
        panel.call(name)


def test_the_question_before_a_release_counts(qapp: QApplication) -> None:
    dialog = ReleaseDialog(NAME, 5, (2, 1, 3))
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert f"{NAME}, release 5" in words and "5 edits will be in it" in words
    assert "The 3 that are not reviewed yet" in words and "1 edit stays out" in words
    dialog.deleteLater()


def test_an_overview_is_of_one_proposal_and_one_person(session: CurateSession) -> None:
    mine = asked(session, lambda s: overview(s, 1, CURATOR))
    assert not mine.closed and [e.others[0].other for e in mine.edits if e.others] == [2]
    assert asked(session, lambda s: overview(s, 1, ARTIST)).closed
    moves = {e.landmark: (e.before, e.after) for e in mine.edits}
    for key, (before, after) in moves.items():
        place = int(key.rpartition(":")[2])
        assert mine.base.landmarks[place].mean == before
        assert mine.after.landmarks[place].mean == after
