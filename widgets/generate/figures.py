"""Large figures with a caption below each, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget


class Figures(QFrame):
    """A row of figures, each found by its name."""

    def __init__(self, names: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("figures")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(16)
        self._values: dict[str, QLabel] = {}
        self._captions: dict[str, QLabel] = {}
        for name, caption in names:
            value, below = QLabel("–"), QLabel(caption)
            value.setProperty("role", "figure")
            below.setProperty("role", "muted")
            value.setAccessibleName(caption)
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(value)
            column.addWidget(below)
            row.addLayout(column, 1)
            self._values[name], self._captions[name] = value, below
            value.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)

    def set(self, name: str, value: str, caption: str | None = None) -> None:
        self._values[name].setText(value)
        if caption is not None:
            self._captions[name].setText(caption)

    def text(self, name: str) -> str:
        return self._values[name].text()
