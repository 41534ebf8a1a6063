"""What a change does: how far landmarks move, and what becomes of symmetry and spacing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from app.curate.head_surface import HeadSurface
from app.curate.mean_head import MeanHead, means
from app.geometry.rotations import Array
from app.topology.identity import ids_of
from app.topology.topology import Topology


@dataclass(frozen=True, eq=False)
class Displacement:
    """A landmark before and after.

    Attributes
    ----------
    id, name : str
    before, after : ndarray, shape (3,), metres, optional
        None where it was added or removed.
    """

    id: str
    name: str
    before: Array | None
    after: Array | None

    @property
    def length(self) -> float:
        """Metres, straight; 0 where it was added or removed."""
        if self.before is None or self.after is None:
            return 0.0
        return float(np.linalg.norm(self.after - self.before))


@dataclass(frozen=True)
class Evenness:
    """How symmetric a topology is and how close its landmarks lie, metres.

    Attributes
    ----------
    mirror_mean, mirror_most : float
        Between landmarks and the mirror images of their other sides.
    nearest_least, nearest_mean : float
        From each landmark to the nearest other one.
    """

    mirror_mean: float
    mirror_most: float
    nearest_least: float
    nearest_mean: float


def displacements(
    before: Topology, after: Topology, places: tuple[Array, Array] | None = None
) -> tuple[Displacement, ...]:
    """Landmarks that moved, farthest first, then those that were added and removed.

    Parameters
    ----------
    before, after : Topology
    places : (ndarray, ndarray), optional
        Where their landmarks lie, shapes (L, 3) and (M, 3), metres, such as on one head; on the
        mean head without.
    """
    first, second = places or (means(before), means(after))
    old = dict(zip(ids_of(before), first, strict=True))
    new = dict(zip(ids_of(after), second, strict=True))
    names = {
        **dict(zip(ids_of(before), (m.name for m in before.landmarks), strict=True)),
        **dict(zip(ids_of(after), (m.name for m in after.landmarks), strict=True)),
    }
    found = [Displacement(k, names[k], old.get(k), new.get(k)) for k in dict.fromkeys((*old, *new))]
    moved = [d for d in found if d.length > 0.0]
    others = [d for d in found if d.before is None or d.after is None]
    return (*sorted(moved, key=lambda d: -d.length), *others)


def on_head(head: HeadSurface, mean: MeanHead, topology: Topology) -> Array:
    """Where landmarks lie on one head, shape (L, 3), metres.

    Raises
    ------
    ValueError
        If one lies on no triangle of the skin.
    """
    spots = mean.spots(topology.landmarks)
    lost = np.flatnonzero(spots.triangles < 0)
    if len(lost):
        raise ValueError(f"{topology.landmarks[lost[0]].name!r} does not lie on the skin")
    return head.surface.at(head.from_mean(spots))


def evenness(topology: Topology, points: Array | None = None) -> Evenness:
    """Symmetry and spacing on the mean head, or of other positions (L, 3), metres."""
    points = means(topology) if points is None else points
    off = np.linalg.norm(points[list(topology.mirror)] * [-1.0, 1.0, 1.0] - points, axis=1)
    if len(points) < 2:
        return Evenness(float(off.mean()), float(off.max()), 0.0, 0.0)
    near = cKDTree(points).query(points, k=2)[0][:, 1]
    return Evenness(float(off.mean()), float(off.max()), float(near.min()), float(near.mean()))


def mean_lengths(
    before: Topology, after: Topology, heads: Sequence[HeadSurface], mean: MeanHead
) -> tuple[tuple[float, float], ...]:
    """Mean and greatest displacement on each of some heads, metres; of landmarks that moved."""
    result = []
    for head in heads:
        places = on_head(head, mean, before), on_head(head, mean, after)
        moved = [d.length for d in displacements(before, after, places) if d.length > 0.0]
        result.append((float(np.mean(moved)), max(moved)) if moved else (0.0, 0.0))
    return tuple(result)
