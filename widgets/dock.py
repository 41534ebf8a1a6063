"""A dock with a slim title bar, which gives way to the tab where docks share a place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QToolButton, QWidget

from widgets.theme import icon


class Dock(QDockWidget):
    def __init__(self, name: str, panel: QWidget, owner: QMainWindow) -> None:
        super().__init__(name, owner)
        self.setObjectName(f"dock{name}")
        self.setWidget(panel)
        self._owner = owner
        self._title = _TitleBar(name, self)
        self.setTitleBarWidget(self._title)

    def fit_title(self) -> None:
        """Show the title bar unless a tab says the same."""
        tabbed = bool(self._owner.tabifiedDockWidgets(self)) and not self.isFloating()
        self._title.set_slim(tabbed)


class _TitleBar(QWidget):
    """Name, float and close; dragging it moves the dock."""

    def __init__(self, name: str, dock: QDockWidget) -> None:
        super().__init__(dock, objectName="dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        label = QLabel(name)
        label.setProperty("role", "heading")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(0)
        row.addWidget(label, 1)
        row.addWidget(
            _button("undock", f"Take {name} out of the window, or put it back", self._float)
        )
        row.addWidget(_button("close", f"Hide {name}", dock.close))
        self._dock = dock
        self._slim = False

    def set_slim(self, slim: bool) -> None:
        if slim != self._slim:
            self._slim = slim
            for child in self.findChildren(
                QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
            ):
                child.setVisible(not slim)
            self.setMaximumHeight(0 if slim else 16777215)
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0) if self._slim else super().minimumSizeHint()

    def sizeHint(self) -> QSize:
        return QSize(0, 0) if self._slim else super().sizeHint()

    def _float(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())


def _button(symbol: str, name: str, call: Callable[[], object]) -> QToolButton:
    button = QToolButton(icon=icon(symbol, "muted"), toolTip=name, iconSize=QSize(16, 16))
    button.setAccessibleName(name)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setFixedSize(22, 22)
    button.clicked.connect(lambda: call())
    return button
