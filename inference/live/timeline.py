"""The clock of a recording."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from inference.live.outcome import LiveResult
from inference.live.recording_tables import Moment, RecordedFace
from inference.live.recording_video import NOMINAL

LONGEST_STEP: Final = 2.0
"""Seconds between two frames of a recording; what lies further apart was a pause or a jump."""


class Values(StrEnum):
    RAW = "raw"
    FILTERED = "filtered"


class Timeline:
    """Lays frames on one clock that starts at 0 and has neither jumps nor pauses.

    Attributes
    ----------
    time : float
        Of the last frame, seconds.
    """

    def __init__(self) -> None:
        self.time = 0.0
        self._last: LiveResult | None = None
        self._step = 1.0 / NOMINAL

    def moment(self, result: LiveResult, values: Values) -> Moment:
        """The next frame with its time.

        Two frames of one source are as far apart as their times in it, those of a camera as far as
        they came. Where that is no step forward, or too long a one, the last step is taken again.
        """
        last, frame = self._last, result.frame
        if last is not None:
            before = last.frame
            step = frame.captured - before.captured
            if frame.media_time is not None and before.media_time is not None:
                step = frame.media_time - before.media_time
            if before.source == frame.source and 0.0 < step <= LONGEST_STEP:
                self._step = step
            self.time += self._step
        self._last = result
        faces = tuple(
            RecordedFace(f.number, f.confidence, f.raw if values is Values.RAW else f.filtered)
            for f in result.faces
            if f.seen
        )
        return Moment(frame, self.time, values.value, faces, result.hands_on_wheel)
