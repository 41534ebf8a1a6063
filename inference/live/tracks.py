"""Faces followed from frame to frame: each keeps its number and lends its points to the next crop.

A detector says now and then where faces are. In between, the next crop lies about the points of
the last look, and presence tells whether the face is still there. A face that is not seen keeps its
last points for a moment, fading, and its number for a moment longer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inference.crop import Crop
from inference.face import Look, face_of_look
from inference.landmarker import Landmarker
from inference.live.crops import eased, sane
from inference.live.matching import LEAST_SHARED, Sighting, pairs, returned, shared_part
from inference.results import Box, Bytes, Detection, Face
from inference.verified import certainty

FADING: Final = 0.12
"""Seconds in which two thirds of a change of confidence are shown."""

SAME_FACE: Final = 0.5
"""Boxes of two tracks of which more is shared than this part of their union are one face."""

OFF_COURSE: Final = 0.4
"""A track that shares less than this with what the detector found begins there anew."""

SURE: Final = 0.6
"""Confidence of a face that the detector may miss as often as it likes."""


@dataclass(frozen=True)
class Rules:
    """When a face is followed, and for how long without being seen.

    Attributes
    ----------
    most : int
        Faces at a time.
    begin : float
        `certainty` that a face must have to be taken up.
    stay : float
        The same below which it counts as not seen.
    patience : float
        Seconds that it is shown and looked for without being seen.
    memory : float
        Seconds that it then keeps its number.
    probation : float
        Seconds for which a new face must be seen all the time; otherwise it was none.
    doubt : int
        Times in a row that the detector may miss a face of which the network is not sure either;
        half as many where the network tells no presence.
    """

    most: int = 8
    begin: float = 0.5
    stay: float = 0.3
    patience: float = 0.3
    memory: float = 2.0
    probation: float = 0.2
    doubt: int = 4


@dataclass(frozen=True, eq=False)
class Followed:
    """A face with its number.

    Attributes
    ----------
    number : int
        From 1; the least that is free when the face is first seen.
    face : Face
        As the network gives it; of the last frame in which it was seen.
    confidence : float
        0 to 1: `inference.verified.certainty`, eased over time.
    seen : bool
        In this frame.
    """

    number: int
    face: Face
    confidence: float
    seen: bool


@dataclass(eq=False)
class _Track:
    """``crop`` is where it is looked for next; there is no face until a look has found one."""

    number: int
    begun: float
    crop: Crop
    score: float | None
    face: Face | None = None
    seen: float = -math.inf
    judged: float = -math.inf
    confidence: float = 0.0
    missed: int = 0
    given_up: bool = False


@dataclass(eq=False)
class _Seat:
    """A track in the crop in which it is looked for; ``anew`` where that comes from a detection."""

    track: _Track
    crop: Crop
    anew: bool = False


class Tracker:
    """Faces of one source, followed from frame to frame.

    Parameters
    ----------
    rules : Rules
    """

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self._tracks: list[_Track] = []
        self._time = self._before = -math.inf
        self._landmarker: Landmarker | None = None

    def clear(self) -> None:
        """Forget all faces, as when the source is another."""
        self._tracks.clear()
        self._time = self._before = -math.inf

    def boxes(self) -> dict[int, Box]:
        """Boxes of the faces that are looked for, by their numbers."""
        return {t.number: t.face.box for t in self._tracks if t.face and self._sought(t)}

    @property
    def unseen(self) -> bool:
        """Whether a face that is looked for, or was until now, was not seen in the last frame."""
        return any(t.seen < self._time for t in self._tracks)

    def advance(
        self, picture: Bytes, time: float, landmarker: Landmarker, sighting: Sighting | None = None
    ) -> tuple[Followed, ...]:
        """Faces in a frame, by number.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        time : float
            Seconds, of the frame. When it goes back, the faces of the last frame are looked for
            and all others are forgotten.
        landmarker : Landmarker
            May be another from frame to frame.
        sighting : Sighting, optional
            What the detector found, in this frame or one shortly before.

        Raises
        ------
        ModelError
            When the network fails.
        """
        self._to(time)
        seats = [_Seat(t, self._crop(t, landmarker)) for t in self._tracks if self._sought(t)]
        if sighting is not None:
            seats = self._admit(sighting, seats, landmarker)
        looks = _looks(picture, seats, landmarker)
        for seat, look in zip(seats, looks, strict=True):
            self._judge(seat, look, picture, landmarker)
        self._landmarker = landmarker
        self._settle([s.track for s in seats])
        return tuple(
            Followed(t.number, t.face, t.confidence, t.seen == time)
            for t in sorted(self._tracks, key=lambda t: t.number)
            if t.face and self._sought(t)
        )

    def _to(self, time: float) -> None:
        if time < self._time:
            self._tracks = [t for t in self._tracks if t.seen == self._time]
            for track in self._tracks:
                track.seen = track.judged = track.begun = time
            self._before = time
        else:
            self._before = self._time
        self._time = time

    def _sought(self, track: _Track) -> bool:
        return not track.given_up and self._time - track.seen <= self.rules.patience

    def _crop(self, track: _Track, landmarker: Landmarker) -> Crop:
        """Where a track is looked for; anew about its box where the model is another."""
        if landmarker is self._landmarker or track.face is None:
            return track.crop
        return landmarker.around(track.face.box)

    def _admit(self, sighting: Sighting, seats: list[_Seat], landmarker: Landmarker) -> list[_Seat]:
        """Seats with those for what the detector found and is not followed, or not well."""
        found = sighting.detections
        boxes = [sighting.boxes.get(s.track.number, _box(s.track)) for s in seats]
        matched = pairs([[shared_part(box, d.box) for d in found] for box in boxes], LEAST_SHARED)
        kept: list[_Seat] = []
        for row, seat in enumerate(seats):
            column = matched.get(row)
            if column is None:
                kept += self._doubted(seat, sighting)
                continue
            detection = found[column]
            seat.track.missed, seat.track.score = 0, detection.score
            if shared_part(boxes[row], detection.box) < OFF_COURSE:
                seat = _Seat(seat.track, landmarker.around(detection.box), True)
            kept.append(seat)
        rest = [d for k, d in enumerate(found) if k not in matched.values()]
        held = {seats[row].track for row in matched}
        new = self._new(rest, held, kept, landmarker)
        moved = {s.track for s in new}
        return [s for s in kept if s.track not in moved] + new

    def _doubted(self, seat: _Seat, sighting: Sighting) -> list[_Seat]:
        """The seat of a track that the detector missed, unless that happened too often."""
        track = seat.track
        if track.number not in sighting.boxes:
            return [seat]
        track.missed += 1
        told = track.face is not None and track.face.presence is not None
        limit = self.rules.doubt if told else max(self.rules.doubt // 2, 1)
        track.given_up = track.missed >= limit and not (told and track.confidence >= SURE)
        return [] if track.given_up else [seat]

    def _new(
        self,
        detections: Sequence[Detection],
        held: set[_Track],
        kept: Sequence[_Seat],
        landmarker: Landmarker,
    ) -> list[_Seat]:
        """Seats for faces that come back, or that were never seen."""
        lost = [t for t in self._tracks if t not in held and t.seen < self._before]
        back = pairs([[returned(_box(t), d.box) for d in detections] for t in lost])
        known = {column: lost[row] for row, column in back.items()}
        busy = {s.track for s in kept} | set(known.values())
        seats = []
        for column, detection in enumerate(detections):
            crop = landmarker.around(detection.box)
            track = known.get(column) or self._begun(detection, busy, crop)
            if track is not None:
                track.score, track.missed = detection.score, 0
                busy.add(track)
                seats.append(_Seat(track, crop, True))
        return seats

    def _begun(self, detection: Detection, busy: set[_Track], crop: Crop) -> _Track | None:
        """A track for a face never seen before, at the cost of the one that was lost first."""
        if len(busy) >= self.rules.most:
            return None
        others = {t for t in self._tracks if t not in busy}
        if len(busy) + len(others) >= self.rules.most:
            oldest = min(others, key=lambda t: t.seen)
            self._tracks.remove(oldest)
            others.remove(oldest)
        used = {t.number for t in busy | others}
        number = next(n for n in range(1, self.rules.most + 1) if n not in used)
        return _Track(number, self._time, crop, detection.score)

    def _judge(self, seat: _Seat, look: Look, picture: Bytes, landmarker: Landmarker) -> None:
        track, time = seat.track, self._time
        least = self.rules.stay if self._sought(track) else self.rules.begin
        target = 0.0
        if sane(look, seat.crop, picture):
            face = face_of_look(Box.of_points(look.outlined), track.score, look)
            sure = certainty(face)
            if face.presence is None or sure >= least:
                track.face, target = face, sure
                track.crop = eased(seat.crop, landmarker.closer(look))
                track.seen, track.given_up = time, False
        share = -math.expm1(-(time - track.judged) / FADING)
        track.confidence += share * (target - track.confidence)
        track.judged = time

    def _settle(self, looked_for: Sequence[_Track]) -> None:
        """Take up new tracks, drop those that follow nothing or follow a face twice."""
        known = set(self._tracks)
        tracks = self._tracks + [t for t in looked_for if t not in known and t.face]
        reach = self.rules.patience + self.rules.memory
        self._tracks = []
        for track in sorted(tracks, key=lambda t: (t.seen < self._time, t.begun, t.number)):
            twice = track.seen == self._time and any(
                o.seen == self._time and shared_part(_box(o), _box(track)) > SAME_FACE
                for o in self._tracks
            )
            none = track.seen < self._time and track.seen - track.begun < self.rules.probation
            if not twice and not none and self._time - track.seen <= reach:
                self._tracks.append(track)


def _looks(picture: Bytes, seats: Sequence[_Seat], landmarker: Landmarker) -> list[Look]:
    """A look at every seat, and a closer one where the first crop came from a detector's box."""
    if not seats:
        return []
    looks = list(landmarker.look(picture, [s.crop for s in seats]))
    again = [k for k, seat in enumerate(seats) if seat.anew and sane(looks[k], seat.crop, picture)]
    for k in again:
        seats[k].crop = landmarker.closer(looks[k])
    if again:
        second = landmarker.look(picture, [seats[k].crop for k in again])
        for k, look in zip(again, second, strict=True):
            looks[k] = look
    return looks


def _box(track: _Track) -> Box:
    """Of the face of a track that has one."""
    assert track.face is not None
    return track.face.box
