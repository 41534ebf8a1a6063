"""Depth and segments, one exact sample at the centre of every pixel.

A pass without smoothing writes the number of the nearest triangle and its depth; first of all but
hair and the triangles of closed bodies that face away, then of those of them that nothing covers.
As in the passes of a render through Blender, a surface counts where its alpha is at least one half,
and a cornea nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.head.asset import Material
from app.head.roles import is_clear, segment
from app.raster.body import Body
from app.raster.culling import Framing
from app.raster.rooms import RoomSurface
from app.raster.surfaces import Surface
from app.raster.textures import Textures
from app.raster.window import Geometry, Reader, aim, make_renderer, make_window, uniforms
from app.scene.segments import SEGMENTS

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint32]

_VERTEX: Final = """//VTK::System::Dec
in vec4 vertexMC;
#ifdef CUT_OUT
in vec2 tcoord;
out vec2 uv;
#endif
uniform mat4 MCDCMatrix;
void main() {
#ifdef CUT_OUT
  uv = tcoord;
#endif
  gl_Position = MCDCMatrix * vertexMC;
}
"""
_FRAGMENT: Final = """//VTK::System::Dec
//VTK::Output::Dec
uniform int first;
#ifdef CUT_OUT
in vec2 uv;
uniform float baseAlpha;
uniform sampler2D colorMap;
#endif
void main() {
#ifdef CUT_OUT
  if (textureLod(colorMap, uv, 0.0).a * baseAlpha < 0.5) discard;
#endif
  int number = gl_PrimitiveID + first;
  gl_FragData[0] = vec4(
    float(number & 255), float((number >> 8) & 255), float(number >> 16), 255.0) / 255.0;
}
"""
_CUT_OUT: Final = 1 << 22
_ROOM: Final = 1 << 23
"""Where the numbers of cut-out triangles and of a room begin; 0xFFFFFF is nothing."""
_CLOSED: Final = ("skin", "sclera", "teeth", "tongue")
"""Roles of bodies whose inside is seen through gaps at most."""


_GAPS: Final = 150
"""Triangles of the far side of bodies that are seen through gaps; where there are more, the bodies
are open or turned inside out, and all of their far side is coloured."""


@dataclass(frozen=True, eq=False)
class Exact:
    """What lies at the centres of the pixels.

    Attributes
    ----------
    depth : ndarray, shape (H, W), float32
        Metres along the view axis, +inf where nothing is.
    segments : ndarray, shape (H, W), uint8
    visible : ndarray, shape (N,)
        Triangles of the body that may show somewhere in the picture, in order.
    near : ndarray, shape (T,), float32
        How near each triangle of the body comes, metres.
    """

    depth: Floats
    segments: Bytes
    visible: Indices
    near: Floats


@dataclass(frozen=True, eq=False)
class _CutOut:
    actor: Any
    geometry: Geometry
    vertex: Indices


class ExactPass:
    """Depth and segments of one head and of a room about it."""

    def __init__(self) -> None:
        self._window = make_window()
        self._renderer = make_renderer(self._window)
        self._renderer.SetBackground(1.0, 1.0, 1.0)
        self._reader = Reader(self._window)
        self._solid: tuple[Any, Geometry] | None = None
        self._cut_out: list[_CutOut] = []
        self._rooms: dict[int, Any] = {}

    def open(self, body: Body, pieces: list[Surface], pictures: Textures) -> None:
        """Take a head in place of the one before."""
        self._clear()
        self._body, self._framing = body, Framing(body.triangles)
        self._corners = body.triangles.astype(np.int64)
        counts = np.diff(body.triangle_firsts)
        classes = [SEGMENTS.index(segment(p.material.role)) for p in pieces]
        self._segments = np.append(np.repeat(np.array(classes, np.uint8), counts), np.uint8(0))
        solid = [_is_solid(p.material, pictures) for p in pieces]
        closed = [p.material.role in _CLOSED for p in pieces]
        self._drawn: Flags = np.repeat(np.array(solid, bool), counts)
        self._closed: Flags = np.repeat(np.array(closed, bool), counts)
        hair = [p.material.role == "hair" for p in pieces]
        self._hair: Flags = np.repeat(np.array(hair, bool), counts)
        if any(solid):
            geometry = Geometry(len(body.rest), body.triangles[:1])
            self._solid = self._actor(geometry, 0), geometry
        for i, piece in enumerate(pieces):
            if _is_cut_out(piece.material, pictures):
                self._add_cut_out(i, piece, pictures)

    def add_room(self, key: int, surfaces: list[RoomSurface]) -> None:
        """Make a room ready under a number of the caller's."""
        points = np.concatenate([s.points for s in surfaces])
        geometry = Geometry(len(points), np.arange(len(points), dtype=np.int32).reshape(-1, 3))
        geometry.place(points)
        self._rooms[key] = self._actor(geometry, _ROOM)

    def drop_room(self, key: int) -> None:
        """Give back what a room took."""
        self._release(self._rooms.pop(key))

    def draw(
        self, vertices: Floats, view: Pinhole, near: float, far: float, room: int | None = None
    ) -> Exact:
        """What is nearest at the centre of every pixel.

        Parameters
        ----------
        vertices : ndarray, shape (V, 3)
            Of all meshes, world metres.
        near, far : float
            Metres along the view axis; what lies outside of them is cut away.
        room : int or None
            A room that was given to `add_room`.
        """
        for key, actor in self._rooms.items():
            actor.SetVisibility(key == room)
        aim(self._renderer, self._window, view, near, far)
        framed = self._framing.frame(vertices, view)
        away = self._closed & ~framed.front
        first = np.flatnonzero(framed.inside & self._drawn & ~(away | self._hair))
        for part in self._cut_out:
            part.geometry.place(vertices[part.vertex])
            part.actor.VisibilityOn()
        self._draw_solid(vertices, first, 0)
        depth = self._depth(near, far)
        rest = np.flatnonzero(framed.inside & (away | self._hair))
        rest = rest[~framed.covered(rest, depth)]
        late = rest[self._drawn[rest]]
        if len(late):
            self._draw_more(vertices, late, len(first))
            depth = self._depth(near, far)
        shown = framed.inside & ~(away | self._hair)
        numbers = self._reader.words() & np.uint32(0xFFFFFF)
        last = numbers[(numbers >= len(first)) & (numbers < len(first) + len(late))]
        inner = late[np.unique(last) - len(first)]
        inner = inner[away[inner]]
        if len(inner) <= _GAPS:
            rest = np.concatenate([inner, rest[~(away & self._drawn)[rest]]])
        shown[rest] = True
        return Exact(
            depth,
            self._segments_of(numbers, np.concatenate([first, late])),
            np.flatnonzero(shown),
            framed.near,
        )

    def close(self) -> None:
        self._clear()
        for key in list(self._rooms):
            self.drop_room(key)
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _actor(self, geometry: Geometry, first: int, define: str = "") -> Any:
        start = "//VTK::System::Dec\n"
        vertex, fragment = (c.replace(start, start + define) for c in (_VERTEX, _FRAGMENT))
        actor = geometry.actor(vertex, fragment)
        uniforms(actor).SetUniformi("first", first)
        self._renderer.AddActor(actor)
        return actor

    def _add_cut_out(self, index: int, piece: Surface, pictures: Textures) -> None:
        geometry = Geometry(len(piece.vertex), piece.triangles)
        geometry.add("tcoord", piece.uvs)
        first = _CUT_OUT + int(self._body.triangle_firsts[index])
        actor = self._actor(geometry, first, "#define CUT_OUT\n")
        picture = pictures.data(piece.material.color_texture)
        actor.GetProperty().SetTexture("colorMap", picture.texture if picture else None)
        uniforms(actor).SetUniformf("baseAlpha", piece.material.alpha)
        self._cut_out.append(_CutOut(actor, geometry, self._body.surface_vertices(index)))

    def _clear(self) -> None:
        actors = [part.actor for part in self._cut_out]
        if self._solid is not None:
            actors.append(self._solid[0])
        for actor in actors:
            self._release(actor)
        self._solid, self._cut_out = None, []

    def _release(self, actor: Any) -> None:
        self._renderer.RemoveActor(actor)
        actor.ReleaseGraphicsResources(self._window)

    def _draw_solid(self, vertices: Floats, chosen: Indices, first: int) -> None:
        if self._solid is not None:
            actor, geometry = self._solid
            actor.SetVisibility(len(chosen) > 0)
            uniforms(actor).SetUniformi("first", first)
            if len(chosen):
                geometry.set_triangles(self._corners[chosen])
                geometry.place(vertices)
        self._window.Render()

    def _draw_more(self, vertices: Floats, chosen: Indices, first: int) -> None:
        """Draw these triangles into the picture that is there."""
        for actor in [*(part.actor for part in self._cut_out), *self._rooms.values()]:
            actor.VisibilityOff()
        self._renderer.EraseOff()
        self._renderer.PreserveDepthBufferOn()
        self._draw_solid(vertices, chosen, first)
        self._renderer.EraseOn()
        self._renderer.PreserveDepthBufferOff()

    def _depth(self, near: float, far: float) -> Floats:
        buffer = self._reader.depths()
        low, high = np.float32(near), np.float32(far)
        metres = low * high / (high - buffer * (high - low))
        return np.where(buffer >= 1.0, np.float32(np.inf), metres)

    def _segments_of(self, numbers: Words, drawn: Indices) -> Bytes:
        """Numbers of solid triangles are places in ``drawn``; those of a room count as nothing."""
        table = np.append(self._segments[drawn], np.uint8(0))
        segments = table[np.minimum(numbers, len(drawn))]
        if self._cut_out:
            cut_out = (numbers >= _CUT_OUT) & (numbers < _ROOM)
            segments[cut_out] = self._segments[numbers[cut_out] - _CUT_OUT]
        return np.asarray(segments)


def _is_cut_out(material: Material, pictures: Textures) -> bool:
    """Whether its picture decides where it is."""
    if is_clear(material.role) or not material.alpha_texture:
        return False
    picture = pictures.data(material.color_texture)
    return picture is not None and picture.has_alpha


def _is_solid(material: Material, pictures: Textures) -> bool:
    if is_clear(material.role):
        return False
    return material.alpha >= 0.5 and not _is_cut_out(material, pictures)
