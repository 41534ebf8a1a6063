"""What can be told of an FBX file from its first bytes, before Blender sees it."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

MAGIC: Final = b"Kaydara FBX Binary  \x00"
HEADER_BYTES: Final = 27
OLDEST, NEWEST = 2000, 7900
"""Versions that Blender's reader knows; it also reads what calls itself a little newer."""

SIZE_LIMIT: Final = 512 * 2**20
VERTEX_LIMIT: Final = 2_000_000

Fault = Literal["not_found", "unreadable", "not_fbx", "truncated", "version", "too_large"]


class FbxError(Exception):
    """A file that need not be shown to Blender; the message says why in one line."""

    def __init__(self, kind: Fault, message: str) -> None:
        super().__init__(message)
        self.kind: Fault = kind


@dataclass(frozen=True)
class FbxHeader:
    version: int
    creator: str
    ascii: bool


def check_file(path: Path, size_limit: int = SIZE_LIMIT) -> FbxHeader:
    """Version and creator of an FBX file.

    Raises
    ------
    FbxError
        When it is not there, cannot be read or named in UTF-8, is no FBX, is cut off within its
        header, has an unknown version, or is larger than ``size_limit`` bytes.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode("utf-8", "backslashreplace").decode()
        raise FbxError(
            "unreadable", f"{shown} has a name that is not UTF-8: rename the file or its folder."
        ) from None
    try:
        if path.is_dir():
            raise FbxError("unreadable", f"{path} is a folder: give an FBX file.")
        if path.exists() and not path.is_file():
            raise FbxError("unreadable", f"{path} is a pipe or a device: give an FBX file.")
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(16384)
    except FileNotFoundError:
        raise FbxError("not_found", f"{path} does not exist: check the path.") from None
    except NotADirectoryError:
        raise FbxError("not_found", f"{path} does not exist: check the path.") from None
    except OSError as problem:
        why = problem.strerror or problem
        raise FbxError("unreadable", f"{path} cannot be read: {why}.") from None
    except ValueError:
        raise FbxError("not_found", f"{path!r} is not a path.") from None
    if size == 0:
        raise FbxError("truncated", f"{path.name} is empty: export it again.")
    if size > size_limit:
        bound = size_limit / 2**20
        raise FbxError(
            "too_large", f"{path.name} has {size / 2**20:.0f} MB; at most {bound:.0f} are read."
        )
    header = _binary(path.name, start) if start.startswith(MAGIC) else _ascii(path.name, start)
    if not OLDEST <= header.version < NEWEST:
        raise FbxError(
            "version",
            f"{path.name} says FBX version {header.version}, which is not known: export it as "
            "FBX 7.4 (2014/2015) or 7.5.",
        )
    return header


def _binary(name: str, start: bytes) -> FbxHeader:
    if len(start) <= HEADER_BYTES + 13:
        raise FbxError("truncated", f"{name} ends within its header: copy or export it again.")
    order = ">" if start[22] == 1 else "<"
    (version,) = struct.unpack_from(order + "I", start, 23)
    found = re.search(rb"\x07CreatorS(.{4})", start, re.DOTALL)
    creator = ""
    if found:
        (length,) = struct.unpack(order + "I", found.group(1))
        creator = start[found.end() : found.end() + min(length, 200)].decode("utf-8", "replace")
    return FbxHeader(version, creator, ascii=False)


def _ascii(name: str, start: bytes) -> FbxHeader:
    text = start.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    version = re.search(r"^\s*FBXVersion:\s*(\d{4,5})\b", text, re.MULTILINE)
    comment = re.match(r"\s*;\s*FBX (\d+)\.(\d+)\.(\d+)", text)
    if version is None and comment is None:
        raise FbxError("not_fbx", f"{name} is not an FBX file: export the head as FBX.")
    creator = re.search(r'^\s*Creator:\s*"([^"\n]{0,200})', text, re.MULTILINE)
    if version is not None:
        number = int(version.group(1))
    else:
        assert comment is not None
        number = int("".join(comment.groups())) * 10
    return FbxHeader(number, creator.group(1) if creator else "", ascii=True)


def is_cut_off(path: Path) -> bool:
    """Whether one of the top records of a binary file claims to end behind the file's end."""
    data = path.read_bytes()
    if not data.startswith(MAGIC) or len(data) <= HEADER_BYTES + 13:
        return data.startswith(MAGIC)
    order = ">" if data[22] == 1 else "<"
    (version,) = struct.unpack_from(order + "I", data, 23)
    layout = struct.Struct(order + ("Q" if version >= 7500 else "I"))
    at = HEADER_BYTES
    while at + layout.size <= len(data):
        (end,) = layout.unpack_from(data, at)
        if end == 0:
            return False
        if end <= at or end > len(data):
            return True
        at = end
    return True
