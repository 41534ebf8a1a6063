"""Texels of a texture layout: which triangle covers each, and what its surface point is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from app.bake.mesh import Floats, Ints, Singles, triangulate


@dataclass(frozen=True)
class TexelMap:
    """Covered texels of a square texture.

    Attributes
    ----------
    size : int
        Texture edge in texels.
    rows, cols : ndarray, shape (T,)
        Covered texels; row 0 is the top of the picture.
    vertices : ndarray, shape (T, 3)
        Vertices of the covering triangle.
    weights : ndarray, shape (T, 3)
        Barycentric weights.
    """

    size: int
    rows: Ints
    cols: Ints
    vertices: Ints
    weights: Floats

    def sample(self, values: Floats) -> Floats:
        """Interpolate vertex values, shape (N,) or (N, K), at the texels."""
        corner = values[self.vertices]
        weights = self.weights if values.ndim == 1 else self.weights[..., None]
        result: Floats = (corner * weights).sum(axis=1)
        return result

    def fill(self) -> Ints:
        """For each texel of the picture the number of the nearest covered one, shape (S * S,)."""
        number = np.full((self.size, self.size), -1, dtype=np.int64)
        number[self.rows, self.cols] = np.arange(len(self.rows))
        near = ndimage.distance_transform_edt(
            number < 0, return_distances=False, return_indices=True
        )
        return np.asarray(number[near[0], near[1]].ravel())


def rasterise(faces: Ints, uv: Floats, size: int) -> TexelMap:
    """Find the texels that faces cover.

    Parameters
    ----------
    faces : ndarray, shape (F, 4)
    uv : ndarray, shape (F, 4, 2)
        0..1, origin at the lower left.
    size : int
        Texture edge in texels.
    """
    triangles, corners = triangulate(faces)
    xy = uv[corners[..., 0], corners[..., 1]] * [1, -1] * size + [0, size] - 0.5
    owner = np.full((size, size), -1, dtype=np.int32)
    shift = 4
    fixed = np.round(xy * (1 << shift)).astype(np.int32)
    for k, polygon in enumerate(fixed):
        cv2.fillConvexPoly(owner, polygon, k, lineType=cv2.LINE_8, shift=shift)
    rows, cols = np.nonzero(owner >= 0)
    which = owner[rows, cols]
    a, b, c = (xy[which, k] for k in range(3))
    p = np.stack([cols, rows], axis=-1).astype(np.float64)
    area = _cross(b - a, c - a)
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    v, w = _cross(p - a, c - a) / area, _cross(b - a, p - a) / area
    weights = np.clip(np.stack([1 - v - w, v, w], axis=1), 0, 1)
    weights /= weights.sum(axis=1, keepdims=True)
    return TexelMap(size, rows, cols, triangles[which], weights)


def _cross(a: Floats, b: Floats) -> Floats:
    result: Floats = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return result


def texel_steps(position: Floats) -> tuple[Singles, Singles]:
    """Metres from one column to the next and from one row to the next, shape (S, S) each.

    Parameters
    ----------
    position : ndarray, shape (S, S, 3), metres
        Surface point of each texel.
    """
    across = np.linalg.norm(np.gradient(position, axis=1), axis=-1)
    along = np.linalg.norm(np.gradient(position, axis=0), axis=-1)
    floor = np.median(across) * 0.3
    return (
        np.maximum(across, floor).astype(np.float32),
        np.maximum(along, floor).astype(np.float32),
    )


def normal_map(height: Singles, steps: tuple[Singles, Singles]) -> Singles:
    """Tangent-space normals of a height picture.

    Parameters
    ----------
    height : ndarray, shape (S, S), metres
    steps : pair of ndarray, shape (S, S), metres
        See `texel_steps`.

    Returns
    -------
    ndarray, shape (S, S, 3)
        Unit normals; x grows to the right, y to the top of the picture (OpenGL).
    """
    height = height.astype(np.float32, copy=False)
    normal = np.empty((*height.shape, 3), dtype=np.float32)
    np.divide(np.gradient(height, axis=1), steps[0], out=normal[..., 0])
    np.divide(np.gradient(height, axis=0), steps[1], out=normal[..., 1])
    normal[..., 0] *= -1
    normal[..., 2] = 1
    normal /= np.sqrt(np.einsum("rck,rck->rc", normal, normal))[..., None]
    return normal
