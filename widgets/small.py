"""Small widgets that several dialogs share."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QToolButton, QWidget

from widgets.theme import icon


def icon_button(
    symbol: str, name: str, call: Callable[[], object], parent: QWidget | None = None
) -> QToolButton:
    """A button named ``name`` to those who hover over it and to those who can't see it."""
    button = QToolButton(parent)
    button.setIcon(icon(symbol, "muted"))
    button.setIconSize(QSize(16, 16))
    button.setFixedSize(24, 24)
    button.setToolTip(name)
    button.setAccessibleName(name)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda: call())
    return button


def indent(field: QAbstractSpinBox) -> None:
    """Keep its text off the border, which a style sheet does for plain line edits only."""
    edit = field.lineEdit()
    assert edit is not None
    edit.setTextMargins(7, 0, 0, 0)
