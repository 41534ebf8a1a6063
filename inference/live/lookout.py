"""When the detector looks again, and where it runs: beside the tracking, or in its turn.

A detector takes as long as several looks at faces. Beside, in a thread of its own, it never holds
up a frame; what it found is then a frame or two old and is matched with where the faces lay when it
began. In its turn the same frames give the same faces, as a recording from a file should.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from app.priority import give_way
from inference.detector import LEAST_SCORE, Detector
from inference.live.matching import Sighting
from inference.results import Box, Bytes

JOIN: Final = 5.0
"""Seconds that a detector which is just running is waited for at the end."""


@dataclass(frozen=True)
class Schedule:
    """Seconds from one look of the detector to the next, in the time of the frames.

    Attributes
    ----------
    empty : float
        While no face is followed, or one was lost.
    steady : float
        While all faces are seen, for new ones.
    full : float
        While as many are followed as may be.
    """

    empty: float = 0.15
    steady: float = 1.0
    full: float = 3.0

    def due(self, since: float, faces: int, unseen: bool, most: int) -> bool:
        """Whether the detector should look.

        Parameters
        ----------
        since : float
            Seconds since it last did; below 0 where the time went back, which is reason enough.
        faces : int
            Now followed.
        unseen : bool
            One of them, or one that was followed lately, is not seen.
        most : int
            That may be followed.
        """
        pause = self.full if faces >= most else self.steady
        return since < 0.0 or since >= (self.empty if unseen or not faces else pause)


@dataclass(frozen=True)
class Answer:
    """What a look gave.

    Attributes
    ----------
    sighting : Sighting, optional
        None where the detector failed.
    seconds : float
        That it took.
    problem : Exception, optional
        Why it failed.
    """

    sighting: Sighting | None
    seconds: float
    problem: Exception | None = None


class Lookout(Protocol):
    """Asks a detector; one question at a time."""

    def ask(self, detector: Detector, picture: Bytes, boxes: Mapping[int, Box]) -> bool:
        """Have a picture looked at; False where the last is still being looked at.

        Parameters
        ----------
        detector : Detector
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        boxes : mapping of int to Box
            Of the faces that are followed in it, by their numbers.
        """
        ...

    def answer(self) -> Answer | None:
        """What the last look gave, once."""
        ...

    def forget(self) -> None:
        """Let nothing come of what was asked until now."""
        ...

    def close(self) -> None:
        """End for good."""
        ...


class InTurn:
    """A lookout that looks while it is asked.

    Parameters
    ----------
    least_score : float
    """

    def __init__(self, least_score: float = LEAST_SCORE) -> None:
        self._least_score = least_score
        self._answer: Answer | None = None

    def ask(self, detector: Detector, picture: Bytes, boxes: Mapping[int, Box]) -> bool:
        self._answer = _looked(detector, picture, boxes, self._least_score)
        return True

    def answer(self) -> Answer | None:
        given, self._answer = self._answer, None
        return given

    def forget(self) -> None:
        self._answer = None

    def close(self) -> None:
        self._answer = None


class Beside:
    """A lookout with a thread of its own, which sleeps until it is asked.

    After a look it rests for as long as that took, so that a slow detector leaves room for the
    rest.

    Parameters
    ----------
    least_score : float
    """

    def __init__(self, least_score: float = LEAST_SCORE) -> None:
        self._least_score = least_score
        self._change = threading.Condition()
        self._question: tuple[Detector, Bytes, Mapping[int, Box]] | None = None
        self._looking = False
        self._wanted = True
        self._answer: Answer | None = None
        self._rested = 0.0
        self._closed = False
        self._thread: threading.Thread | None = None

    def ask(self, detector: Detector, picture: Bytes, boxes: Mapping[int, Box]) -> bool:
        with self._change:
            if self._closed or self._question is not None or self._looking:
                return False
            if time.monotonic() < self._rested:
                return False
            self._question, self._wanted = (detector, picture, boxes), True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live detector", daemon=True)
                self._thread.start()
            self._change.notify_all()
        return True

    def answer(self) -> Answer | None:
        with self._change:
            given, self._answer = self._answer, None
        return given

    def forget(self) -> None:
        with self._change:
            self._question = self._answer = None
            self._wanted = False

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._question = self._answer = None
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(JOIN)

    def _run(self) -> None:
        give_way()
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closed or self._question is not None)
                if self._closed or self._question is None:
                    return
                question, self._question = self._question, None
                self._looking = True
            given = _looked(*question, self._least_score)
            del question
            with self._change:
                self._looking = False
                self._rested = time.monotonic() + given.seconds
                if self._wanted and not self._closed:
                    self._answer = given


def _looked(
    detector: Detector, picture: Bytes, boxes: Mapping[int, Box], least_score: float
) -> Answer:
    begun = time.perf_counter()
    answer = Answer(None, 0.0)
    try:
        answer = replace(answer, sighting=Sighting(detector.detect(picture, least_score), boxes))
    except Exception as problem:
        answer = replace(answer, problem=problem)
    return replace(answer, seconds=time.perf_counter() - begun)
