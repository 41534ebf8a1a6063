"""A head asset cut into the pieces that a graphics card draws: one material, one vertex each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.head.asset import HeadAsset, Material, Mesh
from app.head.pose import HeadPose
from app.head.skinning import MeshPoser, chain_motions

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Surface:
    """The triangles of one mesh that share a material.

    Attributes
    ----------
    mesh : int
        Index into the asset's meshes.
    vertex, corner : ndarray, shape (N,), int32
        For each point: its vertex in the mesh, and one of the flat corners (triangle · 3 + corner)
        that it stands for.
    uvs : ndarray, shape (N, 2), float32
    triangles : ndarray, shape (T, 3), int32
        Of points.
    """

    mesh: int
    material: Material
    vertex: Ints
    corner: Ints
    uvs: Floats
    triangles: Ints


def surfaces(asset: HeadAsset) -> list[Surface]:
    """Pieces in drawing order: what can be seen through comes last."""
    pieces = [s for i, mesh in enumerate(asset.meshes) for s in _cut(asset, i, mesh)]
    return sorted(pieces, key=lambda s: s.material.role == "cornea")


def _cut(asset: HeadAsset, index: int, mesh: Mesh) -> list[Surface]:
    pieces = []
    fallback = Material("none")
    for number in np.unique(mesh.materials):
        chosen = np.flatnonzero(mesh.materials == number)
        corners = (chosen[:, None] * 3 + np.arange(3)).ravel()
        vertex = mesh.triangles.ravel()[corners]
        uvs = mesh.uvs.reshape(-1, 2)[corners]
        normals = mesh.normals.reshape(-1, 3)[corners]
        first, of_corner = _merged(vertex, uvs, normals)
        known = 0 <= number < len(asset.materials)
        pieces.append(
            Surface(
                index,
                asset.materials[number] if known else fallback,
                vertex[first].astype(np.int32),
                corners[first].astype(np.int32),
                np.ascontiguousarray(uvs[first]),
                of_corner.reshape(-1, 3).astype(np.int32),
            )
        )
    return pieces


def _merged(vertex: Ints, uvs: Floats, normals: Floats) -> tuple[Ints, Ints]:
    """Corners alike in vertex, uv and normal: one of each, and which of these each corner is.

    The keys are packed into two integers a corner, so that sorting stays quick.
    """
    uv = np.round(np.nan_to_num(uvs) * 32768.0).astype(np.int64)
    turn = np.round(np.nan_to_num(normals) * 1000.0).astype(np.int64) + 1024
    a = vertex.astype(np.int64) << 33 | turn[:, 0] << 22 | turn[:, 1] << 11 | turn[:, 2]
    b = (uv[:, 0] << 32) ^ (uv[:, 1] & 0xFFFFFFFF)
    _, a_of = np.unique(a, return_inverse=True)
    _, b_of = np.unique(b, return_inverse=True)
    _, first, of_corner = np.unique(
        a_of.astype(np.int64) << 32 | b_of, return_index=True, return_inverse=True
    )
    return first, of_corner


class Poser:
    """Points and normals of every surface of a head for a pose; the last pose is kept."""

    def __init__(self, asset: HeadAsset, pieces: list[Surface]) -> None:
        self._asset, self._pieces = asset, pieces
        self._posers = [MeshPoser(asset, mesh) for mesh in asset.meshes]

    def pose(self, pose: HeadPose) -> list[tuple[Floats, Floats]]:
        """For each surface its points and unit normals, (N, 3) float32, world metres."""
        motions = chain_motions(self._asset, pose)
        posed = [p.pose(motions, pose.shapes) for p in self._posers]
        flat = [p.normals.reshape(-1, 3) for p in posed]
        return [(posed[s.mesh].vertices[s.vertex], flat[s.mesh][s.corner]) for s in self._pieces]
