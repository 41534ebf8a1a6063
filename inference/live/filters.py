"""Landmarks and head pose made steady while they rest and quick while they move.

Source: G. Casiez, N. Roussel and D. Vogel, *1€ Filter: a simple speed-based low-pass filter for
noisy input in interactive systems*, CHI 2012, algorithm 1. Two things differ. Speeds are norms of
vectors, one for each point and one for a rotation, so that the answer does not depend on the axes;
those of points are told in sizes of the face, so that it does not depend on the distance either.
And they are differences of what came in, not of what went out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import rotation_in_camera
from app.geometry.rotations import (
    angle_between,
    matrix_from_pose_para,
    matrix_from_rotation_vector,
    rotation_vector,
)
from inference.results import Box, Face, Floats, head_angles

Array = NDArray[np.float64]

LONGEST_GAP: Final = 0.5
"""Seconds without a value after which the next one is taken as it is."""

LONGEST_LEAP: Final = 0.4
"""Sizes of the face that its points may move from one frame to the next and still be filtered."""

LARGEST_TURN: Final = 40.0
"""Degrees, the same of a head."""

DEFAULT_STRENGTH: Final = 0.5


@dataclass(frozen=True)
class Tuning:
    """How a filter trades steadiness for delay.

    Attributes
    ----------
    least_cutoff : float
        Hz, of what rests; lower is steadier.
    slope : float
        Hz by which the cut-off grows for each unit a second; higher follows faster.
    speed_cutoff : float
        Hz, of the speed itself.
    """

    least_cutoff: float
    slope: float
    speed_cutoff: float = 1.0


def point_tuning(strength: float) -> Tuning | None:
    """For points in sizes of the face; none for a strength of 0, which leaves them as they are.

    Parameters
    ----------
    strength : float
        0 to 1.
    """
    return _tuning(strength, POINT_SLOPE)


def turn_tuning(strength: float) -> Tuning | None:
    """The same for rotations in radians."""
    return _tuning(strength, TURN_SLOPE)


LIGHT_CUTOFF: Final = 4.0
FIRM_CUTOFF: Final = 0.1
"""Hz at rest, for strengths just above 0 and for 1."""

POINT_SLOPE: Final = 20.0
TURN_SLOPE: Final = 10.0


def _tuning(strength: float, slope: float) -> Tuning | None:
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"the strength of a filter is between 0 and 1, not {strength}")
    if strength == 0.0:
        return None
    return Tuning(LIGHT_CUTOFF * (FIRM_CUTOFF / LIGHT_CUTOFF) ** strength, slope)


def smoothing(cutoff: Any, step: float) -> Any:
    """The share of a new value in an exponential mean: 1 / (1 + τ / step), τ = 1 / (2π cutoff).

    Parameters
    ----------
    cutoff : float or ndarray
        Hz.
    step : float
        Seconds since the last value.
    """
    turns = 2.0 * math.pi * cutoff * step
    return turns / (1.0 + turns)


class PointFilter:
    """The filter on an array of points.

    Attributes
    ----------
    tuning : Tuning
        May be changed at any time.
    """

    def __init__(self, tuning: Tuning) -> None:
        self.tuning = tuning
        self._last: Floats | None = None
        self._speed: Floats | None = None
        self._kept: Floats | None = None

    def apply(self, points: Floats, step: float, size: float = 1.0) -> Floats:
        """Points made steady.

        Parameters
        ----------
        points : ndarray, shape (P, D)
        step : float
            Seconds since the last ones, above 0; of no matter for the first.
        size : float
            What speeds are told in, in the unit of the points.
        """
        if self._last is None or self._speed is None or self._kept is None:
            self._speed = np.zeros_like(points)
            self._last = self._kept = np.array(points)
            return np.array(points)
        tuning = self.tuning
        moved = (points - self._last) / np.float32(step)
        self._speed += np.float32(smoothing(tuning.speed_cutoff, step)) * (moved - self._speed)
        speed = np.sqrt(np.einsum("pd,pd->p", self._speed, self._speed)) / np.float32(size)
        share = smoothing(tuning.least_cutoff + tuning.slope * speed, step)
        self._kept = self._kept + np.asarray(share, np.float32)[:, None] * (points - self._kept)
        self._last = np.array(points)
        return np.array(self._kept)


class TurnFilter:
    """The filter on a rotation: along the shortest arc, its speed the length of the angular one.

    Attributes
    ----------
    tuning : Tuning
        May be changed at any time.
    """

    def __init__(self, tuning: Tuning) -> None:
        self.tuning = tuning
        self._last: Array | None = None
        self._speed = np.zeros(3)
        self._kept: Array | None = None

    def apply(self, rotation: Array, step: float) -> Array:
        """A rotation made steady.

        Parameters
        ----------
        rotation : ndarray, shape (3, 3)
        step : float
            Seconds since the last one, above 0; of no matter for the first.
        """
        given = np.asarray(rotation, np.float64)
        if self._last is None or self._kept is None:
            self._last = self._kept = given.copy()
            return given.copy()
        tuning = self.tuning
        turned = rotation_vector(given @ self._last.T) / step
        self._speed += smoothing(tuning.speed_cutoff, step) * (turned - self._speed)
        cutoff = tuning.least_cutoff + tuning.slope * float(np.linalg.norm(self._speed))
        ahead = rotation_vector(given @ self._kept.T) * smoothing(cutoff, step)
        self._kept = matrix_from_rotation_vector(ahead) @ self._kept
        self._last = given.copy()
        return self._kept.copy()


class FaceFilter:
    """The filter on all that is found of one face.

    It begins anew where the time goes back or stands for long, where the face leaps or turns as
    none does, and where the model gives other points than before. Deviations, scores and presence
    pass as they are; the box is that of the filtered 68 points.

    Parameters
    ----------
    strength : float
        0, which leaves everything as it is, to 1.
    """

    def __init__(self, strength: float = DEFAULT_STRENGTH) -> None:
        self._strength = strength
        self.reset()
        _tuning(strength, POINT_SLOPE)

    @property
    def strength(self) -> float:
        return self._strength

    @strength.setter
    def strength(self, value: float) -> None:
        points, turn = point_tuning(value), turn_tuning(value)
        if points is None or turn is None:
            self.reset()
        else:
            if self._points is not None:
                self._points.tuning = points
            if self._turn is not None:
                self._turn.tuning = turn
        self._strength = value

    @property
    def last(self) -> Face | None:
        """What was given last, if that was filtered."""
        return self._filtered

    def reset(self) -> None:
        """Take the next face as it is."""
        self._points: PointFilter | None = None
        self._turn: TurnFilter | None = None
        self._raw: Face | None = None
        self._filtered: Face | None = None
        self._time = 0.0

    def apply(self, face: Face, time: float) -> Face:
        """A face made steady.

        Parameters
        ----------
        face : Face
        time : float
            Seconds, of the frame in which it was found. The same time as before gives what was
            given before.
        """
        points, turn = point_tuning(self._strength), turn_tuning(self._strength)
        if points is None or turn is None:
            return face
        step = time - self._time
        if self._raw is None or not 0.0 <= step <= LONGEST_GAP or _leapt(self._raw, face):
            self.reset()
            self._points, self._turn = PointFilter(points), TurnFilter(turn)
        elif step == 0.0 and self._filtered is not None:
            return self._filtered
        self._raw, self._time = face, time
        self._filtered = self._filter(face, step)
        return self._filtered

    def _filter(self, face: Face, step: float) -> Face:
        assert self._points is not None and self._turn is not None
        dense = face.landmarks_520
        outlined = face.landmarks_68
        together = outlined if dense is None else np.concatenate([outlined, dense])
        steady = self._points.apply(together, step, face_size(face))
        count = len(outlined)
        rotation, angles = face.rotation, face.head_pose
        given = rotation_of(face)
        if given is not None:
            turned = self._turn.apply(given, step)
            rotation = turned.astype(np.float32) if face.rotation is not None else None
            angles = head_angles(turned)
        return replace(
            face,
            box=Box.of_points(steady[:count]),
            landmarks_68=steady[:count],
            landmarks_520=None if dense is None else steady[count:],
            rotation=rotation,
            head_pose=angles,
        )


def rotation_of(face: Face) -> Array | None:
    """Rotation (3, 3) of a head in the camera's axes; from its angles where there is no other."""
    if face.rotation is not None:
        return np.asarray(face.rotation, np.float64)
    if face.head_pose is None:
        return None
    return np.asarray(rotation_in_camera(matrix_from_pose_para(face.head_pose)), np.float64)


def face_size(face: Face) -> float:
    """The longer side of the tight box about its 68 points, pixels, at least 1."""
    box = Box.of_points(face.landmarks_68)
    return max(box.width, box.height, 1.0)


def _leapt(last: Face, face: Face) -> bool:
    """Whether no face moves so far within a frame, or other things are told of it than before."""
    if (last.landmarks_520 is None) != (face.landmarks_520 is None):
        return True
    moved = np.linalg.norm(face.landmarks_68[:, :2] - last.landmarks_68[:, :2], axis=1)
    if float(np.median(moved)) > LONGEST_LEAP * face_size(last):
        return True
    before, now = rotation_of(last), rotation_of(face)
    if before is None or now is None:
        return before is not now
    return angle_between(before, now) > LARGEST_TURN
