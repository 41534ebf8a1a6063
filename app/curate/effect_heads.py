"""What a change of a topology does on real heads: how far each landmark moves there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.curate.effects import displacements
from app.head.asset import HeadAsset
from app.topology.default_head import default_head
from app.topology.landmarks import base_vertices_of, shared_placement
from app.topology.placement import Placement
from app.topology.registration import propose_all
from app.topology.topology import Topology

LEAST = 1e-6
"""Metres from which a landmark counts as moved."""


@dataclass(frozen=True)
class HeadEffect:
    """A change on one head.

    Attributes
    ----------
    head : str
        Its name.
    exact : bool
        It shares the body model's mesh; else the landmarks were brought over by registration.
    distances : mapping of str to float
        Metres by the id of each landmark that moves.
    names : mapping of str to str
        Their names after the change.
    """

    head: str
    exact: bool
    distances: Mapping[str, float]
    names: Mapping[str, str]

    @property
    def mean(self) -> float:
        """Metres, over the landmarks that move; 0 where none does."""
        return float(np.mean(list(self.distances.values()))) if self.distances else 0.0

    @property
    def worst(self) -> tuple[str, float]:
        """Id of the landmark that moves farthest, and metres; ``("", 0)`` where none moves."""
        return max(self.distances.items(), key=lambda one: one[1], default=("", 0.0))


def effect_on(asset: HeadAsset, before: Topology, after: Topology) -> HeadEffect:
    """How far landmarks move on one head at rest.

    Raises
    ------
    ValueError
        If the landmarks cannot be placed on it.
    """
    first, second = placements(asset, (before, after))
    vertices = [mesh.vertices for mesh in asset.meshes]
    places = first.positions(vertices), second.positions(vertices)
    moved = [d for d in displacements(before, after, places) if d.length > LEAST]
    return HeadEffect(
        asset.name,
        base_vertices_of(asset) is not None,
        {d.id: d.length for d in moved},
        {d.id: d.name for d in moved},
    )


def placements(asset: HeadAsset, topologies: Sequence[Topology]) -> tuple[Placement, ...]:
    """Topologies on one head, whatever release they are of.

    Raises
    ------
    ValueError
    """
    base = base_vertices_of(asset)
    if base is not None:
        return tuple(shared_placement(asset.meshes, base, one) for one in topologies)
    return propose_all(asset, topologies, default_head())[0]
