"""Where the window stood, how its docks lay and what was folded, from one start to the next."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.paths import config_dir
from widgets.fields.form import Panel, Section
from widgets.workspace import WorkspaceView

_FIRST_SIZE: Final = (1280, 800)


class WindowMemory:
    """Keeps geometry alone; what belongs to the work is in the session.

    Parameters
    ----------
    views : mapping
        The workspaces by name.
    """

    def __init__(self, window: QMainWindow, views: Mapping[str, WorkspaceView]) -> None:
        self._window, self._views = window, views

    def save(self) -> None:
        store = self._store()
        store.setValue("geometry", self._window.saveGeometry())
        for name, view in self._views.items():
            if not view.made:
                continue
            store.setValue(f"layout/{name}", view.saveState(layout_version(view)))
            folds = {key: section.expanded for key, section in _sections(view).items()}
            store.setValue(f"expanded/{name}", json.dumps(folds))

    def restore_geometry(self) -> None:
        """As it was left; at first most of the screen."""
        window = self._window
        geometry = self._store().value("geometry")
        if isinstance(geometry, QByteArray) and window.restoreGeometry(geometry):
            return
        screen = window.screen().availableGeometry()
        width = min(screen.width(), max(_FIRST_SIZE[0], screen.width() * 9 // 10))
        height = min(screen.height(), max(_FIRST_SIZE[1], screen.height() * 9 // 10))
        window.resize(width, height)
        space = screen.size() - window.size()
        window.move(screen.x() + space.width() // 2, screen.y() + space.height() // 2)

    def restore_layouts(self) -> None:
        """Once the size is known: as they were left, or the usual arrangement."""
        for name, view in self._views.items():
            if view.made:
                self._restore(name, view)
            else:
                view.was_made.connect(partial(self._restore, name, view))

    def _restore(self, name: str, view: WorkspaceView) -> None:
        store = self._store()
        state = store.value(f"layout/{name}")
        if not (isinstance(state, QByteArray) and view.restoreState(state, layout_version(view))):
            view.reset_layout()
        self._restore_folds(view, store.value(f"expanded/{name}"))

    @staticmethod
    def _restore_folds(view: WorkspaceView, saved: object) -> None:
        try:
            folds = json.loads(saved) if isinstance(saved, str) else {}
        except ValueError:
            return
        for key, section in _sections(view).items():
            if isinstance(folds, dict) and isinstance(folds.get(key), bool):
                section.set_expanded(folds[key])

    @staticmethod
    def _store() -> QSettings:
        return QSettings(str(config_dir() / "window.ini"), QSettings.Format.IniFormat)


def layout_version(view: QMainWindow) -> int:
    """A number for the docks that a workspace has: a layout of others is not taken up.

    One that was kept before a dock came knows no place for it and would push the rest aside.
    """
    names = sorted(dock.objectName() for dock in view.findChildren(QDockWidget))
    return zlib.crc32("\n".join(names).encode()) & 0x7FFF_FFFF


def _sections(view: WorkspaceView) -> dict[str, Section]:
    return {
        f"{panel.accessibleName()}: {name}": section
        for panel in view.findChildren(Panel)
        for name, section in panel.sections().items()
    }
