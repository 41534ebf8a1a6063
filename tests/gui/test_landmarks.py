"""Landmarks in the viewport: they follow the skin, hide behind it, and can be dragged along it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.geometry.rotations import rotation_z
from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.head.skinning import pose_vertices
from app.jobs import JobList, State
from app.scene.scene import HeadFile, Scene
from app.session.document import Document
from app.topology.contour import JAW, outline_lines, visible_outline
from app.topology.landmarks import HeadLandmarks
from app.topology.placement import Placement
from app.topology.placement_file import read
from app.topology.store import load
from app.topology.truth import OUTLINE
from tests.gui.viewport_head import RADIUS, viewport_head
from widgets.landmark_keeper import LandmarkKeeper
from widgets.viewport.landmarks import MarkPoser, differs, moved
from widgets.viewport.navigation import Orbit
from widgets.viewport.viewport import Viewport

TIP, NASION = 30, 27
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def on_ball(asset: HeadAsset) -> HeadLandmarks:
    """The 68 points, each on the triangle of the ball that lies in its direction."""
    topology = load("ibug-68")
    means = np.array([mark.mean for mark in topology.landmarks]) + (0.0, 0.02, 0.04)
    mesh = asset.meshes[0]
    middles = mesh.vertices[mesh.triangles].astype(float).mean(axis=1)
    directions = middles / np.linalg.norm(middles, axis=1, keepdims=True)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    chosen = (means @ directions.T).argmax(axis=1)
    placement = Placement(
        topology.name,
        topology.version,
        np.zeros(68, np.int32),
        mesh.triangles[chosen],
        np.full((68, 3), 1.0 / 3.0),
    )
    return HeadLandmarks((placement,), outline_lines(asset.meshes, placement), 0.002)


@pytest.fixture
def asset() -> HeadAsset:
    return viewport_head()


@pytest.fixture
def poser(asset: HeadAsset) -> MarkPoser:
    return MarkPoser(asset, on_ball(asset))


@pytest.fixture
def document() -> Document:
    return Document(Scene(HeadFile("ball")))


@pytest.fixture
def viewport(
    qtbot: QtBot, document: Document, asset: HeadAsset, poser: MarkPoser
) -> Iterator[Viewport]:
    widget = Viewport(document)
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.set_asset(asset)
    widget.set_overlay("grid", False)
    widget.set_view("front")
    widget.marks.set_on(True)
    widget.marks.set_poser(poser)
    assert widget.wait_for_frame(60000), widget.remarks()
    yield widget
    widget.close()


def marks(widget: Viewport, name: str = "ibug-68") -> tuple[np.ndarray, np.ndarray]:
    """World points and visibility of the picture on screen."""
    assert widget.shown is not None
    found = next(m for m in widget.shown.marks if m.topology == name)
    return found.world, found.visible


def at(widget: Viewport, index: int) -> QPoint:
    x, y = widget.shown_view().project(marks(widget)[0][index])
    return QPointF(float(x), float(y)).toPoint()


def point(widget: Viewport, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton = NONE) -> None:
    """Move, press or release over the widget."""
    place = QPointF(at)
    event = QMouseEvent(
        kind,
        place,
        QPointF(widget.mapToGlobal(at)),
        NONE if kind == QEvent.Type.MouseMove else button,
        NONE if kind == QEvent.Type.MouseButtonRelease else button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("shapes", [{}, {"grow": 0.6}])
def test_the_points_are_those_of_the_whole_posed_head(
    asset: HeadAsset, poser: MarkPoser, shapes: dict[str, float]
) -> None:
    pose = HeadPose(yaw=31.0, pitch=-12.0, roll=7.0, shapes=shapes)
    whole = pose_vertices(asset, pose)
    view = Orbit().view(640, 480)
    found = dict(poser.positions(pose, view))
    np.testing.assert_allclose(
        found["ibug-68"], poser.landmarks.placements[0].positions(whole), atol=1e-6
    )
    assert found[OUTLINE].shape == (JAW, 3)


def test_the_outline_is_that_of_the_camera(asset: HeadAsset, poser: MarkPoser) -> None:
    from app.scene.placement import pinhole
    from widgets.viewport.navigation import pinhole_view

    camera = pinhole(Scene(HeadFile("ball")).camera)
    pose = HeadPose(yaw=40.0)
    whole = pose_vertices(asset, pose)
    found = dict(poser.positions(pose, pinhole_view(camera)))[OUTLINE]
    expected = visible_outline(poser.landmarks.outline, whole, camera)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_point_is_hidden_just_where_the_ball_hides_it(
    viewport: Viewport, document: Document
) -> None:
    for yaw in (0.0, 70.0, 180.0):
        document.change("Turn", replace(document.scene, pose=HeadPose(yaw=yaw)))
        assert viewport.wait_for_frame()
        world, visible = marks(viewport)
        towards = viewport.shown_view().position - world
        towards /= np.linalg.norm(towards, axis=1, keepdims=True)
        outwards = world / np.linalg.norm(world, axis=1, keepdims=True)
        facing = (towards * outwards).sum(axis=1)
        nose = rotation_z(yaw) @ [0.0, -RADIUS, 0.0]
        clear = np.linalg.norm(world - nose, axis=1) > 0.06
        assert visible[clear & (facing > 0.2)].all()
        assert not visible[facing < -0.35].any()


def test_the_points_of_a_picture_are_those_of_its_pose(
    viewport: Viewport, document: Document, asset: HeadAsset, poser: MarkPoser
) -> None:
    for yaw in (5.0, 10.0, 15.0):
        document.change("Turn", replace(document.scene, pose=HeadPose(yaw=yaw)))
        assert viewport.wait_for_frame()
        shown = viewport.shown
        assert shown is not None and shown.wanted.pose.yaw == yaw
        whole = pose_vertices(asset, shown.wanted.pose)
        expected = poser.landmarks.placements[0].positions(whole)
        np.testing.assert_allclose(marks(viewport)[0], expected, atol=1e-6)


def test_they_are_found_only_while_they_are_wanted(viewport: Viewport) -> None:
    viewport.marks.set_on(False)
    viewport.wait_for_frame()
    assert viewport.shown is not None and not viewport.shown.marks
    viewport.set_mode("landmarks")
    viewport.wait_for_frame()
    assert viewport.shown.marks and viewport.marks.drawn()
    viewport.set_mode("navigate")
    viewport.wait_for_frame()
    assert not viewport.shown.marks


def test_the_point_under_the_pointer_says_its_name(viewport: Viewport) -> None:
    point(viewport, QEvent.Type.MouseMove, at(viewport, TIP))
    assert viewport.marks.hovered == ("ibug-68", TIP)
    words = viewport.marks.title(("ibug-68", TIP))
    assert str(TIP) in words and load("ibug-68").landmarks[TIP].name in words
    point(viewport, QEvent.Type.MouseMove, QPoint(5, 395))
    assert viewport.marks.hovered is None


def test_sets_can_be_left_out(viewport: Viewport) -> None:
    viewport.marks.show("ibug-68", False)
    assert [m.topology for m in viewport.marks.drawn()] == [OUTLINE]
    viewport.marks.show(OUTLINE, False)
    assert not viewport.marks.drawn()
    assert viewport.marks.under(viewport.shown_view(), *at(viewport, TIP).toTuple()) is None


def test_a_drag_leaves_the_point_on_the_skin_and_escape_puts_it_back(
    viewport: Viewport, qtbot: QtBot
) -> None:
    viewport.set_mode("landmarks")
    viewport.wait_for_frame()
    start, by = at(viewport, NASION), QPoint(20, 12)
    before = viewport.orbit
    move, press, release = (
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
    )
    point(viewport, move, start)
    point(viewport, press, start, LEFT)
    point(viewport, move, start + by, LEFT)
    assert viewport.marks.held is not None and viewport.orbit == before
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    assert viewport.marks.held is None
    point(viewport, release, start + by, LEFT)
    point(viewport, move, start)
    point(viewport, press, start, LEFT)
    point(viewport, move, start + by, LEFT)
    with qtbot.waitSignal(viewport.marks.moved) as told:
        point(viewport, release, start + by, LEFT)
    mark, place = told.args
    assert mark == ("ibug-68", NASION) and viewport.marks.selected == mark
    assert place.weights.sum() == pytest.approx(1.0) and place.weights.min() >= 0.0
    held = viewport.marks.world(mark)
    assert held is not None and np.linalg.norm(held) == pytest.approx(RADIUS, abs=0.001)
    flat = viewport.shown_view().project(held)
    np.testing.assert_allclose(flat, (start + by).toTuple(), atol=1.5)


def test_a_correction_is_one_undoable_step(
    viewport: Viewport, document: Document, asset: HeadAsset, poser: MarkPoser, qtbot: QtBot
) -> None:
    jobs = JobList()
    keeper = LandmarkKeeper(viewport.marks, document, jobs)
    try:
        keeper._asset = asset
        keeper._first[asset.key] = poser.landmarks
        keeper._keep(poser)
        keeper._show(poser)
        skin = poser.skin("ibug-68", 8, HeadPose())
        assert skin is not None
        place = skin.under(np.array([0.01, -1.0, -0.05]), np.array([0.0, 1.0, 0.0]))
        assert place is not None
        keeper.move(("ibug-68", 8), place)
        qtbot.waitUntil(lambda: viewport.marks.corrected == {("ibug-68", 8)})
        assert "1 point set right" in keeper.text
        assert document.undo_stack.undoText() == "Move landmark 8"
        saved = read(asset.source.sha256)
        assert saved is not None
        by = [mark.by for mark in saved.topologies[0].landmarks]
        assert by.index("person") == 8 and by.count("person") == 1
        document.undo_stack.undo()
        qtbot.waitUntil(lambda: not viewport.marks.corrected)
        document.undo_stack.redo()
        qtbot.waitUntil(lambda: bool(viewport.marks.corrected))
        keeper.reset(("ibug-68", 8))
        qtbot.waitUntil(lambda: not viewport.marks.corrected)
        assert keeper.poser is not None
        first = poser.landmarks.placements[0]
        assert not differs(keeper.poser.landmarks.placements[0], first).any()
        saved = read(asset.source.sha256)
        assert saved is not None
        assert all(mark.by == "registration" for mark in saved.topologies[0].landmarks)
    finally:
        keeper.close()


def test_exact_landmarks_can_not_be_moved(viewport: Viewport, poser: MarkPoser) -> None:
    exact = replace(poser.landmarks, residual=None)
    viewport.marks.set_poser(MarkPoser(poser.asset, exact))
    viewport.set_mode("landmarks")
    viewport.wait_for_frame()
    start, before = at(viewport, NASION), viewport.orbit
    point(viewport, QEvent.Type.MouseMove, start)
    point(viewport, QEvent.Type.MouseButtonPress, start, LEFT)
    point(viewport, QEvent.Type.MouseMove, start + QPoint(20, 12), LEFT)
    assert viewport.marks.held is None and viewport.orbit != before
    point(viewport, QEvent.Type.MouseButtonRelease, start + QPoint(20, 12), LEFT)


def test_a_ray_meets_the_front_of_the_skin(poser: MarkPoser) -> None:
    skin = poser.skin("ibug-68", TIP, HeadPose())
    assert skin is not None
    place = skin.under(np.array([0.02, -1.0, 0.03]), np.array([0.0, 1.0, 0.0]))
    assert place is not None
    point = skin.at(place)
    np.testing.assert_allclose(point[[0, 2]], [0.02, 0.03], atol=1e-6)
    assert point[1] < 0.0
    assert skin.under(np.array([0.5, -1.0, 0.0]), np.array([0.0, 1.0, 0.0])) is None
    placement = moved(poser.landmarks.placements[0], TIP, place)
    assert differs(placement, poser.landmarks.placements[0]).nonzero()[0].tolist() == [TIP]
    assert poser.skin(OUTLINE, 3, HeadPose()) is None


def test_a_head_without_landmarks_says_so(
    viewport: Viewport, document: Document, asset: HeadAsset, qtbot: QtBot
) -> None:
    jobs = JobList()
    keeper = LandmarkKeeper(viewport.marks, document, jobs)
    try:
        nameless = replace(asset, key="flat", meshes=asset.meshes[2:])
        viewport.set_asset(nameless)
        keeper.set_asset(nameless)
        assert keeper.busy and "Finding" in viewport.marks.note
        qtbot.waitUntil(lambda: not keeper.busy, timeout=60_000)
        assert keeper.fault and keeper.text == keeper.fault
        assert jobs.jobs[-1].state is State.FAILED
        assert viewport.marks.poser is None
    finally:
        keeper.close()
