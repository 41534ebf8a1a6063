"""The mean person's skin, as a place for points that were moved in another program."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.curate.exchange_overlay import ExchangeError, SurfacePoint
from app.curate.mean_head import mean_head
from app.curate.surface import Spots
from app.topology.base_mesh import positions
from app.topology.topology import Landmark, Topology, Vector

REACH: Final = 0.03
"""Metres from the skin at most."""


class MeanSkin:
    """A `Surface` of the skin that comes with the program.

    Raises
    ------
    OSError, ValueError, KeyError
        When its file is missing or damaged.
    """

    def __init__(self) -> None:
        self._head = mean_head()

    def closest(self, position: Vector, mark: Landmark) -> SurfacePoint:
        """The nearest place that faces as the landmark's own does, so that lips are told apart.

        Raises
        ------
        ExchangeError
            If the skin is farther away than `REACH`.
        """
        surface = self._head.surface
        a, b, c = surface.vertices[list(mark.corners)]
        spots, gap = surface.closest(np.array([position]), np.cross(b - a, c - a)[None])
        if gap[0] > REACH:
            said = f"{1000 * gap[0]:.0f} mm from the skin; {1000 * REACH:.0f} mm are allowed"
            raise ExchangeError(f"{mark.name!r} lies {said}")
        return self._point(mark, spots)

    def vertex(self, index: int, mark: Landmark) -> SurfacePoint:
        """A vertex of the skin, for a landmark.

        Raises
        ------
        ExchangeError
            If it belongs to the rest of the body.
        """
        rows, columns = np.nonzero(self._head.surface.triangles == index)
        if not len(rows):
            raise ExchangeError(f"vertex {index} is not on the head")
        return self._point(mark, Spots(rows[:1], np.eye(3)[columns[:1]]))

    def gaps(self, topology: Topology, vertices: list[int]) -> list[float]:
        """Metres from each landmark to a vertex."""
        at = self._head.surface.vertices
        gaps = np.linalg.norm(at[vertices] - positions(topology, at), axis=1)
        return [float(gap) for gap in gaps]

    def _point(self, mark: Landmark, spots: Spots) -> SurfacePoint:
        placed = self._head.placed(mark, spots)
        return SurfacePoint(placed.corners, placed.weights, placed.mean)
