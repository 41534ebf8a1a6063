"""A model of hands, or of the wheel's region, measured on pictures of drivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.driver_data import Drivers
from app.dataset.driver_sample import DriverSample, clipped, held_out_drivers
from app.dataset.packed import ShardError
from app.evaluation.annotated import ReadingError
from app.evaluation.hands import HandsGathered, HandsReport
from inference.answers import overlap
from inference.hands import LEAST_SURE, HandsPredictor, RegionPredictor
from inference.measuring import shaken
from inference.pipeline import OPENCV, VERIFIED
from inference.registry import find
from inference.results import Box

KINDS: Final = ("hands", "wheel-region")
_LEAST_SIDE: Final = 8.0
"""Pixels: of a wheel that is seen less than this nothing is asked."""


@dataclass(frozen=True)
class Asked:
    """Which pictures are asked about, and how.

    Attributes
    ----------
    everyone : bool
        Also drivers that are kept for training.
    limit : int
        Pictures at most, evenly spread; 0 for all.
    box_error : float
        Share of its size by which every true region is moved and scaled, at most.
    mirror : bool
        See `inference.hands.HandsPredictor.predict`.
    """

    everyone: bool = False
    limit: int = 0
    box_error: float = 0.0
    mirror: bool = True


@dataclass(frozen=True)
class RegionFigures:
    """How well the wheel is found.

    Attributes
    ----------
    pictures : int
    overlap : float
        Mean intersection over union with the true box.
    over_half : float
        Share of the pictures in which it is above one half.
    sure : float
        Share of the pictures in which the proposal would be taken.
    """

    pictures: int
    overlap: float
    over_half: float
    sure: float


def kind_of(name: str) -> str:
    """Kind of a model by its name or file; empty for what is no single file.

    Raises
    ------
    ModelError
        When there is no such model.
    """
    if name in (OPENCV, VERIFIED):
        return ""
    model = find(name)
    return (model.card or model.open()[1]).kind


def measure_hands(
    predictor: HandsPredictor,
    drivers: Drivers,
    asked: Asked,
    regions: RegionPredictor | None = None,
    stepped: Callable[[], None] = lambda: None,
) -> tuple[HandsReport, int]:
    """Figures of a model of hands.

    Parameters
    ----------
    regions : RegionPredictor, optional
        Proposes the wheel's region, which is the true one without.

    Returns
    -------
    report : HandsReport
    missed : int
        Pictures in which no region was found or there is none.

    Raises
    ------
    ReadingError
        When there is nothing to ask about, or a picture is damaged.
    ModelError
        When a network fails.
    """
    gathered, missed = HandsGathered(), 0
    for sample in _samples(drivers, asked):
        box = _region(sample, asked, regions)
        stepped()
        if box is None:
            missed += 1
            continue
        told = predictor.predict(sample.picture, box, asked.mirror)
        facts = sample.facts
        groups: dict[str, object] = {
            "behaviour": facts.behaviour,
            "light": facts.light,
            "person": facts.person,
            "mount": facts.mount,
            "infra_red": facts.infra_red,
            "right_hand_drive": facts.right_hand_drive,
        }
        gathered.add(np.array([told.left, told.right]), sample.states, groups)
    return gathered.report(), missed


def measure_regions(
    predictor: RegionPredictor,
    drivers: Drivers,
    asked: Asked,
    stepped: Callable[[], None] = lambda: None,
) -> RegionFigures:
    """Figures of a model of the wheel's region, one picture at a time.

    Raises
    ------
    ReadingError
        When there is nothing to ask about, or a picture is damaged.
    ModelError
        When the network fails.
    """
    shares, sure = [], []
    for sample in _samples(drivers, asked):
        stepped()
        truth = _true_region(sample)
        if truth is None:
            continue
        found = predictor.predict(sample.picture)
        shares.append(overlap(found.box.as_tuple(), truth) if found else 0.0)
        sure.append(found is not None and found.sure >= LEAST_SURE)
    if not shares:
        raise ReadingError("no picture shows a wheel")
    return RegionFigures(
        len(shares),
        float(np.mean(shares)),
        float(np.mean(np.array(shares) > 0.5)),
        float(np.mean(sure)),
    )


def chosen(drivers: Drivers, asked: Asked) -> NDArray[np.intp]:
    """Numbers of the pictures that are asked about, in order.

    Raises
    ------
    ReadingError
        When there are none.
    """
    kept = np.ones(len(drivers), bool) if asked.everyone else held_out_drivers(drivers.people)
    numbers = np.flatnonzero(kept)
    if not len(numbers):
        raise ReadingError(
            "none of these drivers is held out from training; of data that were never trained on "
            "measure all with --everyone"
        )
    if asked.limit and len(numbers) > asked.limit:
        numbers = numbers[np.linspace(0, len(numbers) - 1, asked.limit).round().astype(int)]
    return numbers


def _samples(drivers: Drivers, asked: Asked) -> Iterator[DriverSample]:
    for number in chosen(drivers, asked):
        try:
            yield drivers.sample(int(number))
        except ShardError as problem:
            raise ReadingError(str(problem)) from None


def _region(sample: DriverSample, asked: Asked, regions: RegionPredictor | None) -> Box | None:
    if regions is not None:
        found = regions.predict(sample.picture)
        return found.box if found and found.sure >= LEAST_SURE else None
    truth = _true_region(sample)
    if truth is None:
        return None
    return Box(*shaken(truth, asked.box_error, str(sample.facts.number)))


def _true_region(sample: DriverSample) -> tuple[float, float, float, float] | None:
    height, width = sample.picture.shape[:2]
    x, y, w, h = (float(v) for v in clipped(sample.wheel, width, height))
    return None if min(w, h) < _LEAST_SIDE else (x, y, w, h)
