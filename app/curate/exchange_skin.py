"""The mean person's skin, as a place for points that were moved in another program."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.curate.exchange_overlay import ExchangeError, SurfacePoint
from app.topology.base_mesh import DECIMALS, BaseMesh, place, positions
from app.topology.base_skin import base_skin
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
        self._base: BaseMesh = base_skin().whole

    def closest(self, position: Vector, mark: Landmark) -> SurfacePoint:
        """The nearest place that faces as the landmark's own does, so that lips are told apart.

        Raises
        ------
        ExchangeError
            If the skin is farther away than `REACH`.
        """
        a, b, c = self._base.vertices[list(mark.corners)]
        normal = np.cross(b - a, c - a)
        try:
            corners, weights = place(self._base, np.array(position), normal, REACH)
        except ValueError as problem:
            raise ExchangeError(f"{mark.name!r}: {problem}") from None
        return self._point(corners, weights)

    def vertex(self, index: int) -> SurfacePoint:
        """A vertex of the skin. Raises `ExchangeError` if it belongs to the rest of the body."""
        rows, columns = np.nonzero(self._base.triangles == index)
        if not len(rows):
            raise ExchangeError(f"vertex {index} is not on the head")
        row = self._base.triangles[rows[0]]
        corners = (int(row[0]), int(row[1]), int(row[2]))
        weights = tuple(1.0 if k == columns[0] else 0.0 for k in range(3))
        return self._point(corners, (weights[0], weights[1], weights[2]))

    def gaps(self, topology: Topology, vertices: list[int]) -> list[float]:
        """Metres from each landmark to a vertex."""
        at = positions(topology, self._base.vertices)
        gaps = np.linalg.norm(self._base.vertices[vertices] - at, axis=1)
        return [float(gap) for gap in gaps]

    def _point(self, corners: tuple[int, int, int], weights: Vector) -> SurfacePoint:
        at = np.array(weights) @ self._base.vertices[list(corners)]
        x, y, z = (round(float(value), DECIMALS) + 0.0 for value in at)
        return SurfacePoint(corners, weights, (x, y, z))
