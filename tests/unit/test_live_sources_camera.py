"""Cameras that are busy, missing, pulled out, plugged in again, or hang: scripted devices."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inference.live.camera as camera_module
from inference.live.camera import CameraSource
from inference.live.cameras import Camera, cameras_linux, cameras_of_profile, same_camera
from inference.live.capture import Capture
from inference.live.device import CameraSettings, Device, DeviceError, open_camera
from inference.live.frames import SourceState, SourceStatus
from tests.unit.live_clips import number_of, numbered

DESK = Camera(0, "Desk Cam", "usb-1")


class Desk:
    """A desk with a camera that is plugged in, taken by others, frozen or hung as told."""

    def __init__(self) -> None:
        self.there: tuple[Camera, ...] = (DESK,)
        self.busy = self.frozen = self.dead = False
        self.hang = threading.Event()
        self.hang.set()
        self.opened: list[int] = []
        self.open_now = 0
        self.shown = 0
        self.rate = 200.0

    def list(self) -> tuple[Camera, ...]:
        return self.there

    def open(self, camera: Camera, settings: CameraSettings) -> Device:
        if self.busy:
            raise DeviceError(SourceState.BUSY, f"{camera.name} is used by another program")
        self.opened.append(camera.index)
        self.open_now += 1
        return _Scripted(self)

    def source(self, **settings: Any) -> CameraSource:
        return CameraSource(DESK, CameraSettings(**settings), self.open, self.list)


class _Scripted:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rate: float | None = desk.rate

    def grab(self) -> bool:
        self.desk.hang.wait()
        time.sleep(1.0 / self.desk.rate)
        return not self.desk.dead

    def retrieve(self) -> np.ndarray[Any, Any] | None:
        if not self.desk.frozen:
            self.desk.shown += 1
        return numbered(self.desk.shown % 1000)

    def release(self) -> None:
        self.desk.open_now -= 1


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(camera_module, "PAUSES", (0.02, 0.05))
    monkeypatch.setattr(camera_module, "SILENCE", 0.2)
    return Desk()


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come to pass"
        time.sleep(0.005)


def test_pictures_come_with_their_own_time_and_the_size_is_known(desk: Desk) -> None:
    with Capture(desk.source()) as capture:
        frame = capture.latest(-1, 5.0)
        assert frame is not None
        assert (frame.source, frame.media_time, frame.index) == ("Desk Cam", None, None)
        assert abs(time.monotonic() - frame.captured) < 1.0
        status = capture.status
        assert (status.state, status.message) == (SourceState.RUNNING, "")
        assert (status.size, status.rate) == ((320, 240), 200.0)
    assert desk.open_now == 0


def test_a_mirror_exchanges_left_and_right(desk: Desk) -> None:
    with Capture(desk.source(mirror=True)) as capture:
        frame = capture.latest(-1, 5.0)
    assert frame is not None
    assert number_of(frame.picture[:, ::-1]) > 0
    assert frame.picture[100, 0, 0] > frame.picture[100, -1, 0]


def test_a_camera_that_is_pulled_out_is_told_and_found_again_under_another_number(
    desk: Desk,
) -> None:
    told: list[SourceStatus] = []
    capture = Capture(desk.source())
    capture.listen(told.append)
    with capture:
        before = capture.latest(-1, 5.0)
        assert before is not None
        desk.there, desk.dead = (), True
        until(lambda: "plug it in again" in capture.status.message)
        assert capture.status.state is SourceState.UNPLUGGED
        time.sleep(0.1)
        newest = capture.newest
        time.sleep(0.2)
        assert capture.newest is newest
        desk.there, desk.dead = (Camera(3, "Desk Cam", "usb-7"),), False
        until(lambda: capture.status.state is SourceState.RUNNING)
        assert newest is not None
        after = capture.latest(newest.number, 5.0)
        assert after is not None and after.number > newest.number
    assert desk.opened == [0, 3]
    states = [s.state for s in told]
    assert states.index(SourceState.UNPLUGGED) > states.index(SourceState.RUNNING)
    assert desk.open_now == 0


def test_a_picture_that_stands_still_because_the_camera_is_gone_is_not_shown_on(
    desk: Desk,
) -> None:
    with Capture(desk.source()) as capture:
        assert capture.latest(-1, 5.0) is not None
        desk.frozen, desk.there = True, ()
        until(lambda: capture.status.state is SourceState.UNPLUGGED)


def test_a_picture_that_stands_still_while_the_camera_is_there_is_shown_on(desk: Desk) -> None:
    with Capture(desk.source()) as capture:
        assert capture.latest(-1, 5.0) is not None
        desk.frozen = True
        time.sleep(0.5)
        assert capture.status.state is SourceState.RUNNING
    assert desk.opened == [0]


def test_busy_and_missing_are_told_and_tried_again(desk: Desk) -> None:
    desk.there = ()
    with Capture(desk.source()) as capture:
        until(lambda: capture.status.state is SourceState.MISSING)
        assert capture.status.message == "Desk Cam is not there: plug one in"
        desk.busy, desk.there = True, (DESK,)
        until(lambda: capture.status.state is SourceState.BUSY)
        desk.busy = False
        until(lambda: capture.status.state is SourceState.RUNNING)


def test_trying_at_once_does_not_wait_for_the_pause(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_module, "PAUSES", (60.0,))
    desk.busy = True
    source = desk.source()
    with Capture(source) as capture:
        until(lambda: capture.status.state is SourceState.BUSY)
        desk.busy = False
        source.retry()
        assert capture.latest(-1, 5.0) is not None


def test_a_driver_that_hangs_is_told_and_does_not_hold_up_the_end(desk: Desk) -> None:
    capture = Capture(desk.source())
    capture.start()
    assert capture.latest(-1, 5.0) is not None
    desk.hang.clear()
    until(lambda: capture.status.state is SourceState.UNPLUGGED)
    assert "stopped" in capture.status.message
    begun = time.monotonic()
    capture.stop()
    assert time.monotonic() - begun < 1.0
    desk.hang.set()
    until(lambda: desk.open_now == 0)


def test_a_paused_camera_is_left_alone_and_then_shows_what_is_new(desk: Desk) -> None:
    with Capture(desk.source()) as capture:
        assert capture.latest(-1, 5.0) is not None
        capture.pause()
        time.sleep(0.2)
        shown = desk.shown
        time.sleep(0.3)
        assert desk.shown <= shown + 1
        held = capture.newest
        capture.play()
        assert held is not None
        frame = capture.latest(held.number, 5.0)
        assert frame is not None and frame.captured > held.captured


def test_a_number_becomes_the_camera_of_that_number(desk: Desk) -> None:
    desk.there = (DESK, Camera(2, "Lid"))
    source = CameraSource(2, None, desk.open, desk.list)
    assert source.name == "Camera 2"
    with Capture(source) as capture:
        frame = capture.latest(-1, 5.0)
        assert frame is not None and frame.source == "Lid"
    missing = CameraSource(7, None, desk.open, desk.list)
    with Capture(missing) as capture:
        until(lambda: capture.status.state is SourceState.MISSING)
        assert capture.status.message == ("Camera 7 is not there: there are 0 (Desk Cam), 2 (Lid)")


def test_opening_that_fails_in_an_unknown_way_is_told(desk: Desk) -> None:
    def broken(camera: Camera, settings: CameraSettings) -> Device:
        raise RuntimeError("no such thing")

    with Capture(CameraSource(DESK, None, broken, desk.list)) as capture:
        until(lambda: capture.status.state is SourceState.FAILED)
        assert "no such thing" in capture.status.message


def test_a_twin_that_was_there_all_along_is_not_taken_for_the_camera() -> None:
    left, right = Camera(0, "Twin", "usb-1"), Camera(1, "Twin", "usb-2")
    assert same_camera(left, (right,), frozenset({"usb-2"})) is None
    assert same_camera(left, (right, left), frozenset({"usb-2"})) is left
    assert same_camera(left, (right,)) is right


def test_linux_lists_what_takes_pictures(tmp_path: Path) -> None:
    for number, (name, place) in enumerate(
        [("Lid: Lid", "0"), ("Lid: Lid", "1"), ("Desk Cam", "0")]
    ):
        entry = tmp_path / "sys" / f"video{number}"
        entry.mkdir(parents=True)
        (entry / "name").write_text(name + "\n")
        (entry / "index").write_text(place + "\n")
        (entry / "device").mkdir()
    (tmp_path / "sys" / "v4l-subdev0").mkdir()
    (tmp_path / "sys" / "video9").mkdir()
    found = cameras_linux(tmp_path / "sys", tmp_path / "dev")
    assert [(c.index, c.name) for c in found] == [(0, "Lid: Lid"), (2, "Desk Cam")]
    assert len({c.address for c in found}) == 2
    assert cameras_linux(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("whole", "own", "takes"),
    [
        (1, 0, True),
        (0x80000001, 0x00800000, False),
        (0x80800001, 1, True),
        (0x80001000, 0x1000, True),
    ],
)
def test_what_a_driver_says_of_itself_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: int, own: int, takes: bool
) -> None:
    import inference.live.cameras as listing

    answer = bytes(84) + struct.pack("<II", whole, own) + bytes(12)
    monkeypatch.setattr(listing, "_capabilities", lambda device: answer)
    entry = tmp_path / "video0"
    entry.mkdir()
    assert bool(cameras_linux(tmp_path)) is takes


def test_macos_cameras_are_counted_in_the_order_of_their_identities() -> None:
    told = b"""{"SPCameraDataType": [
        {"_name": "USB Camera", "spcamera_unique-id": "0x2"},
        {"_name": "FaceTime HD Camera", "spcamera_unique-id": "0x1"}]}"""
    assert cameras_of_profile(told) == (
        Camera(0, "FaceTime HD Camera", "0x1"),
        Camera(1, "USB Camera", "0x2"),
    )
    for rubbish in (b"", b"[]", b'{"SPCameraDataType": [3]}', b"{}"):
        assert cameras_of_profile(rubbish) == ()


@pytest.mark.skipif(not Path("/sys").is_dir(), reason="only Linux has /sys")
def test_a_camera_that_linux_does_not_have_is_missing() -> None:
    with pytest.raises(DeviceError, match="plug it in") as told:
        open_camera(Camera(4711, "Camera 4711"), CameraSettings())
    assert told.value.state is SourceState.MISSING
