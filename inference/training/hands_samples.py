"""Crops about the wheel, with the state of both hands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from app.dataset.driver_data import Drivers
from app.dataset.driver_sample import DriverSample, Floats, clipped
from inference.crop import Crop
from inference.training.driver_looks import DriverLooks, Scene, looked_at
from inference.training.task import Item

SCALE: Final = 1.4
"""Side of the crop over the longer side of the wheel's region."""
_LEAST: Final = 8.0
"""Pixels that a region has at least; of a wheel out of sight the whole picture is taken."""
_SEEN: Final = 2e-4
"""Share of the picture that a hand covers at least, to be looked for."""


class HandsData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How crops are made.

    Attributes
    ----------
    size : int
        Edge of a crop, pixels, a multiple of 32.
    mirror : float
        Share of the crops that are mirrored: left and right change places, and so does the side
        of the road.
    shift, stretch, turn : float
        By which a crop is off the wheel's region, as a drawn or proposed one is: of its side,
        standard deviation; of the logarithm of its size; degrees.
    looks : DriverLooks
    """

    size: Annotated[int, Meta(ge=64, le=512)] = 256
    mirror: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    shift: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.05
    stretch: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.12
    turn: Annotated[float, Meta(ge=0.0, le=45.0)] = 4.0
    looks: DriverLooks = DriverLooks()


@dataclass(frozen=True, eq=False)
class HandsCrop:
    """A crop and what is known of the hands in it, the driver's left one first.

    Attributes
    ----------
    scene : Scene
    where : ndarray, shape (2, 2), float32
        Middle of each hand in crop units, whose sides lie at −0.5 and 0.5.
    seen : ndarray of bool, shape (2,)
        Whether a hand is there to be looked at.
    states : ndarray of int8, shape (2,)
    distances : ndarray, shape (2,), float32, metres
    """

    scene: Scene
    where: Floats
    seen: npt.NDArray[np.bool_]
    states: npt.NDArray[np.int8]
    distances: Floats

    def mirrored(self) -> HandsCrop:
        """As on the other side of the road: what was the left hand is the right one."""
        scene = Scene(
            np.ascontiguousarray(self.scene.picture[:, ::-1]),
            np.ascontiguousarray(self.scene.segments[:, ::-1]),
        )
        where = self.where[::-1] * np.array([-1.0, 1.0], np.float32)
        return HandsCrop(
            scene,
            where,
            self.seen[::-1],
            self.states[::-1],
            np.ascontiguousarray(self.distances[::-1]),
        )


@dataclass(frozen=True)
class HandsSamples:
    """Crops of some pictures of a set, made anew at every call.

    Attributes
    ----------
    data : Drivers
    indices : ndarray of int
        Which of its pictures.
    settings : HandsData
    trained : bool
        Whether each is moved and changed by chance; else it is that of the true region, as it is.
    people : ndarray of int
    """

    data: Drivers
    indices: npt.NDArray[np.intp]
    settings: HandsData
    trained: bool
    people: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", self.data.people[self.indices])

    def __len__(self) -> int:
        return len(self.indices)

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """``pictures`` (S, S, 3) uint8, ``states`` (2,), ``distances`` (2,) in metres, ``where``
        (2, 2), ``seen`` (2,), and ``index`` in the whole set."""
        number = int(self.indices[index])
        sample, settings = self.data.sample(number), self.settings
        place = region_crop(sample, settings.size)
        if not self.trained:
            return _item(cut(sample, place), number)
        made = cut(sample, jittered(place, settings, rng))
        if rng.random() < settings.mirror:
            made = made.mirrored()
        picture = looked_at(made.scene, settings.looks, rng)
        made = HandsCrop(
            Scene(picture, made.scene.segments), made.where, made.seen, made.states, made.distances
        )
        return _item(made, number)


def region_of(sample: DriverSample) -> tuple[float, float, float, float]:
    """Box of the part of the wheel that is in the picture; of the picture where there is none."""
    height, width = sample.picture.shape[:2]
    box = clipped(sample.wheel, width, height)
    if min(box[2:]) < _LEAST:
        return -0.5, -0.5, float(width), float(height)
    x, y, w, h = (float(v) for v in box)
    return x, y, w, h


def region_crop(sample: DriverSample, size: int) -> Crop:
    """The crop about the true region."""
    return Crop.around(region_of(sample), size, SCALE)


def jittered(place: Crop, settings: HandsData, rng: np.random.Generator) -> Crop:
    """A crop as one would have it whose region is not quite true."""
    x, y = rng.normal(0.0, settings.shift, 2) * place.side / SCALE
    side = place.side * float(np.exp(rng.normal(0.0, settings.stretch)))
    angle = float(rng.normal(0.0, settings.turn))
    return Crop((place.centre[0] + x, place.centre[1] + y), side, place.size, angle)


def cut(sample: DriverSample, place: Crop) -> HandsCrop:
    """What a crop shows."""
    where = place.to_unit(sample.hands).mean(axis=1).astype(np.float32)
    share = sample.shown / float(sample.segments.size)
    inside = np.isfinite(where).all(axis=1) & (np.abs(np.nan_to_num(where, nan=9.0)) < 0.5).all(1)
    return HandsCrop(
        scene_of(sample, place),
        np.nan_to_num(where),
        np.asarray(inside & (share > _SEEN)),
        sample.states,
        sample.distances,
    )


def scene_of(sample: DriverSample, place: Crop) -> Scene:
    """The crop's picture and segments."""
    size = (place.size, place.size)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    segments = cv2.warpAffine(sample.segments, place.matrix, size, flags=flags, borderValue=1)
    return Scene(place.cut(sample.picture), np.asarray(segments, np.uint8))


def _item(made: HandsCrop, number: int) -> Item:
    return {
        "pictures": np.ascontiguousarray(made.scene.picture),
        "states": np.ascontiguousarray(made.states),
        "distances": made.distances.astype(np.float32),
        "where": np.ascontiguousarray(made.where),
        "seen": np.ascontiguousarray(made.seen),
        "index": np.asarray(number, np.int64),
    }
