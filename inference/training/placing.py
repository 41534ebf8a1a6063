"""Cutting a sample as a face network sees it: boxes that are off, turned, stretched, mirrored."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import OUTLINED
from app.scene.segments import SEGMENTS
from app.topology import store
from inference.crop import CROP_SCALE, MOST_SAMPLES
from inference.training.augment import Shares
from inference.training.augment_view import Bytes, Floats

_SKIN = np.zeros(256, np.uint8)
_SKIN[SEGMENTS.index("skin")] = 255
_PRESENT = np.zeros(256, np.uint8)
_PRESENT[[i for i, name in enumerate(SEGMENTS) if name != "background"]] = 255

_SHIFT_OF, _SCALE_OF = 0.035, 0.06
_FAR_SHIFT, _FAR_SCALE = 0.09, 0.14
_MOST_SHIFT, _MOST_SCALE = 0.2, 0.35
_TURN, _MOST_TURN = 12.0, 40.0
_STRETCH = 0.05


@dataclass(frozen=True)
class Place:
    """Where a crop lies in its picture.

    Attributes
    ----------
    centre : tuple of float
        Picture pixels.
    side : float
        Picture pixels along the side of the crop.
    angle : float
        Degrees by which the square is turned clockwise in the picture.
    stretch : float
        Natural logarithm of width over height by which things are drawn out.
    mirrored : bool
        Left and right change sides after all else.
    """

    centre: tuple[float, float]
    side: float
    angle: float = 0.0
    stretch: float = 0.0
    mirrored: bool = False

    def matrix(self, edge: int) -> NDArray[np.float64]:
        """Picture pixels to pixels of a crop of that many along its side, shape (2, 3)."""
        c, s = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        wide, high = math.exp(self.stretch / 2.0), math.exp(-self.stretch / 2.0)
        turn = np.array([[c * wide, s * wide], [-s * high, c * high]]) * (edge / self.side)
        if self.mirrored:
            turn[0] = -turn[0]
        middle = np.full(2, (edge - 1) / 2.0)
        return np.column_stack([turn, middle - turn @ np.array(self.centre)])


class Seen(Protocol):
    """What is needed of a sample (`app.dataset.sample.Sample` is one)."""

    @property
    def picture(self) -> Bytes: ...
    @property
    def segments(self) -> Bytes: ...
    @property
    def points(self) -> Floats: ...
    @property
    def visible(self) -> NDArray[np.bool_]: ...
    @property
    def rotation(self) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Placed:
    """A sample's crop, before its picture is changed.

    Attributes
    ----------
    picture : ndarray, shape (S, S, 3), uint8
    head, skin : ndarray, shape (S, S), uint8
        255 where the person (and what she holds), where her skin is.
    points : ndarray, shape (588, 3), float32, crop units
    visible : ndarray of bool, shape (588,)
        Also within the crop.
    rotation : ndarray, shape (3, 3), float32
    """

    picture: Bytes
    head: Bytes
    skin: Bytes
    points: Floats
    visible: NDArray[np.bool_]
    rotation: Floats


@functools.cache
def mirror_pairs() -> NDArray[np.intp]:
    """For each of the 588 points the one on the other side of the face, shape (588,)."""
    dense = np.array(store.load("dense-520").mirror)
    outline = np.array(store.load("ibug-68").mirror)
    return np.asarray(np.concatenate([dense, len(dense) + outline]), np.intp)


def tight_box(points: Floats) -> tuple[float, float, float, float]:
    """x, y, width and height about the 68 points with the visible outline of (588, 2+)."""
    low, high = points[OUTLINED, :2].min(0), points[OUTLINED, :2].max(0)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def exact(points: Floats) -> Place:
    """About the tight box, as at run time when the box is right."""
    x, y, width, height = tight_box(points)
    return Place((x + width / 2.0, y + height / 2.0), CROP_SCALE * max(width, height))


def jittered(points: Floats, shares: Shares, rng: np.random.Generator) -> Place:
    """About a box as strangers give it: shifted, of another size, turned, of another shape."""
    place = exact(points)
    side, (x, y) = place.side, place.centre
    draws, normal = rng.random(5), np.clip(rng.standard_normal(5), -2.5, 2.5)
    if draws[0] < shares.jitter:
        far = draws[1] < shares.far_jitter
        shift = (_FAR_SHIFT if far else _SHIFT_OF) * side
        x += float(np.clip(normal[0] * shift, -_MOST_SHIFT * side, _MOST_SHIFT * side))
        y += float(np.clip(normal[1] * shift, -_MOST_SHIFT * side, _MOST_SHIFT * side))
        scale = normal[2] * (_FAR_SCALE if far else _SCALE_OF)
        side *= math.exp(float(np.clip(scale, -_MOST_SCALE, _MOST_SCALE)))
    angle = float(np.clip(normal[3] * _TURN, -_MOST_TURN, _MOST_TURN))
    return Place(
        (x, y),
        side,
        angle if draws[2] < shares.rotation else 0.0,
        float(normal[4] * _STRETCH) if draws[3] < shares.stretch else 0.0,
        bool(draws[4] < shares.mirror),
    )


def placed(sample: Seen, place: Place, size: int, beyond: int = cv2.BORDER_CONSTANT) -> Placed:
    """Cut a sample; each pixel is the mean of what it covers, as `inference.crop.Crop.cut` does.

    Parameters
    ----------
    sample : Seen
    place : Place
    size : int
        Edge of the crop, pixels.
    beyond : int
        OpenCV's kind of border that says what is seen beyond the picture; black unless told. No
        person is there in any case.
    """
    samples = min(max(math.ceil(place.side / size), 1), MOST_SAMPLES)
    fine = place.matrix(size * samples)
    edge = (size * samples, size * samples)
    picture = cv2.warpAffine(sample.picture, fine, edge, flags=cv2.INTER_LINEAR, borderMode=beyond)
    if samples > 1:
        picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    matrix = place.matrix(size)
    masks = cv2.merge([cv2.LUT(sample.segments, _PRESENT), cv2.LUT(sample.segments, _SKIN)])
    masks = cv2.warpAffine(masks, matrix, (size, size), flags=cv2.INTER_LINEAR)
    points = moved(sample.points, place)
    visible = sample.visible & (np.abs(points[:, :2]) < 0.5).all(1)
    rotation = turned(sample.rotation, place)
    if place.mirrored:
        pairs = mirror_pairs()
        points, visible = points[pairs], visible[pairs]
    return Placed(
        np.asarray(picture),
        np.ascontiguousarray(masks[..., 0]),
        np.ascontiguousarray(masks[..., 1]),
        points,
        visible,
        rotation,
    )


def moved(points: Floats, place: Place) -> Floats:
    """Points (..., 3) from picture pixels to crop units, each keeping its index."""
    unit = place.matrix(1)
    xy = points[..., :2] @ unit[:, :2].T + unit[:, 2]
    return np.asarray(np.concatenate([xy, points[..., 2:] / place.side], axis=-1), np.float32)


def turned(rotation: Floats, place: Place) -> Floats:
    """The head's rotation as the crop shows it, shape (3, 3); a stretch is taken for none."""
    c, s = math.cos(math.radians(place.angle)), math.sin(math.radians(place.angle))
    upright = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]) @ rotation
    if place.mirrored:
        flip = np.array([-1.0, 1.0, 1.0])
        upright = flip[:, None] * upright * flip[None, :]
    return np.asarray(upright, np.float32)
