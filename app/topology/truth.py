"""Exact landmarks of one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from app.geometry.rotations import Array

OUTLINE = "ibug-68-outline"
"""Points 0 to 16 of iBUG-68 where the visible outline of the face runs, not fixed on the mesh."""


@dataclass(frozen=True, eq=False)
class LandmarkTruth:
    """Landmarks of one topology in one picture.

    Attributes
    ----------
    topology : str
        Name of the topology, or `OUTLINE`.
    version : int
    world : ndarray, shape (L, 3), metres
    pixels : ndarray, shape (L, 2)
        (0, 0) is the centre of the top-left pixel; NaN behind the lens.
    visible : ndarray of bool, shape (L,)
        In the picture and not behind another surface, by the depth of the picture.
    """

    topology: str
    version: int
    world: Array
    pixels: Array
    visible: NDArray[Any]
