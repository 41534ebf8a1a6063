"""Lines on a surface: the cut of a mesh with a plane, followed from one point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array
from app.head.asset import Ints, Mesh


@dataclass(frozen=True, eq=False)
class Section:
    """A mesh ready to be cut.

    Attributes
    ----------
    vertices : ndarray, shape (V, 3), metres
    triangles : ndarray, shape (T, 3)
        Of the mesh.
    welded : ndarray, shape (T, 3)
        The same with one number for vertices that lie in one place.
    across : ndarray, shape (T, 3)
        Triangle beyond the edge from each corner to the next, -1 where there is none.
    """

    vertices: Array
    triangles: Ints
    welded: NDArray[Any]
    across: NDArray[Any]

    @staticmethod
    def of(mesh: Mesh) -> Section:
        vertices = mesh.vertices.astype(np.float64)
        _, weld = np.unique(np.round(vertices * 1e6).astype(np.int64), axis=0, return_inverse=True)
        welded = weld.reshape(-1)[mesh.triangles]
        start, end = welded.ravel(), np.roll(welded, -1, axis=1).ravel()
        low, high = np.minimum(start, end), np.maximum(start, end)
        order = np.lexsort((high, low))
        same = (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0)
        across = np.full(len(start), -1, dtype=np.int64)
        first, second = order[:-1][same], order[1:][same]
        across[first], across[second] = second // 3, first // 3
        return Section(vertices, mesh.triangles, welded, across.reshape(-1, 3))


@dataclass(frozen=True, eq=False)
class Line:
    """A broken line on a surface; each piece lies in one triangle.

    Attributes
    ----------
    way : ndarray, shape (P + 1,), metres
        Length along the line at the ends of the pieces; 0 where it was begun.
    corners : ndarray, shape (P, 3)
        Triangle of each piece.
    ends : ndarray, shape (P, 2, 3)
        Barycentric weights of a piece's two ends.
    """

    way: Array
    corners: Ints
    ends: Array

    def sample(self, way: Array) -> tuple[Ints, Array]:
        """Triangles (N, 3) and weights (N, 3) at lengths along the line."""
        piece = np.clip(np.searchsorted(self.way, way) - 1, 0, len(self.corners) - 1)
        length = np.maximum(self.way[piece + 1] - self.way[piece], 1e-12)
        share = np.clip((way - self.way[piece]) / length, 0.0, 1.0)[:, None]
        ends = self.ends[piece]
        return self.corners[piece].copy(), (1.0 - share) * ends[:, 0] + share * ends[:, 1]


def cut(
    section: Section,
    start: Array,
    normal: Array,
    forward: Array,
    limit: Array,
    outward: Array,
    lengths: tuple[float, float],
) -> Line:
    """Follow the cut of a surface with the plane through ``start``.

    Parameters
    ----------
    section : Section
    start : ndarray, shape (3,), metres
        On the surface.
    normal : ndarray, shape (3,)
        Of the plane.
    forward : ndarray, shape (3,)
        The line runs to where this direction points.
    limit, outward : ndarray, shape (3,)
        Ahead of ``start`` the line ends where it would pass the plane through ``limit`` that is
        normal to ``outward``, to the other side.
    lengths : (float, float)
        Metres behind ``start`` and ahead of it at most.

    Raises
    ------
    ValueError
        If there is no surface at ``start``.
    """
    normal = normal / np.linalg.norm(normal)
    height = (section.vertices - start) @ normal
    height = np.where(np.abs(height) < 1e-9, 1e-9, height)
    crossed = _crossed(section, height, start, sum(lengths))
    if not len(crossed):
        raise ValueError("no surface where a line was to begin")
    # Of the triangles that the plane cuts, the one whose cut passes nearest to the start.
    ends = np.array(
        [[_crossing(section, height, t, e)[0] for e in _edges(section, height, t)] for t in crossed]
    )
    along = ends[:, 1] - ends[:, 0]
    square = np.maximum(np.einsum("ti,ti->t", along, along), 1e-18)
    share = np.clip(np.einsum("ti,ti->t", start - ends[:, 0], along) / square, 0.0, 1.0)
    foot = ends[:, 0] + share[:, None] * along
    nearest = int(np.argmin(np.linalg.norm(foot - start, axis=1)))
    triangle = int(crossed[nearest])
    edges = _edges(section, height, triangle)
    begun = _weights(section, height, triangle, edges[0]) * (1.0 - share[nearest])
    begun = begun + _weights(section, height, triangle, edges[1]) * share[nearest]

    sides = [
        _follow(section, height, triangle, edge, foot[nearest], begun, max(lengths))
        for edge in edges
    ]
    ahead = int(_reach(sides[1], forward) > _reach(sides[0], forward))
    front = _kept(sides[ahead], lambda p: bool((p - limit) @ outward > 0.0), lengths[1])
    back = _kept(sides[1 - ahead], lambda _: True, lengths[0])
    way = np.concatenate(
        [-np.cumsum([p.length for p in back])[::-1], [0.0], np.cumsum([p.length for p in front])]
    )
    pieces = [p.turned() for p in reversed(back)] + front
    return Line(
        way,
        np.array([section.triangles[p.triangle] for p in pieces], dtype=np.int32),
        np.array([[p.begin, p.end] for p in pieces]),
    )


@dataclass(frozen=True, eq=False)
class _Piece:
    triangle: int
    begin: Array
    end: Array
    point: Array
    length: float

    def turned(self) -> _Piece:
        return _Piece(self.triangle, self.end, self.begin, self.point, self.length)


def _crossed(section: Section, height: Array, start: Array, radius: float) -> NDArray[Any]:
    above = height[section.triangles] > 0.0
    near = np.linalg.norm(section.vertices[section.triangles[:, 0]] - start, axis=1) < radius
    return np.flatnonzero((above.any(axis=1)) & ~above.all(axis=1) & near)


def _edges(section: Section, height: Array, triangle: int) -> list[int]:
    """The two edges of a triangle that the plane cuts; edge e runs from corner e to the next."""
    above = height[section.triangles[triangle]] > 0.0
    return [e for e in range(3) if above[e] != above[(e + 1) % 3]]


def _crossing(section: Section, height: Array, triangle: int, edge: int) -> tuple[Array, float]:
    a, b = section.triangles[triangle][edge], section.triangles[triangle][(edge + 1) % 3]
    share = float(height[a] / (height[a] - height[b]))
    return (1.0 - share) * section.vertices[a] + share * section.vertices[b], share


def _weights(section: Section, height: Array, triangle: int, edge: int) -> Array:
    _, share = _crossing(section, height, triangle, edge)
    weights = np.zeros(3)
    weights[edge], weights[(edge + 1) % 3] = 1.0 - share, share
    return weights


def _follow(
    section: Section,
    height: Array,
    triangle: int,
    edge: int,
    point: Array,
    begin: Array,
    longest: float,
) -> list[_Piece]:
    pieces: list[_Piece] = []
    seen: set[int] = set()
    length = 0.0
    while triangle not in seen and length < longest:
        seen.add(triangle)
        at, _ = _crossing(section, height, triangle, edge)
        step = float(np.linalg.norm(at - point))
        pieces.append(_Piece(triangle, begin, _weights(section, height, triangle, edge), at, step))
        length += step
        point = at
        beyond = int(section.across[triangle, edge])
        if beyond < 0:
            break
        shared = {
            int(section.welded[triangle][edge]),
            int(section.welded[triangle][(edge + 1) % 3]),
        }
        own = section.welded[beyond]
        entries = [e for e in range(3) if {int(own[e]), int(own[(e + 1) % 3])} == shared]
        exits = [e for e in _edges(section, height, beyond) if e not in entries]
        if not entries or not exits:
            break
        triangle, edge = beyond, exits[0]
        begin = _weights(section, height, beyond, entries[0])
    return pieces


def _reach(pieces: list[_Piece], forward: Array, within: float = 0.01) -> float:
    """How far forward a line has come after its first centimetre."""
    length, at = 0.0, pieces[0].point
    for piece in pieces:
        length += piece.length
        at = piece.point
        if length > within:
            break
    return float(at @ forward)


def _kept(pieces: list[_Piece], inside: Callable[[Array], bool], longest: float) -> list[_Piece]:
    """The pieces up to the first end beyond the limits; always one at least."""
    kept = [pieces[0]]
    length = pieces[0].length
    for piece in pieces[1:]:
        if length + piece.length > longest or not inside(piece.point):
            break
        length += piece.length
        kept.append(piece)
    return kept
