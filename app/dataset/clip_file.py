"""Frames into an MP4 file, which appears when it is whole."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

CODEC: Final = "mp4v"
"""MPEG-4 part 2: what OpenCV's packages can write and read everywhere."""


class ClipError(Exception):
    """Why no clip is written, in one line."""


class ClipFile:
    """Writes frames of one size, RGB; a clip that is broken off leaves the old file.

    Parameters
    ----------
    target : Path
        ``NAME.mp4``.
    rate : float
        Frames a second.
    """

    def __init__(self, target: Path, rate: float) -> None:
        self._target, self._rate = target, rate
        self._partial = target.with_name(f".{target.stem}.partial.mp4")
        self._writer: Any = None

    def __enter__(self) -> ClipFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.release()
        if kind is None and self._writer is not None:
            self._partial.replace(self._target)
        else:
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)

    def write(self, picture: NDArray[np.uint8]) -> None:
        """Add a picture, shape (H, W, 3).

        Raises
        ------
        ClipError
            When the file cannot be made.
        """
        if self._writer is None:
            size = (picture.shape[1], picture.shape[0])
            code = cv2.VideoWriter.fourcc(*CODEC)
            self._writer = cv2.VideoWriter(str(self._partial), code, self._rate, size)
            if not self._writer.isOpened():
                raise ClipError(f"{self._target}: cannot be written; is there such a folder?")
        self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
