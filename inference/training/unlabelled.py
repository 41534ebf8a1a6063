"""Pictures of faces without labels, as a user supplies them, cut for training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from app.dataset.sample import OUTLINED, POINTS
from inference.crop import CROP_SCALE, Crop
from inference.detector import Detector
from inference.pictures import PictureError, read_picture
from inference.pipeline import load_detector
from inference.results import Box
from inference.sessions import ModelError
from inference.sources import Boxes, BoxesError, Source, read_boxes, sources
from inference.training.augment import Shares
from inference.training.augment_view import Bytes, Floats
from inference.training.config import ConfigError
from inference.training.placing import Place, exact, jittered

WIDER: Final = 1.75
"""Side of what is kept of a picture over the side of a crop, so that crops can be moved."""

MOST: Final = 20_000
"""Pictures of a folder that are used, spread evenly over it."""

FEWEST: Final = 8


@dataclass(frozen=True, eq=False)
class Unlabelled:
    """Faces of unknown head pose.

    Attributes
    ----------
    pictures : ndarray, shape (M, E, E, 3), uint8
        RGB; each a square of `WIDER` crops of S pixels, E = `WIDER`·S, about a face.
    skipped : tuple of str
        Why pictures of the folder are not among them, a line each.
    """

    pictures: Bytes
    skipped: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def size(self) -> int:
        """Pixels along the side of a crop, S."""
        return round(self.pictures.shape[1] / WIDER)

    def exact(self, index: int) -> Bytes:
        """The crop of a face as its box says, shape (S, S, 3)."""
        return self._cut(index, exact(self._points()))

    def jittered(self, index: int, shares: Shares, rng: np.random.Generator) -> Bytes:
        """The same, moved, turned and mirrored as labelled ones are."""
        return self._cut(index, jittered(self._points(), shares, rng))

    def _points(self) -> Floats:
        """Landmarks in the corners of the face's box, all that a place is made from."""
        edge = self.pictures.shape[1]
        half = edge / WIDER / CROP_SCALE / 2.0
        points = np.full((POINTS, 3), (edge - 1) / 2.0, np.float32)
        points[OUTLINED.start] -= np.float32(half)
        points[OUTLINED.start + 1] += np.float32(half)
        return points

    def _cut(self, index: int, place: Place) -> Bytes:
        size = self.size
        matrix = place.matrix(size)
        found = cv2.warpAffine(self.pictures[index], matrix, (size, size), flags=cv2.INTER_LINEAR)
        return np.asarray(found, np.uint8)


def read_unlabelled(folder: Path, boxes: Path | None, size: int) -> Unlabelled:
    """Every picture of a folder, and of those within it, in which there is a face.

    Parameters
    ----------
    folder : Path
    boxes : Path, optional
        JSON that maps a file's name to x, y, width and height of the face's box in pixels; without
        it the detector looks for the most certain face.
    size : int
        Pixels along the side of a crop.

    Raises
    ------
    ConfigError
        With one line, when there are fewer than `FEWEST` such pictures.
    """
    if not folder.is_dir():
        raise ConfigError(f"unlabelled: {folder} is no folder")
    files = [source for source in sources([folder])[0] if not source.video]
    chosen = files[:: max(1, -(-len(files) // MOST))]
    try:
        known = read_boxes(boxes) if boxes is not None else None
        detector = load_detector() if known is None else None
    except (BoxesError, ModelError) as problem:
        raise ConfigError(f"unlabelled: {problem}") from None
    cut: list[Bytes] = []
    skipped: list[str] = []
    for source in chosen:
        try:
            picture = read_picture(source.path)
            box = _box(picture, source, known, detector).as_tuple()
            cut.append(Crop.around(box, round(WIDER * size), CROP_SCALE * WIDER).cut(picture))
        except (PictureError, _FacelessError, ValueError) as problem:
            skipped.append(str(problem))
    if len(cut) < FEWEST:
        why = f"; the first problem: {skipped[0]}" if skipped else ""
        raise ConfigError(
            f"unlabelled: {folder} has {len(cut)} pictures with a face, {FEWEST} are needed{why}"
        )
    return Unlabelled(np.stack(cut), tuple(skipped))


class _FacelessError(Exception):
    """Why there is no face, in one line."""


def _box(picture: Bytes, source: Source, known: Boxes | None, detector: Detector | None) -> Box:
    if known is not None:
        given = known.of(source)
        if not given:
            raise _FacelessError(f"{source.path}: the boxes do not name it")
        return given[0]
    assert detector is not None
    found = detector.detect(picture)
    if not found:
        raise _FacelessError(f"{source.path}: no face was found in it; give its box")
    return found[0].box
