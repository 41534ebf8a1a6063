"""A model asked about every annotated face of some data."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.evaluation.annotated import Annotated, Box, Predicted, ReadingError
from app.evaluation.evaluation import Gathered
from app.evaluation.readers.data import Data
from inference.answers import Answerer, overlap
from inference.card import Card
from inference.sources import Boxes


@dataclass(frozen=True)
class Examinee:
    """What answers, and where it is made to look.

    Attributes
    ----------
    name : str
    answerer : Answerer
    boxes : Boxes, optional
        In place of the tight boxes about the true points.
    box_error : float
        Share of its size by which every box is moved and scaled at random, at most.
    how : str
        What else is to be known of the way it looks, in words.
    card : Card, optional
        Of the model, where it is one.
    """

    name: str
    answerer: Answerer
    boxes: Boxes | None = None
    box_error: float = 0.0
    how: str = ""
    card: Card | None = None

    def ask(self, face: Annotated) -> Predicted | None:
        """What is said of a face; None where it is not found.

        Raises
        ------
        ReadingError
            Where its picture cannot be seen, or no box is known.
        """
        box = shaken(self._box(face), self.box_error, face.source)
        try:
            return self.answerer.answer(face, face.picture(), box)
        except ReadingError:
            raise
        except ValueError as problem:
            raise ReadingError(f"{face.source}: {problem}") from None

    def _box(self, face: Annotated) -> Box:
        if self.boxes is None:
            return face.box
        name = face.source.replace("\\", "/")
        for key in (face.source, name, name.partition("#")[0], name.rpartition("/")[2]):
            given = [b.as_tuple() for b in self.boxes.by_name.get(key, ())]
            if given:
                return max(given, key=lambda b: overlap(b, face.box))
        raise ReadingError(f"{face.source} has no box in the file of boxes")


def shaken(box: Box, share: float, name: str) -> Box:
    """A box moved and scaled by up to a share of its size; the same for the same name."""
    if not share:
        return box
    chance = np.random.default_rng(zlib.crc32(name.encode(errors="replace")))
    right, down, scale = chance.uniform(-share, share, 3)
    x, y, width, height = box
    wide, high = width * (1.0 + scale), height * (1.0 + scale)
    left = x + width / 2.0 + right * width - wide / 2.0
    top = y + height / 2.0 + down * height - high / 2.0
    return float(left), float(top), float(wide), float(high)


def measure(
    examinee: Examinee, data: Data, stepped: Callable[[], None] = lambda: None
) -> tuple[Gathered, float]:
    """Ask about every face, and how many seconds the answers took.

    What cannot be read is added to the problems of the data.

    Raises
    ------
    ModelError
        When a network fails.
    """
    gathered = Gathered()
    seconds = 0.0
    for face in data.faces():
        try:
            start = time.perf_counter()
            told = examinee.ask(face)
            seconds += time.perf_counter() - start
            gathered.add(face, told)
        except ReadingError as problem:
            data.problems.append(str(problem))
        stepped()
    return gathered, seconds
