"""The live face drives the Studio's head: one step of undo, or none, and never somebody's work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.dataset.sample import rotation_in_camera
from app.geometry.rotations import matrix_from_pose_para
from app.head.pose import HeadPose
from app.jobs import JobList
from app.paths import ASSETS
from app.scene.presets import default_scene
from app.scene.scene import HeadFile
from app.session.document import Document
from inference import predictions
from inference.live.face_measures import in_space, neutral_of
from inference.live.folder import FolderSource
from inference.live.frames import Frame
from inference.live.outcome import LiveFace, LiveResult
from inference.results import Face
from tests.gui.small_head import small_head
from widgets.live.desk import LiveDesk
from widgets.live.puppet import LivePuppet
from widgets.live.puppet_panel import NO_HEAD, NO_SHAPES, TAKEN, PuppetPanel

CLIP = ASSETS / "clips" / "sample.mp4"
PICTURE = np.zeros((480, 640, 3), np.uint8)


@cache
def faces() -> tuple[Face, ...]:
    """The exact points of the person of the sample clip who is there all the time."""
    found = []
    for line in predictions.read(CLIP.with_suffix(".jsonl")):
        face = min(line.faces, key=lambda f: f.box.x)
        assert face.head_pose is not None
        rotation = rotation_in_camera(matrix_from_pose_para(face.head_pose))
        found.append(replace(face, rotation=rotation.astype(np.float32)))
    return tuple(found)


def seen(index: int, number: int = 1) -> LiveResult:
    now = time.monotonic()
    face = faces()[index]
    frame = Frame(PICTURE, index, index / 30, now, "sample.mp4", index)
    return LiveResult(frame, (LiveFace(number, face, face, 1.0),), {}, 0.0, now)


@pytest.fixture
def document(qapp: QApplication) -> Document:
    scene = default_scene(HeadFile("builtin:ada"))
    return Document(replace(scene, pose=HeadPose(5.0, 1.0, 0.0, shapes={"tongueOut": 0.3})))


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[LiveDesk]:
    desk = LiveDesk(JobList())
    yield desk
    desk.shut_down()
    desk.deleteLater()


def test_a_session_of_puppet_leaves_nothing_behind(desk: LiveDesk, document: Document) -> None:
    puppet = LivePuppet(desk, document)
    puppet.set_asset(small_head())
    before = document.scene
    puppet.set_on(True)
    drive(desk, range(150, 170))
    assert document.scene.pose.yaw > 6.0
    assert document.undo_stack.count() == 1
    puppet.set_on(False)
    assert document.scene == before
    assert document.undo_stack.isClean()
    assert not document.undo_stack.canUndo()


def test_kept_it_is_one_step(desk: LiveDesk, document: Document) -> None:
    puppet = LivePuppet(desk, document)
    puppet.set_asset(small_head())
    before = document.scene
    puppet.keep = True
    puppet.set_on(True)
    drive(desk, range(150, 170))
    puppet.set_on(False)
    turned = document.scene.pose
    assert turned != before.pose
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.scene == before
    document.undo_stack.redo()
    assert document.scene.pose == turned


def test_an_empty_stage_has_no_puppet(desk: LiveDesk, document: Document) -> None:
    puppet = LivePuppet(desk, document)
    messages: list[str] = []
    puppet.message.connect(lambda _, text: messages.append(text))
    puppet.set_on(True)
    assert not puppet.on
    assert "open one in the Studio" in messages[0]


def test_landmarks_move_the_face_once_it_is_known_at_rest(
    desk: LiveDesk, document: Document
) -> None:
    puppet = LivePuppet(desk, document)
    puppet.set_asset(small_head())
    puppet.set_on(True)
    drive(desk, range(280, 300))
    assert document.scene.pose.shapes == {"tongueOut": 0.3}, "the pose alone, before"
    puppet._set_neutral(neutral_of(faces()[:20]))
    drive(desk, range(280, 300))
    shapes = document.scene.pose.shapes
    assert shapes["jawOpen"] > 0.15
    assert shapes["browInnerUp"] > 0.3
    assert shapes["tongueOut"] == 0.3, "what is not driven stays"
    puppet.set_on(False)
    assert document.scene.pose.shapes == {"tongueOut": 0.3}


def test_a_neutral_face_takes_a_second_of_looking(desk: LiveDesk, document: Document) -> None:
    told: list[float] = []
    puppet = LivePuppet(desk, document)
    puppet.calibrating.connect(told.append)
    messages: list[str] = []
    puppet.message.connect(lambda _, text: messages.append(text))
    puppet.calibrate()
    assert "Choose a camera" in messages[0], "nothing to look at"
    start_source(desk)
    puppet.calibrate()
    end = time.monotonic() + 3.0
    index = 0
    while puppet.is_calibrating and time.monotonic() < end:
        desk.result.emit(seen(index % 20))
        index += 1
        time.sleep(0.03)
    assert puppet.neutral is not None
    assert told[0] == 0.0
    assert told[-1] == -1.0
    assert max(told) > 0.8


def test_somebody_who_turns_the_head_has_it(desk: LiveDesk, document: Document) -> None:
    puppet = LivePuppet(desk, document)
    puppet.set_asset(small_head())
    puppet.set_on(True)
    drive(desk, range(150, 160))
    theirs = replace(document.scene, pose=HeadPose(-20.0, 0.0, 0.0))
    document.change("Head yaw", theirs)
    assert not puppet.on
    assert document.scene == theirs
    drive(desk, range(160, 165))
    assert document.scene == theirs


def test_an_undo_ends_the_puppet(desk: LiveDesk, document: Document) -> None:
    puppet = LivePuppet(desk, document)
    puppet.set_asset(small_head())
    before = document.scene
    puppet.set_on(True)
    drive(desk, range(150, 160))
    document.undo_stack.undo()
    assert not puppet.on
    assert document.scene == before


def test_other_work_goes_on_while_a_face_drives_the_head(
    desk: LiveDesk, document: Document
) -> None:
    puppet = LivePuppet(desk, document)
    puppet.set_asset(small_head())
    puppet.set_on(True)
    drive(desk, range(150, 155))
    document.change("Lights off", replace(document.scene, lights=()))
    drive(desk, range(155, 160))
    assert puppet.on
    puppet.set_on(False)
    assert document.scene.pose.yaw == 5.0
    assert document.scene.lights == ()


def test_without_results_the_head_eases_back(desk: LiveDesk, document: Document) -> None:
    puppet = LivePuppet(desk, document)
    puppet.set_asset(small_head())
    puppet.set_on(True)
    drive(desk, range(150, 175))
    away = document.scene.pose.yaw
    assert away > 8.0
    places = [away]
    end = time.monotonic() + 4.0
    while abs(document.scene.pose.yaw - 5.0) > 0.2 and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)
        places.append(document.scene.pose.yaw)
    assert document.scene.pose.yaw == pytest.approx(5.0, abs=0.3)
    assert np.abs(np.diff(places)).max() < 6.0, "no leap"
    puppet.set_on(False)


def test_the_panel_says_what_can_be_driven(desk: LiveDesk, document: Document) -> None:
    panel = PuppetPanel(desk, document)
    assert panel.head_note.text() == NO_HEAD
    assert not panel.button.isEnabled()
    panel.set_asset(small_head(shapes=("Beard",)))
    assert panel.head_note.text() == NO_SHAPES
    panel.set_asset(small_head())
    assert "can follow the face" in panel.head_note.text()
    assert panel.button.isEnabled()
    assert not panel.neutral_button.isEnabled()
    start_source(desk)
    assert panel.neutral_button.isEnabled()
    panel.button.click()
    assert panel.puppet.on
    assert panel.button.text() == "Let go of the head"
    panel.puppet._set_neutral(neutral_of(faces()[:20]))
    assert panel.neutral_note.text() == TAKEN
    panel.forget_button.click()
    assert panel.puppet.neutral is None
    panel.end.button(True).click()
    assert panel.puppet.keep
    panel.shut_down()
    assert not panel.puppet.on
    panel.deleteLater()


def test_landmarks_in_space_stand_upright_and_face_the_camera() -> None:
    points = in_space(faces()[0])
    assert points.shape == (68, 3)
    eyes, chin, nose = points[36:48].mean(axis=0), points[8], points[30]
    assert eyes[2] > chin[2] + 0.05, "z is up"
    assert nose[1] < eyes[1] - 0.005, "the nose is nearer to the camera"
    assert points[45, 0] > points[36, 0]
    assert np.linalg.norm(points[45] - points[36]) == pytest.approx(0.088)


def drive(desk: LiveDesk, indices: range) -> None:
    """Let results come at the rate of the clip."""
    for index in indices:
        desk.result.emit(seen(index))
        time.sleep(0.02)


def start_source(desk: LiveDesk) -> None:
    """A source to look at: one picture that ships."""
    desk.start(FolderSource(ASSETS / "heads" / "ada" / "thumbnail.jpg", 30.0))
