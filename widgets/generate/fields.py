"""Fields that only this window needs: a path, toggles for a tuple, a fault below its field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from widgets.fields.form import Hint, Row, RowLabel, Section, Toggle
from widgets.generate.choices import Choices, ChoicesModel
from widgets.small import icon_button
from widgets.theme import repolish

Entry = tuple[str, str, str]
"""Value, text and tool tip of one toggle."""


class Part(Section):
    """A section that shows the model's choices and marks what is wrong with them.

    Faults are shown below the row that they belong to, and that row's fields are framed.
    """

    def __init__(self, title: str, model: ChoicesModel, *, expanded: bool = True) -> None:
        super().__init__(title, expanded=expanded)
        self.model = model
        self._faults: dict[str, tuple[Hint, tuple[QWidget, ...]]] = {}
        model.changed.connect(self.show_choices)

    def show_choices(self, choices: Choices) -> None:
        """Show them; overridden by every part."""

    def add_tall(self, label: str, widget: QWidget) -> Row:
        """A row whose label stands at the top of what it names."""
        row = self.add_row(label, widget)
        row.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        row.label.setContentsMargins(0, 4, 0, 0)
        return row

    def add_fault(self, name: str, *fields: QWidget) -> None:
        """A place for what is wrong with a choice, below the last row that was added."""
        line = Hint()
        line.setProperty("role", "error")
        line.setContentsMargins(RowLabel("").width() + 6, 0, 0, 0)
        line.hide()
        self.add(line)
        self._faults[name] = line, fields

    def show_faults(self, faults: dict[str, str]) -> None:
        for name, (line, fields) in self._faults.items():
            text = faults.get(name, "")
            line.setText(text)
            line.setVisible(bool(text))
            for field in fields:
                if bool(field.property("wrong")) != bool(text):
                    repolish(field, "wrong", bool(text))
                field.setAccessibleDescription(text)
        if not self.expanded and any(name in faults for name in self._faults):
            self.set_expanded(True)


class PathField(QWidget):
    """A path that is typed, chosen or dropped.

    Signals
    -------
    edited : str
    """

    edited = Signal(str)

    def __init__(
        self,
        label: str,
        placeholder: str,
        choose: Callable[[QWidget, str], str],
        *,
        folder: bool = True,
    ) -> None:
        super().__init__()
        self._choose, self._folder = choose, folder
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.edit = QLineEdit(placeholderText=placeholder)
        self.edit.setAccessibleName(label)
        self.edit.setAcceptDrops(False)
        self.edit.textEdited.connect(self._typed)
        self.button = icon_button("open", f"Choose {label.lower()}…", self.choose, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.button)
        self.setFocusProxy(self.edit)
        self.setAcceptDrops(True)

    def set_path(self, path: str) -> None:
        if path != self.edit.text():
            self.edit.setText(path)
        self.edit.setToolTip(path)

    def choose(self) -> None:
        name = self._choose(self, self.edit.text())
        if name:
            self._typed(name)
            self.set_path(name)

    def _typed(self, text: str) -> None:
        self.edited.emit(text.strip())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped(event.mimeData(), folder=self._folder):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped(event.mimeData(), folder=self._folder)
        if paths:
            event.acceptProposedAction()
            self.set_path(str(paths[0]))
            self._typed(str(paths[0]))


def choose_folder(title: str) -> Callable[[QWidget, str], str]:
    """Ask for a folder, which may be a new one."""

    def ask(parent: QWidget, before: str) -> str:
        return QFileDialog.getExistingDirectory(parent, title, before)

    return ask


def dropped(data: QMimeData, *, folder: bool, suffixes: Sequence[str] = ()) -> list[Path]:
    """Local folders, or files with one of the endings, among what is dragged."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if folder:
        return [path for path in paths if path.is_dir()]
    return [p for p in paths if p.is_file() and (not suffixes or p.suffix.lower() in suffixes)]


class Switches(QWidget):
    """Toggles for the values of one of the spec's tuples, in columns."""

    def __init__(
        self, model: ChoicesModel, name: str, entries: Sequence[Entry], columns: int = 2
    ) -> None:
        super().__init__()
        self._model, self._name = model, name
        self._order = tuple(value for value, _, _ in entries)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        self.toggles: dict[str, Toggle] = {}
        for i, (value, text, tip) in enumerate(entries):
            toggle = self.toggles[value] = Toggle(text, tip)
            toggle.setMinimumWidth(40)
            toggle.edited.connect(lambda on, value=value: self._switch(value, on))
            grid.addWidget(toggle, i // columns, i % columns)
        for column in range(columns):
            grid.setColumnStretch(column, 1)

    def _switch(self, value: str, on: bool) -> None:
        self._model.switch(self._name, value, on, self._order)

    def show_choices(self, choices: Choices) -> None:
        chosen: Any = getattr(choices.spec, self._name)
        for value, toggle in self.toggles.items():
            toggle.setChecked(value in chosen)
