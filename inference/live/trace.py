"""One number for every frame of a clip: error, uncertainty or confidence, as far as it was seen."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.evaluation.metrics import inter_ocular
from inference.live.outcome import LiveFace, LiveResult
from inference.live.truth import Truth, Truths

LONGEST: Final = 4_000_000
"""Places that are remembered: a day and a half at 30 a second."""

ANOTHER: Final = 0.5
"""Error from which on it is another face."""

NEVER, NO_FACE, KNOWN = 0, 1, 2
"""What is known of a place: not shown yet, no face there, a value."""


class Measure(StrEnum):
    ERROR = "error"
    """Mean distance to the true points over the distance of the eyes' outer corners."""
    SIGMA = "sigma"
    """Mean expected deviation of the 68 points over the same distance."""
    CONFIDENCE = "confidence"
    """Of the face, 0 to 1."""


class Trace:
    """What was found at each place of a source, of several faces the worst.

    Attributes
    ----------
    measure : Measure
        The most telling that is known: the error where there is truth, else σ, else confidence.
    version : int
        Counted up when something changes.
    """

    def __init__(self) -> None:
        self.version = 0
        self._truths: Truths = {}
        self.clear()

    def clear(self) -> None:
        """Forget everything but the truth."""
        self.measure = Measure.ERROR if self._truths else Measure.CONFIDENCE
        self._values = np.full(0, np.nan, np.float32)
        self._state = np.zeros(0, np.uint8)
        self.version += 1

    def set_truths(self, truths: Truths) -> None:
        """What the results are held against; the trace begins anew."""
        self._truths = truths
        self.clear()

    def add(self, result: LiveResult) -> None:
        """Remember a result; one without a place is passed over."""
        index = result.frame.index
        if index is None or not 0 <= index < LONGEST:
            return
        faces = [face for face in result.faces if face.seen]
        self._choose(faces)
        self._make_room(index + 1)
        truths = self._truths.get(result.frame.source) or self._truths.get(index, ())
        value = self._value(faces, truths)
        state = NO_FACE if not faces else KNOWN if np.isfinite(value) else NEVER
        same = np.array_equal(self._values[index], value, equal_nan=True)
        if self._state[index] != state or not same:
            self._values[index], self._state[index] = value, state
            self.version += 1

    def at(self, index: int) -> float:
        """The value at a place; NaN where none is known."""
        return float(self._values[index]) if 0 <= index < len(self._values) else float("nan")

    def seen(self, index: int) -> bool:
        """Whether a place was worked on."""
        return 0 <= index < len(self._state) and bool(self._state[index] != NEVER)

    def columns(self, count: int, length: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """The worst value and whether a face is missing, for each of ``count`` parts of a clip.

        Parameters
        ----------
        count : int
        length : int
            Frames of the whole clip.

        Returns
        -------
        values : ndarray, shape (count,), NaN where none is known
        missing : ndarray of bool, shape (count,)
        """
        values, missing = np.full(count, np.nan), np.zeros(count, np.bool_)
        known = min(len(self._values), length)
        if not known or count < 1:
            return values, missing
        places = np.arange(known) * count // length
        if length >= count:
            starts = np.flatnonzero(np.diff(places, prepend=-1))
            worst = np.fmin if self.measure is Measure.CONFIDENCE else np.fmax
            values[places[starts]] = worst.reduceat(self._values[:known], starts)
            gone = np.maximum.reduceat(self._state[:known] == NO_FACE, starts)
            missing[places[starts]] = gone
            return values, missing
        index = np.minimum(np.arange(count) * length // count, length - 1)
        there = index < known
        values[there] = self._values[index[there]]
        missing[there] = self._state[index[there]] == NO_FACE
        return values, missing

    def _make_room(self, length: int) -> None:
        if length > len(self._values):
            more = max(length, 2 * len(self._values), 256) - len(self._values)
            self._values = np.append(self._values, np.full(more, np.nan, np.float32))
            self._state = np.append(self._state, np.zeros(more, np.uint8))

    def _choose(self, faces: list[LiveFace]) -> None:
        """σ goes before confidence as soon as the model tells it."""
        if self.measure is Measure.CONFIDENCE and any(f.raw.sigma_68 is not None for f in faces):
            self.clear()
            self.measure = Measure.SIGMA

    def _value(self, faces: list[LiveFace], truths: tuple[Truth, ...]) -> np.float32:
        if self.measure is Measure.ERROR:
            values = _errors(faces, truths)
        elif self.measure is Measure.SIGMA:
            values = [_sigma(face) for face in faces]
        else:
            values = [face.confidence for face in faces]
        known = [v for v in values if np.isfinite(v)]
        worst = min if self.measure is Measure.CONFIDENCE else max
        return np.float32(worst(known) if known else np.nan)


def _errors(faces: list[LiveFace], truths: tuple[Truth, ...]) -> list[float]:
    """Of every true face that was found, the error of the one that lies nearest."""
    if not faces:
        return []
    nearest = [min(truth.error(face.raw) for face in faces) for truth in truths]
    return [error for error in nearest if error < ANOTHER]


def _sigma(face: LiveFace) -> float:
    sigma = face.raw.sigma_68
    size = float(inter_ocular(face.raw.landmarks_68[:, :2]))
    return float("nan") if sigma is None or not size > 0.0 else float(sigma.mean()) / size
