"""Before anything is open: the topologies, and edits that an earlier run has left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.curate.records import Release
from app.curate.recovery import Recovered
from widgets.curate.session import CurateSession

TITLES = {
    "ibug-68": ("iBUG 68", "The points of the iBUG and 300-W sets"),
    "dense-243": ("Dense 243", "The whole face, coarse"),
    "dense-520": ("Dense 520", "The whole face, by triangulation"),
    "dense-1001": ("Dense 1001", "The whole face, fine"),
}
_COLUMNS = 2


class Welcome(QWidget):
    """Signals
    -------
    chosen : str
        A topology whose newest release is to be edited.
    resumed, discarded : Recovered
    back_asked
        Go on with what is open.
    """

    chosen = Signal(str)
    resumed = Signal(object)
    discarded = Signal(object)
    back_asked = Signal()

    def __init__(self, session: CurateSession) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel("Which topology?", alignment=Qt.AlignmentFlag.AlignCenter)
        title.setProperty("role", "title")
        self.words = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.words.setProperty("role", "muted")
        self.grid = QGridLayout()
        self.grid.setSpacing(8)
        self.left = QVBoxLayout()
        self.left.setSpacing(4)
        self.back = QPushButton("Back to the head")
        self.back.clicked.connect(self.back_asked)
        inner = QWidget()
        inner.setObjectName("welcome")
        inner.setMaximumWidth(640)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(title)
        column.addWidget(self.words)
        column.addLayout(self.left)
        column.addLayout(self.grid)
        column.addWidget(self.back, alignment=Qt.AlignmentFlag.AlignCenter)
        column.addStretch(2)
        holder = QWidget()
        holder.setObjectName("welcome")
        across = QHBoxLayout(holder)
        across.addStretch(1)
        across.addWidget(inner, 4)
        across.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("welcome")
        scroll.setWidgetResizable(True)
        scroll.setWidget(holder)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        session.store_changed.connect(self.refresh)
        session.opened.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        _empty(self.grid)
        for k, release in enumerate(self._session.known.newest):
            self.grid.addWidget(self._card(release), k // _COLUMNS, k % _COLUMNS)
        known = self._session.known.newest
        self.words.setText(
            "Your edits start from its newest release, and become the next one when a curator "
            "approves them."
            if known
            else "Reading the store …"
        )
        self.back.setVisible(self._session.document is not None)

    def show_left(self, left: Sequence[Recovered]) -> None:
        """Offer what earlier runs have left unsaved."""
        _empty(self.left)
        for one in left:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            name = one.draft.title or one.draft.base.name
            words = QLabel(f"Unsaved edits of {name}, {one.draft.saved[:16].replace('T', ' ')} UTC")
            words.setProperty("role", "warning")
            resume = QPushButton("Go on with them")
            resume.setProperty("primary", True)
            resume.clicked.connect(partial(self.resumed.emit, one))
            drop = QPushButton("Discard")
            drop.clicked.connect(partial(self.discarded.emit, one))
            line.addWidget(words, 1)
            line.addWidget(resume)
            line.addWidget(drop)
            self.left.addWidget(row)

    def _card(self, release: Release) -> QPushButton:
        name = release.topology
        title, words = TITLES.get(name, (name, "A topology of your own"))
        card = _Card()
        card.setAccessibleName(f"Edit {title}")
        card.clicked.connect(partial(self.chosen.emit, name))
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 10, 16, 10)
        column.setSpacing(2)
        for text, role in (
            (title, "heading"),
            (words, "muted"),
            (f"Release {release.number}, by {release.record.by}", "muted"),
        ):
            label = QLabel(text)
            label.setProperty("role", role)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        return card


class _Card(QPushButton):
    """A button as high as the words that are laid out in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        inside = self.layout()
        return inside.sizeHint() if inside is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def _empty(layout: QGridLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
