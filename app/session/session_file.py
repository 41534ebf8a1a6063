"""Session files (``.headroom``): a scene as readable JSON.

Files come from strangers: sizes are bounded, every number is checked, and what is wrong is said in
one line that names the field. Fields that this version does not know are passed over.
"""

from __future__ import annotations

import errno
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Any, Final

import msgspec

from app.files import read_bytes, write_bytes
from app.scene.scene import HeadFile, Scene

FORMAT: Final = "headroom-session"
VERSION: Final = 1
SUFFIX: Final = ".headroom"
SIZE_LIMIT: Final = 4 * 1024 * 1024
SAID_LIMIT: Final = 160
NUMBER_LIMIT: Final = 1e6
LENGTH_LIMIT: Final = 1000
BUILTIN: Final = "builtin:"


class SessionError(Exception):
    """What is wrong with a session file, in one line that says what to do."""


@dataclass(frozen=True)
class Session:
    """``window`` is how the window was laid out, as far as it belongs to the work."""

    scene: Scene
    window: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Stored:
    scene: Scene
    window: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Envelope:
    format: str = ""
    version: int = 0


def encode(session: Session, folder: Path | None = None, **more: Any) -> bytes:
    """The file's content.

    Parameters
    ----------
    folder : Path, optional
        Where the file will lie; the head's path is written relative to it when both lie on one
        drive, so that the two can be moved together.
    more
        Further top-level fields.

    Raises
    ------
    OSError
        When it names a file whose path is no text.
    """
    head = session.scene.head
    stored = replace(session.scene, head=replace(head, path=_relative(head.path, folder)))
    content = {
        "format": FORMAT,
        "version": VERSION,
        **more,
        "scene": msgspec.to_builtins(stored),
        "window": session.window,
    }
    try:
        return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
    except UnicodeEncodeError:
        text = "a path in it is not UTF-8: rename the file or its folder"
        raise OSError(errno.EILSEQ, text) from None


def decode(data: bytes, folder: Path | None = None) -> Session:
    """Read a file's content; head paths are made absolute from ``folder``.

    Raises
    ------
    SessionError
    """
    if len(data) > SIZE_LIMIT:
        raise SessionError(f"The file is larger than {SIZE_LIMIT >> 20} MB; no session is.")
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SessionError(f"This is not a session file: {_said(error)}.") from None
    if envelope.format != FORMAT:
        raise SessionError("This is not a Headroom session file.")
    if envelope.version > VERSION:
        raise SessionError(
            f"The file was written by a newer Headroom (version {envelope.version}, this one "
            f"reads up to {VERSION}); update Headroom to open it."
        )
    try:
        stored = msgspec.json.decode(data, type=_Stored)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SessionError(f"The session can't be read: {_said(error)}.") from None
    _check(stored.scene)
    head = stored.scene.head
    scene = replace(stored.scene, head=replace(head, path=_absolute(head.path, folder)))
    return Session(scene, stored.window)


def read(path: Path) -> Session:
    """Raises `SessionError` for whatever keeps the file from being read."""
    try:
        data = read_bytes(path, SIZE_LIMIT)
    except FileNotFoundError:
        raise SessionError(f"{path.name} is not there any more.") from None
    except OSError as error:
        raise SessionError(f"{path.name} can't be read: {error.strerror or error}.") from None
    except ValueError:
        raise SessionError(f"{path.name!r} is no name of a file.") from None
    return decode(data, path.resolve().parent)


def write(path: Path, session: Session) -> None:
    """Save; a failure leaves the file that was there untouched.

    Raises
    ------
    OSError
    """
    write_bytes(path, encode(session, path.resolve().parent))


def head_is_missing(head: HeadFile) -> bool:
    """Whether the head's file is not where the session says."""
    return bool(head.path) and not head.path.startswith(BUILTIN) and not Path(head.path).is_file()


def _relative(path: str, folder: Path | None) -> str:
    if folder is None or not path or path.startswith(BUILTIN):
        return path
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path


def _absolute(path: str, folder: Path | None) -> str:
    if not path or path.startswith(BUILTIN):
        return path
    if folder is None or Path(path).is_absolute() or PureWindowsPath(path).is_absolute():
        return path
    return os.path.normpath(folder / path)


_PLACE = re.compile(r" - at `(key in )?\$\.?(?P<place>[^`]*)`$")


def _said(error: Exception) -> str:
    """msgspec's message with the field first: ``scene.pose.yaw: expected `float` <= 80.0``.

    It may repeat what the file holds, so it is cut and kept on one line.
    """
    text = " ".join(str(error).split())
    found = _PLACE.search(text)
    if found is None:
        return _cut(text.rstrip("."))
    said = _cut(text[: found.start()])
    return f"{_cut(found['place']) or 'the file'}: {said[:1].lower()}{said[1:]}"


def _cut(text: str) -> str:
    return text if len(text) <= SAID_LIMIT else f"{text[:SAID_LIMIT]}…"


def _check(scene: Scene) -> None:
    """What the types can't say: sizes of lists, numbers without a range of their own."""
    lists = {"lights": scene.lights, "poses": scene.poses, "cameras": scene.cameras}
    lists["pose.shapes"] = tuple(scene.pose.shapes)
    for name, items in lists.items():
        if len(items) > LENGTH_LIMIT:
            raise SessionError(
                f"The session can't be read: scene.{name} has over {LENGTH_LIMIT} entries."
            )
    for place, number in _numbers(scene, "scene"):
        bounded = place.endswith(".seed") or abs(number) <= NUMBER_LIMIT
        if not (math.isfinite(number) and bounded):
            named = _cut(" ".join(place.split()))
            raise SessionError(f"The session can't be read: {named}: {number:g} is out of range.")
    for camera in (scene.camera, *scene.cameras):
        if camera.clip_end <= camera.clip_start:
            raise SessionError(
                f"The session can't be read: scene.camera.clip_end: {camera.clip_end:g} is not "
                f"beyond clip_start."
            )


def _numbers(value: Any, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, (int, float)):
        yield place, value
    elif is_dataclass(value):
        for item in fields(value):
            yield from _numbers(getattr(value, item.name), f"{place}.{item.name}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _numbers(item, f"{place}.{key}")
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from _numbers(item, f"{place}[{index}]")
