"""Whether something in a cabin stands between a camera and the steering wheel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from app.geometry.rotations import Array
from app.scene.solids import Solid

SCREENS: Final = ("screen", "screen-face")
"""What can be left out of a cabin where it stands in the way."""

MOST_HIDDEN: Final = 0.2
"""Share of the rim's key points that may be hidden by a screen."""


def in_sight(solids: list[Solid], eye: Array, rim: Array) -> list[Solid]:
    """The solids, without the screen where a camera would not see the wheel for it.

    Who mounts a camera to watch the wheel chooses a place from which it is seen.

    Parameters
    ----------
    eye : ndarray, shape (3,), metres
    rim : ndarray, shape (P, 3), metres
        Points of the wheel.
    """
    screens = [one for one in solids if one.name in SCREENS]
    if hidden_share(screens, eye, rim) <= MOST_HIDDEN:
        return solids
    return [one for one in solids if one.name not in SCREENS]


def hidden_share(solids: Iterable[Solid], eye: Array, points: Array) -> float:
    """Share of points before which the upright box about one of the solids stands.

    By slabs (Kay and Kajiya, SIGGRAPH 1986), along the ways from the eye to the points.
    """
    hidden = np.zeros(len(points), bool)
    way = np.asarray(points, float) - eye
    step = np.where(np.abs(way) < 1e-12, 1e-12, way)
    for one in solids:
        low, high = one.vertices.min(axis=0), one.vertices.max(axis=0)
        first, last = (low - eye) / step, (high - eye) / step
        enter = np.minimum(first, last).max(axis=1)
        leave = np.maximum(first, last).min(axis=1)
        hidden |= (enter <= leave) & (leave > 0.0) & (enter < 1.0)
    return float(hidden.mean()) if len(points) else 0.0
