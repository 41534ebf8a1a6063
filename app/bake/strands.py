"""Hairs as narrow tapered ribbons rooted on a skinned surface."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from app.bake.head import SkinMesh, skin_mesh
from app.bake.mesh import Bools, Floats, Ints, vertex_normals
from app.bake.parts import Part, limit_weights, moving

Region = Callable[[Floats], Bools]


@dataclass(frozen=True)
class Surface:
    """The skin as triangles on which hairs grow.

    Attributes
    ----------
    part : Part
    triangles : ndarray, shape (T, 3)
    normals : ndarray, shape (N, 3)
    canonical : ndarray, shape (N, 3), metres
    """

    part: Part
    triangles: Ints
    normals: Floats
    canonical: Floats

    @staticmethod
    def of(part: Part, skin: SkinMesh) -> Surface:
        """Surface of one person's skin."""
        normals = vertex_normals(part.vertices, skin.triangles)
        return Surface(part, skin.triangles, normals, skin.canonical)


@dataclass(frozen=True)
class Roots:
    """Points on a surface: triangle, shape (R,), and barycentric weights, shape (R, 3)."""

    surface: Surface
    triangle: Ints
    weights: Floats

    def interpolate(self, values: Floats) -> Floats:
        """Values of the surface's vertices, shape (N, K), at the roots, shape (R, K)."""
        corner = values[self.surface.triangles[self.triangle]]
        result: Floats = np.einsum("rc,rck->rk", self.weights, corner)
        return result

    def take(self, chosen: Ints) -> Roots:
        """Some of the roots, by index."""
        return Roots(self.surface, self.triangle[chosen], self.weights[chosen])

    def frames(self, vertices: Floats) -> Floats:
        """Orthonormal frames of the roots' triangles, shape (R, 3, 3), axes in columns."""
        a, b, c = np.moveaxis(vertices[self.surface.triangles[self.triangle]], 1, 0)
        x = (b - a) / np.maximum(np.linalg.norm(b - a, axis=1, keepdims=True), 1e-12)
        n = np.cross(b - a, c - a)
        n /= np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-15)
        return np.stack([x, np.cross(n, x), n], axis=-1)


def scatter(
    surface: Surface, count: int, rng: np.random.Generator, density: Bools | Floats
) -> Roots:
    """Random roots, by canonical area times the density of each triangle, shape (T,)."""
    corners = surface.canonical[surface.triangles]
    return Roots(surface, *_scattered(corners, count, rng, density))


def _scattered(
    corners: Floats, count: int, rng: np.random.Generator, density: Bools | Floats
) -> tuple[Ints, Floats]:
    """Triangles, shape (R,), and weights, shape (R, 3), of random points on triangles."""
    a, b, c = np.moveaxis(corners, 1, 0)
    area = np.cumsum(np.linalg.norm(np.cross(b - a, c - a), axis=1) * density)
    triangle = np.searchsorted(area, rng.random(count) * area[-1])
    u, v = rng.random((2, count))
    over = u + v > 1
    u[over], v[over] = 1 - u[over], 1 - v[over]
    return triangle, np.stack([1 - u - v, u, v], axis=1)


@dataclass(frozen=True, eq=False)
class _Samples:
    """Many points on a region of the skin, the same for all people, and a search tree."""

    triangle: Ints
    weights: Floats
    tree: cKDTree


@functools.cache
def _samples(region: Region, flat: bool) -> _Samples:
    skin = skin_mesh()
    corners = skin.canonical[skin.triangles]
    rng = np.random.default_rng(1)
    triangle, weights = _scattered(corners, 60_000, rng, region(corners.mean(axis=1)))
    points = np.einsum("rc,rck->rk", weights, corners[triangle])
    return _Samples(triangle, weights, cKDTree(points[:, [0, 2]] if flat else points))


def nearest_roots(surface: Surface, points: Floats, region: Region, flat: bool = False) -> Roots:
    """Roots nearest to canonical points, shape (R, 3).

    Parameters
    ----------
    region : callable
        Which canonical positions may be roots; a plain function, for its samples are kept.
    flat : bool
        Compare only x and z.
    """
    samples = _samples(region, flat)
    _, index = samples.tree.query(points[:, [0, 2]] if flat else points)
    return Roots(surface, samples.triangle[index], samples.weights[index])


def unit(vectors: Floats) -> Floats:
    """Vectors of length one, along the last axis."""
    length = np.sqrt(np.einsum("...k,...k->...", vectors, vectors))
    result: Floats = vectors / np.maximum(length, 1e-12)[..., None]
    return result


def ribbons(path: Floats, side: Floats, width: Floats) -> tuple[Floats, Ints, Floats]:
    """Tapered ribbons along paths.

    Parameters
    ----------
    path : ndarray, shape (R, K, 3)
    side : ndarray, shape (R, K, 3)
        Unit vectors across the ribbon.
    width : ndarray, shape (R, K)
        Metres; the last point is a tip whatever its width.

    Returns
    -------
    vertices : ndarray, shape (R, 2K - 1, 3)
    faces : ndarray, shape (R * (K - 1), 4)
    along : ndarray, shape (2K - 1, 2)
        Texture coordinates within a ribbon, 0..1 across and along.
    """
    count, points, _ = path.shape
    half = side * width[..., None] / 2
    left, right = path - half, path + half
    body = np.stack([left[:, :-1], right[:, :-1]], axis=2).reshape(count, 2 * (points - 1), 3)
    vertices = np.concatenate([body, path[:, -1:]], axis=1)
    size = 2 * points - 1
    start = np.arange(points - 2) * 2
    quads = np.stack([start, start + 1, start + 3, start + 2], axis=1)
    tip = np.array([[size - 3, size - 2, size - 1, -1]])
    one = np.concatenate([quads, tip])
    faces = np.where(one < 0, -1, one + np.arange(count)[:, None, None] * size).reshape(-1, 4)
    v = np.repeat(np.linspace(0, 1, points)[:-1], 2)
    along = np.column_stack([np.tile([0.0, 1.0], points - 1), v])
    return vertices, faces, np.concatenate([along, [[0.5, 1.0]]])


def window_uv(
    along: Floats, count: int, faces: Ints, width: float, rng: np.random.Generator
) -> Floats:
    """Corner coordinates of `count` ribbons, each showing its own strip of a streaked texture."""
    left = rng.random(count) * (1 - width)
    uv = np.empty((count, len(along), 2))
    uv[..., 0] = left[:, None] + along[:, 0] * width
    uv[..., 1] = 0.01 + 0.98 * along[:, 1]
    flat = uv.reshape(-1, 2)
    return np.asarray(flat[np.maximum(faces, 0)])


def hair_part(
    name: str,
    material: str,
    roots: Roots,
    vertices: Floats,
    faces: Ints,
    uv: Floats,
    actions: Mapping[str, Floats],
    frames: Callable[[Floats], Floats] | None = None,
    normals: Floats | None = None,
) -> Part:
    """A part of ribbons, shape (R, P, 3), that turn and move with the skin under their roots.

    `frames` gives the roots' frames for vertices of the skin; they are `Roots.frames` otherwise.
    `normals`, shape (R, P, 3), are those of the faces where not given.
    """
    surface = roots.surface
    frames = frames or roots.frames
    rest = surface.part.vertices
    origin, frame = roots.interpolate(rest), frames(rest)
    local = np.einsum("rji,rpj->rpi", frame, vertices - origin[:, None])
    moved = {}
    for action, offset in actions.items():
        at_root = roots.interpolate(offset)
        touched = np.flatnonzero(np.einsum("rk,rk->r", at_root, at_root) > 4e-10)
        if len(touched):
            frame_now = frames(rest + offset)[touched]
            turned = np.einsum("rij,rpj->rpi", frame_now, local[touched])
            change = np.zeros_like(vertices)
            change[touched] = turned + (origin + at_root)[touched, None] - vertices[touched]
            moved[action] = change.reshape(-1, 3)
    weights = np.repeat(
        limit_weights(roots.interpolate(surface.part.weights)), vertices.shape[1], 0
    )
    return Part(
        name=name,
        vertices=vertices.reshape(-1, 3),
        faces=faces,
        uv=uv,
        weights=weights,
        materials=(material,),
        material_of=np.zeros(len(faces), dtype=np.int64),
        actions=moving(moved),
        normals=np.zeros((0, 3)) if normals is None else normals.reshape(-1, 3),
    )
