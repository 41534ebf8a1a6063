"""A capture with the engine that works on its frames, and how both are let go of."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from inference.live.capture import Capture, Delivery
from inference.live.chain import LiveModels, LiveSettings
from inference.live.engine import Engine
from inference.live.frames import SourceStatus
from inference.live.outcome import LiveResult, Trouble
from inference.live.source import Source


class LiveSession(QObject):
    """Brings what the threads tell to the window's thread; of several results the newest.

    Signals
    -------
    arrived : LiveResult
    told : SourceStatus
    failed : Trouble
    """

    arrived = Signal(object)
    told = Signal(object)
    failed = Signal(object)
    _news = Signal()
    _heard = Signal(object)
    _troubled = Signal(object)

    def __init__(
        self, source: Source, models: LiveModels, settings: LiveSettings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.capture = Capture(source)
        self.engine = Engine(self.capture, models, settings)
        self._lock = threading.Lock()
        self._newest: LiveResult | None = None
        self._over = False
        self._news.connect(self._deliver)
        self._heard.connect(self._tell)
        self._troubled.connect(self.failed)
        self._stops: list[Callable[[], None]] = [
            self.capture.listen(self._heard.emit),
            self.engine.listen(self._take),
            self.engine.listen_to_trouble(self._troubled.emit),
        ]

    def start(self) -> None:
        self.capture.start()
        self.engine.start()

    @property
    def seekable(self) -> bool:
        """Whether the source's frames have places."""
        return self.capture.source.seekable

    @property
    def drained(self) -> bool:
        """The source has ended and its last frame has been worked on."""
        if not self.capture.ended:
            return False
        newest, latest = self.capture.newest, self.engine.latest()
        return newest is None or (latest is not None and latest.frame.number >= newest.number)

    def record(self, recording: bool) -> None:
        """Give every frame of a file, each looked at in turn; or go back to the newest."""
        every = recording and self.seekable
        self.capture.delivery = Delivery.EVERY if every else Delivery.NEWEST

    def ask_to_end(self) -> None:
        """Tell nothing any more, and let go of the source soon."""
        self._over = True
        for stop in self._stops:
            stop()
        self.capture.ask_to_stop()

    def end(self) -> bool:
        """Wait until both threads have ended; may take a second, a hanging model longer.

        Returns
        -------
        bool
            False where a camera's driver or a model hangs.
        """
        self.ask_to_end()
        ended = self.engine.stop()
        return self.capture.stop() and ended

    def _take(self, result: LiveResult) -> None:
        with self._lock:
            waiting, self._newest = self._newest is not None, result
        if not waiting and not self._over:
            self._news.emit()

    def _deliver(self) -> None:
        with self._lock:
            result, self._newest = self._newest, None
        if result is not None and not self._over:
            self.arrived.emit(result)

    def _tell(self, status: SourceStatus) -> None:
        if not self._over:
            self.told.emit(status)


__all__ = ["LiveSession", "Trouble"]
