"""A picture of solids under a sky and lamps, with exact truth: shading by arrays, not by programs.

OpenGL says which triangle each sample shows; all else is worked out from the triangles themselves,
so depth is that of the ray through the pixel's middle to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.raster.lamps import Lamp, lamps
from app.raster.stage_light import SkyLight, StageLight
from app.raster.stage_shading import Samples, shade
from app.raster.stage_window import NOTHING, TriangleWindow
from app.scene.scene import Light
from app.scene.solids import SEGMENTS, Solid

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]

FINER: Final = 2
"""Times that the picture is drawn larger, along each edge, than it is asked for."""


@dataclass(frozen=True, eq=False)
class Illumination:
    """What lights a stage.

    Attributes
    ----------
    sky : ndarray, shape (h, 2 h, 3), float32
        Linear light from all around, as Cycles reads an equirectangular picture.
    lights : tuple of Light
    fill : float
        Share of the light in the room that its surfaces throw about once more.
    """

    sky: Floats
    lights: tuple[Light, ...] = ()
    fill: float = 1.0


@dataclass(frozen=True, eq=False)
class StagePicture:
    """Light and truth of one picture.

    Attributes
    ----------
    light : ndarray, shape (H, W, 3), float32
        Linear Rec. 709, before any exposure.
    depth : ndarray, shape (H, W), float32
        Metres along the camera's -Z at the middles of the pixels, +inf where nothing is.
    segments : ndarray, shape (H, W), uint8
        Places in `app.scene.solids.SEGMENTS`.
    """

    light: Floats
    depth: Floats
    segments: Bytes


@dataclass(frozen=True, eq=False)
class Joined:
    """All solids as one.

    Attributes
    ----------
    points, normals : ndarray, shape (N, 3), float32
    uvs : ndarray, shape (N, 2), float32
    triangles : ndarray, shape (T, 3), int32
    segments : ndarray, shape (T,), uint8
    owner : ndarray, shape (T,), int32
        Which solid a triangle is of.
    """

    points: Floats
    normals: Floats
    uvs: Floats
    triangles: Ints
    segments: Bytes
    owner: Ints


def join(solids: Sequence[Solid]) -> Joined:
    """Several solids as one set of arrays."""
    starts = np.cumsum([0, *(len(s.vertices) for s in solids[:-1])])
    return Joined(
        np.concatenate([s.vertices for s in solids]),
        np.concatenate([s.normals for s in solids]),
        np.concatenate([s.uvs for s in solids]),
        np.concatenate([s.triangles + np.int32(n) for s, n in zip(solids, starts, strict=True)]),
        np.concatenate([s.segments for s in solids]),
        np.repeat(np.arange(len(solids), dtype=np.int32), [len(s.triangles) for s in solids]),
    )


class StageRenderer:
    """Renders one set of solids after another. Make, use and close it in one thread.

    A picture depends on what is asked for alone, never on the pictures before it.

    Raises
    ------
    NoOpenGLError
        Where there is no OpenGL to be had.
    """

    def __init__(self) -> None:
        self._window = TriangleWindow()
        self._light = StageLight()

    def render(
        self, solids: Sequence[Solid], view: Pinhole, illumination: Illumination
    ) -> StagePicture:
        """Light, depth and segments as a camera sees them."""
        whole = join(solids)
        self._window.place(whole.points, whole.triangles)
        fine = replace(view, width=view.width * FINER, height=view.height * FINER)
        numbers = self._window.numbers(fine)
        seen = np.unique(numbers)
        used = np.unique(whole.triangles[seen[seen != NOTHING]])
        self._light.place(whole.points, whole.triangles)
        sky = self._light.gather(whole.points, whole.normals, used, illumination.sky)
        shining = lamps(illumination.lights)
        reach = self._light.shadows(shining)
        light = self._shaded(solids, whole, sky, shining, reach, fine, numbers, illumination)
        small = light.reshape(view.height, FINER, view.width, FINER, 3)
        # what is brighter than the picture can show would fringe edges: weigh it down for the mean
        weight = 1.0 / (1.0 + small.max(axis=4, keepdims=True))
        mean = (small * weight).sum(axis=(1, 3)) / weight.sum(axis=(1, 3))
        exact = self._window.numbers(view)
        depth, segments = self._truth(whole, view, exact)
        return StagePicture(mean.astype(np.float32), depth, segments)

    def close(self) -> None:
        """Give back windows and memory."""
        self._window.close()
        self._light.close()

    def _shaded(
        self,
        solids: Sequence[Solid],
        whole: Joined,
        sky: SkyLight,
        shining: list[Lamp],
        reach: list[tuple[object, Floats]],
        view: Pinhole,
        numbers: NDArray[np.int64],
        illumination: Illumination,
    ) -> Floats:
        flat = numbers.ravel()
        shown = np.flatnonzero(flat != NOTHING)
        directions = rays(view)
        light = outside(illumination.sky, directions).reshape(-1, 3)
        samples = samples_of(whole, view, directions.reshape(-1, 3)[shown], flat[shown])
        light[shown] = shade(solids, whole.owner[flat[shown]], samples, sky, shining, reach,
                             illumination.sky, illumination.fill)  # fmt: skip
        return light.reshape(view.height, view.width, 3)

    def _truth(
        self, whole: Joined, view: Pinhole, numbers: NDArray[np.int64]
    ) -> tuple[Floats, Bytes]:
        flat = numbers.ravel()
        shown = np.flatnonzero(flat != NOTHING)
        depth = np.full(len(flat), np.inf, np.float32)
        segments = np.full(len(flat), SEGMENTS.index("outside"), np.uint8)
        directions = rays(view).reshape(-1, 3)[shown]
        a, normal = planes(whole, flat[shown])
        along = ((a - view.position) * normal).sum(axis=1)
        slope = (directions * normal).sum(axis=1)
        distance = along / np.where(np.abs(slope) < 1e-9, 1e-9, slope)
        axis = -view.matrix_world[:3, 2]
        depth[shown] = distance * (directions @ axis)
        segments[shown] = whole.segments[flat[shown]]
        return depth.reshape(numbers.shape), segments.reshape(numbers.shape)


def planes(whole: Joined, numbers: NDArray[np.int64]) -> tuple[Array, Array]:
    """A corner and the normal (not of unit length) of triangles, shape (N, 3) each."""
    corners = whole.points[whole.triangles[numbers]].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return corners[:, 0], normal


def rays(view: Pinhole) -> Floats:
    """Unit vectors through the middles of the pixels, shape (H, W, 3), world."""
    x = (np.arange(view.width) - (view.width - 1) / 2.0) / view.focal_pixels
    y = -(np.arange(view.height) - (view.height - 1) / 2.0) / view.focal_pixels
    local = np.empty((view.height, view.width, 3))
    local[..., 0], local[..., 1], local[..., 2] = x[None], y[:, None], -1.0
    local /= np.linalg.norm(local, axis=2, keepdims=True)
    return np.asarray(local @ view.matrix_world[:3, :3].T, np.float32)


def outside(sky: Floats, directions: Floats) -> Floats:
    """What is seen of the sky in directions (..., 3)."""
    import cv2

    height, width = sky.shape[:2]
    around = np.arctan2(directions[..., 1], directions[..., 0])
    lift = np.arcsin(np.clip(directions[..., 2], -1.0, 1.0))
    u = (0.5 - around / (2.0 * np.pi)) % 1.0
    v = 0.5 - lift / np.pi
    wide = np.concatenate([sky[:, -1:], sky, sky[:, :1]], axis=1)
    column = (u * width + 0.5).astype(np.float32)
    row = (v * height - 0.5).astype(np.float32)
    padded = np.zeros((2, -(-column.size // 1024) * 1024), np.float32)
    padded[0, : column.size], padded[1, : column.size] = column.ravel(), row.ravel()
    x, y = padded.reshape(2, -1, 1024)
    out = cv2.remap(wide, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    flat = out.reshape(-1, 3)[: column.size]
    return np.asarray(flat.reshape(*column.shape, 3), np.float32)


def crossed(a: Floats, b: Floats) -> Floats:
    """Cross products of rows, quicker than numpy's own."""
    out = np.empty_like(a)
    out[:, 0] = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    out[:, 1] = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    out[:, 2] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return out


def samples_of(
    whole: Joined, view: Pinhole, directions: Floats, numbers: NDArray[np.int64]
) -> Samples:
    """Places, normals and texture coordinates where rays meet triangles."""
    corner = whole.triangles[numbers]
    a, b, c = (whole.points[corner[:, k]] for k in range(3))
    eye = view.position.astype(np.float32)
    # Moeller and Trumbore 1997, "Fast, Minimum Storage Ray-Triangle Intersection"
    e1, e2 = b - a, c - a
    p = crossed(directions, e2)
    scale = np.einsum("ij,ij->i", e1, p)
    scale = 1.0 / np.where(np.abs(scale) < 1e-14, 1e-14, scale)
    s = eye - a
    u = np.einsum("ij,ij->i", s, p) * scale
    q = crossed(s, e1)
    v = np.einsum("ij,ij->i", directions, q) * scale
    u, v = np.clip(u, 0.0, 1.0), np.clip(v, 0.0, 1.0)
    over = np.maximum(u + v, 1.0)
    share = np.stack([1.0 - (u + v) / over, u / over, v / over], axis=1).astype(np.float32)
    place = share[:, :1] * a + share[:, 1:2] * b + share[:, 2:] * c
    normal = np.einsum("ij,ijk->ik", share, whole.normals[corner])
    uv = np.einsum("ij,ijk->ik", share, whole.uvs[corner])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    facing = np.einsum("ij,ij->i", normal, directions)
    face = crossed(e1, e2)
    back = np.einsum("ij,ij->i", face, directions) > 0.0
    normal[back] *= -1.0
    facing[back] *= -1.0
    # interpolated normals that turn away from the viewer are brought back to the edge
    away = facing > -0.02
    normal[away] -= (facing[away] + 0.02)[:, None] * directions[away]
    return Samples(place, normal, np.asarray(uv, np.float32), -directions, corner, share)
