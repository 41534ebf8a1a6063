"""A short list of named things: add, apply, rename in place, remove."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from widgets.fields.form import Hint
from widgets.fields.glyphs import GlyphButton

MAX_ROWS = 6


class NamedList(QWidget):
    """Shows names and speaks of what people want done with them; holds nothing itself."""

    applied = Signal(int)
    renamed = Signal(int, str)
    removed = Signal(int)

    def __init__(self, what: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._showing = False
        self.list = _List()
        self.list.setAccessibleName(what)
        self.list.setToolTip("Double-click or Enter applies, F2 renames, Del removes.")
        self.hint = Hint(empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.hint)
        layout.addWidget(self.list)
        self.apply_button = GlyphButton("check", "Apply the chosen one (Enter)")
        self.rename_button = GlyphButton("rename", "Rename (F2)")
        self.remove_button = GlyphButton("trash", "Remove (Del)")
        self.list.itemDoubleClicked.connect(lambda item: self.applied.emit(self.list.row(item)))
        self.list.itemChanged.connect(self._rename)
        self.list.entered.connect(self._apply)
        self.list.deleted.connect(self._remove)
        self.list.currentRowChanged.connect(lambda _row: self._enable())
        self.apply_button.clicked.connect(self._apply)
        self.rename_button.clicked.connect(self._edit)
        self.remove_button.clicked.connect(self._remove)
        self.set_names(())

    @property
    def buttons(self) -> tuple[GlyphButton, ...]:
        """For the header of the section that the list stands in."""
        return (self.apply_button, self.rename_button, self.remove_button)

    def set_names(self, names: Sequence[str]) -> None:
        self._showing = True
        row = self.list.currentRow()
        while self.list.count() > len(names):
            self.list.takeItem(self.list.count() - 1)
        for i, name in enumerate(names):
            item = self.list.item(i)
            if item is None:
                item = QListWidgetItem(name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                self.list.addItem(item)
            elif item.text() != name:
                item.setText(name)
        self.list.setCurrentRow(min(row, len(names) - 1))
        self.list.setVisible(bool(names))
        self.hint.setVisible(not names)
        height = max(self.list.sizeHintForRow(0), 1)
        self.list.setFixedHeight(min(len(names), MAX_ROWS) * height + 4)
        self._showing = False
        self._enable()

    def choose(self, row: int) -> None:
        self.list.setCurrentRow(row)

    def _enable(self) -> None:
        for button in self.buttons:
            button.setEnabled(self.list.currentRow() >= 0)

    def _apply(self) -> None:
        if self.list.currentRow() >= 0:
            self.applied.emit(self.list.currentRow())

    def _remove(self) -> None:
        if self.list.currentRow() >= 0:
            self.removed.emit(self.list.currentRow())

    def _edit(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.list.editItem(item)

    def _rename(self, item: QListWidgetItem) -> None:
        if not self._showing:
            self.renamed.emit(self.list.row(item), " ".join(item.text().split())[:200])


class _List(QListWidget):
    entered = Signal()
    deleted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("NamedList")
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_F2)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Delete and not editing:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)
