"""Reading data sets: ours, and those of the papers.

Folders are ``{male,female}/<0001…>/<background…>/<expression>/<motion>/``, of which the papers'
pose set has the first two alone. Nothing of a sample is read before it is asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from app.dataset import annotation, synface
from app.dataset.depth_exr import Floats, read_depth
from app.dataset.files import ANNOTATION_LIMIT
from app.dataset.mask_png import Bytes, read_mask
from app.dataset.spec import Expression, Motion
from app.dataset.synface import SynFaceText
from app.files import read_bytes

GENDERS: Final = ("female", "male")
EXPRESSIONS: Final[tuple[str, ...]] = get_args(Expression)
MOTIONS: Final[tuple[str, ...]] = get_args(Motion)
KINDS: Final = ("color", "depth", "text", "mask", "annotation")
PICTURE_LIMIT: Final = 256 * 2**20

T = TypeVar("T")

_NAME: Final = re.compile(
    r"(?P<prefix>rgb|depthexr|data|mask|ann)_?(?P<id>\d+)\.(?P<suffix>jpe?g|png|exr|txt|json)",
    re.IGNORECASE,
)
_KIND: Final = {
    ("rgb", "jpg"): "color",
    ("rgb", "jpeg"): "color",
    ("rgb", "png"): "color",
    ("depthexr", "exr"): "depth",
    ("data", "txt"): "text",
    ("mask", "png"): "mask",
    ("ann", "json"): "annotation",
}


class ReadError(ValueError):
    """A file of a sample is missing or damaged; the message is one line that names it."""


@dataclass(frozen=True)
class Sample:
    """One picture with what is known about it.

    Attributes
    ----------
    root : Path
    folder : str
        Of the files, relative to ``root``, with ``/``; ``""`` is ``root`` itself.
    id : str
        As the files' names have it.
    gender, subject, background, expression, motion : str
        As the folders say; empty where they do not. ``subject`` is ``female/0001``.
    files : dict of str to str
        Names of the files by kind: those of `KINDS` that are there.
    """

    root: Path
    folder: str
    id: str
    gender: str = ""
    subject: str = ""
    background: str = ""
    expression: str = ""
    motion: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def path(self, kind: str) -> Path:
        """Where a file lies.

        Raises
        ------
        ReadError
            When the sample has none of this kind.
        """
        if kind not in self.files:
            raise ReadError(f"{self.folder}/{self.id} has no {kind}")
        return self.root / self.folder / self.files[kind]

    def picture(self) -> Bytes:
        """RGB, shape (H, W, 3), uint8.

        Raises
        ------
        ReadError
            As all of these, when the file is missing or damaged.
        OSError
            When it cannot be read.
        """
        import cv2

        path = self.path("color")
        data = read_bytes(path, PICTURE_LIMIT)
        picture = None
        if len(data) <= PICTURE_LIMIT and data:
            picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise ReadError(f"{path} is no whole picture")
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))

    def depth(self) -> Floats:
        """Metres along the camera's −Z, shape (H, W), float32; +inf where nothing is."""
        return _told(read_depth, self.path("depth"))

    def mask(self) -> Bytes:
        """Index into `app.scene.segments.SEGMENTS` of each pixel, shape (H, W)."""
        return _told(read_mask, self.path("mask"))

    def text(self) -> SynFaceText:
        """The four lines on camera and head."""
        return _told(synface.read, self.path("text"))

    def annotation(self) -> dict[str, Any]:
        """The JSON; only data sets of ours have it."""
        path = self.path("annotation")
        return _told(lambda p: annotation.decode(read_bytes(p, ANNOTATION_LIMIT), str(p)), path)

    def landmarks(self, topology: str = "ibug-68") -> tuple[NDArray[Any], NDArray[Any]]:
        """Pixels, shape (L, 2), NaN where there is none, and whether each is visible, shape (L,).

        Raises
        ------
        ReadError
            When the annotation has no such topology.
        """
        found = self.annotation()["landmarks"]
        if topology not in found:
            listed = ", ".join(found) or "none"
            raise ReadError(f"{self.path('annotation')} has no {topology} (it has {listed})")
        pixels = [row or (np.nan, np.nan) for row in found[topology]["pixels"]]
        return np.array(pixels, dtype=np.float64), np.array(found[topology]["visible"], dtype=bool)


@dataclass(frozen=True)
class SynFace:
    """The samples of a folder, in the order of folders and ids.

    ``gender``, ``background``, ``expression`` and ``motion`` keep samples of these values alone.
    A background may be named by its last folder or by all of them: ``Classroom`` or
    ``Complex/Classroom``.

    Raises
    ------
    NotADirectoryError, FileNotFoundError
        When ``root`` is no folder.
    """

    root: Path
    gender: str | None = None
    background: str | None = None
    expression: str | None = None
    motion: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", Path(self.root))
        with os.scandir(self.root):
            pass

    def __iter__(self) -> Iterator[Sample]:
        for folder in folders(self.root):
            if self._wanted(place(self.root, folder)):
                yield from samples(self.root, folder)

    def first(self) -> Sample | None:
        return next(iter(self), None)

    def _wanted(self, parts: dict[str, str]) -> bool:
        behind = self.background
        found = parts["background"]
        if behind is not None and found != behind and not found.endswith(f"/{behind}"):
            return False
        return all(
            wanted is None or parts[name] == wanted
            for name, wanted in (
                ("gender", self.gender),
                ("expression", self.expression),
                ("motion", self.motion),
            )
        )


def folders(root: Path) -> Iterator[str]:
    """All folders of a data set in order, relative to it; hidden ones are passed over."""
    for place_, names, _ in os.walk(root):
        names[:] = sorted(n for n in names if not n.startswith("."))
        relative = Path(place_).relative_to(root).as_posix()
        yield "" if relative == "." else relative


def samples(root: Path, folder: str) -> Iterator[Sample]:
    """Samples of one folder in the order of their ids: what has a picture, text or annotation."""
    found: dict[str, dict[str, str]] = {}
    with os.scandir(root / folder) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        known = kind_of(name)
        if known is not None:
            found.setdefault(known[1], {}).setdefault(known[0], name)
    parts = place(root, folder)
    for id_ in sorted(found, key=lambda i: (int(i), i)):
        if found[id_].keys() & {"color", "text", "annotation"}:
            yield Sample(root, folder, id_, **parts, files=found[id_])


def kind_of(name: str) -> tuple[str, str] | None:
    """Kind and id that a file's name tells, or None; also of Blender's ``rgb0001.jpg``."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    kind = _KIND.get((match["prefix"].lower(), match["suffix"].lower()))
    return None if kind is None else (kind, match["id"])


def place(root: Path, folder: str) -> dict[str, str]:
    """What the names of a sample's folders say; ``root`` may itself lie within a data set."""
    own = PurePosixPath(folder).parts
    above = root.resolve().parts[-6:]
    parts = [*above, *own]
    lower = [part.lower() for part in parts]
    at = max((i for i, part in enumerate(lower) if part in GENDERS), default=-1)
    told = dict.fromkeys(("gender", "subject", "background", "expression", "motion"), "")
    if at < 0:
        rest = list(own)
    else:
        told["gender"] = lower[at]
        if at + 1 < len(parts):
            told["subject"] = f"{lower[at]}/{parts[at + 1]}"
        rest = parts[at + 2 :]
    if rest and rest[-1] in MOTIONS:
        told["motion"] = rest.pop()
    if rest and rest[-1].lower() in EXPRESSIONS:
        told["expression"] = rest.pop().lower()
    told["background"] = "/".join(rest)
    return told


def _told(read: Callable[[Path], T], path: Path) -> T:
    """What ``read`` gives; its complaint names the whole path."""
    try:
        return read(path)
    except ReadError:
        raise
    except ValueError as problem:
        raise ReadError(f"{path}: {problem}") from None
