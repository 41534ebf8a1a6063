"""A pose by chance, the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT, HeadPose

MIN_STRENGTH: Final = 0.3
"""An expression chosen by chance is at least this strong, so that it is seen."""


def random_pose(
    seed: int,
    reach: float = 1.0,
    expressions: Sequence[Mapping[str, float]] = (),
    head_share: float = 0.0,
) -> HeadPose:
    """Angles drawn evenly within the limits, and one of the expressions at a random strength.

    Parameters
    ----------
    seed : int
        Not negative.
    reach : float
        Part of the limits that is used, in [0, 1].
    expressions : sequence of mapping
        Weights by shape name; none leaves the face at rest.
    """
    chance = np.random.default_rng(seed)
    limits = np.array([YAW_LIMIT, PITCH_LIMIT, ROLL_LIMIT]) * min(max(reach, 0.0), 1.0)
    yaw, pitch, roll = (round(float(a), 2) for a in chance.uniform(-limits, limits))
    shapes: dict[str, float] = {}
    if expressions:
        chosen = expressions[int(chance.integers(len(expressions)))]
        strength = float(chance.uniform(MIN_STRENGTH, 1.0))
        shapes = {name: round(weight * strength, 4) for name, weight in chosen.items() if weight}
    return HeadPose(yaw, pitch, roll, head_share, shapes)
