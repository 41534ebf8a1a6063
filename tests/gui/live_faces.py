"""Live results made of the mean head, turned as asked: what painting and canvas are tested with."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import rotation_in_camera
from app.geometry.rotations import Angles, matrix_from_pose_para
from app.topology.store import load
from inference.crop import Crop
from inference.depth import DepthMap
from inference.live.frames import Frame
from inference.live.outcome import LiveFace, LiveResult
from inference.results import Box, Face

GREY = 90
SIZE = (640, 480)


def mean_points(name: str) -> NDArray[np.float64]:
    """Of a topology on the mean head, in the camera's axes, metres, shape (L, 3)."""
    mean = np.array([mark.mean for mark in load(name).landmarks])
    return np.stack([mean[:, 0], -mean[:, 2], mean[:, 1]], axis=1)


def face_at(
    x: float = 320.0, y: float = 240.0, pixels: float = 1200.0, angles: Angles | None = None
) -> Face:
    """The mean head with its centre at a place, so many pixels a metre, turned."""
    pose = angles or Angles(0.0, 0.0, 0.0)
    rotation = np.asarray(rotation_in_camera(matrix_from_pose_para(pose)), np.float32)

    def placed(name: str) -> NDArray[np.float32]:
        points = mean_points(name) @ rotation.T * pixels
        return (points + np.array([x, y, 0.0])).astype(np.float32)

    fixed, dense = placed("ibug-68"), placed("dense-520")
    return Face(
        Box.of_points(fixed),
        0.99,
        fixed,
        dense,
        np.linspace(0.5, 8.0, 520, dtype=np.float32),
        np.linspace(0.5, 8.0, 68, dtype=np.float32),
        pose,
        rotation,
        0.99,
    )


def moved(face: Face, x: float, y: float) -> Face:
    """The same face elsewhere."""
    shift = np.array([x, y, 0.0], np.float32)
    box = replace(face.box, x=face.box.x + x, y=face.box.y + y)
    dense = None if face.landmarks_520 is None else face.landmarks_520 + shift
    return replace(face, box=box, landmarks_68=face.landmarks_68 + shift, landmarks_520=dense)


def depth_over(face: Face, metres: float = -0.08, side: int = 96) -> DepthMap:
    """A flat map over a face."""
    crop = Crop.around(face.box.as_tuple(), side)
    return DepthMap(
        np.full((side, side), metres, np.float32), np.ones((side, side), np.float32), crop
    )


def live(face: Face | None = None, number: int = 1, **others: Any) -> LiveFace:
    """A face that is followed."""
    found = face or face_at()
    fields: dict[str, Any] = {"raw": found, "filtered": found, "confidence": 1.0}
    return LiveFace(number, **(fields | others))


def result_of(
    *faces: LiveFace,
    number: int = 1,
    size: tuple[int, int] = SIZE,
    picture: NDArray[np.uint8] | None = None,
    published: float | None = None,
    timings: dict[str, float] | None = None,
) -> LiveResult:
    """A result over a grey picture, captured 10 ms before it was published."""
    now = time.monotonic() if published is None else published
    shown = picture if picture is not None else np.full((size[1], size[0], 3), GREY, np.uint8)
    frame = Frame(shown, number, number / 30.0, now - 0.01, "clip.mp4", number)
    took = {"face": 0.004, "total": 0.005} if timings is None else timings
    return LiveResult(frame, faces, took, 0.01, now)
