"""One undo stack over the scene: gestures, steps and the clean mark."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.head.pose import HeadPose
from app.scene.scene import Camera, HeadFile, Light, Scene
from app.session.document import Document


@pytest.fixture
def document(qtbot: QtBot) -> Document:
    return Document(Scene(HeadFile("builtin:test")))


def turn(document: Document, yaw: float, gesture: object | None = None) -> None:
    document.change("Turn", replace(document.scene, pose=HeadPose(yaw=yaw)), gesture)


def test_a_drag_is_one_step(document: Document) -> None:
    drag = object()
    for yaw in (1.0, 5.0, 9.0):
        turn(document, yaw, drag)
    document.undo_stack.undo()
    assert document.scene.pose.yaw == 0.0
    document.undo_stack.redo()
    assert document.scene.pose.yaw == 9.0


def test_two_drags_are_two_steps(document: Document) -> None:
    turn(document, 3.0, object())
    turn(document, 7.0, object())
    document.undo_stack.undo()
    assert document.scene.pose.yaw == 3.0


def test_steps_without_gesture_stay_apart(document: Document) -> None:
    turn(document, 3.0)
    turn(document, 4.0)
    assert document.undo_stack.count() == 2


def test_a_drag_back_to_the_start_leaves_no_step(document: Document) -> None:
    drag = object()
    turn(document, 3.0, drag)
    turn(document, 0.0, drag)
    assert document.undo_stack.count() == 0
    assert document.scene.pose.yaw == 0.0


def test_one_stack_spans_pose_camera_and_lights(document: Document) -> None:
    turn(document, 10.0)
    document.change("Move", replace(document.scene, camera=Camera(distance=0.5)))
    document.change("Add", replace(document.scene, lights=(Light("Key"),)))
    seen = []
    document.scene_changed.connect(lambda before, after: seen.append(after))
    for _ in range(3):
        document.undo_stack.undo()
    assert document.scene == Scene(HeadFile("builtin:test"))
    assert [len(s.lights) for s in seen] == [0, 0, 0]


def test_undo_survives_saving(document: Document) -> None:
    turn(document, 10.0)
    document.undo_stack.setClean()
    assert document.undo_stack.isClean()
    document.undo_stack.undo()
    assert not document.undo_stack.isClean()
    document.undo_stack.redo()
    assert document.undo_stack.isClean()


def test_nothing_changed_is_no_step(document: Document, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(document.scene_changed):
        turn(document, 0.0)
    assert document.undo_stack.count() == 0
