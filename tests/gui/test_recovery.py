"""After a crash the next start offers what was there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.head.pose import HeadPose
from app.paths import ROOT
from app.scene.scene import HeadFile, Scene
from app.session.autosave import Recovered, left_behind, recovery_dir
from app.session.session_file import Session
from widgets.recovery import RecoveryDialog, described

STARTED_S = 90.0


def recovered(path: Path | None = None, head: str = "builtin:ada") -> Recovered:
    session = Session(Scene(HeadFile(head), HeadPose(yaw=5.0)))
    return Recovered(Path("x.headroom"), session, datetime(2024, 5, 4, 12, 30), path)


def test_it_says_which_when_and_with_which_head() -> None:
    text = described(recovered(Path("/w/portrait.headroom"), "/heads/me.fbx"))
    assert "portrait.headroom" in text and "me.fbx" in text and "04 May 2024 at 12:30" in text
    assert "Never saved" in described(recovered())


def test_one_is_chosen_and_restored(qtbot: QtBot) -> None:
    first, second = recovered(Path("/w/a.headroom")), recovered(Path("/w/b.headroom"))
    dialog = RecoveryDialog([first, second])
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.chosen is first
    dialog.list.setCurrentRow(1)
    qtbot.mouseClick(dialog.restore_button, Qt.MouseButton.LeftButton)
    assert dialog.result() == RecoveryDialog.DialogCode.Accepted
    assert dialog.chosen is second
    assert not dialog.discarded


def test_discarding_is_not_the_same_as_deciding_later(qtbot: QtBot) -> None:
    dialog = RecoveryDialog([recovered()])
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.reject()
    assert not dialog.discarded
    dialog.show()
    qtbot.mouseClick(dialog.discard_button, Qt.MouseButton.LeftButton)
    assert dialog.discarded


DRIVE = """
import sys
from dataclasses import replace
from PySide6.QtCore import QTimer
from app.head.pose import HeadPose
from widgets import application

begin = application._begin
def begin_and_turn(window, file):
    begin(window, file)
    scene = window.document.scene
    window.document.change("Turn", replace(scene, pose=HeadPose(yaw=float(sys.argv[1]))))
    timer = QTimer(window)
    timer.timeout.connect(lambda: window.autosave.file.exists() and print("saved", flush=True))
    timer.start(50)
application._begin = begin_and_turn
from main import main, open_window
sys.exit(main([], open_window))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_window_that_is_killed_leaves_its_work(how: signal.Signals) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", DRIVE, "37"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert child.stdout is not None
    started = time.monotonic()
    line = child.stdout.readline()
    assert line.strip() == "saved", f"no autosave after {time.monotonic() - started:.0f} s"
    assert left_behind(recovery_dir()) == []
    child.send_signal(how)
    child.communicate(timeout=STARTED_S)
    (found,) = left_behind(recovery_dir())
    assert found.session.scene.pose.yaw == 37.0
    assert found.session.scene.head.path.startswith("builtin:")
