"""How well boxes are found: overlaps, suppression, recall beside false boxes in a picture.

The figure is that of free-response curves: which share of the faces is found at a threshold that
lets a given number of false boxes through in a picture (as in FDDB, Jain and Learned-Miller 2010).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

MATCHED: Final = 0.5
"""Overlap from which a box is that of a face."""


def overlaps(first: Floats, second: Floats) -> NDArray[np.float64]:
    """Area shared over area covered of boxes x, y, w, h, (A, 4) and (B, 4), shape (A, B)."""
    a, b = np.asarray(first, float).reshape(-1, 1, 4), np.asarray(second, float).reshape(1, -1, 4)
    start = np.maximum(a[..., :2], b[..., :2])
    end = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = np.clip(end - start, 0.0, None).prod(axis=-1)
    both = a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - shared
    return np.asarray(shared / np.maximum(both, 1e-12))


def suppressed(boxes: Floats, scores: Floats, most: float = 0.4) -> NDArray[np.intp]:
    """Numbers of the boxes that stay, best first, where none overlaps a better one by more."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    shared = overlaps(boxes, boxes)
    kept: list[int] = []
    for k in order:
        if all(shared[k, j] <= most for j in kept):
            kept.append(int(k))
    return np.array(kept, np.intp)


@dataclass
class DetectionFigures:
    """Gathers pictures one by one.

    Attributes
    ----------
    matched : float
        Overlap from which a box is that of a face.
    """

    matched: float = MATCHED
    pictures: int = 0
    faces: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)

    def add(
        self, boxes: Floats, scores: Floats, truth: Floats, unsure: Floats | None = None
    ) -> None:
        """A picture's boxes, suppressed already.

        Parameters
        ----------
        boxes : ndarray, shape (N, 4)
            x, y, w, h.
        scores : ndarray, shape (N,)
        truth : ndarray, shape (F, 4)
            Boxes of all faces.
        unsure : ndarray, shape (U, 4), optional
            Places where a box is neither right nor wrong.
        """
        self.pictures += 1
        order = np.argsort(-np.asarray(scores), kind="stable")
        shared = overlaps(np.asarray(boxes)[order], truth)
        found = np.full(len(shared.T), -np.inf)
        doubtful = None
        if unsure is not None and len(unsure):
            doubtful = _inside(np.asarray(boxes)[order], unsure).max(axis=1) >= 0.5
        for row, k in enumerate(order):
            free = np.where(np.isneginf(found), shared[row], -1.0)
            best = int(free.argmax()) if free.size else -1
            if best >= 0 and free[best] >= self.matched:
                found[best] = scores[k]
            elif doubtful is None or not doubtful[row]:
                self.wrong.append(float(scores[k]))
        self.faces += found.tolist()

    def threshold(self, false_rate: float) -> float:
        """Lowest score at which no more false boxes come in a picture than this, on the mean."""
        allowed = int(false_rate * self.pictures + 1e-9)
        worst = sorted(self.wrong, reverse=True)
        if len(worst) <= allowed:
            return 0.0
        return float(np.nextafter(worst[allowed], np.inf))

    def recall(self, threshold: float) -> float:
        """Share of the faces found at this score or a higher one; nan without faces."""
        if not self.faces:
            return float("nan")
        return float(np.mean(np.asarray(self.faces) >= threshold))

    def false_rate(self, threshold: float) -> float:
        """False boxes in a picture at this score."""
        return sum(w >= threshold for w in self.wrong) / max(self.pictures, 1)

    def recalls(self, false_rates: Sequence[float]) -> list[float]:
        """Recall at each of these rates."""
        return [self.recall(self.threshold(rate)) for rate in false_rates]


def _inside(boxes: Floats, places: Floats) -> NDArray[np.float64]:
    """Share of each box (A, 4) that lies in each place (B, 4), shape (A, B)."""
    a, b = np.asarray(boxes, float)[:, None], np.asarray(places, float)[None]
    start = np.maximum(a[..., :2], b[..., :2])
    end = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = np.clip(end - start, 0.0, None).prod(axis=-1)
    return np.asarray(shared / np.maximum(a[..., 2:].prod(axis=-1), 1e-12))


def joined(figures: Iterable[DetectionFigures]) -> DetectionFigures:
    """All pictures of several sets as one."""
    whole = DetectionFigures()
    for part in figures:
        whole.matched = part.matched
        whole.pictures += part.pictures
        whole.faces += part.faces
        whole.wrong += part.wrong
    return whole
