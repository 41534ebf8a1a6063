"""What is wrong with a topology under edit; findings name their landmarks, and a fix if any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.curate.action import Action
from app.curate.edges import CutEdges
from app.curate.face_area import FaceArea
from app.curate.mean_head import MIDDLE, means
from app.curate.moving import Move, PutBack
from app.curate.naming import Reorder
from app.curate.repairs import KeepApart, Restore, RestoreSubset
from app.curate.snapping import SnapToMirror
from app.geometry.rotations import Array
from app.topology.dense import CLOSEST
from app.topology.dense_surface import flatten
from app.topology.identity import ids_of, subsets_of
from app.topology.topology import Topology

Kind = Literal[
    "outside", "off surface", "too close", "mirror", "crossing", "missing", "moved", "unseen"
]

KINDS: Final[dict[Kind, str]] = {
    "outside": "outside the face",
    "off surface": "off the surface",
    "too close": "closer than the least distance",
    "mirror": "mirror broken",
    "crossing": "crossing edges",
    "missing": "missing from a subset",
    "moved": "moved against a subset",
    "unseen": "seen by no camera",
}


@dataclass(frozen=True)
class Bounds:
    """How much is allowed, metres.

    Attributes
    ----------
    outside : float
        Beyond the border of the face.
    apart : float
        Least distance of two landmarks.
    mirror : float
        Between a landmark and the mirror image of its other side.
    moved : float
        Between a landmark of a subset and the landmark that it stands for.
    """

    outside: float = 0.002
    apart: float = CLOSEST
    mirror: float = 0.0001
    moved: float = 0.00005


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    kind : str
    ids : tuple of str
        The landmarks that are concerned; empty where it is none.
    text : str
        One line for people.
    fix : Action, optional
        An edit that puts it right.
    """

    kind: Kind
    ids: tuple[str, ...]
    text: str
    fix: Action | None = None


def check(
    topology: Topology,
    area: FaceArea,
    subsets: Sequence[Topology] = (),
    bounds: Bounds | None = None,
    base: Topology | None = None,
) -> tuple[Finding, ...]:
    """All that is wrong with a topology.

    Parameters
    ----------
    topology : Topology
    area : FaceArea
    subsets : sequence of Topology
        Those that landmarks stand for by name, such as iBUG-68 as it was released; what stands
        for one that is not given is not checked.
    bounds : Bounds, optional
    base : Topology, optional
        What was edited; landmarks that are put back are called as they were there.
    """
    bounds = bounds or Bounds()
    points = means(topology)
    return (
        *off_surface(topology, area, points),
        *outside(topology, area, points, bounds.outside),
        *too_close(topology, points, bounds.apart),
        *mirror_broken(topology, points, bounds.mirror),
        *crossing(topology, points),
        *(
            found
            for one in subsets
            for found in subset_broken(topology, one, points, bounds.moved, base)
        ),
        *unseen(topology, area, points),
    )


def off_surface(topology: Topology, area: FaceArea, points: Array) -> Iterator[Finding]:
    """Landmarks whose corners are no triangle of the skin, or whose mean lies elsewhere."""
    ids = ids_of(topology)
    surface = area.head.surface
    spots = area.head.spots(topology.landmarks)
    there = spots.triangles >= 0
    gap = np.linalg.norm(surface.at(spots) - points, axis=1)
    for i in np.flatnonzero(~there | (gap > 5.0 * MIDDLE)):
        name = topology.landmarks[i].name
        nearest, _ = surface.closest(points[i][None])
        said = f"is {1000 * gap[i]:.2f} mm off" if there[i] else "lies on no triangle of the skin"
        yield Finding("off surface", (ids[i],), f"{name} {said}", Move((ids[i],), nearest, name))


def outside(topology: Topology, area: FaceArea, points: Array, allowed: float) -> Iterator[Finding]:
    """Landmarks beyond the border of the face, or on an ear."""
    ids = ids_of(topology)
    beyond = area.beyond(points)
    spots = area.head.spots(topology.landmarks)
    ears = area.on_ears(spots) & (spots.triangles >= 0)
    rows = np.flatnonzero((beyond > allowed) | ears)
    if not len(rows):
        return
    inside, _ = area.head.surface.closest(area.nearest_inside(points[rows]))
    for k, i in enumerate(rows):
        name = topology.landmarks[i].name
        where = "lies on an ear" if ears[i] else f"is {1000 * beyond[i]:.1f} mm outside the face"
        yield Finding("outside", (ids[i],), f"{name} {where}", Move((ids[i],), inside[k], name))


def too_close(topology: Topology, points: Array, least: float) -> Iterator[Finding]:
    """Pairs of landmarks nearer to one another than allowed."""
    ids, marks = ids_of(topology), topology.landmarks
    held = {i for subset in subsets_of(topology) for i in subset.landmarks if i is not None}
    for one, other in sorted(cKDTree(points).query_pairs(least - 1e-6)):
        gap = 1000.0 * float(np.linalg.norm(points[one] - points[other]))
        first, second = (other, one) if other in held else (one, other)
        yield Finding(
            "too close",
            (ids[one], ids[other]),
            f"{marks[one].name} and {marks[other].name} are {gap:.2f} mm apart",
            KeepApart(ids[first], ids[second], least, alone=(one in held) != (other in held)),
        )


def mirror_broken(topology: Topology, points: Array, allowed: float) -> Iterator[Finding]:
    """Pairs that are not mirror images, and landmarks without another side beside the middle."""
    ids, marks = ids_of(topology), topology.landmarks
    mirror = np.array(topology.mirror)
    off = np.linalg.norm(points[mirror] * [-1.0, 1.0, 1.0] - points, axis=1)
    for i in np.flatnonzero(off > allowed):
        other = int(mirror[i])
        if other == i:
            text = (
                f"{marks[i].name} is {500 * off[i]:.2f} mm beside the middle without another side"
            )
            yield Finding("mirror", (ids[i],), text, SnapToMirror((ids[i],)))
        elif points[i, 0] < points[other, 0] or (points[i, 0] == points[other, 0] and i < other):
            text = (
                f"{marks[other].name} is {1000 * off[i]:.2f} mm from the mirror image of "
                f"{marks[i].name}"
            )
            yield Finding("mirror", (ids[i], ids[other]), text, SnapToMirror((ids[other],)))


def crossing(topology: Topology, points: Array) -> Iterator[Finding]:
    """Edges that cross on the flattened face.

    Two that are mirror images of one another, as across the middle of dense topologies, may.
    """
    ids, marks = ids_of(topology), topology.landmarks
    edges = np.array(topology.edges, dtype=np.int64).reshape(-1, 2)
    for one, other in _crossings(edges, flatten(points), np.array(topology.mirror)):
        ends = [*edges[one], *edges[other]]
        length = [float(np.linalg.norm(points[e[0]] - points[e[1]])) for e in edges[[one, other]]]
        longer = edges[one if length[0] > length[1] else other]
        names = [marks[i].name for i in ends]
        yield Finding(
            "crossing",
            tuple(ids[i] for i in ends),
            f"the edges {names[0]} – {names[1]} and {names[2]} – {names[3]} cross",
            CutEdges(((ids[longer[0]], ids[longer[1]]),)),
        )


def _crossings(edges: NDArray[Any], flat: Array, mirror: NDArray[Any]) -> list[tuple[int, int]]:
    """Pairs of edges that cross, each once."""
    if len(edges) < 2:
        return []
    start, end = flat[edges[:, 0]], flat[edges[:, 1]]
    half = np.linalg.norm(end - start, axis=1) / 2.0
    # Two that cross have their middles nearer than half their lengths together.
    usual = 1.8 * float(np.median(half))
    long = half > usual
    near = cKDTree((start + end) / 2.0)
    short = near.query_pairs(2.0 * usual, output_type="ndarray")
    rows = np.flatnonzero(long)
    balls = near.query_ball_point((start + end)[rows] / 2.0, half[rows] + half.max())
    rest = [(i, j) for i, ball in zip(rows.tolist(), balls, strict=True) for j in ball if j != i]
    both = np.concatenate([short, np.array(rest, dtype=np.int64).reshape(-1, 2)])
    key = np.unique(both.min(axis=1) * len(edges) + both.max(axis=1))
    pairs = np.stack(np.divmod(key, len(edges)), axis=1)
    one, other = pairs.T
    apart = (edges[one][:, :, None] != edges[other][:, None, :]).all(axis=(1, 2))
    twins = (np.sort(mirror[edges[one]], axis=1) == np.sort(edges[other], axis=1)).all(axis=1)

    def side(a: Array, b: Array, p: Array) -> Array:
        return np.asarray(
            (b[:, 0] - a[:, 0]) * (p[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (p[:, 0] - a[:, 0])
        )

    a, b, c, d = start[one], end[one], start[other], end[other]
    crossed = (side(a, b, c) * side(a, b, d) < 0.0) & (side(c, d, a) * side(c, d, b) < 0.0)
    return [(int(i), int(j)) for i, j in pairs[crossed & apart & ~twins]]


def subset_broken(
    topology: Topology,
    subset: Topology,
    points: Array,
    allowed: float,
    base: Topology | None = None,
) -> Iterator[Finding]:
    """Landmarks that should stand for those of another topology and do not, or lie elsewhere."""
    ids = ids_of(topology)
    held = _held(topology, subset)
    missing = [k for k in range(len(subset)) if held[k] is None]
    if missing:
        names = ", ".join(subset.landmarks[k].name for k in missing[:4])
        more = f" and {len(missing) - 4} more" if len(missing) > 4 else ""
        text = f"{len(missing)} of {subset.name} missing: {names}{more}"
        yield Finding("missing", (), text, _restoring(base, subset, missing))
    there = [(k, i) for k, i in enumerate(held) if i is not None]
    rows = np.array([i for _, i in there], dtype=np.int64)
    wanted = means(subset)[[k for k, _ in there]]
    off = np.linalg.norm(points[rows] - wanted, axis=1)
    for at in np.flatnonzero(off > allowed):
        k, i = there[at]
        mark = topology.landmarks[i]
        text = f"{mark.name} is {1000 * off[at]:.2f} mm from {subset.name}'s own"
        yield Finding("moved", (ids[i],), text, PutBack(((ids[i], subset.landmarks[k]),)))
    if there and not missing and [i for _, i in there] != list(range(len(subset))):
        own = tuple(ids[i] for _, i in there)
        first = next((key for key in ids if key not in own), None)
        text = f"{subset.name} does not stand first and in its order, as readers expect"
        yield Finding("moved", own, text, Reorder(own, first))


def _restoring(base: Topology | None, subset: Topology, missing: Sequence[int]) -> Action:
    """Put back what the base has; what it never had comes from the other topology."""
    before = _held(base, subset) if base is not None else [None] * len(subset)
    known = [before[k] for k in missing]
    if base is None or None in known:
        return RestoreSubset(subset)
    return Restore(base, tuple(ids_of(base)[i] for i in known if i is not None))


def _held(topology: Topology, subset: Topology) -> list[int | None]:
    """The landmark that stands for each of a subset."""
    known = next((s for s in subsets_of(topology) if s.name == subset.name), None)
    held: list[int | None] = list(known.landmarks[: len(subset)]) if known is not None else []
    return held + [None] * (len(subset) - len(held))


def unseen(topology: Topology, area: FaceArea, points: Array) -> Iterator[Finding]:
    """Landmarks that skin hides from every camera."""
    ids = ids_of(topology)
    for i in np.flatnonzero(~area.seen(points)):
        text = f"{topology.landmarks[i].name} is hidden from every camera by other skin"
        yield Finding("unseen", (ids[i],), text)
