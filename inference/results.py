"""What is found in a picture, as plain arrays in the pixels of that picture.

Pixels have (0, 0) at the centre of the top-left one, x right, y down; z points away from the
camera, is 0 at the head centre and has the unit of x and y.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import rotation_as_seen
from app.geometry.rotations import Angles, nearest_rotation, pose_para_from_matrix

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

HeadAngles = Angles
"""Yaw, pitch and roll in degrees, ``pose_para``, where a head's pose is told in this package."""


@dataclass(frozen=True)
class Box:
    """A tight box about the 68 points of a face with the visible outline, pixels."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def of_points(cls, points: Floats) -> Box:
        """The tight box of points (L, 2) or (L, 3)."""
        least, most = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        return cls(*(float(v) for v in (*least, *(most - least))))

    def as_tuple(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.width, self.height


@dataclass(frozen=True)
class Detection:
    """A box with how sure the detector is of it, 0 to 1."""

    box: Box
    score: float


@dataclass(frozen=True, eq=False)
class Face:
    """One face.

    Attributes
    ----------
    box : Box
        From the detector or from the user.
    score : float
        The detector's, 0 to 1; for a given box the network's own belief that it holds a face.
    landmarks_68 : ndarray, shape (68, 3), float32, pixels
        iBUG-68 with the visible outline.
    landmarks_520 : ndarray, shape (520, 3), float32, pixels, optional
        dense-520 in its own order; none where the model does not give it.
    sigma_520 : ndarray, shape (520,), float32, pixels, optional
        Expected deviation of one coordinate of each of them.
    sigma_68 : ndarray, shape (68,), float32, pixels, optional
        The same of the 68 points.
    head_pose : HeadAngles, optional
        Degrees, ``pose_para``.
    rotation : ndarray, shape (3, 3), float32, optional
        Of the head in the camera's axes (x right, y down, z away).
    presence : float, optional
        The network's belief that the box holds a face, 0 to 1.
    """

    box: Box
    score: float
    landmarks_68: Floats
    landmarks_520: Floats | None = None
    sigma_520: Floats | None = None
    sigma_68: Floats | None = None
    head_pose: HeadAngles | None = None
    rotation: Floats | None = None
    presence: float | None = None


@dataclass(frozen=True)
class HandsOnWheel:
    """Probabilities that the left and the right hand hold the wheel."""

    left: float
    right: float


@dataclass(frozen=True)
class FrameResult:
    """What is found in one picture, or in one frame of a video.

    Attributes
    ----------
    source : str
        Name of the file.
    frame : int
        From 0; always 0 for a picture.
    faces : tuple of Face
    hands_on_wheel : HandsOnWheel, optional
        None where it was not asked for.
    """

    source: str
    frame: int
    faces: tuple[Face, ...]
    hands_on_wheel: HandsOnWheel | None = None


def head_angles(rotation: NDArray[np.floating[Any]]) -> HeadAngles:
    """``pose_para`` angles of a head's rotation (3, 3) in the camera's axes."""
    return pose_para_from_matrix(nearest_rotation(rotation_as_seen(np.asarray(rotation, float))))
