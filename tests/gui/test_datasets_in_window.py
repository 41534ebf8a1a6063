"""Data sets in the whole window: making them, their pictures in the Studio, and quitting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.blender.client import Blender
from app.dataset.annotation import SCHEMA, VERSION
from app.dataset.frame import Frame, Subject
from app.head.library import shipped
from app.head.pose import HeadPose
from app.jobs import JobList
from app.notify import Notifications
from app.scene.backdrop import Backdrop
from app.scene.scene import Camera, HeadFile, Light, Scene
from app.session.settings import Settings
from widgets import theme
from widgets.drop import dropped_file
from widgets.main_window import MainWindow

pytestmark = pytest.mark.skipif(not shipped(), reason="no head is shipped yet")
READING_MS = 60_000
HEAD = "builtin:ada"
PLACE = "female/0001/Simple/happy/HeadRot"


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    theme.apply(qapp)
    blender = Blender(spare=False)
    made = MainWindow(Settings(), Notifications(), JobList(), blender)
    made.resize(1280, 800)
    made.show()
    qtbot.waitUntil(lambda: made.studio.viewport.shown_asset is not None, timeout=READING_MS)
    yield made
    made.shut_down()
    made.close()
    made.deleteLater()
    blender.close()
    qapp.processEvents()


def annotation(folder: Path) -> Path:
    """A picture of a data set, as its annotation tells it."""
    scene = Scene(
        HeadFile(HEAD),
        HeadPose(yaw=21.0, shapes={"jawOpen": 0.5}),
        Camera(distance=0.4, azimuth=15.0, width=256, height=256),
        (Light("Lamp", "point", position=(0.2, -0.5, 0.3)),),
    )
    frame = Frame(0, Subject("female/0001", head=HEAD), PLACE, "0003", scene, Backdrop())
    path = folder / PLACE / "ann_0003.json"
    path.parent.mkdir(parents=True)
    content = {"schema": SCHEMA, "version": VERSION, "frame": msgspec.to_builtins(frame)}
    path.write_bytes(msgspec.json.encode(content))
    return path


def test_a_picture_opens_as_one_step_and_a_run_is_not_lost_unasked(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = annotation(tmp_path)
    before = window.document.scene
    window.open_path(path)
    qtbot.waitUntil(lambda: window.document.scene.pose.yaw == 21.0)
    scene = window.document.scene
    assert scene.pose.shapes == {"jawOpen": 0.5} and scene.camera.width == 256
    assert scene.lights[0].name == "Lamp"
    assert window.studio.viewport.looking_through_camera
    assert "0003" in window.document.undo_stack.undoText()
    window.document.undo_stack.undo()
    assert window.document.scene == before

    path.write_text("{}")
    window.open_path(path)
    qtbot.waitUntil(lambda: bool(window.notifications.notices))
    assert "ann_0003.json" in window.notifications.notices[-1].text

    window.commands["file.generate"].trigger()
    generate = window.datasets.generate
    assert generate is not None and generate.isVisible()
    assert generate.model.choices.heads == (HEAD,)
    assert window.datasets.may_leave()
    generate.choose_output(tmp_path / "set")
    generate.model.change(workers=1)
    generate.model.change_spec(width=64, height=64, per_person=500, topologies=("ibug-68",))
    qtbot.waitUntil(lambda: generate.survey is not None)
    generate.start()
    assert [job.title for job in window.jobs.running] == ["Generate set"]
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda self: asked.append(self.text()))
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda self: self.defaultButton())
    window.close()
    assert asked == ["Stop making pictures and quit?"] and window.isVisible()
    assert window.datasets.running
    window.shut_down()
    assert not window.datasets.running


def test_landmarks_of_a_shipped_head_are_exact(window: MainWindow, qtbot: QtBot) -> None:
    layer = window.studio.viewport.marks
    window.commands["view.landmark_points"].setChecked(True)
    qtbot.waitUntil(lambda: layer.poser is not None, timeout=READING_MS)
    assert layer.poser is not None and layer.poser.exact
    assert "Exact" in window.studio.landmarks.origin.text()
    assert window.studio.viewport.wait_for_frame()
    assert {m.topology for m in layer.drawn()} == {"ibug-68", "ibug-68-outline"}
    window.studio.landmarks.switches["dense-520"].click()
    assert window.commands["view.landmarks_dense_520"].isChecked()
    layer.select(("ibug-68", 30))
    assert "number 30" in window.studio.landmarks.point.text()
    assert window.studio.landmarks.on.isChecked()
    window.studio.landmarks.on.click()
    assert not window.commands["view.landmark_points"].isChecked()


def test_pictures_of_data_sets_can_be_dropped_and_others_not(tmp_path: Path) -> None:
    def dropped(name: str) -> Path | None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        return dropped_file(data)

    for name in ("ann_0001.json", "rgb_0001.jpg", "a.fbx", "b.headroom"):
        assert dropped(name) == tmp_path / name
    assert dropped("holiday.jpg") is None and dropped("notes.txt") is None
