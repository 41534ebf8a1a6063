"""The Camera panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.scene.placement import camera_matrix, pinhole
from app.scene.scene import Camera, HeadFile, Scene
from app.session.document import Document
from widgets.fields.form import PANEL_WIDTH
from widgets.panels.camera import CameraPanel


@pytest.fixture
def document() -> Document:
    return Document(Scene(HeadFile("builtin:small")))


@pytest.fixture
def panel(qtbot: QtBot, document: Document) -> CameraPanel:
    panel = CameraPanel(document)
    qtbot.addWidget(panel)
    panel.resize(PANEL_WIDTH, 700)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def test_fields_change_the_camera_and_follow_it(panel: CameraPanel, document: Document) -> None:
    place = panel.placement
    place.distance.edit(0.5, None)
    place.azimuth.edit(30.0, None)
    place.elevation.edit(-10.0, None)
    place.offsets[2].edit(0.04, None)
    camera = document.scene.camera
    assert (camera.distance, camera.azimuth, camera.elevation) == (0.5, 30.0, -10.0)
    assert camera.offset == (0.0, 0.0, 0.04)
    document.undo_stack.undo()
    assert place.offsets[2].value() == 0.0


def test_letting_the_camera_go_keeps_its_view(panel: CameraPanel, document: Document) -> None:
    camera = Camera(azimuth=25.0, elevation=15.0, offset=(0.05, 0.0, 0.1))
    document.change("Test", replace(document.scene, camera=camera))
    before = camera_matrix(document.scene.camera)
    panel.placement.look_at.click()
    assert not document.scene.camera.look_at
    np.testing.assert_allclose(camera_matrix(document.scene.camera), before, atol=1e-9)
    assert all(field.isEnabled() for field in panel.placement.rotation)
    panel.placement.look_at.click()
    np.testing.assert_allclose(camera_matrix(document.scene.camera), before, atol=1e-9)
    assert not panel.placement.rotation[0].isEnabled()


def test_focal_length_and_field_of_view_are_one(panel: CameraPanel, document: Document) -> None:
    assert panel.lens.focal.value() == pytest.approx(31.177, abs=0.001)
    panel.lens.focal.edit(50.0, None)
    assert pinhole(document.scene.camera).focal_mm == pytest.approx(50.0)
    assert panel.lens.field_of_view.value() == pytest.approx(39.598, abs=0.001)
    panel.lens.field_of_view.edit(90.0, None)
    assert panel.lens.focal.value() == pytest.approx(18.0)


def test_the_clip_range_never_turns_over(panel: CameraPanel, document: Document) -> None:
    panel.lens.clip[1].edit(0.5, None)
    panel.lens.clip[0].edit(2.0, None)
    camera = document.scene.camera
    assert camera.clip_start < camera.clip_end == 0.5
    assert panel.lens.clip[0].value() == camera.clip_start, "the field shows what was kept"
    panel.lens.clip[1].edit(0.001, None)
    assert document.scene.camera.clip_start < document.scene.camera.clip_end


def test_picture_sizes(panel: CameraPanel, document: Document) -> None:
    section = panel.picture
    row = section.preset.findText("1280 × 720")
    section.preset.setCurrentIndex(row)
    section.preset.activated.emit(row)
    assert (document.scene.camera.width, document.scene.camera.height) == (1280, 720)
    section.swap.click()
    assert (document.scene.camera.width, document.scene.camera.height) == (720, 1280)
    assert section.preset.currentText() == "Custom"
    section.square.click()
    assert (document.scene.camera.width, document.scene.camera.height) == (720, 720)
    section.sides[0].edit(256.0, None)
    section.sides[1].edit(256.0, None)
    assert section.preset.currentText() == "256 × 256"
    assert isinstance(document.scene.camera.width, int)


def test_named_cameras(panel: CameraPanel, document: Document) -> None:
    section = panel.cameras
    section.add_button.click()
    panel.placement.distance.edit(1.5, None)
    section.add_button.click()
    assert [camera.name for camera in document.scene.cameras] == ["Camera 1", "Camera 2"]
    section.names.applied.emit(0)
    assert document.scene.camera.distance == 0.30
    section.names.list.item(1).setText("From afar")
    section.names.applied.emit(1)
    assert (document.scene.camera.name, document.scene.camera.distance) == ("From afar", 1.5)
    section.names.removed.emit(0)
    assert [camera.name for camera in document.scene.cameras] == ["From afar"]


def test_reset_and_the_buttons_for_the_viewport(
    qtbot: QtBot, panel: CameraPanel, document: Document
) -> None:
    panel.placement.distance.edit(3.0, None)
    panel.reset_camera()
    assert document.scene.camera == Camera()
    with qtbot.waitSignal(panel.look_through) as looked:
        panel.view.click()
    assert looked.args == [True]
    panel.set_looking_through(False)
    assert not panel.view.isChecked()
    with qtbot.waitSignal(panel.set_from_view):
        panel.from_view.click()


def test_nothing_is_cut_at_the_narrowest_width(panel: CameraPanel) -> None:
    panel.cameras.set_expanded(True)
    room = PANEL_WIDTH - panel.verticalScrollBar().sizeHint().width()
    assert panel.content.minimumSizeHint().width() <= room
