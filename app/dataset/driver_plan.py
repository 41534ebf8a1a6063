"""Which pictures a data set of drivers holds. Any of them can be had by its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from app.bake.driver_look import Outfit, draw_outfit
from app.bake.person import PersonSpec, random_person
from app.dataset.driver_spec import DriverSpec
from app.dataset.effects import draw
from app.dataset.frame import Effect, EffectKind
from app.dataset.plan import Task
from app.scene.cabin import Cabin, draw_cabin
from app.scene.driver_camera import CarCamera, Mount, draw_camera
from app.scene.driving import FRAMES, RATE, SHARES, Behaviour, Script
from app.scene.driving_scripts import write_script
from app.scene.film import Film, draw_film
from app.scene.outside import Daytime

_PERSON, _OUTFIT, _CABIN, _SCRIPT, _CAMERA, _OUTSIDE, _FILM, _EFFECTS, _CHOICE = range(100, 109)
"""What chance decides, each from numbers of its own."""

_MOUNT_SHARES: Final[dict[Mount, float]] = {
    "far-pillar": 0.34,
    "near-pillar": 0.12,
    "dash": 0.22,
    "mirror": 0.22,
    "ceiling": 0.10,
}
_TIME_SHARES: Final[dict[Daytime, float]] = {
    "day": 0.42,
    "overcast": 0.2,
    "evening": 0.18,
    "night": 0.2,
}
_T = TypeVar("_T", bound=str)
_LENS: Final[tuple[EffectKind, ...]] = ("blur", "noise", "jpeg", "low-resolution")


@dataclass(frozen=True)
class Sequence:
    """Everything that decides ten seconds.

    Attributes
    ----------
    number : int
    person : int
        Number of the driver.
    folder : str
        Of its files, relative to the data set.
    outside_seed : int
    """

    number: int
    person: int
    folder: str
    outfit: Outfit
    cabin: Cabin
    script: Script
    camera: CarCamera
    time: Daytime
    outside_seed: int
    film: Film
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class DriverFrame:
    """One picture.

    Attributes
    ----------
    number : int
        Counts through the whole data set.
    sequence : int
    folder, id : str
        Where its files lie.
    instant : int
        Counts the pictures of the whole sequence, `app.scene.driving.RATE` a second.
    """

    number: int
    sequence: int
    folder: str
    id: str
    instant: int

    @property
    def time(self) -> float:
        """Seconds from the sequence's beginning."""
        return self.instant / RATE

    @property
    def locality(self) -> tuple[int, ...]:
        """Pictures follow each other in time."""
        return (self.number,)

    def file(self, kind: str, suffix: str) -> str:
        """Path of one of the picture's files, relative to the data set."""
        return f"{self.folder}/{kind}_{self.id}.{suffix}"


@dataclass(frozen=True)
class DriverPlan:
    """All pictures of a data set of drivers, by number."""

    spec: DriverSpec

    def __len__(self) -> int:
        return self.spec.sequences * self.spec.per_sequence

    def tasks(self, workers: int) -> Iterator[Task]:
        """One task a sequence: opening it costs as much as some pictures."""
        for sequence in range(self.spec.sequences):
            yield Task(sequence, 0, self.spec.per_sequence)

    def frame_of(self, subject: int, own: int) -> DriverFrame:
        """Picture ``own`` of a sequence, counted from 0."""
        person = subject % self.spec.people
        return DriverFrame(
            subject * self.spec.per_sequence + own,
            subject,
            folder_of(person, subject),
            f"{own:04d}",
            own * FRAMES // self.spec.per_sequence,
        )

    def frame(self, number: int) -> DriverFrame:
        """The picture of a number, from 0."""
        if not 0 <= number < len(self):
            raise IndexError(f"there is no picture {number} among {len(self)}")
        return self.frame_of(*divmod(number, self.spec.per_sequence))

    def person(self, number: int) -> PersonSpec:
        """A driver by number."""
        chance = self._chance(number, _PERSON)
        return random_person(int(chance.integers(2**31)), name=f"driver_{number + 1:04d}")

    def behaviour(self, number: int) -> Behaviour:
        """What is done in a sequence."""
        return _one(self._chance(number, _CHOICE), self.spec.behaviours, SHARES)

    def sequence(self, number: int) -> Sequence:
        """A sequence by number."""
        person = number % self.spec.people
        behaviour = self.behaviour(number)
        cabin = draw_cabin(self._chance(number, _CABIN))
        sleeve = cabin.wheel.color if behaviour == "rim-coloured-sleeve" else None
        choice = self._chance(number, _CHOICE + 1)
        time = _one(choice, self.spec.times, _TIME_SHARES)
        mount = _one(choice, self.spec.cameras, _MOUNT_SHARES)
        chance = self._chance(number, _FILM)
        infra_red = bool(chance.random() < (0.6 if time == "night" else 0.08))
        drawn = draw(self._chance(number, _EFFECTS), _LENS, self.spec.effect_share)
        effects = tuple(replace(one, amount=round(0.55 * one.amount, 3)) for one in drawn)
        return Sequence(
            number,
            person,
            folder_of(person, number),
            draw_outfit(self._chance(number, _OUTFIT), sleeve),
            cabin,
            write_script(
                self._chance(number, _SCRIPT), behaviour, "L" if cabin.right_hand_drive else "R"
            ),
            draw_camera(self._chance(number, _CAMERA), cabin, mount),
            time,
            int(self._chance(number, _OUTSIDE).integers(2**31)),
            draw_film(chance, infra_red),
            effects,
        )

    def _chance(self, number: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.spec.seed, number, purpose])


def folder_of(person: int, sequence: int) -> str:
    """Where the pictures of a sequence lie, relative to the data set."""
    return f"driver_{person + 1:04d}/{sequence + 1:05d}"


def _one(chance: np.random.Generator, names: tuple[_T, ...], shares: dict[_T, float]) -> _T:
    weights = np.array([shares[name] for name in names])
    return names[int(chance.choice(len(names), p=weights / weights.sum()))]
