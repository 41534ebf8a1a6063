"""Depth and segments, one exact sample at the centre of every pixel.

A pass without smoothing writes the number of the nearest triangle and its depth. As in the passes
of a render through Blender, a surface counts where its alpha is at least one half, and a cornea
counts as the surface that it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.head.asset import Material
from app.head.roles import segment
from app.raster.body import Body
from app.raster.surfaces import Surface
from app.raster.textures import Textures
from app.raster.window import Geometry, Reader, aim, make_renderer, make_window, uniforms
from app.scene.segments import SEGMENTS

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Indices = NDArray[np.intp]

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
_NOTHING: Final = 0xFFFFFF


@dataclass(frozen=True, eq=False)
class Exact:
    """What lies at the centres of the pixels.

    Attributes
    ----------
    numbers : ndarray, shape (H, W), int32
        Of the triangles; −1 where nothing is, the count of all of the head's for a room.
    depth : ndarray, shape (H, W), float32
        Metres along the view axis, +inf where nothing is.
    segments : ndarray, shape (H, W), uint8
    """

    numbers: Ints
    depth: Floats
    segments: Bytes


@dataclass(frozen=True, eq=False)
class _Part:
    actor: Any
    geometry: Geometry
    vertex: Indices


class ExactPass:
    """Numbers of the nearest triangles, and depth, of one head and of a room about it."""

    def __init__(self) -> None:
        self._window = make_window()
        self._renderer = make_renderer(self._window)
        self._renderer.SetBackground(1.0, 1.0, 1.0)
        self._reader = Reader(self._window)
        self._parts: list[_Part] = []
        self._segments = np.zeros(1, np.uint8)

    def open(self, body: Body, pieces: list[Surface], pictures: Textures) -> None:
        """Take a head in place of the one before."""
        self._clear()
        points = [
            body.point_vertex[a:b]
            for a, b in zip(body.point_firsts[:-1], body.point_firsts[1:], strict=True)
        ]
        solid = [i for i, p in enumerate(pieces) if _is_solid(p.material, pictures)]
        cut_out = [i for i, p in enumerate(pieces) if _is_cut_out(p.material, pictures)]
        counts = [len(pieces[i].triangles) for i in solid + cut_out]
        classes = [SEGMENTS.index(segment(pieces[i].material.role)) for i in solid + cut_out]
        self._segments = np.append(np.repeat(np.array(classes, np.uint8), counts), np.uint8(0))
        if solid:
            corners = np.concatenate([points[i][pieces[i].triangles] for i in solid])
            used, triangles = np.unique(corners, return_inverse=True)
            self._add(Geometry(len(used), triangles.reshape(-1, 3)), used, 0)
        first = sum(counts[: len(solid)])
        for i in cut_out:
            piece = pieces[i]
            geometry = Geometry(len(piece.vertex), piece.triangles)
            geometry.add("tcoord", piece.uvs)
            self._add(geometry, points[i], first, "#define CUT_OUT\n")
            actor = self._parts[-1].actor
            picture = pictures.color(piece.material.color_texture)
            actor.GetProperty().SetTexture("colorMap", picture.texture if picture else None)
            uniforms(actor).SetUniformf("baseAlpha", piece.material.alpha)
            first += len(piece.triangles)

    def draw(self, vertices: Floats, view: Pinhole, near: float, far: float) -> Exact:
        """What is nearest at the centre of every pixel.

        Parameters
        ----------
        vertices : ndarray, shape (V, 3)
            Of all meshes, world metres.
        near, far : float
            Metres along the view axis; what lies outside of them is cut away.
        """
        for part in self._parts:
            part.geometry.place(vertices[part.vertex])
        aim(self._renderer, self._window, view, near, far)
        self._window.Render()
        read = self._reader.rgba().astype(np.int32)
        numbers = read[..., 0] | read[..., 1] << 8 | read[..., 2] << 16
        nothing = numbers == _NOTHING
        buffer = self._reader.depths().astype(np.float64)
        depth = near * far / (far - buffer * (far - near))
        depth[nothing] = np.inf
        segments = self._segments[np.minimum(numbers, len(self._segments) - 1)]
        numbers[nothing] = -1
        return Exact(numbers, depth.astype(np.float32), segments)

    def close(self) -> None:
        self._clear()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _add(self, geometry: Geometry, vertex: Indices, first: int, define: str = "") -> None:
        start = "//VTK::System::Dec\n"
        vertex_code, fragment_code = (
            code.replace(start, start + define) for code in (_VERTEX, _FRAGMENT)
        )
        actor = geometry.actor(vertex_code, fragment_code)
        uniforms(actor).SetUniformi("first", first)
        self._renderer.AddActor(actor)
        self._parts.append(_Part(actor, geometry, vertex))

    def _clear(self) -> None:
        for part in self._parts:
            self._renderer.RemoveActor(part.actor)
            part.actor.ReleaseGraphicsResources(self._window)
        self._parts = []


def _is_cut_out(material: Material, pictures: Textures) -> bool:
    """Whether its picture decides where it is."""
    if material.role == "cornea" or not material.alpha_texture:
        return False
    picture = pictures.color(material.color_texture)
    return picture is not None and picture.has_alpha


def _is_solid(material: Material, pictures: Textures) -> bool:
    return material.role == "cornea" or (
        material.alpha >= 0.5 and not _is_cut_out(material, pictures)
    )
