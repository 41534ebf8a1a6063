"""The part of a head's surface where a face may be, ready to be searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.geometry.rotations import Array
from app.head.asset import HeadAsset, Ints
from app.topology.closest import closest_on_triangles
from app.topology.placement import Placement

NO_SKIN: Final = frozenset(
    ("hair", "lashes", "brows", "cornea", "teeth", "tongue", "cloth", "glasses", "lens", "lenses")
    + ("accessory", "sclera", "iris")
)
NEAR: Final = 0.24
_SPACING: Final = 0.002
_NORMAL_WEIGHT: Final = 0.012
_CANDIDATES: Final = 24


@dataclass(frozen=True, eq=False)
class FaceSurface:
    """Triangles about a head centre, in zero pose, head centre at the origin.

    Attributes
    ----------
    corners : ndarray, shape (T, 3, 3), metres
    normals : ndarray, shape (T, 3)
    meshes : ndarray, shape (T,)
        Index into `HeadAsset.meshes`.
    vertices : ndarray, shape (T, 3)
        Of that mesh.
    """

    corners: Array
    normals: Array
    meshes: Ints
    vertices: Ints
    _samples: Array
    _owner: NDArray[Any]
    _tree: cKDTree
    _plain: cKDTree

    @staticmethod
    def of(asset: HeadAsset) -> FaceSurface:
        """The skin of a head; where no material is known to be skin, all that is near.

        Raises
        ------
        ValueError
            If nothing is near the head centre.
        """
        roles = [m.role for m in asset.materials]
        parts = [_near(asset, i, roles, True) for i in range(len(asset.meshes))]
        if not sum(len(p[0]) for p in parts):
            parts = [_near(asset, i, roles, False) for i in range(len(asset.meshes))]
        if sum(len(p[0]) for p in parts) < 20:
            raise ValueError(f"{asset.name} has no face: there is hardly a surface near its head")
        corners = np.concatenate([p[0] for p in parts])
        vertices = np.concatenate([p[1] for p in parts])
        meshes = np.concatenate([np.full(len(p[0]), i, np.int32) for i, p in enumerate(parts)])
        cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(cross, axis=1)
        kept = area > 1e-12
        corners, vertices, meshes = corners[kept], vertices[kept], meshes[kept]
        normals = cross[kept] / area[kept, None]
        samples, owner = _spread(corners)
        tree = cKDTree(np.hstack([samples, _NORMAL_WEIGHT * normals[owner]]))
        return FaceSurface(
            corners, normals, meshes, vertices, samples, owner, tree, cKDTree(samples)
        )

    def match(self, points: Array, normals: Array) -> tuple[Array, Array, Array]:
        """Surface points for points (N, 3): near and facing alike.

        Returns
        -------
        at, facing : ndarray, shape (N, 3)
            Points and unit normals of the surface.
        gap : ndarray, shape (N,), metres
        """
        _, found = self._tree.query(np.hstack([points, _NORMAL_WEIGHT * normals]))
        triangle = self._owner[found]
        weights = closest_on_triangles(points, self.corners[triangle])
        at = np.einsum("nc,nci->ni", weights, self.corners[triangle])
        return at, self.normals[triangle], np.linalg.norm(at - points, axis=1)

    def closest(self, points: Array, normals: Array | None = None) -> tuple[Ints, Array, Array]:
        """Triangle (N,), weights (N, 3) and distance (N,) of the nearest surface points.

        With ``normals`` triangles that face away are taken only where there is no other.
        """
        _, near = self._plain.query(points, k=min(_CANDIDATES, len(self._samples)))
        triangle = self._owner[near.reshape(len(points), -1)]
        count = triangle.shape[1]
        many = np.repeat(points, count, axis=0)
        corners = self.corners[triangle.ravel()]
        weights = closest_on_triangles(many, corners)
        gap = np.linalg.norm(np.einsum("nc,nci->ni", weights, corners) - many, axis=1)
        cost = gap.reshape(-1, count).copy()
        if normals is not None:
            away = np.einsum("nki,ni->nk", self.normals[triangle], normals) < 0.1
            cost += np.where(away, 1.0, 0.0)
        rows, best = np.arange(len(points)), cost.argmin(axis=1)
        return (
            triangle[rows, best].astype(np.int32),
            weights.reshape(-1, count, 3)[rows, best],
            gap.reshape(-1, count)[rows, best],
        )

    def placement(self, name: str, version: int, triangle: Ints, weights: Array) -> Placement:
        """Points of the surface as landmarks of the head."""
        return Placement(name, version, self.meshes[triangle], self.vertices[triangle], weights)


def at_zero_pose(asset: HeadAsset, points: Array) -> Array:
    """Rest positions (N, 3) about the head centre, turned to zero pose."""
    return np.asarray((points - asset.head_centre) @ asset.zero.rotation.T)


def _near(asset: HeadAsset, index: int, roles: list[str], skin: bool) -> tuple[Array, Ints]:
    mesh = asset.meshes[index]
    if not len(mesh.triangles):
        return np.zeros((0, 3, 3)), np.zeros((0, 3), np.int32)
    vertices = at_zero_pose(asset, mesh.vertices.astype(np.float64))
    corners = vertices[mesh.triangles]
    kept = np.linalg.norm(corners.mean(axis=1), axis=1) < NEAR
    if skin:
        barred = np.array([role in NO_SKIN for role in roles])
        kept &= ~barred[mesh.materials]
    return corners[kept], mesh.triangles[kept]


def _spread(corners: Array) -> tuple[Array, NDArray[Any]]:
    """Points on triangles, at most `_SPACING` apart along their edges, and whose they are."""
    longest = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2).max(axis=1)
    steps = np.clip(np.ceil(longest / _SPACING), 1, 12).astype(int)
    samples, owner = [], []
    for step in np.unique(steps):
        own = np.flatnonzero(steps == step)
        a, b = np.meshgrid(np.arange(step), np.arange(step), indexing="ij")
        a, b = a[a + b < step], b[a + b < step]
        weights = np.stack([a, b, step - 1 - a - b], axis=1) + 1.0 / 3.0
        weights /= weights.sum(axis=1, keepdims=True)
        samples.append(np.einsum("sc,tci->tsi", weights, corners[own]).reshape(-1, 3))
        owner.append(np.repeat(own, len(weights)))
    return np.concatenate(samples), np.concatenate(owner)
