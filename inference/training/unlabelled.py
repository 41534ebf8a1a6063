"""Pictures of faces without labels, as a user supplies them, cut for training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import msgspec
import numpy as np

from app.dataset.sample import OUTLINED, POINTS
from inference.crop import CROP_SCALE, Crop
from inference.detector import CascadeDetector, Detector, OnnxDetector
from inference.pictures import PICTURES, PictureError, read_picture
from inference.registry import shipped
from inference.sessions import ModelError
from inference.training.augment import Shares
from inference.training.augment_view import Bytes, Floats
from inference.training.config import ConfigError
from inference.training.placing import Place, exact, jittered

WIDER: Final = 1.75
"""Side of what is kept of a picture over the side of a crop, so that crops can be moved."""

MOST: Final = 20_000
"""Pictures of a folder that are used, spread evenly over it."""

FEWEST: Final = 8

BoxTuple = tuple[float, float, float, float]


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
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES and p.is_file())
    chosen = files[:: max(1, -(-len(files) // MOST))]
    known = _read_boxes(boxes) if boxes is not None else None
    detector = _detector() if known is None else None
    edge = round(WIDER * size)
    cut, skipped = [], []
    for path in chosen:
        try:
            picture = read_picture(path)
            box = _box(picture, path, known, detector)
            cut.append(Crop.around(box, edge, CROP_SCALE * WIDER).cut(picture))
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


def _box(
    picture: Bytes,
    path: Path,
    known: Mapping[str, BoxTuple] | None,
    detector: Detector | None,
) -> Sequence[float]:
    if known is not None:
        if path.name not in known:
            raise _FacelessError(f"{path}: the boxes do not name it")
        return known[path.name]
    assert detector is not None
    found = detector.detect(picture)
    if not found:
        raise _FacelessError(f"{path}: no face was found in it; give its box")
    return found[0].box.as_tuple()


def _detector() -> Detector:
    """The detector that comes with the program, or OpenCV's."""
    try:
        models = shipped("detector")
        return OnnxDetector(models[0].open()[0]) if models else CascadeDetector()
    except ModelError as problem:
        raise ConfigError(f"unlabelled: {problem}") from None


def _read_boxes(path: Path) -> dict[str, BoxTuple]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, BoxTuple])
    except OSError as problem:
        raise ConfigError(f"boxes: {path}: {problem.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"boxes: {path}: {problem}") from None
