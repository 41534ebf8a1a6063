"""From a picture to its faces: detector or given boxes, crop, network, label transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inference import registry
from inference.detector import LEAST_SCORE, CascadeDetector, Detector, OnnxDetector
from inference.face import LIVE, Effort, FacePredictor
from inference.hands import HandsPredictor, HandsReader, RegionPredictor
from inference.results import Box, Bytes, FrameResult
from inference.sessions import ModelError
from inference.transfer import Transfer
from inference.verified import VerifiedDetector

FACE: Final = "face"
DETECTOR: Final = "detector"
HANDS: Final = "hands"
OPENCV: Final = "opencv"
VERIFIED: Final = "verified"
NONE: Final = "none"

LEAST_PRESENCE: Final = 0.3
"""What the face network must believe of a box that a detector found."""


@dataclass(frozen=True)
class Pipeline:
    """Everything that is needed for a picture.

    Attributes
    ----------
    face : FacePredictor
    detector : Detector
    effort : Effort
    least_score : float
        Of the detector.
    """

    face: FacePredictor
    detector: Detector
    effort: Effort = LIVE
    least_score: float = LEAST_SCORE

    def faces(
        self, picture: Bytes, source: str, frame: int = 0, boxes: Sequence[Box] | None = None
    ) -> FrameResult:
        """Faces of a picture.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        source, frame
            Named in the result.
        boxes : sequence of Box, optional
            Used instead of the detector.

        Raises
        ------
        ModelError
            When a network fails.
        """
        if boxes is not None:
            return FrameResult(source, frame, self.face.predict(picture, boxes, effort=self.effort))
        found = self.detector.detect(picture, self.least_score)
        faces = self.face.predict(
            picture, [d.box for d in found], [d.score for d in found], self.effort
        )
        real = tuple(f for f in faces if f.presence is None or f.presence >= LEAST_PRESENCE)
        return FrameResult(source, frame, real)


def load_pipeline(
    face: str = FACE,
    detector: str = "",
    transfer: str = "",
    threads: int = 1,
    effort: Effort = LIVE,
    least_score: float = LEAST_SCORE,
) -> Pipeline:
    """Open what a pipeline needs.

    Parameters
    ----------
    face, detector, transfer : str
        Names of shipped models or files. Without a detector, or with ``"verified"``, it is all
        that `load_detector` knows, looked over by the face network. Without a transfer it is the
        one that was fitted to the face network; ``"none"`` asks for no transfer.
    threads : int
    effort : Effort
    least_score : float

    Raises
    ------
    ModelError
        With one line that names the model and what is wrong with it.
    """
    landmarker = load_face(face, transfer, threads)
    if detector in ("", VERIFIED):
        finder: Detector = VerifiedDetector(_all_detectors(threads), landmarker)
    else:
        finder = load_detector(detector, threads)
    return Pipeline(landmarker, finder, effort, least_score)


def load_face(name: str = FACE, transfer: str = "", threads: int = 1) -> FacePredictor:
    """The face network with its label transfer.

    Raises
    ------
    ModelError
    """
    model = registry.find_kind(name, "face", "landmarks")
    session, card = model.open(threads)
    if card.kind not in ("face", "landmarks"):
        raise ModelError(f"{model.path}: this is a model of kind {card.kind}, not face")
    fitted = registry.follower(card.name) if not transfer and model.shipped else None
    if transfer and transfer != NONE:
        fitted = registry.find_kind(transfer, "transfer")
    return FacePredictor(session, card, Transfer(fitted.open(1)[0]) if fitted else None)


def load_hands(
    name: str = "", region: Box | None = None, threads: int = 1, mirror: bool = False
) -> HandsReader | None:
    """What tells whether hands are on the wheel; None where no model of hands is shipped.

    Parameters
    ----------
    name : str
        Of a shipped model or a file; without one the shipped one, ``"none"`` for none.
    region : Box, optional
        Of the wheel in all pictures, pixels; without one it is proposed.
    threads : int
    mirror : bool
        Look at mirror images too.

    Raises
    ------
    ModelError
        When a model cannot be used, or what was asked for needs one that is not there.
    """
    if name == NONE or (not name and not registry.shipped("hands")):
        if region is not None:
            raise ModelError("a wheel's region needs a model of hands: --hands FILE.onnx")
        return None
    regions = None
    if region is None:
        proposing = registry.shipped("wheel-region")
        if proposing:
            regions = RegionPredictor(*proposing[0].open(threads))
        elif name:
            raise ModelError("no model here proposes the wheel's region: give it with --wheel")
        else:
            return None
    session, card = registry.find_kind(name or HANDS, "hands").open(threads)
    if card.kind != "hands":
        raise ModelError(f"{session.path}: this is a model of kind {card.kind}, not hands")
    return HandsReader(HandsPredictor(session, card), regions, region, mirror)


def load_detector(name: str = "", threads: int = 1) -> Detector:
    """The detector of a name; without one the shipped network, or else OpenCV's cascades.

    ``"verified"`` is both, looked over by the shipped face network.

    Raises
    ------
    ModelError
    """
    if name == VERIFIED:
        return VerifiedDetector(_all_detectors(threads), load_face(threads=threads))
    if name == OPENCV or (not name and not registry.shipped("detector")):
        return CascadeDetector()
    session, _ = registry.find_kind(name or DETECTOR, "detector").open(threads)
    return OnnxDetector(session)


def _all_detectors(threads: int) -> list[Detector]:
    found: list[Detector] = [CascadeDetector()]
    if registry.shipped("detector"):
        found.insert(0, load_detector(DETECTOR, threads))
    return found
