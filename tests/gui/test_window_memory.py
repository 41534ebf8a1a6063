"""Layouts of docks from one start to the next, and those of programs that had other docks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from widgets.window_memory import WindowMemory
from widgets.workspace import WorkspaceView

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
OLD_VERSION = 1
"""Under which layouts were kept before they told their docks."""


class Docked(WorkspaceView):
    """A workspace with docks on the right; it counts how often it is arranged as at first."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.resets = 0
        self.setCentralWidget(QWidget())
        self.docks = {}
        for name in names:
            dock = self.docks[name] = QDockWidget(name, self)
            dock.setObjectName(f"dock{name}")
            dock.setWidget(QWidget())
            self.addDockWidget(RIGHT, dock)

    def reset_layout(self) -> None:
        self.resets += 1
        for dock in self.docks.values():
            self.addDockWidget(RIGHT, dock)
            dock.show()


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[Path]:
    monkeypatch.setenv("HEADROOM_CONFIG", str(tmp_path))
    yield tmp_path
    qapp.processEvents()


def remembered(view: Docked) -> WindowMemory:
    return WindowMemory(QMainWindow(), {"Place": view})


def test_a_layout_comes_back_as_it_was_left(config: Path) -> None:
    left = Docked(("Points", "Review"))
    left.addDockWidget(LEFT, left.docks["Review"])
    left.docks["Points"].hide()
    remembered(left).save()
    again = Docked(("Points", "Review"))
    remembered(again).restore_layouts()
    assert again.resets == 0
    assert again.dockWidgetArea(again.docks["Review"]) == LEFT
    assert again.docks["Points"].isHidden()


@pytest.mark.parametrize("before", [("Points",), ("Points", "Review", "Gone")])
def test_a_layout_of_other_docks_gives_way_to_the_usual_one(
    config: Path, before: tuple[str, ...]
) -> None:
    old = Docked(before)
    old.addDockWidget(LEFT, old.docks["Points"])
    old.docks["Points"].hide()
    remembered(old).save()
    now = Docked(("Points", "Review"))
    remembered(now).restore_layouts()
    assert now.resets == 1
    assert now.dockWidgetArea(now.docks["Points"]) == RIGHT
    assert not any(dock.isHidden() for dock in now.docks.values())


def test_a_layout_that_an_older_program_kept_gives_way_too(config: Path) -> None:
    old = Docked(("Points", "Review"))
    store = QSettings(str(config / "window.ini"), QSettings.Format.IniFormat)
    store.setValue("layout/Place", old.saveState(OLD_VERSION))
    store.sync()
    now = Docked(("Points", "Review"))
    remembered(now).restore_layouts()
    assert now.resets == 1


def test_rubbish_in_the_file_gives_the_usual_layout(config: Path) -> None:
    (config / "window.ini").write_text("[layout]\nPlace=nonsense\n[expanded]\nPlace={{\n")
    now = Docked(("Points",))
    remembered(now).restore_layouts()
    assert now.resets == 1
