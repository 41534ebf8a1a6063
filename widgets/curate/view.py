"""The workspace Curate: a topology edited on the head, proposed, reviewed and released.

This module is all that the window pays for at its start. What it shows is made when it is first
shown, and imports its libraries on another thread before.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from widgets.curate.curate_commands import (
    ALWAYS,
    COMMANDS,
    LAYERS,
    MENU,
    OF_THE_HEAD,
    ON_AT_FIRST,
)
from widgets.lazy_workspace import LazyWorkspace
from widgets.menus import put

if TYPE_CHECKING:
    from widgets.curate.content import CurateContent
    from widgets.main_window import MainWindow
    from widgets.undo import UndoSource

LIBRARIES: Final = ("scipy.spatial", "widgets.curate.content")
"""Imported away from the window's thread before the workspace is first shown."""


class CurateView(LazyWorkspace["CurateContent"]):
    """The shell: commands, menus and layout; `content` holds the rest once it is made."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "the workspace Curate", LIBRARIES)
        self._add_commands()

    def new_content(self) -> CurateContent:
        from widgets.curate.content import CurateContent

        return CurateContent(self)

    def _finish(self) -> None:
        super()._finish()
        if self.content is not None and self.isVisible():
            self.window_.undo_actions.use(self.content.undo_source)

    # What the window asks of a workspace

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

    def settings_changed(self) -> None:
        if self.content is not None:
            self.content.session.set_person(self.window_.settings.person)

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
        self.enable()

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

    def enable(self) -> None:
        """Keys mean what they do elsewhere while another workspace is shown."""
        here = self.content is not None and self.isVisible()
        for name in COMMANDS:
            if name not in ALWAYS:
                self.commands[f"curate.{name}"].setEnabled(here)

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.make()
        self.show_or_rest()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.show_or_rest()
