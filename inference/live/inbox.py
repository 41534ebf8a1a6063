"""The failure inbox: pictures on which a model went wrong, kept to be looked into later.

An entry is a folder with ``entry.json`` and ``picture.png``; it is written under another name and
renamed, so that half of one is never listed.
"""

from __future__ import annotations

import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.files import read_bytes
from app.paths import data_dir
from inference.pictures import PictureError, read_picture
from inference.results import Bytes

ENTRY: Final = "entry.json"
PICTURE: Final = "picture.png"
SIZE_LIMIT: Final = 32 * 2**20
_NAME: Final = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


class InboxError(Exception):
    """Why an entry cannot be written or read, in one line."""


class UsedModel(msgspec.Struct, frozen=True):
    """A model whose predictions an entry holds.

    Attributes
    ----------
    part : str
        What it did: face, detector, transfer, depth, second.
    name : str
    sha256 : str
        Of the ONNX file; empty for what is no such file.
    """

    part: Annotated[str, Meta(max_length=100)]
    name: Annotated[str, Meta(max_length=500)]
    sha256: Annotated[str, Meta(max_length=64)] = ""


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry's JSON holds.

    Attributes
    ----------
    made : str
        ISO 8601 with its offset.
    origin : str
        Which part of the program put it there, such as ``live``.
    source : str
        Of the picture: file, camera, viewport.
    frame : int
    media_time : float, optional
        Seconds from the start of the source.
    width, height : int
        Of the picture.
    models : list of UsedModel
    predictions : dict of str to JSON
        By their sort (``raw``, ``filtered``), each a line as docs/predictions.md describes it.
    note : str
    """

    format: Literal["headroom-failure"] = "headroom-failure"
    format_version: Literal[1] = 1
    made: str
    origin: str
    source: str
    frame: int
    media_time: float | None = None
    width: int
    height: int
    models: list[UsedModel]
    predictions: dict[str, msgspec.Raw]
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """An entry of the inbox.

    Attributes
    ----------
    folder : Path
    details : Details or None
        None where it cannot be read.
    problem : str
        Why not, in one line.
    """

    folder: Path
    details: Details | None
    problem: str = ""

    @property
    def picture(self) -> Path:
        return self.folder / PICTURE


def inbox_dir() -> Path:
    """Where entries lie."""
    return data_dir() / "inbox"


def put(picture: Bytes, details: Details, inbox: Path | None = None) -> Entry:
    """Write an entry.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3), uint8
        RGB.
    details : Details
    inbox : Path, optional

    Raises
    ------
    InboxError
    """
    import cv2

    home = inbox if inbox is not None else inbox_dir()
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder = home / f"{stamp}-{secrets.token_hex(3)}"
    aside = home / f".{folder.name}.partial"
    try:
        aside.mkdir(parents=True)
        there, data = cv2.imencode(".png", picture[:, :, ::-1])
        if not there:
            raise InboxError("the picture cannot be written as PNG")
        (aside / PICTURE).write_bytes(data.tobytes())
        text = msgspec.json.format(msgspec.json.encode(details), indent=1)
        (aside / ENTRY).write_bytes(text + b"\n")
        aside.rename(folder)
    except OSError as problem:
        shutil.rmtree(aside, ignore_errors=True)
        raise InboxError(f"{home}: cannot be written: {problem.strerror}") from None
    return Entry(folder, details)


def entries(inbox: Path | None = None) -> tuple[Entry, ...]:
    """What lies in the inbox, newest first; damaged entries with what is wrong with them."""
    home = inbox if inbox is not None else inbox_dir()
    folders: list[Path] = []
    with suppress(OSError):
        folders = [p for p in home.iterdir() if _NAME.fullmatch(p.name) and p.is_dir()]
    return tuple(_read(folder) for folder in sorted(folders, reverse=True))


def picture_of(entry: Entry) -> Bytes:
    """The picture of an entry, RGB (H, W, 3).

    Raises
    ------
    InboxError
    """
    try:
        return read_picture(entry.picture)
    except PictureError as problem:
        raise InboxError(str(problem)) from None


def remove(entry: Entry) -> None:
    """Take an entry out of the inbox for good.

    Raises
    ------
    InboxError
    """
    aside = entry.folder.with_name(f".{entry.folder.name}.removed")
    try:
        entry.folder.rename(aside)
        shutil.rmtree(aside)
    except OSError as problem:
        raise InboxError(f"{entry.folder}: cannot be removed: {problem.strerror}") from None


def _read(folder: Path) -> Entry:
    path = folder / ENTRY
    try:
        data = read_bytes(path, SIZE_LIMIT)
        if len(data) > SIZE_LIMIT:
            return Entry(folder, None, f"{path}: larger than {SIZE_LIMIT // 2**20} MB")
        details = msgspec.json.decode(data, type=Details)
    except OSError as problem:
        return Entry(folder, None, f"{path}: cannot be read: {problem.strerror}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        return Entry(folder, None, f"{path}: is damaged: {' '.join(str(problem).split())}")
    if not (folder / PICTURE).is_file():
        return Entry(folder, None, f"{folder / PICTURE}: there is no such file")
    return Entry(folder, details)
