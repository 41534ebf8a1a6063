"""Measuring the window while it runs: stalls of the event loop, frames a second."""

from __future__ import annotations

import threading
import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent

from widgets.viewport.viewport import Viewport

_KIND = QEvent.Type(QEvent.registerEventType())
_EVERY_S = 0.004
_MOVE_MS = 8


class StallWatch(QObject):
    """How long an event waits for the event loop, asked again every few milliseconds.

    Used as a context on the GUI thread. A wait is measured from posting the event on another
    thread to its delivery, so it is what a click would have waited.

    Attributes
    ----------
    longest : float
        Milliseconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        self._posted = 0.0
        self._delivered = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="stall-watch", daemon=True)

    def __enter__(self) -> StallWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self._delivered.clear()
            self._posted = time.perf_counter()
            QCoreApplication.postEvent(self, QEvent(_KIND))
            while not self._delivered.wait(0.05) and not self._ended.is_set():
                pass

    def event(self, event: QEvent) -> bool:
        if event.type() != _KIND:
            return super().event(event)
        self.longest = max(self.longest, (time.perf_counter() - self._posted) * 1000.0)
        self._delivered.set()
        return True


class OrbitDrag(QObject):
    """Drags the mouse round the head, as a hand would, and counts the pictures that arrive.

    Attributes
    ----------
    done : bool
    frames_per_second : float
    longest_gap : float
        Milliseconds between two pictures.
    """

    def __init__(self, viewport: Viewport, seconds: float) -> None:
        super().__init__(viewport)
        self.done = False
        self.frames_per_second = 0.0
        self.longest_gap = 0.0
        self._viewport, self._seconds = viewport, seconds
        self._frames: list[float] = []
        self._at = QPointF(viewport.width() * 0.3, viewport.height() * 0.9)
        self._timer = QTimer(self, interval=_MOVE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._move)
        self._start = time.perf_counter()
        viewport.frame_shown.connect(self._count)
        self._send(QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton)
        self._timer.start()

    def _count(self) -> None:
        self._frames.append(time.perf_counter())

    def _move(self) -> None:
        passed = time.perf_counter() - self._start
        if passed >= self._seconds:
            self._end(passed)
            return
        self._at += QPointF(2.0, 0.0)
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton)

    def _end(self, passed: float) -> None:
        self._timer.stop()
        self._viewport.frame_shown.disconnect(self._count)
        self._send(QEvent.Type.MouseButtonRelease, Qt.MouseButton.LeftButton)
        self.frames_per_second = len(self._frames) / passed
        gaps = [b - a for a, b in zip(self._frames, self._frames[1:], strict=False)]
        self.longest_gap = max(gaps, default=passed) * 1000.0
        self.done = True

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton) -> None:
        held = Qt.MouseButton.NoButton
        if kind != QEvent.Type.MouseButtonRelease:
            held = Qt.MouseButton.LeftButton
        everywhere = self._viewport.mapToGlobal(self._at)
        event = QMouseEvent(
            kind, self._at, everywhere, button, held, Qt.KeyboardModifier.NoModifier
        )
        QCoreApplication.sendEvent(self._viewport, event)
