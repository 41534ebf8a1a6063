"""Surfaces as plain arrays, and the few shapes of which interiors are built. Metres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Color = tuple[float, float, float]

Segment = Literal["outside", "cabin", "wheel", "person", "left_hand", "right_hand", "prop"]
SEGMENTS: tuple[Segment, ...] = get_args(Segment)
"""Classes of a driver's mask; the values of its pixels are their places here."""


@dataclass(frozen=True, eq=False)
class Finish:
    """What a surface looks like.

    Attributes
    ----------
    color : tuple of float
        Linear RGB; multiplies the texture where there is one.
    roughness, specular, metallic : float
        As Blender's principled shader has them (specular 0.5 is a reflectance of 4 %).
    texture : ndarray, shape (H, W, 3 or 4), uint8, or None
        sRGB, repeated; a fourth channel cuts the surface out.
    emission : float
        Light of its own, in units of its colour.
    bump : float
        Height of an irregular relief in metres, such as folds or grain.
    grain : float
        Metres from one bump to the next.
    tile : float
        Of the texture coordinates, which one repeat of the texture takes.
    skin : bool
        Whether light wraps softly round its shadows.
    """

    color: Color = (0.8, 0.8, 0.8)
    roughness: float = 0.6
    specular: float = 0.4
    metallic: float = 0.0
    texture: Bytes | None = None
    emission: float = 0.0
    bump: float = 0.0
    grain: float = 0.02
    tile: float = 1.0
    skin: bool = False


@dataclass(frozen=True, eq=False)
class Solid:
    """A surface of one finish.

    Attributes
    ----------
    vertices, normals : ndarray, shape (N, 3), float32
        Metres; unit vectors that point to where it is seen from.
    uvs : ndarray, shape (N, 2), float32
        (0, 0) is the lower left of the texture.
    triangles : ndarray, shape (T, 3), int32
        Anticlockwise as seen from where the normals point.
    segments : ndarray, shape (T,), uint8
        Places in `SEGMENTS`.
    """

    name: str
    vertices: Floats
    normals: Floats
    uvs: Floats
    triangles: Ints
    finish: Finish
    segments: Bytes

    def moved(self, matrix: Array) -> Solid:
        """The solid after a rigid motion, shape (4, 4)."""
        turn = np.asarray(matrix[:3, :3], np.float32)
        shift = np.asarray(matrix[:3, 3], np.float32)
        return replace(self, vertices=self.vertices @ turn.T + shift, normals=self.normals @ turn.T)


def solid(
    name: str,
    shape: tuple[Array, Array, Array],
    finish: Finish,
    segment: Segment = "cabin",
    toward: Array | None = None,
) -> Solid:
    """A solid of points (N, 3), triangles (T, 3) and texture coordinates (N, 2).

    Parameters
    ----------
    toward : ndarray, shape (3,), optional
        A point from which a sheet is seen; by default the triangles' own sense stands.
    """
    points, triangles, uvs = shape
    triangles = np.asarray(triangles, np.int64)
    normals = shading_normals(points, triangles)
    if toward is not None:
        facing = float(((toward - points) * normals).sum())
        if facing < 0.0:
            triangles, normals = triangles[:, ::-1], -normals
    return Solid(
        name,
        np.asarray(points, np.float32),
        np.asarray(normals, np.float32),
        np.asarray(uvs, np.float32),
        np.asarray(triangles, np.int32),
        finish,
        np.full(len(triangles), SEGMENTS.index(segment), np.uint8),
    )


def shading_normals(points: Array, triangles: Array) -> Array:
    """Unit normals of points, weighted by area, shape (N, 3)."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    corner = triangles.ravel()
    total = np.stack(
        [np.bincount(corner, np.repeat(face[:, k], 3), minlength=len(points)) for k in range(3)],
        axis=1,
    )
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-20))


def sheet(
    points: Array, closed_rows: bool = False, closed_columns: bool = False, scale: float = 1.0
) -> tuple[Array, Array, Array]:
    """The surface through a grid of points, shape (R, C, 3).

    Texture coordinates are metres along rows and columns divided by ``scale``.
    """
    rows, columns = points.shape[:2]
    along = np.linalg.norm(np.diff(points, axis=1), axis=2).mean(axis=0)
    down = np.linalg.norm(np.diff(points, axis=0), axis=2).mean(axis=1)
    u = np.concatenate([[0.0], np.cumsum(along)]) / scale
    v = np.concatenate([[0.0], np.cumsum(down)]) / scale
    uvs = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    r = np.arange(rows if closed_rows else rows - 1)
    c = np.arange(columns if closed_columns else columns - 1)
    r, c = (x.ravel() for x in np.meshgrid(r, c, indexing="ij"))
    after_r, after_c = (r + 1) % rows, (c + 1) % columns
    p, q = r * columns + c, r * columns + after_c
    s, t = after_r * columns + after_c, after_r * columns + c
    triangles = np.concatenate([np.stack([p, q, s], axis=1), np.stack([p, s, t], axis=1)])
    return points.reshape(-1, 3), triangles, uvs


def tube(
    course: Array, radius: float | Array, sides: int = 16, closed: bool = False, ends: bool = True
) -> tuple[Array, Array, Array]:
    """A round tube along points (K, 3); ``radius`` may differ from point to point."""
    step = np.gradient(course, axis=0)
    if closed:
        step = np.roll(course, -1, axis=0) - np.roll(course, 1, axis=0)
    along = step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-12)
    across = np.zeros_like(along)
    seed = np.eye(3)[np.argmin(np.abs(along[0]))]
    last = np.cross(along[0], seed)
    for k, way in enumerate(along):
        last = last - (last @ way) * way
        last /= max(float(np.linalg.norm(last)), 1e-12)
        across[k] = last
    other = np.cross(along, across)
    size = np.broadcast_to(np.asarray(radius, float), (len(course),))[:, None, None]
    turn = np.arange(sides) / sides * 2.0 * np.pi
    ring = (
        np.cos(turn)[None, :, None] * across[:, None] + np.sin(turn)[None, :, None] * other[:, None]
    )
    points = course[:, None] + size * ring
    if ends and not closed:
        first, final = (
            points[:1].mean(axis=1, keepdims=True),
            points[-1:].mean(axis=1, keepdims=True),
        )
        shape = (1, sides, 3)
        points = np.concatenate(
            [np.broadcast_to(first, shape), points, np.broadcast_to(final, shape)]
        )
    return sheet(points, closed_rows=closed, closed_columns=True)


def rounded_box(half: Array, radius: float, fineness: int = 3) -> tuple[Array, Array, Array]:
    """A box about the origin, ``half`` (3,) metres to each side, with round edges.

    ``fineness`` is the number of steps round a quarter of an edge, and twice that between edges.
    """
    half = np.asarray(half, float)
    radius = min(radius, 0.98 * float(half.min()))
    bend = np.tan(np.linspace(-1.0, 0.0, fineness + 1) * np.pi / 4.0)
    points, triangles, uvs, count = [], [], [], 0
    for axis in range(3):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        for sign in (-1.0, 1.0):
            lines = []
            for k in (i, j):
                inner = half[k] - radius
                low = -inner + radius * bend
                middle = np.linspace(-inner, inner, 2 * fineness + 1)[1:-1]
                lines.append(np.concatenate([low, middle, -low[::-1]]))
            a, b = np.meshgrid(*lines, indexing="ij")
            cube = np.empty((*a.shape, 3))
            cube[..., axis], cube[..., i], cube[..., j] = sign * half[axis], a, b
            core = np.clip(cube, -(half - radius), half - radius)
            off = cube - core
            off /= np.maximum(np.linalg.norm(off, axis=2, keepdims=True), 1e-12)
            face = core + radius * off
            if sign > 0:
                face = face.transpose(1, 0, 2)
            p, t, uv = sheet(face)
            points.append(p)
            triangles.append(t + count)
            uvs.append(uv)
            count += len(p)
    return np.concatenate(points), np.concatenate(triangles), np.concatenate(uvs)


def extruded(profile: Array, width: Array) -> tuple[Array, Array, Array]:
    """A profile (K, 2) of y and z drawn along x through the stations ``width`` (S,)."""
    grid = np.empty((len(width), len(profile), 3))
    grid[..., 0] = np.asarray(width)[:, None]
    grid[..., 1:] = profile[None]
    return sheet(grid)


def placed(
    shape: tuple[Array, Array, Array], at: Array, turn: Array | None = None
) -> tuple[Array, Array, Array]:
    """A shape turned (3, 3) about the origin and moved to a point."""
    points, triangles, uvs = shape
    if turn is not None:
        points = points @ np.asarray(turn).T
    return points + np.asarray(at), triangles, uvs


def joined(shapes: list[tuple[Array, Array, Array]]) -> tuple[Array, Array, Array]:
    """Several shapes as one."""
    starts = np.cumsum([0, *(len(p) for p, _, _ in shapes[:-1])])
    return (
        np.concatenate([p for p, _, _ in shapes]),
        np.concatenate([t + n for (_, t, _), n in zip(shapes, starts, strict=True)]),
        np.concatenate([uv for _, _, uv in shapes]),
    )
