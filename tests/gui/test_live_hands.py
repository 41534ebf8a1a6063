"""Hands on the wheel in the live workspace: the desk, the panel, the region, what is painted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from inference.hands_state import HandsSettings, over
from inference.live.hands import LiveHands
from inference.live.outcome import LiveResult
from inference.results import Box, HandsOnWheel
from tests.gui.live_desk import made_desk, until
from tests.gui.live_faces import result_of
from widgets.live.canvas import LiveCanvas
from widgets.live.desk import LiveDesk
from widgets.live.hands_marks import ALARM, STATES, told
from widgets.live.hands_panel import NO_MODEL, NO_SOURCE, NO_WHEEL, HandsPanel
from widgets.live.hands_strip import HandsStrip
from widgets.live.overlays import Layer, Overlays
from widgets.live.painting import image_with, paint
from widgets.live.region_sheet import RegionSheet

REGION = Box(200.0, 150.0, 220.0, 200.0)


def hands(left: float, right: float, seconds: float = 1.0, drawn: bool = True) -> LiveHands:
    """Both hands after so many seconds of the same probabilities."""
    raw = HandsOnWheel(left, right)
    samples = [(k / 30.0, raw) for k in range(round(seconds * 30.0) + 1)]
    now = over(samples, HandsSettings(warn_after=3.0))[-1]
    return LiveHands(REGION, drawn, raw, now)


def result(found: LiveHands | None, number: int = 1) -> LiveResult:
    return replace(result_of(number=number), hands=found)


def pixels(image: QImage) -> np.ndarray:
    width, height = image.width(), image.height()
    memory = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return memory[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1].copy()


def painted(found: LiveHands | None, overlays: Overlays | None = None) -> np.ndarray:
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(0xFF5A5A5A)
    painter = QPainter(image)
    paint(painter, result(found), overlays or Overlays(), 1.0)
    painter.end()
    return pixels(image)


def near(picture: np.ndarray, color: tuple[int, int, int], reach: int = 24) -> int:
    return int((np.abs(picture.astype(int) - color).max(axis=2) < reach).sum())


@pytest.fixture
def desk(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LiveDesk]:
    with made_desk(qapp, monkeypatch, tmp_path) as made:
        yield made


def test_states_are_painted_in_their_colours(qapp: QApplication) -> None:
    on, off = (STATES[name].getRgb()[:3] for name in ("on", "off"))
    both = painted(hands(0.98, 0.97))
    one = painted(hands(0.98, 0.02))
    assert near(both, on) > 150 and near(both, off) < 10
    assert near(one, on) > 60 and near(one, off) > 60


def test_the_warning_is_painted_in_time_and_nothing_where_it_is_switched_off(
    qapp: QApplication,
) -> None:
    alarm = ALARM.getRgb()[:3]
    assert near(painted(hands(0.01, 0.02, 1.0)), alarm) < 50
    assert near(painted(hands(0.01, 0.02, 4.0)), alarm) > 2000
    without = replace(Overlays(), hands=Layer(False))
    assert np.array_equal(painted(hands(0.01, 0.02, 4.0), without), painted(None))


def test_what_is_painted_is_recorded(qapp: QApplication) -> None:
    plain = image_with(result(None), Overlays())
    assert not np.array_equal(image_with(result(hands(0.9, 0.1)), Overlays()), plain)


def test_words_of_a_hand(qapp: QApplication) -> None:
    now = hands(0.98, 0.02, 2.0).now
    assert told(now.left, now.time).startswith("on")
    assert "2.0 s" in told(now.right, now.time)


def test_the_panel_says_what_is_missing(desk: LiveDesk) -> None:
    panel = HandsPanel(desk)
    panel.show()
    assert panel.note.text() == NO_MODEL and not panel.cards.isVisible()


def hands_models(desk: LiveDesk) -> None:
    from tests.unit.test_hands_predict import halves

    halves(desk.shelf.folder.folder / "hands.onnx")
    desk.shelf.list.make_anew()
    until(lambda: desk.hands.ready, 60.0)


def push(desk: LiveDesk, name: str = "car") -> None:
    """A source whose name is all that matters."""
    from inference.live.given import GivenSource

    desk.start(GivenSource(name))


def test_a_region_is_remembered_by_source(desk: LiveDesk) -> None:
    push(desk, "one")
    desk.hands.draw((0.1, 0.2, 0.3, 0.4))
    assert desk.settings.hands.drawn == (0.1, 0.2, 0.3, 0.4)
    push(desk, "two")
    assert desk.settings.hands.drawn is None
    push(desk, "one")
    assert desk.settings.hands.drawn == (0.1, 0.2, 0.3, 0.4)
    desk.hands.forget()
    assert desk.settings.hands.drawn is None and desk.hands.wheels == {}


def test_what_is_remembered_comes_back(desk: LiveDesk) -> None:
    desk.hands.recall({"one": (0.0, 0.0, 0.5, 0.5)}, False, 9.0)
    push(desk, "one")
    asked = desk.settings.hands
    assert asked.drawn == (0.0, 0.0, 0.5, 0.5) and not asked.watched
    assert asked.state.warn_after == 9.0


def test_with_a_model_the_panel_shows_both_hands(desk: LiveDesk) -> None:
    pytest.importorskip("onnx", reason="the extra 'train' is not installed")
    panel = HandsPanel(desk)
    panel.show()
    hands_models(desk)
    assert panel.note.text() == NO_SOURCE
    push(desk)
    lost = replace(hands(0.9, 0.1), region=None, raw=None)
    panel.show_result(result(lost))
    assert panel.note.text() == NO_WHEEL
    panel.show_result(result(hands(0.98, 0.03, 2.0), 2))
    assert panel.note.text() == "" and panel.cards.isVisible()
    assert panel.left.accessibleName().startswith("Left hand: On")
    assert panel.right.accessibleName().startswith("Right hand: Off")
    assert panel.alarm.text() == ""
    panel.show_result(result(hands(0.01, 0.03, 5.0), 3))
    assert panel.alarm.isVisible() and "5 s" in panel.alarm.text()


def test_switches_reach_the_engine(desk: LiveDesk) -> None:
    panel = HandsPanel(desk)
    panel.show()
    panel.watch.click()
    assert not desk.settings.hands.watched
    panel.warn_after.edited.emit(8.0, None)
    assert desk.settings.hands.state.warn_after == 8.0
    told_: list[Overlays] = []
    panel.overlays_changed.connect(told_.append)
    panel.shown.click()
    assert told_ and not told_[0].hands.shown


def drag(sheet: RegionSheet, first: tuple[int, int], last: tuple[int, int]) -> None:
    QTest.mousePress(sheet, Qt.MouseButton.LeftButton, pos=QPoint(*first))
    QTest.mouseMove(sheet, QPoint(*last))
    QTest.mouseRelease(sheet, Qt.MouseButton.LeftButton, pos=QPoint(*last))


@pytest.fixture
def canvas(qapp: QApplication) -> Iterator[LiveCanvas]:
    made = LiveCanvas()
    made.resize(800, 480)
    made.show()
    made.show_result(result(None))
    yield made
    made.close()
    made.deleteLater()
    qapp.processEvents()


def test_a_box_is_drawn_in_parts_of_the_picture(canvas: LiveCanvas) -> None:
    sheet, found = RegionSheet(canvas), []
    sheet.drawn.connect(found.append)
    drag(sheet, (80 + 160, 120), (80 + 480, 360))
    assert found and found[0] == pytest.approx((0.25, 0.25, 0.5, 0.5), abs=0.01)
    assert not sheet.isVisible()


def test_a_box_stays_in_the_picture(canvas: LiveCanvas) -> None:
    sheet, found = RegionSheet(canvas), []
    sheet.drawn.connect(found.append)
    drag(sheet, (1, 1), (798, 478))
    assert found[0] == pytest.approx((0.0, 0.0, 1.0, 1.0), abs=0.02)


def test_a_click_draws_nothing_and_escape_leaves(canvas: LiveCanvas) -> None:
    sheet, found = RegionSheet(canvas), []
    sheet.drawn.connect(found.append)
    drag(sheet, (300, 200), (303, 202))
    assert not found and sheet.isVisible()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible() and not found


def test_the_strip_draws_what_it_was_given(qapp: QApplication) -> None:
    strip = HandsStrip()
    strip.resize(320, 130)
    begin = time.monotonic()
    for k in range(60):
        strip.add(begin + k / 30.0, hands(0.97, 0.03))
    shown = pixels(strip.grab().toImage().convertToFormat(QImage.Format.Format_RGB32))
    assert near(shown, STATES["on"].getRgb()[:3]) > 20
    assert near(shown, STATES["off"].getRgb()[:3]) > 20
    strip.clear()
    empty = pixels(strip.grab().toImage().convertToFormat(QImage.Format.Format_RGB32))
    assert near(empty, STATES["on"].getRgb()[:3]) == 0
