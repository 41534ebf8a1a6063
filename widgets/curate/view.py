"""The workspace Curate: a topology edited on the head, proposed, reviewed and released.

This module is all that the window pays for at its start. What it shows is made when it is first
shown, and imports its libraries on another thread before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QActionGroup, QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QStackedWidget, QTabWidget, QWidget

from widgets.curate.curate_commands import (
    ALWAYS,
    COMMANDS,
    LAYERS,
    MENU,
    OF_THE_HEAD,
    ON_AT_FIRST,
)
from widgets.menus import put
from widgets.panels.background import in_background
from widgets.workspace import WorkspaceView

if TYPE_CHECKING:
    from widgets.curate.content import CurateContent
    from widgets.main_window import MainWindow
    from widgets.undo import UndoSource

RIGHT: Final = Qt.DockWidgetArea.RightDockWidgetArea
DONE: Final = object()
LIBRARIES: Final = ("scipy.spatial", "widgets.curate.content")
"""Imported away from the window's thread before the workspace is first shown."""


class CurateView(WorkspaceView):
    """The shell: commands, menus and layout; `content` holds the rest once it is made."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(RIGHT, QTabWidget.TabPosition.North)
        self.window_ = window
        self.commands = window.commands
        self.content: CurateContent | None = None
        self._unfinished: CurateContent | None = None
        self._steps: Iterator[None] | None = None
        self._making = False
        self._closed = False
        self._waiting: list[Callable[[CurateContent], object]] = []
        self._state: dict[str, Any] = {}
        opening = QLabel("Opening the topologies …", alignment=Qt.AlignmentFlag.AlignCenter)
        opening.setProperty("role", "muted")
        self._middle = QStackedWidget()
        self._middle.addWidget(opening)
        self.setCentralWidget(self._middle)
        self._add_commands()

    # What the window asks of a workspace

    @property
    def made(self) -> bool:
        return self.content is not None

    @property
    def hint(self) -> str:
        return (
            "Q looks · G moves · W and Shift+W choose · A adds · E joins · K cuts · / shows alone"
        )

    @property
    def stage_area(self) -> QWidget | None:
        return self.centralWidget() if self.content is None else self.content.scene

    @property
    def undo_source(self) -> UndoSource | None:
        return None if self.content is None else self.content.undo_source

    def may_leave(self) -> bool:
        return self.content is None or self.content.may_leave()

    def fill_menus(self, menus: dict[str, QMenu]) -> None:
        menu = menus["Curate"]
        for group in MENU:
            put(menu, self.commands, (f"curate.{name}" for name in group))
            menu.addSeparator()
        shown = menu.addMenu("&Shown on the head")
        put(shown, self.commands, (f"curate.{name}" if name else "" for name in LAYERS))

    def reset_layout(self) -> None:
        if self.content is not None:
            self.content.docks.reset()

    def window_state(self) -> dict[str, Any]:
        return self._state if self.content is None else self.content.window_state()

    def take_window_state(self, state: dict[str, Any]) -> None:
        self._state = state
        self.when_made(lambda content: content.take_window_state(state))

    def settings_changed(self) -> None:
        if self.content is not None:
            self.content.session.set_person(self.window_.settings.person)

    def shut_down(self) -> None:
        self._closed = True
        for _ in self._steps or ():
            continue
        if self._unfinished is not None:
            self._unfinished.shut_down()

    # Making it

    def when_made(self, call: Callable[[CurateContent], object]) -> None:
        """Do something with the content as soon as it is there."""
        if self.content is not None:
            call(self.content)
            return
        self._waiting.append(call)
        self.make()

    def make(self) -> None:
        """Import what is needed, then build; nothing where that has begun."""
        if not self._making and not self._closed:
            self._making = True
            in_background(self, _import, self._imported)

    def _imported(self, there: bool | None) -> None:
        if self._closed:
            return
        if not there:
            self.window_.notifications.error("The workspace Curate could not be opened.")
            return
        from widgets.curate.content import CurateContent

        self._unfinished = CurateContent(self)
        self._steps = self._unfinished.build()
        self._build_on()

    def _build_on(self) -> None:
        """Make the next piece; the window draws and listens between two of them."""
        if self._steps is not None and next(self._steps, DONE) is not DONE:
            QTimer.singleShot(0, self, self._build_on)
        elif self._steps is not None:
            self._steps = None
            self._finish()

    def _finish(self) -> None:
        self.content = self._unfinished
        assert self.content is not None
        self._enable()
        self.content.set_shown(self.isVisible())
        if self.isVisible():
            self.window_.undo_actions.use(self.content.undo_source)
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call(self.content)
        QTimer.singleShot(0, self, self._tell_made)

    def _tell_made(self) -> None:
        """Once the head has its place, so that the layout of an earlier run fits."""
        if not self._closed:
            self.was_made.emit()
            self.first_picture.emit()

    def show_middle(self, widget: QWidget) -> None:
        """Show the head with its bars in place of the first words.

        The central widget itself stays: Qt may end the program when one is deleted that its layout
        has just moved.
        """
        self._middle.addWidget(widget)
        self._middle.setCurrentWidget(widget)

    def bring(self) -> None:
        """Show this workspace."""
        self.window_.show_workspace(self.window_.views.index(self))

    # Commands

    def _add_commands(self) -> None:
        tools = QActionGroup(self)
        for name, words in COMMANDS.items():
            if words.switch:
                action = self.commands.add_switch(
                    f"curate.{name}",
                    words.text,
                    partial(self._switch, name),
                    words.keys,
                    on=name in ON_AT_FIRST or name == "tool_look",
                    symbol=words.symbol,
                    hint=words.hint,
                )
            else:
                action = self.commands.add(
                    f"curate.{name}",
                    words.text,
                    partial(self._call, name),
                    words.keys,
                    symbol=words.symbol,
                    hint=words.hint,
                )
            if name.startswith("tool_"):
                tools.addAction(action)
            if name in OF_THE_HEAD:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._enable()

    def _call(self, name: str) -> None:
        if self.content is not None:
            if name in ALWAYS:
                self.bring()
            self.content.call(name)
        elif name in ALWAYS:
            self.bring()
            self.when_made(lambda content: content.call(name))

    def _switch(self, name: str, on: bool) -> None:
        if self.content is not None:
            self.content.switch(name, on)

    def _enable(self) -> None:
        """Keys mean what they do elsewhere while another workspace is shown."""
        here = self.content is not None and self.isVisible()
        for name in COMMANDS:
            if name not in ALWAYS:
                self.commands[f"curate.{name}"].setEnabled(here)

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.make()
        self._show_or_rest(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._show_or_rest(False)

    def _show_or_rest(self, shown: bool) -> None:
        if self._closed:
            return
        self._enable()
        if self.content is not None:
            self.content.set_shown(shown)


def _import() -> bool:
    for name in LIBRARIES:
        import_module(name)
    return True
