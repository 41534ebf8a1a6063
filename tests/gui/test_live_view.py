"""The workspace Live in the whole window: made when it is shown, used by keys, drops and menus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.blender.client import Blender
from app.head.library import shipped
from app.jobs import JobList
from app.notify import Notifications
from app.session.settings import Settings
from inference.live.device import CameraSettings
from inference.live.recording import Format, Values
from inference.pictures import PICTURES, VIDEOS
from tests.gui.live_desk import face_model, made_desk, pause, until
from tests.unit.live_clips import write_clip
from widgets import theme
from widgets.drop import dropped_file
from widgets.live import drops, memory
from widgets.live.content import LiveContent
from widgets.live.live_commands import COMMANDS, MENU
from widgets.live.memory_use import recall, remembered
from widgets.live.overlays import Overlays, from_stored
from widgets.live.source_bar import SourceBar
from widgets.live.view import LiveView
from widgets.main_window import MainWindow

pytestmark = pytest.mark.skipif(not shipped(), reason="no head is shipped yet")


@contextmanager
def made_window(application: QApplication, folder: Path) -> Iterator[MainWindow]:
    """A window that has read its head, with no model but those of its user."""
    theme.apply(application)
    (folder / "shipped").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inference.registry.FOLDER", folder / "shipped")
        for name in ("CONFIG", "DATA"):
            patch.setenv(f"HEADROOM_{name}", str(folder / name.lower()))
        blender = Blender(spare=False)
        blender.submit("ping", {}).result(60)
        window = MainWindow(Settings(), Notifications(), JobList(), blender)
        window.resize(1280, 800)
        window.show()
        until(lambda: not window.studio.loader.busy, 90.0)
        try:
            yield window
        finally:
            window.shut_down()
            window.close()
            window.deleteLater()
            blender.close()
            application.processEvents()


@pytest.fixture(scope="module")
def shared_window(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MainWindow]:
    with made_window(qapp, tmp_path_factory.mktemp("window")) as window:
        yield window


@pytest.fixture
def window(shared_window: MainWindow) -> Iterator[MainWindow]:
    """The Studio in front, nothing playing."""
    yield shared_window
    content = shared_window.live.content
    if content is not None:
        content.desk.stop()
        content.set_overlays(Overlays())
        until(lambda: not content.desk.recording.finishing)
        until(lambda: not shared_window.jobs.running)
    shared_window.show_workspace(0)
    QApplication.processEvents()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", 60, 25.0)


def opened(window: MainWindow) -> LiveContent:
    """The workspace, brought to the front and made."""
    view = window.live
    view.bring()
    until(lambda: view.content is not None)
    assert view.content is not None
    return view.content


def playing(window: MainWindow, clip: Path) -> LiveContent:
    content = opened(window)
    content.open_path(clip)
    until(lambda: content.canvas.result is not None)
    return content


def drop(view: LiveView, *paths: Path) -> bool:
    """Whether what was dragged over was taken; it is then dropped."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, left, none = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPointF(9, 9).toPoint(), actions, data, left, none)
    view.dragEnterEvent(enter)
    if enter.isAccepted():
        assert view.window_.drop_hint.isVisible()
        view.dropEvent(QDropEvent(QPointF(9, 9), actions, data, left, none))
        assert not view.window_.drop_hint.isVisible()
    return enter.isAccepted()


def test_it_is_made_when_it_is_first_shown_and_its_keys_mean_nothing_before(
    window: MainWindow,
) -> None:
    assert window.live.content is None
    assert not window.commands["live.play"].isEnabled()
    assert window.commands["live.open_video"].isEnabled()
    content = opened(window)
    assert window.commands["live.play"].isEnabled()
    until(content.canvas.notice.isVisible)
    assert not content.transport.isVisible()
    window.show_workspace(0)
    assert not window.commands["live.play"].isEnabled()
    assert content.desk.resting


def test_every_command_is_in_the_menu_and_has_a_key_of_its_own(window: MainWindow) -> None:
    listed = [name for group in MENU for name in group if name]
    assert sorted(listed) == sorted(COMMANDS)
    keys: dict[str, str] = {}
    for name, action in window.commands:
        for sequence in action.shortcuts():
            text = sequence.toString()
            assert text not in keys, f"{name} and {keys.get(text)} share {text}"
            keys[text] = name


def test_a_clip_is_shown_and_obeys_its_keys(window: MainWindow, clip: Path) -> None:
    content = playing(window, clip)
    desk = content.desk
    window.activateWindow()
    content.canvas.setFocus()
    until(content.canvas.hasFocus)
    QTest.keyClick(content.canvas, Qt.Key.Key_Space)
    assert not desk.playing
    desk.seek(20)
    until(lambda: desk.index == 20)
    QTest.keyClick(content.canvas, Qt.Key.Key_Period)
    until(lambda: desk.index == 21)
    QTest.keyClick(content.canvas, Qt.Key.Key_Comma)
    until(lambda: desk.index == 20)
    QTest.keyClick(content.canvas, Qt.Key.Key_I)
    assert desk.span == (20, None)
    QTest.keyClick(content.canvas, Qt.Key.Key_F8)
    until(lambda: desk.inbox.kept)
    QTest.keyClick(content.canvas, Qt.Key.Key_H)
    assert not content.canvas.hud
    QTest.keyClick(content.canvas, Qt.Key.Key_R)
    assert desk.overlays.raw and content.canvas.overlays.raw
    QTest.keyClick(content.canvas, Qt.Key.Key_F9)
    until(lambda: desk.recording.running)
    assert window.commands["live.record"].text() == "Stop re&cording"
    QTest.keyClick(content.canvas, Qt.Key.Key_F9)
    until(lambda: not desk.recording.running and not desk.recording.finishing)


def test_space_in_a_panel_is_the_panels_own(window: MainWindow, clip: Path) -> None:
    content = playing(window, clip)
    content.docks.bring("Record")
    until(lambda: content.docks.record.isVisible())
    toggle = content.docks.record.whole
    toggle.setFocus()
    QTest.keyClick(toggle, Qt.Key.Key_Space)
    assert toggle.isChecked() and content.desk.playing


def test_another_workspace_lets_it_rest_and_coming_back_goes_on(
    window: MainWindow, clip: Path
) -> None:
    content = playing(window, clip)
    window.show_workspace(0)
    assert content.desk.session is not None
    until(lambda: content.desk.session is not None and content.desk.session.engine.paused)
    assert not content.desk.session.capture.playing
    pause(0.1)
    first = content.canvas.result
    window.live.bring()
    until(lambda: content.canvas.result is not first)
    assert content.desk.playing


def test_files_and_folders_can_be_dropped(window: MainWindow, clip: Path, tmp_path: Path) -> None:
    content = opened(window)
    view = window.live
    assert drop(view, clip)
    until(lambda: content.desk.source is not None and content.desk.source.name == "clip.mp4")
    model = face_model(tmp_path / "net.onnx")
    assert drop(view, model)
    until(lambda: (content.desk.shelf.folder.folder / "net.onnx").is_file())
    (tmp_path / "pictures").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    assert not drop(view, tmp_path / "notes.txt")
    assert drop(view, tmp_path / "pictures")
    until(lambda: any("holds no pictures" in n.text for n in window.notifications.notices))
    assert content.desk.source is not None and content.desk.source.name == "clip.mp4"


def test_a_video_dropped_on_the_studio_brings_the_live_workspace(
    window: MainWindow, clip: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(clip))])
    assert dropped_file(data) == clip
    window.open_path(clip)
    assert window.workspace is window.live
    until(lambda: window.live.content is not None)
    content = window.live.content
    assert content is not None
    until(lambda: content.canvas.result is not None)


def test_dropped_names_are_those_that_can_be_read() -> None:
    assert drops.VIDEOS == VIDEOS
    assert drops.PICTURES == PICTURES


def test_the_studio_is_a_source(window: MainWindow) -> None:
    content = opened(window)
    window.commands["live.viewport"].trigger()
    until(lambda: content.canvas.result is not None, 60.0)
    result = content.canvas.result
    assert result is not None
    assert result.frame.source == "Studio viewport"
    assert int(result.frame.picture.max()) > int(result.frame.picture.min())
    assert not content.desk.seekable
    window.commands["live.render"].trigger()
    until(lambda: "press F12" in content.desk.source_status.message)
    until(content.canvas.notice.isVisible)


def test_a_video_is_asked_for(
    window: MainWindow, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_: (str(clip), "")))
    window.commands["live.open_video"].trigger()
    content = opened(window)
    until(lambda: content.canvas.result is not None)
    assert content.last_folder == str(clip.parent)


def test_choices_are_remembered_at_the_next_start(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "live.json"
    with made_desk(qapp, monkeypatch, tmp_path) as desk:
        bar = SourceBar(desk)
        desk.overlays = desk.overlays.with_shown("mesh_520", True)
        desk.configure(strength=0.8)
        desk.loop, desk.speed = False, 2.0
        desk.recording.choice = replace(
            desk.recording.choice, whole=True, formats=frozenset({Format.CSV}), values=Values.RAW
        )
        bar.set_camera_settings(CameraSettings((1280, 720), None, True))
        memory.save(path, remembered(desk, bar, hud=False, last_folder="/there"))
        bar.close_pool()
        bar.deleteLater()
    with made_desk(qapp, monkeypatch, tmp_path) as desk:
        bar = SourceBar(desk)
        kept = memory.load(path)
        recall(kept, desk, bar)
        assert (kept.hud, kept.last_folder) == (False, "/there")
        assert from_stored(kept.overlays).shows("mesh_520")
        assert (desk.settings.strength, desk.loop, desk.speed) == (0.8, False, 2.0)
        choice = desk.recording.choice
        assert (choice.whole, choice.values) == (True, Values.RAW)
        assert choice.formats == frozenset({Format.CSV})
        assert bar.settings == CameraSettings((1280, 720), None, True)
        bar.close_pool()
        bar.deleteLater()


def test_what_was_remembered_and_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    assert memory.load(path) == memory.LiveMemory()
    path.write_text('{"speed": "fast"}')
    assert memory.load(path) == memory.LiveMemory()
    assert (tmp_path / "live.json.bak").is_file()
    kept = memory.LiveMemory(speed=2.0, models={"face": "/a.onnx"})
    memory.save(path, kept)
    assert memory.load(path) == kept


def test_presentation_fills_the_screen_and_gives_back(window: MainWindow, clip: Path) -> None:
    content = playing(window, clip)
    window.commands["live.present"].trigger()
    shown = content._presenting
    assert shown is not None and shown.isVisible()
    until(lambda: shown.canvas.result is not None)
    QTest.keyClick(shown, Qt.Key.Key_2)
    assert content.desk.overlays.shows("mesh_520")
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert content._presenting is None
    before = content.canvas.result
    until(lambda: content.canvas.result is not before)


def test_the_chart_is_made_when_it_is_first_seen(window: MainWindow, clip: Path) -> None:
    content = playing(window, clip)
    assert content.docks.chart.chart is None
    content.docks.bring("Chart")
    until(lambda: content.docks.chart.chart is not None)
    content.docks.reset()
    assert not content.docks.docks["Chart"].isVisible()


def test_closing_while_it_plays_and_records_leaves_nothing(window: MainWindow, clip: Path) -> None:
    content = playing(window, clip)
    content.desk.recording.start()
    until(lambda: content.desk.recording.running)
    until(lambda: content.desk.recording.recorder.frames > 1)  # type: ignore[union-attr]
    folder = content.desk.recording.choice.folder
    window.shut_down()
    assert {p.suffix for p in folder.iterdir()} == {".mp4", ".jsonl"}
    assert np.isfinite(content.desk.current_statistics().rate)
