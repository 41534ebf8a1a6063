"""The panel Review: one proposal, its changes decided one by one or all at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from app.curate.overview import ReviewedEdit
from app.curate.records import Verdict
from widgets.curate.comparison import Comparer
from widgets.curate.heads import Measured, measure
from widgets.curate.listed_job import listed_job
from widgets.curate.model_effect import shipped_heads
from widgets.curate.review_desk import ReviewDesk
from widgets.curate.review_dialogs import ReasonDialog, ReleaseDialog
from widgets.curate.review_page import EmptyPage, ReviewPage, reasons_menu
from widgets.curate.session import CurateSession

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

ACCEPTED = QDialog.DialogCode.Accepted


class ReviewPanel(QWidget):
    """Signals
    -------
    wanted
        A review was asked for: the panel is to be seen.
    """

    wanted = Signal()

    def __init__(
        self, session: CurateSession, comparer: Comparer, window: MainWindow | None = None
    ) -> None:
        super().__init__()
        self.session, self.comparer = session, comparer
        self.desk = ReviewDesk(session)
        self._window = window
        self._following = self._held = False
        self.setMinimumWidth(340)
        self.empty = EmptyPage()
        self.page = ReviewPage(self.desk.model, comparer)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self._connect()
        self._refresh()

    def _connect(self) -> None:
        page, desk = self.page, self.desk
        menu = reasons_menu(self)
        menu.triggered.connect(self._reject_by)
        page.set_reasons(menu)
        for button, call in (
            (self.empty.next, desk.next_proposal),
            (page.close_button, self.leave),
            (page.previous, self.previous),
            (page.next, self.next),
            (page.take_back, self.take_back),
            (page.approve, self.approve),
            (page.reject_all, self.ask_reject_all),
            (page.release, self.ask_release),
        ):
            button.clicked.connect(partial(_call, call))
        chosen = page.table.selectionModel()
        chosen.currentRowChanged.connect(lambda *_: self._show_edit())
        chosen.selectionChanged.connect(lambda *_: self._select())
        page.detail.settled.connect(self.settle)
        page.detail.other_asked.connect(self.review)
        page.talk.said.connect(self.comment)
        page.talk.landmark_asked.connect(self.choose)
        page.effect.heads_asked.connect(self.measure_heads)
        page.model_effect.jobs = self.session.jobs
        page.model_effect.landmark_asked.connect(self.choose)
        if (window := self._window) is not None:
            page.model_effect.heads = lambda r: shipped_heads(window.blender.client)(r)
        desk.shown.connect(self._show)
        desk.decided.connect(self._refresh)
        desk.asked.connect(lambda _: self.wanted.emit())
        self.session.selection_changed.connect(self._follow_selection)
        self.session.opened.connect(self._opened)
        self.comparer.changed.connect(self._comparison_left)

    # What is under review

    def review(self, number: int) -> None:
        """Look at a proposal."""
        self.desk.review(number)

    def leave(self) -> None:
        """Show the topology under edit again."""
        self.desk.leave()

    def hold(self) -> None:
        """The document that is opened next does not end the review."""
        self._held = True

    def _opened(self) -> None:
        """What is shown over the head is given up right after this."""
        if self._held:
            QTimer.singleShot(0, self, self._let_go)

    def _let_go(self) -> None:
        self._held = False

    def _show(self, other: bool) -> None:
        """The proposal was read; ``other`` is another one than before."""
        seen = self.desk.seen
        if seen is None:
            self.comparer.leave()
            self.page.model_effect.show_change(None)
        else:
            found = seen.proposal
            change = seen.base, seen.after, f"#{found.number}"
            self.page.model_effect.show_change(change)
            self.page.show_words(seen)
            marked = [edit.landmark for edit in seen.conflicts]
            self.comparer.compare(seen.base, seen.after, f"#{found.number} {found.title}", marked)
            if other:
                self.page.effect.show_measures(seen.measured)
                self.page.table.scrollToTop()
                self._go(self.desk.model.unreviewed(-1) or 0)
        self._refresh()

    def _refresh(self) -> None:
        seen, desk, page = self.desk.seen, self.desk, self.page
        self.stack.setCurrentIndex(0 if seen is None else 1)
        page.show_progress(desk.model.counts(), len(seen.conflicts) if seen is not None else 0)
        for button in (page.approve, page.reject, page.reject_all, page.take_back):
            button.setEnabled(desk.open)
        page.release.setEnabled(desk.can_release)
        self._show_edit()

    def _show_edit(self) -> None:
        edit = self.current
        self.page.detail.show_edit(self.desk.seen, edit)
        self.page.talk.show_comments(self.desk.seen, edit)

    def _comparison_left(self) -> None:
        """The topology under edit was asked for."""
        if self.comparer.comparison is None:
            if self._held:
                self._show(False)
            else:
                self.desk.leave()

    # Choosing

    @property
    def current(self) -> ReviewedEdit | None:
        """The edit that is looked at."""
        return self.desk.model.edit(self.page.table.currentIndex().row())

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the edits that a verdict is about."""
        rows = sorted(index.row() for index in self.page.table.selectionModel().selectedRows())
        found = (self.desk.model.edit(row) for row in rows)
        return tuple(edit.landmark for edit in found if edit is not None)

    def choose(self, landmark: str) -> None:
        """Go to a landmark's edit."""
        row = self.desk.model.row_of(landmark)
        if row >= 0:
            self._go(row)

    def next(self) -> None:
        """Go to the next edit that is not reviewed."""
        self._step(back=False)

    def previous(self) -> None:
        self._step(back=True)

    def _step(self, *, back: bool) -> None:
        row = self.desk.model.unreviewed(self.page.table.currentIndex().row(), back)
        if row is None:
            self.session.said.emit("info", "Every change of this proposal is reviewed.")
        else:
            self._go(row)

    def _go(self, row: int) -> None:
        index = self.desk.model.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        chosen = self.page.table.selectionModel()
        chosen.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.page.table.scrollTo(index)

    def _select(self) -> None:
        """The table's choice becomes the session's."""
        if not self._following and self.desk.seen is not None:
            self._following = True
            edit = self.current
            self.session.select(self.chosen, edit.landmark if edit else None)
            self._following = False

    def _follow_selection(self) -> None:
        """A point was chosen over the head."""
        current = self.session.current
        if self._following or self.desk.seen is None or current is None:
            return
        row = self.desk.model.row_of(current)
        if row >= 0 and row != self.page.table.currentIndex().row():
            self._following = True
            self._go(row)
            self._following = False

    # Deciding

    def approve(self) -> None:
        self._decide("approved", "")

    def reject(self, reason: str) -> None:
        """Reject the chosen changes, by the word of a quick reason or by any words."""
        self._decide("rejected", reason)

    def take_back(self) -> None:
        self._decide(None, "")

    def _decide(self, verdict: Verdict | None, reason: str) -> None:
        keys = self.chosen
        if self.desk.decide(keys, verdict, reason) and verdict is not None and len(keys) == 1:
            row = self.desk.model.unreviewed(self.page.table.currentIndex().row())
            if row is not None:
                self._go(row)

    def _reject_by(self, action: QAction) -> None:
        if action.data():
            self.reject(action.data())
        else:
            self.ask_reject()

    def ask_reject(self) -> None:
        """Ask why, then reject the chosen changes."""
        keys = self.chosen
        edit = self.current
        if not keys or edit is None or not self.desk.open:
            return
        what = f"Reject {edit.name!r}" if len(keys) == 1 else f"Reject {len(keys)} changes"
        dialog = ReasonDialog(what, self)
        if dialog.exec() == ACCEPTED:
            self.reject(dialog.reason)

    def ask_reject_all(self) -> None:
        """Ask why, then send the proposal back."""
        seen = self.desk.seen
        if seen is None or not self.desk.open:
            return
        found = seen.proposal
        dialog = ReasonDialog(f"Send #{found.number} back to {found.author}", self)
        if dialog.exec() == ACCEPTED:
            self.desk.reject_all(dialog.reason)

    def ask_release(self) -> None:
        """Show what will be in it, then release."""
        seen = self.desk.seen
        if seen is None or not self.desk.can_release:
            return
        counts = self.desk.model.counts()
        dialog = ReleaseDialog(seen.proposal.topology, seen.newest + 1, counts, self)
        if dialog.exec() == ACCEPTED:
            self.desk.release(dialog.note.text())

    def settle(self, choice: str) -> None:
        """Decide the conflict about the edit that is looked at."""
        if self.current is not None:
            self.desk.settle(self.current, choice)

    def comment(self, text: str, reason: str | None) -> None:
        """Say something about the proposal, or about the landmark that is looked at."""
        talk = self.page.talk
        self.desk.comment(text, reason, talk.pinned, lambda _: talk.sent() if text else None)

    # The effect

    def measure_heads(self) -> None:
        """Measure on every head that has a placement, as a job."""
        seen, window = self.desk.seen, self._window
        if seen is None or window is None:
            return
        self.page.effect.measuring(True)
        task = measure(
            seen.base,
            seen.after,
            window.blender.client,
            window.studio.loader.asset,
            window.recent.paths,
        )
        title = f"Effect of #{seen.proposal.number} on heads"
        deliver = partial(self._measured, seen.proposal.number)
        listed_job(self, self.session.jobs, title, task, deliver)

    def _measured(self, number: int, found: Measured | None) -> None:
        self.page.effect.measuring(False)
        if found is not None and self.desk.number == number:
            self.page.effect.show_heads(*found)

    # Commands

    def call(self, name: str) -> None:
        """Do what a command of `review_commands` says."""
        calls: dict[str, Callable[[], object]] = {
            "next": self.next,
            "previous": self.previous,
            "next_proposal": self.desk.next_proposal,
            "approve": self.approve,
            "reject": self.ask_reject,
            "take_back": self.take_back,
            "flip": self.comparer.flip,
            "blink": lambda: self.comparer.blink(not self.comparer.blinks),
            "swipe": lambda: self.comparer.set_side("swipe"),
            "release": self.ask_release,
            "leave": self.leave,
        }
        calls[name]()


def _call(call: Callable[[], object], _: bool = False) -> None:
    call()
