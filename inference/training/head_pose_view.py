"""Crops with the axes of the head, as true and as found."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

ZOOM: Final = 3
LENGTH: Final = 0.38
"""Of an axis over the side of the crop."""

_SHIFT: Final = 4
_AXES: Final = (
    ((1.0, 0.0, 0.0), (235, 70, 60)),
    ((0.0, -1.0, 0.0), (70, 200, 80)),
    ((0.0, 0.0, -1.0), (90, 140, 255)),
)
"""To the head's left, up and out of the face, in the camera's axes at zero pose, with colours."""


def pose_sheet(pictures: Bytes, truth: Floats, found: Floats, columns: int = 4) -> Bytes:
    """A table of crops; what was found is drawn in full colour over the truth in white.

    Parameters
    ----------
    pictures : ndarray, shape (B, S, S, 3), uint8
        RGB.
    truth, found : ndarray, shape (B, 3, 3)
        Rotations of the heads in the camera's axes.
    columns : int

    Returns
    -------
    ndarray, shape (rows·S·3, columns·S·3, 3), uint8
    """
    edge = pictures.shape[1] * ZOOM
    rows = -(-len(pictures) // columns)
    sheet = np.zeros((rows * edge, columns * edge, 3), np.uint8)
    for k, picture in enumerate(pictures):
        large = cv2.resize(picture, (edge, edge), interpolation=cv2.INTER_CUBIC)
        _draw(large, truth[k], 5, white=True)
        _draw(large, found[k], 2, white=False)
        y, x = k // columns * edge, k % columns * edge
        sheet[y : y + edge, x : x + edge] = large
    return sheet


def _draw(picture: Bytes, rotation: Floats, width: int, white: bool) -> None:
    """The three axes, the farthest first."""
    middle = np.full(2, picture.shape[0] / 2.0)
    ends = [(rotation @ np.array(axis), colour) for axis, colour in _AXES]
    for end, colour in sorted(ends, key=lambda e: -float(e[0][2])):
        tip = middle + end[:2] * LENGTH * picture.shape[0]
        points = [tuple(int(v) for v in (p * (1 << _SHIFT)).round()) for p in (middle, tip)]
        ink = (255, 255, 255) if white else colour
        cv2.line(picture, points[0], points[1], ink, width, cv2.LINE_AA, _SHIFT)
