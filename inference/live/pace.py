"""When frames of a file are due on the clock of the machine."""

from __future__ import annotations

from typing import Final

LATE: Final = 0.25
"""Seconds of lateness from which on the clock is set back instead of caught up with."""
LONGEST_WAIT: Final = 10.0
"""Longer steps of time stamps are taken for faults."""


class Pace:
    """Lays time stamps of a file on the clock.

    Attributes
    ----------
    speed : float
        Seconds of the file that pass in one second.
    """

    def __init__(self) -> None:
        self.speed = 1.0
        self._anchor: tuple[float, float] | None = None
        self._next: float | None = None

    def reset(self, at: float | None = None) -> None:
        """Let the next frame be due at that time, or at once."""
        self._anchor, self._next = None, at

    def due(self, media_time: float, now: float) -> float:
        """When a frame is due, on the clock of ``now``; both are seconds.

        The first one is due at once. Who is late by more than a quarter of a second goes on from
        there, slower than meant but without frames in a rush.
        """
        if self._anchor is not None:
            shown, at = self._anchor
            due = at + (media_time - shown) / self.speed
            if now - LATE <= due <= now + LONGEST_WAIT:
                return due
        due = now if self._next is None else min(max(self._next, now), now + LONGEST_WAIT)
        self._anchor, self._next = (media_time, due), None
        return due
