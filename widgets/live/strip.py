"""Numbers of the last seconds, one row a result, for a chart that moves along."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 8192
"""Rows kept at most: 30 seconds at 270 results a second."""


class Strip:
    """A ring of rows, each with its time.

    Parameters
    ----------
    names : tuple of str
        Of the columns.
    seconds : float
        How far back rows are told.
    """

    def __init__(self, names: tuple[str, ...], seconds: float) -> None:
        self.names, self.seconds = names, seconds
        self._times = np.full(MOST, -np.inf)
        self._rows = np.full((MOST, len(names)), np.nan, np.float32)
        self._next = 0

    def add(self, time: float, **values: float) -> None:
        """One row; what is not given has a gap there."""
        at = self._next % MOST
        self._times[at] = time
        self._rows[at] = [values.get(name, np.nan) for name in self.names]
        self._next += 1

    def clear(self) -> None:
        self._times[:] = -np.inf
        self._next = 0

    def last(self) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Seconds before the newest row, ascending to 0, shape (N,), and the rows, shape (N, C)."""
        order = np.arange(max(self._next - MOST, 0), self._next) % MOST
        if not len(order):
            return np.zeros(0), np.zeros((0, len(self.names)), np.float32)
        since = self._times[order] - self._times[order[-1]]
        kept = order[(since >= -self.seconds) & (since <= 0.0)]
        return self._times[kept] - self._times[order[-1]], self._rows[kept]

    def newest(self) -> dict[str, float]:
        """The newest row's values by name, those that are there."""
        if not self._next:
            return {}
        row = self._rows[(self._next - 1) % MOST]
        return {n: float(v) for n, v in zip(self.names, row, strict=True) if np.isfinite(v)}
