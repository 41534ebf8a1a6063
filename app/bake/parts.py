"""One mesh object of a baked person, and how parts are made from the body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from app.bake.body import BONES, Body
from app.bake.mesh import DerivedMesh, Floats, Ints, triangle_count

_STILL = 2e-5  # metres; smaller offsets of a facial action are dropped


@dataclass(frozen=True)
class Part:
    """A mesh with one or more materials, in the world frame, metres.

    Attributes
    ----------
    vertices : ndarray, shape (N, 3)
    faces : ndarray, shape (F, 4)
        Quads; triangles have -1 in the last place.
    uv : ndarray, shape (F, 4, 2)
    weights : ndarray, shape (N, len(BONES))
        Skin weights, at most four a vertex, rows sum to one.
    materials : tuple of str
    material_of : ndarray, shape (F,)
    actions : mapping of str to ndarray, shape (N, 3)
        Offsets of the facial actions that move the part.
    base_ids : ndarray, shape (M,), M <= N
        Base-mesh vertex of the first M vertices.
    normals : ndarray, shape (N, 3) or (0, 3)
        Shading normals where they differ from those of the faces.
    """

    name: str
    vertices: Floats
    faces: Ints
    uv: Floats
    weights: Floats
    materials: tuple[str, ...]
    material_of: Ints
    actions: Mapping[str, Floats] = field(default_factory=dict)
    base_ids: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    normals: Floats = field(default_factory=lambda: np.zeros((0, 3)))

    @property
    def triangles(self) -> int:
        """Number of triangles."""
        return triangle_count(self.faces)


def limit_weights(weights: Floats, most: int = 4) -> Floats:
    """Keep the `most` largest weights of every row and normalise."""
    kept = weights.copy()
    kept[kept < 0.004] = 0
    if kept.shape[1] > most:
        smallest = np.argsort(-kept, axis=1, kind="stable")[:, most:]
        np.put_along_axis(kept, smallest, 0, axis=1)
    result: Floats = kept / kept.sum(axis=1, keepdims=True)
    return result


def one_bone(name: str, count: int) -> Floats:
    """Weights of vertices that follow one bone, shape (count, len(BONES))."""
    weights = np.zeros((count, len(BONES)))
    weights[:, [bone for bone, _ in BONES].index(name)] = 1
    return weights


def moving(actions: Mapping[str, Floats]) -> dict[str, Floats]:
    """The actions that move anything visibly, with smaller offsets set to zero."""
    result = {}
    for name, offset in actions.items():
        still = np.linalg.norm(offset, axis=1) < _STILL
        if not still.all():
            result[name] = np.where(still[:, None], 0, offset)
    return result


def carried(name: str, material: str, mesh: DerivedMesh, body: Body, base_ids: Ints) -> Part:
    """A part whose vertices, weights and actions all follow the body model."""
    return Part(
        name=name,
        vertices=mesh.vertices(body.vertices),
        faces=mesh.faces,
        uv=mesh.uv,
        weights=limit_weights(np.asarray((mesh.carry @ body.template.weights).todense())),
        materials=(material,),
        material_of=np.zeros(len(mesh.faces), dtype=np.int64),
        actions=moving({k: mesh.vertices(offset) for k, offset in body.actions.items()}),
        base_ids=base_ids,
    )
