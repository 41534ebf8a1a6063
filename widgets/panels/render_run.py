"""One job for Blender at a time, heard on the window's thread."""

from __future__ import annotations

import itertools
import time
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.blender.protocol import Cancelled, Done, Event, Failed, Picture, Progress
from app.blender.ticket import Ticket


class Submits(Protocol):
    """What runs Blender's jobs: the client itself, or one that lists them."""

    def submit(self, op: str, args: dict[str, Any], on_event: Any = None) -> Ticket: ...


class RenderRun(QObject):
    """Starts jobs and brings their events from the client's thread to the window's.

    Events of a job that is no longer the current one are dropped.
    """

    progressed = Signal(object)
    pictured = Signal(object)
    ended = Signal(object)
    """A Done, a Failed or a Cancelled."""

    _heard = Signal(int, object)

    def __init__(self, blender: Submits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._blender = blender
        self._ticket: Ticket | None = None
        self._numbers = itertools.count(1)
        self._number = 0
        self.started = 0.0
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return self._number != 0

    @property
    def seconds(self) -> float:
        """Since the job was started."""
        return time.monotonic() - self.started

    def start(self, op: str, args: dict[str, Any]) -> None:
        """Start a job; the one before must have ended."""
        assert not self.busy
        number = self._number = next(self._numbers)
        self.started = time.monotonic()

        def hear(event: Event) -> None:
            try:
                self._heard.emit(number, event)
            except RuntimeError:  # the window has closed
                return

        self._ticket = self._blender.submit(op, args, hear)

    def cancel(self) -> None:
        if self._ticket is not None and self.busy:
            self._ticket.cancel()

    @Slot(int, object)
    def _on_heard(self, number: int, event: Event) -> None:
        if number != self._number:
            return
        match event:
            case Progress():
                self.progressed.emit(event)
            case Picture():
                self.pictured.emit(event)
            case Done() | Failed() | Cancelled():
                self._number, self._ticket = 0, None
                self.ended.emit(event)
