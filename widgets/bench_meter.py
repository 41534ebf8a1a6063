"""What comes to the live screen in some seconds, and what the process takes meanwhile."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from widgets.bench_window import wait

if TYPE_CHECKING:
    from inference.live.outcome import LiveResult
    from widgets.live.content import LiveContent


@dataclass(frozen=True, eq=False)
class Counted:
    """What came to the screen in some seconds.

    Attributes
    ----------
    seconds : float
    delays : ndarray, shape (N,), seconds
        Of each new picture.
    faces : float
        Mean number of faces seen in a result.
    stages : mapping of str to float
        Median milliseconds.
    dropped : int
        Frames that were never worked on.
    """

    seconds: float
    delays: np.ndarray[Any, np.dtype[np.float64]]
    faces: float
    stages: Mapping[str, float]
    dropped: int

    @property
    def rate(self) -> float:
        return len(self.delays) / self.seconds

    def told(self) -> dict[str, Any]:
        return {
            "faces seen, mean": round(self.faces, 2),
            "stages, ms": {k: round(v, 2) for k, v in self.stages.items()},
            "frames not worked on": self.dropped,
            "delay then, median ms": round(float(np.median(self.delays)) * 1e3, 1)
            if len(self.delays)
            else None,
            "seconds": round(self.seconds, 1),
        }


class Meter:
    """Counts what the canvas paints until it is stopped."""

    def __init__(self, content: LiveContent) -> None:
        self._content = content
        self._delays: list[float] = []
        self._faces: list[int] = []
        self._dropped = content.desk.current_statistics().dropped
        content.canvas.painted.connect(self._delays.append)
        content.desk.result.connect(self._take)
        self._begun = time.monotonic()

    def _take(self, result: LiveResult) -> None:
        self._faces.append(sum(face.seen for face in result.faces))

    def stop(self) -> Counted:
        seconds = time.monotonic() - self._begun
        self._content.canvas.painted.disconnect(self._delays.append)
        self._content.desk.result.disconnect(self._take)
        now = self._content.desk.current_statistics()
        return Counted(
            seconds,
            np.array(self._delays, float),
            statistics.fmean(self._faces) if self._faces else 0.0,
            {name: value * 1e3 for name, value in now.stages.items()},
            now.dropped - self._dropped,
        )


def busy(seconds: float) -> float:
    """Percent of a core that this process takes while the window runs by itself."""
    process = psutil.Process()
    before, begun = process.cpu_times(), time.monotonic()
    wait(seconds)
    now = process.cpu_times()
    spent = now.user + now.system - before.user - before.system
    return max(float(100.0 * spent / (time.monotonic() - begun)), 0.0)
