"""The skin of one head made from the body model, and where its places lie on the mean head.

A quad of the base mesh is one square, 0 to 1 both ways, on the mean head, on a refined skin and on
every person; what lies at one point of it is the same place on all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.curate.surface import Spots, Surface
from app.geometry.rotations import Array
from app.head.asset import Mesh
from app.topology.base_skin import BaseSkin

Indices = NDArray[Any]

_CORNERS: Final = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_MIDDLES: Final = ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5))


@dataclass(frozen=True, eq=False)
class HeadSurface:
    """A head's skin.

    Attributes
    ----------
    surface : Surface
    quads : ndarray, shape (T,)
        Of each triangle, the quad of the base skin that it is a piece of; -1 for none.
    squares : ndarray, shape (T, 3, 2)
        Where in that quad's square its corners lie.
    pieces : ndarray, shape (F, K)
        Triangles of each quad, -1 behind the last.
    """

    surface: Surface
    quads: Indices
    squares: Array
    pieces: Indices

    @staticmethod
    def of(mesh: Mesh, base_vertices: Indices, skin: BaseSkin) -> HeadSurface:
        """The skin of a head at rest.

        Parameters
        ----------
        mesh : Mesh
            The skin; see `app.topology.landmarks.SKIN_MESH`.
        base_vertices : ndarray, shape (M,)
            Base vertex of the first M vertices of the mesh.
        skin : BaseSkin
        """
        vertices = mesh.vertices.astype(np.float64)
        within = _squares(mesh.triangles, vertices, base_vertices, skin)
        owners: list[set[int]] = [set() for _ in range(len(vertices))]
        for quad, square in enumerate(within):
            for vertex in square:
                owners[vertex].add(quad)
        quads = np.full(len(mesh.triangles), -1, dtype=np.int64)
        squares = np.zeros((len(mesh.triangles), 3, 2))
        pieces: list[list[int]] = [[] for _ in within]
        for row, (a, b, c) in enumerate(mesh.triangles.tolist()):
            common = owners[a] & owners[b] & owners[c]
            if len(common) == 1:
                (quad,) = common
                quads[row] = quad
                squares[row] = [within[quad][v] for v in (a, b, c)]
                pieces[quad].append(row)
        table = np.full((len(within), max(map(len, pieces))), -1, dtype=np.int64)
        for quad, rows in enumerate(pieces):
            table[quad, : len(rows)] = rows
        return HeadSurface(Surface(vertices, mesh.triangles), quads, squares, table)

    def posed(self, vertices: Array) -> HeadSurface:
        """The same skin with its vertices (V, 3) elsewhere."""
        return replace(self, surface=Surface(vertices, self.surface.triangles))

    def on_mean(self, spots: Spots) -> Spots:
        """Places of this head as places of the mean head; row -1 where it has none."""
        rows = self.quads[spots.triangles]
        u, v = np.einsum("nc,nci->ni", spots.weights, self.squares[spots.triangles]).T
        first = u >= v
        weights = np.where(
            first[:, None],
            np.stack([1.0 - u, u - v, v], axis=1),
            np.stack([1.0 - v, u, v - u], axis=1),
        )
        there = np.where(first, rows, rows + len(self.pieces))
        return Spots(np.where(rows >= 0, there, -1), np.clip(weights, 0.0, 1.0))

    def from_mean(self, spots: Spots) -> Spots:
        """Places of the mean head as places of this one; row -1 where it has none."""
        count = len(self.pieces)
        quads = spots.triangles % count
        w = spots.weights
        first = (spots.triangles < count)[:, None]
        at = np.where(
            first,
            np.stack([w[:, 1] + w[:, 2], w[:, 2]], axis=1),
            np.stack([w[:, 1], w[:, 1] + w[:, 2]], axis=1),
        )
        rows = self.pieces[quads]
        a, b, c = np.moveaxis(self.squares[rows], 2, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            area = _cross(b - a, c - a)
            way = at[:, None] - a
            second, third = _cross(way, c - a) / area, _cross(b - a, way) / area
        weights = np.stack([1.0 - second - third, second, third], axis=-1)
        least = np.where((rows >= 0) & np.isfinite(weights).all(axis=-1), weights.min(axis=-1), -9)
        best = least.argmax(axis=1)
        own = np.arange(len(rows))
        found = np.where(least[own, best] > -0.5, rows[own, best], -1)
        clipped = np.clip(np.nan_to_num(weights[own, best]), 0.0, 1.0)
        total = np.maximum(clipped.sum(axis=1, keepdims=True), 1e-12)
        return Spots(np.where(spots.triangles >= 0, found, -1), clipped / total)


def _cross(one: Array, other: Array) -> Array:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])


def _squares(
    triangles: Indices, vertices: Array, base_vertices: Indices, skin: BaseSkin
) -> list[dict[int, tuple[float, float]]]:
    """For each quad of the base skin the vertices of a head's skin in it, and where."""
    near: list[set[int]] = [set() for _ in range(len(vertices))]
    for a, b, c in triangles.tolist():
        near[a].update((b, c))
        near[b].update((a, c))
        near[c].update((a, b))
    first_edge = len(base_vertices)
    # Points of faces come after all points of edges and touch none of their own kind.
    first_face = int(np.sort(triangles, axis=1)[:, 1].max()) + 1
    local = {int(base): k for k, base in enumerate(base_vertices)}
    known: dict[tuple[int, int], int | None] = {}

    def middle(one: int, other: int) -> int | None:
        key = (min(one, other), max(one, other))
        if key not in known:
            between = [v for v in near[one] & near[other] if first_edge <= v < first_face]
            known[key] = _nearest(between, vertices, one, other) if between else None
            if other in near[one]:
                known[key] = None
        return known[key]

    found = []
    for quad in skin.quads.tolist():
        square: dict[int, tuple[float, float]] = {}
        corners = [local.get(v, -1) for v in quad]
        if min(corners) < 0:
            found.append(square)
            continue
        square.update(zip(corners, _CORNERS, strict=True))
        middles = [middle(corners[k], corners[(k + 1) % 4]) for k in range(4)]
        square.update((m, at) for m, at in zip(middles, _MIDDLES, strict=True) if m is not None)
        whole = [m for m in middles if m is not None]
        if len(whole) == 4:
            common = set.intersection(*(near[m] for m in whole))
            square.update((v, (0.5, 0.5)) for v in common if v >= first_face)
        found.append(square)
    return found


def _nearest(between: Sequence[int], vertices: Array, one: int, other: int) -> int:
    middle = vertices[[one, other]].mean(axis=0)
    ordered = sorted(between)
    return ordered[int(np.linalg.norm(vertices[ordered] - middle, axis=1).argmin())]
