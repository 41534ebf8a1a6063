"""How well two renderers agree on the ground truth of one scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.scene.layers import Layers
from app.scene.segments import SEGMENTS

Floats = NDArray[np.float32]

DEPTH_LIMIT: Final = 1e-3
"""Metres."""


@dataclass(frozen=True)
class Agreement:
    """What two pictures of one scene have in common.

    Attributes
    ----------
    pixels : int
        Where both see the head.
    mask : float
        Intersection over union of the heads' masks.
    depth_within : float
        Share of ``pixels`` whose depths differ by at most `DEPTH_LIMIT`.
    depth_middle : float
        Median of the difference, metres.
    classes : dict of str to float
        Intersection over union of each class that either picture has.
    points : float
        Greatest distance of the projections of any vertex, pixels.
    """

    pixels: int
    mask: float
    depth_within: float
    depth_middle: float
    classes: dict[str, float]
    points: float


def agreement(a: Layers, b: Layers, view: Pinhole) -> Agreement:
    """Compare two renderers' layers of the same scene through the same camera.

    Pixels at outlines and in strands of hair may differ: there the depths of neighbours differ by
    centimetres, and a ray that passes an edge by a hundredth of a pixel meets another surface.
    """
    first, second = a.segments > 0, b.segments > 0
    both = first & second
    off = np.abs(a.depth[both].astype(np.float64) - b.depth[both])
    classes = {}
    for i, name in enumerate(SEGMENTS):
        one, other = a.segments == i, b.segments == i
        if one.any() or other.any():
            classes[name] = _overlap(one, other)
    apart = [
        float(np.nanmax(_apart(view.project(p.astype(float)), view.project(q.astype(float)))))
        for p, q in zip(a.vertices, b.vertices, strict=True)
    ]
    return Agreement(
        int(both.sum()),
        _overlap(first, second),
        float((off <= DEPTH_LIMIT).mean()) if both.any() else 1.0,
        float(np.median(off)) if both.any() else 0.0,
        classes,
        max(apart, default=0.0),
    )


def _apart(a: Array, b: Array) -> Array:
    """Distances of points (N, 2), and a nought."""
    return np.append(np.linalg.norm(a - b, axis=1), 0.0)


def _overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    union = int((a | b).sum())
    return float((a & b).sum() / union) if union else 1.0
