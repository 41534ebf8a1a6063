"""The viewport with the real renderer: modes, handles, views, and what is on screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.scene.placement import pinhole
from app.scene.scene import Camera, Environment, HeadFile, Light, Scene
from app.session.document import Document
from tests.gui.viewport_head import RADIUS, viewport_head
from widgets.viewport.picture import SKY
from widgets.viewport.viewport import Viewport

LEFT, MIDDLE, RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)
NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
EMPTY = QPointF(30, 200)
"""A point of the picture where nothing is."""


@pytest.fixture
def document() -> Document:
    lamp = Light("Key", "area", energy=0.6, position=(-0.18, -0.3, 0.12))
    return Document(Scene(HeadFile("ball"), lights=(lamp,)))


@pytest.fixture
def viewport(qtbot: QtBot, document: Document) -> Iterator[Viewport]:
    widget = Viewport(document)
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.set_asset(viewport_head())
    assert widget.wait_for_frame(60000), widget.remarks()
    yield widget
    widget.close()


def send(widget: Viewport, kind: QEvent.Type, at: QPointF, button=LEFT, keys=NONE) -> None:
    held = button if kind != QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
    pressed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    event = QMouseEvent(kind, at, QPointF(widget.mapToGlobal(at.toPoint())), pressed, held, keys)
    QApplication.sendEvent(widget, event)


def press(widget: Viewport, at: QPointF, button=LEFT, keys=NONE) -> None:
    send(widget, QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, keys)
    send(widget, QEvent.Type.MouseButtonPress, at, button, keys)


def drag(widget: Viewport, start: QPointF, *stops: QPointF, button=LEFT, keys=NONE) -> None:
    press(widget, start, button, keys)
    for stop in stops:
        send(widget, QEvent.Type.MouseMove, stop, button, keys)
    send(widget, QEvent.Type.MouseButtonRelease, stops[-1], button, keys)


def click(widget: Viewport, at: QPointF) -> None:
    press(widget, at)
    send(widget, QEvent.Type.MouseButtonRelease, at)


def on_ring(widget: Viewport, axis: str) -> QPointF:
    """The point of a ring that is nearest to the viewer."""
    ring = next(r for r in widget.handles() if r.axis == axis)
    view = widget.shown_view()
    near = int(np.argmax(view.to_camera(ring.points)[:, 2]))
    x, y = view.project(ring.points[near])
    return QPointF(float(x), float(y))


def lamp_at(widget: Viewport, index: int = 0) -> QPointF:
    x, y = widget.shown_view().project(np.array(widget.scene.lights[index].position))
    return QPointF(float(x), float(y))


def colour(image: QImage, x: float, y: float) -> np.ndarray:
    c = QColor(image.pixel(int(x), int(y)))
    return np.array([c.red(), c.green(), c.blue()])


def test_the_head_is_on_screen_lit_and_in_its_colours(viewport: Viewport) -> None:
    viewport.set_view("front")
    viewport.wait_for_frame()
    image = viewport.grab_frame()
    view = viewport.shown_view()
    cheek = colour(image, *view.project(np.array([-0.05, -0.086, 0.02])))
    nose = colour(image, *view.project(np.array([0.0, -0.12, 0.0])))
    assert cheek[0] > cheek[2] + 5
    assert cheek.sum() > nose.sum() + 60


@pytest.mark.parametrize("mode", ["navigate", "pose", "landmarks"])
def test_orbiting_on_empty_ground_changes_nothing_but_the_view(
    viewport: Viewport, document: Document, mode: str
) -> None:
    viewport.set_mode(mode)
    before, orbit = document.scene, viewport.orbit
    drag(viewport, EMPTY, EMPTY + QPointF(60, 10))
    assert viewport.orbit.azimuth != orbit.azimuth
    assert viewport.orbit.target == orbit.target
    assert document.scene is before
    assert document.undo_stack.count() == 0


def test_in_navigate_mode_nothing_can_be_moved(viewport: Viewport, document: Document) -> None:
    before = document.scene
    centre = QPointF(200, 150)
    for start in (centre, lamp_at(viewport), QPointF(200, 60)):
        for keys in (NONE, SHIFT, CONTROL):
            drag(viewport, start, start + QPointF(40, 25), start + QPointF(80, -30), keys=keys)
    assert document.scene is before
    assert viewport.handles() == ()


def test_middle_and_shift_left_pan_and_right_zooms(viewport: Viewport) -> None:
    for button, keys in ((MIDDLE, NONE), (LEFT, SHIFT)):
        orbit = viewport.orbit
        drag(viewport, EMPTY, EMPTY + QPointF(40, 0), button=button, keys=keys)
        assert viewport.orbit.target != orbit.target
        assert viewport.orbit.azimuth == orbit.azimuth
    orbit = viewport.orbit
    drag(viewport, EMPTY, EMPTY + QPointF(0, -40), button=RIGHT)
    assert viewport.orbit.distance < orbit.distance


def wheel(widget: Viewport, at: QPointF, notches: int) -> None:
    place = QPointF(widget.mapToGlobal(at.toPoint()))
    no_buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        at, place, QPoint(), QPoint(0, 120 * notches), no_buttons, NONE, phase, False
    )
    QApplication.sendEvent(widget, event)


def test_the_wheel_zooms_to_the_pointer(viewport: Viewport) -> None:
    at = QPointF(300, 80)
    before = viewport.view()
    origin, direction = before.ray(at.x(), at.y())
    target = np.array(viewport.orbit.target)
    held = origin + direction * ((target - origin) @ before.forward / (direction @ before.forward))
    wheel(viewport, at, 3)
    assert viewport.view().project(held) == pytest.approx([300, 80], abs=1e-3)
    assert viewport.orbit.distance < np.linalg.norm(before.position - target)


@pytest.mark.parametrize("axis", ["yaw", "pitch", "roll"])
def test_a_ring_turns_its_angle_alone_in_one_undo_step(
    viewport: Viewport, document: Document, axis: str
) -> None:
    viewport.set_mode("pose")
    before = document.scene
    start = on_ring(viewport, axis)
    drag(viewport, start, *(start + QPointF(4 * i, 3 * i) for i in range(1, 7)))
    pose = document.scene.pose
    angles = {"yaw": pose.yaw, "pitch": pose.pitch, "roll": pose.roll}
    assert abs(angles.pop(axis)) > 1.0
    assert set(angles.values()) == {0.0}
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.scene == before


def test_the_ring_follows_the_pointer(viewport: Viewport, document: Document) -> None:
    """Seen from above, the yaw ring turns by the angle that the pointer describes about it."""
    viewport.set_mode("pose")
    viewport.set_view("top")
    viewport.wait_for_frame()
    ring = next(r for r in viewport.handles() if r.axis == "yaw")
    view = viewport.shown_view()
    stops = [QPointF(*view.project(ring.points[i])) for i in (60, 64, 68)]
    drag(viewport, *stops)
    assert document.scene.pose.yaw == pytest.approx(8 * 360 / 96, abs=0.5)


def test_control_snaps_and_limits_hold(viewport: Viewport, document: Document) -> None:
    viewport.set_mode("pose")
    start = on_ring(viewport, "yaw")
    drag(viewport, start, start + QPointF(23, 0), keys=CONTROL)
    yaw = document.scene.pose.yaw
    assert yaw != 0.0
    assert yaw % 5.0 == 0.0
    document.undo_stack.undo()
    start = on_ring(viewport, "yaw")
    drag(viewport, start, *(start + QPointF(20 * i, 0) for i in range(1, 40)))
    assert abs(document.scene.pose.yaw) <= 80.0


def test_escape_during_a_drag_puts_everything_back(viewport: Viewport, document: Document) -> None:
    viewport.set_mode("pose")
    before = document.scene
    start = on_ring(viewport, "pitch")
    press(viewport, start)
    send(viewport, QEvent.Type.MouseMove, start + QPointF(20, 20))
    assert document.scene.pose.pitch != 0.0
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    assert document.scene == before
    send(viewport, QEvent.Type.MouseMove, start + QPointF(60, 60), Qt.MouseButton.NoButton)
    assert document.scene == before
    assert not document.undo_stack.canUndo()


def test_a_click_on_a_lamp_selects_it_and_moves_nothing(
    viewport: Viewport, document: Document, qtbot: QtBot
) -> None:
    before = document.scene
    with qtbot.waitSignal(viewport.light_selected) as selected:
        click(viewport, lamp_at(viewport))
    assert selected.args == [0]
    click(viewport, EMPTY)
    assert viewport.selected_light is None
    assert document.scene is before


def test_the_selected_lamp_has_a_handle_in_pose_mode_only(
    viewport: Viewport, document: Document
) -> None:
    viewport.select_light(0)
    at = lamp_at(viewport)
    drag(viewport, at, at + QPointF(0, -15))
    assert document.undo_stack.count() == 0
    viewport.set_mode("pose")
    viewport.wait_for_frame()
    at = lamp_at(viewport)
    drag(viewport, at, at + QPointF(-6, -10), at + QPointF(-12, -20))
    assert document.undo_stack.count() == 1
    viewport.wait_for_frame()
    moved = lamp_at(viewport)
    assert (moved.x(), moved.y()) == pytest.approx((at.x() - 12, at.y() - 20), abs=1.0)


def test_a_lamp_that_is_removed_is_selected_no_more(viewport: Viewport, document: Document) -> None:
    viewport.select_light(0)
    document.change("Remove", replace(document.scene, lights=()))
    assert viewport.selected_light is None


def test_blender_s_numpad(viewport: Viewport) -> None:
    keys = {Qt.Key.Key_1: "front", Qt.Key.Key_3: "right", Qt.Key.Key_7: "top"}
    others = {Qt.Key.Key_1: "back", Qt.Key.Key_3: "left", Qt.Key.Key_7: "bottom"}
    for table, modifier in ((keys, NONE), (others, CONTROL)):
        for key, name in table.items():
            QTest.keyClick(viewport, key, modifier | Qt.KeyboardModifier.KeypadModifier)
            viewport.wait_for_frame()
            assert viewport.orbit.name() == name
    QTest.keyClick(viewport, Qt.Key.Key_5)
    assert viewport.orbit.orthographic
    QTest.keyClick(viewport, Qt.Key.Key_0)
    assert viewport.looking_through_camera
    QTest.keyClick(viewport, Qt.Key.Key_0)
    assert not viewport.looking_through_camera
    viewport.set_orbit(replace(viewport.orbit, distance=5.0))
    QTest.keyClick(viewport, Qt.Key.Key_Home)
    viewport.wait_for_frame()
    assert viewport.orbit.distance < 2.0


def test_the_axis_ball_snaps_and_a_second_click_looks_from_the_other_side(
    viewport: Viewport,
) -> None:
    for expected in ("right", "left"):
        ball, view = viewport.ball(), viewport.shown_view()
        knobs = {name: (x, y) for name, x, y, _ in ball.knobs(view)}
        click(viewport, QPointF(*knobs["right"]))
        viewport.wait_for_frame()
        assert viewport.orbit.name() == expected
        if expected == "right":
            viewport.wait_for_frame()


def test_orbiting_leaves_the_camera_where_it_stood(
    viewport: Viewport, document: Document, qtbot: QtBot
) -> None:
    before = document.scene
    viewport.look_through_camera(True)
    with qtbot.waitSignal(viewport.camera_view_changed) as left:
        drag(viewport, QPointF(60, 150), QPointF(68, 150), QPointF(70, 150))
    assert left.args == [False]
    assert document.scene is before
    assert abs(viewport.orbit.azimuth) < 10.0


def test_with_the_lock_on_orbiting_moves_the_camera(viewport: Viewport, document: Document) -> None:
    viewport.camera_lock = True
    viewport.look_through_camera(True)
    drag(viewport, QPointF(60, 150), QPointF(80, 150), QPointF(110, 160))
    assert viewport.looking_through_camera
    assert document.scene.camera.azimuth != 0.0
    assert document.undo_stack.count() == 1
    wheel(viewport, QPointF(60, 150), 1)
    assert document.scene.camera.distance < 0.30


def test_the_camera_s_frame_holds_what_blender_renders(viewport: Viewport) -> None:
    """The silhouette of the camera's picture lies on the one in the widget's frame."""
    camera = Camera(azimuth=25.0, distance=0.7, field_of_view=40.0, width=160, height=120)
    document = viewport.document
    document.change("Camera", replace(document.scene, camera=camera, lights=()))
    plain = Environment(picture=None, color=(5.0, 5.0, 5.0), background=(0.0, 0.0, 0.0))
    document.change("Dark", replace(document.scene, environment=plain))
    viewport.set_overlay("axes", False)
    viewport.look_through_camera(True)
    assert viewport.wait_for_frame()
    mask = viewport.silhouette(pinhole(camera))
    frame = viewport.camera_frame()
    image = viewport.grab_frame()
    hits = 0
    for row in range(6, 120, 12):
        for column in range(6, 160, 12):
            x = frame.left + (column + 0.5) * frame.width / 160
            y = frame.top + (row + 0.5) * frame.height / 120
            hits += bool(colour(image, x, y).max() > 12) == bool(mask[row, column])
    assert hits >= 0.97 * 10 * 13


@pytest.mark.parametrize("kind", ["vtk", "software"])
def test_a_silhouette_is_that_of_a_sphere(viewport: Viewport, kind: str) -> None:
    """Both renderers: an off-centre sphere, whose outline a pinhole camera draws as a conic."""
    from widgets.viewport.software import SoftwareRenderer

    camera = pinhole(Camera(distance=0.8, field_of_view=35.0, width=320, height=240))
    asset = viewport_head()
    asset = replace(asset, meshes=asset.meshes[:1])
    viewport.set_asset(asset)
    viewport.wait_for_frame()
    if kind == "vtk":
        mask = viewport.silhouette(camera)
    else:
        shown = viewport.shown
        assert shown is not None
        mask = SoftwareRenderer().silhouette(camera, shown.wanted)
    x, y = np.meshgrid(np.arange(320), np.arange(240))
    f = camera.focal_pixels
    rays = np.stack([(x - 159.5) / f, (y - 119.5) / f, np.ones_like(x)], -1)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    exact = rays[..., 2] > np.sqrt(1.0 - (RADIUS / 0.8) ** 2)
    union = (mask | exact).sum()
    assert (mask & exact).sum() / union > 0.985


def test_overlays_can_be_switched(viewport: Viewport) -> None:
    with_all = viewport.grab_frame()
    for name in ("grid", "gizmos", "axes"):
        viewport.set_overlay(name, False)
    viewport.wait_for_frame()
    without = viewport.grab_frame()
    assert with_all != without
    viewport.set_overlay("wireframe", True)
    viewport.set_overlay("bones", True)
    viewport.wait_for_frame()
    assert viewport.grab_frame() != without
    with pytest.raises(ValueError, match="overlay"):
        viewport.set_overlay("shadows", True)


def test_a_visible_environment_is_the_backdrop(viewport: Viewport, document: Document) -> None:
    seen = replace(document.scene.environment, picture="sunset", visible=True)
    document.change("Environment", replace(document.scene, environment=seen))
    viewport.wait_for_frame()
    assert viewport.shown is not None
    assert viewport.shown.wanted.backdrop == SKY
    image = viewport.grab_frame()
    corners = [colour(image, 5, y) for y in (40, 90, 150, 220)]
    assert np.ptp([c.sum() for c in corners]) > 20


def test_the_comparison_shows_the_render_left_of_its_divider(viewport: Viewport) -> None:
    viewport.look_through_camera(True)
    viewport.wait_for_frame()
    render = QImage(64, 48, QImage.Format.Format_RGB32)
    render.fill(QColor(255, 0, 255))
    viewport.set_comparison(render, 0.5)
    frame = viewport.camera_frame()
    left = (frame.left + frame.width * 0.2, frame.top + frame.height * 0.8)
    right = (frame.left + frame.width * 0.8, frame.top + frame.height * 0.8)
    image = viewport.grab_frame()
    assert list(colour(image, *left)) == [255, 0, 255]
    assert list(colour(image, *right)) != [255, 0, 255]
    middle = frame.top + frame.height * 0.7
    start = QPointF(frame.left + frame.width / 2, middle)
    drag(viewport, start, start + QPointF(20, 0), QPointF(frame.left + frame.width * 0.9, middle))
    assert viewport.split == pytest.approx(0.9, abs=0.01)
    assert viewport.looking_through_camera
    assert list(colour(viewport.grab_frame(), *right)) == [255, 0, 255]
    viewport.set_comparison(None)
    assert not viewport.comparing


def test_textures_are_shown_the_right_way_up(viewport: Viewport, tmp_path: Path) -> None:
    picture = QImage(8, 8, QImage.Format.Format_RGB32)
    for y in range(8):
        for x in range(8):
            picture.setPixelColor(x, y, QColor(220, 20, 20) if y < 4 else QColor(20, 20, 220))
    picture.save(str(tmp_path / "skin.png"))
    viewport.set_asset(viewport_head(tmp_path, color_texture="skin.png"))
    viewport.set_view("front")
    viewport.wait_for_frame()
    image, view = viewport.grab_frame(), viewport.shown_view()
    above = colour(image, *view.project(np.array([-0.03, -0.07, 0.065])))
    below = colour(image, *view.project(np.array([-0.03, -0.07, -0.065])))
    assert above[0] > above[2] + 30
    assert below[2] > below[0] + 30


def test_a_texture_that_cannot_be_read_is_said_and_the_head_still_shown(
    viewport: Viewport, tmp_path: Path
) -> None:
    (tmp_path / "skin.png").write_bytes(b"not a picture")
    viewport.set_asset(viewport_head(tmp_path, color_texture="skin.png"))
    assert viewport.wait_for_frame()
    assert any("skin.png" in line for line in viewport.remarks())


def test_an_alpha_texture_cuts_holes(viewport: Viewport, tmp_path: Path) -> None:
    picture = QImage(4, 4, QImage.Format.Format_RGBA8888)
    picture.fill(QColor(255, 255, 255, 0))
    picture.save(str(tmp_path / "hair.png"))
    looks = {"color_texture": "hair.png", "alpha_texture": True}
    asset = viewport_head(tmp_path, **looks)
    viewport.set_asset(replace(asset, meshes=asset.meshes[:1]))
    viewport.wait_for_frame()
    assert not viewport.silhouette(pinhole(Camera(distance=0.8))).any()


def test_an_empty_stage_is_friendly_and_a_head_can_come_and_go(viewport: Viewport) -> None:
    with_head = viewport.grab_frame()
    viewport.set_asset(None)
    assert viewport.wait_for_frame()
    assert viewport.handles() == ()
    assert not viewport.silhouette(pinhole(Camera())).any()
    assert viewport.grab_frame() != with_head
    viewport.set_asset(viewport_head())
    assert viewport.wait_for_frame()


def test_frames_are_counted_while_something_moves(viewport: Viewport, qtbot: QtBot) -> None:
    press(viewport, EMPTY)
    for i in range(25):
        with qtbot.waitSignal(viewport.frame_shown, timeout=5000):
            send(viewport, QEvent.Type.MouseMove, EMPTY + QPointF(5 + 2 * i, 0))
    send(viewport, QEvent.Type.MouseButtonRelease, EMPTY)
    assert viewport.frames_per_second > 0


def test_a_resized_widget_gets_a_picture_of_its_size(viewport: Viewport) -> None:
    viewport.resize(333, 251)
    assert viewport.wait_for_frame()
    assert viewport.shown is not None
    ratio = viewport.devicePixelRatioF()
    assert viewport.shown.image.width() == round(333 * ratio)
    assert viewport.shown.image.height() == round(251 * ratio)


def test_modes_have_names_and_tell(viewport: Viewport, qtbot: QtBot) -> None:
    with qtbot.waitSignal(viewport.mode_changed) as changed:
        viewport.set_mode("landmarks")
    assert changed.args == ["landmarks"]
    with pytest.raises(ValueError, match="mode"):
        viewport.set_mode("sculpt")  # type: ignore[arg-type]


def test_without_opengl_the_head_is_drawn_all_the_same(
    qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_NO_OPENGL", "1")
    widget = Viewport(document)
    qtbot.addWidget(widget)
    widget.resize(320, 240)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.set_asset(viewport_head())
    widget.set_view("front")
    assert widget.wait_for_frame(60000)
    assert any("OpenGL" in line for line in widget.remarks())
    view, image = widget.shown_view(), widget.grab_frame()
    cheek = colour(image, *view.project(np.array([-0.05, -0.086, 0.02])))
    assert cheek[0] > cheek[2] + 10
    assert widget.silhouette(pinhole(Camera(distance=0.8))).any()
    widget.close()


def test_closing_twice_and_asking_afterwards_is_harmless(viewport: Viewport) -> None:
    viewport.close_renderer()
    viewport.close_renderer()
    viewport.set_orbit(viewport.orbit.turned(10, 0))
    assert not viewport.wait_for_frame(50)
    with pytest.raises(RuntimeError):
        viewport.silhouette(pinhole(Camera()))
