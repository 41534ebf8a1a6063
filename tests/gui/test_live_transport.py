"""The transport under the live picture: what it shows of a clip, and where a click goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from inference.live.given import GivenSource
from inference.live.sources import VideoSource
from inference.live.trace import Measure
from inference.live.truth import Truth
from tests.gui.live_desk import made_desk, until
from tests.unit.live_clips import write_clip
from tests.unit.test_live_trace import face, result
from widgets import theme
from widgets.live.desk import LiveDesk
from widgets.live.timeline import Timeline, clock
from widgets.live.transport import Transport

LEFT = Qt.MouseButton.LeftButton
FRAMES = 50


@pytest.fixture
def desk(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LiveDesk]:
    theme.apply(qapp)
    with made_desk(qapp, monkeypatch, tmp_path) as desk:
        yield desk


@pytest.fixture
def transport(desk: LiveDesk) -> Iterator[Transport]:
    host = QWidget()
    transport = Transport(desk, host)
    QVBoxLayout(host).addWidget(transport)
    host.resize(800, 140)
    host.show()
    yield transport
    host.close()
    host.deleteLater()


@pytest.fixture
def playing(desk: LiveDesk, transport: Transport, tmp_path: Path) -> Transport:
    desk.start(VideoSource(write_clip(tmp_path / "clip.mp4", FRAMES, 25.0)))
    until(lambda: desk.index is not None)
    return transport


def at(line: Timeline, index: int) -> QPoint:
    return QPoint(round(line.x_of(index)), line.height() - 20)


def test_without_a_source_there_is_nothing_to_press(transport: Transport) -> None:
    assert not transport.isVisible()


def test_time_length_and_frame_are_those_of_the_clip(playing: Transport, desk: LiveDesk) -> None:
    assert playing.timeline.length == FRAMES
    desk.pause()
    desk.seek(30)
    until(lambda: playing.frame.value() == 30.0)
    assert playing.time.text() == "0:01.2  /  0:02.0"
    assert playing.frames.text() == "/ 49"
    assert not playing.play_button.isChecked()


def test_a_click_and_a_drag_on_the_line_go_there(playing: Transport, desk: LiveDesk) -> None:
    desk.pause()
    line = playing.timeline
    QTest.mouseClick(line, LEFT, pos=at(line, 20))
    until(lambda: desk.index == 20)
    QTest.mousePress(line, LEFT, pos=at(line, 5))
    QTest.mouseMove(line, at(line, 44))
    QTest.mouseRelease(line, LEFT, pos=at(line, 44))
    until(lambda: desk.index in (5, 44))
    QTest.keyClick(line, Qt.Key.Key_End)
    until(lambda: desk.index == FRAMES - 1)
    QTest.keyClick(line, Qt.Key.Key_Left)
    until(lambda: desk.index == FRAMES - 2)
    QTest.keyClick(line, Qt.Key.Key_Home)
    until(lambda: desk.index == 0)


def test_buttons_do_what_they_say(playing: Transport, desk: LiveDesk) -> None:
    playing.play_button.click()
    assert not desk.playing
    desk.seek(10)
    until(lambda: desk.index == 10)
    playing.next.click()
    until(lambda: desk.index == 11)
    playing.mark_in.click()
    playing.previous.click()
    until(lambda: desk.index == 10)
    playing.mark_out.click()
    assert desk.span == (0, 10), "an out-point before the in-point lets go of that"
    assert playing.unmark.isEnabled()
    playing.unmark.click()
    assert desk.span == (0, None) and not playing.unmark.isEnabled()
    before = desk.loop
    playing.loop.click()
    assert desk.loop is not before
    row = playing.speed.findText("2×")
    playing.speed.setCurrentIndex(row)
    playing.speed.activated.emit(row)
    assert desk.speed == 2.0
    assert desk.session is not None and desk.session.capture.speed == 2.0


def test_pictures_without_places_have_no_line(transport: Transport, desk: LiveDesk) -> None:
    desk.start(GivenSource("Studio viewport"))
    assert transport.isVisible()
    assert not transport.timeline.isVisible() and not transport.loop.isVisible()
    assert transport.play_button.isVisible()


def test_the_line_says_what_is_known_of_a_frame(playing: Transport) -> None:
    line, trace = playing.timeline, playing.trace
    trace.clear()
    assert line.told(20) == "0:00 · frame 20"
    trace.add(result(20))
    assert line.told(20).endswith("no face")
    trace.add(result(21, face(), confidence=0.75))
    assert line.told(21).endswith("confidence 0.75")
    trace.add(result(22, face(sigma=1.0)))
    assert "σ" in line.told(22) and "%" in line.told(22)
    playing.set_truths({23: (Truth(face().landmarks_68[:, :2], True),)})
    trace.add(result(23, face(104.0)))
    assert trace.measure is Measure.ERROR
    assert "\nerror " in line.told(23)


def test_the_curve_is_drawn_where_there_are_values(playing: Transport, desk: LiveDesk) -> None:
    desk.pause()
    line, trace = playing.timeline, playing.trace
    trace.clear()
    empty = line.grab().toImage()
    for index in range(10, 30):
        trace.add(result(index, face(sigma=2.0)))
    line.trace_changed()
    until(lambda: not line._redraw.isActive())
    drawn = line.grab().toImage()
    area = line._area

    def differs(index: int) -> bool:
        x = round(line.x_of(index))
        rows = range(round(area.top()) + 2, round(area.bottom()) - 4)
        return any(empty.pixel(x, y) != drawn.pixel(x, y) for y in rows)

    assert differs(20)
    assert not differs(40)


@pytest.mark.parametrize(
    ("seconds", "tenths", "text"),
    [
        (0.0, False, "0:00"),
        (64.5, True, "1:04.5"),
        (3661.0, False, "1:01:01"),
        (0.3, True, "0:00.3"),
    ],
)
def test_times_are_read_as_on_a_clock(seconds: float, tenths: bool, text: str) -> None:
    assert clock(seconds, tenths) == text
