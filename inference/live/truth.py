"""True landmarks of a folder's pictures, where annotations lie beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.evaluation.metrics import inter_ocular, point_errors
from inference.results import Face

MOST: Final = 20_000
"""Annotated faces that are read."""

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


def truths_in(folder: Path) -> Mapping[str, tuple[Truth, ...]]:
    """True faces by the name of the picture, relative to the folder; empty where none are known.

    Takes a while for large folders; call it in the background.
    """
    from app.evaluation.annotated import ReadingError
    from app.evaluation.readers.data import Choice, open_data

    found: dict[str, list[Truth]] = {}
    try:
        data = open_data(folder, Choice())
        if data.kind in ("shards", "dlib"):
            return {}
        for face in islice(data.faces(), MOST):
            if face.points is not None and np.isfinite(face.points).all():
                name = face.source.partition("#")[0]
                found.setdefault(name, []).append(Truth(face.points[:, :2], face.outlined))
    except (ReadingError, OSError):
        return {}
    return {name: tuple(faces) for name, faces in found.items()}
