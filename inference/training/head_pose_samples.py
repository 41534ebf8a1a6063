"""Crops with the head's rotation, and beside them those of unlabelled pictures."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from app.dataset.packed import Packed
from app.dataset.sample import OUTLINED, held_out
from inference.models.fsanet import SIZE
from inference.training.augment import Shares, augmented, photographed
from inference.training.augment_view import View
from inference.training.face_samples import OtherPictures, seen
from inference.training.placing import exact, jittered, placed
from inference.training.task import Item, Part
from inference.training.unlabelled import Unlabelled

Half = Literal["all", "first", "second"]
Rotations = npt.NDArray[np.float32] | npt.NDArray[np.float64]


def halved(people: npt.NDArray[np.int64], half: Half) -> npt.NDArray[np.bool_]:
    """Which samples belong to a half of the people; nobody is in both."""
    if half == "all":
        return np.ones(len(people), bool)
    mixed = (np.asarray(people, np.uint64) * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(40)
    return np.asarray((mixed % np.uint64(2) == 0) == (half == "first"))


class HeadPoseSamples:
    """Crops of one part of the packed frames.

    Parameters
    ----------
    data : Packed
    part : {'train', 'holdout'}
        Crops held out lie where the truth puts them and are not augmented.
    augment : Shares
    half : {'all', 'first', 'second'}
        Of the people trained on.
    """

    def __init__(self, data: Packed, part: Part, augment: Shares, half: Half = "all") -> None:
        own = held_out(data.people)
        if part == "train":
            own = ~own & halved(data.people, half)
        self.data, self.part, self.augment = data, part, augment
        self.numbers = np.flatnonzero(own)
        self.people = data.people[self.numbers]
        self.others = OtherPictures(data, self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def angles(self) -> npt.NDArray[np.float32]:
        """True head poses (N, 3), yaw, pitch and roll in degrees, ``pose_para``."""
        return self.data.angles()[self.numbers]

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """``pictures`` (S, S, 3) uint8 and ``rotation`` (3, 3) of the head in that crop."""
        sample = seen(self.data.row(int(self.numbers[index])))
        if self.part == "holdout":
            cut = placed(sample, exact(sample.points), SIZE)
            return {"pictures": cut.picture, "rotation": cut.rotation}
        cut = placed(sample, jittered(sample.points, self.augment, rng), SIZE)
        pixels = (cut.points[OUTLINED, :2] + np.float32(0.5)) * SIZE - np.float32(0.5)
        view = View(cut.picture, cut.head, cut.skin, pixels)
        picture = augmented(view, self.augment, rng, self.others)
        return {"pictures": np.ascontiguousarray(picture), "rotation": cut.rotation}


def nearest(predicted: Rotations, truth: Rotations, count: int) -> npt.NDArray[np.intp]:
    """For each predicted head pose the samples whose true one is nearest.

    The distance is that of the rotations' matrices, ‖A − B‖ = 2·√2·sin(θ/2) of the angle θ between
    them, which knows no pole and no jump from −180° to 180° as the mean square over angles does.

    Parameters
    ----------
    predicted : ndarray, shape (M, 3, 3)
    truth : ndarray, shape (N, 3, 3)
    count : int
        So many for each; fewer where there are no more.

    Returns
    -------
    ndarray of int, shape (M, min(count, N))
        Nearest first.
    """
    count = min(count, len(truth))
    _, found = cKDTree(truth.reshape(-1, 9)).query(predicted.reshape(-1, 9), k=count)
    return np.asarray(found, np.intp).reshape(len(predicted), count)


class PairedSamples:
    """Samples of a head pose near to one of an unlabelled picture, together with that picture.

    An epoch shows every unlabelled picture once with each of its neighbours. Items are those of
    `HeadPoseSamples` and ``unlabelled`` (S, S, 3) uint8.

    Parameters
    ----------
    source : HeadPoseSamples
    neighbours : ndarray of int, shape (M, K)
        Samples of ``source`` for each unlabelled picture.
    target : Unlabelled
    """

    def __init__(
        self, source: HeadPoseSamples, neighbours: npt.NDArray[np.intp], target: Unlabelled
    ) -> None:
        self.source, self.neighbours, self.target = source, neighbours, target

    @property
    def people(self) -> npt.NDArray[np.int64]:
        return np.asarray(self.source.people[self.neighbours.reshape(-1)], np.int64)

    def __len__(self) -> int:
        return int(self.neighbours.size)

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """One pair; both pictures go through the same lens and sensor."""
        shares = self.source.augment
        which, rank = divmod(index, self.neighbours.shape[1])
        labelled = self.source.item(int(self.neighbours[which, rank]), rng)
        picture = photographed(self.target.jittered(which, shares, rng), shares, rng)
        return {**labelled, "unlabelled": np.ascontiguousarray(picture)}
