"""Where on the mean head the face is, and what of it a camera can see."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.curate.mean_head import MeanHead, mean_head
from app.curate.surface import Spots
from app.geometry.rotations import Angles, Array, matrix_from_blender_xyz
from app.topology import store
from app.topology.base_mesh import positions
from app.topology.dense_even import Ground
from app.topology.dense_surface import FineSkin, flatten, refined
from app.topology.face_limits import FaceLimits, find_limits, inside_polygon

Indices = NDArray[Any]
Bools = NDArray[Any]

_EAR: Final = 0.25
_YAWS: Final = (-80.0, -50.0, -25.0, 0.0, 25.0, 50.0, 80.0)
_PITCHES: Final = (-70.0, -35.0, 0.0, 35.0, 70.0)
_CELL: Final = 0.003
_SKIN: Final = 0.004
_NEAR: Final = 0.2


@dataclass(frozen=True, eq=False)
class FaceArea:
    """The face on the mean head.

    Attributes
    ----------
    head : MeanHead
    """

    head: MeanHead

    @cached_property
    def fine(self) -> FineSkin:
        """The right half of the skin, cut finely."""
        return refined(self.head.skin.face)

    @cached_property
    def ibug(self) -> Array:
        """The 68 points, shape (68, 3), metres, that the face's border is taken from."""
        return positions(store.load("ibug-68"), self.head.surface.vertices)

    @cached_property
    def limits(self) -> FaceLimits:
        """The border of the face."""
        return find_limits(self.fine, self.ibug)

    @cached_property
    def held(self) -> Bools:
        """Vertices of the fine skin that belong to the face, shape (N,)."""
        return self.limits.holds(self.fine)

    @cached_property
    def ground(self) -> Ground:
        """Samples of the right half of the face."""
        return Ground.of(self.fine, self.held, self.ibug[36:68])

    @cached_property
    def _border(self) -> Array:
        return flatten(self.limits.border)

    def beyond(self, points: Array) -> Array:
        """How far outside the face points (N, 3) lie, shape (N,), metres; nothing inside.

        Along the flattened skin, which is as wide as the head about its front.
        """
        flat = flatten(points)
        inside = inside_polygon(flat, self._border)
        start, end = self._border, np.roll(self._border, -1, axis=0)
        along = end - start
        square = np.maximum(np.einsum("pi,pi->p", along, along), 1e-18)
        share = np.einsum("npi,pi->np", flat[:, None] - start, along) / square
        foot = start + np.clip(share, 0.0, 1.0)[..., None] * along
        gap = np.linalg.norm(flat[:, None] - foot, axis=2).min(axis=1)
        return np.asarray(np.where(inside, 0.0, gap))

    def on_ears(self, spots: Spots) -> Bools:
        """Whether places of the mean head lie on an ear, shape (N,)."""
        ears = self.head.skin.face.ears[self.head.surface.triangles[spots.triangles]]
        return np.asarray(np.einsum("nc,nc->n", spots.weights, ears) > _EAR)

    def nearest_inside(self, points: Array) -> Array:
        """The points of the face nearest to points (N, 3)."""
        right = self.fine.vertices[self.held]
        both = np.concatenate([right, right * [-1.0, 1.0, 1.0]])
        return np.asarray(both[cKDTree(both).query(points)[1]])

    def seen(self, points: Array) -> Bools:
        """Whether some camera sees points (N, 3) of the mean head at rest, shape (N,).

        Cameras stand where poses of the range that is rendered bring the face: 35 directions
        within 80 degrees to the sides and 70 up and down.
        """
        result = np.zeros(len(points), dtype=bool)
        for axes, keys, front in self._views:
            across, ahead = points @ axes[:2].T, points @ axes[2]
            own = _cells(across)
            at = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
            known = keys[at] == own
            result |= ~known | (ahead > front[at] - _SKIN)
        return result

    @cached_property
    def _views(self) -> list[tuple[Array, Indices, Array]]:
        """Axes of each view, its cells, and how far forward the foremost skin is in each."""
        points = self.head.surface.samples()
        points = points[np.linalg.norm(points, axis=1) < _NEAR]
        views = []
        for yaw in _YAWS:
            for pitch in _PITCHES:
                turn = matrix_from_blender_xyz(Angles(yaw, pitch, 0.0))
                axes = np.stack([turn.T @ v for v in np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])])
                keys = _cells(points @ axes[:2].T)
                order = np.argsort(keys, kind="stable")
                first = np.flatnonzero(np.diff(keys[order], prepend=keys[order][0] - 1))
                front = np.maximum.reduceat((points @ axes[2])[order], first)
                views.append((axes, keys[order][first], front))
        return views


def _cells(across: Array) -> Indices:
    cell = np.round(across / _CELL).astype(np.int64)
    return np.asarray(cell[:, 0] * 100_003 + cell[:, 1])


@functools.lru_cache(maxsize=4)
def area_of(head: MeanHead) -> FaceArea:
    """The face on a mean head; worked out once."""
    return FaceArea(head)


def face_area() -> FaceArea:
    """The face on the mean head that comes with the program."""
    return area_of(mean_head())
