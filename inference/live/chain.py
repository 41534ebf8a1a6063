"""From one frame to the faces in it: detect, follow, look, make steady, depth."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from inference.crop import Crop
from inference.depth import DepthMap
from inference.detector import LEAST_SCORE, Detector
from inference.landmarker import Landmarker
from inference.live.filters import DEFAULT_STRENGTH, FaceFilter
from inference.live.frames import Frame
from inference.live.hands import HandsAsked, HandsFollower, HandsMaker, LiveHands, RegionMaker
from inference.live.lookout import Beside, InTurn, Lookout, Schedule
from inference.live.matching import Sighting
from inference.live.outcome import LiveFace, Trouble
from inference.live.second import Second
from inference.live.stages import Stages
from inference.live.tracks import Followed, Rules, Tracker
from inference.results import Box, Bytes
from inference.verified import VerifiedDetector

DETECTOR: Final = "detector"
FACE: Final = "face"
SECOND: Final = "second"
FILTER: Final = "filter"
DEPTH: Final = "depth"
HANDS: Final = "hands"
WHEEL: Final = "wheel"
TOTAL: Final = "total"


class DepthMaker(Protocol):
    """Depth over a face; `inference.depth.DepthPredictor` is one."""

    def predict(self, picture: Bytes, box: Box) -> DepthMap:
        """Depth about a face.

        Raises
        ------
        ModelError
            When the network fails.
        """
        ...


@dataclass(frozen=True, eq=False)
class LiveModels:
    """The models that are used; what is None is left out.

    Attributes
    ----------
    face : Landmarker, optional
        With its label transfer.
    detector : Detector, optional
        Without one no face is ever found.
    depth : DepthMaker, optional
    second : Landmarker, optional
        Looks at the same faces, to be compared with the first.
    hands : HandsMaker, optional
    wheel : RegionMaker, optional
        Proposes the wheel's region where the user has drawn none.
    """

    face: Landmarker | None = None
    detector: Detector | None = None
    depth: DepthMaker | None = None
    second: Landmarker | None = None
    hands: HandsMaker | None = None
    wheel: RegionMaker | None = None


@dataclass(frozen=True)
class LiveSettings:
    """How the engine works.

    Attributes
    ----------
    strength : float
        Of the filter, 0 to 1.
    rules : Rules
        Of following.
    schedule : Schedule
        Of the detector.
    least_score : float
        Of a detection.
    in_turn : bool
        The detector looks in its turn and holds up the frame, so that the same frames always give
        the same faces: for recording from files. Otherwise it looks beside.
    depth_faces : int
        Faces of a frame that get new depth, those whose map is oldest first; the maps of the others
        go with their faces.
    hands : HandsAsked
    """

    strength: float = DEFAULT_STRENGTH
    rules: Rules = field(default_factory=Rules)
    schedule: Schedule = field(default_factory=Schedule)
    least_score: float = LEAST_SCORE
    in_turn: bool = False
    depth_faces: int = 8
    hands: HandsAsked = field(default_factory=HandsAsked)


class Chain:
    """The steps from a frame to its faces, with all that is remembered between frames.

    Belongs to one thread.

    Parameters
    ----------
    models : LiveModels
    settings : LiveSettings
    tell : callable
        Is told of trouble, once for each model.

    Attributes
    ----------
    hands : LiveHands, optional
        Of the last frame; None where nobody asks for hands.
    """

    def __init__(
        self,
        models: LiveModels,
        settings: LiveSettings,
        tell: Callable[[Trouble], None],
    ) -> None:
        self._models, self._settings = models, settings
        self._stages = Stages(tell)
        self._tracker = Tracker(settings.rules)
        self._lookout = _lookout(settings)
        self._second = Second()
        self._filters: dict[int, FaceFilter] = {}
        self._maps: dict[int, tuple[DepthMap, Box, int]] = {}
        self._place: tuple[str, tuple[int, int], bool] | None = None
        self._asked: float | None = None
        self._hands = HandsFollower()
        self.hands: LiveHands | None = None

    def close(self) -> None:
        """End the detector's thread."""
        self._lookout.close()

    def use(self, models: LiveModels) -> None:
        """Work with other models from the next frame on; faces keep their numbers."""
        for stage in (FACE, DETECTOR, DEPTH, SECOND, HANDS, WHEEL):
            if getattr(models, stage) is not getattr(self._models, stage):
                self._stages.mended(HANDS if stage == WHEEL else stage)
        if models.detector is not self._models.detector:
            self._lookout.forget()
            self._asked = None
        if models.face is not self._models.face:
            self._filters.clear()
        if models.second is not self._models.second:
            self._second.clear()
        if models.depth is not self._models.depth:
            self._maps.clear()
        if models.hands is not self._models.hands or models.wheel is not self._models.wheel:
            self._hands.clear()
        self._models = models

    def configure(self, settings: LiveSettings) -> None:
        """Work with other settings from the next frame on."""
        last, self._settings = self._settings, settings
        now, before = settings.hands, last.hands
        if (now.drawn, now.mirrored, now.watched) != (
            before.drawn,
            before.mirrored,
            before.watched,
        ):
            self._hands.clear()
        if (settings.in_turn, settings.least_score) != (last.in_turn, last.least_score):
            self._lookout.close()
            self._lookout = _lookout(settings)
        if settings.rules != last.rules:
            self._tracker.rules = settings.rules
        for own in self._filters.values():
            own.strength = settings.strength
        self._second.strength = settings.strength

    def work(self, frame: Frame) -> tuple[tuple[LiveFace, ...], dict[str, float]]:
        """Faces in a frame, by number, and the seconds that each stage took."""
        begun = time.perf_counter()
        self._stages.begin()
        self._arrive(frame)
        moment = frame.captured if frame.media_time is None else frame.media_time
        followed = self._follow(frame.picture, moment)
        faces = self._stages.run(FILTER, lambda: self._steady(followed, moment)) or ()
        faces = self._compared(frame.picture, moment, faces)
        faces = self._deepened(frame, faces)
        self.hands = self._watched(frame.picture, moment)
        timings = dict(self._stages.timings)
        timings[TOTAL] = time.perf_counter() - begun
        return faces, timings

    def _arrive(self, frame: Frame) -> None:
        """Forget the faces of another source, or of pictures of another size."""
        place = frame.source, frame.size, frame.media_time is None
        if place != self._place:
            self._place, self._asked = place, None
            self._tracker.clear()
            self._lookout.forget()
            self._filters.clear()
            self._second.clear()
            self._maps.clear()
            self._hands.clear()

    def _follow(self, picture: Bytes, moment: float) -> tuple[Followed, ...]:
        landmarker = self._models.face
        if landmarker is None or self._stages.resting(FACE):
            return ()
        if self._settings.in_turn:
            self._ask(picture, moment)
        sighting = self._sighting()
        given = self._stages.run(
            FACE, lambda: self._tracker.advance(picture, moment, landmarker, sighting)
        )
        if given is None:
            self._tracker.clear()
            self._asked = None
            return ()
        if not self._settings.in_turn:
            self._ask(picture, moment)
        return given

    def _ask(self, picture: Bytes, moment: float) -> None:
        """Have the detector look, if it is time."""
        detector, rules = self._models.detector, self._settings.rules
        if detector is None or self._stages.resting(DETECTOR):
            return
        boxes = self._tracker.boxes()
        since = -1.0 if self._asked is None else moment - self._asked
        due = self._settings.schedule.due(since, len(boxes), self._tracker.unseen, rules.most)
        assert self._models.face is not None
        finder = VerifiedDetector([detector], self._models.face)
        if due and self._lookout.ask(finder, picture, boxes):
            self._asked = moment

    def _sighting(self) -> Sighting | None:
        answer = self._lookout.answer()
        if answer is None:
            return None
        if answer.problem is not None:
            self._stages.failed(DETECTOR, answer.problem)
            return None
        self._stages.timings[DETECTOR] = answer.seconds
        return answer.sighting

    def _steady(self, followed: Sequence[Followed], moment: float) -> tuple[LiveFace, ...]:
        numbers = {f.number for f in followed}
        self._filters = {n: own for n, own in self._filters.items() if n in numbers}
        faces = []
        for face in followed:
            own = self._filters.setdefault(face.number, FaceFilter(self._settings.strength))
            filtered = own.apply(face.face, moment) if face.seen else own.last or face.face
            faces.append(LiveFace(face.number, face.face, filtered, face.confidence, face.seen))
        return tuple(faces)

    def _compared(
        self, picture: Bytes, moment: float, faces: tuple[LiveFace, ...]
    ) -> tuple[LiveFace, ...]:
        """Faces with what the second model says of them."""
        landmarker = self._models.second
        if landmarker is None or not faces:
            return faces
        given = self._stages.run(
            SECOND, lambda: self._second.compare(picture, moment, landmarker, faces)
        )
        return faces if given is None else given

    def _deepened(self, frame: Frame, faces: tuple[LiveFace, ...]) -> tuple[LiveFace, ...]:
        """Faces with their depth."""
        maker = self._models.depth
        if maker is None or not faces:
            self._maps.clear()
            return faces
        numbers = {f.number for f in faces}
        self._maps = {n: kept for n, kept in self._maps.items() if n in numbers}
        waiting = sorted(
            (f for f in faces if f.seen),
            key=lambda f: self._maps[f.number][2] if f.number in self._maps else -1,
        )
        self._stages.run(
            DEPTH,
            lambda: self._measure(frame, maker, waiting[: self._settings.depth_faces]),
        )
        return tuple(replace(f, depth=self._depth_of(f)) for f in faces)

    def _watched(self, picture: Bytes, moment: float) -> LiveHands | None:
        """Both hands; None where nobody asks, or while the network rests."""
        hands, wheel, asked = self._models.hands, self._models.wheel, self._settings.hands
        if hands is None or not asked.watched:
            return None
        return self._stages.run(
            HANDS, lambda: self._hands.look(picture, moment, hands, wheel, asked)
        )

    def _measure(self, frame: Frame, maker: DepthMaker, faces: Sequence[LiveFace]) -> None:
        for face in faces:
            box = face.filtered.box
            self._maps[face.number] = maker.predict(frame.picture, box), box, frame.number

    def _depth_of(self, face: LiveFace) -> DepthMap | None:
        """The map of a face, moved and sized as its box was since."""
        if face.number not in self._maps or self._stages.resting(DEPTH):
            return None
        found, then, _ = self._maps[face.number]
        now = face.filtered.box
        return found if now == then else replace(found, crop=_carried(found.crop, then, now))


def _carried(crop: Crop, then: Box, now: Box) -> Crop:
    """A crop moved and sized as a box was."""
    factor = max(now.width, now.height) / max(then.width, then.height)
    old = then.x + then.width / 2, then.y + then.height / 2
    new = now.x + now.width / 2, now.y + now.height / 2
    x, y = (n + factor * (c - o) for c, o, n in zip(crop.centre, old, new, strict=True))
    return replace(crop, centre=(x, y), side=crop.side * factor)


def _lookout(settings: LiveSettings) -> Lookout:
    return (InTurn if settings.in_turn else Beside)(settings.least_score)
