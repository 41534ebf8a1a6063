"""Workspaces: the window's tabs. Another one is another line in `WORKSPACES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtWidgets import QMenu, QWidget

if TYPE_CHECKING:
    from widgets.main_window import MainWindow


class WorkspaceWidget(Protocol):
    """What the window asks of a workspace beside being a widget."""

    def fill_menus(self, menus: dict[str, QMenu]) -> None:
        """Put its commands into the window's menus, by their titles."""

    def layout_state(self) -> bytes: ...

    def restore_layout(self, state: bytes) -> bool: ...

    def reset_layout(self) -> None: ...

    def shut_down(self) -> None:
        """The window closes: let go of threads, timers and renderers."""


@dataclass(frozen=True)
class Workspace:
    """``build`` gets the window and gives the workspace's widget, when it is first shown."""

    name: str
    symbol: str
    build: Callable[[MainWindow], QWidget]


def _build(module: str, name: str) -> Callable[[MainWindow], QWidget]:
    return lambda window: getattr(import_module(module), name)(window)


WORKSPACES: Final = (Workspace("Studio", "studio", _build("widgets.studio", "Studio")),)
