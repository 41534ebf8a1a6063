"""Questions of a review: why something is rejected, and whether to release."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.curate.reasons import REASONS
from app.curate.reviews import REASON_LENGTH
from widgets.curate.words import counted

OK = QDialogButtonBox.StandardButton.Ok
CANCEL = QDialogButtonBox.StandardButton.Cancel


class ReasonDialog(QDialog):
    """Asks why, by a quick reason or in one's own words."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Reject")
        self.setMinimumWidth(440)
        title = QLabel(what, wordWrap=True)
        title.setProperty("role", "heading")
        self.list = QListWidget()
        self.list.setAccessibleName("Quick reasons")
        self.list.addItems(list(REASONS.values()))
        self.list.setFixedHeight(self.list.sizeHintForRow(0) * (len(REASONS) + 1))
        self.list.currentTextChanged.connect(self._take)
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.text = QPlainTextEdit(placeholderText="Or in your own words; its author reads this.")
        self.text.setAccessibleName("Reason")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(72)
        self.text.textChanged.connect(self._enable)
        self.buttons = QDialogButtonBox(OK | CANCEL)
        self.buttons.button(OK).setText("Reject")
        self.buttons.button(OK).setProperty("primary", True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        for widget in (title, self.list, self.text, self.buttons):
            column.addWidget(widget)
        self._enable()

    @property
    def reason(self) -> str:
        return self.text.toPlainText().strip()

    def _take(self, sentence: str) -> None:
        self.text.setPlainText(sentence)

    def _enable(self) -> None:
        self.buttons.button(OK).setEnabled(0 < len(self.reason) <= REASON_LENGTH)


class ReleaseDialog(QDialog):
    """Says what a release will hold, and takes a note for it."""

    def __init__(
        self,
        topology: str,
        number: int,
        counts: tuple[int, int, int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        approved, rejected, left = counts
        self.setWindowTitle("Release")
        self.setMinimumWidth(440)
        title = QLabel(f"{topology}, release {number}")
        title.setProperty("role", "title")
        lines = [f"{counted(approved + left, 'edit')} will be in it."]
        if left:
            lines.append(f"{number_words(left)} not reviewed yet will be approved.")
        if rejected:
            out = "1 edit stays" if rejected == 1 else f"{rejected} edits stay"
            lines.append(f"{out} out; the author can make a new draft of it.")
        lines.append("A release never changes again. Data sets and models name it.")
        words = QLabel("\n".join(lines), wordWrap=True)
        self.note = QLineEdit(placeholderText="Note for the change log")
        self.note.setMaxLength(400)
        self.note.setAccessibleName("Note")
        self.buttons = QDialogButtonBox(OK | CANCEL)
        self.buttons.button(OK).setText("Release")
        self.buttons.button(OK).setProperty("primary", True)
        self.buttons.button(OK).setEnabled(approved + left > 0)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        for widget in (title, words, self.note, self.buttons):
            column.addWidget(widget)


def number_words(left: int) -> str:
    """``"The one that is"``, ``"The 12 that are"``."""
    return "The one that is" if left == 1 else f"The {left} that are"
