"""One camera while it is open, through OpenCV."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from inference.live.cameras import DEV, Camera
from inference.live.frames import SourceState
from inference.pictures import quiet

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

PLAIN_PIXELS: Final = 640 * 480
"""Above these, USB has no room for plain pictures at 30 a second: JPEG is asked for."""


@dataclass(frozen=True)
class CameraSettings:
    """What is asked of a camera; it gives the nearest that it can.

    Attributes
    ----------
    size : (int, int) or None
        Width and height in pixels; None for its own choice.
    rate : float or None
        Frames a second; None for its own choice.
    mirror : bool
        Left and right exchanged, as in a mirror.
    """

    size: tuple[int, int] | None = (640, 480)
    rate: float | None = 30.0
    mirror: bool = False


class DeviceError(Exception):
    """Why a camera cannot be opened now, in one line, and the state that this is."""

    def __init__(self, state: SourceState, message: str) -> None:
        super().__init__(message)
        self.state = state


class Device(Protocol):
    """A camera that is open."""

    @property
    def rate(self) -> float | None: ...

    def grab(self) -> bool:
        """Wait for the next picture; false where none comes."""
        ...

    def retrieve(self) -> Bytes | None:
        """The picture that was grabbed, shape (H, W, 3), RGB."""
        ...

    def release(self) -> None: ...


class OpenedCamera:
    """A camera that OpenCV has opened."""

    def __init__(self, video: Any) -> None:
        import cv2

        self._video = video
        rate = float(video.get(cv2.CAP_PROP_FPS))
        self.rate = rate if 0.0 < rate < 1000.0 else None

    def grab(self) -> bool:
        return bool(self._video.grab())

    def retrieve(self) -> Bytes | None:
        import cv2

        there, picture = self._video.retrieve()
        if not there or picture is None or picture.size == 0:
            return None
        grey = picture.ndim == 2 or picture.shape[2] == 1
        order = cv2.COLOR_GRAY2RGB if grey else cv2.COLOR_BGR2RGB
        return np.asarray(cv2.cvtColor(picture, order), np.uint8)

    def release(self) -> None:
        self._video.release()


def open_camera(camera: Camera, settings: CameraSettings) -> Device:
    """Open a camera; may take seconds.

    Raises
    ------
    DeviceError
        Where it is missing, busy or may not be used.
    """
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
    os.environ.setdefault("OPENCV_AVFOUNDATION_SKIP_AUTH", "1")
    import cv2

    quiet()
    backends = {"win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION, "linux": cv2.CAP_V4L2}
    if sys.platform == "linux":
        _check_file(camera)
    video = cv2.VideoCapture()
    try:
        opened = video.open(camera.index, backends.get(sys.platform, cv2.CAP_ANY))
        if opened:
            _ask(video, settings)
            opened = video.grab()
    except cv2.error:
        opened = False
    if not opened:
        video.release()
        message = f"{camera.name} is there but gives no picture: close other programs that use it"
        if sys.platform == "darwin":
            message += ", and allow the camera under System Settings › Privacy & Security"
        raise DeviceError(SourceState.BUSY, message)
    return OpenedCamera(video)


def _check_file(camera: Camera) -> None:
    path = DEV / f"video{camera.index}"
    if not path.exists():
        raise DeviceError(SourceState.MISSING, f"{camera.name} is not there: plug it in")
    if not os.access(path, os.R_OK | os.W_OK):
        raise DeviceError(
            SourceState.BUSY,
            f"{camera.name} may not be used by you: ask to be put into the group video",
        )


def _ask(video: Any, settings: CameraSettings) -> None:
    import cv2

    video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    if settings.size is not None:
        width, height = settings.size
        if width * height > PLAIN_PIXELS and sys.platform != "darwin":
            video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        video.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        video.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    if settings.rate is not None:
        video.set(cv2.CAP_PROP_FPS, settings.rate)
