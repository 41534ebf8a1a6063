"""Asks for the title of a draft, and why its edits are proposed."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.curate.changes import difference
from app.curate.describe import edits
from app.curate.proposals import TITLE_LENGTH
from widgets.curate.session import CurateSession

_LISTED = 6


class ProposeDialog(QDialog):
    """A title, and for a proposal a reason; with what was edited in short."""

    def __init__(self, session: CurateSession, parent: QWidget, *, hand_over: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle("Propose the edits" if hand_over else "Save a draft")
        self.setMinimumWidth(460)
        editing, document = session.editing, session.document
        assert editing is not None and document is not None
        heading = QLabel(f"{editing.release.topology}, on release {editing.release.number}")
        heading.setProperty("role", "heading")
        found = edits(difference(document.base, document.topology))
        names = ", ".join(edit.name for edit in found[:_LISTED])
        more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        count = "1 edit" if len(found) == 1 else f"{len(found)} edits"
        what = QLabel(f"{count}: {names}{more}" if found else "No edits yet.", wordWrap=True)
        what.setProperty("role", "muted")
        self.title_field = QLineEdit(placeholderText="Such as “Nose tip on the tip”")
        self.title_field.setAccessibleName("Title")
        self.title_field.setMaxLength(TITLE_LENGTH)
        if editing.proposal is not None:
            self.title_field.setText(editing.proposal.title)
        self.reason_field = QPlainTextEdit(placeholderText="Why, for the curator (optional)")
        self.reason_field.setAccessibleName("Reason")
        self.reason_field.setTabChangesFocus(True)
        self.reason_field.setMaximumHeight(96)
        self.reason_field.setVisible(hand_over)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self._buttons.addButton(
            "Propose" if hand_over else "Save draft", QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.accept_button.setProperty("primary", True)
        self.accept_button.setDefault(True)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for widget in (heading, what, self.title_field, self.reason_field):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self._buttons)
        self.title_field.textChanged.connect(self._enable)
        self._enable()

    @property
    def title(self) -> str:
        return " ".join(self.title_field.text().split())

    @property
    def reason(self) -> str:
        return self.reason_field.toPlainText().strip()

    def _enable(self) -> None:
        self.accept_button.setEnabled(bool(self.title))
