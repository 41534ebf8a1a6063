"""The video of a recording: what is painted, frame by frame, at the times at which it was seen.

An MP4 file has its index at the end and is lost when the program is killed before that. So frames
are encoded into an AVI file that can be read up to its last whole frame, with their times beside
it; at the end the encoded frames are moved into an MP4 file with those times, without being encoded
again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.files import aside
from inference.pictures import quiet
from inference.results import Bytes

CODEC: Final = "mp4v"
NOMINAL: Final = 30.0
STEADY: Final = 0.002
"""Seconds by which frames may be off an even rate and still be written at that."""

TICKS: Final = 1000
"""Of the clock of frames that come unevenly, a second."""


class VideoError(Exception):
    """Why no video is recorded, in one line."""


class _NoFrameError(Exception):
    """A file of frames holds none."""


class VideoSink:
    """Writes pictures of one size; others are fitted into it.

    Parameters
    ----------
    target : Path
        ``NAME.mp4``; until `finish` the frames lie in what `partial_video` and `partial_times`
        name.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self._writer: Any = None
        self._size = (0, 0)
        self._times = partial_times(target).open("wb")

    def write(self, picture: Bytes, time: float) -> None:
        """Add a picture.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        time : float
            Seconds from the start of the recording.

        Raises
        ------
        VideoError
            When no video of this size can be written.
        """
        import cv2

        if self._writer is None:
            self._size = picture.shape[1] // 2 * 2, picture.shape[0] // 2 * 2
            self._writer = _writer(partial_video(self.target), NOMINAL, self._size)
        shown = fitted(picture, self._size)
        self._writer.write(cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
        self._times.write(np.float64(time).tobytes())
        self._times.flush()

    def finish(self) -> Path | None:
        """Make the MP4 file; None where no frame was written.

        Raises
        ------
        VideoError, OSError
            What was recorded then stays in its partial files.
        """
        if self._writer is not None:
            self._writer.release()
        self._times.close()
        return finish_video(self.target)


def partial_video(target: Path) -> Path:
    """Where frames lie until the recording ends."""
    return target.with_name(f"{target.name}.partial.avi")


def partial_times(target: Path) -> Path:
    """Where their times lie: 64-bit numbers, seconds."""
    return target.with_name(f"{target.name}.partial.times")


def finish_video(target: Path) -> Path | None:
    """Make the MP4 file from its partial files and remove these; None where they hold no frame.

    Raises
    ------
    VideoError, OSError
        When it cannot be made; the partial files then stay.
    """
    video, times = partial_video(target), partial_times(target)
    made = False
    if video.exists() and video.stat().st_size:
        known = times.read_bytes() if times.exists() else b""
        with suppress(_NoFrameError), aside(target) as temporary:
            _move(video, temporary, np.frombuffer(known[: len(known) // 8 * 8]))
            made = True
    video.unlink(missing_ok=True)
    times.unlink(missing_ok=True)
    return target if made else None


def fitted(picture: Bytes, size: tuple[int, int]) -> Bytes:
    """A picture of another size, as large as it fits, black beside it.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3), uint8
    size : (int, int)
        Width and height.
    """
    import cv2

    width, height = size
    if picture.shape[0] - height in (0, 1) and picture.shape[1] - width in (0, 1):
        return np.ascontiguousarray(picture[:height, :width])
    scale = min(width / picture.shape[1], height / picture.shape[0])
    inner = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    shown = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    shown[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        picture, inner, interpolation=how
    )
    return shown


def _move(video: Path, target: Path, times: NDArray[np.float64]) -> None:
    """Write encoded frames from one file to another, at their times.

    Raises
    ------
    _NoFrameError, VideoError
    """
    import cv2

    quiet()
    source = cv2.VideoCapture(str(video), cv2.CAP_FFMPEG)
    writer: Any = None
    try:
        width = int(source.get(cv2.CAP_PROP_FRAME_WIDTH))
        height = int(source.get(cv2.CAP_PROP_FRAME_HEIGHT))
        rate, ticks = _clock(times)
        source.set(cv2.CAP_PROP_FORMAT, -1)
        for tick in _counted_on(ticks):
            there, packet = source.read()
            if not there:
                break
            if writer is None:
                raw = cv2.VIDEOWRITER_PROP_RAW_VIDEO
                writer = _writer(target, rate, (width, height), raw, 1)
            key = source.get(cv2.CAP_PROP_LRF_HAS_KEY_FRAME)
            writer.set(cv2.VIDEOWRITER_PROP_KEY_FLAG, key)
            writer.set(cv2.VIDEOWRITER_PROP_PTS, tick)
            writer.write(packet)
    finally:
        source.release()
        if writer is not None:
            writer.release()
    if writer is None:
        raise _NoFrameError


def _counted_on(ticks: NDArray[np.int64]) -> Iterator[int]:
    """The ticks, and one after the other beyond them."""
    yield from (int(tick) for tick in ticks)
    yield from itertools.count(int(ticks[-1]) + 1 if len(ticks) else 0)


def _clock(times: NDArray[np.float64]) -> tuple[float, NDArray[np.int64]]:
    """Ticks a second, and the tick of each frame: even where the times are."""
    number = np.arange(len(times))
    if len(times) < 2:
        return NOMINAL, number
    since = times - times[0]
    rate = float((len(times) - 1) / max(since[-1], 1e-6))
    for even in (float(round(rate)), rate):
        if 0.0 < even < TICKS / 2 and np.abs(since - number / even).max() <= STEADY:
            return even, number
    ticks = np.round(since * TICKS).astype(np.int64)
    return float(TICKS), np.maximum.accumulate(ticks - number) + number


def _writer(path: Path, rate: float, size: tuple[int, int], *properties: int) -> Any:
    import cv2

    quiet()
    code = cv2.VideoWriter.fourcc(*CODEC)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, rate, size, properties)
    if not writer.isOpened():
        writer.release()
        raise VideoError(f"{path}: OpenCV cannot write a video of {size[0]}×{size[1]} pixels there")
    return writer
