"""All meshes of a head as one set of arrays, posed together and quickly.

The same motions as `app.head.skinning.MeshPoser` gives, in the same order: shapes, then skin.
Every vertex is first turned as the last bone of the chain would turn it; those that other bones
hold as well, on neck and shoulders, are then put right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.head.skinning import chain_links, chain_motions
from app.raster.surfaces import Surface

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Posed:
    """A head as it stands in the world.

    Attributes
    ----------
    vertices : ndarray, shape (V, 3), float32
        Of all meshes, one after the other, metres.
    normals : ndarray, shape (P, 3), float32
        Unit normals of the points of all surfaces, one surface after the other.
    """

    vertices: Floats
    normals: Floats


class Body:
    """Poses a head again and again; what it gives depends on the pose alone.

    Attributes
    ----------
    rest : ndarray, shape (V, 3), float32
        Vertices of all meshes at rest.
    triangles : ndarray, shape (T, 3), int32
        Of vertices of all meshes, one surface after the other.
    triangle_firsts : ndarray, shape (surfaces + 1,)
        First triangle of each surface.
    firsts : ndarray, shape (meshes + 1,)
        First vertex of each mesh.
    point_vertex : ndarray, shape (P,)
        Vertex of each point of the surfaces.
    point_firsts : ndarray, shape (surfaces + 1,)
        First point of each surface.
    """

    def __init__(self, asset: HeadAsset, pieces: list[Surface]) -> None:
        self._asset = asset
        counts = [len(m.vertices) for m in asset.meshes]
        self.firsts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        self.point_firsts = np.concatenate([[0], np.cumsum([len(s.vertex) for s in pieces])])
        self.point_vertex: Indices = _joined(
            [s.vertex + self.firsts[s.mesh] for s in pieces], (0,), np.intp
        )
        self.triangles: Ints = _joined(
            [self.surface_vertices(i)[s.triangles] for i, s in enumerate(pieces)], (0, 3), np.int32
        )
        counts = [len(s.triangles) for s in pieces]
        self.triangle_firsts: Indices = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        self.rest = _joined([m.vertices for m in asset.meshes], (0, 3), np.float32)
        corners = [asset.meshes[s.mesh].normals.reshape(-1, 3)[s.corner] for s in pieces]
        self._rest_normals = _joined(corners, (0, 3), np.float32)
        self._weights = self._chain_weights()
        last = self._weights[:, -1] >= 1.0 - 1e-7
        self._blended = np.flatnonzero(~last)
        self._blended_points = np.flatnonzero(~last[self.point_vertex])
        self._shares = _shares(self._weights[self._blended])
        self._point_shares = _shares(self._weights[self.point_vertex[self._blended_points]])
        self._shapes = _Shapes(asset, self.firsts, self.rest, self.triangles)
        self._shaped_for: dict[str, float] = {}
        self._shaped = (self.rest, self._rest_normals)

    def pose(self, pose: HeadPose) -> Posed:
        vertices, normals = self._with_shapes(pose.shapes)
        motions = np.concatenate([np.eye(4)[None], chain_motions(self._asset, pose)])
        motions = motions.astype(np.float32)
        turned = vertices @ motions[-1, :3, :3].T + motions[-1, :3, 3]
        some = self._blended
        turned[some] = _blend(vertices[some], motions, self._shares, True)
        points = self._blended_points
        facing = normals @ motions[-1, :3, :3].T
        blended = _blend(normals[points], motions, self._point_shares, False)
        length = np.sqrt(np.einsum("pi,pi->p", blended, blended))
        facing[points] = blended / np.maximum(length, np.float32(1e-12))[:, None]
        return Posed(turned, facing)

    def surface_vertices(self, surface: int) -> Indices:
        """The vertex of each point of a surface."""
        first, end = self.point_firsts[surface : surface + 2]
        return self.point_vertex[first:end]

    def split(self, vertices: Floats) -> tuple[Floats, ...]:
        """The vertices of each mesh."""
        return tuple(vertices[a:b] for a, b in zip(self.firsts[:-1], self.firsts[1:], strict=True))

    def _meshes(self) -> list[tuple[Any, int]]:
        return [(m, int(f)) for m, f in zip(self._asset.meshes, self.firsts, strict=False)]

    def _chain_weights(self) -> Floats:
        """Shape (V, L + 1): how much of each vertex stays at rest, then hangs on each link."""
        links = chain_links(self._asset)
        weights = np.zeros((len(self.rest), len(self._asset.roles.chain) + 1), np.float32)
        for mesh, first in self._meshes():
            rows = np.arange(first, first + len(mesh.vertices))
            for bones, share in zip(mesh.bones.T, mesh.weights.T, strict=True):
                np.add.at(weights, (rows, links[bones]), share)
        return weights

    def _with_shapes(self, shapes: dict[str, float]) -> tuple[Floats, Floats]:
        own = {n: w for n, w in shapes.items() if w and n in self._shapes.names}
        if own != self._shaped_for:
            vertices, change = self._shapes.apply(own)
            normals = self._rest_normals + change[self.point_vertex]
            length = np.sqrt(np.einsum("pi,pi->p", normals, normals))
            normals /= np.maximum(length, np.float32(1e-12))[:, None]
            self._shaped, self._shaped_for = (vertices, normals), own
        return self._shaped


class _Shapes:
    """Blend shapes of all meshes: vertices, and how the normals about them change."""

    def __init__(self, asset: HeadAsset, firsts: Indices, rest: Floats, triangles: Ints) -> None:
        self.rest = rest
        self._by_name: dict[str, list[tuple[Indices, Floats]]] = {}
        for mesh, first in zip(asset.meshes, firsts, strict=False):
            for shape in mesh.shapes:
                place = (shape.indices.astype(np.intp) + first, shape.deltas)
                self._by_name.setdefault(shape.name, []).append(place)
        self.names = frozenset(self._by_name)
        self._triangles = triangles
        self._near: tuple[Indices, Any, Floats] | None = None

    def apply(self, weights: dict[str, float]) -> tuple[Floats, Floats]:
        """Vertices (V, 3), and what is to be added to unit normals about them (V, 3)."""
        vertices, change = self.rest.copy(), np.zeros_like(self.rest)
        if not weights:
            return vertices, change
        for name, weight in weights.items():
            for indices, deltas in self._by_name[name]:
                vertices[indices] += np.float32(weight) * deltas
        if self._near is None:
            self._near = self._neighbours()
        chosen, gather, before = self._near
        change[gather[1]] = self._normals(vertices, chosen, gather) - before
        return vertices, change

    def _neighbours(self) -> tuple[Indices, Any, Floats]:
        """Triangles about what shapes can move, how they add up at vertices, normals at rest."""
        from scipy.sparse import csr_matrix

        moved = np.zeros(len(self.rest), bool)
        for places in self._by_name.values():
            for indices, _ in places:
                moved[indices] = True
        touched = np.zeros(len(self.rest), bool)
        touched[self._triangles[moved[self._triangles].any(axis=1)]] = True
        chosen = np.flatnonzero(touched[self._triangles].any(axis=1))
        corners = self._triangles[chosen].ravel()
        used, row = np.unique(corners, return_inverse=True)
        column = np.repeat(np.arange(len(chosen)), 3)
        ones = np.ones(len(corners), np.float32)
        sums = csr_matrix((ones, (row, column)), shape=(len(used), len(chosen)))
        gather = (sums, used)
        return chosen, gather, self._normals(self.rest, chosen, gather)

    def _normals(self, vertices: Floats, chosen: Indices, gather: Any) -> Floats:
        """Unit normals weighted by area at the vertices that may change."""
        a, b, c = (vertices[self._triangles[chosen, i]] for i in range(3))
        u, v = b - a, c - a
        faces = np.empty_like(u)
        faces[:, 0] = u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1]
        faces[:, 1] = u[:, 2] * v[:, 0] - u[:, 0] * v[:, 2]
        faces[:, 2] = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
        normals: Floats = gather[0] @ faces
        length = np.sqrt(np.einsum("pi,pi->p", normals, normals))
        normals /= np.maximum(length, np.float32(1e-20))[:, None]
        return normals


def _shares(weights: Floats) -> list[tuple[Indices, Floats]]:
    """For each link the rows of weights (N, L) that it holds, and how much."""
    held = [np.flatnonzero(column) for column in weights.T]
    return [(rows, weights[rows, i, None]) for i, rows in enumerate(held)]


def _blend(
    points: Floats, motions: Floats, shares: list[tuple[Indices, Floats]], move: bool
) -> Floats:
    """Points (N, 3) under the mean of motions (L, 4, 4)."""
    out = np.zeros_like(points)
    for motion, (held, share) in zip(motions, shares, strict=True):
        if len(held):
            at = points[held] @ motion[:3, :3].T
            if move:
                at += motion[:3, 3]
            out[held] += share * at
    return out


def _joined(arrays: list[Any], empty: tuple[int, ...], kind: Any) -> Any:
    """Arrays one after the other; an empty one where there are none."""
    if not arrays:
        return np.zeros(empty, kind)
    return np.concatenate(arrays).astype(kind, copy=False)
