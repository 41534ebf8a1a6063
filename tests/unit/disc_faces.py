"""Faces that are discs, and programs that find them in pictures as networks find faces."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.crop import Crop
from inference.detector import LEAST_SCORE
from inference.face import Look
from inference.results import Box, Detection

Bytes = NDArray[np.uint8]

OUTLINE = np.array(
    [[np.cos(a), np.sin(a)] for a in np.linspace(0.0, 2.0 * np.pi, 68, endpoint=False)]
)
"""The 68 points of a disc of radius 1."""


def picture(
    discs: Sequence[tuple[float, float, float]], size: tuple[int, int] = (320, 240)
) -> Bytes:
    """White discs (x, y, radius) on black."""
    drawn = np.zeros((size[1], size[0], 3), np.uint8)
    for x, y, radius in discs:
        centre = round(x * 16), round(y * 16)
        cv2.circle(drawn, centre, round(radius * 16), (255, 255, 255), -1, cv2.LINE_AA, 4)
    return drawn


class DiscLandmarker:
    """Finds the disc in the middle of a crop by the moments of what is bright.

    Attributes
    ----------
    looks : list of int
        How many crops were looked at each time.
    """

    def __init__(self, size: int = 64, presence: bool = True, shift: float = 0.0) -> None:
        self.size = size
        self.looks: list[int] = []
        self._tells = presence
        self._shift = shift

    def around(self, box: Box) -> Crop:
        return Crop.around(box.as_tuple(), self.size)

    def closer(self, look: Look) -> Crop:
        return self.around(Box.of_points(look.outlined))

    def look(self, picture: Bytes, crops: Sequence[Crop]) -> list[Look]:
        self.looks.append(len(crops))
        return [self._look(picture, crop) for crop in crops]

    def _look(self, picture: Bytes, crop: Crop) -> Look:
        light = crop.cut(picture)[..., 0]
        _, parts = cv2.connectedComponents((light > 127).astype(np.uint8))
        bright = (light > 127) & (parts == parts[self.size // 2, self.size // 2])
        share = float(bright.mean())
        rows, columns = np.nonzero(bright)
        if len(rows):
            middle = (np.array([columns.mean(), rows.mean()]) + 0.5) / self.size - 0.5
        else:
            middle = np.zeros(2)
        radius = np.sqrt(max(share, 1e-3) / np.pi)
        units = np.zeros((68, 3), np.float32)
        units[:, :2] = OUTLINE * radius + middle
        placed = crop.to_picture(units).astype(np.float32)
        placed[:, 0] += self._shift
        presence = min(share / 0.2, 1.0) if self._tells else None
        return Look(placed, placed, None, np.eye(3, dtype=np.float32), presence)


class DiscDetector:
    """Finds all discs of a picture.

    Attributes
    ----------
    calls : int
    """

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, picture: Bytes, least_score: float = LEAST_SCORE) -> tuple[Detection, ...]:
        self.calls += 1
        bright = (picture[..., 0] > 127).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(bright)
        order = sorted(range(1, count), key=lambda k: -stats[k, cv2.CC_STAT_AREA])
        return tuple(Detection(Box(*(float(v) for v in stats[k, :4])), 0.9) for k in order)
