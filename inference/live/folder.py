"""Pictures of a folder, or one still picture, shown as a video."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from inference.live.frames import Frame, SourceState, SourceStatus
from inference.live.source import SourceError
from inference.pictures import PICTURES, PictureError, read_picture

USUAL_RATE: Final = 10.0


class FolderSource:
    """Pictures at a steady rate, in the order of their names with numbers as numbers.

    Those that cannot be read are left out; the status tells of the first.

    Parameters
    ----------
    path : Path
        A folder, gone through with what lies below it, or one picture.
    rate : float
        Pictures a second.
    """

    def __init__(self, path: Path, rate: float = USUAL_RATE) -> None:
        if not rate > 0.0:
            raise ValueError(f"{rate} pictures a second: must be above 0")
        self.path = path
        self.name = path.resolve().name if path.is_dir() else path.name
        self.seekable = True
        self._rate = rate
        self._pictures: Sequence[Path] = ()
        self._next = 0
        self._last: tuple[int, np.ndarray[Any, np.dtype[np.uint8]]] | None = None
        self._unread: dict[Path, str] = {}
        self._status = SourceStatus(SourceState.OPENING, rate=rate)

    @property
    def status(self) -> SourceStatus:
        return self._status

    def open(self) -> None:
        problem = ""
        if self.path.is_dir():
            self._pictures = pictures_in(self.path)
            problem = "" if self._pictures else f"{self.path}: holds no pictures"
        elif self.path.is_file():
            self._pictures = (self.path,)
        else:
            problem = f"{self.path}: there is no such file or folder"
        if problem:
            self._status = SourceStatus(SourceState.FAILED, problem, rate=self._rate)
            raise SourceError(problem)
        self._next = 0
        self._tell(SourceState.RUNNING)

    def read(self) -> Frame | None:
        until = time.monotonic() + 0.4
        while self._next < len(self._pictures) and time.monotonic() < until:
            index, self._next = self._next, self._next + 1
            picture = self._picture(index)
            if picture is not None:
                self._tell(SourceState.RUNNING, (picture.shape[1], picture.shape[0]))
                path = self._pictures[index]
                name = path.relative_to(self.path).as_posix() if path != self.path else self.name
                return Frame(picture, index, index / self._rate, time.monotonic(), name, index)
        if self._next >= len(self._pictures):
            nothing = len(self._unread) == len(self._pictures)
            self._tell(SourceState.FAILED if nothing else SourceState.ENDED)
        return None

    def wake(self) -> None:
        pass

    def seek(self, index: int) -> None:
        if self._pictures:
            self._next = min(max(0, index), len(self._pictures) - 1)
            self._tell(SourceState.RUNNING)

    def close(self) -> None:
        self._pictures = ()
        self._last = None

    def _picture(self, index: int) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        path = self._pictures[index]
        if path in self._unread:
            return None
        try:
            picture = read_picture(path)
        except PictureError as problem:
            self._unread[path] = str(problem)
            return None
        self._last = index, picture
        return picture

    def _tell(self, state: SourceState, size: tuple[int, int] | None = None) -> None:
        message = next(iter(self._unread.values()), "")
        if len(self._unread) > 1:
            message += f" (and {len(self._unread) - 1} more that cannot be read)"
        status = SourceStatus(
            state, message, size or self._status.size, self._rate, len(self._pictures)
        )
        if status != self._status:
            self._status = status


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """Pictures of a folder and of what lies below it, ``a2.png`` before ``a10.png``."""
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURES and not path.name.startswith(".") and path.is_file()
    ]
    return tuple(sorted(found, key=lambda path: natural(path.relative_to(folder).as_posix())))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which names are sorted with the numbers in them as numbers."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return tuple((0, int(p), "") if p.isdigit() and p.isascii() else (1, 0, p) for p in parts if p)
