"""How a live source plays: play, pause, step, seek, speed, loop, in and out."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from inference.live.frames import SourceState, SourceStatus
from inference.live.outcome import LiveResult
from inference.live.source import Source
from widgets.live.session import LiveSession

NOTHING: Final = SourceStatus(SourceState.ENDED)


class Playback(QObject):
    """Orders for the session that runs now, which `widgets.live.desk.LiveDesk` begins and ends.

    Attributes
    ----------
    latest : LiveResult or None
        What was told last of the source.

    Signals
    -------
    playback_changed
        Play, pause, speed, loop, in and out.
    """

    playback_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.latest: LiveResult | None = None
        self._session: LiveSession | None = None
        self._source: Source | None = None
        self._status = NOTHING
        self._speed, self._loop = 1.0, True
        self._resume = False

    @property
    def resting(self) -> bool:
        """Whether nobody looks and nothing needs the faces."""
        return False

    @property
    def looping(self) -> bool:
        """Whether the clip begins again at its end now."""
        return self._loop

    @property
    def session(self) -> LiveSession | None:
        """What runs now."""
        return self._session

    @property
    def source(self) -> Source | None:
        return self._source

    @property
    def source_status(self) -> SourceStatus:
        return self._status

    @property
    def seekable(self) -> bool:
        """Whether the source has places that can be gone to."""
        return self._source is not None and self._source.seekable

    @property
    def playing(self) -> bool:
        """What the user wants; while the window is hidden nothing plays all the same."""
        return self._session is not None and (self._resume or self._session.capture.playing)

    def play(self) -> None:
        if self._session is not None:
            if self.resting:
                self._resume = True
            else:
                self._session.capture.play()
            self.playback_changed.emit()

    def pause(self) -> None:
        if self._session is not None:
            self._resume = False
            self._session.capture.pause()
            self.playback_changed.emit()

    def toggle(self) -> None:
        """Play, or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def step(self, frames: int = 1) -> None:
        """Pause, and go frames on or back."""
        if self._session is not None and self.seekable:
            self._resume = False
            self._session.capture.step(frames)
            self.playback_changed.emit()

    def seek(self, index: int) -> None:
        if self._session is not None and self.seekable:
            self._session.capture.seek(index)

    @property
    def index(self) -> int | None:
        """Place of the frame that is shown."""
        return None if self.latest is None else self.latest.frame.index

    @property
    def length(self) -> int | None:
        """Frames of the source, where known."""
        return self._status.length if self.seekable else None

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._speed = speed
        if self._session is not None:
            self._session.capture.speed = speed
            self._speed = self._session.capture.speed
        self.playback_changed.emit()

    @property
    def loop(self) -> bool:
        return self._loop

    @loop.setter
    def loop(self, loop: bool) -> None:
        self._loop = loop
        if self._session is not None:
            self._session.capture.loop = self.looping
        self.playback_changed.emit()

    @property
    def span(self) -> tuple[int, int | None]:
        """In- and out-point."""
        return (0, None) if self._session is None else self._session.capture.span

    @span.setter
    def span(self, span: tuple[int, int | None]) -> None:
        if self._session is not None and self.seekable:
            first, last = span
            self._session.capture.span = (first, last if last is None else max(first, last))
            self.playback_changed.emit()

    def mark_in(self) -> None:
        """Begin at the frame that is shown."""
        if self.index is not None:
            last = self.span[1]
            self.span = (self.index, last if last is not None and last > self.index else None)

    def mark_out(self) -> None:
        """End at the frame that is shown."""
        if self.index is not None:
            first = self.span[0]
            self.span = (first if first < self.index else 0, self.index)
