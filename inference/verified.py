"""A detector whose boxes are looked at by the face network before they are believed.

Detectors of few operations propose; the network of landmarks, which looks closer, says where in the
proposal the face lies, whether it is one, and how exactly it could place its points. The last tells
more than its belief alone: on what is no face the points find no hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from inference.crop import Crop
from inference.detector import LEAST_SCORE, SMALL, Detector, OnnxDetector, apart
from inference.face import face_of_look
from inference.landmarker import Landmarker
from inference.results import Box, Bytes, Detection, Face
from inference.sessions import ModelError

PROPOSED: Final = 0.08
"""Score of a proposal from which it is looked at."""

MOST: Final = 16
"""Proposals of one picture that are looked at, the most certain ones."""

SHARP: Final = 0.033
"""Deviation of the points over the longer side of their box at which belief counts as it is."""

STEEPNESS: Final = 2.0
"""By how much doubling the deviation lowers belief: its logit by this times ln 2."""

SURE: Final = 4.0
"""Logit of belief, so corrected, that becomes a score of one half.

Set on pictures without faces: about one in 100 then has a false one.
"""

ROOM: Final = 1.05
"""Side of the crops that are judged over that from which landmarks are read.

What is no face is told from the surroundings, too; with less of them two of 100 faces are missed.
Like `SURE` it was found with the shipped face network, whose card says 1.33; neither was measured
at other scales.
"""

_EDGE: Final = 1e-6


class VerifiedDetector:
    """Boxes about the points that the face network finds where others see a face.

    A network proposes twice, at its usual size and with the picture made small.

    Parameters
    ----------
    proposing : sequence of Detector
    face : Landmarker
        Without presence and deviations it only draws the boxes closer.
    """

    def __init__(self, proposing: Sequence[Detector], face: Landmarker) -> None:
        small = [d.at(SMALL) for d in proposing if isinstance(d, OnnxDetector)]
        self._proposing: Final = (*proposing, *small)
        self._face: Final = face

    def detect(self, picture: Bytes, least_score: float = LEAST_SCORE) -> tuple[Detection, ...]:
        """Faces in a picture; see `Detector`."""
        seen = [d for each in self._proposing for d in each.detect(picture, PROPOSED)]
        found = _one_each([d for d in seen if _whole(d.box)])[:MOST]
        if not found:
            return ()
        try:
            first = self._face.look(picture, [_wider(self._face.around(d.box)) for d in found])
            looks = self._face.look(picture, [_wider(self._face.closer(look)) for look in first])
        except ModelError:
            return _unverified(found, least_score)
        faces = [
            face_of_look(proposal.box, proposal.score, look)
            for proposal, look in zip(found, looks, strict=True)
        ]
        boxes = np.array([Box.of_points(face.landmarks_68).as_tuple() for face in faces])
        scores = np.array([certainty(face) for face in faces])
        sure = scores >= least_score
        return apart(boxes[sure], scores[sure])


def certainty(face: Face) -> float:
    """Belief that this is a face, 0 to 1; one half where it is as likely as not to be used.

    Parameters
    ----------
    face : Face
        Its detector's score stands in for a presence that the network does not give; without
        deviations presence alone tells.
    """
    if face.presence is None:
        return face.score
    if face.sigma_68 is None:
        return face.presence
    belief = float(np.clip(face.presence, _EDGE, 1.0 - _EDGE))
    box = Box.of_points(face.landmarks_68)
    blur = float(np.exp(np.log(np.maximum(face.sigma_68, 1e-9)).mean()))
    vagueness = math.log(blur / (SHARP * max(box.width, box.height, 1e-6)) + 1e-9)
    logit = math.log(belief / (1.0 - belief)) - SURE - STEEPNESS * vagueness
    return 1.0 / (1.0 + math.exp(-max(min(logit, 50.0), -50.0)))


def _wider(crop: Crop) -> Crop:
    return replace(crop, side=crop.side * ROOM)


def _unverified(found: Sequence[Detection], least_score: float) -> tuple[Detection, ...]:
    """What detectors say themselves; whoever looks at these faces next meets the failure."""
    return _one_each([d for d in found if d.score >= least_score])


def _one_each(found: Sequence[Detection]) -> tuple[Detection, ...]:
    boxes = np.array([d.box.as_tuple() for d in found]).reshape(-1, 4)
    return apart(boxes, np.array([d.score for d in found]))


def _whole(box: Box) -> bool:
    return min(box.width, box.height) >= 2.0
