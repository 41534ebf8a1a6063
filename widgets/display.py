"""Whether there is a screen to open a window on; Qt itself would end the program to say so."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_NEEDS_NONE = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")


def missing_display(environment: Mapping[str, str] = os.environ) -> str:
    """Why no window can be opened, in one line; "" when one can."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return ""
    platform = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform in _NEEDS_NONE:
        return ""
    wayland, display = environment.get("WAYLAND_DISPLAY", ""), environment.get("DISPLAY", "")
    if wayland and _answers(Path(environment.get("XDG_RUNTIME_DIR", "/run")) / wayland):
        return ""
    if display and _x_answers(display):
        return ""
    if not wayland and not display:
        return "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    return f"The display {display or wayland} does not answer."


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        try:
            end.connect(str(path))
        except OSError:
            return False
    return True


def _x_answers(display: str) -> bool:
    found = re.fullmatch(r"(?P<host>.*?)(?:/unix)?:(?P<number>\d+)(?:\.\d+)?", display)
    if found is None:
        return True
    host, number = found["host"], int(found["number"])
    if host in ("", "unix"):
        return _answers(Path(f"/tmp/.X11-unix/X{number}")) or _abstract_answers(number)
    try:
        with socket.create_connection((host, 6000 + number), timeout=2.0):
            return True
    except OSError:
        return False


def _abstract_answers(number: int) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        try:
            end.connect(f"\0/tmp/.X11-unix/X{number}")
        except OSError:
            return False
    return True
