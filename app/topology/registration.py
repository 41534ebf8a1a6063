"""Landmarks proposed for a head that does not share the body model's mesh.

The face of the default head is brought onto the other head's surface; what its landmarks come to
lie on is the proposal. A person may correct it, see `app.topology.placement_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.topology.landmarks import SKIN_MESH, base_vertices_of, shared_placement
from app.topology.placement import Placement
from app.topology.registration_surface import FaceSurface, at_zero_pose
from app.topology.registration_warp import Template, warp
from app.topology.topology import Topology

MISSED: Final = 0.012
"""Metres between the warped face and the surface, in the median, above which there is no face."""

STRAINED: Final = 0.42
"""Strain of the warped face above which the surface is no face; people's faces have 0.06 to 0.2."""

_BIN: Final = 0.003
_SKIN: Final = 0.004
_SIZES: Final = (0.4, 2.5)


@dataclass(frozen=True)
class Residual:
    """Distances from the warped default face to the surface of a head, metres.

    Attributes
    ----------
    mean, median, most : float
        ``most`` is the 95th percentile.
    eyes : float
        Between the outer corners of the eyes that were found.
    """

    mean: float
    median: float
    most: float
    eyes: float

    def __str__(self) -> str:
        share = 100.0 / self.eyes
        return (
            f"{1000 * self.mean:.1f} mm in the mean ({share * self.mean:.1f} % of the distance of "
            f"the outer eye corners), {1000 * self.median:.1f} mm in the median, "
            f"95 % under {1000 * self.most:.1f} mm"
        )


def propose(
    asset: HeadAsset, topology: Topology, default_asset: HeadAsset
) -> tuple[Placement, Residual]:
    """Where a topology's landmarks probably lie on a head.

    Parameters
    ----------
    asset : HeadAsset
    topology : Topology
    default_asset : HeadAsset
        A head made from the body model, such as ``builtin:ada``.

    Raises
    ------
    ValueError
        With one line, if the head has no face that the default head could be brought onto.
    """
    (placement,), residual = propose_all(asset, (topology,), default_asset)
    return placement, residual


def propose_all(
    asset: HeadAsset, topologies: Sequence[Topology], default_asset: HeadAsset
) -> tuple[tuple[Placement, ...], Residual]:
    """As `propose`, for several topologies by one registration."""
    proposed, residual = propose_with_gaps(asset, topologies, default_asset)
    return tuple(one.placement for one in proposed), residual


@dataclass(frozen=True, eq=False)
class Proposed:
    """Proposed landmarks of one topology.

    Attributes
    ----------
    placement : Placement
    gaps : ndarray, shape (L,), metres
        From where the default head's face was brought to the surface.
    """

    placement: Placement
    gaps: Array


def propose_with_gaps(
    asset: HeadAsset, topologies: Sequence[Topology], default_asset: HeadAsset
) -> tuple[tuple[Proposed, ...], Residual]:
    """As `propose`, for several topologies, with the distance of each landmark."""
    base = base_vertices_of(default_asset)
    if base is None:
        raise ValueError(f"{default_asset.name} was not made by bake-head: it has no landmarks")
    given = [shared_placement(default_asset.meshes, base, t) for t in topologies]
    index = next(i for i, m in enumerate(default_asset.meshes) if m.name == SKIN_MESH)
    mesh = default_asset.meshes[index]
    rest = at_zero_pose(default_asset, mesh.vertices.astype(np.float64))
    used = np.unique(np.concatenate([p.corners.ravel() for p in given]))
    outside = _seen(default_asset, rest)
    kept = outside.copy()
    kept[used] = True
    number = np.cumsum(kept) - 1
    triangles = mesh.triangles[kept[mesh.triangles].all(axis=1)]
    template = Template(rest[kept], number[triangles].astype(np.int32), outside[kept])

    surface = FaceSurface.of(asset)
    points = warp(template, surface, _size(asset, default_asset))
    normals = template.normals(points)
    _, _, gap = surface.closest(points[template.trusted])
    missed = not np.isfinite(points).all() or float(np.median(gap)) > MISSED
    if missed or _strain(template, points) > STRAINED:
        raise ValueError(
            f"{asset.name} has no face that the default head fits: place its landmarks by hand"
        )
    proposed = []
    for placement in given:
        corners = number[placement.corners]
        wanted = np.einsum("lc,lci->li", placement.weights, points[corners])
        facing = np.einsum("lc,lci->li", placement.weights, normals[corners])
        triangle, weights, away = surface.closest(wanted, facing)
        here = surface.placement(placement.topology, placement.version, triangle, weights)
        proposed.append(Proposed(here, away))
    eyes = _eyes(asset, [one.placement for one in proposed])
    return tuple(proposed), Residual(
        float(gap.mean()), float(np.median(gap)), float(np.percentile(gap, 95)), eyes
    )


def _strain(template: Template, points: Array) -> float:
    """How much more some parts of a warped template were stretched than others.

    The 90th percentile of the logarithms of the stretch of its edges, about their median.
    """
    first, second = template.triangles.ravel(), np.roll(template.triangles, -1, axis=1).ravel()
    before = np.linalg.norm(template.points[first] - template.points[second], axis=1)
    after = np.linalg.norm(points[first] - points[second], axis=1)
    stretch = np.log(np.maximum(after, 1e-9) / np.maximum(before, 1e-9))
    return float(np.percentile(np.abs(stretch - np.median(stretch)), 90))


def _size(asset: HeadAsset, default_asset: HeadAsset) -> float:
    """How large a head is against the default head: by its eyes, or else by its height."""
    apart = [_eye_distance(a) for a in (asset, default_asset)]
    size = apart[0] / apart[1] if min(apart) > 0.01 else 0.0
    if not _SIZES[0] < size < _SIZES[1]:
        size = asset.head_height / default_asset.head_height
    return float(np.clip(size, *_SIZES))


def _eye_distance(asset: HeadAsset) -> float:
    if asset.roles.eye_left is None or asset.roles.eye_right is None:
        return 0.0
    left, right = (
        asset.skeleton.matrices[asset.skeleton.index(bone), :3, 3]
        for bone in (asset.roles.eye_left, asset.roles.eye_right)
    )
    return float(np.linalg.norm(left - right))


def _seen(asset: HeadAsset, rest: Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Skin points of the default head that lie on the outside of its face."""
    eyes = [m for m in asset.meshes if m.name in ("Eyes", "Teeth", "Tongue")]
    others = [at_zero_pose(asset, m.vertices.astype(np.float64)) for m in eyes]
    everything = np.concatenate([rest, *others])
    seen = np.zeros(len(rest), dtype=bool)
    for turn in np.radians([-60.0, -30.0, 0.0, 30.0, 60.0]):
        across = everything @ [np.cos(turn), np.sin(turn), 0.0]
        ahead = everything @ [np.sin(turn), -np.cos(turn), 0.0]
        cell = np.round(np.stack([across, everything[:, 2]], axis=1) / _BIN).astype(np.int64)
        key = cell[:, 0] * 100_003 + cell[:, 1]
        _, inverse = np.unique(key, return_inverse=True)
        front = np.full(inverse.max() + 1, -np.inf)
        np.maximum.at(front, inverse, ahead)
        seen |= (ahead > front[inverse] - _SKIN)[: len(rest)]
    x, y, z = rest.T
    return np.asarray(seen & (y < 0.06) & (z > -0.125) & (z < 0.075) & (np.abs(x) < 0.085))


def _eyes(asset: HeadAsset, placements: Sequence[Placement]) -> float:
    """Metres between the outer corners of the eyes; those of the eye bones do where unknown."""
    for placement in placements:
        if len(placement.corners) == 68:
            points = placement.positions([m.vertices for m in asset.meshes])
            return float(np.linalg.norm(points[45] - points[36]))
    return _eye_distance(asset) or asset.head_height / 3.0
