"""The thread that works on the newest frame and publishes what it found."""

from __future__ import annotations

import math
import statistics
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from app.listeners import Listeners
from app.priority import give_way
from inference.live.chain import Chain, LiveModels, LiveSettings
from inference.live.frames import Frame
from inference.live.outcome import LiveResult, Statistics, Trouble

WAIT: Final = 0.1
"""Seconds after which a thread that waits for a frame looks whether something else was asked."""

RECENT: Final = 5.0
"""Seconds of which the statistics speak; at most `KEPT` results."""

KEPT: Final = 1024

ENGINE: Final = "engine"
LISTENER: Final = "listener"
"""Names of trouble that comes from no stage."""

JOIN: Final = 10.0
"""Seconds that a frame which is just worked on is waited for at the end."""


class Frames(Protocol):
    """Where frames come from; `inference.live.capture.Capture` is one."""

    @property
    def dropped(self) -> int:
        """Frames that nobody took in time."""
        ...

    def latest(self, after: int = -1, timeout: float | None = 0.0) -> Frame | None:
        """The newest frame above a number, waited for as long as the timeout says."""
        ...


class Engine:
    """Follows the faces in the newest frames of a capture, in a thread of its own.

    Listeners are told on that thread and hold it up; with a capture that gives every frame a slow
    listener so slows the source and loses nothing.

    Parameters
    ----------
    capture : Frames
        Started and stopped by its owner.
    models : LiveModels
    settings : LiveSettings, optional
    """

    def __init__(
        self, capture: Frames, models: LiveModels, settings: LiveSettings | None = None
    ) -> None:
        self._capture = capture
        self._models = models
        self._settings = settings or LiveSettings()
        self._change = threading.Condition()
        self._changed = False
        self._paused = False
        self._stopping = False
        self._latest: LiveResult | None = None
        self._times: deque[tuple[float, float, Mapping[str, float]]] = deque(maxlen=KEPT)
        self._told: set[str] = set()
        self._frames = 0
        self._results: Listeners[[LiveResult]] = Listeners()
        self._troubles: Listeners[[Trouble]] = Listeners()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work.

        Raises
        ------
        RuntimeError
            When it was started before.
        """
        with self._change:
            if self._thread is not None:
                raise RuntimeError("a live engine is started once")
            self._thread = threading.Thread(target=self._run, name="live engine", daemon=True)
            self._thread.start()

    def stop(self) -> bool:
        """End the thread, and wait for the frame that it works on.

        Returns
        -------
        bool
            False where a model hangs; the thread ends as soon as that lets it.
        """
        with self._change:
            self._stopping = True
            self._change.notify_all()
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return thread is None
        thread.join(JOIN)
        return not thread.is_alive()

    def pause(self) -> None:
        """Let frames pass, at no cost, as while the window is hidden."""
        with self._change:
            self._paused = True

    def resume(self) -> None:
        """Go on with the newest frame."""
        with self._change:
            self._paused = False
            self._change.notify_all()

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def models(self) -> LiveModels:
        return self._models

    @property
    def settings(self) -> LiveSettings:
        return self._settings

    def exchange(self, models: LiveModels) -> None:
        """Use other models from the next frame on; a picture at rest is looked at again."""
        with self._change:
            self._models = models
            self._changed = True
            self._change.notify_all()

    def configure(self, settings: LiveSettings) -> None:
        """Use other settings from the next frame on; a picture at rest is looked at again."""
        with self._change:
            self._settings = settings
            self._changed = True
            self._change.notify_all()

    def latest(self, after: int = -1, timeout: float | None = 0.0) -> LiveResult | None:
        """The newest result if its frame's number is above ``after``.

        Parameters
        ----------
        after : int
        timeout : float or None
            Seconds to wait for one; None waits until there is one or the engine is stopped.
        """

        def there() -> bool:
            return self._latest is not None and self._latest.frame.number > after

        with self._change:
            self._change.wait_for(lambda: self._stopping or there(), timeout)
            return self._latest if there() else None

    def listen(self, listener: Callable[[LiveResult], None]) -> Callable[[], None]:
        """Call with every result from now on; the function returned ends that."""
        return self._results.add(listener)

    def listen_to_trouble(self, listener: Callable[[Trouble], None]) -> Callable[[], None]:
        """Call with why a stage fails, once for each model; the function returned ends that."""
        return self._troubles.add(listener)

    def statistics(self) -> Statistics:
        """How fast it has been over the last seconds."""
        now = time.monotonic()
        with self._change:
            recent = [entry for entry in self._times if now - entry[0] <= RECENT]
            frames = self._frames
        if not recent:
            return Statistics(frames=frames, dropped=self._capture.dropped)
        delays = sorted(delay for _, delay, _ in recent)
        stages = sorted({stage for _, _, timings in recent for stage in timings})
        return Statistics(
            rate=_rate([published for published, _, _ in recent], now),
            delay=statistics.median(delays),
            delay_p95=delays[math.ceil(0.95 * len(delays)) - 1],
            frames=frames,
            dropped=self._capture.dropped,
            stages={s: statistics.median([t[s] for _, _, t in recent if s in t]) for s in stages},
        )

    def _run(self) -> None:
        give_way()
        chain = Chain(self._models, self._settings, self._trouble)
        last: Frame | None = None
        look_again = False
        try:
            while (changed := self._ready()) is not None:
                if changed:
                    chain.use(self._models)
                    chain.configure(self._settings)
                    look_again = True
                frame = self._next(-1 if last is None else last.number)
                if self._paused or self._stopping:
                    continue
                again = frame is None and look_again
                if again:
                    frame = last
                look_again = False
                if frame is not None:
                    last = frame
                    self._publish(chain, frame, again)
        finally:
            chain.close()

    def _ready(self) -> bool | None:
        """Waits while paused; then whether something was changed, or None to end."""
        with self._change:
            self._change.wait_for(lambda: self._stopping or not self._paused)
            changed, self._changed = self._changed, False
            return None if self._stopping else changed

    def _next(self, after: int) -> Frame | None:
        """The newest frame; none where there is no newer one within `WAIT` seconds."""
        begun = time.monotonic()
        frame = self._capture.latest(after, WAIT)
        rest = WAIT - (time.monotonic() - begun)
        if frame is None and rest > 0.0:
            with self._change:
                self._change.wait_for(lambda: self._stopping or self._changed, rest)
        return frame

    def _publish(self, chain: Chain, frame: Frame, again: bool) -> None:
        try:
            faces, timings = chain.work(frame)
        except Exception as problem:
            self._once(ENGINE, problem)
            faces, timings = (), {}
        hands = chain.hands
        published = time.monotonic()
        result = LiveResult(
            frame,
            faces,
            timings,
            published - frame.captured,
            published,
            None if hands is None else hands.raw,
            hands,
        )
        with self._change:
            self._latest = result
            if not again:
                self._frames += 1
                self._times.append((published, result.delay, timings))
            self._change.notify_all()
        try:
            self._results.tell(result)
        except Exception as problem:
            self._once(LISTENER, problem)

    def _once(self, stage: str, problem: Exception) -> None:
        """Tell of what should not happen, the first time that it does."""
        message = f"{type(problem).__name__}: {' '.join(str(problem).split())}"
        if message not in self._told:
            self._told.add(message)
            self._trouble(Trouble(stage, message))

    def _trouble(self, trouble: Trouble) -> None:
        try:
            self._troubles.tell(trouble)
        except Exception:
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), None)))


def _rate(moments: list[float], now: float) -> float:
    """Results a second, from the first of these moments to the last, or to now if that is long."""
    if len(moments) < 2:
        return 0.0
    span = moments[-1] - moments[0]
    usual = span / (len(moments) - 1)
    late = now - moments[-1]
    if late > 3.0 * usual:
        span += late
    return (len(moments) - 1) / max(span, 1e-6)
