"""Pictures that another part of the program pushes: the Studio's viewport, a render."""

from __future__ import annotations

import threading
import time
from typing import Any, Final

import numpy as np

from inference.live.frames import Frame, SourceState, SourceStatus

LONGEST_WAIT: Final = 0.5


class GivenSource:
    """The newest picture that was pushed.

    Parameters
    ----------
    name : str
        What it shows, for people.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.seekable = False
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._given = 0
        self._woken = False
        self._open = False
        self._status = SourceStatus(SourceState.OPENING)

    @property
    def status(self) -> SourceStatus:
        return self._status

    def push(self, picture: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Show a picture, shape (H, W, 3), RGB, from any thread; it is copied.

        One that nobody has read yet is replaced; those pushed while the source is closed are
        forgotten.

        Raises
        ------
        ValueError
            For other shapes and kinds of numbers.
        """
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise ValueError(f"not a picture of RGB bytes: {picture.dtype} {picture.shape}")
        if 0 in picture.shape:
            raise ValueError("the picture is empty")
        with self._news:
            if not self._open:
                return
            number, self._given = self._given, self._given + 1
            self._frame = Frame(picture.copy(), number, None, time.monotonic(), self.name)
            self._status = SourceStatus(SourceState.RUNNING, size=self._frame.size)
            self._news.notify_all()

    def finish(self, message: str = "") -> None:
        """No more pictures will come, for a reason in one line where there is one."""
        with self._news:
            self._open = False
            self._status = SourceStatus(SourceState.ENDED, message, self._status.size)
            self._news.notify_all()

    def open(self) -> None:
        with self._news:
            self._open = True
            self._status = SourceStatus(SourceState.OPENING)

    def read(self) -> Frame | None:
        with self._news:
            self._news.wait_for(
                lambda: self._frame is not None or self._woken or not self._open, LONGEST_WAIT
            )
            self._woken = False
            frame, self._frame = self._frame, None
            return frame

    def wake(self) -> None:
        with self._news:
            self._woken = True
            self._news.notify_all()

    def seek(self, index: int) -> None:
        pass

    def close(self) -> None:
        with self._news:
            self._open, self._frame = False, None
            self._news.notify_all()
