"""The live picture on a whole screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inference.live.frames import SourceState, SourceStatus
from inference.live.outcome import Statistics
from tests.gui.live_faces import live, result_of
from widgets.live.canvas import LiveCanvas
from widgets.live.overlays import Overlays
from widgets.live.presentation import FIGURES, SWITCHES, Presentation

KEYS = [Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6]


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[LiveCanvas]:
    window = QWidget()
    qtbot.addWidget(window)
    canvas = LiveCanvas()
    QVBoxLayout(window).addWidget(canvas)
    window.resize(500, 400)
    with qtbot.waitExposed(window):
        window.show()
    canvas.show_result(result_of(live()))
    canvas.show_status(SourceStatus(SourceState.RUNNING, size=(640, 480)))
    yield canvas
    window.close()


@pytest.fixture
def shown(canvas: LiveCanvas, qtbot: QtBot) -> Presentation:
    presentation = Presentation(canvas, canvas.window())
    with qtbot.waitExposed(presentation):
        presentation.start()
    return presentation


def test_it_fills_the_screen_and_shows_what_the_canvas_is_told(
    shown: Presentation, canvas: LiveCanvas, qtbot: QtBot
) -> None:
    assert shown.isFullScreen()
    assert shown.size() == shown.screen().size()
    result = result_of(live(), number=2)
    with qtbot.waitSignal(canvas.painted):
        canvas.show_result(result)
    canvas.show_statistics(Statistics(30.0))
    assert shown.canvas.result is not None
    assert shown.canvas.result.frame is result.frame
    assert shown.canvas.font().pixelSize() >= 15
    assert shown.canvas.font().pixelSize() >= shown.height() // 50


@pytest.mark.parametrize("number", range(len(SWITCHES)))
def test_a_key_switches_its_layers_and_its_button_shows_it(
    shown: Presentation, canvas: LiveCanvas, number: int
) -> None:
    told: list[Overlays] = []
    shown.overlays_changed.connect(told.append)
    before = shown.shown(number)
    QTest.keyClick(shown, KEYS[number])
    assert shown.shown(number) is not before
    assert shown.bar.buttons[number].isChecked() is not before
    if number == FIGURES:
        assert shown.canvas.hud is not before
        assert told == []
    else:
        assert told == [canvas.overlays], "the canvas has them when this is over"
        assert all(told[0].shows(name) is not before for name in SWITCHES[number][1])
    QTest.mouseClick(shown.bar.buttons[number], Qt.MouseButton.LeftButton)
    assert shown.shown(number) is before


def test_escape_leaves_and_the_canvas_goes_on(
    shown: Presentation, canvas: LiveCanvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(shown.closed):
        QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.isVisible()
    before = shown.canvas.result
    with qtbot.waitSignal(canvas.painted):
        canvas.show_result(result_of(live(), number=5))
    assert shown.canvas.result is before


def move_pointer(shown: Presentation, x: float) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(x, 0.0),
        QPointF(x, 0.0),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(shown.canvas, event)


def test_pointer_and_switches_go_and_come_back(shown: Presentation, qtbot: QtBot) -> None:
    assert shown.bar.isVisible()
    shown._away.setInterval(20)
    shown.come_back()
    qtbot.waitUntil(lambda: not shown.bar.isVisible())
    assert shown.cursor().shape() == Qt.CursorShape.BlankCursor
    shown._away.setInterval(60_000)
    move_pointer(shown, 0.0)
    assert not shown.bar.isVisible(), "it stayed where it was"
    move_pointer(shown, 10.0)
    assert shown.bar.isVisible()
    assert shown.cursor().shape() != Qt.CursorShape.BlankCursor
    shown._away.start(10)
    qtbot.waitUntil(lambda: not shown.bar.isVisible())
    QTest.keyClick(shown, Qt.Key.Key_3)
    assert shown.bar.isVisible(), "a key shows what it did"


def test_its_switches_lie_within_the_screen(shown: Presentation) -> None:
    assert shown.rect().contains(shown.bar.geometry())
    for button in shown.bar.buttons:
        assert button.width() >= button.sizeHint().width()


def test_the_next_screen_is_harmless_where_there_is_one(shown: Presentation) -> None:
    QTest.keyClick(shown, Qt.Key.Key_M)
    assert shown.isVisible()


def test_closing_twice_is_told_once(shown: Presentation) -> None:
    told: list[None] = []
    shown.closed.connect(lambda: told.append(None))
    shown.close()
    shown.close()
    assert len(told) == 1
