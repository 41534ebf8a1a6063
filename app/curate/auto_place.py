"""Landmarks on a new head by themselves: proposed or found in pictures, the worst told first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.curate.casting import Cast, Predict, Render, cameras, cast, look
from app.curate.surface import Spots, Surface
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.scene.scene import Camera
from app.topology import placement_file
from app.topology.default_head import default_head
from app.topology.placement import Placement
from app.topology.placement_file import PlacedLandmark, Proposer, SavedPlacements
from app.topology.registration import propose_with_gaps
from app.topology.registration_surface import FaceSurface
from app.topology.topology import Topology

_FAR: Final = 0.02
"""Metres from its place by registration beyond which a point seen in pictures is not believed."""


@dataclass(frozen=True, eq=False)
class AutoPlaced:
    """Landmarks that were placed without a person.

    Attributes
    ----------
    topology : Topology
    placement : Placement
    residuals : ndarray, shape (L,), metres
        How sure each is: the gap that registration left, or how far the pictures and registration
        are apart.
    by : str
        ``"registration"`` or ``"model"``.
    """

    topology: Topology
    placement: Placement
    residuals: Array
    by: Proposer

    @property
    def worst_first(self) -> tuple[int, ...]:
        """Landmarks in the order in which they should be looked at."""
        return tuple(int(i) for i in np.argsort(-self.residuals, kind="stable"))


@dataclass(frozen=True, eq=False)
class HeadGround:
    """The face of any head, ready to be placed on by hand.

    Attributes
    ----------
    surface : Surface
        At zero pose, head centre at the origin; every triangle has corners of its own.
    """

    surface: Surface
    _face: FaceSurface

    @staticmethod
    def of(asset: HeadAsset) -> HeadGround:
        """
        Raises
        ------
        ValueError
            If the head has no face.
        """
        face = FaceSurface.of(asset)
        rows = np.arange(3 * len(face.corners)).reshape(-1, 3)
        return HeadGround(Surface(face.corners.reshape(-1, 3), rows), face)

    def placement(self, topology: Topology, spots: Spots) -> Placement:
        """Places of the surface as landmarks of the head."""
        rows = spots.triangles.astype(np.int32)
        return self._face.placement(topology.name, topology.version, rows, spots.weights)

    def spots(self, placement: Placement) -> Spots:
        """Landmarks of the head as places of the surface; row -1 for one that is on none."""
        known = {
            (int(mesh), *sorted(corners)): row
            for row, (mesh, corners) in enumerate(
                zip(self._face.meshes.tolist(), self._face.vertices.tolist(), strict=True)
            )
        }
        rows, weights = [], []
        for mesh, corners, share in zip(
            placement.meshes.tolist(),
            placement.corners.tolist(),
            placement.weights.tolist(),
            strict=True,
        ):
            row = known.get((int(mesh), *sorted(corners)), -1)
            rows.append(row)
            order = self._face.vertices[row].tolist() if row >= 0 else corners
            weights.append([share[corners.index(v)] for v in order])
        return Spots(np.array(rows, dtype=np.int64), np.array(weights).reshape(-1, 3))

    def landmark(self, asset: HeadAsset, name: str, spot: Spots) -> PlacedLandmark:
        """One place as a person's correction; see `app.topology.placement_file.correct`."""
        row = int(spot.triangles[0])
        a, b, c = (int(v) for v in self._face.vertices[row])
        u, v, w = (round(float(x), 6) + 0.0 for x in spot.weights[0])
        mesh = asset.meshes[int(self._face.meshes[row])].name
        return PlacedLandmark(name, mesh, (a, b, c), (u, v, w), "person")


def by_registration(
    asset: HeadAsset, topologies: Sequence[Topology], default_asset: HeadAsset | None = None
) -> tuple[AutoPlaced, ...]:
    """Landmarks brought over from the default head.

    Raises
    ------
    ValueError
        With one line, if the head has no face that the default head fits.
    """
    proposed, _ = propose_with_gaps(asset, topologies, default_asset or default_head())
    return tuple(
        AutoPlaced(topology, one.placement, one.gaps, "registration")
        for topology, one in zip(topologies, proposed, strict=True)
    )


def by_pictures(
    asset: HeadAsset,
    start: AutoPlaced,
    render: Render,
    predict: Predict,
    around: Sequence[Camera] | None = None,
) -> AutoPlaced:
    """Landmarks that a network finds in pictures of the head, cast on to it.

    Parameters
    ----------
    asset : HeadAsset
    start : AutoPlaced
        By registration; what no picture shows well, and what lies too far from it, stays there.
    render : callable
        Gives a picture of the head at zero pose from a camera.
    predict : callable
        Gives the landmarks of the topology in a picture.
    around : sequence of Camera, optional

    Raises
    ------
    ValueError
        With one line, if no picture shows a face, or the network has other points.
    """
    ground = HeadGround.of(asset)
    seen = look(render, predict, around if around is not None else cameras())
    found = cast(ground.surface, seen)
    if len(found.spread) != len(start.topology):
        raise ValueError(
            f"the network finds {len(found.spread)} points, {start.topology.name} has "
            f"{len(start.topology)}"
        )
    return _joined(ground, start, found)


def _joined(ground: HeadGround, start: AutoPlaced, found: Cast) -> AutoPlaced:
    before = ground.spots(start.placement)
    if before.triangles.min() < 0:
        raise ValueError("the proposed landmarks do not lie on the face of this head")
    there = ground.surface.at(before)
    known = found.spots.triangles >= 0
    rows = np.where(known, found.spots.triangles, before.triangles)
    weights = np.where(known[:, None], found.spots.weights, before.weights)
    apart = np.linalg.norm(ground.surface.at(Spots(rows, weights)) - there, axis=1)
    believed = known & (apart < _FAR)
    rows = np.where(believed, rows, before.triangles)
    weights = np.where(believed[:, None], weights, before.weights)
    spread = np.where(np.isfinite(found.spread), found.spread, 0.0)
    residuals = np.where(known, np.maximum(apart, spread), _FAR + start.residuals)
    placement = ground.placement(start.topology, Spots(rows, weights))
    return AutoPlaced(start.topology, placement, residuals, "model")


def keep(asset: HeadAsset, placed: Sequence[AutoPlaced]) -> SavedPlacements:
    """Write placements for the head; what a person set right stays.

    Raises
    ------
    OSError
        If the settings folder cannot be written.
    ValueError
        If nothing is given.
    """
    if not placed:
        raise ValueError("there is nothing to keep")
    saved: SavedPlacements | None = None
    for one in placed:
        mean = float(np.minimum(one.residuals, _FAR).mean())
        saved = placement_file.keep(asset, (one.topology,), (one.placement,), mean, one.by)
    assert saved is not None
    return saved
