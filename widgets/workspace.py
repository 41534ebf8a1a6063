"""Workspaces: the window's tabs. Another one is another line in `WORKSPACES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

if TYPE_CHECKING:
    from widgets.main_window import MainWindow
    from widgets.undo import UndoSource


class WorkspaceView(QMainWindow):
    """A workspace's widget: a place for docks with what the window asks of it.

    Signals
    -------
    first_picture
        What the workspace is for is on the screen.
    was_made
        Its docks are there, where they were not from the start.
    """

    first_picture = Signal()
    was_made = Signal()

    @property
    def made(self) -> bool:
        """Whether its docks are there; what is costly is made when it is first shown."""
        return True

    @property
    def hint(self) -> str:
        """What the pointer does now, for the status bar."""
        return ""

    @property
    def stage_area(self) -> QWidget | None:
        """What people look at; notices lie over its corner."""
        return self.centralWidget()

    @property
    def undo_source(self) -> UndoSource | None:
        """Whose edits undo takes back while it is in front; None for those of the scene."""
        return None

    def may_leave(self) -> bool:
        """Ask about unsaved work before the window closes; False to stay."""
        return True

    def fill_menus(self, menus: dict[str, QMenu]) -> None:
        """Put its commands into the window's menus, by their titles."""

    def reset_layout(self) -> None:
        """Arrange the docks as they are at first."""

    def window_state(self) -> dict[str, Any]:
        """What a session remembers of this workspace."""
        return {}

    def take_window_state(self, state: dict[str, Any]) -> None:
        """Go back to what a session remembers; ``state`` may hold anything."""

    def settings_changed(self) -> None:
        """The preferences are others now."""

    def shut_down(self) -> None:
        """The window closes: let go of threads, timers and renderers."""


@dataclass(frozen=True)
class Workspace:
    """``build`` gets the window and gives the workspace's widget."""

    name: str
    symbol: str
    build: Callable[[MainWindow], WorkspaceView]


def _of(module: str, name: str) -> Callable[[MainWindow], WorkspaceView]:
    def build(window: MainWindow) -> WorkspaceView:
        view = getattr(import_module(module), name)(window)
        assert isinstance(view, WorkspaceView)
        return view

    return build


WORKSPACES: Final = (
    Workspace("Studio", "studio", _of("widgets.studio", "Studio")),
    Workspace("Live", "live", _of("widgets.live.view", "LiveView")),
    Workspace("Curate", "landmarks", _of("widgets.curate.view", "CurateView")),
)
