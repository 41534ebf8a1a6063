"""What the camera and the frame do to a scene: parts of it with a margin, softness."""

from __future__ import annotations

import cv2
import numpy as np

from inference.training.cutouts import box_of
from inference.training.scene_people import Bytes, Placed


def letterboxed(rng: np.random.Generator, scene: Bytes, faces: list[Placed]) -> Bytes:
    """A part of the scene, enlarged or made smaller, in the corner of an otherwise plain one."""
    side = scene.shape[0]
    if faces:
        x, y, width, height = box_of(faces[-1].points)
        half = max(width, height) * float(rng.uniform(0.58, 1.3))
        jitter = rng.normal(0.0, 0.05, 2) * max(width, height)
        centre = np.array([x + width / 2.0, y + height / 2.0]) + jitter
    else:
        half = side * float(rng.uniform(0.15, 0.5))
        centre = rng.uniform(0.3 * side, 0.7 * side, 2)
    low = np.clip(np.floor(centre - half), 0, side - 8).astype(int)
    high = np.clip(np.ceil(centre + half), low + 8, side).astype(int)
    part = scene[low[1] : high[1], low[0] : high[0]]
    longer = max(part.shape[:2])
    times = float(np.exp(rng.uniform(np.log(40.0), np.log(side)))) / longer
    times = min(times, side / longer, 3.0)
    new = [max(2, round(part.shape[k] * times)) for k in (1, 0)]
    way = cv2.INTER_AREA if times < 1.0 else cv2.INTER_LINEAR
    small = cv2.resize(part, (new[0], new[1]), interpolation=way)
    fill = 0 if rng.random() < 0.6 else int(rng.integers(256))
    padded = np.full((side, side, 3), fill, np.uint8)
    padded[: new[1], : new[0]] = small
    real = np.array([new[0] / part.shape[1], new[1] / part.shape[0]])
    for face in faces:
        face.points = (face.points - low + 0.5) * real - 0.5
        inside = (face.points >= 0).all(axis=1) & (face.points < np.array(new)).all(axis=1)
        face.hidden |= ~inside
    return padded


def softened(rng: np.random.Generator, scene: Bytes, smallest: float) -> Bytes:
    """Out of focus or moved, in the measure that the smallest face can bear."""
    chance = rng.random()
    if chance < 0.25:
        most = max(0.4, 0.03 * min(smallest, 150.0))
        radius = float(np.exp(rng.uniform(np.log(0.3), np.log(most + 0.1))))
        return np.asarray(cv2.GaussianBlur(scene, (0, 0), radius), np.uint8)
    if chance < 0.32:
        length = int(np.clip(0.08 * smallest, 2, 15))
        kernel = np.zeros((length, length), np.float32)
        if rng.random() < 0.7:
            kernel[length // 2] = 1.0 / length
        else:
            np.fill_diagonal(kernel, 1.0 / length)
        return np.asarray(cv2.filter2D(scene, -1, kernel), np.uint8)
    if chance < 0.45 and smallest > 40:
        times = max(20.0 / smallest, float(rng.uniform(0.25, 0.8)))
        side = max(16, int(scene.shape[0] * times))
        few = cv2.resize(scene, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(few, scene.shape[1::-1], interpolation=cv2.INTER_LINEAR))
    return scene
