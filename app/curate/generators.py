"""Dense landmarks made step by step, each step one edit: the outline, then rounds of centroids.

Source of the rounds: S. Basak, 2024, "Contributions towards 3D synthetic facial data generation
and 3D face analysis with weak supervision", University of Galway, section 5.3.1: points of the
outline and the tip of the nose, Delaunay's triangulation, the centroids of its triangles, again
and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.curate.action import Desk, EditError
from app.curate.face_area import FaceArea, area_of
from app.curate.mean_head import MIDDLE
from app.curate.structure import new_ids
from app.curate.surface import Spots
from app.curate.working import Working, free_name
from app.geometry.rotations import Array
from app.topology.dense import CLOSEST
from app.topology.dense_rounds import FOREHEAD, JAW, NOSE_TIP, Lift, next_round
from app.topology.dense_surface import flatten
from app.topology.identity import IBUG
from app.topology.topology import Landmark, Topology

OUTLINE: Final = "outline"
ROUND: Final = "round"
_MOST: Final = 4000


@dataclass(frozen=True)
class Outline:
    """The nine points along the hairline that the rounds begin with beside jaw and nose tip.

    A point nearer than ``apart`` (metres) to a landmark that is there is left out.
    """

    apart: float = CLOSEST

    @property
    def text(self) -> str:
        return "Add the outline"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        area = area_of(desk.head)
        points = area.limits.forehead(FOREHEAD)
        mirror = np.arange(len(points))[::-1]
        return _grown(topology, desk, points, mirror, OUTLINE, self.apart)


@dataclass(frozen=True)
class CentroidRound:
    """The middles of the triangles between the points of the outline and of all rounds so far.

    Attributes
    ----------
    apart : float
        Metres; a middle nearer than this to a landmark that is there is left out.
    """

    apart: float = CLOSEST

    @property
    def text(self) -> str:
        return "Add a round of centroids"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        area = area_of(desk.head)
        keys = _so_far(working)
        if len(keys) < 4:
            raise EditError(
                "a round needs the outline first: jaw, hairline and the tip of the nose"
            )
        points = np.array([working.marks[key].mean for key in keys])
        index = {key: i for i, key in enumerate(keys)}
        mirror = np.array([index.get(working.mirror[key], i) for i, key in enumerate(keys)])
        off = np.linalg.norm(points[mirror] * [-1.0, 1.0, 1.0] - points, axis=1)
        if off.max() > 10.0 * MIDDLE:
            name = working.marks[keys[int(off.argmax())]].name
            raise EditError(f"a round is made on both sides at once, and {name!r} is not mirrored")
        new, other, _ = next_round(points, mirror, _border(working, keys, area), Lift(area.fine))
        if len(topology) + len(new) > _MOST:
            raise EditError(f"{len(new)} more landmarks are too many: {_MOST} at most")
        number = 1 + max(
            (int(m.origin.split()[1]) for m in working.marks.values() if _is_round(m)), default=0
        )
        return _grown(topology, desk, new, other - len(keys), f"{ROUND} {number}", self.apart)


def _is_round(mark: Landmark) -> bool:
    word, _, number = mark.origin.partition(" ")
    return word == ROUND and number.isdecimal()


def _so_far(working: Working) -> list[str]:
    """Every second point of the jaw, the hairline, the nose tip, and all rounds."""
    held = working.subsets.get(IBUG, [])
    own = [held[k] for k in (*JAW, NOSE_TIP) if k < len(held)]
    made = [k for k, m in working.marks.items() if m.origin == OUTLINE or _is_round(m)]
    return list(dict.fromkeys([key for key in own if key is not None] + made))


def _border(working: Working, keys: Sequence[str], area: FaceArea) -> Array:
    """The outline, flattened: jaw and hairline, or the whole face's border without them."""
    held = working.subsets.get(IBUG, [])
    jaw = [held[k] for k in JAW if k < len(held)]
    hairline = [key for key in keys if working.marks[key].origin == OUTLINE]
    if None in jaw or len(jaw) < len(JAW) or len(hairline) < 3:
        return flatten(area.limits.border)
    # From the person's left to the right, on from the end of the jaw.
    hairline.sort(key=lambda key: -working.marks[key].mean[0])
    line = [*(key for key in jaw if key is not None), *hairline]
    return flatten(np.array([working.marks[key].mean for key in line]))


def _grown(
    topology: Topology, desk: Desk, points: Array, mirror: NDArray[Any], origin: str, apart: float
) -> Topology:
    """A topology with more landmarks, the same on both sides, that keep their distance."""
    working = Working(topology)
    surface = desk.head.surface
    near = cKDTree(np.array([mark.mean for mark in working.marks.values()]))
    gap = near.query(points)[0]
    taken = {mark.name for mark in working.marks.values()}
    chosen: list[Array] = []
    count = 0
    for i, point in enumerate(points):
        middle = int(mirror[i]) == i
        if gap[i] < apart - 1e-6 or (not middle and point[0] > 0.0):
            continue
        if not middle and 2.0 * abs(float(point[0])) < apart - 1e-6:
            continue
        both = [point] if middle else [point, point * [-1.0, 1.0, 1.0]]
        if chosen and min(np.linalg.norm(np.array(chosen) - p, axis=1).min() for p in both) < apart:
            continue
        chosen += both
        count += 1
        spot, _ = surface.closest(point[None], _outward(desk, point))
        _add(working, desk, f"{origin}, {count}", spot, point, middle, origin, taken)
    if not count:
        raise EditError("every new point would lie too close to a landmark that is there")
    return working.topology()


def _outward(desk: Desk, point: Array) -> Array:
    """Direction that the skin faces at the nearest point of the outer skin, shape (1, 3)."""
    tree, used = desk.head.vertex_tree
    return np.asarray(desk.head.surface.vertex_normals[used[tree.query(point)[1]]][None])


def _add(
    working: Working,
    desk: Desk,
    name: str,
    spot: Spots,
    point: Array,
    middle: bool,
    origin: str,
    taken: set[str],
) -> None:
    blank = Landmark(name, (0, 0, 0), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), origin)
    first, second = new_ids(2)
    sides = ("middle",) if middle else ("right", "left")
    names = [free_name(f"{name} {side}", taken) for side in sides]
    taken.update(names)
    if middle:
        mark = desk.head.in_middle(blank, point)
        working.add(first, Landmark(names[0], mark.corners, mark.weights, mark.mean, origin))
        return
    mark = desk.head.placed(blank, spot)
    other = desk.head.mirrored(blank, mark)
    working.add(first, Landmark(names[0], mark.corners, mark.weights, mark.mean, origin))
    working.add(second, Landmark(names[1], other.corners, other.weights, other.mean, origin))
    working.mirror[first], working.mirror[second] = second, first
