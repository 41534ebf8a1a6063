"""Which pictures a data set holds. Any of them can be had by its number, so none is kept.

The pictures of one head go through all combinations of motion, expression and background in turn,
and the next head goes on where the last one stopped: every folder gets equally many to within one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, product
from math import gcd
from typing import Final

import numpy as np

from app.dataset.frame import Effect, Frame, Subject
from app.dataset.motions import Angles, Step, place
from app.dataset.plan_expressions import actions
from app.dataset.scenes import backdrop, lighting
from app.dataset.spec import Background, DatasetSpec, Expression, Motion
from app.scene.scene import HeadFile, RenderSettings, Scene

BLOCK: Final = 32
"""Pictures of one part of the manifest, of one head."""
LONGEST: Final = 32 * BLOCK
"""Pictures of one portion of work, so that a scheduler which loses one loses little."""

_FOLDERS: Final[dict[Background, str]] = {
    "plain": "Simple",
    "texture": "Textured",
    "classroom": "Complex/Classroom",
    "shop": "Complex/Shop",
    "environment": "Complex/Environment",
    "pictures": "Complex/Pictures",
}

_MOTION, _FACE, _LIGHT, _BEHIND, _EFFECTS, _SAMPLING, _DISTANCE = range(7)
"""What chance decides, each from numbers of its own."""


@dataclass(frozen=True)
class PlanInputs:
    """What a plan takes from outside of the spec; written down with the data.

    Attributes
    ----------
    subjects : tuple of Subject
    pictures : tuple of str
        Background pictures to choose from, relative to the spec's folder of pictures, with ``/``.
    recorded : tuple of (yaw, pitch, roll)
        Poses that ``Replay`` repeats, degrees in ``blender_xyz``.
    """

    subjects: tuple[Subject, ...]
    pictures: tuple[str, ...] = ()
    recorded: tuple[Angles, ...] = ()


@dataclass(frozen=True)
class Task:
    """Some pictures of one head, one after the other: ``first`` up to, not with, ``last``."""

    subject: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

    def blocks(self) -> Iterator[Task]:
        """Its parts of one block each; tasks begin and end where blocks do."""
        for first in range(self.first, self.last, BLOCK):
            yield Task(self.subject, first, min(first + BLOCK, self.last))


@dataclass(frozen=True)
class Plan:
    """All pictures of a data set, by number."""

    spec: DatasetSpec
    inputs: PlanInputs

    def __len__(self) -> int:
        return len(self.inputs.subjects) * self.spec.per_person

    def frame(self, number: int) -> Frame:
        """The picture of a number, from 0."""
        if not 0 <= number < len(self):
            raise IndexError(f"there is no picture {number} among {len(self)}")
        return self.frame_of(*divmod(number, self.spec.per_person))

    def frame_of(self, subject: int, own: int) -> Frame:
        """Picture ``own`` of a head, counted from 0."""
        spec, who = self.spec, self.inputs.subjects[subject]
        number, start = subject * spec.per_person + own, subject * spec.per_person
        cells = _cells(spec)
        motion, expression, background = cells.at(number)
        before = cells.count(motion, start)
        serial = cells.count(motion, number)
        steps = cells.count(motion, start + spec.per_person) - before
        pose, camera = place(
            motion,
            Step(serial - before, steps, serial),
            spec,
            self._chance(subject, own, _MOTION),
            self.inputs.recorded,
            self.distance(subject),
        )
        shapes = actions(expression, self._chance(subject, own, _FACE))
        lights, environment = lighting(
            self._chance(subject, own, _LIGHT), background, studio=spec.lighting == "studio"
        )
        sampling = int(self._chance(subject, own, _SAMPLING).integers(2**31))
        scene = Scene(
            HeadFile(who.head or who.person or ""),
            replace(pose, shapes=shapes),
            camera,
            lights,
            environment,
            RenderSettings(
                samples=spec.samples, passes=("color", "depth", "segmentation"), seed=sampling
            ),
        )
        return Frame(
            number=number,
            subject=who,
            folder=f"{who.folder}/{_FOLDERS[background]}/{expression}/{motion}",
            id=f"{own // len(cells.order):04d}",
            scene=scene,
            backdrop=backdrop(
                self._chance(subject, own, _BEHIND), background, self.inputs.pictures, spec.pictures
            ),
            effects=self._effects(subject, own),
            motion=motion,
            expression=expression,
        )

    def distance(self, subject: int) -> float:
        """Metres of a head's camera, within the spec's range."""
        near, far = self.spec.distance
        if far <= near:
            return near
        return float(self._chance(subject, 0, _DISTANCE).uniform(near, far))

    def tasks(self, workers: int) -> Iterator[Task]:
        """All pictures in portions for that many workers, whole heads where there are enough.

        A head is worth opening for many pictures, yet all workers shall have work to the end.
        """
        heads, each = len(self.inputs.subjects), self.spec.per_person
        blocks = -(-each // BLOCK)
        wanted = 1 if heads >= 4 * workers else -(-4 * workers // max(1, heads))
        portions = min(blocks, max(wanted, -(-each // LONGEST)))
        edges = [min(each, BLOCK * (blocks * i // portions)) for i in range(portions)] + [each]
        for subject in range(heads):
            for first, last in pairwise(edges):
                yield Task(subject, first, last)

    def _effects(self, subject: int, own: int) -> tuple[Effect, ...]:
        if not self.spec.effects:
            return ()
        from app.dataset.effects import draw

        chance = self._chance(subject, own, _EFFECTS)
        return draw(chance, self.spec.effects, self.spec.effect_share)

    def _chance(self, subject: int, own: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.spec.seed, subject, own, purpose])


@dataclass(frozen=True)
class _Cells:
    """The combinations in the order in which pictures take them.

    Attributes
    ----------
    order : tuple of (motion, expression, background)
    counts : dict of str to tuple of int
        How many of a motion there are before each place of the order, and in all of it.
    """

    order: tuple[tuple[Motion, Expression, Background], ...]
    counts: dict[str, tuple[int, ...]]

    def at(self, number: int) -> tuple[Motion, Expression, Background]:
        return self.order[number % len(self.order)]

    def count(self, motion: Motion, number: int) -> int:
        """Pictures with a motion among the first ``number`` of the data set."""
        rounds, rest = divmod(number, len(self.order))
        counts = self.counts[motion]
        return rounds * counts[-1] + counts[rest]


@lru_cache(maxsize=8)
def _cells(spec: DatasetSpec) -> _Cells:
    """All combinations, neighbours far apart, so that a few pictures already meet most values."""
    every = list(product(spec.motions, spec.expressions, spec.backgrounds))
    size = len(every)
    stride = min(
        (n for n in range(1, size + 1) if gcd(n, size) == 1), key=lambda n: abs(n - 0.618 * size)
    )
    order = tuple(every[i * stride % size] for i in range(size))
    counts: dict[str, tuple[int, ...]] = {}
    for motion in spec.motions:
        found = [0]
        for cell in order:
            found.append(found[-1] + (cell[0] == motion))
        counts[motion] = tuple(found)
    return _Cells(order, counts)
