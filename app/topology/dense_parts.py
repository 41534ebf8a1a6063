"""Parts and edges of a dense topology."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array
from app.topology.dense_even import Ground
from app.topology.dense_surface import flatten
from app.topology.face_limits import inside_polygon
from app.topology.topology import Part

Indices = NDArray[Any]

_EYE: Final = 1.75
_LIPS: Final = 1.06


def region_parts(points: Array, mirror: Indices) -> tuple[Part, ...]:
    """Regions of the face; every landmark belongs to one of them.

    Parameters
    ----------
    points : ndarray, shape (L, 3), metres
        On the mean head, iBUG-68 first.
    mirror : ndarray, shape (L,)
    """
    flat = flatten(points)
    region = np.full(len(points), "cheek", dtype="<U12")
    brows = flat[17:27]
    corner = flat[48]
    region[flat[:, 1] > np.interp(flat[:, 0], brows[:, 0], brows[:, 1])] = "forehead"
    region[(flat[:, 1] < corner[1]) & (np.abs(flat[:, 0]) < 1.1 * abs(corner[0]))] = "chin"
    bridge = 0.5 * (flat[42, 0] - flat[39, 0]) * 0.55
    nose = np.stack(
        [
            flat[27] - [bridge, 0.0],
            flat[27] + [bridge, 0.0],
            _grown(flat[31:36], 1.12)[4] + [0.004, 0.004],
            _grown(flat[31:36], 1.12)[4],
            flat[33] - [0.0, 0.001],
            _grown(flat[31:36], 1.12)[0],
            _grown(flat[31:36], 1.12)[0] + [-0.004, 0.004],
        ]
    )
    region[inside_polygon(flat, nose)] = "nose"
    region[inside_polygon(flat, _grown(flat[36:42], _EYE))] = "eye region"
    region[inside_polygon(flat, _grown(flat[48:60], _LIPS))] = "lips"
    left = points[:, 0] > 1e-7
    region[left] = region[mirror[left]]
    parts = [
        Part(name, tuple(int(i) for i in np.flatnonzero(region == name)))
        for name in ("forehead", "nose", "lips", "chin")
    ]
    for name in ("eye region", "cheek"):
        for side, own in (("right", ~left), ("left", left)):
            chosen = np.flatnonzero((region == name) & own)
            parts.append(Part(f"{side} {name}", tuple(int(i) for i in chosen)))
    return tuple(part for part in parts if part.landmarks)


def _grown(polygon: Array, share: float) -> Array:
    centre = polygon.mean(axis=0)
    return np.asarray(centre + share * (polygon - centre))


def dense_edges(
    cell: Indices, ground: Ground, landmark: Indices, mirror: Indices
) -> tuple[tuple[int, int], ...]:
    """Lines between landmarks whose cells touch on the skin, the same on both sides.

    They form triangles but for a few quads across the middle, which have two equal diagonals.

    Parameters
    ----------
    cell : ndarray, shape (N,)
        For each sample of the right half, its nearest point.
    ground : Ground
    landmark : ndarray
        For each point of the right half, its landmark.
    mirror : ndarray, shape (L,)
    """
    ends = np.concatenate([ground.triangles[:, [k, (k + 1) % 3]] for k in range(3)])
    pairs = landmark[cell[ends]]
    across = landmark[cell[ground.middle]]
    every = np.concatenate([pairs, mirror[pairs], np.column_stack([across, mirror[across]])])
    every = np.unique(np.sort(every, axis=1), axis=0)
    return tuple((int(a), int(b)) for a, b in every if a != b)
