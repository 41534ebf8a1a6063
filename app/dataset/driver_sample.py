"""One picture of a driver with what networks are taught from it, as plain arrays."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.dataset.driver_files import NAMES, read_driver_annotation
from app.dataset.driver_truth import SIDES
from app.files import read_bytes
from app.geometry.rotations import Array
from app.scene.hands_on_wheel import HandState
from app.scene.solids import SEGMENTS

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

ON: Final = 1
OFF: Final = 0
UNCERTAIN: Final = -1
STATES: Final[dict[HandState, int]] = {"on": ON, "off": OFF, "uncertain": UNCERTAIN}
"""States of a hand as numbers; uncertain ones are neither trained on nor scored."""

HELD_OUT_EVERY: Final = 5
"""Of so many drivers in turn the last is kept from training."""

_DRIVERS: Final = 10_000
"""More than a data set has."""
_RIM: Final = 96
"""Points of the rim by which its box is told."""
_NEAREST: Final = 0.03
"""Metres from the camera at which a point can still be seen."""
_PICTURE_LIMIT: Final = 32 * 2**20


class DriverSampleError(ValueError):
    """A picture's files cannot be used; the message is one line."""


@dataclass(frozen=True)
class DriverFacts:
    """What figures are told by.

    Attributes
    ----------
    person : int
        Unique among data sets of different seeds; see `person_of`.
    sequence, number : int
        Of the data set.
    time : float
        Seconds from the beginning of the sequence.
    """

    person: int
    sequence: int
    number: int
    time: float
    behaviour: str
    light: str
    infra_red: bool
    car: str
    right_hand_drive: bool
    mount: str


@dataclass(frozen=True, eq=False)
class DriverSample:
    """A picture and its truth; of both hands the left one, as the driver has it, comes first.

    Pixels have (0, 0) at the centre of the top-left one; x right, y down.

    Attributes
    ----------
    picture : ndarray, shape (H, W, 3), uint8
        RGB.
    segments : ndarray, shape (H, W), uint8
        Places in `app.scene.solids.SEGMENTS`.
    wheel : ndarray, shape (4,), float32, pixels
        Tight box of the rim, x, y, width, height; it may reach beyond the picture.
    hands : ndarray, shape (2, 21, 2), float32, pixels
        Key points; NaN where they lie behind the camera.
    states : ndarray of int8, shape (2,)
        `ON`, `OFF` or `UNCERTAIN`.
    distances : ndarray, shape (2,), float32, metres
        Of the hands to the rim.
    shown : ndarray of int32, shape (2,)
        Pixels of the hands in the mask.
    facts : DriverFacts
    """

    picture: Bytes
    segments: Bytes
    wheel: Floats
    hands: Floats
    states: NDArray[np.int8]
    distances: Floats
    shown: NDArray[np.int32]
    facts: DriverFacts


def person_of(seed: int, driver: str) -> int:
    """A number for ``driver_0001`` of a data set of a seed; other seeds have other people."""
    return seed * _DRIVERS + int(driver.rpartition("_")[2]) - 1


def held_out_drivers(people: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Who is kept from training: every fifth driver of a data set, by the numbers alone.

    Parameters
    ----------
    people : ndarray of int
        From `person_of`.
    """
    own = np.asarray(people, np.int64) % _DRIVERS
    return np.asarray(own % HELD_OUT_EVERY == HELD_OUT_EVERY - 1)


def wheel_box(wheel: Mapping[str, Any], intrinsics: Array) -> Floats:
    """Tight box of a rim in the picture, shape (4,): x, y, width, height, pixels.

    The rim's middle line goes through its twelve key points; between them it is the trigonometric
    interpolation of these, which is exact for a circle. About it, the rim is as thick as its
    section, seen from the distance of each point.

    Parameters
    ----------
    wheel : mapping
        ``wheel`` of an annotation.
    intrinsics : ndarray, shape (3, 3)

    Raises
    ------
    DriverSampleError
        When no part of the rim lies before the camera.
    """
    points = np.asarray(wheel["points"]["camera"], float)[1:]
    waves = np.fft.rfft(points, axis=0)
    turns = np.arange(_RIM)[:, None] / _RIM
    count = len(points)
    weights = np.full(len(waves), 2.0 / count)
    weights[[0, -1]] = 1.0 / count
    angles = 2.0 * np.pi * turns * np.arange(len(waves))
    rim = np.cos(angles) @ (weights[:, None] * waves.real)
    rim -= np.sin(angles) @ (weights[:, None] * waves.imag)
    rim = rim[rim[:, 2] > _NEAREST]
    if not len(rim):
        raise DriverSampleError("the wheel lies behind the camera")
    pixels = rim[:, :2] / rim[:, 2:]
    pixels = pixels * [intrinsics[0][0], intrinsics[1][1]] + [intrinsics[0][2], intrinsics[1][2]]
    reach = float(wheel["thickness"]) * intrinsics[0][0] / rim[:, 2:]
    low, high = (pixels - reach).min(axis=0), (pixels + reach).max(axis=0)
    return np.asarray([*low, *(high - low)], np.float32)


def clipped(box: Floats, width: int, height: int) -> Floats:
    """The part of a box that lies in a picture, shape (4,); it may be empty."""
    x, y, w, h = (float(v) for v in box)
    left, right = (min(max(v, -0.5), width - 0.5) for v in (x, x + w))
    top, bottom = (min(max(v, -0.5), height - 0.5) for v in (y, y + h))
    return np.array([left, top, right - left, bottom - top], np.float32)


def read_driver_sample(root: Path, folder: str, id_: str, seed: int) -> DriverSample:
    """A picture of a data set as ``generate-driver`` wrote it.

    Raises
    ------
    DriverSampleError, DriverAnnotationError
        When a file is damaged.
    OSError
    """
    picture, segments, content = read_encoded(root, folder, id_)
    return decoded(picture, segments, content, seed)


def read_encoded(root: Path, folder: str, id_: str) -> tuple[bytes, bytes, dict[str, Any]]:
    """Its picture and mask as they lie in the files, and its annotation.

    Raises
    ------
    DriverAnnotationError
    OSError
    """

    def path(kind: str) -> Path:
        prefix, suffix = NAMES[kind]
        return root / folder / f"{prefix}_{id_}.{suffix}"

    content, _ = read_driver_annotation(path("annotation"))
    picture = read_bytes(path("color"), _PICTURE_LIMIT)
    return picture, read_bytes(path("mask"), _PICTURE_LIMIT), content


def decoded(picture: bytes, segments: bytes, content: Mapping[str, Any], seed: int) -> DriverSample:
    """A sample from the bytes of its files and its annotation.

    Raises
    ------
    DriverSampleError
    """
    try:
        hands = [content["hands"][name] for name in SIDES]
        points = [
            [[np.nan, np.nan] if p is None else p for p in one["points"]["pixels"]] for one in hands
        ]
        facts = DriverFacts(
            person_of(seed, content["driver"]),
            content["sequence"],
            content["number"],
            content["time"],
            content["behaviour"],
            content["light"],
            content["infra_red"],
            content["car"],
            content["right_hand_drive"],
            content["camera"]["mount"],
        )
        box = wheel_box(content["wheel"], np.asarray(content["camera"]["intrinsics"], float))
        states = [STATES[one["state"]] for one in hands]
        distances = [one["distance"] for one in hands]
        shown = [one["pixels"] for one in hands]
    except (KeyError, TypeError, IndexError) as problem:
        raise DriverSampleError(f"the annotation lacks {problem}") from None
    return DriverSample(
        decode_picture(picture),
        decode_segments(segments),
        box,
        np.array(points, np.float32),
        np.array(states, np.int8),
        np.array(distances, np.float32),
        np.array(shown, np.int32),
        facts,
    )


def decode_picture(data: bytes) -> Bytes:
    """RGB from a file's bytes.

    Raises
    ------
    DriverSampleError
    """
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if found is None:
        raise DriverSampleError("the picture is damaged")
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


def decode_segments(data: bytes) -> Bytes:
    """A mask's values from a file's bytes, which have a palette.

    Raises
    ------
    DriverSampleError
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as file:
            found = np.asarray(file)
    except (OSError, ValueError, SyntaxError):
        raise DriverSampleError("the mask is damaged") from None
    if found.ndim != 2 or found.dtype != np.uint8 or int(found.max()) >= len(SEGMENTS):
        raise DriverSampleError("the mask holds other values than those of its kinds")
    return found
