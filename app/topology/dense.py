"""Dense topologies: hundreds of points evenly over the whole face, iBUG-68 among them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.geometry.rotations import Array
from app.topology.base_mesh import place, positions
from app.topology.dense_even import Ground, Half, add_border, add_round, cells, even, fill
from app.topology.dense_parts import dense_edges, region_parts
from app.topology.dense_rounds import Made, make_rounds
from app.topology.dense_surface import FaceSkin, on_middle, refined
from app.topology.face_limits import find_limits
from app.topology.topology import Landmark, Round, RoundPoint, Topology, Vector

Indices = NDArray[Any]
Edges = tuple[tuple[int, int], ...]
Spot = tuple[tuple[int, int, int], Vector]

COUNTS: Final = (243, 520, 1001)
CLOSEST: Final = 0.002
"""Metres; no two points of a dense topology are nearer on the mean head."""

MOST: Final = 4000
OPENINGS: Final = ("right eye", "left eye", "inner lips")
ROUND_NAMES: Final = ("outline", "round 1", "round 2", "round 3")


def build(skin: FaceSkin, ibug: Topology, count: int) -> Topology:
    """A dense topology of so many points; the same input gives the same points.

    Parameters
    ----------
    skin : FaceSkin
    ibug : Topology
        iBUG-68, which becomes the first 68 points.
    count : int

    Raises
    ------
    ValueError
        If iBUG-68 is not the same on both sides or has points too close to one another, or if
        the count is too small or too large.
    """
    known = positions(ibug, skin.base.vertices)
    _check_symmetric(ibug, known)
    if count > MOST:
        raise ValueError(f"{count} points are too many: with more than {MOST} they are too close")
    fine = refined(skin)
    limits = find_limits(fine, known)
    ground = Ground.of(fine, limits.holds(fine), known[36:68])
    made = make_rounds(fine, limits, known)
    spacing = ground.spacing(count)

    half = Half()
    for i, point in enumerate(known):
        if point[0] < 1e-7:
            half.add(point, ibug.name, i, free=False)
    _add_rounds(half, made, spacing, count, border_of=lambda: add_border(half, limits, spacing))
    fill(half, ground, spacing, count)
    even(half, ground)
    return _assembled(skin, ibug, half, ground, made)


def _check_symmetric(ibug: Topology, known: Array) -> None:
    off = np.linalg.norm(known[list(ibug.mirror)] * [-1.0, 1.0, 1.0] - known, axis=1)
    worst = int(off.argmax())
    if off[worst] > 2e-6:
        raise ValueError(
            f"{ibug.name}: {ibug.landmarks[worst].name!r} is {1000 * off[worst]:.3f} mm from the "
            "mirror image of its other side; place one side and mirror it"
        )


def _add_rounds(half: Half, made: Made, spacing: float, count: int, border_of: Any) -> None:
    right = made.points[:, 0] < 1e-7
    for number, name in enumerate(ROUND_NAMES):
        own = np.flatnonzero(right & (made.rounds == number))
        if number:
            add_round(half, made.points[own], own, name, spacing, count)
            continue
        for i in own[half.gap(made.points[own]) > 1e-6]:
            half.add(made.points[i], name, int(i), free=False)
        border_of()


def _assembled(skin: FaceSkin, ibug: Topology, half: Half, ground: Ground, made: Made) -> Topology:
    order = _order(half)
    first = np.cumsum([0] + [1 if half.middle[i] else 2 for i in order])
    own = {i: len(ibug) + int(k) for i, k in zip(order, first, strict=False)}
    marks, mirror = list(ibug.landmarks), list(ibug.mirror)
    marks = [replace(mark, origin=ibug.name) for mark in marks]
    numbers: dict[str, int] = {}
    for i in order:
        origin = half.origins[i]
        numbers[origin] = numbers.get(origin, 0) + 1
        name = f"{origin}, {numbers[origin]}"
        here = len(marks)
        if half.middle[i]:
            marks.append(
                _landmark(skin, f"{name} middle", on_middle(skin.base, half.points[i]), origin)
            )
            mirror.append(here)
            continue
        spot = place(skin.base, half.points[i], _skin_direction(ground, half.points[i]))
        marks.append(_landmark(skin, f"{name} right", spot, origin))
        marks.append(_landmark(skin, f"{name} left", _mirrored(skin, spot), origin))
        mirror += [here + 1, here]

    right = [
        half.sources[i] if half.origins[i] == ibug.name else own[i] for i in range(len(half.free))
    ]
    means = np.array([mark.mean for mark in marks])
    regions = region_parts(means, np.array(mirror))
    topology = Topology(
        f"dense-{len(marks)}",
        ibug.version,
        tuple(marks),
        ibug.parts + regions,
        _joined(dense_edges(cells(half, ground), ground, np.array(right), np.array(mirror)), ibug),
        tuple(mirror),
        ibug.base_mesh,
        _rounds(skin, half, made, right, mirror, means),
    )
    _check_apart(topology)
    return topology


def _joined(edges: Edges, ibug: Topology) -> Edges:
    """Edges, and those round the openings of the skin, where no cells touch."""
    rings = [p.landmarks for p in ibug.parts if p.name in OPENINGS]
    ring_edges = {
        (min(a, b), max(a, b))
        for ring in rings
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
    }
    return tuple(sorted(ring_edges.union(edges)))


def _order(half: Half) -> list[int]:
    """The points that are not of iBUG-68: by origin, then from the forehead to the chin."""
    origins = [*ROUND_NAMES, "fill"]
    own = [i for i, origin in enumerate(half.origins) if origin in origins]
    return sorted(own, key=lambda i: (origins.index(half.origins[i]), -half.points[i][2], i))


def _skin_direction(ground: Ground, point: Array) -> Array:
    return np.asarray(ground.normals[np.linalg.norm(ground.points - point, axis=1).argmin()])


def _landmark(skin: FaceSkin, name: str, spot: Spot, origin: str) -> Landmark:
    corners, weights = spot
    return Landmark(name, corners, weights, _mean(skin, spot), origin)


def _mean(skin: FaceSkin, spot: Spot) -> Vector:
    x, y, z = np.array(spot[1]) @ skin.base.vertices[list(spot[0])]
    return round(float(x), 6) + 0.0, round(float(y), 6) + 0.0, round(float(z), 6) + 0.0


def _mirrored(skin: FaceSkin, spot: Spot) -> Spot:
    a, b, c = (int(v) for v in skin.base.mirror[list(spot[0])])
    return (a, b, c), spot[1]


def _rounds(
    skin: FaceSkin, half: Half, made: Made, right: list[int], mirror: list[int], means: Array
) -> tuple[Round, ...]:
    """The points as the rounds gave them, and what became of them."""
    became: dict[int, int] = {}
    for i, origin in enumerate(half.origins):
        if origin in ROUND_NAMES:
            became[half.sources[i]] = right[i]
            became[int(made.mirror[half.sources[i]])] = mirror[right[i]]
    found: list[list[RoundPoint]] = [[] for _ in ROUND_NAMES]
    for i, point in enumerate(made.points):
        spot = _spot(skin, point)
        if made.rounds[i] == 0 and i not in became:
            became[i] = int(np.linalg.norm(means - point, axis=1).argmin())
        found[made.rounds[i]].append(
            RoundPoint(*spot, _mean(skin, spot), made.parents[i], became.get(i))
        )
    return tuple(Round(n, tuple(p)) for n, p in zip(ROUND_NAMES, found, strict=True))


def _spot(skin: FaceSkin, point: Array) -> Spot:
    if abs(point[0]) < 1e-7:
        return on_middle(skin.base, point)
    if point[0] > 0.0:
        return _mirrored(skin, place(skin.base, point * [-1.0, 1.0, 1.0]))
    return place(skin.base, point)


def _check_apart(topology: Topology) -> None:
    means = np.array([mark.mean for mark in topology.landmarks])
    pairs = sorted(cKDTree(means).query_pairs(CLOSEST - 1e-6))
    if pairs:
        one, other = (topology.landmarks[i] for i in pairs[0])
        gap = 1000 * float(np.linalg.norm(np.subtract(one.mean, other.mean)))
        raise ValueError(
            f"{topology.name}: {one.name!r} and {other.name!r} are {gap:.2f} mm apart on the mean "
            f"head; {1000 * CLOSEST:.0f} mm is the least ({len(pairs)} such pairs)"
        )
