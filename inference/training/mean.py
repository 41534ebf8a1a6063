"""The running mean of a network's weights, which is what is measured and shipped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightMean:
    """Exponential mean of all values of a network, those of normalisation included.

    Early in training the mean is over fewer steps, so that it does not remember the start.

    Parameters
    ----------
    network : Module
    keep : float
        Share kept at every step, at most; with 0 the mean is the network.
    """

    def __init__(self, network: nn.Module, keep: float) -> None:
        self._keep = keep
        self._live = network.state_dict()
        self.values = {name: value.detach().clone() for name, value in self._live.items()}
        floating = [n for n, v in self._live.items() if v.is_floating_point()]
        self._floating = [self._live[n] for n in floating], [self.values[n] for n in floating]
        self._whole = [n for n, v in self._live.items() if not v.is_floating_point()]

    def follow(self, step: int) -> None:
        """Take the weights after ``step`` steps into the mean."""
        keep = min(self._keep, (1.0 + step) / (10.0 + step))
        live, mean = self._floating
        with torch.no_grad():
            torch._foreach_lerp_(mean, live, 1.0 - keep)
        for name in self._whole:
            self.values[name].copy_(self._live[name])

    def load(self, values: dict[str, Tensor]) -> None:
        """Go on from a mean that was saved."""
        for name, value in self.values.items():
            value.copy_(values[name])

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The network has the mean weights meanwhile."""
        own = {name: value.detach().clone() for name, value in self._live.items()}
        self._copy(self.values)
        try:
            yield
        finally:
            self._copy(own)

    def _copy(self, values: dict[str, Tensor]) -> None:
        for name, value in self._live.items():
            value.copy_(values[name])
