"""A dock with a slim title bar, which gives way to the tab where docks share a place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QWidget

from widgets.fields.form import Panel
from widgets.small import icon_button


def panel_dock(
    name: str, panel: QWidget, owner: QMainWindow, fit: Callable[..., object], of: str = ""
) -> Dock:
    """A dock of a workspace.

    Parameters
    ----------
    fit : callable
        Fits the titles of all docks, once one of them was moved, floated, shown or hidden.
    of : str
        The workspace, where its docks are to be told from another's of the same name.
    """
    dock = Dock(name, panel, owner)
    dock.setObjectName(f"dock{of}{name}")
    panel.setAccessibleName(f"{name} panel")
    for signal in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
        signal.connect(fit)
    if isinstance(panel, Panel):
        dock.visibilityChanged.connect(panel.show_content)
    return dock


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
        super().__init__(dock)
        self.setObjectName("dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        label = QLabel(name)
        label.setProperty("role", "heading")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(0)
        row.addWidget(label, 1)
        row.addWidget(
            icon_button("undock", f"Take {name} out of the window, or put it back", self._float)
        )
        row.addWidget(icon_button("close", f"Hide {name}", dock.close))
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
