"""A detector measured on annotated faces and on pictures without any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.evaluation.annotated import ReadingError
from app.evaluation.detection import MATCHED, DetectionFigures, overlaps
from app.evaluation.readers.data import Data
from app.evaluation.readers.pictures import SUFFIXES, load
from inference.detector import LEAST_SCORE, Detector
from inference.pipeline import OPENCV, VERIFIED
from inference.registry import find

LEAST: Final = 0.02
"""Score from which boxes are looked at."""
RATES: Final = (0.01, 0.1, 1.0)
"""False boxes in a picture."""
SIDES: Final = ((0, 32), (32, 64), (64, 128), (128, 100_000))
"""Longer side of the true box in pixels."""


@dataclass(frozen=True)
class DetectorFigures:
    """How a detector does.

    Attributes
    ----------
    faces : int
    empty : int
        Pictures without a face that were looked at; where it is 0 the rates are those of boxes
        beside the annotated faces, some of which are faces that nobody annotated.
    in_use : float
        Recall at the score that is used.
    false_in_use : float
        False boxes in a picture at that score.
    recalls : dict of str to (float, float)
        For each of `RATES`, as text: the score that gives it and the recall there.
    by_side : dict of str to (int, float)
        Faces and recall at the score in use by the longer side of the true box.
    overlap : float
        Mean intersection over union of the boxes of faces found at that score.
    missed : tuple of str
        At the score in use.
    """

    faces: int
    empty: int
    in_use: float
    false_in_use: float
    recalls: dict[str, tuple[float, float]]
    by_side: dict[str, tuple[int, float]]
    overlap: float
    missed: tuple[str, ...]


def measure_detector(
    detector: Detector,
    data: Data,
    empty: Sequence[Path] = (),
    stepped: Callable[[], None] = lambda: None,
) -> DetectorFigures:
    """Look for faces in annotated pictures, each with one of them, and in empty ones.

    Raises
    ------
    ReadingError
        When there is no face, or an empty picture cannot be read.
    ModelError
        When the network fails.
    """
    crops, nothing = DetectionFigures(), DetectionFigures()
    shared, sides, names = [], [], []
    for face in data.faces():
        try:
            picture = face.picture()
        except ReadingError as problem:
            data.problems.append(str(problem))
            continue
        found = detector.detect(picture, LEAST)
        boxes = np.array([d.box.as_tuple() for d in found]).reshape(-1, 4)
        truth = np.array([face.box])
        crops.add(boxes, np.array([d.score for d in found]), truth)
        used = boxes[[d.score >= LEAST_SCORE for d in found]]
        best = float(overlaps(used, truth).max(initial=0.0))
        shared.append(best)
        sides.append(max(face.box[2:]))
        names.append(face.source)
        stepped()
    if not names:
        raise ReadingError(data.problems[0] if data.problems else f"{data.name} holds no face")
    for path in empty:
        found = detector.detect(load(path), LEAST)
        boxes = np.array([d.box.as_tuple() for d in found]).reshape(-1, 4)
        nothing.add(boxes, np.array([d.score for d in found]), np.empty((0, 4)))
        stepped()
    false = nothing if empty else crops
    hit = np.array(crops.faces) >= LEAST_SCORE
    longer, overlap = np.array(sides), np.array(shared)
    return DetectorFigures(
        len(names),
        len(empty),
        crops.recall(LEAST_SCORE),
        false.false_rate(LEAST_SCORE),
        {f"{r:g}": (false.threshold(r), crops.recall(false.threshold(r))) for r in RATES},
        {
            f"{low} to {high - 1}" if high < SIDES[-1][1] else f"{low} and more": (
                int(own.sum()),
                float(hit[own].mean()) if own.any() else float("nan"),
            )
            for low, high in SIDES
            for own in ((longer >= low) & (longer < high),)
        },
        float(overlap[hit].mean()) if hit.any() else float("nan"),
        tuple(name for name, found_ in zip(names, hit, strict=True) if not found_),
    )


def is_detector(name: str) -> bool:
    """Whether a name or file is that of a detector, OpenCV's cascades among them.

    Raises
    ------
    ModelError
        When there is no such model.
    """
    if name in (OPENCV, VERIFIED):
        return True
    model = find(name)
    return (model.card or model.open()[1]).kind == "detector"


def pictures_in(folder: Path) -> list[Path]:
    """Pictures of a folder and those in it, in the order of their names.

    Raises
    ------
    ReadingError
        When there is none.
    """
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise ReadingError(f"{folder} holds no pictures ({', '.join(SUFFIXES)})")
    return found


def as_lines(found: DetectorFigures, name: str, data: str) -> Iterator[str]:
    """The figures for people."""
    yield f"{name} on {data}: {found.faces} faces, overlap from {MATCHED:g} counts as found"
    where = f"{found.empty} pictures without faces"
    if not found.empty:
        where = "the same pictures, where faces that nobody annotated count as false"
    yield f"false boxes are those in {where}"
    yield (
        f"at the score in use, {LEAST_SCORE:g}: recall {found.in_use:.1%}, "
        f"{found.false_in_use:.3f} false boxes in a picture, mean overlap {found.overlap:.3f}"
    )
    for rate, (score, recall) in found.recalls.items():
        yield f"where {rate} boxes in a picture are false: recall {recall:.1%} (score {score:.3f})"
    for side, (faces, recall) in found.by_side.items():
        if faces:
            yield f"boxes of {side} pixels: {faces} faces, recall {recall:.1%}"
    if found.missed:
        yield f"missed: {' '.join(found.missed[:40])}" + (" …" if len(found.missed) > 40 else "")
