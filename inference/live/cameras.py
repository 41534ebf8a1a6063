"""Which cameras there are, by name, in the order in which OpenCV counts them."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SYS: Final = Path("/sys/class/video4linux")
DEV: Final = Path("/dev")
QUERY_CAPABILITIES: Final = 0x80685600
"""``VIDIOC_QUERYCAP`` of the Linux kernel's video4linux2 interface."""
VIDEO_CAPTURE: Final = 0x00000001
VIDEO_CAPTURE_PLANES: Final = 0x00001000
DEVICE_CAPABILITIES: Final = 0x80000000
PROFILER_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Camera:
    """A camera as the system knows it.

    Attributes
    ----------
    index : int
        As OpenCV counts it now; may change when it is plugged in again.
    name : str
    address : str
        What stays when it is plugged in again at the same place: its way on the bus, or the
        identity the system gives it. Empty where unknown.
    """

    index: int
    name: str
    address: str = ""


def cameras() -> tuple[Camera, ...]:
    """The cameras of this machine; nothing is opened that would light a lamp."""
    if sys.platform == "win32":
        from inference.live.cameras_windows import directshow_cameras

        return directshow_cameras()
    if sys.platform == "darwin":
        return _cameras_macos()
    return cameras_linux()


def cameras_linux(sys_folder: Path = SYS, dev: Path = DEV) -> tuple[Camera, ...]:
    """Devices of video4linux that take pictures; those that carry other data are left out."""
    found = []
    for entry in sys_folder.glob("video*"):
        number = entry.name.removeprefix("video")
        if not number.isdigit() or not _takes_pictures(entry, dev / entry.name):
            continue
        try:
            name = (entry / "name").read_text(encoding="utf-8", errors="replace").strip()
            address = os.fspath((entry / "device").resolve(strict=True))
        except OSError:
            name, address = "", ""
        found.append(Camera(int(number), name or f"Camera {number}", address))
    return tuple(sorted(found, key=lambda camera: camera.index))


def _takes_pictures(entry: Path, device: Path) -> bool:
    """Ask the driver; where it may not be asked, the first device of a camera is the one."""
    answer = _capabilities(device)
    if answer is None:
        try:
            return (entry / "index").read_text(encoding="ascii").strip() == "0"
        except (OSError, ValueError):
            return False
    whole, own = struct.unpack_from("<II", answer, 84)
    able = own if whole & DEVICE_CAPABILITIES else whole
    return bool(able & (VIDEO_CAPTURE | VIDEO_CAPTURE_PLANES))


def _capabilities(device: Path) -> bytes | None:
    if sys.platform != "linux":
        return None
    import fcntl

    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
        try:
            return fcntl.ioctl(handle, QUERY_CAPABILITIES, bytes(104))
        finally:
            os.close(handle)
    except OSError:
        return None


def _cameras_macos() -> tuple[Camera, ...]:
    try:
        told = subprocess.run(
            ["/usr/sbin/system_profiler", "-json", "SPCameraDataType"],
            capture_output=True,
            timeout=PROFILER_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return cameras_of_profile(told)


def cameras_of_profile(told: bytes) -> tuple[Camera, ...]:
    """Cameras from what macOS' ``system_profiler -json SPCameraDataType`` says.

    OpenCV sorts them by their identity before it counts them.
    """
    try:
        rows = json.loads(told)["SPCameraDataType"]
        known = sorted((str(row.get("spcamera_unique-id", "")), str(row["_name"])) for row in rows)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(Camera(i, name, identity) for i, (identity, name) in enumerate(known))


def same_camera(
    wanted: Camera, there: tuple[Camera, ...], others: frozenset[str] = frozenset()
) -> Camera | None:
    """Find a camera again after it was plugged in: at its old place, or else by its name.

    Parameters
    ----------
    wanted : Camera
    there : tuple of Camera
    others : frozenset of str
        Addresses of other cameras of this name, which it is not.
    """
    named = [camera for camera in there if camera.name == wanted.name]
    for camera in named:
        if camera.address == wanted.address:
            return camera
    return next((camera for camera in named if camera.address not in others), None)


def lists_all() -> bool:
    """Whether a camera that is not listed is not there, on this system."""
    return sys.platform in ("linux", "win32")
