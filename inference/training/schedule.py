"""The learning rate over a run."""

from __future__ import annotations

import math
from typing import Final

from inference.training.config import TrainingConfig

_START: Final = 0.04
"""Of the greatest rate, where it starts to rise."""

_SHORT: Final = 0.01


def rate_at(fraction: float, config: TrainingConfig) -> float:
    """Learning rate when ``fraction`` of the run has passed.

    It rises and falls along half a cosine (one-cycle: Smith and Topin, 2018; cosine: Loshchilov
    and Hutter, ICLR 2017, without restarts).
    """
    rise = config.warm_up if config.schedule == "one-cycle" else _SHORT
    if fraction < rise:
        return config.rate * _between(_START, 1.0, fraction / rise)
    fall = min(1.0, (fraction - rise) / max(1.0 - rise, 1e-9))
    return config.rate * _between(1.0, config.final_rate, fall)


def _between(start: float, end: float, t: float) -> float:
    return end + (start - end) * (1.0 + math.cos(math.pi * t)) / 2.0
