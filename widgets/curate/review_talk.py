"""What was said about a proposal: comments, pinned to a landmark where one is meant."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.curate.overview import Overview, ReviewedEdit
from app.curate.reasons import REASONS
from app.curate.records import Comment
from widgets.curate.words import ago
from widgets.fields.form import Hint, Section, Toggle


class Talk(Section):
    """Signals
    -------
    said : (str, str or None)
        Text, and the quick reason that it is; for the chosen landmark if `pinned`.
    landmark_asked : str
        The landmark of a comment is to be chosen.
    """

    said = Signal(str, object)
    landmark_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("Comments")
        self.empty = Hint("Nothing has been said yet.")
        self.add(self.empty)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.add(self._list)
        self.field = QPlainTextEdit(placeholderText="Comment, Ctrl+Enter sends")
        self.field.setAccessibleName("Comment")
        self.field.setFixedHeight(56)
        self.field.setTabChangesFocus(True)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._enable)
        self.add(self.field)
        self.pin = Toggle("Pin to the landmark", "Otherwise it is about the whole proposal")
        self.pin.setChecked(True)
        self.quick = QPushButton("Quick reason")
        self.quick.setMenu(self._reasons())
        self.send = QPushButton("Comment")
        self.send.clicked.connect(lambda: self._send())
        self.add(self.pin)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addStretch(1)
        line.addWidget(self.quick)
        line.addWidget(self.send)
        self.add(row)
        self._edit: ReviewedEdit | None = None
        self._shown: tuple[Comment, ...] = ()
        self._enable()

    def show_comments(self, seen: Overview | None, edit: ReviewedEdit | None) -> None:
        """All comments, those on the chosen edit marked."""
        self._edit = edit
        told = seen.comments if seen is not None else ()
        self.header.set_title(f"Comments  {len(told)}" if told else "Comments")
        self.empty.setVisible(not told)
        names = {one.landmark: one.name for one in seen.edits} if seen is not None else {}
        self._fill(told, names)
        self._enable()

    def _fill(self, told: Sequence[Comment], names: dict[str, str]) -> None:
        if self._shown != tuple(told):
            self._shown = tuple(told)
            while (item := self._column.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.hide()
                    widget.deleteLater()
            for comment in told:
                line = _Line(comment, names.get(comment.landmark or "", ""))
                line.asked.connect(self.landmark_asked)
                self._column.addWidget(line)
        chosen = self._edit.landmark if self._edit is not None else None
        for line in self.lines():
            line.mark(line.comment.landmark is not None and line.comment.landmark == chosen)

    def lines(self) -> list[_Line]:
        items = (self._column.itemAt(i) for i in range(self._column.count()))
        return [w for item in items if item and isinstance(w := item.widget(), _Line)]

    @property
    def pinned(self) -> str | None:
        """Id of the landmark that the next comment is about; None for the whole proposal."""
        return self._edit.landmark if self._edit is not None and self.pin.isChecked() else None

    def _reasons(self) -> QMenu:
        menu = QMenu(self)
        for word, sentence in REASONS.items():
            action = menu.addAction(sentence)
            action.triggered.connect(lambda _=False, word=word: self.said.emit("", word))
        return menu

    def _send(self) -> None:
        text = self.field.toPlainText().strip()
        if text:
            self.said.emit(text, None)

    def sent(self) -> None:
        """What was typed is in the store."""
        self.field.clear()

    def _enable(self) -> None:
        self.send.setEnabled(bool(self.field.toPlainText().strip()))
        self.pin.setEnabled(self._edit is not None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            pressed = event.type() == QEvent.Type.KeyPress
            if enter and pressed and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._send()
                return True
        return super().eventFilter(watched, event)


class _Line(QFrame):
    """One comment; its landmark is a link."""

    asked = Signal(str)

    def __init__(self, comment: Comment, name: str) -> None:
        super().__init__()
        self.comment = comment
        head = f"{comment.author}, {ago(comment.at)}"
        self._about = QLabel(head)
        self._about.setProperty("role", "muted")
        if comment.landmark:
            link = QLabel(f'<a href="x" style="color: palette(link)">{_html(name)}</a>')
            link.setToolTip(f"Choose {comment.landmark}")
            link.linkActivated.connect(lambda _: self.asked.emit(comment.landmark or ""))
        else:
            link = QLabel()
        top = QHBoxLayout()
        top.addWidget(self._about)
        top.addStretch(1)
        top.addWidget(link)
        self.text = QLabel(comment.text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 0, 2)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.text)
        self.setObjectName("comment")
        self.mark(False)

    def mark(self, chosen: bool) -> None:
        """Whether it is about the landmark that is chosen."""
        if self.property("chosen") != chosen:
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
