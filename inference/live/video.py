"""A video file as a live source: upright, by its time stamps, as far as it can be read."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from math import isfinite
from pathlib import Path
from typing import Any, Final

import numpy as np

from inference.live.frames import Frame, SourceState, SourceStatus
from inference.live.source import SourceError
from inference.pictures import LEAST_SHARE, PictureError, open_video

USUAL_RATE: Final = 25.0
RATES: Final = (0.1, 1000.0)
LARGE: Final = 1920 * 1088
"""Pixels of a frame above which FFmpeg may use more than one thread."""
READ_ON: Final = 32
"""Frames that are rather read over than jumped over."""
LEADS: Final = (0, 16, 128, 1024)
"""How many frames before the wanted one a jump aims, until it lands before it."""


class VideoSource:
    """A video file.

    Frames are numbered as they lie in the file. Past what has been read in sequence, a jump in a
    file of variable frame rate lands at the place's share of the time, and numbers count from
    there; reading from the start is exact always.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.seekable = True
        self._video: Any = None
        self._status = SourceStatus(SourceState.OPENING)
        self._rate = USUAL_RATE
        self._times: list[float] = []
        self._next = 0
        self._time = 0.0
        self._grabbed = False

    @property
    def status(self) -> SourceStatus:
        return self._status

    def open(self) -> None:
        try:
            expected = open_video(self.path).expected
        except PictureError as problem:
            self._status = SourceStatus(SourceState.FAILED, str(problem))
            raise SourceError(str(problem)) from None
        self._video = self._opened()
        import cv2

        rate = self._video.get(cv2.CAP_PROP_FPS)
        self._rate = rate if isfinite(rate) and RATES[0] <= rate <= RATES[1] else USUAL_RATE
        self._next, self._time, self._grabbed = 0, 0.0, False
        self._tell(SourceState.RUNNING, length=expected or None)

    def read(self) -> Frame | None:
        if self._video is None:
            return None
        picture = self._picture()
        if picture is None:
            self._end()
            return None
        index, self._next = self._next, self._next + 1
        if index == len(self._times):
            self._times.append(self._time)
        height, width = picture.shape[:2]
        status = self._status
        if status.state is not SourceState.RUNNING or status.size != (width, height):
            self._tell(SourceState.RUNNING, size=(width, height))
        return Frame(picture, index, self._time, time.monotonic(), self.name, index)

    def wake(self) -> None:
        pass

    def seek(self, index: int) -> None:
        if self._video is None:
            return
        length = self._status.length
        index = max(0, index if length is None else min(index, length - 1))
        if index == self._next and self._status.state is not SourceState.ENDED:
            return
        if self._next < index <= self._next + READ_ON and index >= len(self._times):
            while self._next < index and self._grab():
                if self._next == len(self._times):
                    self._times.append(self._time)
                self._next += 1
                self._grabbed = False
        else:
            self._jump(index)
        self._tell(SourceState.RUNNING)

    def close(self) -> None:
        if self._video is not None:
            self._video.release()
            self._video = None

    def _opened(self) -> Any:
        import cv2

        name = os.fspath(self.path)
        video = cv2.VideoCapture(name, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        width, height = (video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT))
        if width * height > LARGE:
            video.release()
            video = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
        video.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        return video

    def _grab(self) -> bool:
        """Go to the next frame, unless a jump has done so; its time is then known."""
        import cv2

        if self._grabbed:
            return True
        if not self._video.grab():
            return False
        self._grabbed = True
        told = self._video.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
        first = self._next == 0
        usual = 0.0 if first else self._time + 1.0 / self._rate
        self._time = told if isfinite(told) and (first or told > self._time) else usual
        return True

    def _picture(self) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
        import cv2

        try:
            if not self._grab():
                return None
            self._grabbed = False
            there, picture = self._video.retrieve()
            return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) if there else None
        except cv2.error:
            return None

    def _jump(self, index: int) -> None:
        """Seek to before the wanted time and read on to it: key frames lie where they lie."""
        import cv2

        known = index < len(self._times)
        wanted = self._times[index] if known else index / self._rate
        least = wanted - 0.25 / self._rate
        if known and index:
            least = 0.5 * (self._times[index - 1] + wanted)
        place = round(wanted * self._rate)
        for lead in (*LEADS, place):
            self._video.set(cv2.CAP_PROP_POS_FRAMES, max(0, place - lead))
            self._next, self._time, self._grabbed = index, -1.0, False
            if not self._grab():
                continue
            if self._time <= wanted + 0.25 / self._rate or place <= lead:
                break
        while self._time < least:
            self._grabbed = False
            if not self._grab():
                self._next = round(self._time * self._rate) + 1
                return
        if known:
            self._next = min(bisect_left(self._times, self._time - 1e-6), len(self._times) - 1)

    def _end(self) -> None:
        status = self._status
        if status.state is SourceState.ENDED:
            return
        seen, expected = self._next, status.length
        if expected is None or seen >= expected * LEAST_SHARE:
            self._tell(SourceState.ENDED, length=seen)
        elif self.path.exists():
            message = (
                f"{self.name} ends after {seen} of {expected} frames; it seems to be cut short"
            )
            self._tell(SourceState.ENDED, message, length=seen)
        else:
            message = f"{self.name} is gone: it was moved, or its disk was unplugged"
            self._tell(SourceState.UNPLUGGED, message)

    def _tell(
        self,
        state: SourceState,
        message: str = "",
        size: tuple[int, int] | None = None,
        length: int | None = None,
    ) -> None:
        old = self._status
        self._status = SourceStatus(
            state, message, size or old.size, self._rate, length or old.length
        )
