"""Two states of a topology over the head: before and after, swiped, blinking, with arrows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.topology.topology import Topology
from widgets.curate.session import CurateSession
from widgets.curate.shown import Comparison, Side
from widgets.fields.form import Segments, Toggle

BLINK_MS: Final = 500
SIDES: Final[tuple[tuple[Side, str, str], ...]] = (
    ("before", "Before", "What it was made on"),
    ("after", "After", "With all changes"),
    ("swipe", "Swipe", "Before to the left of the line, after to the right; drag the line"),
)


class Comparer(QObject):
    """Keeps what is compared in `CurateSession.shown`, and how it is looked at.

    Signals
    -------
    changed
        Another side, blinking, arrows, or nothing is compared any more.
    """

    changed = Signal()

    def __init__(self, session: CurateSession) -> None:
        super().__init__(session)
        self._session = session
        self._look = Comparison(_NOTHING, _NOTHING)
        self._mine: Comparison | None = None
        self._blinking = QTimer(self, interval=BLINK_MS)
        self._blinking.timeout.connect(self.flip)
        session.shown_changed.connect(self._follow)

    @property
    def comparison(self) -> Comparison | None:
        """What is compared; None where the topology under edit is shown."""
        return self._mine

    @property
    def side(self) -> Side:
        return self._look.side

    @property
    def arrows(self) -> bool:
        return self._look.arrows

    @property
    def blinks(self) -> bool:
        return self._blinking.isActive()

    def compare(
        self, before: Topology, after: Topology, title: str, marked: Collection[str] = ()
    ) -> None:
        """Show two states in the way in which the last two were looked at."""
        self._show(
            replace(self._look, before=before, after=after, title=title, marked=frozenset(marked))
        )

    def leave(self) -> None:
        """Show the topology under edit again."""
        if self._mine is not None:
            self._mine = None
            self._blinking.stop()
            self._session.show(None)
            self.changed.emit()

    def set_side(self, side: Side) -> None:
        self._blinking.stop()
        self._change(replace(self._look, side=side))

    def set_split(self, split: float) -> None:
        """Where the line of the swipe stands, 0 to 1."""
        self._change(replace(self._look, split=min(max(split, 0.0), 1.0)))

    def set_arrows(self, on: bool) -> None:
        self._change(replace(self._look, arrows=on))

    def flip(self) -> None:
        """The other side of before and after, at once."""
        self._change(replace(self._look, side="before" if self.side != "before" else "after"))

    def blink(self, on: bool) -> None:
        """Change sides twice a second, or stop at what is after."""
        if on:
            self._blinking.start()
            self.flip()
        else:
            self._blinking.stop()
            self._change(replace(self._look, side="after"))

    def _change(self, look: Comparison) -> None:
        self._look = look
        if self._mine is not None:
            self._show(look)
        else:
            self.changed.emit()

    def _show(self, comparison: Comparison) -> None:
        self._look = self._mine = comparison
        self._session.show(comparison)
        self.changed.emit()

    def _follow(self) -> None:
        """Somebody else shows something; or moved the line of the swipe."""
        shown = self._session.shown
        if shown is None:
            if self._mine is not None:
                self._mine = None
                self._blinking.stop()
                self.changed.emit()
        elif self._mine is not None and shown != self._mine:
            same = (shown.before, shown.after) == (self._mine.before, self._mine.after)
            self._look = shown
            self._mine = shown if same else None
            self.changed.emit()


class CompareBar(QWidget):
    """How two states are looked at."""

    def __init__(self, comparer: Comparer) -> None:
        super().__init__()
        self.comparer = comparer
        self.sides = Segments("Compare", SIDES)
        self.sides.chosen.connect(comparer.set_side)
        self.blink = QPushButton("Blink")
        self.blink.setCheckable(True)
        self.blink.setToolTip("Before and after by turns")
        self.blink.clicked.connect(comparer.blink)
        self.arrows = Toggle("Arrows", "From where each landmark was to where it is, with mm")
        self.arrows.edited.connect(comparer.set_arrows)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.sides, 1)
        row.addWidget(self.blink)
        row.addWidget(self.arrows)
        comparer.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """As the comparer is."""
        self.setEnabled(self.comparer.comparison is not None)
        self.sides.set_key(self.comparer.side)
        self.blink.setChecked(self.comparer.blinks)
        self.arrows.setChecked(self.comparer.arrows)


_NOTHING: Final = Topology("", 1, (), (), (), (), "")
