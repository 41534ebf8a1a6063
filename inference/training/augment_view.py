"""What an augmentation is given, and the arithmetic that several of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Others(Protocol):
    """Other pictures of the same set, drawn by chance."""

    def picture(self, rng: np.random.Generator) -> Bytes:
        """Some picture, square, RGB."""
        ...

    def face(self, rng: np.random.Generator) -> tuple[Bytes, Floats]:
        """Some picture, and the 68 points (68, 2) of the face in it, picture pixels."""
        ...


@dataclass(frozen=True, eq=False)
class View:
    """A crop and where the face lies in it.

    Attributes
    ----------
    picture : ndarray, shape (S, S, 3), uint8
        RGB. No augmentation writes to it.
    head : ndarray, shape (S, S), uint8
        255 where the person is, softened at the edge.
    skin : ndarray, shape (S, S), uint8
        255 where skin is.
    points : ndarray, shape (68, 2), float32, crop pixels
        iBUG-68 with the visible outline.
    """

    picture: Bytes
    head: Bytes
    skin: Bytes
    points: Floats

    @property
    def size(self) -> int:
        return int(self.picture.shape[0])

    @property
    def eye_middles(self) -> tuple[Floats, Floats]:
        """Of the eye on the left of an upright frontal picture, and of the other."""
        return self.points[36:42].mean(0), self.points[42:48].mean(0)

    @property
    def up(self) -> Floats:
        """From the chin to the root of the nose, a vector of the face's height in crop pixels."""
        return np.asarray(self.points[27] - self.points[8])

    @property
    def breadth(self) -> float:
        """√(w·h) of the points' box, crop pixels."""
        low, high = self.points.min(0), self.points.max(0)
        return float(np.sqrt(np.prod(np.maximum(high - low, 1.0))))


def blend(below: Bytes, above: Bytes | tuple[float, ...], alpha: Floats) -> Bytes:
    """``above`` over ``below`` by ``alpha``, 0 to 1.

    Parameters
    ----------
    below : ndarray, shape (S, S, 3), uint8
    above : ndarray of the same shape, or one colour
    alpha : ndarray, shape (S, S), float32
    """
    top = np.empty_like(below)
    top[:] = above
    return np.asarray(cv2.blendLinear(top, below, alpha, np.float32(1.0) - alpha), np.uint8)


def lit(picture: Bytes, gain: Floats) -> Bytes:
    """A picture times a gain of (S, S) or (S, S, 3), saturating."""
    if gain.ndim == 2:
        gain = cv2.merge([gain, gain, gain])
    return np.asarray(cv2.multiply(picture, gain, dtype=cv2.CV_8U), np.uint8)


def filled(size: int, polygon: Floats, softness: float = 0.0) -> Floats:
    """Alpha (S, S), 0 to 1, of a polygon (N, 2) in crop pixels, its edge softened."""
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [fixed(polygon)], 255, cv2.LINE_AA, SHIFT)
    if softness > 0.3:
        mask = softened(mask, softness)
    return np.asarray(mask * np.float32(1.0 / 255.0))


def softened(picture: Bytes, deviation: float) -> Bytes:
    """Blurred as by a Gaussian; wide ones by two boxes of the same variance, for speed."""
    if deviation < 1.5:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation))
    wide = 2 * round((np.sqrt(6.0 * deviation**2 + 1.0) - 1.0) / 2.0) + 1
    return np.asarray(cv2.blur(cv2.blur(picture, (wide, wide)), (wide, wide)))


def disc(size: int, middle: Floats, radius: float, softness: float) -> Floats:
    """Alpha (S, S), 0 to 1, of a disc whose edge is ``softness`` of its radius wide."""
    at = np.arange(size, dtype=np.float32)
    away = np.hypot(at[None, :] - np.float32(middle[0]), at[:, None] - np.float32(middle[1]))
    return np.asarray(np.clip((1.0 - away / radius) / max(softness, 1e-3), 0.0, 1.0), np.float32)


SHIFT = 4
"""Fractional bits of the coordinates that are drawn with."""


def fixed(points: Floats) -> NDArray[np.int32]:
    """Coordinates for OpenCV's drawing with `SHIFT`, kept within what it can draw."""
    return np.asarray(np.round(np.clip(points, -2000.0, 2000.0) * (1 << SHIFT)), np.int32)


def around(middle: Floats, radii: tuple[float, float], angle: float, count: int = 24) -> Floats:
    """Corners (count, 2) of an ellipse that is turned by ``angle`` radians clockwise."""
    t = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False, dtype=np.float32)
    c, s = np.cos(angle), np.sin(angle)
    x, y = radii[0] * np.cos(t), radii[1] * np.sin(t)
    corners = np.stack([middle[0] + c * x - s * y, middle[1] + s * x + c * y], axis=1)
    return np.asarray(corners, np.float32)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Uniform."""
    return float(low + (high - low) * rng.random())
