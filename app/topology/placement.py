"""Where the landmarks of a topology lie on one head: triangles and barycentric weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.geometry.rotations import Array
from app.head.asset import Floats, Ints


@dataclass(frozen=True, eq=False)
class Placement:
    """Landmarks on the meshes of a head asset; survives posing, shapes and skinning.

    Attributes
    ----------
    topology : str
    version : int
    meshes : ndarray, shape (L,), int32
        Index into `HeadAsset.meshes`.
    corners : ndarray, shape (L, 3), int32
        Vertices of the triangle that holds the landmark.
    weights : ndarray, shape (L, 3), float64
        Barycentric, rows sum to one.
    """

    topology: str
    version: int
    meshes: Ints
    corners: Ints
    weights: Array

    def positions(self, vertices: Sequence[Floats]) -> Array:
        """Landmarks in the world, shape (L, 3), metres.

        Parameters
        ----------
        vertices : sequence of ndarray, shape (V, 3)
            Posed vertices of every mesh of the asset.
        """
        found = np.empty((len(self.corners), 3))
        for mesh in np.unique(self.meshes):
            own = self.meshes == mesh
            triangles = vertices[mesh][self.corners[own]].astype(np.float64)
            found[own] = np.einsum("lc,lci->li", self.weights[own], triangles)
        return found
