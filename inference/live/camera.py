"""A camera as a live source: opened, lost and found again without help."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from inference.live.cameras import Camera, cameras, lists_all, same_camera
from inference.live.device import CameraSettings, Device, DeviceError, open_camera
from inference.live.frames import Frame, SourceState, SourceStatus

LONGEST_READ: Final = 0.5
JOIN_SECONDS: Final = 0.4
PAUSES: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to open it; the last one holds from then on."""
MOST_FAILURES: Final = 3
SILENCE: Final = 2.0
"""Seconds without a picture, or with one and the same, from which on it may be gone."""
STALE: Final = 0.25
"""Seconds without a reader after which drivers hold pictures that are old."""
FRESH: Final = 0.004
"""A picture that had to be waited for longer than this is new."""
MOST_STALE: Final = 8

Opener = Callable[[Camera, CameraSettings], Device]
Lister = Callable[[], tuple[Camera, ...]]


class CameraSource:
    """A camera.

    The driver is only ever called on a thread of the source's own, so that one that hangs holds up
    nobody else. It takes pictures while somebody reads: a capture that is paused lets it sleep.

    Parameters
    ----------
    camera : Camera or int
        From `cameras`, or its number; what has a name is found again under another number.
    settings : CameraSettings
    opener, lister : callable
        How cameras are opened and listed.
    """

    def __init__(
        self,
        camera: Camera | int,
        settings: CameraSettings | None = None,
        opener: Opener = open_camera,
        lister: Lister = cameras,
    ) -> None:
        self.seekable = False
        self.settings = settings or CameraSettings()
        self._camera = Camera(camera, f"Camera {camera}") if isinstance(camera, int) else camera
        self._known = not isinstance(camera, int)
        self._others: frozenset[str] = frozenset()
        self._opener, self._lister = opener, lister
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._asked_to_stop = threading.Event()
        self._frame: Frame | None = None
        self._wanted = self._woken = False
        self._waiting_since: float | None = None
        self._count = 0
        self._again = False
        self._status = SourceStatus(SourceState.OPENING)

    @property
    def name(self) -> str:
        return self._camera.name

    @property
    def status(self) -> SourceStatus:
        return self._status

    def open(self) -> None:
        if self._thread is not None:
            return
        self._asked_to_stop = threading.Event()
        self._status = SourceStatus(SourceState.OPENING, f"Opening {self.name} …")
        self._thread = threading.Thread(
            target=self._work, args=(self._asked_to_stop,), name="camera", daemon=True
        )
        self._thread.start()

    def read(self) -> Frame | None:
        with self._news:
            if self._frame is not None and time.monotonic() - self._frame.captured > STALE:
                self._frame = None
            self._wanted, before = True, self._status
            self._news.notify_all()
            self._news.wait_for(
                lambda: self._frame is not None or self._woken or self._status is not before,
                LONGEST_READ,
            )
            self._woken = False
            frame, self._frame = self._frame, None
            self._wanted = False
            since = self._waiting_since
        running = self._status.state is SourceState.RUNNING
        if frame is None and running and since and time.monotonic() - since > SILENCE:
            self._tell(SourceState.UNPLUGGED, f"{self.name} has stopped: check its cable")
        return frame

    def wake(self) -> None:
        with self._news:
            self._woken = True
            self._news.notify_all()

    def seek(self, index: int) -> None:
        pass

    def retry(self) -> None:
        """Try at once, without waiting for the pause to end."""
        with self._news:
            self._again = True
            self._news.notify_all()

    def close(self) -> None:
        """Let go of the camera; a driver that hangs keeps its own thread until it returns."""
        thread, self._thread = self._thread, None
        with self._news:
            self._asked_to_stop.set()
            self._frame = None
            self._news.notify_all()
        if thread is not None:
            thread.join(JOIN_SECONDS)

    def _work(self, stop: threading.Event) -> None:
        try:
            self._run(stop)
        except Exception as problem:
            said = " ".join(f"{type(problem).__name__}: {problem}".split())
            self._tell(SourceState.FAILED, f"{self.name} cannot be used: {said}")

    def _run(self, stop: threading.Event) -> None:
        tries, was_there = 0, False
        while not stop.is_set():
            device = self._try(was_there, stop)
            if device is None:
                self._rest(PAUSES[min(tries, len(PAUSES) - 1)], stop)
                tries += 1
                continue
            try:
                stopped_by = self._stream(device, stop)
            finally:
                device.release()
            if not stop.is_set():
                tries, was_there = 0, True
                self._tell(SourceState.UNPLUGGED, stopped_by)
                self._rest(PAUSES[0], stop)

    def _try(self, was_there: bool, stop: threading.Event) -> Device | None:
        there = self._lister()
        camera = self._found(there)
        if camera is None:
            if was_there:
                self._tell(SourceState.UNPLUGGED, f"{self.name} is gone: plug it in again")
            else:
                self._tell(SourceState.MISSING, f"{self.name} is not there: {_choice(there)}")
            return None
        self._camera = camera
        try:
            device = self._opener(camera, self.settings)
        except DeviceError as problem:
            if stop.is_set():
                return None
            gone = was_there and problem.state is SourceState.MISSING
            self._tell(SourceState.UNPLUGGED if gone else problem.state, str(problem))
            return None
        if stop.is_set():
            device.release()
            return None
        return device

    def _found(self, there: tuple[Camera, ...]) -> Camera | None:
        """Where the camera is now; where nothing can be listed, where it was."""
        if not there:
            return None if self._lists_all() else self._camera
        if self._known:
            found = same_camera(self._camera, there, self._others)
        else:
            found = next((c for c in there if c.index == self._camera.index), None)
        if found is not None:
            self._known = True
            same = {c.address for c in there if c.name == found.name}
            self._others = frozenset(same - {found.address})
        return found

    def _lists_all(self) -> bool:
        return self._lister is not cameras or lists_all()

    def _stream(self, device: Device, stop: threading.Event) -> str:
        """Take pictures until the camera is lost; why, in one line."""
        failures, idle = 0, False
        last: np.ndarray[Any, np.dtype[np.uint8]] | None = None
        changed = time.monotonic()
        self._tell(SourceState.RUNNING, rate=device.rate)
        while not stop.is_set():
            if not self._await_reader(stop):
                idle = True
                continue
            if idle:
                _throw_away_stale(device)
                idle, changed = False, time.monotonic()
            self._waiting_since = time.monotonic()
            picture = device.retrieve() if device.grab() else None
            captured = time.monotonic()
            self._waiting_since = None
            if picture is None:
                failures += 1
                if failures >= MOST_FAILURES:
                    return f"{self.name} gives no more pictures: check its cable"
                stop.wait(0.02)
                continue
            failures = 0
            if last is None or not _same(last, picture):
                changed = captured
            elif captured - changed > SILENCE:
                if self._found(self._lister()) is None:
                    return f"{self.name} is gone: plug it in again"
                changed = captured
            last = picture
            self._hand_over(picture, captured, stop)
        return ""

    def _await_reader(self, stop: threading.Event) -> bool:
        """Whether somebody reads within a moment; sleeps on without waking for nothing."""
        with self._news:

            def wanted() -> bool:
                return stop.is_set() or (self._wanted and self._frame is None)

            if self._news.wait_for(wanted, STALE):
                return True
            self._news.wait_for(wanted)
            return False

    def _hand_over(
        self, picture: np.ndarray[Any, np.dtype[np.uint8]], captured: float, stop: threading.Event
    ) -> None:
        if self.settings.mirror:
            import cv2

            picture = cv2.flip(picture, 1)
        with self._news:
            if stop.is_set():
                return
            self._frame = Frame(picture, self._count, None, captured, self.name)
            self._count += 1
            status = self._status
            if status.state is not SourceState.RUNNING or status.size != self._frame.size:
                self._tell(SourceState.RUNNING, size=self._frame.size)
            self._news.notify_all()

    def _rest(self, seconds: float, stop: threading.Event) -> None:
        with self._news:
            self._news.wait_for(lambda: self._again or stop.is_set(), seconds)
            self._again = False

    def _tell(
        self,
        state: SourceState,
        message: str = "",
        size: tuple[int, int] | None = None,
        rate: float | None = None,
    ) -> None:
        with self._news:
            old = self._status
            self._status = SourceStatus(state, message, size or old.size, rate or old.rate)
            self._news.notify_all()


def _choice(there: tuple[Camera, ...]) -> str:
    if not there:
        return "plug one in"
    return "there are " + ", ".join(f"{camera.index} ({camera.name})" for camera in there)


def _same(a: np.ndarray[Any, np.dtype[np.uint8]], b: np.ndarray[Any, np.dtype[np.uint8]]) -> bool:
    return a.shape == b.shape and np.array_equal(a[::4], b[::4])


def _throw_away_stale(device: Device) -> None:
    """Grab what the driver held while nobody read, until one has to be waited for."""
    for _ in range(MOST_STALE):
        begun = time.monotonic()
        if not device.grab() or time.monotonic() - begun > FRESH:
            return
