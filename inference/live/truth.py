"""True landmarks of pictures and videos, where they lie beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.evaluation.metrics import inter_ocular, point_errors
from inference.predictions import PredictionsError, read
from inference.results import Face

MOST: Final = 20_000
"""Annotated faces that are read."""

LONGEST_LINE: Final = 2**20

INNER: Final = slice(17, 68)
"""The 68 points without the jaw."""


@dataclass(frozen=True, eq=False)
class Truth:
    """The true points of one face.

    Attributes
    ----------
    points : ndarray, shape (68, 2), pixels
    outlined : bool
        Whether the jaw follows the visible outline, as ours does; else it is not measured.
    """

    points: NDArray[Any]
    outlined: bool

    def error(self, face: Face) -> float:
        """Mean distance over the distance of the outer corners of the eyes; NaN without size."""
        size = float(inter_ocular(self.points))
        part = slice(0, 68) if self.outlined else INNER
        far = point_errors(face.landmarks_68[part, :2], self.points[part])
        return float(far.mean()) / size if size > 0.0 else float("nan")


Truths = Mapping[str | int, tuple[Truth, ...]]
"""True faces by the name of the picture, or by the frame of a video."""


def truths_of(path: Path) -> Truths:
    """What is known of a folder of annotated pictures, or of a video with lines beside it.

    Of ``NAME.mp4`` that is ``NAME.jsonl``, in the form of predictions, unless it is what the live
    window recorded. Takes a while for large folders; call it in the background.

    Returns
    -------
    mapping
        Empty where nothing is known, or where it cannot be read.
    """
    try:
        return _of_folder(path) if path.is_dir() else _of_lines(path.with_suffix(".jsonl"))
    except OSError:
        return {}


def _of_folder(folder: Path) -> Truths:
    from app.evaluation.annotated import ReadingError
    from app.evaluation.readers.data import Choice, open_data

    found: dict[str | int, list[Truth]] = {}
    try:
        data = open_data(folder, Choice())
        if data.kind in ("shards", "dlib"):
            return {}
        for face in islice(data.faces(), MOST):
            if face.points is not None and np.isfinite(face.points).all():
                name = face.source.partition("#")[0]
                found.setdefault(name, []).append(Truth(face.points[:, :2], face.outlined))
    except ReadingError:
        return {}
    return {name: tuple(faces) for name, faces in found.items()}


def _of_lines(path: Path) -> Truths:
    if not path.is_file():
        return {}
    with path.open("rb") as lines:
        if b'"values"' in lines.readline(LONGEST_LINE):
            return {}
    try:
        return {
            result.frame: tuple(Truth(f.landmarks_68[:, :2], True) for f in result.faces)
            for result in islice(read(path), MOST)
        }
    except PredictionsError:
        return {}
