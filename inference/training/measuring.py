"""What a network is worth on the people held out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from inference.training.config import TrainingConfig
from inference.training.loading import holdout_batches, spread
from inference.training.precision import Computation
from inference.training.task import Batch, Shows, Task

_SHOWN: Final = 16


class TrainingError(RuntimeError):
    """Training cannot go on; the message is one line."""


def measured(
    task: Task, network: nn.Module, config: TrainingConfig, way: Computation, most: int | None
) -> dict[str, float]:
    """Figures of a network over the people held out, in single precision.

    Parameters
    ----------
    task : Task
    network : Module
    config : TrainingConfig
    way : Computation
    most : int, optional
        Samples, spread evenly; all of them without.

    Raises
    ------
    TrainingError
        Nobody is held out.
    """
    samples = task.data("holdout")
    if not len(samples):
        raise TrainingError("no person of the data is held out: more people are needed")
    indices = spread(len(samples), len(samples) if most is None else most)
    pinned = way.device.type == "cuda"
    with _at_rest(network, way):
        batches = holdout_batches(samples, indices, config.batch, way.workers, pinned)
        told = task.measure(network, (moved(batch, way) for batch in batches))
    figures = {name: float(value) for name, value in told.items()}
    if not np.isfinite(figures["score"]):
        figures["score"] = float("inf")
    return figures


def drawn(
    task: Task, network: nn.Module, most: int, way: Computation
) -> npt.NDArray[np.uint8] | None:
    """A picture (H, W, 3) of what the network makes of people held out, if its task draws any."""
    if not isinstance(task, Shows):
        return None
    samples = task.data("holdout")
    some = spread(len(samples), min(most, _SHOWN))
    with _at_rest(network, way):
        batch = next(holdout_batches(samples, some, len(some), 0, False))
        return np.ascontiguousarray(task.show(network, moved(batch, way)))


def moved(batch: Batch, way: Computation) -> Batch:
    """The batch on the device."""
    return {key: value.to(way.device, non_blocking=True) for key, value in batch.items()}


@contextmanager
def _at_rest(network: nn.Module, way: Computation) -> Iterator[None]:
    """Nothing is learnt within, and what is drawn does not change what is drawn after."""
    was_training = network.training
    devices = [way.device] if way.device.type == "cuda" else []
    network.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=devices):
            yield
    finally:
        network.train(was_training)
