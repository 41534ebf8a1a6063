"""Posing a head: rigid motions of the bones, blend shapes and linear blend skinning.

Only the chain (neck bones, then head) turns. The zero-pose rotation sits on its first bone; of a
head rotation R every bone of the chain takes a power of R about R's own axis, so the parts add up
to R exactly whatever the share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Angles, Array, matrix_from_blender_xyz, rotation_power
from app.head.asset import Floats, HeadAsset, Ints, Mesh
from app.head.pose import HeadPose

Indices = NDArray[np.intp]


def pose_rotation(pose: HeadPose) -> Array:
    """World rotation of the head, shape (3, 3), that a pose asks for."""
    return matrix_from_blender_xyz(Angles(pose.yaw, pose.pitch, pose.roll))


def chain_exponents(links: int, head_share: float) -> Array:
    """How much of the head rotation each bone of the chain has reached, shape (links,).

    The last is 1. A chain of one takes all.
    """
    if links == 1:
        return np.ones(1)
    neck = np.arange(1, links) / (links - 1) * (1.0 - head_share)
    return np.append(neck, 1.0)


def chain_motions(asset: HeadAsset, pose: HeadPose) -> Array:
    """Rigid motions from rest, shape (L, 4, 4), world metres, of the bones of the chain."""
    rotation = pose_rotation(pose)
    joints = np.array(
        [asset.skeleton.matrices[asset.skeleton.index(b), :3, 3] for b in asset.roles.chain]
    )
    exponents = chain_exponents(len(joints), pose.head_share)
    motions = np.tile(np.eye(4), (len(joints), 1, 1))
    joint = joints[0]
    for i, exponent in enumerate(exponents):
        if i:
            joint = motions[i - 1, :3, :3] @ joints[i] + motions[i - 1, :3, 3]
        turned = rotation_power(rotation, float(exponent)) @ asset.zero.rotation
        motions[i, :3, :3] = turned
        motions[i, :3, 3] = joint - turned @ joints[i]
    return motions


def bone_motions(asset: HeadAsset, pose: HeadPose) -> Array:
    """Rigid motions from rest, shape (B, 4, 4), world metres, of all bones."""
    links = chain_links(asset)
    moving = np.concatenate([np.eye(4)[None], chain_motions(asset, pose)])
    return np.asarray(moving[links])


def chain_links(asset: HeadAsset) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """For each bone, 0 if the pose leaves it at rest, else 1 + the link of the chain it follows."""
    skeleton = asset.skeleton
    links = np.zeros(len(skeleton.names), dtype=np.intp)
    own = {name: i + 1 for i, name in enumerate(asset.roles.chain)}
    for i, name in enumerate(skeleton.names):
        parent = skeleton.parents[i]
        links[i] = own.get(name, links[parent] if parent >= 0 else 0)
    return links


def head_matrix(asset: HeadAsset, pose: HeadPose) -> Array:
    """Head-centre frame in the world, shape (4, 4): its rotation is the head pose itself."""
    motion = chain_motions(asset, pose)[-1]
    matrix = np.eye(4)
    matrix[:3, :3] = pose_rotation(pose)
    matrix[:3, 3] = motion[:3, :3] @ asset.head_centre + motion[:3, 3]
    return matrix


@dataclass(frozen=True, eq=False)
class PosedMesh:
    """Vertices (V, 3) and corner normals (T, 3, 3), world, float32, of one posed mesh."""

    vertices: Floats
    normals: Floats


class MeshPoser:
    """Poses one mesh again and again; bones that move alike share one column of weights.

    Corners that share a vertex mostly share its normal too: each pair is turned once.
    """

    def __init__(self, asset: HeadAsset, mesh: Mesh) -> None:
        self._mesh = mesh
        links = chain_links(asset)[mesh.bones]
        weights = np.zeros((len(mesh.vertices), len(asset.roles.chain) + 1), np.float32)
        rows = np.arange(len(mesh.vertices))[:, None]
        np.add.at(weights, (rows, links), mesh.weights)
        moving = weights[:, 0] < 1.0 - 1e-7
        self._moving = np.flatnonzero(moving)
        self._weights = np.ascontiguousarray(weights[self._moving].T)
        self._shapes = {s.name: s for s in mesh.shapes}
        self._rest_vertex_normals: Floats | None = None
        self._shaped_for: dict[str, float] | None = None
        self._shaped_mesh = (mesh.vertices, mesh.normals)
        corners, normals = mesh.triangles.ravel(), mesh.normals.reshape(-1, 3)
        first, self._pair_of_corner = _distinct(corners, normals)
        self._pair_corner = first
        self._pair_vertex = corners[first]
        self._moving_pairs = np.flatnonzero(moving[self._pair_vertex])
        place = np.cumsum(moving) - 1
        self._pair_weights = np.ascontiguousarray(
            self._weights[:, place[self._pair_vertex[self._moving_pairs]]]
        )

    def pose(self, motions: Array, shapes: dict[str, float]) -> PosedMesh:
        """Shapes first, then the skin, as Blender's modifier stack does.

        Parameters
        ----------
        motions : ndarray, shape (L, 4, 4)
            From `chain_motions`.
        shapes : dict
            Weights by shape name; names that this mesh lacks are skipped.
        """
        vertices, normals = self._shaped(shapes)
        moving = np.concatenate([np.eye(4)[None], motions]).astype(np.float32)
        at = vertices[self._moving]
        posed = vertices.copy()
        posed[self._moving] = _blended(at, moving, self._weights)
        pairs = normals.reshape(-1, 3)[self._pair_corner]
        turns = moving.copy()
        turns[:, :3, 3] = 0.0
        pairs[self._moving_pairs] = _blended(pairs[self._moving_pairs], turns, self._pair_weights)
        pairs /= np.maximum(np.sqrt(np.einsum("pi,pi->p", pairs, pairs)), 1e-12)[:, None]
        return PosedMesh(posed, pairs[self._pair_of_corner].reshape(normals.shape))

    def _shaped(self, shapes: dict[str, float]) -> tuple[Floats, Floats]:
        """Vertices and corner normals with the shapes on; the last answer is kept."""
        own = {n: w for n, w in shapes.items() if w and n in self._shapes}
        if not own:
            return self._mesh.vertices, self._mesh.normals
        if own != self._shaped_for:
            vertices = self._mesh.vertices.copy()
            for name, weight in own.items():
                shape = self._shapes[name]
                vertices[shape.indices] += np.float32(weight) * shape.deltas
            if self._rest_vertex_normals is None:
                self._rest_vertex_normals = vertex_normals(
                    self._mesh.vertices, self._mesh.triangles
                )
            now = vertex_normals(vertices, self._mesh.triangles)
            changed = (now - self._rest_vertex_normals)[self._mesh.triangles]
            self._shaped_mesh = (vertices, self._mesh.normals + changed)
            self._shaped_for = own
        return self._shaped_mesh


def _blended(points: Floats, motions: Floats, weights: Floats) -> Floats:
    """Points (N, 3) moved by the mean of motions (L, 4, 4) under weights (L, N)."""
    out = np.zeros_like(points)
    for motion, share in zip(motions, weights, strict=True):
        out += share[:, None] * (points @ motion[:3, :3].T + motion[:3, 3])
    return out


def _distinct(vertex: Ints, normals: Floats) -> tuple[Indices, Indices]:
    """One corner of each distinct pair of vertex and normal, and the pair of every corner.

    Normals are told apart to a thousandth; they are packed with the vertex into one integer.
    """
    turn = np.round(np.nan_to_num(normals) * 1000.0).astype(np.int64) + 1024
    key = vertex.astype(np.int64) << 33 | turn[:, 0] << 22 | turn[:, 1] << 11 | turn[:, 2]
    _, first, pair = np.unique(key, return_index=True, return_inverse=True)
    return first, pair


def vertex_normals(vertices: Floats, triangles: np.ndarray) -> Floats:  # type: ignore[type-arg]
    """Unit normals, shape (V, 3), weighted by the area of the triangles around each vertex."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    faces = np.cross(b - a, c - a)
    corners = triangles.ravel()
    spread = np.repeat(faces, 3, axis=0)
    normals = np.stack(
        [np.bincount(corners, spread[:, i], minlength=len(vertices)) for i in range(3)], axis=1
    ).astype(np.float32)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return normals


def pose_vertices(asset: HeadAsset, pose: HeadPose) -> tuple[Floats, ...]:
    """Posed vertices of every mesh, world metres."""
    motions = chain_motions(asset, pose)
    return tuple(MeshPoser(asset, m).pose(motions, pose.shapes).vertices for m in asset.meshes)
