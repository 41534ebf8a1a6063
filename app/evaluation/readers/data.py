"""Annotated pictures of any kind that is known: which kind a folder or file is, and its faces."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.dataset.reader import SynFace
from app.dataset.releases import of_shards
from app.evaluation.annotated import Annotated, Box, ReadingError, box_of
from app.evaluation.readers import pictures, shards, synface
from app.evaluation.readers.dlib_xml import ListedFace, read_dlib_xml
from app.evaluation.readers.mat import EXTREME, read_mat
from app.evaluation.readers.pts import read_pts
from app.topology.release import ReleaseName

KINDS: Final = ("pts", "dlib", "mat", "synface", "shards")
T = TypeVar("T")


@dataclass
class Data:
    """Annotated faces, read one after the other.

    Attributes
    ----------
    name : str
        Of the folder or file.
    kind : str
        One of `KINDS`.
    count : int or None
        Faces, where that is known before reading.
    problems : list of str
        One line for each thing that could not be read; it grows while faces are read.
    notes : list of str
        What was assumed or left out, for the report.
    releases : tuple of ReleaseName
        Of the topologies that the data were made with, as far as they tell them.
    """

    name: str
    kind: str
    faces: Callable[[], Iterator[Annotated]]
    count: int | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    releases: tuple[ReleaseName, ...] = ()

    def again(self) -> Iterator[Annotated]:
        """The faces once more, without telling their problems twice."""
        told = len(self.problems)
        try:
            yield from self.faces()
        finally:
            del self.problems[told:]


@dataclass(frozen=True)
class Choice:
    """Which faces of the data count.

    Attributes
    ----------
    only : str
        ``"v0044-v0143"`` (names from one to another, both with), patterns such as ``"v00*"``, or
        several of these with commas between; empty for all.
    limit : int
        So many at most, spread evenly where their number is known; 0 for all.
    everyone : bool
        Of shards, also people that models are trained on.
    first_pixel : float, optional
        What annotations call the centre of the top-left pixel; 1 for ``.mat`` else 0.
    """

    only: str = ""
    limit: int = 0
    everyone: bool = False
    first_pixel: float | None = None

    def wants(self, name: str) -> bool:
        """Whether a file of this name counts; its ending need not be given."""
        if not self.only.strip():
            return True
        stem = name.rpartition(".")[0] or name
        last = stem.rpartition("/")[2]
        for part in (p.strip() for p in self.only.split(",")):
            if not part:
                continue
            if any(fnmatch(n, part) for n in (name, stem, last)):
                return True
            ends = _ends(part)
            if ends and ends[0] <= last <= ends[1]:
                return True
        return False


def open_data(path: Path, choice: Choice, kind: str = "") -> Data:
    """Annotated faces of a folder or file.

    Parameters
    ----------
    path : Path
        A folder of pictures with ``.pts`` or ``.mat`` files beside them, of shards or of SynFace,
        or a list of imglab (``.xml``).
    choice : Choice
    kind : str
        One of `KINDS`; found out where empty.

    Raises
    ------
    ReadingError
        When there is nothing that is known.
    """
    if not path.exists():
        raise ReadingError(f"{path} does not exist")
    kind = kind or kind_of(path)
    try:
        return _OPENERS[kind](path, choice)
    except OSError as problem:
        raise ReadingError(f"{path} cannot be read: {problem.strerror or problem}") from None


def kind_of(path: Path) -> str:
    """One of `KINDS`, by what lies there.

    Raises
    ------
    ReadingError
        When it is none of them.
    """
    if path.is_file():
        kind = {".xml": "dlib", ".arrow": "shards", ".pts": "pts", ".mat": "mat"}
        if path.suffix.lower() in kind:
            return kind[path.suffix.lower()]
        raise ReadingError(f"{path} is no list of imglab (.xml) and no shard (.arrow)")
    for kind_, pattern in (("shards", "*.arrow"), ("pts", "*.pts"), ("mat", "*.mat")):
        if next(path.glob(pattern), None) is not None:
            return kind_
    if SynFace(path).first() is not None:
        return "synface"
    for kind_, pattern in (("pts", "*.pts"), ("mat", "*.mat")):
        if next(path.rglob(pattern), None) is not None:
            return kind_
    listed = sorted(p.name for p in path.glob("*.xml"))
    if listed:
        raise ReadingError(f"{path} holds lists: give one of them, such as {path / listed[0]}")
    raise ReadingError(f"{path} holds no .pts or .mat files, no shards and no frames of SynFace")


def _ends(part: str) -> tuple[str, str] | None:
    """First and last name of a range; of several hyphens the one in the middle."""
    cuts = [(part[:i], part[i + n :]) for n, sign in ((2, ".."), (1, "-")) for i in _at(part, sign)]
    alike = [c for c in cuts if len(c[0].strip()) == len(c[1].strip())] or cuts[:1]
    return (alike[0][0].strip(), alike[0][1].strip()) if alike else None


def _at(text: str, sign: str) -> list[int]:
    return [i for i in range(1, len(text) - len(sign)) if text.startswith(sign, i)]


def _files(path: Path, suffix: str, choice: Choice) -> list[Path]:
    root = path if path.is_dir() else path.parent
    found = sorted(path.rglob(f"*{suffix}")) if path.is_dir() else [path]
    chosen = [p for p in found if choice.wants(p.relative_to(root).as_posix())]
    if not chosen:
        raise ReadingError(f"{path}: none of {len(found)} files is meant by {choice.only!r}")
    return _spread(chosen, choice.limit)


def _spread(items: Sequence[T], limit: int) -> list[T]:
    if not limit or limit >= len(items):
        return list(items)
    return [items[i] for i in np.linspace(0, len(items) - 1, limit).astype(int)]


def _open_pts(path: Path, choice: Choice) -> Data:
    first = choice.first_pixel or 0.0
    files = _files(path, ".pts", choice)
    data = Data(path.name, "pts", lambda: iter(()), len(files))
    data.notes.append(f"points as if ({first:g}, {first:g}) were the top-left pixel's centre")

    def read(file: Path) -> Annotated:
        points = read_pts(file, first)
        if len(points) != 68:
            raise ReadingError(f"{file} has {len(points)} points; 68 are measured")
        picture = pictures.beside(file)
        return Annotated(
            _named(path, picture),
            functools.partial(pictures.load, picture),
            points,
            _box(points, file),
        )

    return replace(data, faces=lambda: _each(files, read, data.problems))


def _open_mat(path: Path, choice: Choice) -> Data:
    first = 1.0 if choice.first_pixel is None else choice.first_pixel
    files = _files(path, ".mat", choice)
    data = Data(path.name, "mat", lambda: iter(()), len(files))
    data.notes.append(f"points as if ({first:g}, {first:g}) were the top-left pixel's centre")
    data.notes.append(f"poses with an angle beyond {EXTREME:g} degrees are left out")

    def read(file: Path) -> Annotated:
        picture = pictures.beside(file)
        face = read_mat(file, first)
        angles = face.angles
        if angles and max(abs(angles.yaw), abs(angles.pitch), abs(angles.roll)) > EXTREME:
            angles = None
        if face.points is None:
            raise ReadingError(f"{file} has no 68 points, from which the face's box would come")
        return Annotated(
            _named(path, picture),
            functools.partial(pictures.load, picture),
            face.points,
            _box(face.points, file),
            outlined=False,
            angles=angles,
        )

    return replace(data, faces=lambda: _each(files, read, data.problems))


def _open_dlib(path: Path, choice: Choice) -> Data:
    first = choice.first_pixel or 0.0
    listed, problems = read_dlib_xml(path, first)
    several = {f.file for f in listed if f.number}
    found = [f for f in listed if choice.wants(f.file.replace("\\", "/"))]
    if not found:
        raise ReadingError(f"{path}: no face of {len(listed)} is meant by {choice.only!r}")
    found = _spread(found, choice.limit)
    data = Data(path.name, "dlib", lambda: iter(()), len(found), problems)

    def read(face: ListedFace) -> Annotated:
        file = path.parent / face.file.replace("\\", "/")
        name = f"{face.file}#{face.number}" if face.file in several else face.file
        box = face.box if face.points is None else _box(face.points, file)
        return Annotated(name, functools.partial(pictures.load, file), face.points, box)

    return replace(data, faces=lambda: _each(found, read, data.problems))


def _open_synface(path: Path, choice: Choice) -> Data:
    data = Data(path.name, "synface", lambda: iter(()), releases=synface.releases(path))
    if choice.limit:
        data.notes.append(f"the first {choice.limit} frames")

    def read() -> Iterator[Annotated]:
        wanted = (f for f in synface.read_synface(path, data.problems) if choice.wants(f.source))
        return itertools.islice(wanted, choice.limit or None)

    return replace(data, faces=read)


def _open_shards(path: Path, choice: Choice) -> Data:
    packed, numbers = shards.read_shards([path], choice.everyone)
    people = len({int(packed.people[i]) for i in numbers})
    chosen = _spread(numbers, choice.limit)
    releases, different = of_shards(packed.paths)
    data = Data(path.name, "shards", lambda: iter(()), len(chosen), releases=releases)
    data.notes.extend(different)
    whose = "people" if choice.everyone else "people who are held out from training"
    data.notes.append(f"{len(chosen)} of {len(numbers)} samples of {people} {whose}")

    def read(number: int) -> Annotated:
        return shards.annotated(packed, number)

    return replace(data, faces=lambda: _each(chosen, read, data.problems))


_OPENERS: Final[dict[str, Callable[[Path, Choice], Data]]] = {
    "pts": _open_pts,
    "dlib": _open_dlib,
    "mat": _open_mat,
    "synface": _open_synface,
    "shards": _open_shards,
}


def _each(
    items: Iterable[T], read: Callable[[T], Annotated], problems: list[str]
) -> Iterator[Annotated]:
    for item in items:
        try:
            yield read(item)
        except ReadingError as problem:
            problems.append(str(problem))


def _named(root: Path, picture: Path) -> str:
    return picture.relative_to(root if root.is_dir() else root.parent).as_posix()


def _box(points: NDArray[Any], file: Path) -> Box:
    try:
        return box_of(points)
    except ReadingError as problem:
        raise ReadingError(f"{file}: {problem}") from None
