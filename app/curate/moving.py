"""Moving landmarks: along the surface, in small steps, and where the mirror wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.curate.action import Desk, EditError, counted
from app.curate.mean_head import MIDDLE
from app.curate.surface import Spots
from app.curate.walking import walk
from app.topology.identity import ids_of
from app.topology.topology import Landmark, Topology, Vector

NUDGE: Final = 0.0001
"""Metres that an arrow key moves a landmark."""


def indices(topology: Topology, ids: Sequence[str]) -> list[int]:
    """Where landmarks stand in the topology.

    Raises
    ------
    EditError
        If one is not there.
    """
    known = {key: i for i, key in enumerate(ids_of(topology))}
    missing = next((key for key in ids if key not in known), None)
    if missing is not None:
        raise EditError(f"there is no landmark {missing!r} any more")
    return [known[key] for key in ids]


def relocated(topology: Topology, desk: Desk, places: Mapping[int, Spots]) -> Topology:
    """Landmarks brought to places of the mean head, their other sides with them.

    In mirrored editing a landmark of the middle plane stays in it.
    """
    ids, mirror = ids_of(topology), topology.mirror
    marks = list(topology.landmarks)
    for i, spot in places.items():
        other, before = mirror[i], marks[i]
        if spot.triangles[0] < 0:
            raise EditError(f"{before.name!r} would leave the skin")
        follows = desk.view.follows(ids[i], ids[other])
        if other == i and follows and abs(before.mean[0]) <= MIDDLE:
            marks[i] = desk.head.in_middle(before, desk.head.surface.at(spot)[0])
            continue
        marks[i] = desk.head.placed(before, spot)
        if other != i and follows and other not in places:
            marks[other] = desk.head.mirrored(marks[other], marks[i])
    return replace(topology, landmarks=tuple(marks))


@dataclass(frozen=True, eq=False)
class Move:
    """Bring landmarks to places of the mean head.

    Attributes
    ----------
    ids : tuple of str
    spots : Spots
        On `MeanHead.surface`, one for each.
    """

    ids: tuple[str, ...]
    spots: Spots
    name: str = ""

    @property
    def text(self) -> str:
        return f"Move {self.name or counted(len(self.ids))}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        rows = indices(topology, self.ids)
        return relocated(topology, desk, {i: self.spots[k] for k, i in enumerate(rows)})


@dataclass(frozen=True)
class Nudge:
    """Move landmarks by the same step along the surface.

    Attributes
    ----------
    direction : tuple of float
        On the mean head, such as to the right of the picture.
    length : float
        Metres.
    word : str
        What the edit is called: ``"Move"`` where several are dragged together.
    """

    ids: tuple[str, ...]
    direction: Vector
    length: float = NUDGE
    word: str = "Nudge"

    @property
    def text(self) -> str:
        return f"{self.word} {counted(len(self.ids))}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        way = np.array(self.direction, dtype=np.float64)
        size = float(np.linalg.norm(way))
        if not np.isfinite(way).all() or size < 1e-12:
            raise EditError("a step needs a direction")
        step = way / size * self.length
        rows = indices(topology, self.ids)
        spots = desk.head.spots([topology.landmarks[i] for i in rows])
        places: dict[int, Spots] = {}
        for k, i in enumerate(rows):
            other = topology.mirror[i]
            if other in places and desk.view.follows(self.ids[k], ids_of(topology)[other]):
                continue  # a pair that is chosen whole moves as one, mirrored
            if spots.triangles[k] >= 0:
                places[i] = walk(desk.head.surface, spots[k], step)
        return relocated(topology, desk, places)


@dataclass(frozen=True)
class Symmetrise:
    """Bring the other sides of landmarks to the mirror images of these, or them into the middle."""

    ids: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Mirror {counted(len(self.ids))} to the other side"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        marks = list(topology.landmarks)
        for i in indices(topology, self.ids):
            other = topology.mirror[i]
            if other == i:
                marks[i] = desk.head.in_middle(marks[i], np.array(marks[i].mean))
            else:
                marks[other] = desk.head.mirrored(marks[other], marks[i])
        return replace(topology, landmarks=tuple(marks))


@dataclass(frozen=True)
class PutBack:
    """Bring landmarks to where others of another topology lie, such as the base's own.

    Attributes
    ----------
    places : tuple of (str, Landmark)
        Id, and the landmark whose place it takes.
    """

    places: tuple[tuple[str, Landmark], ...]

    @property
    def text(self) -> str:
        return f"Put back {counted(len(self.places))}"

    def on(self, topology: Topology, desk: Desk) -> Topology:
        marks = list(topology.landmarks)
        rows = indices(topology, [key for key, _ in self.places])
        for i, (_, there) in zip(rows, self.places, strict=True):
            marks[i] = replace(
                marks[i], corners=there.corners, weights=there.weights, mean=there.mean
            )
        return replace(topology, landmarks=tuple(marks))
