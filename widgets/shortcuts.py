"""The short-cut editor: every command with its keys, to search, change and reset."""

from __future__ import annotations

from collections import defaultdict

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.commands import Commands, native
from widgets.theme import color, icon

_NAME = Qt.ItemDataRole.UserRole


class ShortcutDialog(QDialog):
    """Edits a copy of all keys; `chosen` holds those that differ from the commands' own.

    It can't be accepted while two commands share a key, for then neither would answer to it.
    """

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(560, 600)
        self._commands = commands
        self._keys = {
            name: [s.toString(QKeySequence.SequenceFormat.PortableText) for s in action.shortcuts()]
            for name, action in commands
        }
        self.search = QLineEdit(placeholderText="Search commands or keys…", clearButtonEnabled=True)
        self.search.setAccessibleName("Search commands or keys")
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Command", "Keys"])
        self.tree.setAccessibleName("Commands and their keys")
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().resizeSection(1, 180)
        self.tree.currentItemChanged.connect(self._show_current)
        self.field = QKeySequenceEdit(self)
        self.tree.itemDoubleClicked.connect(lambda *_: self.field.setFocus())
        self.field.setMaximumSequenceLength(1)
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("New keys")
        self.field.editingFinished.connect(self._take)
        self._chosen_name = QLabel("Choose a command to change its keys.")
        self._own = QPushButton(icon("reset"), "Its own")
        self._own.setToolTip("Give this command its own keys back")
        self._own.clicked.connect(self._reset_current)
        self.conflict = QLabel(wordWrap=True)
        self.conflict.setProperty("role", "warning")
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setProperty("primary", True)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        everything = self._buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        everything.setText("Reset all")
        everything.clicked.connect(self.reset_all)
        for button in (*self._buttons.findChildren(QPushButton), self._own):
            button.setAutoDefault(False)
        edit = QHBoxLayout()
        edit.addWidget(self._chosen_name, 1)
        edit.addWidget(self.field)
        edit.addWidget(self._own)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addLayout(edit)
        layout.addWidget(self.conflict)
        layout.addWidget(self._buttons)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._fill()
        self._refresh()
        self._show_current(None)

    @property
    def chosen(self) -> dict[str, list[str]]:
        """Keys that are not the command's own, as the settings keep them."""
        return {
            name: keys
            for name, keys in self._keys.items()
            if keys != self._commands.default_keys(name)
        }

    @property
    def conflicts(self) -> dict[str, list[str]]:
        """Keys that more than one command has, with those commands' names."""
        users: dict[str, list[str]] = defaultdict(list)
        for name, keys in self._keys.items():
            for key in keys:
                users[key].append(name)
        return {key: names for key, names in users.items() if len(names) > 1}

    def set_keys(self, name: str, keys: list[str]) -> None:
        self._keys[name] = keys
        self._refresh()

    def reset_all(self) -> None:
        for name in self._keys:
            self._keys[name] = self._commands.default_keys(name)
        self._refresh()
        self._show_current(self.tree.currentItem())

    def _fill(self) -> None:
        groups: dict[str, QTreeWidgetItem] = {}
        for name, _ in self._commands:
            group = self._commands.group(name)
            if group not in groups:
                groups[group] = QTreeWidgetItem(self.tree, [group])
                groups[group].setFlags(Qt.ItemFlag.ItemIsEnabled)
                groups[group].setExpanded(True)
                font = groups[group].font(0)
                font.setBold(True)
                groups[group].setFont(0, font)
            item = QTreeWidgetItem(groups[group], [self._commands.title(name), ""])
            item.setData(0, _NAME, name)
            self._items[name] = item

    def _refresh(self) -> None:
        conflicts = self.conflicts
        clashing = {name for names in conflicts.values() for name in names}
        changed = self.chosen
        for name, item in self._items.items():
            item.setText(1, native([QKeySequence(key) for key in self._keys[name]]))
            tint = "warning" if name in clashing else "accent" if name in changed else "muted"
            item.setForeground(1, QBrush(color(tint)))
            item.setToolTip(1, "Changed" if name in changed else "")
        lines = [
            f"{native([QKeySequence(key)])} belongs to "
            + " and ".join(f"“{self._commands.title(name)}”" for name in names)
            + "; give one of them another key."
            for key, names in conflicts.items()
        ]
        self.conflict.setText("\n".join(lines[:3]))
        self.conflict.setVisible(bool(lines))
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not lines)

    def _current(self) -> str | None:
        item = self.tree.currentItem()
        return item.data(0, _NAME) if item is not None else None

    def _show_current(self, item: QTreeWidgetItem | None, _: object = None) -> None:
        name = self._current()
        for widget in (self.field, self._own):
            widget.setEnabled(name is not None)
        if name is not None:
            self._chosen_name.setText(self._commands.title(name))
            keys = self._keys[name]
            self.field.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())

    def _take(self) -> None:
        name = self._current()
        if name is None:
            return
        key = self.field.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if key != next(iter(self._keys[name]), ""):
            self.set_keys(name, [key] if key else [])

    def _reset_current(self) -> None:
        name = self._current()
        if name is not None:
            self.set_keys(name, self._commands.default_keys(name))
            self._show_current(self.tree.currentItem())

    def _filter(self, text: str) -> None:
        wanted = text.casefold().strip()
        for item in self._items.values():
            shown = wanted in item.text(0).casefold() or wanted in item.text(1).casefold()
            item.setHidden(not shown)
        for row in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(row)
            assert group is not None
            children = [group.child(i) for i in range(group.childCount())]
            group.setHidden(all(child is None or child.isHidden() for child in children))
