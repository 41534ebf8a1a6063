"""The square cut out of a picture that a network looks at, and the way back.

Frames
------
picture pixels
    (0, 0) is the centre of the top-left pixel, x right, y down.
crop units
    (0, 0) is the middle of the square, its sides lie at −0.5 and 0.5; z in the same unit.
    Pixel p of a crop of S×S pixels has its centre at ``(p + 0.5) / S − 0.5``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

CROP_SCALE: Final = 1.4
"""Side of a face's crop over the longer side of its box."""

MOST_SAMPLES: Final = 16
"""Picture pixels along one pixel of a crop that are looked at before some are left out."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Crop:
    """A square in a picture, and the size that it is resampled to.

    Attributes
    ----------
    centre : tuple of float
        Picture pixels.
    side : float
        Picture pixels.
    size : int
        Pixels along the side of the crop.
    angle : float
        Degrees by which the square is turned clockwise in the picture: a head that leans clockwise
        by as much stands upright in the crop.
    """

    centre: tuple[float, float]
    side: float
    size: int
    angle: float = 0.0

    @classmethod
    def around(
        cls, box: Sequence[float], size: int, scale: float = CROP_SCALE, angle: float = 0.0
    ) -> Crop:
        """The square about the middle of a box.

        Parameters
        ----------
        box : sequence of 4 floats
            x, y, width, height of the tight box about the face's points, picture pixels.
        size : int
            Pixels along the side of the crop.
        scale : float
            Side of the square over the longer side of the box.
        angle : float
            Degrees clockwise.

        Raises
        ------
        ValueError
            When the box has no extent or holds a number that is not finite.
        """
        x, y, width, height = (float(v) for v in box)
        side = scale * max(width, height)
        if not (math.isfinite(x + y + side) and min(width, height) >= 0.0 and side > 0.0):
            raise ValueError(f"the box {[x, y, width, height]} is not one of a face")
        return cls((x + width / 2.0, y + height / 2.0), side, size, angle)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Crop pixels to picture pixels, shape (2, 3)."""
        return self._matrix(self.size)

    def cut(self, picture: Bytes) -> Bytes:
        """The crop, each pixel the mean of what it covers; black beyond the picture.

        Parameters
        ----------
        picture : ndarray, shape (H, W, C) or (H, W), uint8

        Returns
        -------
        ndarray, shape (size, size, C) or (size, size), uint8
        """
        rows, columns = self._covered(picture.shape[0], picture.shape[1])
        part = picture[rows, columns]
        if part.size == 0:
            return np.zeros((self.size, self.size, *picture.shape[2:]), np.uint8)
        samples = min(max(math.ceil(self.side / self.size), 1), MOST_SAMPLES)
        matrix = self._matrix(self.size * samples)
        matrix[:, 2] -= columns.start, rows.start
        edge = self.size * samples
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(part, matrix, (edge, edge), flags=flags)
        if samples > 1:
            crop = cv2.resize(crop, (self.size, self.size), interpolation=cv2.INTER_AREA)
        return np.asarray(crop, dtype=np.uint8)

    def to_picture(self, points: Floats) -> Floats:
        """Crop units (..., 2) or (..., 3) to picture pixels; z grows by the side alone."""
        moved = np.asarray(points) * self.side
        moved[..., :2] = moved[..., :2] @ self._turn().T + self.centre
        return moved

    def to_unit(self, points: Floats) -> Floats:
        """Picture pixels (..., 2) or (..., 3) to crop units."""
        moved = np.array(points, dtype=np.result_type(points, np.float32))
        moved[..., :2] = (moved[..., :2] - self.centre) @ self._turn()
        return moved / self.side

    @property
    def turn(self) -> NDArray[np.float64]:
        """Rotation from the crop's axes to the picture's, shape (3, 3): x right, y down, z away."""
        c, s = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])

    def _turn(self) -> NDArray[np.float64]:
        return self.turn[:2, :2]

    def _matrix(self, edge: int) -> NDArray[np.float64]:
        turn = self._turn() * (self.side / edge)
        middle = np.full(2, (edge - 1) / 2.0)
        return np.column_stack([turn, np.array(self.centre) - turn @ middle])

    def _covered(self, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns of the picture that the square touches."""
        reach = self.side / 2.0 * float(np.abs(self._turn()[0]).sum()) + 2.0
        x, y = self.centre
        left, right = max(math.floor(x - reach), 0), min(math.ceil(x + reach) + 1, width)
        top, bottom = max(math.floor(y - reach), 0), min(math.ceil(y + reach) + 1, height)
        return slice(top, max(bottom, top)), slice(left, max(right, left))
