"""What a change of a topology does as a whole: to mirror errors, to spacing, and on a head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.geometry.rotations import Array
from app.head.asset import Floats
from app.topology.placement import Placement
from app.topology.topology import Topology


@dataclass(frozen=True)
class Measures:
    """Figures of a topology on the mean head, in metres.

    Attributes
    ----------
    landmarks : int
    mirror_mean, mirror_worst : float
        Distances between landmarks and the mirror images of their partners.
    mirror_at : str
        Name of the worst one.
    closest : float
        Between the two landmarks that lie closest together.
    closest_pair : tuple of str
        Their names.
    spacing : float
        Median of the distances from each landmark to the nearest other.
    """

    landmarks: int
    mirror_mean: float
    mirror_worst: float
    mirror_at: str
    closest: float
    closest_pair: tuple[str, str]
    spacing: float


def measures(topology: Topology) -> Measures:
    """Figures of a topology; spacing is 0 where there is one landmark."""
    names = [mark.name for mark in topology.landmarks]
    at = np.array([mark.mean for mark in topology.landmarks])
    errors = np.linalg.norm(at[list(topology.mirror)] * [-1.0, 1.0, 1.0] - at, axis=1)
    worst = int(errors.argmax())
    if len(at) < 2:
        closest, pair, spacing = 0.0, (names[0], names[0]), 0.0
    else:
        gaps = np.linalg.norm(at[:, None] - at[None], axis=2)
        gaps[np.diag_indices(len(at))] = np.inf
        one, other = np.unravel_index(int(gaps.argmin()), gaps.shape)
        closest, pair = float(gaps[one, other]), (names[int(one)], names[int(other)])
        spacing = float(np.median(gaps.min(axis=1)))
    return Measures(
        len(at), float(errors.mean()), float(errors[worst]), names[worst], closest, pair, spacing
    )


def displacements(
    before: Placement,
    after: Placement,
    vertices: Sequence[Floats],
    pairs: Sequence[tuple[int, int]],
) -> Array:
    """How far landmarks moved on one head.

    Parameters
    ----------
    before, after : Placement
        On the same head.
    vertices : sequence of ndarray, shape (V, 3), metres
        Posed vertices of every mesh of the head.
    pairs : sequence of (int, int)
        Indices of the same landmark in the topology before and after.

    Returns
    -------
    ndarray, shape (len(pairs), 3), metres
    """
    first, second = before.positions(vertices), after.positions(vertices)
    old, new = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return np.asarray(second[new] - first[old])
