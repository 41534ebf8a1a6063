"""The whole window, with the real viewport, the real panels and the real Blender."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMenu, QScrollArea
from pytestqt.qtbot import QtBot

from app.blender.client import Blender
from app.head.correction import Correction
from app.head.library import resolve, shipped
from app.head.pose import HeadPose
from app.jobs import JobList, State
from app.notify import Notifications
from app.scene.scene import HeadFile
from app.session.session_file import Session, read, write
from app.session.settings import Settings
from widgets import theme
from widgets.main_window import MainWindow
from widgets.shortcuts import ShortcutDialog

pytestmark = pytest.mark.skipif(not shipped(), reason="no head is shipped yet")
READING_MS = 60_000


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], MainWindow]]:
    theme.apply(qapp)
    made: list[MainWindow] = []
    clients: list[Blender] = []

    def make() -> MainWindow:
        blender = Blender(spare=False)
        clients.append(blender)
        window = MainWindow(Settings(), Notifications(), JobList(), blender)
        made.append(window)
        window.resize(1280, 800)
        window.show()
        qtbot.waitExposed(window)
        qtbot.waitUntil(lambda: not window.studio.loader.busy, timeout=READING_MS)
        return window

    yield make
    for window in made:
        window.shut_down()
        window.close()
        window.deleteLater()
    for blender in clients:
        blender.close()
    qapp.processEvents()


@pytest.fixture
def window(make_window: Callable[[], MainWindow]) -> MainWindow:
    return make_window()


def turn(window: MainWindow, yaw: float) -> None:
    scene = window.document.scene
    window.document.change("Turn head", replace(scene, pose=HeadPose(yaw=yaw)))


def answer(qtbot: QtBot, text: str) -> None:
    """Press a button of the next dialog."""

    def press() -> None:
        dialog = QApplication.activeModalWidget()
        buttons = dialog.findChildren(QAbstractButton) if dialog else []
        for button in buttons:
            if button.text().replace("&", "") == text:
                button.click()
                return
        QTimer.singleShot(20, press)

    QTimer.singleShot(20, press)


def choose_file(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, staticmethod(lambda *_: (str(path), "")))


def loaded(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.studio.loader.busy, timeout=READING_MS)


def texts(window: MainWindow) -> list[str]:
    return [notice.text for notice in window.notifications.notices]


def test_it_opens_with_a_head_on_stage(window: MainWindow) -> None:
    asset = window.studio.loader.asset
    assert asset is not None
    assert window.studio.viewport.asset is asset
    assert f"{asset.vertex_count:,} vertices" in window.status.head.text()
    assert not window.files.unsaved


def test_menus_hold_nothing_that_the_palette_does_not(window: MainWindow) -> None:
    named = {action for _, action in window.commands}

    def inside(menu: QMenu) -> None:
        for action in menu.actions():
            below = action.menu()
            if isinstance(below, QMenu) and below is not window.recent_menu:
                inside(below)
            elif below is None and not action.isSeparator():
                assert action in named, action.text()

    for menu in window.menus.values():
        assert menu.actions()
        inside(menu)


def test_no_two_commands_share_a_key(window: MainWindow, qtbot: QtBot) -> None:
    dialog = ShortcutDialog(window.commands, window)
    qtbot.addWidget(dialog)
    assert dialog.conflicts == {}


def test_undo_survives_saving_and_the_mark_is_right(window: MainWindow, tmp_path: Path) -> None:
    window.files.path = tmp_path / "work.headroom"
    turn(window, 20.0)
    assert window.isWindowModified()
    assert window.files.save()
    assert not window.isWindowModified()
    window.commands["edit.undo"].trigger()
    assert window.document.scene.pose.yaw == 0.0
    assert window.isWindowModified()
    window.commands["edit.redo"].trigger()
    assert not window.isWindowModified()
    assert "Turn head" in window.commands["edit.undo"].text()


def test_saved_and_opened_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_file(monkeypatch, tmp_path / "work")
    turn(window, 25.0)
    window.studio.viewport.set_mode("pose")
    window.commands["file.save"].trigger()
    path = tmp_path / "work.headroom"
    assert read(path).scene.pose.yaw == 25.0
    window.studio.viewport.set_mode("navigate")
    window.commands["file.new"].trigger()
    assert window.document.scene.pose.yaw == 0.0
    window.open_path(path)
    loaded(qtbot, window)
    assert window.document.scene.pose.yaw == 25.0
    assert window.studio.viewport.mode == "pose"
    assert "work" in window.windowTitle()
    assert window.recent.paths[0] == path
    assert not window.files.unsaved


def test_closing_with_unsaved_work_asks(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(window, 30.0)
    answer(qtbot, "Cancel")
    assert not window.close()
    assert window.isVisible()
    choose_file(monkeypatch, tmp_path / "kept.headroom")
    answer(qtbot, "Save")
    assert window.close()
    assert read(tmp_path / "kept.headroom").scene.pose.yaw == 30.0


def test_discarded_work_leaves_no_recovery_file(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    turn(window, 30.0)
    qtbot.waitUntil(window.autosave.file.exists, timeout=3000)
    answer(qtbot, "Discard")
    assert window.close()
    assert not window.autosave.file.exists()


def test_a_failed_save_says_so_once_and_keeps_both(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = window.files.path = tmp_path / "work.headroom"
    assert window.files.save()
    before = path.read_bytes()
    turn(window, 30.0)

    def refuse(path: Path, session: Session) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("widgets.session_files.write", refuse)
    assert not window.files.save()
    assert path.read_bytes() == before
    assert window.files.unsaved
    assert len([text for text in texts(window) if "Read-only" in text]) == 1


@pytest.mark.parametrize("content", [b"", b"Kaydara FBX Binary  \x00\x1a\x00", b"plain text"])
def test_a_file_that_is_no_head_changes_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, content: bytes
) -> None:
    bad = tmp_path / "bad.fbx"
    bad.write_bytes(content)
    before, asset = window.document.scene, window.studio.loader.asset
    window.open_path(bad)
    loaded(qtbot, window)
    assert window.document.scene == before
    assert window.studio.loader.asset is asset
    (notice,) = window.notifications.notices
    assert notice.level == "error" and "bad.fbx" in notice.text
    qtbot.waitUntil(lambda: len(window.toasts.shown) == 1)
    assert window.jobs.jobs[-1].state is State.FAILED


def test_opening_a_head_is_a_step_that_can_be_undone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    mine = copied_head(tmp_path)
    shipped_asset = window.studio.loader.asset
    window.open_path(mine)
    loaded(qtbot, window)
    asset = window.studio.loader.asset
    assert asset is not None and asset is not shipped_asset
    assert window.document.scene.head.path == str(mine)
    assert window.recent.paths[0] == mine
    window.commands["edit.undo"].trigger()
    loaded(qtbot, window)
    assert window.studio.viewport.asset is shipped_asset
    window.commands["edit.redo"].trigger()
    assert window.studio.viewport.asset is asset


def test_reading_can_be_cancelled(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    before, asset = window.document.scene, window.studio.loader.asset
    window.open_path(copied_head(tmp_path))
    qtbot.waitUntil(lambda: window.studio.loader.busy)
    window.studio.loading.cancel.click()
    assert not window.studio.loader.busy
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=READING_MS)
    qtbot.wait(50)
    assert window.document.scene == before
    assert window.studio.viewport.asset is asset


def test_a_correction_is_read_again_and_remembered(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    mine = copied_head(tmp_path)
    window.open_path(mine)
    loaded(qtbot, window)
    window.commands["head.bones"].trigger()
    dialog = window.studio.dialog
    assert dialog is not None and dialog.isVisible()
    jaw = dialog.bones["jaw"]
    jaw.setCurrentIndex(jaw.findData("neck02"))
    dialog.apply_button.click()
    loaded(qtbot, window)
    assert window.document.scene.head.correction == Correction(jaw="neck02")
    assert window.studio.loader.asset.roles.jaw == "neck02"
    window.document.undo_stack.setClean()
    window.commands["file.new"].trigger()
    loaded(qtbot, window)
    window.open_path(mine)
    loaded(qtbot, window)
    assert window.document.scene.head.correction.jaw == "neck02"


def copied_head(folder: Path) -> Path:
    source = resolve(f"builtin:{shipped()[0]}")
    target = folder / "heads" / source.stem
    shutil.copytree(source.parent, target)
    return target / source.name


def missing_head(window: MainWindow, tmp_path: Path) -> Path:
    """A session whose head is gone."""
    path = tmp_path / "lost.headroom"
    scene = replace(window.document.scene, head=HeadFile(str(tmp_path / "gone" / "me.fbx")))
    write(path, Session(replace(scene, pose=HeadPose(yaw=11.0))))
    return path


def test_a_head_that_moved_is_located(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = copied_head(tmp_path)
    choose_file(monkeypatch, mine)
    answer(qtbot, "Locate…")
    window.open_path(missing_head(window, tmp_path))
    loaded(qtbot, window)
    assert window.document.scene.head.path == str(mine)
    assert window.document.scene.pose.yaw == 11.0
    assert window.files.unsaved


def test_a_session_opens_without_its_head_and_loses_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = missing_head(window, tmp_path)
    answer(qtbot, "Open without it")
    window.open_path(path)
    loaded(qtbot, window)
    assert window.studio.loader.asset is None
    assert window.studio.stage.currentWidget() is window.studio.gallery
    assert window.files.save()
    assert Path(read(path).scene.head.path) == tmp_path / "gone" / "me.fbx"


def test_one_can_stay_instead(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    before = window.document.scene
    answer(qtbot, "Cancel")
    window.open_path(missing_head(window, tmp_path))
    assert window.document.scene == before
    assert window.files.path is None


def test_a_session_that_is_none_is_refused_in_one_line(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "bad.headroom"
    path.write_text(json.dumps({"format": "headroom-session", "version": 9}))
    before = window.document.scene
    window.open_path(path)
    assert window.document.scene == before
    assert "newer Headroom" in texts(window)[-1]


def test_files_are_dropped_on_the_window(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "dropped.headroom"
    write(path, Session(replace(window.document.scene, pose=HeadPose(yaw=44.0))))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    middle, left = QPointF(400, 300), Qt.MouseButton.LeftButton
    plain, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(middle.toPoint(), copy, data, left, plain)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    assert window.drop_hint.isVisible()
    QApplication.sendEvent(window, QDropEvent(middle, copy, data, left, plain))
    assert not window.drop_hint.isVisible()
    qtbot.waitUntil(lambda: window.document.scene.pose.yaw == 44.0)


def test_other_files_are_not_taken(window: MainWindow, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "notes.txt"))])
    enter = QDragEnterEvent(
        QPointF(4, 4).toPoint(),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window, enter)
    assert not window.drop_hint.isVisible()


def test_recent_files_that_are_gone_are_greyed(window: MainWindow, tmp_path: Path) -> None:
    there = tmp_path / "there.headroom"
    there.write_text("{}")
    window.recent.add(tmp_path / "gone.headroom")
    window.recent.add(there)
    window.recent_menu.aboutToShow.emit()
    listed = {action.text(): action.isEnabled() for action in window.recent_menu.actions()}
    assert listed["there.headroom"]
    assert not listed["gone.headroom (missing)"]


def test_nothing_is_cut_at_1280_by_800(window: MainWindow, qtbot: QtBot) -> None:
    assert window.width() == 1280 and window.height() == 800
    qtbot.wait(50)
    for name, panel in window.studio.panels.items():
        assert isinstance(panel, QScrollArea)
        assert panel.horizontalScrollBar().maximum() == 0, name
        assert panel.width() >= panel.minimumSizeHint().width(), name
    assert window.studio.viewport.width() > 800
    bar = window.studio.view_bar
    assert bar.width() >= bar.minimumSizeHint().width()
    assert window.top_bar.width() >= window.top_bar.minimumSizeHint().width()


def test_the_layout_is_remembered_and_can_be_reset(
    make_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    first = make_window()
    first.studio.docks["Preview"].close()
    first.close()
    second = make_window()
    qtbot.waitUntil(lambda: not second.studio.docks["Preview"].isVisible())
    second.commands["view.reset_layout"].trigger()
    assert second.studio.docks["Preview"].isVisible()


def test_modes_follow_keys_buttons_and_viewport(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["view.pose"].trigger()
    assert window.studio.viewport.mode == "pose"
    window.studio.viewport.set_mode("landmarks")
    assert window.commands["view.landmarks"].isChecked()
    assert not window.commands["view.pose"].isChecked()


def test_the_same_notice_is_shown_once_and_counted(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(3):
        window.notifications.error("Blender stopped.", "the details")
    qtbot.waitUntil(lambda: len(window.toasts.shown) == 1)
    (toast,) = window.toasts.shown
    assert toast.notice.count == 3
    window.show_notices()
    assert window.notice_list.list.count() == 1
    window.notice_list.close()


def test_failed_jobs_stay_with_their_reason_and_run_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.fbx"
    bad.write_bytes(b"no")
    window.open_path(bad)
    loaded(qtbot, window)
    window.show_jobs()
    row = next(row for row in window.job_popup.rows if row.job.state is State.FAILED)
    assert "bad.fbx" in row.said.text()
    window.job_popup.close()
    shutil.copyfile(copied_head(tmp_path), bad)
    row.again.click()
    qtbot.waitUntil(
        lambda: window.document.scene.head.path == str(bad) and not window.studio.loader.busy,
        timeout=READING_MS,
    )


def test_a_render_is_tried_again_in_its_panel_and_not_in_the_list(
    window: MainWindow, qtbot: QtBot
) -> None:
    preview = window.studio.preview
    preview.render()
    preview.cancel()
    qtbot.waitUntil(lambda: not preview.busy, timeout=READING_MS)
    window.show_jobs()
    row = next(row for row in window.job_popup.rows if row.job.title == "Render")
    assert row.job.state is State.CANCELLED
    assert not row.again.isVisible()
    window.job_popup.close()


def test_the_preview_comes_to_the_front_when_it_renders(window: MainWindow, qtbot: QtBot) -> None:
    dock, preview = window.studio.docks["Preview"], window.studio.preview
    assert dock in window.studio.tabifiedDockWidgets(window.studio.docks["Pose"])
    assert dock.visibleRegion().isEmpty()
    window.commands["render.start"].trigger()
    qtbot.waitUntil(lambda: not dock.visibleRegion().isEmpty())
    preview.cancel()
    qtbot.waitUntil(lambda: not preview.busy, timeout=READING_MS)


def test_what_is_folded_is_remembered(make_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    first = make_window()
    first.studio.pose.sections()["Expression"].set_expanded(False)
    first.studio.camera.sections()["Named cameras"].set_expanded(True)
    first.close()
    second = make_window()
    qtbot.waitUntil(lambda: not second.studio.pose.sections()["Expression"].expanded)
    assert second.studio.camera.sections()["Named cameras"].expanded
    assert second.studio.pose.sections()["Head"].expanded


def test_panels_are_reached_by_keys_and_hidden_ones_are_passed_over(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.activateWindow()
    studio = window.studio
    for name in ("Preview", "Lights", "Camera", "Pose"):
        window.commands[f"view.go_{name.lower()}"].trigger()
        qtbot.waitUntil(lambda name=name: studio.panels[name].content.isVisible())  # type: ignore[misc]
    qtbot.waitUntil(lambda: studio.pose.isAncestorOf(QApplication.focusWidget()))
    behind = [studio.panels[name] for name in ("Camera", "Lights", "Preview")]
    for _ in range(60):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert not any(panel.isAncestorOf(QApplication.focusWidget()) for panel in behind)
