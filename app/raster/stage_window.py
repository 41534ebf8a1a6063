"""Which triangle lies at each pixel, and how far things are from where light comes from.

All solids of a stage are one set of triangles in one window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole, look_at
from app.geometry.rotations import Array
from app.raster.depth_camera import DepthView, look_from, metres
from app.raster.window import Geometry, Reader, aim, make_renderer, make_window

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Indices = NDArray[np.int64]

NOTHING: Final = 0xFFFFFF
"""Where no triangle is."""

_VERTEX: Final = """//VTK::System::Dec
in vec4 vertexMC;
uniform mat4 MCDCMatrix;
void main() {
  gl_Position = MCDCMatrix * vertexMC;
}
"""
_FRAGMENT: Final = """//VTK::System::Dec
//VTK::Output::Dec
void main() {
  int number = gl_PrimitiveID;
  gl_FragData[0] = vec4(
    float(number & 255), float((number >> 8) & 255), float(number >> 16), 255.0) / 255.0;
}
"""


class TriangleWindow:
    """Numbers of the nearest triangles, for one set of triangles that moves."""

    def __init__(self) -> None:
        self._window = make_window()
        self._renderer = make_renderer(self._window)
        self._renderer.SetBackground(1.0, 1.0, 1.0)
        self._reader = Reader(self._window)
        self._geometry: Geometry | None = None
        self._actor: Any = None
        self._triangles: Ints | None = None
        self._points = 0

    def place(self, points: Floats, triangles: Ints) -> None:
        """Take these triangles; quick where only the points have moved."""
        if self._geometry is None or len(points) != self._points or self._changed(triangles):
            self._clear()
            self._geometry = Geometry(len(points), triangles)
            self._actor = self._geometry.actor(_VERTEX, _FRAGMENT)
            self._renderer.AddActor(self._actor)
            self._triangles, self._points = triangles, len(points)
        self._geometry.place(points)

    def numbers(self, view: Pinhole) -> Indices:
        """The nearest triangle at the centre of every pixel, `NOTHING` where none is, (H, W)."""
        aim(self._renderer, self._window, view, view.clip_start, view.clip_end)
        self._window.Render()
        return (self._reader.words() & np.uint32(NOTHING)).astype(np.int64)

    def close(self) -> None:
        self._clear()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _changed(self, triangles: Ints) -> bool:
        known = self._triangles
        return known is None or (known is not triangles and not np.array_equal(known, triangles))

    def _clear(self) -> None:
        if self._actor is not None:
            self._renderer.RemoveActor(self._actor)
            self._actor.ReleaseGraphicsResources(self._window)
        self._actor = self._geometry = self._triangles = None


@dataclass(frozen=True, eq=False)
class Onlook(DepthView):
    """A picture of distances along one direction, or from one point."""

    def seen(self, distances: Floats, points: Floats, slack: float) -> NDArray[np.bool_]:
        """Which points (N, 3) nothing hides; those outside of the picture are not hidden."""
        column, row, away, inside = self._cells(points, distances.shape[0])
        flat = row * np.int32(distances.shape[1]) + column
        return np.asarray(~inside | (distances.ravel()[flat] >= away - np.float32(slack)))

    def lit(self, distances: Floats, points: Floats, slack: float, soft: float) -> Floats:
        """Share of light that reaches points (N, 3), with an edge ``soft`` pixels wide."""
        side = distances.shape[0]
        x, y, away = self._project(points, side)
        total = np.zeros(len(points), np.float32)
        table = np.ascontiguousarray(distances).ravel()
        texel = np.float32(2.0 * self.extent / side)
        grain = texel if self.parallel else texel * np.maximum(away, np.float32(1e-3))
        limit = away - np.float32(slack) - grain
        for dx, dy in _DISC:
            column = np.clip((x + np.float32(dx * soft)).astype(np.int32), 0, side - 1)
            row = np.clip((y + np.float32(dy * soft)).astype(np.int32), 0, side - 1)
            total += table[row * np.int32(side) + column] >= limit
        total /= np.float32(len(_DISC))
        outside = (x < 0) | (y < 0) | (x >= side) | (y >= side) | (away <= 0)
        total[outside] = 1.0
        return total

    def _project(self, points: Floats, side: int) -> tuple[Floats, Floats, Floats]:
        turn = self.matrix[:3, :3].astype(np.float32)
        local = (points - self.matrix[:3, 3].astype(np.float32)) @ turn
        away = -local[:, 2]
        size = np.full_like(away, self.extent)
        if not self.parallel:
            size *= np.maximum(away, np.float32(1e-3))
        half = np.float32(side / 2.0)
        return (local[:, 0] / size + 1) * half, (local[:, 1] / size + 1) * half, away

    def _cells(self, points: Floats, side: int) -> tuple[Ints, Ints, Floats, NDArray[np.bool_]]:
        x, y, away = self._project(points, side)
        inside = (x >= 0) & (y >= 0) & (x < side) & (y < side)
        column = np.clip(x.astype(np.int32), 0, side - 1)
        return column, np.clip(y.astype(np.int32), 0, side - 1), away, np.asarray(inside)


_DISC: Final = (
    (0.2, 0.1), (-0.5, 0.3), (0.4, -0.6), (-0.3, -0.7), (0.8, 0.5), (-0.9, -0.2), (0.1, 0.95),
    (0.75, -0.15),
)  # fmt: skip


def parallel_onlook(direction: Array, centre: Array, radius: float) -> Onlook:
    """Everything within a radius about a centre as seen from far away, along ``-direction``."""
    return Onlook(look_at(centre + direction * 2 * radius, centre), radius, True, 0.2, 4 * radius)


def point_onlook(position: Array, target: Array, angle: float, far: float) -> Onlook:
    """What a lamp at a point sees; ``angle`` in degrees is the whole cone."""
    extent = float(np.tan(np.radians(min(angle, 160.0)) / 2.0))
    return Onlook(look_at(position, target), extent, False, 0.02, far)


class DistanceWindow:
    """Pictures of distances of a coarse copy of the solids."""

    def __init__(self, side: int) -> None:
        self._window = make_window()
        self._window.SetSize(side, side)
        self._renderer = make_renderer(self._window)
        self._reader = Reader(self._window)
        self._geometry: Geometry | None = None
        self._actor: Any = None
        self._triangles: Ints | None = None

    def place(self, points: Floats, triangles: Ints) -> None:
        """Take these triangles; quick where they are the same array as before."""
        if self._triangles is not triangles or self._geometry is None:
            self._clear()
            self._geometry = Geometry(len(points), triangles)
            self._actor = self._geometry.actor(_VERTEX, _FRAGMENT)
            self._renderer.AddActor(self._actor)
            self._triangles = triangles
        self._geometry.place(points)

    def distances(self, look: Onlook) -> Floats:
        """Metres along the axis, bottom row first; far behind everything where nothing is."""
        look_from(self._renderer.GetActiveCamera(), look)
        self._window.Render()
        return metres(self._reader.depths()[::-1], look)

    def close(self) -> None:
        self._clear()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _clear(self) -> None:
        if self._actor is not None:
            self._renderer.RemoveActor(self._actor)
            self._actor.ReleaseGraphicsResources(self._window)
        self._actor = self._geometry = self._triangles = None


def coarse_triangles(points: Floats, triangles: Ints, cell: float) -> Ints:
    """Triangles whose corners within one cell of a grid have become one, shape (T', 3)."""
    place = np.floor(points / np.float32(cell)).astype(np.int64) + (1 << 20)
    key = place[:, 0] << 42 | place[:, 1] << 21 | place[:, 2]
    _, first, of_point = np.unique(key, return_index=True, return_inverse=True)
    corners = first[of_point.ravel()][triangles]
    a, b, c = corners.T
    return np.asarray(corners[(a != b) & (b != c) & (c != a)], np.int32)
