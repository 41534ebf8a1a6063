"""The bar over the viewport: what the pointer does, where the view looks from, what is drawn."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from widgets.theme import icon


class ModeSwitch(QFrame):
    """One checkable button for each action of an exclusive group."""

    def __init__(self, group: QActionGroup, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("segmented", True)
        self.setAccessibleName(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for action in group.actions():
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(16, 16))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(f"{name}: {action.text().replace('&', '')}")
            layout.addWidget(button)


class ViewBar(QWidget):
    """Lays out what it is given, from left to right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 4, 8, 4)
        self._row.setSpacing(4)

    def add(self, widget: QWidget) -> None:
        self._row.addWidget(widget)

    def add_gap(self) -> None:
        self._row.addStretch(1)

    def add_menu(self, text: str, symbol: str, menu: QMenu) -> QToolButton:
        button = QToolButton(self)
        button.setText(f" {text}")
        button.setAccessibleName(text)
        button.setIcon(icon(symbol, "muted"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMenu(menu)
        self._row.addWidget(button)
        return button

    def add_action(self, action: QAction) -> QToolButton:
        """A button with the action's icon alone."""
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAccessibleName(action.text().replace("&", ""))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        return button
