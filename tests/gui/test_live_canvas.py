"""The live canvas: where the picture lies, what is said over it, what it tells."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.live.frames import SourceState, SourceStatus
from inference.live.outcome import Statistics
from tests.gui.live_faces import face_at, live, result_of
from widgets.live.canvas import LASTING_MS, LiveCanvas
from widgets.live.delays import DelayMeter
from widgets.live.hud import Figures, lines, milliseconds
from widgets.live.overlays import DepthLayer, Layer, Overlays, SigmaLayer
from widgets.live.placing import LARGEST_ZOOM, Placing
from widgets.live.signs import scale_marks

PLAIN = Overlays(
    points_68=Layer(), contours_68=Layer(), axes=Layer(), number=Layer(), sigma=SigmaLayer()
)
RUNNING = SourceStatus(SourceState.RUNNING, size=(640, 480))


@pytest.fixture
def canvas(qtbot: QtBot) -> LiveCanvas:
    canvas = LiveCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    with qtbot.waitExposed(canvas):
        canvas.show()
    return canvas


def pixels(canvas: LiveCanvas) -> NDArray[np.uint8]:
    """What is on the screen, shape (H, W, 3), RGB."""
    image = canvas.grab().toImage().convertToFormat(canvas.grab().toImage().Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[:, : image.width(), 2::-1].copy()


def run(canvas: LiveCanvas, *faces: Any, **fields: Any) -> None:
    canvas.show_result(result_of(*faces, **fields))
    canvas.show_status(RUNNING)


# Where the picture lies

sides = st.integers(1, 4000).map(float)
sizes = st.tuples(sides, sides)
places = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0))


@given(sizes, sizes)
@settings(deadline=None)
def test_a_fitted_picture_is_as_large_as_it_goes_and_in_the_middle(
    picture: tuple[float, float], room: tuple[float, float]
) -> None:
    placing = Placing().resized(picture, room)
    assert placing.fitted
    width, height = picture[0] * placing.zoom, picture[1] * placing.zoom
    assert width <= room[0] + 1e-6
    assert height <= room[1] + 1e-6
    assert width >= room[0] - 1e-6 or height >= room[1] - 1e-6
    assert placing.x == pytest.approx((room[0] - width) / 2)
    assert placing.y == pytest.approx((room[1] - height) / 2)


@given(places, st.floats(0.5, 3.0))
@settings(deadline=None)
def test_what_lies_under_the_pointer_stays_there_while_zooming(
    place: tuple[float, float], factor: float
) -> None:
    placing = Placing().resized((640.0, 480.0), (800.0, 600.0))
    at = place[0] * 800.0, place[1] * 600.0
    zoomed = placing.zoomed(at, factor)
    assume(zoomed.x != 400.0 and zoomed.y != 300.0)
    middle_kept = zoomed.x < 400.0 < zoomed.x + 640.0 * zoomed.zoom
    assume(middle_kept and zoomed.y < 300.0 < zoomed.y + 480.0 * zoomed.zoom)
    assert zoomed.to_picture(*at) == pytest.approx(placing.to_picture(*at), abs=1e-6)
    assert not zoomed.fitted


@given(st.lists(st.tuples(places, st.floats(0.01, 100.0), st.floats(-5e3, 5e3)), max_size=6))
@settings(deadline=None)
def test_the_picture_is_never_lost(
    moves: list[tuple[tuple[float, float], float, float]],
) -> None:
    placing = Placing().resized((640.0, 480.0), (800.0, 600.0))
    for (x, y), factor, way in moves:
        placing = placing.zoomed((x * 800.0, y * 600.0), factor).moved(way, -way)
    assert placing.x <= 400.0 <= placing.x + 640.0 * placing.zoom
    assert placing.y <= 300.0 <= placing.y + 480.0 * placing.zoom
    assert placing.zoom <= LARGEST_ZOOM


def test_another_size_of_picture_keeps_what_is_looked_at() -> None:
    near = Placing().resized((640.0, 480.0), (800.0, 600.0)).zoomed((200.0, 150.0), 4.0)
    larger = near.resized((1280.0, 960.0), (800.0, 600.0))
    x, y = near.to_picture(400.0, 300.0)
    assert larger.to_picture(400.0, 300.0) == pytest.approx((2 * x, 2 * y))


def test_every_pixel_of_the_picture_lies_where_it_should(canvas: LiveCanvas) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    canvas.overlays = PLAIN
    canvas.set_hud(False)
    run(canvas, picture=picture)
    assert canvas.fitted
    np.testing.assert_array_equal(pixels(canvas)[5::10, 5::10], picture)
    canvas.resize(803, 777)
    zoom, top = 803 / 80, (777 - 60 * 803 / 80) / 2
    rows = np.floor(top + (np.arange(60) + 0.5) * zoom).astype(int)
    columns = np.floor((np.arange(80) + 0.5) * zoom).astype(int)
    np.testing.assert_array_equal(pixels(canvas)[rows][:, columns], picture)


def test_a_large_picture_is_averaged_not_thinned_out(canvas: LiveCanvas) -> None:
    checks = (np.indices((2400, 3200)).sum(axis=0) % 2 * 255).astype(np.uint8)
    canvas.overlays = PLAIN
    canvas.set_hud(False)
    run(canvas, picture=np.repeat(checks[..., None], 3, axis=2))
    seen = pixels(canvas)
    assert abs(int(seen.mean()) - 127) <= 1
    assert seen.std() < 2.0


def test_wheel_drag_double_click_and_keys_move_the_picture(
    canvas: LiveCanvas, qtbot: QtBot
) -> None:
    run(canvas)
    spot = QPointF(200.0, 150.0)
    before = canvas.placing.to_picture(spot.x(), spot.y())
    turn = QWheelEvent(
        spot,
        spot,
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, turn)
    assert canvas.placing.zoom == pytest.approx(1.25 * 1.44)
    assert canvas.placing.to_picture(spot.x(), spot.y()) == pytest.approx(before)
    x = canvas.placing.x
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    QTest.mouseMove(canvas, QPoint(430, 300))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(430, 300))
    assert canvas.placing.x == pytest.approx(x + 30.0)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    assert canvas.fitted
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.placing.zoom == pytest.approx(1.25 * 1.2)
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.fitted
    canvas.actual_size()
    assert canvas.placing.zoom == 1.0


# What is told and shown


def test_it_tells_how_late_each_picture_was_on_the_screen(canvas: LiveCanvas, qtbot: QtBot) -> None:
    delays: list[float] = []
    canvas.painted.connect(delays.append)
    for number in (1, 2):
        result = result_of(live(), number=number)
        with qtbot.waitSignal(canvas.painted):
            canvas.show_result(result)
        assert 0.01 <= delays[-1] <= time.monotonic() - result.frame.captured
    canvas.show_result(result_of(live(), number=2))
    canvas.repaint()
    qtbot.wait(30)
    assert len(delays) == 2, "the same frame, looked at again, is not counted again"
    told = canvas.delays.told()
    assert told is not None
    assert told.median <= told.p95


def test_the_meter_speaks_of_the_last_seconds() -> None:
    now = [0.0]
    meter = DelayMeter(lambda: now[0])
    assert meter.told() is None
    for k in range(100):
        now[0] = k * 0.1
        meter.add(1.0 if k < 40 else 0.02 + 0.001 * (k % 10))
    told = meter.told()
    assert told is not None
    assert told.rate == pytest.approx(10.0)
    assert told.median == pytest.approx(0.0245, abs=0.001)
    assert told.p95 == pytest.approx(0.029, abs=0.001), "what was slow before does not count"
    now[0] += 60.0
    assert meter.told() is None


def test_faces_stay_over_a_dropped_frame_and_go_with_a_lost_one(canvas: LiveCanvas) -> None:
    canvas.show_result(result_of(live(), published=100.0))
    for after, kept in ((0.1, True), (0.2, True), (0.4, False)):
        canvas.show_result(result_of(number=2, published=100.0 + after, timings={}))
        assert canvas.result is not None
        assert bool(canvas.result.faces) is kept
        assert all(not f.seen and f.confidence < 1.0 for f in canvas.result.faces)
    canvas.show_result(result_of(live(), number=3, published=101.0))
    canvas.show_result(result_of(number=4, published=101.02))
    assert canvas.result.faces == (), "the network has looked, and there is nobody"


@pytest.mark.parametrize(
    ("state", "title", "retry"),
    [
        (SourceState.OPENING, "Reading clip.mp4", False),
        (SourceState.BUSY, "The camera is busy", True),
        (SourceState.MISSING, "The camera is not there", True),
        (SourceState.UNPLUGGED, "No more pictures", True),
        (SourceState.FAILED, "This cannot be shown", True),
    ],
)
def test_each_state_is_said_over_a_dimmed_picture(
    canvas: LiveCanvas, qtbot: QtBot, state: SourceState, title: str, retry: bool
) -> None:
    canvas.overlays = PLAIN
    run(canvas)
    bright = pixels(canvas)[20, 400].sum()
    canvas.show_status(SourceStatus(state, "Reading clip.mp4", size=(640, 480)))
    qtbot.waitUntil(canvas.notice.isVisible)
    assert canvas.notice.title == title
    assert pixels(canvas)[20, 400].sum() < 0.6 * bright, "never a frozen picture"
    assert bool(canvas.notice.buttons) is retry
    if retry:
        with qtbot.waitSignal(canvas.retry_wanted):
            canvas.notice.buttons[0].click()
    canvas.show_status(RUNNING)
    assert not canvas.notice.isVisible()
    assert pixels(canvas)[20, 400].sum() == bright


@pytest.mark.parametrize("state", [SourceState.PAUSED, SourceState.ENDED])
def test_a_picture_at_rest_is_shown_as_it_is_with_a_remark(
    canvas: LiveCanvas, qtbot: QtBot, state: SourceState
) -> None:
    canvas.overlays = PLAIN
    run(canvas)
    before = pixels(canvas)
    canvas.show_status(SourceStatus(state, size=(640, 480)))
    qtbot.waitUntil(lambda: bool((pixels(canvas) != before).any()))
    assert not canvas.notice.isVisible()
    there = (pixels(canvas) != before).any(axis=2)
    rows = np.nonzero(there)[0]
    assert rows.min() > 540, "at the foot of the picture"


def test_nothing_is_said_of_what_lasts_a_moment(canvas: LiveCanvas, qtbot: QtBot) -> None:
    canvas.overlays = PLAIN
    run(canvas)
    before = pixels(canvas)
    for state in (SourceState.ENDED, SourceState.OPENING):
        canvas.show_status(SourceStatus(state, size=(640, 480)))
        np.testing.assert_array_equal(pixels(canvas), before)
    canvas.show_status(RUNNING)
    qtbot.wait(LASTING_MS + 50)
    np.testing.assert_array_equal(pixels(canvas), before)


def test_without_a_source_it_says_what_to_do(canvas: LiveCanvas, qtbot: QtBot) -> None:
    camera, video = QAction("Open &camera"), QAction("Open video…")
    canvas.set_offers([camera, video])
    assert canvas.notice.title == "Nothing is playing"
    assert [b.text() for b in canvas.notice.buttons] == ["Open camera", "Open video…"]
    with qtbot.waitSignal(video.triggered):
        canvas.notice.buttons[1].click()
    run(canvas)
    assert not canvas.notice.isVisible()
    canvas.clear()
    assert canvas.notice.title == "Nothing is playing"
    run(canvas)
    canvas.show_status(SourceStatus(SourceState.ENDED))
    assert canvas.result is None, "the source was let go of"
    assert canvas.notice.isVisible()


def test_a_notice_fits_a_small_canvas(canvas: LiveCanvas) -> None:
    canvas.set_offers([QAction("Open camera"), QAction("Open video…"), QAction("Sample clip")])
    canvas.show_status(
        SourceStatus(SourceState.FAILED, "clip.mp4: is damaged from the first frame on; " * 3)
    )
    for width in (240, 420, 1200):
        canvas.resize(width, 320)
        card = canvas.notice.geometry()
        assert canvas.rect().contains(card)
        for button in canvas.notice.buttons:
            assert button.width() >= button.sizeHint().width(), "no words are cut off"


def test_a_red_sign_shows_a_recording(canvas: LiveCanvas) -> None:
    canvas.overlays = PLAIN
    run(canvas)

    def red() -> bool:
        corner = pixels(canvas)[:60, 600:].astype(int)
        return bool((corner[..., 0] - corner[..., 1:].max(axis=2) > 120).any())

    assert not red()
    canvas.show_recording("00:12")
    assert red()
    canvas.show_status(SourceStatus(SourceState.UNPLUGGED, "gone", size=(640, 480)))
    assert red(), "also where there is no picture"
    canvas.show_recording(None)
    assert not red()


def test_figures_are_told_and_can_be_hidden(canvas: LiveCanvas, qtbot: QtBot) -> None:
    canvas.overlays = PLAIN
    run(canvas)
    qtbot.waitUntil(lambda: canvas.delays.told() is not None)
    before = pixels(canvas)
    canvas.provider = "CPU"
    canvas.show_statistics(Statistics(30.0, 0.01, 0.02, 90, 3, {"face": 0.004}))
    with_figures = (pixels(canvas) != before).any(axis=2)
    rows, columns = np.nonzero(with_figures)
    assert columns.max() < 300
    assert rows.max() < 300
    canvas.set_hud(False)
    np.testing.assert_array_equal(pixels(canvas), before)


def test_the_lines_of_the_figures() -> None:
    told = DelayMeter(lambda: 0.0)
    told.add(0.0312)
    stages = {"face": 0.0042, "total": 0.0124}
    named = dict(lines(Figures(30.0, told.told(), stages, 7, "CUDA")))
    assert named["Delay to screen"] == "31 ms"
    assert named["Models"] == "30.0 frames/s"
    assert named["Landmarks"] == "4.2 ms"
    assert named["All stages"] == "12 ms"
    assert named["Dropped frames"] == "7"
    assert named["Runs on"] == "CUDA"
    assert milliseconds(0.00996) == "10 ms"


def test_a_canvas_at_rest_paints_nothing_new(canvas: LiveCanvas, qtbot: QtBot) -> None:
    delays: list[float] = []
    canvas.painted.connect(delays.append)
    canvas.rest(True)
    for number in range(5):
        canvas.show_result(result_of(live(), number=number))
    qtbot.wait(30)
    assert delays == []
    canvas.rest(False)
    canvas.show_result(result_of(live(), number=9))
    qtbot.waitUntil(lambda: len(delays) == 1)


def test_another_canvas_shows_all_that_this_one_is_told(canvas: LiveCanvas, qtbot: QtBot) -> None:
    other = LiveCanvas()
    qtbot.addWidget(other)
    other.resize(640, 480)
    other.show()
    run(canvas, live())
    canvas.mirror_to(other)
    assert other.result is canvas.result
    newer = result_of(live(), number=2)
    with qtbot.waitSignal(canvas.painted):
        canvas.show_result(newer)
    assert other.result is not None
    assert other.result.frame is newer.frame
    canvas.overlays = replace(PLAIN, raw=True)
    canvas.show_recording("00:01")
    assert other.overlays.raw
    canvas.mirror_to(None)
    canvas.show_result(result_of(live(), number=3))
    assert other.result.frame is newer.frame


def test_models_are_named_where_two_are_compared(canvas: LiveCanvas) -> None:
    canvas.overlays = PLAIN
    canvas.set_hud(False)
    face = face_at()
    run(canvas, live(face))
    canvas.show_models("face", "pfld-98")
    before = pixels(canvas)
    run(canvas, live(face, second_raw=face, second_filtered=face))
    rows, columns = np.nonzero((pixels(canvas) != before).any(axis=2))
    assert rows.min() > 500
    assert columns.max() < 300


@given(st.floats(-300.0, 300.0), st.floats(1.0, 800.0))
@settings(deadline=None)
def test_marks_of_a_depth_scale_are_round_millimetres_in_order(near: float, span: float) -> None:
    marks = scale_marks(DepthLayer(True, 1.0, "viridis", near, near + span))
    values = [float(text.replace("−", "-")) for _, text in marks]
    assert len(marks) <= 7
    for (place, _), value in zip(marks, values, strict=True):
        assert 0.0 <= place <= 1.0 + 1e-6
        assert -value == pytest.approx(near + place * span, abs=1e-3)
        assert value % 5 == 0
    assert values == sorted(values, reverse=True)


def test_the_canvas_costs_no_chart_and_no_opencv_before_a_picture() -> None:
    code = (
        "import sys, widgets.live.canvas, widgets.live.overlay_panel\n"
        "assert not {'pyqtgraph', 'cv2', 'onnxruntime', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
