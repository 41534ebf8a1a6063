"""Whether there is a screen to open a window on; Qt itself would end the program to say so."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import sys
from collections.abc import Mapping
from functools import cache
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
        if _has_cursor_library():
            return ""
        return "Qt needs the library libxcb-cursor0; install it (apt install libxcb-cursor0)."
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


@cache
def _x_answers(display: str) -> bool:
    """Connect as Qt will; where libxcb is missing, look for the server's socket alone.

    A connection that was made stays open: Xvfb starts anew when its last client leaves, and Qt
    would find it in the middle of that.
    """
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        found = re.fullmatch(r"(?:unix)?:(?P<number>\d+)(?:\.\d+)?", display)
        return found is None or _answers(Path(f"/tmp/.X11-unix/X{found['number']}"))
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    if xcb.xcb_connection_has_error(connection):
        xcb.xcb_disconnect(connection)
        return False
    return True


def _has_cursor_library() -> bool:
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return False
    return True
