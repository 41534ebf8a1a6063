"""The chosen edit of a proposal: its change, verdict, conflict, and who else changes it."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.curate.overview import Overview, ReviewedEdit
from app.curate.settling import can_be_placed, proposed, released
from widgets.curate.review_table import state_words
from widgets.curate.words import mm, place
from widgets.fields.form import Hint, Section, side_by_side

_SHOWN = 6
"""Other proposals that are named."""


class EditDetail(Section):
    """Signals
    -------
    settled : str
        ``"keep"`` what the release has, ``"take"`` what is proposed, ``"halfway"``, or ``"here"``
        for where the landmark lies in the editor.
    other_asked : int
        Another proposal is to be looked at.
    """

    settled = Signal(str)
    other_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__("Change")
        self.words = QLabel(wordWrap=True)
        self.add(self.words)
        self.facts = _Facts()
        self.add(self.facts)
        self.decided = Hint()
        self.add(self.decided)
        self.conflict = _ConflictBox()
        self.conflict.chosen.connect(self.settled)
        self.add(self.conflict)
        self.others = QLabel(wordWrap=True)
        self.others.linkActivated.connect(lambda number: self.other_asked.emit(int(number)))
        self.others.setProperty("role", "muted")
        self.add(self.others)
        self.show_edit(None, None)

    def show_edit(self, seen: Overview | None, edit: ReviewedEdit | None) -> None:
        """Show one of the proposal's edits; None for none."""
        there = edit is not None
        for widget in (self.facts, self.decided, self.others, self.conflict):
            widget.setVisible(there)
        if edit is None or seen is None:
            self.header.set_title("Change")
            self.words.setText("Choose a change in the table.")
            return
        self.header.set_title(edit.name)
        self.words.setText(edit.words)
        rows = [("Id", edit.landmark)]
        if edit.before is not None:
            rows.append(("Before", place(edit.before)))
        if edit.after is not None:
            rows.append(("After", place(edit.after)))
        self.facts.show_rows(rows)
        said = state_words(edit)
        self.decided.setText(said[:1].upper() + said[1:] + ".")
        self.conflict.show_conflict(seen, edit)
        self.others.setVisible(bool(edit.others))
        links = [
            f'<a href="{other.other}" style="color: palette(link)">#{other.other}</a> of '
            f"{_escaped(other.author)}"
            for other in edit.others[:_SHOWN]
        ]
        more = f" and {len(edit.others) - _SHOWN} more" if len(edit.others) > _SHOWN else ""
        self.others.setText(f"Changed otherwise by proposal {', '.join(links)}{more}.")


class _ConflictBox(QWidget):
    """Both positions of a landmark that a newer release has changed, too, and the ways out."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.title = QLabel(wordWrap=True)
        self.title.setProperty("role", "warning")
        self.facts = _Facts()
        self.keep = _button("Keep the release's", "The newest release stays as it is here")
        self.take = _button("Take the proposed", "The proposal's state goes into the next release")
        self.halfway = _button("Halfway", "On the skin, halfway between the two places")
        self.here = _button(
            "As in the editor", "Where the landmark lies in the topology that is open for editing"
        )
        for button, choice in (
            (self.keep, "keep"),
            (self.take, "take"),
            (self.halfway, "halfway"),
            (self.here, "here"),
        ):
            button.clicked.connect(lambda _=False, choice=choice: self.chosen.emit(choice))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.facts)
        column.addWidget(side_by_side(self.keep, self.take))
        column.addWidget(side_by_side(self.halfway, self.here))

    def show_conflict(self, seen: Overview, edit: ReviewedEdit) -> None:
        conflict = edit.conflict if edit.verdict != "rejected" else None
        self.setVisible(conflict is not None)
        if conflict is None:
            return
        about = {
            "landmark": "has changed this landmark, too",
            "part": "has changed this part, too",
            "name": f"has given this name to {conflict.first.name!r}",
            "mirror": f"has made its partner that of {conflict.first.name!r}",
            "subset": f"has put {conflict.first.name!r} into its place of a subset",
        }[conflict.reason]
        self.title.setText(f"Release {seen.newest} {about}.")
        first, second = released(conflict), proposed(conflict)
        rows = [
            (f"Release {seen.newest}", place(first.mean) if first else "removed or a part"),
            ("Proposed", place(second.mean) if second else "removed or a part"),
        ]
        if first is not None and second is not None:
            rows.append(("Apart", mm(math.dist(first.mean, second.mean))))
        self.facts.show_rows(rows)
        for button in (self.keep, self.take):
            button.setEnabled(not seen.closed)
        for button in (self.halfway, self.here):
            button.setEnabled(not seen.closed and can_be_placed(conflict))


class _Facts(QWidget):
    """Names and values, the values selectable."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []

    def show_rows(self, rows: list[tuple[str, str]]) -> None:
        while len(self._rows) < len(rows):
            name, value = QLabel(), QLabel(wordWrap=True)
            name.setProperty("role", "muted")
            value.setTextInteractionFlags(value.textInteractionFlags().TextSelectableByMouse)
            self._grid.addWidget(name, len(self._rows), 0)
            self._grid.addWidget(value, len(self._rows), 1)
            self._rows.append((name, value))
        for k, (name, value) in enumerate(self._rows):
            name.setVisible(k < len(rows))
            value.setVisible(k < len(rows))
            if k < len(rows):
                name.setText(rows[k][0])
                value.setText(rows[k][1])


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
