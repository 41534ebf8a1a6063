"""One picture with everything that networks are taught from it, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIDE: Final = 256
"""Edge of the pictures in pixels."""

TOPOLOGIES: Final = ("dense-520", "ibug-68-outline")
"""Whose landmarks a sample holds, one after the other; the second are the 68 of iBUG with 0 to 16
on the visible outline of the face."""
DENSE: Final = slice(0, 520)
OUTLINED: Final = slice(520, 588)
POINTS: Final = 588


@dataclass(frozen=True)
class Traits:
    """Of the person shown, as far as figures are told by groups.

    Attributes
    ----------
    skin_tone : float
        0 lightest to 1 darkest.
    age : float
        Years.
    gender : float
        0 male to 1 female.
    glasses, beard, hat : bool
    """

    skin_tone: float
    age: float
    gender: float
    glasses: bool
    beard: bool
    hat: bool


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture and its ground truth.

    Pixels have (0, 0) at the centre of the top-left one; x right, y down, z away from the camera.

    Attributes
    ----------
    picture : ndarray, shape (256, 256, 3), uint8
        RGB.
    segments : ndarray, shape (256, 256), uint8
        Index into `app.scene.segments.SEGMENTS`.
    depth : ndarray, shape (256, 256), float32, metres
        Along the camera's axis from the head centre, away positive; +inf where no person is.
    points : ndarray, shape (588, 3), float32, pixels
        Of `TOPOLOGIES`; z is the distance from the head centre along the camera's axis, in pixels
        at the head centre's distance.
    visible : ndarray of bool, shape (588,)
    rotation : ndarray, shape (3, 3), float32
        Of the head in the camera's axes, the identity where it faces the camera upright.
    angles : ndarray, shape (3,), float32
        Yaw, pitch and roll in degrees, ``pose_para``.
    centre : ndarray, shape (2,), float32, pixels
        Of the head centre.
    distance : float
        Metres of the head centre along the camera's axis.
    focal : float
        Focal length in pixels.
    person : int
        Number of the person, unique among all shards.
    traits : Traits
    backdrop : str
        Kind of the background.
    """

    picture: Bytes
    segments: Bytes
    depth: Floats
    points: Floats
    visible: NDArray[np.bool_]
    rotation: Floats
    angles: Floats
    centre: Floats
    distance: float
    focal: float
    person: int
    traits: Traits
    backdrop: str


_TO_CAMERA: Final[Array] = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""World axes of a camera that looks along +Y upright to x right, y down, z away."""


def rotation_in_camera(seen: Array) -> Array:
    """Rotation of the head in the camera's axes (x right, y down, z away), shape (3, 3).

    Parameters
    ----------
    seen : ndarray, shape (3, 3)
        From `app.scene.annotations.seen_rotation`.
    """
    return np.asarray(_TO_CAMERA @ np.asarray(seen) @ _TO_CAMERA.T)


def rotation_as_seen(rotation: Array) -> Array:
    """The inverse of `rotation_in_camera`, for the conversions of `app.geometry.rotations`."""
    return np.asarray(_TO_CAMERA.T @ np.asarray(rotation) @ _TO_CAMERA)


def held_out(people: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which people are kept from training: one in twenty, by their numbers alone."""
    mixed = (np.asarray(people, np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    return np.asarray(mixed % np.uint64(20) == 0)


def relative_points(pixels: Array, distances: Array, centre: float, focal: float) -> Floats:
    """Pixels (L, 2) with their distances from the head centre in pixels, shape (L, 3).

    Parameters
    ----------
    distances : ndarray, shape (L,), metres
        Along the camera's axis.
    centre : float
        That of the head centre.
    focal : float
        Focal length in pixels.
    """
    z = (np.asarray(distances) - centre) * focal / centre
    return np.asarray(np.concatenate([pixels, z[:, None]], axis=1), np.float32)
