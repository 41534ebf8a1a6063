"""Pictures and videos as people have them, turned upright, as arrays of RGB bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.picture_size import picture_size
from app.files import read_bytes

Bytes = NDArray[np.uint8]

PICTURES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jp2", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pnm", ".avif", ".gif"}
)
VIDEOS: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".ogv", ".3gp"}
)
SIZE_LIMIT: Final = 512 * 2**20
MOST_PIXELS: Final = 400_000_000
LEAST_SHARE: Final = 0.95
"""Share of the frames that a video says it has, under which it counts as cut short."""


class PictureError(Exception):
    """Why a file cannot be seen, in one line."""


def read_picture(path: Path) -> Bytes:
    """A picture as it is meant to be looked at, shape (H, W, 3), RGB.

    The orientation that cameras write down is applied; grey becomes RGB, transparency is dropped,
    more than eight bits a channel become eight.

    Raises
    ------
    PictureError
        With one line that names the file and what is wrong with it.
    """
    import cv2

    try:
        data = read_bytes(path, SIZE_LIMIT)
    except FileNotFoundError:
        raise PictureError(f"{path}: there is no such file") from None
    except OSError as problem:
        raise PictureError(f"{path}: cannot be read: {problem.strerror}") from None
    if not data or len(data) > SIZE_LIMIT:
        size = "is empty" if not data else f"is larger than {SIZE_LIMIT // 2**20} MB"
        raise PictureError(f"{path}: {size}")
    with suppress(ValueError):
        width, height = picture_size(data)
        if width * height > MOST_PIXELS:
            raise PictureError(f"{path}: {width}×{height} pixels are too many")
    quiet()
    try:
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error as problem:
        raise PictureError(f"{path}: cannot be decoded: {_said(problem)}") from None
    if read is None:
        raise PictureError(f"{path}: this is no picture that can be read; save it as JPEG or PNG")
    return np.ascontiguousarray(_eight_bits(read)[:, :, ::-1])


@dataclass(frozen=True)
class Frames:
    """The frames of a video, counted from 0 as they come.

    Attributes
    ----------
    path : Path
    expected : int
        What the file says; 0 where it does not.
    """

    path: Path
    expected: int

    def __iter__(self) -> Iterator[Bytes]:
        """Frames of shape (H, W, 3), RGB, upright.

        Raises
        ------
        PictureError
            After the last frame, when there were far fewer than the file says.
        """
        import cv2

        video = _opened(self.path)
        seen = 0
        try:
            while True:
                try:
                    there, frame = video.read()
                except cv2.error as problem:
                    raise PictureError(
                        f"{self.path}: frame {seen} cannot be decoded: {_said(problem)}"
                    ) from None
                if not there:
                    break
                seen += 1
                yield np.ascontiguousarray(_eight_bits(frame)[:, :, ::-1])
        finally:
            video.release()
        if seen < self.expected * LEAST_SHARE:
            raise PictureError(
                f"{self.path}: ends after {seen} of {self.expected} frames, which are kept"
            )


def open_video(path: Path) -> Frames:
    """The frames of a video.

    Raises
    ------
    PictureError
        With one line that names the file and what is wrong with it.
    """
    import cv2

    try:
        if not path.is_file():
            raise PictureError(f"{path}: there is no such file")
        if path.stat().st_size == 0:
            raise PictureError(f"{path}: is empty")
        with path.open("rb"):
            pass
    except OSError as problem:
        raise PictureError(f"{path}: cannot be read: {problem.strerror}") from None
    video = _opened(path)
    try:
        expected = video.get(cv2.CAP_PROP_FRAME_COUNT)
        if not video.read()[0]:
            raise PictureError(f"{path}: no frame can be read from it")
    finally:
        video.release()
    return Frames(path, int(expected) if 0 < expected < 1e9 else 0)


def quiet() -> None:
    """Keep OpenCV's and FFmpeg's own lines out of the terminal; what is wrong is told once."""
    import cv2

    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.setLogLevel(0)


def _opened(path: Path) -> Any:
    import cv2

    quiet()
    video = cv2.VideoCapture(os.fspath(path), cv2.CAP_FFMPEG)
    if not video.isOpened():
        video.release()
        raise PictureError(f"{path}: this is no video that can be opened")
    video.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    return video


def _eight_bits(picture: NDArray[Any]) -> Bytes:
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)
    if picture.dtype == np.uint8:
        return picture
    if picture.dtype == np.uint16:
        return np.asarray(np.round(picture / 257.0), np.uint8)
    finite = np.nan_to_num(picture.astype(np.float64), nan=0.0, posinf=1.0, neginf=0.0)
    return np.asarray(np.round(np.clip(finite, 0.0, 1.0) * 255.0), np.uint8)


def _said(problem: Exception) -> str:
    return " ".join(str(problem).split())[:200]
