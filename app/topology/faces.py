"""Photographed faces with 68 points drawn on them, in the ``.pts`` files of 300-W."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.files import read_bytes
from app.geometry.rotations import Array

PICTURES: Final = (".jpg", ".jpeg", ".png", ".bmp")
_LIMIT: Final = 65536
_POINTS: Final = 68


class FaceError(Exception):
    """What is wrong with an annotated face, in one line."""


@dataclass(frozen=True, eq=False)
class AnnotatedFace:
    """One face.

    Attributes
    ----------
    name : str
    points : ndarray, shape (68, 2), pixels
    picture : Path or None
    """

    name: str
    points: Array
    picture: Path | None


def read_faces(folder: Path, first: float = 0.0) -> tuple[list[AnnotatedFace], list[str]]:
    """All annotated faces of a folder, and one line for each file that could not be read.

    Parameters
    ----------
    folder : Path
    first : float
        Coordinates of the centre of the top-left pixel in the files: 0, or 1 as in 300-W.

    Raises
    ------
    FaceError
        If there is no face that can be read.
    """
    faces, problems = [], []
    for path in sorted(folder.glob("*.pts")):
        try:
            points = read_points(path) - first
        except FaceError as problem:
            problems.append(str(problem))
            continue
        found = (path.with_suffix(s) for s in PICTURES)
        faces.append(AnnotatedFace(path.stem, points, next((p for p in found if p.exists()), None)))
    if not faces:
        reason = problems[0] if problems else f"{folder}: there are no .pts files"
        raise FaceError(reason)
    return faces, problems


def read_points(path: Path) -> Array:
    """Points of one ``.pts`` file, shape (68, 2).

    Raises
    ------
    FaceError
        With one line that names the file and what is wrong with it.
    """
    try:
        text = read_bytes(path, _LIMIT).decode()
    except (OSError, UnicodeDecodeError) as problem:
        raise FaceError(f"{path}: cannot be read: {problem}") from None
    body = text.partition("{")[2].partition("}")[0].split()
    try:
        points: NDArray[Any] = np.array([float(v) for v in body])
    except ValueError:
        raise FaceError(f"{path}: the braces must hold nothing but numbers") from None
    if len(points) != 2 * _POINTS:
        raise FaceError(f"{path}: {len(points) // 2} points instead of {_POINTS}")
    if not np.isfinite(points).all() or np.ptp(points) < 1.0:
        raise FaceError(f"{path}: the points do not form a face")
    return points.reshape(_POINTS, 2)
