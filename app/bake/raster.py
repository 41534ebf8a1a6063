"""Texels of a texture layout: which triangle covers each, and what its surface point is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from app.bake.mesh import Floats, Ints, triangulate


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

    def image(self, values: Floats) -> Floats:
        """Picture of texel values, shape (size, size[, K]); gaps repeat the nearest texel."""
        shape = (self.size, self.size, *values.shape[1:])
        picture = np.zeros(shape, dtype=np.float32)
        picture[self.rows, self.cols] = values
        covered = np.zeros((self.size, self.size), dtype=bool)
        covered[self.rows, self.cols] = True
        near = ndimage.distance_transform_edt(~covered, return_distances=False, return_indices=True)
        return np.asarray(picture[near[0], near[1]])


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


def normal_map(height: Floats, position: Floats) -> Floats:
    """Tangent-space normals of a height picture.

    Parameters
    ----------
    height : ndarray, shape (S, S), metres
    position : ndarray, shape (S, S, 3), metres
        Surface point of each texel, which gives the local texel size.

    Returns
    -------
    ndarray, shape (S, S, 3)
        Unit normals; x grows to the right, y to the top of the picture (OpenGL).
    """
    step_u = np.linalg.norm(np.gradient(position, axis=1), axis=-1)
    step_v = np.linalg.norm(np.gradient(position, axis=0), axis=-1)
    floor = np.median(step_u) * 0.3
    slope_u = np.gradient(height, axis=1) / np.maximum(step_u, floor)
    slope_v = -np.gradient(height, axis=0) / np.maximum(step_v, floor)
    normal = np.stack([-slope_u, -slope_v, np.ones_like(slope_u)], axis=-1)
    return np.asarray(normal / np.linalg.norm(normal, axis=-1, keepdims=True))
