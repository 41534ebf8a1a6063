"""Landmarks told by others: what a new point is where only the points of a known release are kept.

Pictures keep landmarks, not the mesh. A point that lies between them is a weighted sum of those
near it along the skin, with weights that sum to one and meet its place on the mean head: moving
least squares with weights that grow without bound at a landmark (Lancaster and Salkauskas,
Mathematics of Computation 37, 1981), so a point that is a landmark is told exactly. Weights that
sum to one hold through rotation, translation and scale, and nearly so through perspective.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.topology.base_skin import base_skin
from app.topology.landmarks import base_vertices_of, shared_placement
from app.topology.placement import Placement
from app.topology.topology import Landmark, Topology

NEIGHBOURS: Final = 10
REACH: Final = 0.06
"""Metres along the skin within which neighbours are looked for."""

_NEAR: Final = 1e-4
"""Metres that are added to distances, so that weights stay finite."""
_FLAT: Final = 1e-4
"""Metres by which the weighted sum may miss the place on the mean head before that costs much."""


@dataclass(frozen=True, eq=False)
class Expressed:
    """Landmarks of one topology as weighted sums of those of another.

    Attributes
    ----------
    weights : ndarray, shape (L, B)
        Rows sum to one.
    exact : ndarray of bool, shape (L,)
        It is one of the other's landmarks.
    """

    weights: Array
    exact: NDArray[np.bool_]

    def of(self, points: Array) -> Array:
        """The landmarks, shape (L, D), from points of the other topology, shape (B, D).

        A landmark is NaN where a point is that it needs.
        """
        known = np.isfinite(points).all(axis=1)
        found = np.asarray(self.weights @ np.where(known[:, None], points, 0.0))
        found[(self.weights[:, ~known] != 0.0).any(axis=1)] = np.nan
        return found


def expressed(wanted: Topology, basis: Topology) -> Expressed:
    """Landmarks of ``wanted`` as weighted sums of those of ``basis``.

    Raises
    ------
    ValueError
        With one line, if the two lie on different meshes, or a landmark has none near it.
    """
    if wanted.base_mesh != basis.base_mesh:
        raise ValueError(
            f"{wanted.name} lies on {wanted.base_mesh} and {basis.name} on {basis.base_mesh}: "
            "one cannot be told by the other"
        )
    same = {_place(mark): k for k, mark in reversed(list(enumerate(basis.landmarks)))}
    weights = np.zeros((len(wanted), len(basis)))
    own = [same.get(_place(mark), -1) for mark in wanted.landmarks]
    for row, column in enumerate(own):
        if column >= 0:
            weights[row, column] = 1.0
        else:
            columns, values = _around(wanted.landmarks[row], basis)
            weights[row, columns] = values
    return Expressed(weights, np.array(own) >= 0)


def errors_on(
    told: Expressed, wanted: Topology, basis: Topology, asset: HeadAsset
) -> tuple[Array, float]:
    """How far landmarks that are told by others lie from their places on one head.

    At rest and with every one of the head's shapes in full, one after the other.

    Parameters
    ----------
    told : Expressed
        ``wanted`` by ``basis``.
    wanted, basis : Topology
    asset : HeadAsset
        That shares the base mesh.

    Returns
    -------
    distances : ndarray, shape (L,), metres
        Mean over rest and shapes.
    size : float, metres
        √(w·h) of the box about the basis at rest, as the head is seen from the front.

    Raises
    ------
    ValueError
        If the head does not share the base mesh.
    """
    base = base_vertices_of(asset)
    if base is None:
        raise ValueError(f"{asset.name} does not share the base mesh")
    places = (
        shared_placement(asset.meshes, base, wanted),
        shared_placement(asset.meshes, base, basis),
    )
    apart = []
    for vertices in _poses(asset):
        true, known = (_positions(place, vertices) for place in places)
        apart.append(np.linalg.norm(told.of(known) - true, axis=1))
    front = _positions(places[1], [m.vertices for m in asset.meshes])[:, [0, 2]]
    size = float(np.sqrt(np.prod(front.max(axis=0) - front.min(axis=0))))
    return np.mean(apart, axis=0), size


def _poses(asset: HeadAsset) -> Any:
    """Vertices of all meshes at rest, then with each shape."""
    yield [mesh.vertices for mesh in asset.meshes]
    for name in asset.shape_names:
        moved = []
        for mesh in asset.meshes:
            shape = next((s for s in mesh.shapes if s.name == name), None)
            vertices = mesh.vertices
            if shape is not None:
                vertices = vertices.copy()
                vertices[shape.indices] += shape.deltas
            moved.append(vertices)
        yield moved


def _positions(place: Placement, vertices: Sequence[Any]) -> Array:
    return place.positions(vertices)


def _place(mark: Landmark) -> tuple[tuple[int, float], ...]:
    """Where it lies on the mesh, whatever the order of its corners."""
    pairs = zip(mark.corners, mark.weights, strict=True)
    return tuple(sorted((corner, weight) for corner, weight in pairs if weight > 0.0))


def _around(mark: Landmark, basis: Topology) -> tuple[NDArray[Any], Array]:
    """Neighbours of a landmark in the basis, and their weights."""
    distances = _along_skin(mark, basis)
    near = np.argsort(distances, kind="stable")[:NEIGHBOURS]
    near = near[np.isfinite(distances[near])]
    if len(near) < 3:
        raise ValueError(
            f"{mark.name!r} has fewer than three landmarks of {basis.name} within "
            f"{1000 * REACH:g} mm: it cannot be told by them"
        )
    at = np.array([basis.landmarks[k].mean for k in near]) - np.array(mark.mean)
    away = distances[near] + _NEAR
    cost = np.diag((away / away.mean()) ** 4)
    solved = np.linalg.solve(cost + at @ at.T / _FLAT**2, np.ones(len(near)))
    return near, solved / solved.sum()


def _along_skin(mark: Landmark, basis: Topology) -> Array:
    """Metres along the edges of the skin to each landmark of the basis, +inf beyond reach."""
    skin = base_skin().whole
    start = np.array(mark.mean)
    corners = list(mark.corners)
    to_corner = np.linalg.norm(skin.vertices[corners] - start, axis=1)
    found = dijkstra(_edges(), indices=corners, limit=REACH)
    reached = (found + to_corner[:, None]).min(axis=0)
    others = np.array([one.corners for one in basis.landmarks])
    means = np.array([one.mean for one in basis.landmarks])
    last = np.linalg.norm(skin.vertices[others] - means[:, None], axis=2)
    ways = (reached[others] + last).min(axis=1)
    straight = np.linalg.norm(means - start, axis=1)
    alike = np.array([len(set(corners) & set(row)) for row in others.tolist()]) == 3
    return np.asarray(np.where(alike, straight, ways))


@functools.cache
def _edges() -> csr_matrix:
    """Lengths of the skin's edges and of the diagonals of its faces."""
    skin = base_skin().whole
    rows = np.concatenate([base_skin().quads[:, [i, k]] for i in range(4) for k in range(4)])
    rows = np.unique(rows[rows[:, 0] != rows[:, 1]], axis=0)
    lengths = np.linalg.norm(skin.vertices[rows[:, 0]] - skin.vertices[rows[:, 1]], axis=1)
    count = len(skin.vertices)
    return csr_matrix((lengths, (rows[:, 0], rows[:, 1])), shape=(count, count))
