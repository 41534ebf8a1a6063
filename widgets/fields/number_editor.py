"""What opens on a number field: the text that is typed, and the context menu."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QToolTip

if TYPE_CHECKING:
    from widgets.fields.number_field import NumberField


class Editor(QLineEdit):
    """The text of a number field while it is typed."""

    def __init__(self, field: NumberField) -> None:
        super().__init__(field)
        self._field = field
        self.invalid = False
        self.setObjectName("NumberEditor")
        self.setFrame(False)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(field.label)
        self.setStyleSheet(
            "QLineEdit#NumberEditor { border: none; background: transparent;"
            " padding: 0; margin: 0; min-height: 0; }"
        )
        self.textEdited.connect(self._calm)

    def complain(self, reason: str) -> None:
        self.invalid = True
        self._field.say(f"Not a number: {reason}.")

    def _calm(self) -> None:
        if self.invalid:
            self.invalid = False
            QToolTip.hideText()
            self._field.update()

    def focusNextPrevChild(self, forward: bool) -> bool:
        self._field.edit_neighbour(1 if forward else -1)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._field.finish_editing(accept=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._field.finish_editing(accept=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        leaving = event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        )
        if leaving and self._field.editor is self and not self._field.finish_editing(accept=True):
            self._field.finish_editing(accept=False)


class FieldMenu(QMenu):
    """The context menu; a second right click on it resets the field."""

    def __init__(self, field: NumberField) -> None:
        super().__init__(field)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._field = field
        self._opened = time.monotonic()
        changeable = not field.read_only
        self._add("Enter value…", "Return", field.start_editing, changeable)
        reset = self._add(
            f"Reset to {field.text_of(field.default)}", "Backspace", field.reset, changeable
        )
        reset.setEnabled(changeable and field.value() != field.default)
        self.addSeparator()
        self._add("Copy", "Ctrl+C", field.copy, True)
        self._add("Paste", "Ctrl+V", field.paste, changeable)
        if field.group:
            self._add("Copy all", "", field.copy_all, True)
            self._add("Reset all", "", self._reset_all, changeable)

    def _add(self, text: str, keys: str, do: Callable[[], None], enabled: bool) -> QAction:
        action = QAction(text, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setEnabled(enabled)
        action.triggered.connect(lambda: do())
        self.addAction(action)
        return action

    def _reset_all(self) -> None:
        gesture = object()
        for field in self._field.group:
            field.edit(field.default, gesture)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        soon = QApplication.doubleClickInterval() / 1000.0
        second = event.button() == Qt.MouseButton.RightButton
        if second and time.monotonic() - self._opened < soon:
            self.close()
            self._field.reset()
        else:
            super().mousePressEvent(event)
