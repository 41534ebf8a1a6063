"""A thread that keeps the newest frame of a source, in time, and that can be paused and sought."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from types import TracebackType
from typing import Final

from app.listeners import Listeners
from app.priority import give_way
from inference.live.frames import Frame, SourceState, SourceStatus
from inference.live.pace import Pace
from inference.live.source import Source, SourceError

JOIN_SECONDS: Final = 0.9
LOOK_AGAIN: Final = 1.0
"""Seconds after which a paused camera is asked how it is."""
SPEEDS: Final = (0.05, 16.0)
OVER: Final = frozenset({SourceState.ENDED, SourceState.FAILED, SourceState.UNPLUGGED})


class Delivery(StrEnum):
    NEWEST = "newest"
    """Frames at their time; one that nobody took is replaced and counted as dropped."""
    EVERY = "every"
    """Frames at their time or later: each waits until the one before it was taken."""
    FASTEST = "fastest"
    """Every frame, as soon as the one before it was taken."""


class Capture:
    """Frames of one source at a time, in a thread of its own.

    Starts to play at once. Orders may come from any thread and are obeyed by the capture's own;
    of several places to go to in a row the last one counts.

    Parameters
    ----------
    source : Source
        Opened, read and closed on the capture's thread alone.
    loop : bool
        Begin again where the source, or the part between in and out, ends.
    """

    def __init__(self, source: Source, loop: bool = False) -> None:
        self._source = source
        self._news = threading.Condition()
        self._listeners: Listeners[[SourceStatus]] = Listeners()
        self._thread = threading.Thread(target=self._work, name="capture", daemon=True)
        self._pace = Pace()
        self._told: SourceStatus | None = None
        self._held: Frame | None = None
        self._newest: Frame | None = None
        self._taken = -1
        self._count = 0
        self._dropped = 0
        self._asked_to_stop = False
        self._playing = True
        self._single = False
        self._ended = False
        self._opened = False
        self._goto: int | None = None
        self._resume_at: float | None = None
        self._looped_at = -1
        self._failure: SourceStatus | None = None
        self._other: Source | None = None
        self._loop = loop
        self._span: tuple[int, int | None] = (0, None)
        self._delivery = Delivery.NEWEST

    def __enter__(self) -> Capture:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open the source and play; once only."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let go of the source soon, without waiting for it."""
        with self._news:
            self._asked_to_stop = True
            self._news.notify_all()
        self._source.wake()

    def stop(self) -> bool:
        """Let go of the source; back within a second.

        Returns
        -------
        bool
            False where the source still hangs; its thread ends as soon as that lets it.
        """
        self.ask_to_stop()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(JOIN_SECONDS)
        return not self._thread.is_alive()

    def latest(self, after: int = -1, timeout: float | None = 0.0) -> Frame | None:
        """The newest frame if its number is above ``after``, which is then taken.

        Parameters
        ----------
        after : int
            Number of the last frame that was seen.
        timeout : float or None
            Seconds to wait for one; None waits until there is one or the capture is stopped.
        """
        with self._news:
            self._news.wait_for(lambda: self._asked_to_stop or self._has(after), timeout)
            if not self._has(after) or self._newest is None:
                return None
            if self._newest.number > self._taken:
                self._taken = self._newest.number
                self._news.notify_all()
            return self._newest

    @property
    def newest(self) -> Frame | None:
        """The newest frame, which is not taken by looking at it."""
        return self._newest

    @property
    def source(self) -> Source:
        return self._other or self._source

    @property
    def status(self) -> SourceStatus:
        """The source's, or paused, or ended at the out-point."""
        if self._failure is not None:
            return self._failure
        status = self._source.status
        if status.state is not SourceState.RUNNING or self._playing:
            return status
        return replace(status, state=SourceState.ENDED if self._ended else SourceState.PAUSED)

    @property
    def ended(self) -> bool:
        """Nothing more comes, and the last frame was taken."""
        with self._news:
            over = self._asked_to_stop or self.status.state is SourceState.FAILED
            over = over or (self._ended and not self._playing)
            return over and (self._newest is None or self._taken >= self._newest.number)

    @property
    def dropped(self) -> int:
        """Frames that were replaced before anybody took them."""
        return self._dropped

    @property
    def playing(self) -> bool:
        return self._playing

    def play(self) -> None:
        """Go on; from the in-point where it had ended."""
        with self._news:
            if self._ended and self._goto is None:
                self._goto = self._span[0]
            self._playing, self._ended = True, False
            self._pace.reset()
            self._news.notify_all()

    def pause(self) -> None:
        """Stay at this frame; costs no processor time."""
        with self._news:
            self._playing = False
            self._news.notify_all()
        self._source.wake()

    def step(self, frames: int = 1) -> None:
        """Pause, and go that many frames on, or back where below 0."""
        with self._news:
            self._playing = False
            here = self._goto
            if here is None:
                here = self._newest.index if self._newest is not None else None
            if here is not None:
                self._goto = max(0, here + frames)
            self._single, self._ended = True, False
            self._news.notify_all()

    def seek(self, index: int) -> None:
        """Show the frame at a place, and go on from there if it was playing."""
        with self._news:
            self._goto, self._resume_at = max(0, index), None
            self._single, self._ended = True, False
            self._news.notify_all()

    def show(self, source: Source) -> None:
        """Read from another source from now on; the numbers of frames go on."""
        with self._news:
            self._other = source
            self._span, self._goto = (0, None), None
            self._playing, self._ended = True, False
            self._news.notify_all()
        self._source.wake()

    @property
    def speed(self) -> float:
        return self._pace.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._news:
            self._pace.speed = min(max(speed, SPEEDS[0]), SPEEDS[1])
            self._pace.reset()
            self._news.notify_all()

    @property
    def loop(self) -> bool:
        return self._loop

    @loop.setter
    def loop(self, loop: bool) -> None:
        self._loop = loop

    @property
    def span(self) -> tuple[int, int | None]:
        """In- and out-point: the first and the last place that is played, None for the end."""
        return self._span

    @span.setter
    def span(self, span: tuple[int, int | None]) -> None:
        first, last = span
        if first < 0 or (last is not None and last < first):
            raise ValueError(f"no part of a source: {first} to {last}")
        with self._news:
            self._span = span

    @property
    def delivery(self) -> Delivery:
        return self._delivery

    @delivery.setter
    def delivery(self, delivery: Delivery) -> None:
        with self._news:
            self._delivery = delivery
            self._pace.reset()
            self._news.notify_all()

    def listen(self, listener: Callable[[SourceStatus], None]) -> Callable[[], None]:
        """Call ``listener``, on the capture's thread, when the status changes."""
        return self._listeners.add(listener)

    def _has(self, after: int) -> bool:
        return self._newest is not None and self._newest.number > after

    def _work(self) -> None:
        give_way()
        try:
            while not self._asked_to_stop:
                self._tell()
                try:
                    self._turn()
                except Exception as problem:
                    said = " ".join(f"{type(problem).__name__}: {problem}".split())
                    self._failure = replace(
                        self._source.status,
                        state=SourceState.FAILED,
                        message=f"{self._source.name} cannot be read: {said}",
                    )
        finally:
            self._source.close()
            with self._news:
                self._asked_to_stop, self._playing = True, False
                self._held = self._newest = None
                self._news.notify_all()

    def _turn(self) -> None:
        """Obey what was ordered and pass on one frame."""
        with self._news:
            patience = None if self._source.seekable else LOOK_AGAIN
            if not self._news.wait_for(self._has_work, patience) or self._asked_to_stop:
                return
            other, self._other = self._other, None
            goto, self._goto = self._goto, None
            resume_at, self._resume_at = self._resume_at, None
        if other is not None:
            self._source.close()
            self._source, self._opened, self._held = other, False, None
        if not self._opened:
            self._open(goto)
        elif goto is not None and (self._held is None or self._held.index != goto):
            self._held = None
            self._source.seek(goto)
            self._pace.reset(resume_at)
        frame, self._held = self._held or self._source.read(), None
        if frame is None:
            self._nothing()
        elif self._past_the_end(frame):
            self._end()
        else:
            self._deliver(frame)

    def _has_work(self) -> bool:
        if self._asked_to_stop or self._other is not None or not self._opened:
            return True
        if self.status.state is SourceState.FAILED:
            return False
        return self._goto is not None or self._single or (self._playing and not self._ended)

    def _open(self, goto: int | None) -> None:
        self._opened, self._failure, self._looped_at = True, None, -1
        self._pace.reset()
        with suppress(SourceError):
            self._source.open()
            first = self._span[0] if goto is None else goto
            if first:
                self._source.seek(first)

    def _nothing(self) -> None:
        state = self._source.status.state
        if state is SourceState.ENDED or (state in OVER and self._source.seekable):
            self._end()

    def _past_the_end(self, frame: Frame) -> bool:
        last = self._span[1]
        played = self._playing and not self._single
        return played and last is not None and frame.index is not None and frame.index > last

    def _end(self) -> None:
        status = self._source.status
        with self._news:
            if self._goto is not None:
                return
            self._single = False
            again = self._loop and self._playing and self._source.seekable
            if not again or self._newest is None or self._count == self._looped_at:
                self._playing, self._ended = False, True
            else:
                self._goto, self._looped_at = self._span[0], self._count
                if status.rate and self._delivery is not Delivery.FASTEST:
                    pause = 1.0 / (status.rate * self._pace.speed)
                    self._resume_at = self._newest.captured + pause

    def _deliver(self, frame: Frame) -> None:
        """Wait until the frame is due and there is room for it, unless something else comes up."""
        with self._news:
            while True:
                if self._asked_to_stop or self._other is not None:
                    return
                if self._goto is not None and not self._single:
                    return
                if not self._playing and not self._single:
                    self._held = frame
                    return
                wait = self._wait(frame)
                if wait == 0.0:
                    break
                self._news.wait(wait)
            self._publish(frame)

    def _wait(self, frame: Frame) -> float | None:
        """Seconds for which the frame is not to be passed on yet; None for news alone."""
        newest = self._newest
        if self._single:
            if frame.media_time is not None:
                self._pace.due(frame.media_time, time.monotonic())
            return 0.0
        if self._delivery is not Delivery.NEWEST and newest and newest.number > self._taken:
            return None
        if self._delivery is Delivery.FASTEST or frame.media_time is None:
            return 0.0
        now = time.monotonic()
        return max(0.0, self._pace.due(frame.media_time, now) - now)

    def _publish(self, frame: Frame) -> None:
        if self._newest is not None and self._newest.number > self._taken and not self._single:
            self._dropped += 1
        captured = frame.captured if frame.media_time is None else time.monotonic()
        self._newest = replace(frame, number=self._count, captured=captured)
        self._count += 1
        self._single = self._single and self._goto is not None
        self._news.notify_all()

    def _tell(self) -> None:
        status = self.status
        if status != self._told:
            self._told = status
            self._listeners.tell(status)
