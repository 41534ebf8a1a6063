"""Where faces are: this project's network, or the cascades that come with OpenCV.

Both give tight boxes about the 68 points with the visible outline, in pixels of the picture.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.results import Box, Bytes, Detection
from inference.sessions import ModelError, Session, check_outputs

Floats = NDArray[np.float32]

STRIDE: Final = 32
LONGEST: Final = 640
"""Pictures are reduced to this many pixels along their longer side."""

SMALL: Final = 192
"""The same for faces that fill the picture, which a network of few layers sees best from afar."""

LEAST_SCORE: Final = 0.5
OVERLAP: Final = 0.4
"""Boxes of which more is shared than this share of their union are one face."""


class Detector(Protocol):
    """Finds faces, most certain first."""

    def detect(self, picture: Bytes, least_score: float = LEAST_SCORE) -> tuple[Detection, ...]:
        """Faces in a picture.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        least_score : float
        """
        ...


class OnnxDetector:
    """A network of the kind ``detector``.

    Parameters
    ----------
    session : Session
    longest : int
        Pixels along the longer side of what the network sees.

    Raises
    ------
    ModelError
        When inputs and outputs are not those of such a network.
    """

    def __init__(self, session: Session, longest: int = LONGEST) -> None:
        self._session = session
        self._longest = longest
        if "pictures" not in session.inputs or not {"boxes", "scores"} <= set(session.outputs):
            raise ModelError(f"{session.path}: this is no detector")
        found = session.run({"pictures": np.zeros((1, 3, 2 * STRIDE, 3 * STRIDE), np.float32)})
        count = found["scores"].size
        check_outputs(session, found, {"boxes": (1, count, 4), "scores": (1, count)})

    def at(self, longest: int) -> OnnxDetector:
        """The same network on pictures of another size."""
        other = copy.copy(self)
        other._longest = longest
        return other

    def detect(self, picture: Bytes, least_score: float = LEAST_SCORE) -> tuple[Detection, ...]:
        """Faces in a picture; see `Detector`."""
        height, width = picture.shape[:2]
        scale = min(self._longest / max(height, width), 1.0)
        shown = _resized(picture, scale)
        padded = np.zeros((*(math.ceil(n / STRIDE) * STRIDE for n in shown.shape[:2]), 3), np.uint8)
        padded[: shown.shape[0], : shown.shape[1]] = shown
        given = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
        found = self._session.run({"pictures": given})
        boxes, scores = found["boxes"][0].astype(np.float64), found["scores"][0]
        sure = scores >= least_score
        boxes, scores = boxes[sure], scores[sure]
        factors = np.array([width / shown.shape[1], height / shown.shape[0]])
        boxes[:, :2] = (boxes[:, :2] + 0.5) * factors - 0.5
        boxes[:, 2:] *= factors
        return apart(boxes, scores)


class CascadeDetector:
    """OpenCV's cascades of Haar-like features; frontal and both profiles.

    The score of a face is n / (n + `HALF_SURE`) for n windows that agreed on it.

    Source: P. Viola and M. Jones, *Rapid object detection using a boosted cascade of simple
    features*, CVPR 2001; the trained files come with OpenCV.

    Parameters
    ----------
    least : int
        Side of the smallest window in pixels.
    """

    def __init__(self, least: int = 24) -> None:
        folder = getattr(cv2, "data").haarcascades  # noqa: B009
        self._frontal = cv2.CascadeClassifier(folder + "haarcascade_frontalface_alt2.xml")
        self._profile = cv2.CascadeClassifier(folder + "haarcascade_profileface.xml")
        if self._frontal.empty() or self._profile.empty():
            raise ModelError("this build of OpenCV comes without its cascades")
        self._least = least

    def detect(self, picture: Bytes, least_score: float = LEAST_SCORE) -> tuple[Detection, ...]:
        """Faces in a picture; see `Detector`."""
        height, width = picture.shape[:2]
        scale = min(LONGEST / max(height, width), 1.0)
        grey = cv2.equalizeHist(cv2.cvtColor(_resized(picture, scale), cv2.COLOR_RGB2GRAY))
        boxes: list[Sequence[float]] = []
        scores: list[float] = []
        for cascade, mirrored, tight in (
            (self._frontal, False, FRONTAL_TIGHT),
            (self._profile, False, PROFILE_TIGHT),
            (self._profile, True, PROFILE_TIGHT),
        ):
            shown = grey[:, ::-1].copy() if mirrored else grey
            windows, counts = cascade.detectMultiScale2(
                shown, scaleFactor=1.1, minNeighbors=1, minSize=(self._least, self._least)
            )
            for (x, y, w, h), count in zip(windows, np.ravel(counts), strict=True):
                left = x + tight[0] * w
                if mirrored:
                    left = grey.shape[1] - left - tight[2] * w
                boxes.append((left, y + tight[1] * h, tight[2] * w, tight[3] * h))
                scores.append(float(count) / (float(count) + HALF_SURE))
        found = np.array(boxes, np.float64).reshape(-1, 4) / scale
        found[:, :2] -= 0.5
        sure = np.array(scores) >= least_score
        return apart(found[sure], np.array(scores)[sure])


HALF_SURE: Final = 3.0

FRONTAL_TIGHT: Final = (0.06, 0.235, 0.865, 0.87)
PROFILE_TIGHT: Final = (0.14, 0.30, 0.70, 0.69)
"""The tight box inside a cascade's window: left, top, width and height as shares of its side.

Medians over 55 and 58 windows found on rendered people.
"""


def apart(boxes: NDArray[np.float64], scores: NDArray[Any]) -> tuple[Detection, ...]:
    """The most certain of boxes that lie over each other, most certain first.

    Parameters
    ----------
    boxes : ndarray, shape (K, 4)
        x, y, width, height.
    scores : ndarray, shape (K,)
    """
    ends, areas = boxes[:, :2] + boxes[:, 2:], boxes[:, 2] * boxes[:, 3]
    order = np.argsort(-scores, kind="stable")
    order = order[areas[order] > 0.0]
    kept: list[Detection] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(Detection(Box(*(float(v) for v in boxes[best])), float(scores[best])))
        sides = np.minimum(ends[best], ends[rest]) - np.maximum(boxes[best, :2], boxes[rest, :2])
        shared = np.prod(np.clip(sides, 0.0, None), axis=1)
        order = rest[shared <= OVERLAP * (areas[best] + areas[rest] - shared)]
    return tuple(kept)


def _resized(picture: Bytes, scale: float) -> Bytes:
    if scale == 1.0:
        return picture
    height, width = picture.shape[:2]
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
