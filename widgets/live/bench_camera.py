"""A camera that shows given pictures and can be pulled out, for measuring what the window does."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from typing import Final

from inference.live.camera import CameraSource
from inference.live.cameras import Camera
from inference.live.device import CameraSettings, Device, DeviceError
from inference.live.frames import SourceState
from inference.results import Bytes

RATE: Final = 30.0
NAME: Final = "Camera of the bench"


class PulledCamera:
    """Gives the pictures in turn, 30 a second, while it is plugged in.

    Attributes
    ----------
    source : CameraSource
    """

    def __init__(self, pictures: Sequence[Bytes]) -> None:
        self._pictures = itertools.cycle(pictures)
        self._plugged = threading.Event()
        self._plugged.set()
        self._camera = Camera(0, NAME)
        self.source = CameraSource(self._camera, opener=self._open, lister=self._list)

    def pull(self) -> None:
        """As when its cable is pulled out."""
        self._plugged.clear()

    def plug(self) -> None:
        self._plugged.set()

    def _list(self) -> tuple[Camera, ...]:
        return (self._camera,) if self._plugged.is_set() else ()

    def _open(self, camera: Camera, settings: CameraSettings) -> Device:
        if not self._plugged.is_set():
            raise DeviceError(SourceState.MISSING, f"{NAME} is not plugged in")
        return _Plugged(self)

    def next_picture(self) -> Bytes | None:
        return next(self._pictures) if self._plugged.is_set() else None


class _Plugged:
    def __init__(self, camera: PulledCamera) -> None:
        self.rate: float | None = RATE
        self._camera = camera
        self._picture: Bytes | None = None

    def grab(self) -> bool:
        time.sleep(1.0 / RATE)
        self._picture = self._camera.next_picture()
        return self._picture is not None

    def retrieve(self) -> Bytes | None:
        return self._picture

    def release(self) -> None:
        self._picture = None
