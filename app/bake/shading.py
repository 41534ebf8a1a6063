"""Triangles and shading normals of a part, as Blender makes them of its quads."""

from __future__ import annotations

import numpy as np

from app.bake.mesh import Floats, Ints, triangulate
from app.bake.parts import Part

Singles = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def split_quads(vertices: Floats, faces: Ints) -> tuple[Ints, Ints]:
    """Triangles of faces, and the face and corners that each came from.

    A quad is cut from its first corner to its third unless both halves would then lie on the same
    side of the cut.

    Parameters
    ----------
    vertices : ndarray, shape (N, 3)
    faces : ndarray, shape (F, 4)
        Quads; triangles have -1 in the last place.

    Returns
    -------
    triangles : ndarray, shape (T, 3)
    corners : ndarray, shape (T, 3, 2)
        Face index and corner index of every triangle corner.
    """
    triangles, corners = triangulate(faces)
    quads = np.flatnonzero(faces[:, 3] >= 0)
    a, b, c, d = np.moveaxis(vertices[faces[quads]], 1, 0)
    side = np.einsum("ij,ij->i", np.cross(b - a, c - a), np.cross(d - a, c - a))
    bent = np.flatnonzero(side > 0)
    if len(bent):
        first = (np.cumsum(np.where(faces[:, 3] >= 0, 2, 1)) - 2)[quads[bent]]
        corners[first, :, 1] = [0, 1, 3]
        corners[first + 1, :, 1] = [1, 2, 3]
        triangles[first] = faces[quads[bent]][:, [0, 1, 3]]
        triangles[first + 1] = faces[quads[bent]][:, [1, 2, 3]]
    return triangles, corners


def corner_normals(part: Part, triangles: Ints) -> Singles:
    """Unit normals of the triangles' corners, shape (T, 3, 3)."""
    normals = part.normals if len(part.normals) else smooth_normals(part.vertices, part.faces)
    return np.asarray(normals.astype(np.float32)[triangles])


def smooth_normals(vertices: Floats, faces: Ints) -> Floats:
    """Unit normals of vertices, shape (N, 3): of the faces around, weighted by their angles."""
    quad = faces[:, 3] >= 0
    following = np.roll(faces, -1, axis=1)
    following[~quad, 2] = faces[~quad, 0]
    points = vertices[faces]
    edge = vertices[following] - points
    edge[~quad, 3] = edge[~quad, 2]
    length = np.sqrt(np.einsum("fki,fki->fk", edge, edge))
    edge /= np.maximum(length, 1e-12)[..., None]
    before = np.roll(edge, 1, axis=1)
    angle = np.arccos(np.clip(-np.einsum("fki,fki->fk", edge, before), -1, 1))
    angle[~quad, 3] = 0.0
    last = np.where(quad[:, None], points[:, 3], points[:, 0])
    normal = np.cross(points[:, 2] - points[:, 0], last - points[:, 1])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20)
    corner = np.maximum(faces, 0).ravel()
    total = np.stack(
        [
            np.bincount(corner, (angle * normal[:, k, None]).ravel(), minlength=len(vertices))
            for k in range(3)
        ],
        axis=1,
    )
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-20))
