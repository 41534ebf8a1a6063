"""Polygon meshes whose vertices are weighted means of a base mesh.

A derived vertex is a row of a sparse matrix over the base vertices, so positions, facial actions
and skin weights of the base are all carried over by one product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DerivedMesh:
    """Faces over vertices that are linear in a base mesh.

    Attributes
    ----------
    carry : sparse matrix, shape (N, B), rows sum to one
        Derived vertices from base vertices.
    faces : ndarray, shape (F, 4)
        Counter-clockwise quads; triangles have -1 in the last place.
    uv : ndarray, shape (F, 4, 2)
        Texture coordinates of the corners, origin at the lower left.
    """

    carry: sparse.csr_matrix
    faces: Ints
    uv: Floats

    def vertices(self, base: Floats) -> Floats:
        """Positions of the derived vertices, shape (N, 3), for base vertices (B, 3)."""
        return np.asarray(self.carry @ base)


def extract(faces: Ints, uv: Floats, base_count: int) -> tuple[DerivedMesh, Ints]:
    """Mesh of some faces of the base, with unused vertices dropped.

    Returns
    -------
    mesh : DerivedMesh
    base_ids : ndarray, shape (N,)
        The base vertex that each vertex is.
    """
    base_ids, local = np.unique(faces[faces >= 0], return_inverse=True)
    compact = np.full(faces.shape, -1, dtype=np.int64)
    compact[faces >= 0] = local
    count = len(base_ids)
    carry = sparse.csr_matrix(
        (np.ones(count), (np.arange(count), base_ids)), shape=(count, base_count)
    )
    return DerivedMesh(carry, compact, uv), base_ids


def triangulate(faces: Ints) -> tuple[Ints, Ints]:
    """Triangles of quads and the face and corners each came from.

    Returns
    -------
    triangles : ndarray, shape (T, 3)
    corners : ndarray, shape (T, 3, 2)
        Face index and corner index of every triangle corner.
    """
    quad = faces[:, 3] >= 0
    index = np.arange(len(faces))
    face_of = np.concatenate([index, index[quad]])
    corner_of = np.concatenate(
        [np.tile([0, 1, 2], (len(faces), 1)), np.tile([0, 2, 3], (int(quad.sum()), 1))]
    )
    order = np.argsort(face_of, kind="stable")
    face_of, corner_of = face_of[order], corner_of[order]
    triangles = faces[face_of[:, None], corner_of]
    corners = np.stack([np.repeat(face_of[:, None], 3, axis=1), corner_of], axis=-1)
    return triangles, corners


def triangle_count(faces: Ints) -> int:
    """Number of triangles after every quad is split."""
    return int(len(faces) + (faces[:, 3] >= 0).sum())


def vertex_normals(vertices: Floats, triangles: Ints) -> Floats:
    """Area-weighted unit normals, shape (N, 3)."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    corner = triangles.ravel()
    total = np.stack(
        [
            np.bincount(corner, np.repeat(normal[:, k], 3), minlength=len(vertices))
            for k in range(3)
        ],
        axis=1,
    )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.maximum(length, 1e-20))


def edge_table(faces: Ints) -> tuple[Ints, Ints]:
    """Unique edges, shape (E, 2), and the edge after each corner, shape (F, 4), -1 where none."""
    quad = faces[:, 3] >= 0
    following = np.roll(faces, -1, axis=1)
    following[~quad, 2] = faces[~quad, 0]
    valid = faces >= 0
    pairs = np.sort(np.stack([faces, following], axis=-1)[valid], axis=1)
    edges, inverse = np.unique(pairs, axis=0, return_inverse=True)
    table = np.full(faces.shape, -1, dtype=np.int64)
    table[valid] = inverse.reshape(-1)
    return edges, table


def _fan(polygon: list[int], corner_uv: list[Floats]) -> tuple[list[list[int]], list[Floats]]:
    faces, uvs = [], []
    for k in range(1, len(polygon) - 1):
        faces.append([polygon[0], polygon[k], polygon[k + 1], -1])
        uvs.append(np.stack([corner_uv[0], corner_uv[k], corner_uv[k + 1], corner_uv[0]]))
    return faces, uvs


def subdivide(mesh: DerivedMesh, selected: Bools) -> DerivedMesh:
    """One Catmull-Clark step of the selected quads, without cracks to the others.

    Vertices on the border of the selection stay; unselected faces next to it become fans of
    triangles. The first N vertices of the result are the N of `mesh`.

    Source: Catmull and Clark, 1978, "Recursively generated B-spline surfaces on arbitrary
    topological meshes", section 3.
    """
    faces, count = mesh.faces, mesh.carry.shape[0]
    selected = selected & (faces[:, 3] >= 0)
    edges, table = edge_table(faces)
    quads, quad_edges = faces[selected], table[selected]
    quad_count = len(quads)

    used = np.bincount(quad_edges.ravel(), minlength=len(edges))
    total = np.bincount(table[table >= 0].ravel(), minlength=len(edges))
    split = used > 0
    interior_edge = (used == 2) & (total == 2)
    number = np.cumsum(split) - 1
    edge_point = np.where(split, count + number, -1)
    face_point = count + int(split.sum()) + np.arange(quad_count)

    eye = sparse.identity(count, format="csr")
    face_rows = sparse.csr_matrix(
        (np.full(4 * quad_count, 0.25), (np.repeat(np.arange(quad_count), 4), quads.ravel())),
        shape=(quad_count, count),
    )
    ends = edges[split]
    mid = (eye[ends[:, 0]] + eye[ends[:, 1]]) * 0.5
    edge_faces = sparse.csr_matrix(
        (
            np.ones(4 * quad_count),
            (number[quad_edges.ravel()], np.repeat(np.arange(quad_count), 4)),
        ),
        shape=(len(ends), quad_count),
    )
    smooth = sparse.diags(interior_edge[split].astype(float))
    edge_rows = mid + smooth @ (edge_faces @ face_rows * 0.25 - mid * 0.5)

    vertex_faces = sparse.csr_matrix(
        (np.ones(4 * quad_count), (quads.ravel(), np.repeat(np.arange(quad_count), 4))),
        shape=(count, quad_count),
    )
    vertex_edges = sparse.csr_matrix(
        (np.ones(2 * len(ends)), (ends.ravel(), np.repeat(np.arange(len(ends)), 2))),
        shape=(count, len(ends)),
    )
    touching = np.bincount(faces[faces >= 0].ravel(), minlength=count)
    valence = np.asarray(vertex_faces.sum(axis=1)).ravel()
    edge_valence = np.asarray(vertex_edges.sum(axis=1)).ravel()
    inner = (valence > 2) & (valence == touching) & (edge_valence == valence)
    n = np.maximum(valence, 1)
    mean_faces = sparse.diags(1 / n) @ vertex_faces @ face_rows
    mean_edges = sparse.diags(1 / n) @ vertex_edges @ mid
    moved = sparse.diags(1 / n) @ (mean_faces + 2 * mean_edges) + sparse.diags((n - 3) / n)
    keep = sparse.diags((~inner).astype(float))
    vertex_rows = keep + sparse.diags(inner.astype(float)) @ moved
    refine = sparse.vstack([vertex_rows, edge_rows, face_rows]).tocsr()

    points = edge_point[quad_edges]
    uv = mesh.uv[selected]
    uv_mid = (uv + np.roll(uv, -1, axis=1)) * 0.5
    uv_centre = uv.mean(axis=1)
    new_faces, new_uv = [], []
    for k in range(4):
        new_faces.append(np.stack([quads[:, k], points[:, k], face_point, points[:, k - 1]], 1))
        new_uv.append(np.stack([uv[:, k], uv_mid[:, k], uv_centre, uv_mid[:, k - 1]], 1))

    other = np.flatnonzero(~selected)
    touched = (np.where(table[other] >= 0, edge_point[table[other]], -1) >= 0).any(axis=1)
    new_faces.append(faces[other[~touched]])
    new_uv.append(mesh.uv[other[~touched]])
    fan_faces: list[list[int]] = []
    fan_uv: list[Floats] = []
    for f in other[touched]:
        corners = 4 if faces[f, 3] >= 0 else 3
        ring: list[int] = []
        ring_uv: list[Floats] = []
        first = -1
        for k in range(corners):
            ring.append(int(faces[f, k]))
            ring_uv.append(mesh.uv[f, k])
            point = int(edge_point[table[f, k]])
            if point >= 0:
                first = len(ring) if first < 0 else first
                ring.append(point)
                ring_uv.append((mesh.uv[f, k] + mesh.uv[f, (k + 1) % corners]) * 0.5)
        some, some_uv = _fan(ring[first:] + ring[:first], ring_uv[first:] + ring_uv[:first])
        fan_faces += some
        fan_uv += some_uv
    if fan_faces:
        new_faces.append(np.array(fan_faces, dtype=np.int64))
        new_uv.append(np.stack(fan_uv))
    return DerivedMesh(
        (refine @ mesh.carry).tocsr(), np.concatenate(new_faces), np.concatenate(new_uv)
    )


def clip(mesh: DerivedMesh, field: Floats) -> DerivedMesh:
    """The part of a mesh where a scalar field over its vertices is positive.

    Faces that the zero line crosses are cut along it, so the new border is a smooth curve.
    """
    faces = mesh.faces
    signed = np.where(np.abs(field) < 1e-9, 1e-9, field)
    values = np.where(faces >= 0, signed[faces], np.nan)
    inside = np.nan_to_num(values, nan=1.0) > 0
    outside = np.nan_to_num(values, nan=-1.0) < 0
    whole = inside.all(axis=1)
    crossed = np.flatnonzero(~whole & ~outside.all(axis=1))
    count = mesh.carry.shape[0]
    cuts: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, int, float]] = []
    fan_faces: list[list[int]] = []
    fan_uv: list[Floats] = []
    for f in crossed:
        corners = 4 if faces[f, 3] >= 0 else 3
        ring: list[int] = []
        ring_uv: list[Floats] = []
        for k in range(corners):
            a, b = int(faces[f, k]), int(faces[f, (k + 1) % corners])
            if signed[a] > 0:
                ring.append(a)
                ring_uv.append(mesh.uv[f, k])
            if (signed[a] > 0) != (signed[b] > 0):
                t = float(signed[a] / (signed[a] - signed[b]))
                key = (min(a, b), max(a, b))
                if key not in cuts:
                    cuts[key] = count + len(rows)
                    rows.append((a, b, t))
                ring.append(cuts[key])
                ring_uv.append(mesh.uv[f, k] * (1 - t) + mesh.uv[f, (k + 1) % corners] * t)
        if len(ring) == 4:
            fan_faces.append(ring)
            fan_uv.append(np.stack(ring_uv))
        else:
            some, some_uv = _fan(ring, ring_uv)
            fan_faces += some
            fan_uv += some_uv
    new_faces = np.concatenate([faces[whole], np.array(fan_faces, dtype=np.int64).reshape(-1, 4)])
    new_uv = np.concatenate([mesh.uv[whole], np.array(fan_uv).reshape(-1, 4, 2)])
    index = np.repeat(np.arange(len(rows)), 2)
    cut_rows = sparse.csr_matrix(
        (
            np.array([w for _, _, t in rows for w in (1 - t, t)]),
            (index, np.array([v for a, b, _ in rows for v in (a, b)], dtype=np.int64)),
        ),
        shape=(len(rows), count),
    )
    carry = sparse.vstack([mesh.carry, cut_rows @ mesh.carry]).tocsr()
    used, local = np.unique(new_faces[new_faces >= 0], return_inverse=True)
    compact = np.full(new_faces.shape, -1, dtype=np.int64)
    compact[new_faces >= 0] = local
    return DerivedMesh(carry[used], compact, new_uv)


def boundary_loops(faces: Ints) -> list[Ints]:
    """Closed borders as vertex index arrays, in the direction of the faces' edges."""
    quad = faces[:, 3] >= 0
    following = np.roll(faces, -1, axis=1)
    following[~quad, 2] = faces[~quad, 0]
    valid = faces >= 0
    directed = np.stack([faces, following], axis=-1)[valid]
    seen = {(int(a), int(b)) for a, b in directed}
    step = {a: b for a, b in sorted(seen) if (b, a) not in seen}
    loops: list[Ints] = []
    while step:
        start = next(iter(step))
        loop, here = [], start
        while here in step:
            loop.append(here)
            here = step.pop(here)
        if here == start and len(loop) > 2:
            loops.append(np.array(loop, dtype=np.int64))
    return loops
