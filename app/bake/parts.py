"""One mesh object of a baked person, and how parts are made from the body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from app.bake.body import BONES, Body, load_actions, load_template
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
        still = np.einsum("nk,nk->n", offset, offset) < _STILL**2
        if not still.all():
            result[name] = np.where(still[:, None], 0, offset)
    return result


@dataclass(frozen=True, eq=False)
class Carried:
    """A mesh that follows the body model, and what of it is the same for all people.

    Attributes
    ----------
    mesh : DerivedMesh
    base_ids : ndarray, shape (M,)
        Base vertex of the first M vertices of `mesh`.
    weights : ndarray, shape (N, len(BONES))
    actions : mapping of str to ndarray, shape (N, 3)
    """

    mesh: DerivedMesh
    base_ids: Ints
    weights: Floats
    actions: Mapping[str, Floats]

    @staticmethod
    def of(mesh: DerivedMesh, base_ids: Ints) -> Carried:
        """Weights and actions of a mesh over the base vertices."""
        weights = np.asarray((mesh.carry @ load_template().weights).todense())
        actions = {k: mesh.vertices(offset) for k, offset in load_actions().items()}
        return Carried(mesh, base_ids, limit_weights(weights), moving(actions))

    def part(self, name: str, material: str, body: Body) -> Part:
        """The part of one person."""
        return Part(
            name=name,
            vertices=self.mesh.vertices(body.vertices),
            faces=self.mesh.faces,
            uv=self.mesh.uv,
            weights=self.weights,
            materials=(material,),
            material_of=np.zeros(len(self.mesh.faces), dtype=np.int64),
            actions=self.actions,
            base_ids=self.base_ids,
        )
