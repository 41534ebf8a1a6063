"""A topology that has been through another program: what was seen there wins over what was kept.

Formats have a place for the whole topology beside what other programs show and change: names,
positions and edges. When a file comes back, changes of these are taken over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import msgspec
import numpy as np

from app.geometry.rotations import Array
from app.topology import store
from app.topology.topology import Landmark, Topology, Vector

MOVED: Final = 2e-6
"""Metres; positions that differ by less went through single precision."""

POINT_LIMIT: Final = 20_000


class ExchangeError(Exception):
    """A file that cannot be written or read, in one line."""


@dataclass(frozen=True)
class Imported:
    """A topology from a file of another format.

    Attributes
    ----------
    topology : Topology
    lost : tuple of str
        What the file did not say, and where it was taken from instead.
    """

    topology: Topology
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class SurfacePoint:
    """A place on the base mesh; fields as those of a `Landmark`."""

    corners: tuple[int, int, int]
    weights: Vector
    mean: Vector


class Surface(Protocol):
    """The mean head's skin."""

    def closest(self, position: Vector, mark: Landmark) -> SurfacePoint:
        """The place of a landmark nearest to a position in metres, about the head centre."""
        ...

    def vertex(self, index: int, mark: Landmark) -> SurfacePoint:
        """A vertex of the base mesh, for a landmark."""
        ...

    def gaps(self, topology: Topology, vertices: list[int]) -> list[float]:
        """Metres from each landmark to a vertex of the base mesh."""
        ...


def carried(text: str | bytes) -> Topology:
    """The topology that a file carries.

    Raises
    ------
    ExchangeError
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        return store.decode(data)
    except store.TopologyError as problem:
        raise ExchangeError(f"the topology that it carries cannot be used: {problem}") from None


def carriage(topology: Topology) -> str:
    """A topology in one line of text, for `carried`."""
    return msgspec.json.encode(msgspec.json.decode(store.encode(topology))).decode()


def with_positions(topology: Topology, positions: Array, surface: Surface | None) -> Topology:
    """Landmarks that lie elsewhere than kept go to the nearest place on the skin.

    Parameters
    ----------
    topology : Topology
    positions : ndarray, shape (L, 3), metres
    surface : Surface, optional

    Raises
    ------
    ExchangeError
        If a landmark was moved and there is no surface to put it on.
    """
    if not np.isfinite(positions).all() or np.abs(positions).max(initial=0.0) > 10.0:
        raise ExchangeError("a position is no number, or is more than 10 m away; it is in metres")
    means = np.array([mark.mean for mark in topology.landmarks])
    moved = np.flatnonzero(np.abs(positions - means).max(axis=1) > MOVED)
    if len(moved) and surface is None:
        name = topology.landmarks[int(moved[0])].name
        raise ExchangeError(
            f"{len(moved)} points were moved, such as {name!r}: no surface for them"
        )
    landmarks = list(topology.landmarks)
    for i in moved.tolist():
        assert surface is not None
        x, y, z = positions[i].tolist()
        landmarks[i] = on_surface(landmarks[i], surface.closest((x, y, z), landmarks[i]))
    return replace(topology, landmarks=tuple(landmarks))


def on_surface(mark: Landmark, point: SurfacePoint) -> Landmark:
    return replace(mark, corners=point.corners, weights=point.weights, mean=point.mean)


def with_names(topology: Topology, names: Sequence[str]) -> Topology:
    """The same landmarks by other names, in order."""
    pairs = zip(topology.landmarks, names, strict=True)
    return replace(topology, landmarks=tuple(replace(mark, name=name) for mark, name in pairs))


def with_edges(topology: Topology, edges: Sequence[tuple[int, int]]) -> Topology:
    """Other edges, unless they are the same but for order and direction."""

    def plain(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
        return sorted(tuple(sorted(pair)) for pair in pairs)

    if plain(edges) == plain(topology.edges):
        return topology
    return replace(topology, edges=tuple(edges))


def checked(topology: Topology) -> Topology:
    """The topology, if it does not contradict itself.

    Raises
    ------
    ExchangeError
    """
    try:
        store.check(topology)
    except store.TopologyError as problem:
        raise ExchangeError(str(problem)) from None
    return topology


def needs_base(base: Topology | None, count: int, what: str) -> Topology:
    """The topology that fills in what a file lacks.

    Raises
    ------
    ExchangeError
        If none is named, or it has another number of landmarks.
    """
    if base is None:
        raise ExchangeError(f"it holds {what} alone: name the topology that it belongs to")
    if len(base) != count:
        raise ExchangeError(
            f"it has {count} points and {base.name} has {len(base)}: which is which cannot be told"
        )
    return base
