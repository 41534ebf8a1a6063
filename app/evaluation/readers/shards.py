"""Packed shards of rendered frames, of the people that nothing was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from app.dataset.sample import DENSE, OUTLINED, Traits, held_out
from app.evaluation.annotated import Annotated, DepthTruth, ReadingError, box_of
from app.evaluation.readers.face_area import labelled_depth
from app.geometry.rotations import Angles

if TYPE_CHECKING:
    from app.dataset.packed import Packed
    from app.dataset.sample import Sample

AGES: Final = ((0, 15), (15, 30), (30, 45), (45, 60), (60, 200))
SKIN_TONES: Final = ("1, lightest fifth", "2", "3", "4", "5, darkest fifth")


def read_shards(folders: Sequence[Path], everyone: bool = False) -> tuple[Packed, list[int]]:
    """Shards and the numbers of their samples that count.

    Parameters
    ----------
    folders : sequence of Path
        Folders of shards, or shards.
    everyone : bool
        Also people that models were trained on; for looking, not for figures.

    Raises
    ------
    ReadingError
        When there is no shard, or nobody is held out.
    """
    from app.dataset.packed import Packed, ShardError

    try:
        packed = Packed(folders)
    except (ShardError, OSError) as problem:
        raise ReadingError(str(problem)) from None
    chosen = np.arange(len(packed)) if everyone else np.flatnonzero(held_out(packed.people))
    if not len(chosen):
        raise ReadingError(f"{folders[0]} shows nobody who is held out from training")
    return packed, [int(i) for i in chosen]


def annotated(packed: Packed, number: int) -> Annotated:
    """The sample of a number as an annotated picture.

    Raises
    ------
    ReadingError
        When it is damaged.
    """
    from app.dataset.packed import ShardError, checked

    name = f"sample {number}"
    try:
        return of_sample(checked(packed.sample(number)), name)
    except (ShardError, ValueError) as problem:
        raise ReadingError(f"{name}: {problem}") from None


def of_sample(sample: Sample, name: str) -> Annotated:
    """One sample as an annotated picture."""

    def depth() -> DepthTruth:
        heights = sample.points[:, 2] * (sample.distance / sample.focal)
        return labelled_depth(
            sample.depth,
            sample.segments,
            sample.points[:, :2],
            np.where(sample.visible, heights, np.nan),
            sample.distance,
        )

    outline = sample.points[OUTLINED, :2].astype(np.float64)
    yaw, pitch, roll = (float(a) for a in sample.angles)
    return Annotated(
        name,
        lambda: sample.picture,
        outline,
        box_of(outline),
        True,
        Angles(yaw, pitch, roll),
        sample.points[DENSE, :2].astype(np.float64),
        sample.visible[DENSE],
        depth,
        groups_of(sample.traits),
    )


def groups_of(traits: Traits) -> dict[str, str]:
    """The groups that figures are told by."""
    low, high = next((a for a in AGES if traits.age < a[1]), AGES[-1])
    age = f"{low:02d} and over" if high == AGES[-1][1] else f"{low:02d} to {high - 1}"
    fifth = min(max(int(traits.skin_tone * len(SKIN_TONES)), 0), len(SKIN_TONES) - 1)
    if traits.gender < 1.0 / 3.0:
        gender = "male"
    else:
        gender = "female" if traits.gender > 2.0 / 3.0 else "between"
    return {
        "skin tone": SKIN_TONES[fifth],
        "age": age,
        "gender": gender,
        "glasses": "with" if traits.glasses else "without",
        "beard": "with" if traits.beard else "without",
        "hat": "with" if traits.hat else "without",
    }
