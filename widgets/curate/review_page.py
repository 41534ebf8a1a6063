"""How the panel Review is laid out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.curate.overview import Overview
from app.curate.reasons import REASONS
from widgets.curate.comparison import CompareBar, Comparer
from widgets.curate.effect_section import EffectSection
from widgets.curate.model_effect_section import ModelEffectSection
from widgets.curate.review_detail import EditDetail
from widgets.curate.review_list import ReviewList
from widgets.curate.review_table import ReviewModel
from widgets.curate.review_talk import Talk
from widgets.curate.words import STATE_TINTS, STATE_WORDS, ago, counted
from widgets.fields.form import Panel
from widgets.small import icon_button
from widgets.theme import COLORS

EMPTY = (
    "No proposal is under review.\n\nChoose one in Proposals and press Review, or go to the next "
    "one that waits."
)


class EmptyPage(QWidget):
    """Says how a review begins."""

    def __init__(self) -> None:
        super().__init__()
        words = QLabel(EMPTY, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        words.setProperty("role", "muted")
        self.next = QPushButton("Next unreviewed proposal")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(words)
        column.addWidget(self.next, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)


class ReviewPage(QWidget):
    """A proposal: what it is, its changes, verdicts, details, comments, effect, and the end."""

    def __init__(self, model: ReviewModel, comparer: Comparer) -> None:
        super().__init__()
        self.title = QLabel(wordWrap=True)
        self.title.setProperty("role", "heading")
        self.close_button = icon_button("close", "Close the review", lambda: None)
        self.about, self.closed, self.problem = (QLabel(wordWrap=True) for _ in range(3))
        self.about.setProperty("role", "muted")
        self.closed.setProperty("role", "warning")
        self.problem.setProperty("role", "error")
        self.bar = CompareBar(comparer)
        self.table = ReviewList(model)
        self.progress = QLabel()
        self.progress.setProperty("role", "muted")
        self.previous = icon_button("chevron-left", "Previous unreviewed change ([)", lambda: None)
        self.next = icon_button("chevron-right", "Next unreviewed change (])", lambda: None)
        self.take_back = icon_button("undo", "Take the verdict back", lambda: None)
        self.reject = QToolButton()
        self.reject.setObjectName("rejectButton")
        self.reject.setText("Reject")
        self.reject.setToolTip("Reject the chosen changes, by a reason")
        self.reject.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.approve = QPushButton("Approve")
        self.approve.setToolTip("Approve the chosen changes (Ctrl+Enter)")
        self.detail, self.talk, self.effect = EditDetail(), Talk(), EffectSection()
        self.model_effect = ModelEffectSection()
        self.reject_all = QPushButton("Reject all…")
        self.reject_all.setToolTip("Send all of it back to its author, with the reason")
        self.release = QPushButton("Release…")
        self.release.setProperty("primary", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._head())
        column.addWidget(self._parts(), 1)
        column.addLayout(self._foot())

    def set_reasons(self, menu: QMenu) -> None:
        self.reject.setMenu(menu)

    def show_words(self, seen: Overview) -> None:
        """Title, state, author, base, and why it cannot be decided."""
        found = seen.proposal
        self.title.setText(found.title)
        tint = COLORS[STATE_TINTS[found.state]]
        state = f'<span style="color: {tint}">{STATE_WORDS[found.state]}</span>'
        became = f" in release {found.released}" if found.released else ""
        base = f"{found.topology} {found.base}"
        older = f" (newest is {seen.newest})" if seen.newest != found.base else ""
        self.about.setText(
            f"#{found.number} · {state}{became} · by {html(found.author)} on {base}{older} · "
            f"{ago(found.changed)}"
        )
        closed = f"{seen.closed[:1].upper()}{seen.closed[1:]}." if seen.closed else ""
        if found.state == "rejected" and seen.sent_back is not None:
            closed = f"Sent back by {seen.sent_back.by}: {seen.sent_back.reason}"
        elif found.state != "proposed":
            closed = ""
        self.closed.setText(closed)
        self.closed.setVisible(bool(closed))
        self.problem.setText(f"Cannot be approved as it is: {seen.problem}" if seen.problem else "")
        self.problem.setVisible(bool(seen.problem))

    def show_progress(self, counts: tuple[int, int, int], conflicts: int) -> None:
        approved, rejected, left = counts
        self.progress.setText(f"{left} of {sum(counts)} left" if left else "All reviewed")
        self.progress.setToolTip(f"{approved} approved, {rejected} rejected, {left} not reviewed")
        self.release.setText("Approve rest and release…" if left else "Release…")
        self.release.setToolTip(
            f"{counted(conflicts, 'conflict')} to be settled first"
            if conflicts
            else "Make the next release of it"
        )

    def _head(self) -> QVBoxLayout:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.title, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setContentsMargins(12, 8, 8, 0)
        column.setSpacing(4)
        column.addLayout(top)
        for widget in (self.about, self.closed, self.problem, self.bar):
            column.addWidget(widget)
        return column

    def _parts(self) -> QSplitter:
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(8, 0, 8, 4)
        column.setSpacing(6)
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.progress, 1)
        for widget in (self.previous, self.next, self.take_back, self.reject, self.approve):
            row.addWidget(widget)
        column.addLayout(row)
        below = Panel()
        for section in (self.detail, self.talk, self.effect, self.model_effect):
            below.add(section)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(upper)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        return splitter

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 8)
        row.setSpacing(4)
        row.addWidget(self.reject_all)
        row.addStretch(1)
        row.addWidget(self.release)
        return row


def reasons_menu(parent: QWidget) -> QMenu:
    """Quick reasons; each action's data is its word, the last one's is empty."""
    menu = QMenu(parent)
    for word, sentence in REASONS.items():
        menu.addAction(sentence).setData(word)
    menu.addSeparator()
    menu.addAction("Another reason…").setData("")
    return menu


def html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
