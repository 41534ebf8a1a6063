"""Landmarks of a region spread evenly over the skin, or eased along it between their neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from app.curate.action import Desk, EditError, counted
from app.curate.face_area import area_of
from app.curate.mean_head import MIDDLE, means
from app.curate.moving import indices, relocated
from app.geometry.rotations import Array
from app.topology.dense_even import Ground, Half, cells, even
from app.topology.identity import ids_of
from app.topology.topology import Topology

_MIRROR: Final = np.array([-1.0, 1.0, 1.0])
_FAR: Final = 0.03


@dataclass(frozen=True)
class Resample:
    """Move landmarks so that they lie evenly in the region that they cover.

    Those beside them stay; near eyes and mouth points lie closer, as in the dense topologies.
    """

    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Spread {counted(len(self.ids))} evenly"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        area = area_of(desk.head)
        points, ids, mirror = means(topology), ids_of(topology), topology.mirror
        chosen = set(indices(topology, self.ids))
        if len(chosen) < 2:
            raise EditError("choose two landmarks at least to spread them")
        follows = {i for i in chosen if desk.view.follows(ids[i], ids[mirror[i]])}
        chosen |= {mirror[i] for i in follows}
        result = points.copy()
        for side in (1.0, -1.0):
            flip = np.array([side, 1.0, 1.0])
            own = [
                i
                for i in sorted(chosen)
                if points[i, 0] * side < -MIDDLE
                or (side > 0.0 and mirror[i] == i and abs(points[i, 0]) <= MIDDLE)
            ]
            if side < 0.0:
                own = [i for i in own if i not in follows and mirror[i] not in follows]
            if own:
                moved = _spread(points * flip, own, area.ground)
                result[own] = moved * flip
        moved_rows = [i for i in sorted(chosen) if not np.array_equal(result[i], points[i])]
        return _brought(topology, desk, moved_rows, result)


def _spread(points: Array, own: list[int], ground: Ground) -> Array:
    """New positions of some points of the right half, the others as they are."""
    right = np.flatnonzero(points[:, 0] <= MIDDLE)
    nearest = right[cKDTree(points[right]).query(ground.points)[1]]
    region = np.isin(nearest, own)
    if not region.any():
        raise EditError("these landmarks lie outside the face: there is nothing to spread them on")
    reach = cKDTree(ground.points[region]).query(points[right])[0] < _FAR
    about = right[reach | np.isin(right, own)]
    near = cKDTree(points[about]).query(ground.points)[0] < _FAR
    kept = near & np.isin(nearest, about)
    patch = _patch(ground, kept)
    half = Half()
    for i in about:
        flat = points[i] * ([0.0, 1.0, 1.0] if abs(points[i, 0]) <= MIDDLE else [1.0, 1.0, 1.0])
        half.add(flat, "", int(i), free=int(i) in own)
    if not patch.middle.any() and any(
        half.middle[k] and half.free[k] for k in range(len(half.free))
    ):
        raise EditError("these landmarks lie outside the face: there is nothing to spread them on")
    empty = set(range(len(half.free))) - set(cells(half, patch).tolist())
    half.free = [free and k not in empty for k, free in enumerate(half.free)]
    even(half, patch)
    where = {i: k for k, i in enumerate(half.sources)}
    return np.array([half.points[where[i]] for i in own])


def _patch(ground: Ground, kept: NDArray[Any]) -> Ground:
    whole = ground.triangles[kept[ground.triangles].all(axis=1)]
    # Evening looks for points of the middle line: there is always some of it.
    kept = kept | (ground.middle if not (kept & ground.middle).any() else False)
    return Ground(
        ground.points[kept],
        ground.normals[kept],
        ground.areas[kept],
        ground.grain[kept],
        ground.middle[kept],
        (np.cumsum(kept) - 1)[whole],
    )


@dataclass(frozen=True)
class Relax:
    """Ease landmarks along the surface towards the middle of those that edges join them with.

    Attributes
    ----------
    turns : int
        How often.
    share : float
        Of the way to the middle at each turn, 0 to 1.
    """

    ids: tuple[str, ...]
    turns: int = 5
    share: float = 0.5

    @property
    def text(self) -> str:
        return f"Relax {counted(len(self.ids))}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        if not (1 <= self.turns <= 200 and 0.0 < self.share <= 1.0):
            raise EditError("relax 1 to 200 times, by a share above 0 and up to 1")
        rows = np.array(sorted(set(indices(topology, self.ids))), dtype=np.int64)
        points, surface = means(topology), desk.head.surface
        count = len(points)
        ends = np.array(topology.edges, dtype=np.int64).reshape(-1, 2)
        ends = np.concatenate([ends, ends[:, ::-1]])
        joined = sparse.csr_matrix((np.ones(len(ends)), ends.T), shape=(count, count))
        degree = np.asarray(joined.sum(axis=1)).ravel()
        rows = rows[degree[rows] > 0]
        if not len(rows):
            raise EditError("no edges join these landmarks with others")
        spots = desk.head.spots(topology.landmarks)
        if spots.triangles[rows].min() < 0:
            raise EditError("one of these does not lie on the skin")
        facing = surface.facing(spots)
        for _ in range(self.turns):
            middle = (joined @ points)[rows] / degree[rows, None]
            wanted = points[rows] + self.share * (middle - points[rows])
            there, _ = surface.closest(wanted, facing[rows])
            points[rows], facing[rows] = surface.at(there), surface.facing(there)
        return _brought(topology, desk, [int(i) for i in rows], points)


def _brought(topology: Topology, desk: Desk, rows: list[int], points: Array) -> Topology:
    """Landmarks brought to the skin at points (L, 3); of a mirrored pair the right one leads."""
    ids, mirror = ids_of(topology), topology.mirror
    led = {
        i
        for i in rows
        if mirror[i] in rows
        and mirror[i] != i
        and desk.view.follows(ids[i], ids[mirror[i]])
        and (points[mirror[i], 0], mirror[i]) < (points[i, 0], i)
    }
    own = [i for i in rows if i not in led]
    if not own:
        return replace(topology)
    before = desk.head.spots([topology.landmarks[i] for i in own])
    facing = desk.head.surface.facing(before)
    spots, _ = desk.head.surface.closest(points[own], facing)
    return relocated(topology, desk, {i: spots[k] for k, i in enumerate(own)})
