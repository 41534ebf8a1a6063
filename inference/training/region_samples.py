"""Windows on pictures of cabins, with the box of the wheel in them or without a wheel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from app.dataset.driver_data import Drivers
from app.dataset.driver_sample import DriverSample, Floats
from inference.crop import Crop
from inference.training.augment_textures import backdrop
from inference.training.augment_view import around, between
from inference.training.driver_looks import DriverLooks, Scene, looked_at
from inference.training.hands_samples import scene_of
from inference.training.task import Item

PRESENT: Final = 1
ABSENT: Final = 0
UNSURE: Final = -1
"""So little of the wheel is seen that either answer would do."""

MOST_HIDDEN: Final = 0.45
"""Share of the box that may lie beyond a window in which there still is a wheel."""
LEAST_SEEN: Final = 0.12
"""Share of the box in a window up to which there is none."""
_LEAST_SIDE: Final = 0.08
"""Of the window: a wheel whose box is smaller is not asked for."""

_TRIES: Final = 8


class RegionData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How windows are made.

    Attributes
    ----------
    size : int
        Edge of a window, pixels, a multiple of 32.
    mirror : float
        Share of the windows that are mirrored.
    absent : float
        Share of the windows that show no wheel.
    nearest, farthest : float
        Sides of windows over the longer side of the picture.
    turn : float
        Degrees, standard deviation.
    looks : DriverLooks
    """

    size: Annotated[int, Meta(ge=64, le=512)] = 256
    mirror: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    absent: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.15
    nearest: Annotated[float, Meta(ge=0.3, le=1.0)] = 0.6
    farthest: Annotated[float, Meta(ge=1.0, le=3.0)] = 1.5
    turn: Annotated[float, Meta(ge=0.0, le=45.0)] = 4.0
    looks: DriverLooks = DriverLooks()


@dataclass(frozen=True)
class RegionSamples:
    """Windows on some pictures of a set, made anew at every call.

    Attributes
    ----------
    data : Drivers
    indices : ndarray of int
        Which of its pictures.
    settings : RegionData
    trained : bool
        Whether each is moved and changed by chance; else it is the whole picture as it is.
    people : ndarray of int
    """

    data: Drivers
    indices: npt.NDArray[np.intp]
    settings: RegionData
    trained: bool
    people: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", self.data.people[self.indices])

    def __len__(self) -> int:
        return len(self.indices)

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """``pictures`` (S, S, 3) uint8, ``box`` (4,): left, top, right, bottom in window units,
        and ``state``: `PRESENT`, `ABSENT` or `UNSURE`."""
        sample = self.data.sample(int(self.indices[index]))
        settings = self.settings
        if not self.trained:
            place = whole(sample, settings.size)
            return _item(scene_of(sample, place).picture, *boxed(sample, place))
        if rng.random() < settings.absent:
            return self._without(sample, rng)
        place = _drawn(sample, settings, rng)
        box, state = boxed(sample, place)
        scene = scene_of(sample, place)
        if rng.random() < settings.mirror:
            scene = Scene(
                np.ascontiguousarray(scene.picture[:, ::-1]),
                np.ascontiguousarray(scene.segments[:, ::-1]),
            )
            box = np.array([-box[2], box[1], -box[0], box[3]], np.float32)
        return _item(looked_at(scene, settings.looks, rng), box, state)

    def _without(self, sample: DriverSample, rng: np.random.Generator) -> Item:
        """A part of the cabin beside the wheel, or a pattern."""
        settings = self.settings
        for _ in range(_TRIES):
            height, width = sample.picture.shape[:2]
            side = max(height, width) * between(rng, 0.25, 0.55)
            centre = (width * float(rng.random()), height * float(rng.random()))
            place = Crop(centre, side, settings.size, float(rng.normal(0.0, settings.turn)))
            box, state = boxed(sample, place)
            if state == ABSENT:
                picture = looked_at(scene_of(sample, place), settings.looks, rng)
                return _item(picture, box, state)
        size = settings.size
        none = np.zeros((size, size), np.uint8)
        picture = looked_at(Scene(backdrop(size, rng), none), settings.looks, rng)
        return _item(picture, np.zeros(4, np.float32), ABSENT)


def whole(sample: DriverSample, size: int) -> Crop:
    """The square about all of a picture."""
    height, width = sample.picture.shape[:2]
    return Crop.around((-0.5, -0.5, width, height), size, 1.0)


def boxed(sample: DriverSample, place: Crop) -> tuple[Floats, int]:
    """Box of the wheel in a window, and whether there is one.

    A turned window has the box of the ellipse that lies in the true one. What lies beyond the
    picture or the window is cut away.

    Returns
    -------
    box : ndarray, shape (4,), float32
        Left, top, right, bottom in window units.
    state : int
    """
    height, width = sample.picture.shape[:2]
    x, y, w, h = (float(v) for v in sample.wheel)
    middle = np.array([x + w / 2.0, y + h / 2.0], np.float32)
    rim = around(middle, (w / 2.0, h / 2.0), 0.0, 64)
    full = _tight(place.to_unit(rim))
    kept = np.clip(rim, (-0.5, -0.5), (width - 0.5, height - 0.5))
    box = np.clip(_tight(place.to_unit(kept)), -0.5, 0.5)
    share = _area(box) / max(_area(full), 1e-9)
    if share <= LEAST_SEEN:
        return box, ABSENT
    small = max(box[2] - box[0], box[3] - box[1]) < _LEAST_SIDE
    return box, UNSURE if share < 1.0 - MOST_HIDDEN or small else PRESENT


def _drawn(sample: DriverSample, settings: RegionData, rng: np.random.Generator) -> Crop:
    height, width = sample.picture.shape[:2]
    side = max(height, width) * between(rng, settings.nearest, settings.farthest)
    free = abs(side - max(height, width)) / 2.0
    x, y = rng.uniform(-1.0, 1.0, 2) * (free + 0.03 * side)
    centre = ((width - 1) / 2.0 + float(x), (height - 1) / 2.0 + float(y))
    return Crop(centre, side, settings.size, float(rng.normal(0.0, settings.turn)))


def _tight(points: npt.NDArray[np.floating[Any]]) -> Floats:
    return np.asarray([*points.min(axis=0), *points.max(axis=0)], np.float32)


def _area(box: Floats) -> float:
    return float(max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0))


def _item(picture: npt.NDArray[np.uint8], box: Floats, state: int) -> Item:
    return {
        "pictures": np.ascontiguousarray(picture),
        "box": np.asarray(box, np.float32),
        "state": np.asarray(state, np.int64),
    }
