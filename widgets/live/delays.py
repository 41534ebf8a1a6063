"""How late pictures are on the screen, over the last seconds."""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

RECENT: Final = 5.0
"""Seconds of which the figures speak; at most `KEPT` pictures."""

KEPT: Final = 1024


@dataclass(frozen=True)
class ScreenDelay:
    """Seconds from when a picture was captured to when it was on the screen.

    Attributes
    ----------
    median, p95 : float
    rate : float
        Pictures a second that came to the screen.
    """

    median: float
    p95: float
    rate: float


class DelayMeter:
    """Remembers when pictures came to the screen, and how late.

    Parameters
    ----------
    clock : callable
        Seconds, as `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def add(self, delay: float) -> None:
        """A picture is on the screen now."""
        self._seen.append((self._clock(), delay))

    def clear(self) -> None:
        self._seen.clear()

    def told(self) -> ScreenDelay | None:
        """The figures of the last seconds; None where nothing was shown in them."""
        now = self._clock()
        recent = [(at, delay) for at, delay in self._seen if now - at <= RECENT]
        if not recent:
            return None
        delays = sorted(delay for _, delay in recent)
        span = recent[-1][0] - recent[0][0]
        rate = (len(recent) - 1) / span if span > 0.0 else 0.0
        return ScreenDelay(
            statistics.median(delays), delays[math.ceil(0.95 * len(delays)) - 1], rate
        )
