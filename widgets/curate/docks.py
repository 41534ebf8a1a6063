"""The panels beside the head, in docks: what is edited above, what is proposed below."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from widgets.curate.checks_panel import ChecksPanel
from widgets.curate.place_panel import PlacePanel
from widgets.curate.session import CurateSession
from widgets.curate.table_panel import TablePanel
from widgets.curate.tools_panel import ToolsPanel
from widgets.dock import Dock, panel_dock

if TYPE_CHECKING:
    from widgets.curate.scene_view import SceneView
    from widgets.curate.view import CurateView

RIGHT: Final = Qt.DockWidgetArea.RightDockWidgetArea
WIDTH: Final = 400
WIDE: Final = 1900
"""From this width on there is room for two columns of panels."""
TALL: Final = 1100
"""From this height on two panels below one another both have room."""
EDITING: Final = ("Points", "Tools", "Checks", "Placement")


class CurateDocks:
    """Points, tools, checks and placement in tabs; proposals, review and releases in others."""

    def __init__(self, view: CurateView, session: CurateSession, scene: SceneView) -> None:
        self._view, self._session, self._scene = view, session, scene
        self.docks: dict[str, Dock] = {}

    def build(self, others: dict[str, QWidget]) -> Iterator[None]:
        """Make one panel after the other, and let the window do something else in between.

        Parameters
        ----------
        others : dict of str to QWidget
            Panels about proposals, in their order.
        """
        session = self._session
        self.table = TablePanel(session)
        yield
        self.tools = ToolsPanel(session, self._scene)
        yield
        self.checks = ChecksPanel(session)
        yield
        self.place = PlacePanel(session, self._view.window_)
        yield
        self.panels: dict[str, QWidget] = dict(
            zip(EDITING, (self.table, self.tools, self.checks, self.place), strict=True)
        )
        self.panels |= others
        for name, panel in self.panels.items():
            self.docks[name] = panel_dock(name, panel, self._view, self._fit_titles, "Curate")
            yield
        self.checks.found.connect(self._count_findings)
        self._add_commands()
        self.reset()

    def bring(self, name: str) -> None:
        """Show a panel before the others."""
        self.docks[name].show()
        self.docks[name].raise_()

    def give_room(self, name: str) -> None:
        """Let a panel below others have most of a column that is not tall."""
        above, below = self.docks[EDITING[0]], self.docks[name]
        if self._view.width() < WIDE and self._view.height() < TALL:
            self._view.resizeDocks([above, below], [20, 80], Qt.Orientation.Vertical)

    def reset(self) -> None:
        """Arrange them as they are at first."""
        view = self._view
        editing = [self.docks[name] for name in EDITING]
        others = [dock for name, dock in self.docks.items() if name not in EDITING]
        for dock in self.docks.values():
            dock.setFloating(False)
            view.removeDockWidget(dock)
        wide = view.width() >= WIDE
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        view.addDockWidget(RIGHT, editing[0])
        columns = [editing[0]]
        if others:
            view.splitDockWidget(editing[0], others[0], across if wide else down)
            columns = [editing[0], others[0]]
        for group in (editing, others):
            for dock in group[1:]:
                view.tabifyDockWidget(group[0], dock)
        for dock in self.docks.values():
            dock.show()
        for dock in columns:
            dock.raise_()
        fit = partial(self._fit_sizes, columns, wide)
        fit()
        QTimer.singleShot(0, view, fit)
        self._fit_titles()

    def _fit_sizes(self, columns: list[Dock], wide: bool) -> None:
        """Once the head has its place the columns can be given theirs."""
        if wide:
            sizes = [WIDTH + 60] * len(columns)
            self._view.resizeDocks(columns, sizes, Qt.Orientation.Horizontal)
            return
        self._view.resizeDocks(columns[:1], [WIDTH], Qt.Orientation.Horizontal)
        if len(columns) > 1:
            self._view.resizeDocks(columns, [50, 50], Qt.Orientation.Vertical)

    def close(self) -> None:
        for dock in self.docks.values():
            dock.visibilityChanged.disconnect(self._fit_titles)
        self.checks.close_pool()
        self.place.shut_down()

    def _fit_titles(self, _: object = None) -> None:
        for dock in self.docks.values():
            dock.fit_title()

    def _count_findings(self, count: int) -> None:
        self.docks["Checks"].setWindowTitle(f"Checks ({count})" if count else "Checks")

    def _add_commands(self) -> None:
        commands = self._view.commands
        menu = self._view.window_.menus["Curate"].addMenu("Pane&ls")
        for name, dock in self.docks.items():
            action = commands.adopt(f"curate.panel_{name.lower()}", dock.toggleViewAction())
            action.setText(f"{name} panel")
            menu.addAction(action)
            go = partial(self.bring, name)
            commands.add(f"curate.go_{name.lower()}", f"Go to {name}", go)
