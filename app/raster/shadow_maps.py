"""How far each lamp's light comes: pictures of depth from the lamps, and where they look.

They show a coarser copy of the head: corners that lie in one cell of a grid become one, which
moves with the vertex that stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import look_at
from app.geometry.rotations import Array
from app.raster.body import Body
from app.raster.depth_camera import DepthView, look_from, metres
from app.raster.lamps import SUN, Lamp
from app.raster.programs import SHADOW_SIDE
from app.raster.surfaces import Surface
from app.raster.window import Geometry, Reader, make_renderer, make_window

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Indices = NDArray[np.intp]

REACH: Final = 0.30
"""Metres about the middle of the head that cast and take shadows."""
CELL: Final = 0.012
HAIR_CELL: Final = 0.012
"""Metres along the edge of a cell of the coarser copy, and of that of hair."""
_CLOSED: Final = ("skin", "sclera", "teeth", "tongue")
"""Roles of bodies whose far side casts the shadow, so that none falls on what the lamp sees."""
FAR_AWAY: Final = 4.0

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
  gl_FragData[0] = vec4(1.0);
}
"""


@dataclass(frozen=True, eq=False)
class LampView(DepthView):
    """A picture of depth."""

    @property
    def texel(self) -> float:
        """Metres that a pixel spans in the middle of the head."""
        size = 2.0 * self.extent / SHADOW_SIDE
        return size if self.parallel else size * 0.5 * (self.near + self.far)

    def to_picture(self) -> Array:
        """World to (x w, y w, depth, w), shape (4, 4); x and y run from 0 to 1, y up."""
        to_camera = np.eye(4)
        to_camera[:3, :3] = self.matrix[:3, :3].T
        to_camera[:3, 3] = -(to_camera[:3, :3] @ self.matrix[:3, 3])
        out = np.zeros((4, 4))
        out[2] = -to_camera[2]
        out[3] = [0.0, 0.0, 0.0, 1.0] if self.parallel else out[2]
        out[:2] = to_camera[:2] * 0.5 / self.extent + 0.5 * out[3]
        return out


def sky_view(direction: Array, centre: Array) -> LampView:
    """The head as seen from far away."""
    matrix = look_at(centre + direction * FAR_AWAY, centre)
    return LampView(matrix, REACH, True, FAR_AWAY - 2.0 * REACH, FAR_AWAY + 2.0 * REACH)


def lamp_view(lamp: Lamp, centre: Array) -> LampView:
    """The head as the middle of a lamp sees it."""
    if lamp.kind == SUN:
        return sky_view(-lamp.direction, centre)
    away = max(float(np.linalg.norm(centre - lamp.position)), 0.02)
    tangent = REACH / max(np.sqrt(max(away**2 - REACH**2, 0.0)), 0.35 * REACH)
    near = max(away - 1.5 * REACH, 0.01)
    return LampView(look_at(lamp.position, centre), tangent, False, near, away + 1.5 * REACH)


def coarse(body: Body, pieces: list[Surface], closed: bool) -> Ints:
    """Triangles of the coarser copy, shape (T, 3), of the body's vertices.

    Either of its closed bodies or of all others. Lashes, brows and corneas are left out: they are
    thinner than the light is wide.
    """
    out = []
    for i, piece in enumerate(pieces):
        role = piece.material.role
        if role in ("lashes", "brows", "cornea", "lens") or piece.material.alpha < 0.5:
            continue
        if (role in _CLOSED) != closed:
            continue
        cell = HAIR_CELL if role == "hair" else CELL
        vertex = body.point_vertex[body.point_firsts[i] : body.point_firsts[i + 1]]
        if not len(vertex):
            continue
        place = np.floor(body.rest[vertex] / np.float32(cell)).astype(np.int64) + (1 << 20)
        key = place[:, 0] << 42 | place[:, 1] << 21 | place[:, 2]
        _, first, of_point = np.unique(key, return_index=True, return_inverse=True)
        corners = of_point[piece.triangles]
        a, b, c = corners.T
        corners = corners[(a != b) & (b != c) & (c != a)]
        out.append(vertex[first][corners])
    if not out:
        return np.zeros((0, 3), np.int32)
    return np.asarray(np.concatenate(out), np.int32)


class ShadowPass:
    """Draws the coarser copy of a head from lamps and from the sky."""

    def __init__(self) -> None:
        self._window = make_window()
        self._window.SetSize(SHADOW_SIDE, SHADOW_SIDE)
        self._renderer = make_renderer(self._window)
        self._reader = Reader(self._window)
        self._parts: list[tuple[Any, Geometry, Indices]] = []

    def open(self, body: Body, pieces: list[Surface]) -> None:
        """Take a head in place of the one before."""
        self._clear()
        for closed in (True, False):
            used, triangles = np.unique(coarse(body, pieces, closed), return_inverse=True)
            if len(used):
                geometry = Geometry(len(used), triangles.reshape(-1, 3))
                actor = geometry.actor(_VERTEX, _FRAGMENT)
                actor.GetProperty().SetFrontfaceCulling(closed)
                self._renderer.AddActor(actor)
                self._parts.append((actor, geometry, used))

    def place(self, vertices: Floats) -> None:
        """Put the head where its vertices (V, 3) are."""
        for _, geometry, used in self._parts:
            geometry.place(vertices[used])

    def depths(self, view: LampView) -> Floats:
        """Metres along the view's axis, shape (SHADOW_SIDE, SHADOW_SIDE), bottom row first.

        Far behind everything where nothing is.
        """
        look_from(self._renderer.GetActiveCamera(), view)
        self._window.Render()
        return metres(self._reader.depths()[::-1], view)

    def close(self) -> None:
        self._clear()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _clear(self) -> None:
        for actor, _, _ in self._parts:
            self._renderer.RemoveActor(actor)
            actor.ReleaseGraphicsResources(self._window)
        self._parts.clear()
