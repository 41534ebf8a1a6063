"""Lines of landmarks: a curve on the skin with so many points, new or from a part."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.curate.action import Desk, EditError, counted
from app.curate.mean_head import MIDDLE
from app.curate.structure import ORIGIN, add_pair, new_ids
from app.curate.surface import Spots
from app.curate.working import Working, WorkingPart, free_name, other_side
from app.geometry.rotations import Array
from app.topology.face_limits import evenly
from app.topology.topology import Topology

_FINE: Final = 24
_MOST: Final = 500
_MIDDLE_BAND: Final = 0.001


def curve(desk: Desk, spots: Spots, closed: bool) -> Array:
    """A smooth line on the skin through places, shape (P, 3), metres.

    Notes
    -----
    Source: E. Catmull and R. Rom, 1974, "A class of local interpolating splines"; brought back
    to the skin between the places.
    """
    anchors, facing = desk.head.surface.at(spots), desk.head.surface.facing(spots)
    count = len(anchors)
    pieces = count if closed else count - 1
    points, normals = [], []
    for k in range(pieces):
        rows = [k - 1, k, k + 1, k + 2]
        if closed:
            rows = [r % count for r in rows]
        a, b, c, d = (anchors[min(max(r, 0), count - 1)] for r in rows)
        t = np.linspace(0.0, 1.0, _FINE, endpoint=False)[:, None]
        points.append(
            0.5
            * (
                2.0 * b
                + (c - a) * t
                + (2.0 * a - 5.0 * b + 4.0 * c - d) * t**2
                + (3.0 * b - a - 3.0 * c + d) * t**3
            )
        )
        normals.append((1.0 - t) * facing[rows[1]] + t * facing[min(rows[2], count - 1)])
    last = 0 if closed else count - 1
    line = np.concatenate([*points, anchors[last][None]])
    there, _ = desk.head.surface.closest(line, np.concatenate([*normals, facing[last][None]]))
    return desk.head.surface.at(there)


def _even_spots(desk: Desk, spots: Spots, count: int, closed: bool) -> Spots:
    if closed:
        points = evenly(curve(desk, spots, closed), count + 1)[:-1]
    else:
        points = evenly(curve(desk, spots, closed), count)
    nearest = np.linalg.norm(points[:, None] - desk.head.surface.at(spots)[None], axis=2).argmin(
        axis=1
    )
    facing = desk.head.surface.facing(spots)[nearest]
    return desk.head.surface.closest(points, facing)[0]


@dataclass(frozen=True, eq=False)
class Contour:
    """A new part: so many landmarks at even distances along a line through places on the skin.

    In mirrored editing a line on one side of the face gets its mirror image.

    Attributes
    ----------
    name : str
        Of the part; its landmarks are numbered.
    spots : Spots
        Two at least.
    count : int
    closed : bool
    """

    name: str
    spots: Spots
    count: int
    closed: bool = False

    @property
    def text(self) -> str:
        return f"Draw {self.name} with {counted(self.count)}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        _check_count(self.count, self.closed)
        if len(self.spots) < (3 if self.closed else 2):
            raise EditError("a line needs two places, a closed one three")
        if self.spots.triangles.min() < 0:
            raise EditError("a landmark needs a place on the skin")
        working = Working(topology)
        if any(part.name == self.name for part in working.parts):
            raise EditError(f"there is a part {self.name!r} already")
        spots = _even_spots(desk, self.spots, self.count, self.closed)
        sides = np.sign(np.round(desk.head.surface.at(spots)[:, 0], 5))
        one_sided = bool((sides >= 0.0).all() or (sides <= 0.0).all())
        desk = desk if one_sided else Desk(desk.head, replace(desk.view, mirrored=False))
        taken = {mark.name for mark in working.marks.values()}
        lines: tuple[list[str], list[str]] = ([], [])
        for k in range(self.count):
            name = free_name(f"{self.name} {k + 1}", taken)
            added = add_pair(working, desk, name, spots[k], new_ids(2))
            taken.update(working.marks[key].name for key in added)
            for line, key in zip(lines, (added[0], added[-1]), strict=True):
                line.append(key)
        _drawn(working, self.name, lines[0], self.closed)
        if lines[1] != lines[0]:
            other = other_side(self.name)
            other = other if other != self.name else f"{self.name} mirrored"
            known = {part.name for part in working.parts}
            _drawn(working, free_name(other, known), lines[1], self.closed)
        return working.topology()


def _check_count(count: int, closed: bool) -> None:
    least = 3 if closed else 2
    if not least <= count <= _MOST:
        raise EditError(f"a line has {least} to {_MOST} landmarks")


def _drawn(working: Working, name: str, line: list[str], closed: bool) -> None:
    """Make a line of landmarks a part, joined by edges."""
    line = list(dict.fromkeys(line))
    working.parts.append(WorkingPart(name, line, closed))
    for one, other in itertools.pairwise([*line, line[0]] if closed else line):
        working.join(one, other)


@dataclass(frozen=True)
class ResampleContour:
    """Give a part that is a line so many landmarks, at even distances; its ends stay.

    In mirrored editing the part of the other side follows. Landmarks that are there move; those
    that are too many go, from the end, and new ones come there.
    """

    part: str
    count: int

    @property
    def text(self) -> str:
        return f"Give {self.part} {counted(self.count)}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        working = Working(topology)
        part = working.part(self.part)
        _check_count(self.count, part.closed)
        if len(part.members) < (3 if part.closed else 2):
            raise EditError(f"{self.part!r} is no line: it has too few landmarks")
        old = list(part.members)
        far = [working.mirror[key] for key in old]
        follows = desk.view.mirrored and not set(far) & set(old)
        spots = desk.head.spots([working.marks[key] for key in old])
        if spots.triangles.min() < 0:
            raise EditError("one of these does not lie on the skin")
        new = _even_spots(desk, spots, self.count, part.closed)
        line = _renewed(working, desk, part, new)
        if follows:
            other = next((p for p in working.parts if set(p.members) >= set(far)), None)
            if other is not None and len(other.members) == len(far):
                _mirror_line(working, desk, other, line)
        return working.topology()


def _renewed(working: Working, desk: Desk, part: WorkingPart, spots: Spots) -> list[str]:
    """Put the landmarks of a part to places along it; its landmarks then, in order."""
    old, count = list(part.members), len(spots)
    ring = [*old, old[0]] if part.closed else old
    for one, other in itertools.pairwise(ring):
        working.cut(one, other)
    ends = [] if part.closed else [old[-1]]
    kept = (old if part.closed else old[:-1])[: count - len(ends)]
    fresh = list(new_ids(count - len(kept) - len(ends)))
    line = [*kept, *fresh, *ends]
    taken = {mark.name for mark in working.marks.values()}
    for k, key in enumerate(line):
        if key in fresh:
            name = free_name(f"{part.name} {k + 1}", taken)
            taken.add(name)
            blank = replace(working.marks[line[k - 1]], name=name, origin=ORIGIN)
            working.add(key, desk.head.placed(blank, spots[k]), line[k - 1])
        elif part.closed and k == 0:
            continue
        elif part.closed or 0 < k < count - 1:
            mark = working.marks[key]
            middle = working.mirror[key] == key and abs(mark.mean[0]) <= MIDDLE
            point = desk.head.surface.at(spots[k])[0]
            stays = middle and desk.view.mirrored and abs(point[0]) < _MIDDLE_BAND
            working.marks[key] = (
                desk.head.in_middle(mark, point) if stays else desk.head.placed(mark, spots[k])
            )
    gone = [key for key in old if key not in line]
    part.members = line
    working.remove(gone)
    for one, other in itertools.pairwise([*line, line[0]] if part.closed else line):
        working.join(one, other)
    return line


def _mirror_line(working: Working, desk: Desk, other: WorkingPart, line: list[str]) -> None:
    """Make the part of the other side the mirror image of a line."""
    forward = [working.mirror[key] for key in line if working.mirror.get(key, key) != key]
    turned = forward != [key for key in other.members if key in forward]
    for one, two in itertools.pairwise([*other.members, other.members[0]]):
        if other.closed or two != other.members[0]:
            working.cut(one, two)
    gone = [key for key in other.members if key not in forward]
    taken = {mark.name for mark in working.marks.values()}
    members: list[str] = []
    for key in line:
        twin = working.mirror[key]
        mark = working.marks[key]
        if twin == key:
            (twin,) = new_ids(1)
            name = free_name(other_side(mark.name), taken)
            taken.add(name)
            working.add(twin, replace(desk.head.mirrored(mark, mark), name=name), members[-1])
            working.mirror[key], working.mirror[twin] = twin, key
        else:
            working.marks[twin] = desk.head.mirrored(working.marks[twin], mark)
        members.append(twin)
    other.members = members[::-1] if turned else members
    working.remove(gone)
    ring = [*other.members, other.members[0]] if other.closed else other.members
    for one, two in itertools.pairwise(ring):
        working.join(one, two)
