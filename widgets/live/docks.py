"""The panels beside the live picture, in docks, and their commands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.dock import Dock, panel_dock
from widgets.live.desk import LiveDesk
from widgets.live.hands_panel import HandsPanel
from widgets.live.models_panel import ModelsPanel
from widgets.live.overlay_panel import OverlayPanel
from widgets.live.puppet_panel import PuppetPanel
from widgets.live.record_panel import RecordPanel
from widgets.panels.background import in_background

if TYPE_CHECKING:
    from widgets.live.chart import LiveChart
    from widgets.live.view import LiveView

RIGHT: Final = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM: Final = Qt.DockWidgetArea.BottomDockWidgetArea
WIDTH: Final = 352
CHART_HEIGHT: Final = 200
WIDE: Final = 1900
"""From this width on there is room for two columns of panels."""


class LiveDocks:
    """Overlays, models, recording and puppet in tabs at the right; the chart below, if wanted."""

    def __init__(self, view: LiveView, desk: LiveDesk) -> None:
        self._view, self._desk = view, desk

    def build(self) -> Iterator[None]:
        """Make one panel after the other, and let the window do something else in between."""
        view, desk = self._view, self._desk
        self.overlays = OverlayPanel()
        yield
        self.models = ModelsPanel(desk.shelf)
        yield
        self.record = RecordPanel(desk)
        yield
        self.puppet = PuppetPanel(desk, view.document)
        self.puppet.attach(view.window_.studio)
        yield
        self.hands = HandsPanel(desk)
        yield
        self.chart = ChartPlace(desk)
        self.panels: dict[str, QWidget] = {
            "Overlays": self.overlays,
            "Models": self.models,
            "Record": self.record,
            "Puppet": self.puppet,
            "Hands": self.hands,
            "Chart": self.chart,
        }
        self.docks: dict[str, Dock] = {}
        for name, panel in self.panels.items():
            self.docks[name] = panel_dock(name, panel, self._view, self._fit_titles, "Live")
            yield
        self._hands_offered = False
        self._add_commands()
        self.reset()
        self.offer_hands(desk.hands.available)

    def bring(self, name: str) -> None:
        """Show a panel before the others."""
        self.docks[name].show()
        self.docks[name].raise_()

    def reset(self) -> None:
        """Arrange them as they are at first."""
        view = self._view
        tabs = [dock for name, dock in self.docks.items() if name != "Chart"]
        for dock in self.docks.values():
            dock.setFloating(False)
            view.removeDockWidget(dock)
        view.addDockWidget(RIGHT, tabs[0])
        across = Qt.Orientation.Horizontal
        columns = [tabs[0]]
        if view.width() >= WIDE:
            view.splitDockWidget(tabs[0], tabs[1], across)
            columns = tabs[:2]
        for dock in tabs[len(columns) :]:
            view.tabifyDockWidget(columns[-1], dock)
        view.addDockWidget(BOTTOM, self.docks["Chart"])
        view.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        for dock in tabs:
            dock.setVisible(dock is not self.docks["Hands"] or self._hands_offered)
        self.docks["Chart"].hide()
        columns[0].raise_()
        columns[-1].raise_()
        view.resizeDocks(columns, [WIDTH] * len(columns), across)
        QTimer.singleShot(0, view, partial(self._narrow, columns))
        self._fit_titles()

    def offer_hands(self, offered: bool) -> None:
        """Show the panel of hands once a model of hands is there, and hide it without one."""
        self._view.commands["live.panel_hands"].setVisible(offered)
        self._view.commands["live.go_hands"].setVisible(offered)
        if offered != self._hands_offered:
            self._hands_offered = offered
            self.docks["Hands"].setVisible(offered)
            self._fit_titles()

    def _narrow(self, columns: list[Dock]) -> None:
        """Once the picture has its place the columns can be given theirs."""
        self._view.resizeDocks(columns, [WIDTH] * len(columns), Qt.Orientation.Horizontal)

    def close(self) -> None:
        for dock in self.docks.values():
            dock.visibilityChanged.disconnect(self._fit_titles)
        self.chart.close_chart()
        self.puppet.shut_down()

    def _fit_titles(self, _: object = None) -> None:
        for dock in self.docks.values():
            dock.fit_title()

    def _add_commands(self) -> None:
        commands = self._view.commands
        menu = self._view.window_.menus["Live"]
        menu.addSeparator()
        for name, dock in self.docks.items():
            action = commands.adopt(f"live.panel_{name.lower()}", dock.toggleViewAction())
            action.setText(f"{name} panel")
            menu.addAction(action)
            commands.add(f"live.go_{name.lower()}", f"Go to {name}", partial(self.bring, name))


class ChartPlace(QWidget):
    """Where the chart is, made when it is first seen."""

    def __init__(self, desk: LiveDesk) -> None:
        super().__init__()
        self._desk = desk
        self.chart: LiveChart | None = None
        self._asked = self._closed = False
        self.setMinimumHeight(CHART_HEIGHT)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: object) -> None:
        if not self._asked:
            self._asked = True
            in_background(self, lambda: import_module("widgets.live.chart"), self._make)

    def _make(self, there: object) -> None:
        """Once its libraries are there."""
        if there is None or self._closed:
            return
        from widgets.live.chart import LiveChart

        self.chart = LiveChart()
        self._desk.result.connect(self.chart.add)
        self._desk.source_changed.connect(self.chart.clear)
        self._column.addWidget(self.chart)

    def close_chart(self) -> None:
        """Take no more results."""
        self._closed = True
        if self.chart is not None:
            self._desk.result.disconnect(self.chart.add)
            self._desk.source_changed.disconnect(self.chart.clear)
