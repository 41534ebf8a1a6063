"""XML files of dlib's ``imglab``: pictures, boxes and named parts.

::

    <dataset><images>
      <image file="a.jpg">
        <box top="74" left="124" width="54" height="54">
          <part name="00" x="119" y="87"/> …
        </box>
      </image>
    </images></dataset>

dlib's pixels are whole and count from zero. Boxes with ``ignore="1"`` are no faces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np

from app.evaluation.annotated import Box, ReadingError
from app.files import read_bytes
from app.geometry.rotations import Array

MAX_BYTES: Final = 256 * 2**20
PARTS: Final = 68


@dataclass(frozen=True, eq=False)
class ListedFace:
    """One box of the list.

    Attributes
    ----------
    file : str
        As the list names the picture.
    number : int
        Of the box in its picture.
    box : tuple of 4 floats
        x, y, width, height as drawn.
    points : ndarray, shape (68, 2), optional
        None where the box has no parts.
    """

    file: str
    number: int
    box: Box
    points: Array | None


def read_dlib_xml(path: Path, first: float = 0.0) -> tuple[list[ListedFace], list[str]]:
    """Faces of a list, and one line for each box that is damaged.

    Parameters
    ----------
    path : Path
    first : float
        What the file calls the centre of the top-left pixel.

    Raises
    ------
    ReadingError
        When it is no such list or cannot be read.
    """
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as problem:
        raise ReadingError(f"{path} cannot be read: {problem.strerror or problem}") from None
    if len(data) > MAX_BYTES:
        raise ReadingError(f"{path} is larger than {MAX_BYTES >> 20} MB")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ReadingError(f"{path} defines entities, which a list of faces has no need of")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, LookupError, ValueError) as problem:
        raise ReadingError(f"{path} is no whole XML: {problem}") from None
    if root.tag != "dataset":
        raise ReadingError(f"{path} is no list of imglab: its root is <{root.tag[:40]}>")
    faces: list[ListedFace] = []
    problems: list[str] = []
    for image in root.iter("image"):
        file = image.get("file") or ""
        for number, element in enumerate(_boxes(image)):
            try:
                faces.append(_face(file, number, element, first))
            except ReadingError as problem:
                problems.append(f"{path}, {file or 'a picture'}, box {number + 1}: {problem}")
    return faces, problems


def _boxes(image: Any) -> Iterator[Any]:
    return (box for box in image.iter("box") if box.get("ignore", "0") in ("0", ""))


def _face(file: str, number: int, element: Any, first: float) -> ListedFace:
    if not file:
        raise ReadingError("the picture has no name")
    left, top, width, height = (_number(element, k) for k in ("left", "top", "width", "height"))
    if not (width > 0 and height > 0):
        raise ReadingError("the box has no extent")
    parts = {part.get("name", ""): part for part in element.iter("part")}
    points = None
    if parts:
        wanted = {f"{i:02d}": i for i in range(PARTS)}
        missing = sorted(wanted.keys() - parts.keys())
        if missing:
            raise ReadingError(f"part {missing[0]} of {PARTS} is missing")
        points = np.array(
            [[_number(parts[name], "x"), _number(parts[name], "y")] for name in wanted]
        )
        points -= first
    return ListedFace(file, number, (left - first, top - first, width, height), points)


def _number(element: Any, key: str) -> float:
    try:
        value = float(element.get(key, ""))
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise ReadingError(f"<{element.tag}> has no number {key}")
    return value
