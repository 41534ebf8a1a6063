"""What models say of annotated faces, in the form in which `app.evaluation` compares it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

import cv2
import numpy as np

from app.evaluation.annotated import Annotated, Bytes, Predicted
from app.evaluation.annotated import Box as PlainBox
from inference import predictions
from inference.card import Card
from inference.depth import DepthMap, DepthPredictor
from inference.detector import Detector
from inference.face import LIVE, Effort, FacePredictor
from inference.head_pose import HeadPosePredictor
from inference.pipeline import load_face
from inference.registry import find
from inference.results import Box, Face, Floats
from inference.sessions import ModelError

LEAST_OVERLAP: Final = 0.25
"""Intersection over union from which a face that was found is taken to be the annotated one."""


class Answerer(Protocol):
    """Says something of one annotated face."""

    def answer(self, truth: Annotated, picture: Bytes, box: PlainBox) -> Predicted | None:
        """What there is to say of the face in ``box``; None where none is found there."""
        ...


class FaceAnswers:
    """A network of landmarks, with its label transfer."""

    def __init__(self, predictor: FacePredictor, effort: Effort = LIVE) -> None:
        self._predictor = predictor
        self._effort = effort

    def answer(self, truth: Annotated, picture: Bytes, box: PlainBox) -> Predicted | None:
        """Landmarks, deviations and pose; see `Answerer`."""
        face = self._predictor.predict(picture, [Box(*box)], effort=self._effort)[0]
        return of_face(face)


class PoseAnswers:
    """A network of head poses."""

    def __init__(self, predictor: HeadPosePredictor) -> None:
        self._predictor = predictor

    def answer(self, truth: Annotated, picture: Bytes, box: PlainBox) -> Predicted | None:
        """The pose; see `Answerer`."""
        return Predicted(angles=self._predictor.predict(picture, [Box(*box)])[0])


class DepthAnswers:
    """A network of depth."""

    def __init__(self, predictor: DepthPredictor) -> None:
        self._predictor = predictor

    def answer(self, truth: Annotated, picture: Bytes, box: PlainBox) -> Predicted | None:
        """Depth in the picture's pixels; see `Answerer`."""
        found = self._predictor.predict(picture, Box(*box))
        return Predicted(depth=in_picture(found, (picture.shape[0], picture.shape[1])))


class DetectedAnswers:
    """Another answerer, at the box that a detector gives for the annotated face."""

    def __init__(self, detector: Detector, inner: Answerer) -> None:
        self._detector = detector
        self._inner = inner

    def answer(self, truth: Annotated, picture: Bytes, box: PlainBox) -> Predicted | None:
        """See `Answerer`; None where no box lies over the given one."""
        found = [d.box.as_tuple() for d in self._detector.detect(picture)]
        shares = [overlap(b, box) for b in found]
        if not shares or max(shares) < LEAST_OVERLAP:
            return None
        return self._inner.answer(truth, picture, found[int(np.argmax(shares))])


class FileAnswers:
    """Predictions that were written before, by the names of their pictures.

    Raises
    ------
    predictions.PredictionsError
        When the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._faces: dict[str, list[Face]] = defaultdict(list)
        self._last: dict[str, set[str]] = defaultdict(set)
        for result in predictions.read(path):
            name = result.source.replace("\\", "/")
            self._faces[name].extend(result.faces)
            self._last[PurePosixPath(name).name].add(name)

    def answer(self, truth: Annotated, picture: Bytes, box: PlainBox) -> Predicted | None:
        """See `Answerer`; None where no face of the picture lies over the box."""
        faces = self._of(truth.source)
        shares = [max(overlap(f.box.as_tuple(), box), overlap(_tight(f), box)) for f in faces]
        if not shares or max(shares) < LEAST_OVERLAP:
            return None
        return of_face(faces[int(np.argmax(shares))])

    def _of(self, source: str) -> list[Face]:
        name = source.replace("\\", "/")
        name = name.rpartition("#")[0] if name.rpartition("#")[2].isdigit() else name
        if name in self._faces:
            return self._faces[name]
        alike = self._last.get(PurePosixPath(name).name, set())
        return self._faces[next(iter(alike))] if len(alike) == 1 else []


def of_model(
    name: str | Path, effort: Effort = LIVE, transfer: str = "", threads: int = 1
) -> tuple[Answerer, Card]:
    """A model that answers, by its name or file.

    Parameters
    ----------
    name : str or Path
    effort : Effort
        For networks of landmarks.
    transfer : str
        Name or file of the label transfer, ``"none"``, or empty for the one that comes with the
        model.
    threads : int

    Raises
    ------
    ModelError
        When it cannot be used, or is of a kind that is not measured face by face.
    """
    model = find(name)
    kind = model.card.kind if model.card else model.open()[1].kind
    if kind in ("face", "landmarks"):
        predictor = load_face(str(name), transfer, threads)
        return FaceAnswers(predictor, effort), predictor.card
    session, card = model.open(threads)
    if card.kind == "head-pose":
        return PoseAnswers(HeadPosePredictor(session, card)), card
    if card.kind == "depth":
        return DepthAnswers(DepthPredictor(session, card)), card
    raise ModelError(f"{model.path}: models of kind {card.kind} are not measured face by face")


def of_face(face: Face) -> Predicted:
    """What a face says, for the comparison."""
    dense = None if face.landmarks_520 is None else face.landmarks_520[:, :2].astype(np.float64)
    return Predicted(
        face.landmarks_68[:, :2].astype(np.float64),
        None if dense is None else dense[:68],
        dense,
        None if face.sigma_520 is None else face.sigma_520.astype(np.float64),
        face.head_pose,
        score=face.score,
    )


def in_picture(found: DepthMap, shape: tuple[int, int]) -> Floats:
    """Depth in the pixels of the picture (H, W), NaN where the crop does not reach."""
    height, width = shape
    spread = cv2.warpAffine(
        found.depth,
        found.crop.matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=float("nan"),
    )
    return np.asarray(spread, np.float32)


def overlap(a: PlainBox, b: PlainBox) -> float:
    """Intersection over union of two boxes."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    both = a[2] * a[3] + b[2] * b[3] - shared
    return shared / both if both > 0.0 else 0.0


def _tight(face: Face) -> PlainBox:
    return Box.of_points(face.landmarks_68).as_tuple()
