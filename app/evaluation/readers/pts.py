"""``.pts`` files of 300-W and its kin: one point a line, with or without a header.

With one::

    version: 1
    n_points: 68
    {
    56.168 70.808
    …
    }
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np

from app.evaluation.annotated import ReadingError
from app.files import read_bytes
from app.geometry.rotations import Array

MAX_BYTES: Final = 65536
MAX_POINTS: Final = 2000
_FIELD: Final = re.compile(r"\s*([A-Za-z_]+)\s*:\s*(\S+)\s*")


def read_pts(path: Path, first: float = 0.0) -> Array:
    """Points of a file, shape (L, 2), pixels with (0, 0) at the centre of the top-left one.

    Parameters
    ----------
    path : Path
    first : float
        What the file calls the centre of the top-left pixel: 0, or 1 as 300-W does.

    Raises
    ------
    ReadingError
        When it cannot be read or holds no points.
    """
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as problem:
        raise ReadingError(f"{path} cannot be read: {problem.strerror or problem}") from None
    if len(data) > MAX_BYTES:
        raise ReadingError(f"{path} is too long for a list of points")
    return parse_pts(data.decode("utf-8", errors="replace"), str(path)) - first


def parse_pts(text: str, name: str = "The text") -> Array:
    """Points of a text as they stand there, shape (L, 2).

    Raises
    ------
    ReadingError
    """
    text = text.lstrip("\ufeff")
    promised = None
    if "{" in text:
        head, _, rest = text.partition("{")
        body, brace, _ = rest.partition("}")
        if not brace:
            raise ReadingError(f"{name} is cut short: its last brace is missing")
        promised = _promised(head, name)
    else:
        lines = text.splitlines()
        headers = [line for line in lines if _FIELD.fullmatch(line)]
        promised = _promised("\n".join(headers), name)
        body = "\n".join(line for line in lines if not _FIELD.fullmatch(line))
    rows = [line.replace(",", " ").split() for line in body.splitlines() if line.strip()]
    if not rows:
        raise ReadingError(f"{name} holds no points")
    if len(rows) > MAX_POINTS:
        raise ReadingError(f"{name} holds more than {MAX_POINTS} points")
    if any(len(row) != 2 for row in rows):
        number = next(i for i, row in enumerate(rows, 1) if len(row) != 2)
        raise ReadingError(f"{name}: point {number} is not two numbers")
    try:
        points = np.array([[float(v) for v in row] for row in rows])
    except ValueError:
        raise ReadingError(f"{name} holds something that is no number") from None
    if promised is not None and promised != len(points):
        raise ReadingError(f"{name} has {len(points)} points and says that it has {promised}")
    if not np.isfinite(points).all():
        raise ReadingError(f"{name} holds a number that is not finite")
    return points


def write_pts(points: Array) -> str:
    """A text with a header, three decimals, of points (L, 2)."""
    rows = "\n".join(f"{x:.3f} {y:.3f}" for x, y in np.asarray(points, np.float64))
    return f"version: 1\nn_points: {len(points)}\n{{\n{rows}\n}}\n"


def _promised(head: str, name: str) -> int | None:
    for line in head.splitlines():
        match = _FIELD.fullmatch(line)
        if match and match[1].lower() == "n_points":
            if not match[2].isdigit():
                raise ReadingError(f"{name}: n_points “{match[2][:20]}” is no number")
            return int(match[2])
    return None
