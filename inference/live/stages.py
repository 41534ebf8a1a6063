"""The steps of the live engine: timed, and none of them can stop the others by failing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from inference.live.outcome import Trouble

T = TypeVar("T")

FIRST_REST: Final = 1.0
LONGEST_REST: Final = 30.0
"""Seconds that a stage rests after it failed; twice as long after each further time in a row."""


class Stages:
    """Runs the steps of a frame and remembers which of them fail.

    A stage that failed rests, longer each time, and is tried again: what failed may have been one
    picture, or a graphics card that was taken away for a while. The reason is told once.

    Parameters
    ----------
    tell : callable
        Is told of trouble.

    Attributes
    ----------
    timings : dict of str to float
        Seconds by stage since the last `begin`.
    """

    def __init__(self, tell: Callable[[Trouble], None]) -> None:
        self._tell = tell
        self._rests: dict[str, tuple[float, float]] = {}
        self._told: dict[str, str] = {}
        self.timings: dict[str, float] = {}

    def begin(self) -> None:
        """Count the time of a new frame."""
        self.timings = {}

    def mended(self, stage: str) -> None:
        """Its model is another: try it at once, and tell its trouble anew."""
        self._rests.pop(stage, None)
        self._told.pop(stage, None)

    def resting(self, stage: str) -> bool:
        """Whether a stage failed and is not tried for now."""
        return time.monotonic() < self._rests.get(stage, (0.0, 0.0))[0]

    def run(self, stage: str, step: Callable[[], T]) -> T | None:
        """What a step gives; None while it rests and where it fails."""
        if self.resting(stage):
            return None
        begun = time.perf_counter()
        try:
            given = step()
        except Exception as problem:
            self.failed(stage, problem)
            return None
        self.timings[stage] = time.perf_counter() - begun
        self._rests.pop(stage, None)
        return given

    def failed(self, stage: str, problem: Exception) -> None:
        """Let a stage rest, and tell why unless that is known."""
        last = self._rests.get(stage, (0.0, 0.0))[1]
        rest = min(2.0 * last, LONGEST_REST) or FIRST_REST
        self._rests[stage] = (time.monotonic() + rest, rest)
        message = " ".join(str(problem).split()) or type(problem).__name__
        if stage not in self._told:
            self._told[stage] = message
            self._tell(Trouble(stage, message))
