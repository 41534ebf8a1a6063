"""Sleeves, trousers and shoes: offset surfaces of the body that hang on its bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from app.bake.body import BODY_VERTICES, load_template
from app.bake.driver_look import Outfit
from app.bake.driver_rig import SIDES, Rig, skin_weights
from app.bake.head import canonical_positions, collar
from app.bake.mesh import (
    Bools,
    DerivedMesh,
    Floats,
    Ints,
    boundary_loops,
    clip,
    edge_table,
    extract,
    triangulate,
    vertex_normals,
)
from app.bake.noise import value_noise
from app.scene.fabrics import color_of, fabric
from app.scene.solids import Finish


@dataclass(frozen=True, eq=False)
class Garment:
    """A piece of clothing at rest.

    Attributes
    ----------
    vertices, normals : ndarray, shape (N, 3)
    weights : sparse matrix, shape (N, B)
    uvs : ndarray, shape (N, 2), metres
    triangles : ndarray, shape (T, 3)
    """

    name: str
    vertices: Floats
    normals: Floats
    weights: sparse.csr_matrix
    uvs: Floats
    triangles: Ints
    finish: Finish


def arm_place(rig: Rig) -> Floats:
    """Where along an arm each vertex lies, shape (19158,).

    0 at the shoulder, 1 at the elbow, 2 at the wrist, more on the hand; -1 off the arms.
    """
    out = np.full(len(rig.vertices), -1.0)
    for side in SIDES:
        below = np.zeros(len(rig.names), dtype=bool)
        for bone, parent in enumerate(rig.parents):
            below[bone] = rig.names[bone] == f"upperarm01.{side}" or (parent >= 0 and below[parent])
        share = np.asarray(skin_weights() @ below.astype(float))
        a, b, c = (
            rig.heads[rig.bone(f"{name}.{side}")] for name in ("upperarm01", "lowerarm01", "wrist")
        )
        upper = ((rig.vertices - a) @ (b - a)) / ((b - a) @ (b - a))
        lower = 1.0 + ((rig.vertices - b) @ (c - b)) / ((c - b) @ (c - b))
        along = np.where(lower > 1.0, lower, np.minimum(upper, 1.0))
        out = np.where(share > 0.35, along, out)
    return out


def garments(rig: Rig, outfit: Outfit) -> list[Garment]:
    """All that a person wears below the neck."""
    return [_top(rig, outfit), _trousers(rig, outfit), _shoes(rig, outfit)]


def _top(rig: Rig, outfit: Outfit) -> Garment:
    template, p = load_template(), canonical_positions()
    faces = template.faces
    place = arm_place(rig)
    tight = collar(p)
    low = rig.vertices[:, 2] - (rig.hips[2] - 0.05)
    centre = p[faces].mean(axis=1)
    keep = (tight[faces].min(axis=1) < 0.1) & (centre[:, 2] < -0.10) & ~template.cavity
    keep &= (place[faces] < outfit.sleeve + 0.12).all(axis=1)
    keep &= (low[faces] > -0.05).any(axis=1)
    mesh = _cut(faces[keep], [-tight, low, outfit.sleeve - place])
    vertices = _draped(mesh, rig, outfit.thickness, outfit.seed)
    on_arm = np.asarray(mesh.carry @ np.clip(place, -1.0, 3.0))
    uvs = _cloth_uvs(rig, vertices, on_arm)
    rng = np.random.default_rng([outfit.seed, 1])
    finish = Finish(
        (1.0, 1.0, 1.0),
        0.85 if outfit.top != "jacket" else 0.6,
        0.2,
        texture=fabric(rng, outfit.fabric, outfit.color, outfit.second),
        bump=0.0005 if outfit.top in ("t-shirt", "shirt", "rolled") else 0.0009,
        grain=0.05 if outfit.top != "jacket" else 0.07,
        tile=outfit.tile,
    )
    return _garment("Top", mesh, vertices, uvs, finish, _without_legs(rig))


def _without_legs(rig: Rig) -> sparse.csr_matrix:
    """Skin weights for what hangs from the trunk: legs count a little."""
    legs = np.array([1.0 if not name.startswith("upperleg") else 0.1 for name in rig.names])
    weights = skin_weights() @ sparse.diags(legs)
    total = np.asarray(weights.sum(axis=1)).ravel()
    return sparse.csr_matrix(sparse.diags(1.0 / np.maximum(total, 1e-9)) @ weights)


def _trousers(rig: Rig, outfit: Outfit) -> Garment:
    template = load_template()
    faces, z = template.faces, rig.vertices[:, 2]
    high = rig.hips[2] + 0.11 - z
    ankle = np.mean([rig.heads[rig.bone(f"foot.{side}")][2] for side in SIDES])
    low = z - (ankle + 0.03)
    place = arm_place(rig)
    keep = (high[faces] > -0.03).any(axis=1) & (place[faces] < -0.5).all(axis=1)
    mesh = _cut(faces[keep], [high, low])
    vertices = _draped(mesh, rig, outfit.thickness + 0.005, outfit.seed + 1)
    rng = np.random.default_rng([outfit.seed, 2])
    texture = fabric(rng, "melange", outfit.trousers, color_of(0.8 * c for c in outfit.trousers))
    finish = Finish((1.0, 1.0, 1.0), 0.9, 0.2, texture=texture, bump=0.0008, grain=0.07, tile=0.1)
    uvs = np.column_stack([vertices[:, 0] + vertices[:, 1], vertices[:, 2]])
    return _garment("Trousers", mesh, vertices, uvs, finish)


def _shoes(rig: Rig, outfit: Outfit) -> Garment:
    template = load_template()
    ankle = np.mean([rig.heads[rig.bone(f"foot.{side}")][2] for side in SIDES])
    high = ankle + 0.05 - rig.vertices[:, 2]
    keep = (high[template.faces] > -0.01).any(axis=1)
    mesh = _cut(template.faces[keep], [high])
    vertices = _draped(mesh, rig, 0.008, outfit.seed + 2)
    uvs = vertices[:, :2].copy()
    return _garment("Shoes", mesh, vertices, uvs, Finish(outfit.shoes, 0.5, 0.4))


def _cut(faces: Ints, fields: list[Floats]) -> DerivedMesh:
    """The faces where all fields over the base vertices are positive."""
    faces = faces[(faces < BODY_VERTICES).all(axis=1)]
    mesh, _ = extract(faces, np.zeros((len(faces), 4, 2)), len(fields[0]))
    for field in fields:
        mesh = clip(mesh, np.asarray(mesh.carry @ field))
    return mesh


def _mean_of_neighbours(mesh: DerivedMesh) -> tuple[sparse.csr_matrix, Bools]:
    edges, _ = edge_table(mesh.faces)
    count = mesh.carry.shape[0]
    pairs = (np.r_[edges[:, 0], edges[:, 1]], np.r_[edges[:, 1], edges[:, 0]])
    link = sparse.csr_matrix((np.ones(2 * len(edges)), pairs), (count, count))
    border = np.zeros(count)
    for loop in boundary_loops(mesh.faces):
        border[loop] = 1.0
    along = sparse.diags(1 - border) @ link + sparse.diags(border) @ link @ sparse.diags(border)
    total = np.asarray(along.sum(axis=1)).ravel()
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(total, 1)) @ along), border > 0


def _draped(mesh: DerivedMesh, rig: Rig, thickness: float, seed: int) -> Floats:
    """Cloth over the body: smooth across hollows, nowhere nearer than its thickness."""
    skin = mesh.vertices(rig.vertices)
    triangles = triangulate(mesh.faces)[0]
    mean, _ = _mean_of_neighbours(mesh)
    smooth = skin + thickness * vertex_normals(skin, triangles)
    for _ in range(10):
        smooth = 0.4 * smooth + 0.6 * (mean @ smooth)
    normals = vertex_normals(smooth, triangles)
    lift = ((skin - smooth) * normals).sum(axis=1) + thickness
    smooth = smooth + normals * np.maximum(lift, 0.0)[:, None]
    for _ in range(2):
        smooth = 0.5 * smooth + 0.5 * (mean @ smooth)
    rng = np.random.default_rng([seed, 11])
    folds = value_noise(smooth, np.array([0.05, 0.05, 0.08]), rng)
    return np.asarray(smooth + normals * (0.5 * thickness * (1.0 + folds))[:, None])


def _cloth_uvs(rig: Rig, vertices: Floats, place: Floats) -> Floats:
    """Metres across and along the cloth: round and along the arms, across and up the trunk."""
    uvs = np.column_stack([vertices[:, 0], vertices[:, 2]])
    for side, sign in (("L", 1.0), ("R", -1.0)):
        a, b = (rig.heads[rig.bone(f"{name}.{side}")] for name in ("upperarm01", "wrist"))
        rows = (place > 0.0) & (vertices[:, 0] * sign > 0)
        axis = (b - a) / np.linalg.norm(b - a)
        off = vertices[rows] - a
        along = off @ axis
        across = off - along[:, None] * axis
        first = np.cross(axis, [0.0, 1.0, 0.0])
        first /= np.linalg.norm(first)
        turn = np.arctan2(across @ np.cross(axis, first), across @ first)
        uvs[rows] = np.column_stack([0.05 * turn, -along])
    return uvs


def _garment(
    name: str,
    mesh: DerivedMesh,
    vertices: Floats,
    uvs: Floats,
    finish: Finish,
    base: sparse.csr_matrix | None = None,
) -> Garment:
    triangles = triangulate(mesh.faces)[0]
    weights = sparse.csr_matrix(mesh.carry @ (skin_weights() if base is None else base))
    return Garment(
        name, vertices, vertex_normals(vertices, triangles), weights, uvs, triangles, finish
    )
