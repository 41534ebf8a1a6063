"""Batches in an order that depends on the seed alone, wherever training begins."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from inference.training.task import Batch, Item, Samples

Place = tuple[int, int]
"""Position in the whole of training, and index of the sample that stands there."""

SEED_ITEMS: Final = 1
_AHEAD: Final = 3
_GRACE: Final = 20
"""Seconds that a worker which is told to end goes on."""


class Order(Sampler[list[Place]]):
    """Positions of the batches from one step on: one shuffling of the samples after another.

    Parameters
    ----------
    count : int
        Samples.
    batch : int
    seed : int
    first : int
        Step to begin with.
    """

    def __init__(self, count: int, batch: int, seed: int, first: int) -> None:
        self.count, self.batch, self.seed, self.first = count, batch, seed, first

    def __iter__(self) -> Iterator[list[Place]]:
        position = self.first * self.batch
        epoch, order = -1, np.empty(0, np.int64)
        while True:
            places: list[Place] = []
            for at in range(position, position + self.batch):
                if at // self.count != epoch:
                    epoch = at // self.count
                    order = np.random.default_rng((self.seed, epoch)).permutation(self.count)
                places.append((at, int(order[at % self.count])))
            yield places
            position += self.batch


class _Drawn(Dataset[Item]):
    """Samples with the chance that belongs to their position."""

    def __init__(self, samples: Samples, seed: int) -> None:
        self.samples, self.seed = samples, seed

    def __getitem__(self, place: Place) -> Item:
        position, index = place
        rng = np.random.default_rng((self.seed, position, SEED_ITEMS))
        return self.samples.item(index, rng)


def training_batches(
    samples: Samples, batch: int, seed: int, first: int, workers: int, pinned: bool
) -> Iterator[Batch]:
    """Batches without end from the step ``first`` on; the same for any number of workers."""
    order = Order(len(samples), batch, seed, first)
    return iter(_loader(_Drawn(samples, seed), order, workers, pinned))


def holdout_batches(
    samples: Samples, indices: npt.NDArray[np.int64], batch: int, workers: int, pinned: bool
) -> Iterator[Batch]:
    """Batches of the samples of these indices, in their order."""
    places = [(int(i), int(i)) for i in indices]
    groups = [places[k : k + batch] for k in range(0, len(places), batch)]
    return iter(_loader(_Drawn(samples, 0), groups, workers, pinned))


def spread(count: int, most: int) -> npt.NDArray[np.int64]:
    """At most ``most`` indices spread evenly over ``count``."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(np.int64)


def _loader(dataset: _Drawn, order: Any, workers: int, pinned: bool) -> DataLoader[Batch]:
    return DataLoader(
        dataset,
        batch_sampler=order,
        num_workers=workers,
        collate_fn=_stacked,
        worker_init_fn=_settle,
        pin_memory=pinned,
        prefetch_factor=_AHEAD if workers else None,
        generator=torch.Generator(),
    )


def _stacked(items: list[Item]) -> Batch:
    return {
        key: torch.from_numpy(np.ascontiguousarray(np.stack([item[key] for item in items])))
        for key in items[0]
    }


def _settle(_: int) -> None:
    """The loop alone decides about interrupts, and a worker has one thread.

    Who ends the loop often ends its whole group: workers live on until the state is saved.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGTERM, lambda *_: signal.alarm(_GRACE))
    os.environ["OMP_NUM_THREADS"] = "1"
    import cv2

    cv2.setNumThreads(0)
