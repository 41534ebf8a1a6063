"""Autosave: unsaved work is on disk soon, and only what a crash left is offered."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile
from pytestqt.qtbot import QtBot

from app.head.pose import HeadPose
from app.paths import ROOT
from app.scene.scene import HeadFile, Scene
from app.session.autosave import Autosave, discard, left_behind
from app.session.document import Document
from app.session.session_file import FORMAT, VERSION, Session, read


class Work:
    """A document with its autosave, as a window has them."""

    def __init__(self, folder: Path) -> None:
        self.document = Document(Scene(HeadFile("builtin:ada")))
        self.path: Path | None = None
        self.autosave = Autosave(
            self.document, lambda: Session(self.document.scene), lambda: self.path, folder
        )

    def turn(self, yaw: float) -> None:
        scene = self.document.scene
        self.document.change("Turn", replace(scene, pose=HeadPose(yaw=yaw)))

    def saved_yaw(self) -> float | None:
        try:
            return read(self.autosave.file).scene.pose.yaw
        except Exception:
            return None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "recovery"
    made.mkdir()
    return made


@pytest.fixture
def work(folder: Path, qtbot: QtBot) -> Iterator[Work]:
    made = Work(folder)
    yield made
    made.autosave.close()


def test_a_change_is_on_disk_within_two_seconds(work: Work, qtbot: QtBot) -> None:
    work.turn(12.0)
    qtbot.waitUntil(lambda: work.saved_yaw() == 12.0, timeout=2000)


def test_changes_that_keep_coming_do_not_put_it_off(work: Work, qtbot: QtBot) -> None:
    for step in range(20):
        work.turn(step + 1.0)
        qtbot.wait(100)
    assert work.saved_yaw() is not None


def test_saved_work_needs_no_recovery(work: Work, qtbot: QtBot) -> None:
    work.turn(12.0)
    qtbot.waitUntil(work.autosave.file.exists, timeout=2000)
    work.document.undo_stack.setClean()
    qtbot.waitUntil(lambda: not work.autosave.file.exists(), timeout=2000)


def test_switched_off_it_writes_nothing(work: Work, qtbot: QtBot) -> None:
    work.autosave.enabled = False
    work.turn(12.0)
    qtbot.wait(1200)
    assert not work.autosave.file.exists()


def test_a_clean_exit_leaves_nothing(work: Work, qtbot: QtBot, folder: Path) -> None:
    work.turn(12.0)
    qtbot.waitUntil(work.autosave.file.exists, timeout=2000)
    work.autosave.close()
    assert list(folder.iterdir()) == []


def test_a_closed_window_may_keep_its_work(work: Work, folder: Path) -> None:
    work.turn(12.0)
    work.autosave.close(keep=True)
    (found,) = left_behind(folder)
    assert found.session.scene.pose.yaw == 12.0


def test_a_window_that_lives_is_left_alone(work: Work, qtbot: QtBot, folder: Path) -> None:
    work.turn(12.0)
    qtbot.waitUntil(work.autosave.file.exists, timeout=2000)
    assert left_behind(folder) == []
    assert work.autosave.file.exists()


def test_two_windows_do_not_fight(folder: Path, qtbot: QtBot) -> None:
    one, other = Work(folder), Work(folder)
    one.turn(1.0)
    other.turn(2.0)
    qtbot.waitUntil(lambda: (one.saved_yaw(), other.saved_yaw()) == (1.0, 2.0), timeout=2000)
    one.autosave.close()
    assert other.saved_yaw() == 2.0
    other.autosave.close()


CRASH = """
import os, sys
from dataclasses import replace
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from app.head.pose import HeadPose
from app.scene.scene import HeadFile, Scene
from app.session.autosave import Autosave
from app.session.document import Document
from app.session.session_file import Session

application = QCoreApplication([])
folder = Path(sys.argv[1])
document = Document(Scene(HeadFile("builtin:ada")))
session = lambda: Session(document.scene)
autosave = Autosave(document, session, lambda: Path("/w/a.headroom"), folder)
document.change("Turn", replace(document.scene, pose=HeadPose(yaw=33.0)))
def look():
    if autosave.file.exists():
        os._exit(9)
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
application.exec()
"""


def test_what_a_crash_left_is_found_and_can_be_discarded(folder: Path) -> None:
    crashed = subprocess.run([sys.executable, "-c", CRASH, str(folder)], cwd=ROOT, timeout=60)
    assert crashed.returncode == 9
    (found,) = left_behind(folder)
    assert found.session.scene.pose.yaw == 33.0
    assert found.path == Path("/w/a.headroom")
    discard(found.file)
    assert list(folder.iterdir()) == []


def test_a_damaged_recovery_file_is_no_stumbling_block(folder: Path) -> None:
    (folder / "x.headroom").write_bytes(b'{"format": "headroom-ses')
    assert left_behind(folder) == []
    assert not (folder / "x.headroom").exists()


@pytest.mark.parametrize("version", [VERSION, VERSION + 1])
def test_nothing_that_cannot_be_read_is_lost(folder: Path, version: int) -> None:
    note = {"time": "2030-01-01T12:00:00", "path": ""}
    written = {"format": FORMAT, "version": version, "recovery": note, "scene": "of the future"}
    content = json.dumps(written).encode()
    (folder / "x.headroom").write_bytes(content)
    assert left_behind(folder) == []
    assert [p.name for p in folder.iterdir()] == ["x.headroom.bak"]
    assert (folder / "x.headroom.bak").read_bytes() == content


def test_a_folder_that_cannot_be_written_is_told_once(
    work: Work, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, data: bytes) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("app.session.autosave.write_bytes", refuse)
    told: list[str] = []
    work.autosave.failed.connect(told.append)
    work.turn(1.0)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=3000)
    work.turn(2.0)
    qtbot.wait(1200)
    assert told == ["Autosave can't write: Read-only file system."]


def test_a_path_that_is_no_text_is_told(work: Work, qtbot: QtBot) -> None:
    told: list[str] = []
    work.autosave.failed.connect(told.append)
    work.path = Path("caf\udce9") / "a.headroom"
    work.turn(1.0)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=3000)
    assert "UTF-8" in told[0]


def test_the_lock_is_free_once_the_window_is_closed(work: Work) -> None:
    name = str(work.autosave.file.with_suffix(".lock"))
    assert not QLockFile(name).tryLock(0)
    work.autosave.close()
    assert QLockFile(name).tryLock(0)
