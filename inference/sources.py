"""What a user named on the command line, as single pictures and videos, and their given boxes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.files import read_bytes
from inference.pictures import PICTURES, VIDEOS, PictureError
from inference.results import Box

BOXES_LIMIT: Final = 256 * 2**20
FARTHEST: Final = 1e7
"""Greatest number in a box, in pixels."""


@dataclass(frozen=True)
class Source:
    """One file.

    Attributes
    ----------
    path : Path
    name : str
        As results call it: the file's name, or its way from the folder that was named.
    """

    path: Path
    name: str

    @property
    def video(self) -> bool:
        return self.path.suffix.lower() in VIDEOS


class BoxesError(Exception):
    """What is wrong with a file of boxes, in one line."""


def sources(paths: Iterable[Path]) -> tuple[list[Source], list[PictureError]]:
    """Files as they were named, and what lies in folders in the order of names.

    Two files of one name are told apart by the way that was given to them.
    """
    found: list[Source] = []
    problems: list[PictureError] = []
    for path in paths:
        if path.is_dir():
            inside = [Source(p, p.relative_to(path).as_posix()) for p in _inside(path)]
            found += inside
            if not inside:
                problems.append(PictureError(f"{path}: holds no pictures and no videos"))
        elif path.exists():
            found.append(Source(path, path.name))
        else:
            problems.append(PictureError(f"{path}: there is no such file or folder"))
    shared = {name for name, times in Counter(s.name for s in found).items() if times > 1}
    return [Source(s.path, s.path.as_posix()) if s.name in shared else s for s in found], problems


def _inside(folder: Path) -> list[Path]:
    kinds = PICTURES | VIDEOS
    return sorted(
        p
        for p in folder.rglob("*")
        if p.suffix.lower() in kinds and not p.name.startswith(".") and p.is_file()
    )


@dataclass(frozen=True)
class Boxes:
    """Boxes by the name of a file; a video's hold for all of its frames."""

    by_name: Mapping[str, tuple[Box, ...]]

    def of(self, source: Source) -> tuple[Box, ...] | None:
        """Boxes of a file, or none where it is not listed."""
        for key in (source.name, source.path.as_posix(), source.path.name):
            if key in self.by_name:
                return self.by_name[key]
        return None

    def unused(self, used: Iterable[Source]) -> list[str]:
        """Names that no file has."""
        known = {k for s in used for k in (s.name, s.path.as_posix(), s.path.name)}
        return [name for name in self.by_name if name not in known]


def read_boxes(path: Path) -> Boxes:
    """Boxes from JSON: a file's name to [x, y, width, height], or to a list of these.

    Raises
    ------
    BoxesError
        With one line that names the file, the entry and what is wrong with it.
    """
    try:
        data = read_bytes(path, BOXES_LIMIT)
        if len(data) > BOXES_LIMIT:
            raise BoxesError(f"{path}: larger than {BOXES_LIMIT // 2**20} MB")
        listed = json.loads(data)
    except OSError as problem:
        raise BoxesError(f"{path}: cannot be read: {problem.strerror}") from None
    except (ValueError, RecursionError) as problem:
        raise BoxesError(f"{path}: this is not JSON: {problem}") from None
    if not isinstance(listed, dict):
        raise BoxesError(f"{path}: must map names of files to [x, y, width, height]")
    return Boxes({name: _boxes(path, name, value) for name, value in listed.items()})


def _boxes(path: Path, name: str, value: Any) -> tuple[Box, ...]:
    rows = value if isinstance(value, list) and _nested(value) else [value]
    return tuple(_box(path, name, row) for row in rows)


def _box(path: Path, name: str, row: Any) -> Box:
    where = f"{path}: {_short(name)}"
    numbers = isinstance(row, list) and all(type(v) in (int, float) for v in row)
    if not numbers or len(row) != 4:
        raise BoxesError(f"{where}: {_short(row)} is not [x, y, width, height]")
    if not all(abs(v) <= FARTHEST for v in row):
        raise BoxesError(f"{where}: {_short(row)} is not in pixels of a picture")
    box = Box(*(float(v) for v in row))
    if box.width <= 0 or box.height <= 0:
        raise BoxesError(f"{where}: the box {_short(row)} has no extent")
    return box


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _nested(value: list[Any]) -> bool:
    return all(isinstance(v, list) for v in value)
