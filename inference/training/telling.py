"""How a run is getting on."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """How a run is getting on.

    Attributes
    ----------
    step : int
    fraction : float
        Of the run.
    seconds_left : float
    per_second : float
        Samples.
    loss : float
        Mean since the last time.
    score : float
        Best so far; infinite before the first look.
    """

    step: int
    fraction: float
    seconds_left: float
    per_second: float
    loss: float
    score: float


class Window:
    """Terms of the loss since they were last written down."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.told = time.monotonic()
        self._loss = float("nan")
        self.clear()

    def add(self, terms: dict[str, float]) -> None:
        self.count += 1
        if terms:
            self._sound += 1
            for name, value in terms.items():
                self._sums[name] = self._sums.get(name, 0.0) + value

    def means(self) -> dict[str, float]:
        means = {name: value / self._sound for name, value in self._sums.items()}
        return {**means, "skipped": float(self.count - self._sound)}

    def loss(self) -> float:
        if self._sound:
            self._loss = self._sums["sum"] / self._sound
        return self._loss

    def clear(self) -> None:
        self.count = self._sound = 0
        self._sums: dict[str, float] = {}
