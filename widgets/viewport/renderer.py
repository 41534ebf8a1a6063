"""The head in VTK: actors, uniforms and an off-screen window, all owned by one thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonCore import (
    vtkFloatArray,
    vtkPoints,
    vtkUnsignedCharArray,
)
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkDataObject, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer, vtkTexture
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLPolyDataMapper

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import HeadAsset, Material
from app.head.skinning import head_matrix
from app.raster import shading, textures, tone
from app.raster.environment_light import environment_light
from app.raster.lamps import MOST, Lamp, lamps
from app.raster.surfaces import Poser, Surface, surfaces
from app.raster.window import make_window
from app.topology.locate import around
from widgets.viewport import shaders
from widgets.viewport.navigation import View, pinhole_view
from widgets.viewport.picture import Floor, Picture, Wanted
from widgets.viewport.shadows import Shadows
from widgets.viewport.visibility import linear_depth

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


_LOOKS = {
    "hair": (0.7, 0.1),
    "brows": (0.65, 0.2),
    "lashes": (0.65, 0.2),
    "cloth": (0.9, 0.2),
    "sclera": (0.22, 0.5),
    "iris": (0.5, 0.25),
    "cornea": (0.05, 0.45),
}
"""Roughness and specular level (0.5 is a reflectance of 4 %) that Blender renders a role with."""
_SQUARE = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
_CLOSED = ("skin", "sclera", "iris", "teeth", "tongue")


@dataclass
class _Drawn:
    """A surface and what VTK draws it with."""

    surface: Surface
    features: frozenset[str]
    actor: Any
    points: Any
    data: Any
    lines: Any
    depth: Any | None

    def cull(self, on: bool) -> None:
        """Leave out what faces away; only of closed bodies, and only while something moves."""
        if self.surface.material.role in _CLOSED:
            for actor in (self.actor, self.depth):
                if actor is not None:
                    actor.GetProperty().SetBackfaceCulling(on)

    @property
    def hidden(self) -> bool:
        """Left out where only depth counts: another actor draws it, or it is all but invisible."""
        return self.depth is not None or "CORNEA" in self.features


class Renderer:
    """Draws what is wanted into an array. Make, use and close it in one thread."""

    smooths = True

    def __init__(self) -> None:
        self._window = make_window()
        self._renderer = vtkRenderer()
        self._renderer.SetAutomaticLightCreation(0)
        self._renderer.SetBackground(0.15, 0.15, 0.16)
        self._renderer.SetUseOIT(False)
        self._renderer.GetCullers().RemoveAllItems()
        self._window.AddRenderer(self._renderer)
        self._pixels = vtkUnsignedCharArray()
        self._depths = vtkFloatArray()
        table = tone.agx()
        self._has_table = table is not None
        self._tone = textures.from_floats(table.atlas()) if table else None
        self._glossy = vtkTexture()
        self._sky = vtkTexture()
        self._asset: HeadAsset | None = None
        self._poser: Poser | None = None
        self._drawn: list[_Drawn] = []
        self._posed: list[tuple[Floats, Floats]] = []
        self._shadows: Shadows | None = None
        self._backdrop = self._screen_actor()
        self._floor = self._floor_actor()
        self._shown: Wanted | None = None
        self._warnings: list[str] = []
        self._complaint: str | None = None

    # What is drawn

    def draw(self, wanted: Wanted) -> Picture:
        """The picture of a state, with the view that it belongs to."""
        self._apply(wanted)
        self._apply_view(wanted.view, wanted.jitter, wanted.stipple, wanted.moving)
        self._window.Render()
        complaints = (*self._warnings, self._complaint)
        return Picture(self._read(), wanted, tuple(c for c in complaints if c))

    def refine(self, wanted: Wanted) -> bool:
        """One piece of work on the shadows of a state that stands still."""
        self._apply(wanted)
        if self._poser is None or wanted.asset is None:
            return False
        if self._shadows is None:
            self._shadows = Shadows(
                self._posed,
                lamps(wanted.lights),
                head_matrix(wanted.asset, wanted.pose)[:3, 3] + [0.0, 0.0, -0.05],
                self._depths_from,
                self._show_lamp,
                self._show_sky,
            )
        return self._shadows.step()

    def _depths_from(self, view: View) -> Floats:
        """Depth buffer of the head alone, top row first."""
        others = [self._backdrop, self._floor, *(d.actor for d in self._drawn if d.hidden)]
        before = [actor.GetVisibility() for actor in others]
        for actor in others:
            actor.VisibilityOff()
        self._apply_view(view, (0.0, 0.0), -1)
        self._window.Render()
        for actor, visible in zip(others, before, strict=True):
            actor.SetVisibility(visible)
        return self._read_depths()

    def _read_depths(self) -> Floats:
        width, height = self._window.GetSize()
        self._window.GetZbufferData(0, 0, width - 1, height - 1, self._depths)
        return np.asarray(vtk_to_numpy(self._depths)).reshape(height, width)[::-1]

    def distances(self, pixels: Array) -> tuple[Array, Array]:
        """Least and greatest metres along the view at the four pixels around points (L, 2).

        Of the picture that was drawn last; where nothing is, they are those of the far plane.
        """
        assert self._shown is not None
        least, greatest = around(pixels, self._read_depths())
        view = self._shown.view
        near, far = (linear_depth(view, v.astype(np.float32)) for v in (least, greatest))
        return near.astype(np.float64), far.astype(np.float64)

    def _show_lamp(self, index: int, shares: list[Floats]) -> None:
        for drawn, share in zip(self._drawn, shares, strict=True):
            name = "lampsA" if index < 4 else "lampsB"
            values = vtk_to_numpy(drawn.data.GetPointData().GetArray(name)).copy()
            values[:, index % 4] = share
            _replace(drawn.data, name, values)

    def _show_sky(self, shares: list[Floats]) -> None:
        for drawn, share in zip(self._drawn, shares, strict=True):
            _replace(drawn.data, "sky", share)

    def silhouette(self, pinhole: Pinhole, wanted: Wanted) -> NDArray[np.bool_]:
        """Where the head covers the camera's picture, shape (height, width)."""
        view = pinhole_view(pinhole)
        self.draw(replace(wanted, view=view, jitter=(0.0, 0.0), stipple=-1, floor=None))
        return np.asarray(self._read_depths() < 1.0)

    def close(self) -> None:
        self._renderer.RemoveAllViewProps()
        self._drawn.clear()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    # Bringing VTK to the wanted state

    def _apply(self, wanted: Wanted) -> None:
        shown, self._shown = self._shown, wanted
        new_asset = shown is None or shown.asset is not wanted.asset
        if new_asset:
            self._load(wanted.asset)
        if self._poser and (new_asset or shown is None or shown.pose != wanted.pose):
            self._posed = self._poser.pose(wanted.pose)
            self._upload(self._posed)
            self._shadows = None
        if shown is None or new_asset or shown.lights != wanted.lights:
            self._set_lamps(lamps(wanted.lights))
            self._shadows = None
        if shown is None or new_asset or shown.environment != wanted.environment:
            self._set_environment(wanted)
        if shown is None or shown.backdrop != wanted.backdrop:
            code = shaders.backdrop_fragment(wanted.backdrop, self._has_table)
            self._backdrop.GetShaderProperty().SetFragmentShaderCode(code)
        if shown is None or new_asset or shown.wireframe != wanted.wireframe:
            for drawn in self._drawn:
                drawn.lines.SetVisibility(wanted.wireframe)
        if shown is None or shown.floor != wanted.floor:
            self._set_floor(wanted.floor)

    def _load(self, asset: HeadAsset | None) -> None:
        for drawn in self._drawn:
            for actor in (drawn.actor, drawn.lines, drawn.depth):
                if actor is not None:
                    self._renderer.RemoveActor(actor)
                    actor.ReleaseGraphicsResources(self._window)
        self._drawn, self._asset, self._poser = [], asset, None
        self._warnings = []
        if asset is None:
            return
        pieces = surfaces(asset)
        self._poser = Poser(asset, pieces)
        pictures = textures.Textures(asset.folder)
        for surface in pieces:
            self._drawn.append(self._surface_actor(surface, pictures))
        for drawn in self._drawn:
            self._renderer.AddActor(drawn.actor)
            self._renderer.AddActor(drawn.lines)
        self._warnings += pictures.warnings

    def _surface_actor(self, surface: Surface, pictures: textures.Textures) -> _Drawn:
        count = len(surface.vertex)
        data, points = vtkPolyData(), vtkPoints()
        points.SetData(numpy_to_vtk(np.zeros((count, 3), np.float32), deep=True))
        data.SetPoints(points)
        cells = vtkCellArray()
        cells.SetData(3, numpy_to_vtkIdTypeArray(surface.triangles.ravel().astype(np.int64), True))
        data.SetPolys(cells)
        attributes = data.GetPointData()
        attributes.SetNormals(_array(np.zeros((count, 3), np.float32), "normals"))
        attributes.SetTCoords(_array(surface.uvs, "uvs"))
        attributes.AddArray(_array(np.ones(count, np.float32), "sky"))
        attributes.AddArray(_array(np.ones((count, 4), np.float32), "lampsA"))
        attributes.AddArray(_array(np.ones((count, 4), np.float32), "lampsB"))
        mapper = _mapper(data)
        for name in ("sky", "lampsA", "lampsB"):
            mapper.MapDataArrayToVertexAttribute(
                name, name, vtkDataObject.FIELD_ASSOCIATION_POINTS, -1
            )
        actor = vtkActor()
        actor.SetMapper(mapper)
        features = self._dress(actor, surface.material, pictures)
        lines = vtkActor()
        lines.SetMapper(_mapper(data))
        lines.GetProperty().SetRepresentationToWireframe()
        lines.GetShaderProperty().SetVertexShaderCode(shaders.LINES_VERTEX)
        lines.GetShaderProperty().SetFragmentShaderCode(shaders.LINES_FRAGMENT)
        lines.ForceOpaqueOn()
        lines.VisibilityOff()
        depth = None
        if not features & {"SEE_THROUGH", "CORNEA"}:
            depth = vtkActor()
            depth.SetMapper(_mapper(data))
            depth.GetShaderProperty().SetVertexShaderCode(shading.DEPTH_VERTEX)
            depth.GetShaderProperty().SetFragmentShaderCode(shading.DEPTH_FRAGMENT)
            depth.ForceOpaqueOn()
            self._renderer.AddActor(depth)
        return _Drawn(surface, features, actor, points, data, lines, depth)

    def _dress(self, actor: Any, material: Material, pictures: textures.Textures) -> frozenset[str]:
        """Set textures and constants; returns the features that its shader needs."""
        look = actor.GetProperty()
        features = set()
        color = pictures.color(material.color_texture)
        if color is not None:
            look.SetTexture("colorMap", color.texture)
            features.add("COLOR_MAP")
            if material.alpha_texture and color.has_alpha:
                features |= {"ALPHA_MAP", "SEE_THROUGH"}
        normal = pictures.data(material.normal_texture)
        if normal is not None:
            look.SetTexture("normalMap", normal.texture)
            features.add("NORMAL_MAP")
        rough = pictures.data(material.roughness_texture)
        if rough is not None:
            look.SetTexture("roughnessMap", rough.texture)
            features.add("ROUGHNESS_MAP")
        if material.role == "skin":
            features.add("SKIN")
        if material.role == "cornea":
            features.add("CORNEA")
        elif material.alpha < 0.999:
            features.add("SEE_THROUGH")
        look.SetTexture("glossySky", self._glossy)
        if self._tone is not None:
            look.SetTexture("toneTable", self._tone)
        program = actor.GetShaderProperty()
        program.SetVertexShaderCode(shading.HEAD_VERTEX)
        if material.role == "cornea":
            actor.ForceTranslucentOn()
        else:
            actor.ForceOpaqueOn()
        values = _uniforms(actor)
        values.SetUniform3f("baseColor", material.color)
        values.SetUniformf("baseAlpha", material.alpha if material.role != "cornea" else 1.0)
        values.SetUniformf("metallic", material.metallic)
        roughness, specular = _LOOKS.get(material.role, (material.roughness, 0.5))
        values.SetUniformf("baseRoughness", roughness)
        values.SetUniformf("specular", specular)
        values.SetUniformf("normalStrength", material.normal_strength)
        return frozenset(features)

    def _upload(self, posed: list[tuple[Floats, Floats]]) -> None:
        for drawn, (points, normals) in zip(self._drawn, posed, strict=True):
            drawn.points.SetData(numpy_to_vtk(points, deep=True))
            drawn.points.Modified()
            drawn.data.GetPointData().SetNormals(_array(normals, "normals"))
            drawn.data.Modified()

    def _set_lamps(self, shining: list[Lamp]) -> None:
        packed = np.zeros((MOST, 4, 4), np.float32)
        for i, lamp in enumerate(shining):
            packed[i, 0, :3] = lamp.power
            packed[i, 1, :3] = lamp.position
            packed[i, 2, :3] = lamp.direction
            packed[i, 3] = (lamp.kind, lamp.radius, *lamp.cone)
        flat = packed.ravel().tolist()
        kinds = tuple(lamp.kind for lamp in shining)
        for drawn in self._drawn:
            code = shading.head_fragment(drawn.features, kinds, self._has_table)
            drawn.actor.GetShaderProperty().SetFragmentShaderCode(code)
            _uniforms(drawn.actor).SetUniformMatrix4x4v("lamps", MOST, flat)

    def _set_environment(self, wanted: Wanted) -> None:
        environment = wanted.environment
        light, complaint = environment_light(environment)
        self._complaint = complaint
        textures.fill(self._glossy, light.glossy.reshape(-1, light.glossy.shape[2], 3))
        textures.fill(self._sky, light.sky[::-1], repeat=True)
        turn = np.radians(environment.rotation)
        flat = light.columns().ravel().tolist()
        for actor in [self._backdrop, *(d.actor for d in self._drawn)]:
            values = _uniforms(actor)
            values.SetUniform2f("skyTurn", (float(np.cos(turn)), float(np.sin(turn))))
            values.SetUniformf("skyStrength", environment.strength)
            values.SetUniformMatrix4x4v("softness", 3, flat)
        plain = tone.to_screen(np.array([environment.background], np.float32))[0]
        _uniforms(self._backdrop).SetUniform3f("plain", tuple(plain.tolist()))

    def _set_floor(self, floor: Floor | None) -> None:
        self._floor.SetVisibility(floor is not None)
        if floor is None:
            return
        x, y, r = floor.centre[0], floor.centre[1], floor.reach
        points = _SQUARE * np.float32(r) + np.array([x, y, floor.height], np.float32)
        data = self._floor.GetMapper().GetInput()
        data.GetPoints().SetData(numpy_to_vtk(points, deep=True))
        data.GetPoints().Modified()
        values = _uniforms(self._floor)
        values.SetUniformf("floorHeight", floor.height)
        values.SetUniformf("gridStep", floor.step)
        values.SetUniformf("gridReach", r)
        values.SetUniform2f("gridCentre", (x, y))

    def _apply_view(
        self, view: View, jitter: tuple[float, float], stipple: int, moving: bool = False
    ) -> None:
        width, height = round(view.width), round(view.height)
        if self._window.GetSize() != (width, height):
            self._window.SetSize(width, height)
        camera = self._renderer.GetActiveCamera()
        position, forward = view.position, view.forward
        camera.SetPosition(*position)
        camera.SetFocalPoint(*(position + forward))
        camera.SetViewUp(*view.matrix[:3, 1])
        camera.SetParallelProjection(view.orthographic)
        if view.orthographic:
            camera.SetParallelScale(view.tangent)
        else:
            camera.SetViewAngle(2.0 * np.degrees(np.arctan(view.tangent)))
        camera.SetClippingRange(view.near, view.far)
        camera.SetWindowCenter(2.0 * jitter[0] / width, 2.0 * jitter[1] / height)
        for drawn in self._drawn:
            values = _uniforms(drawn.actor)
            values.SetUniform3f("viewer", tuple(position))
            values.SetUniform3f("forward", tuple(forward))
            values.SetUniformi("parallel", int(view.orthographic))
            values.SetUniformi("stipple", stipple)
            drawn.cull(moving)
        right = view.matrix[:3, 0] * view.tangent * width / height
        up = view.matrix[:3, 1] * view.tangent
        for actor, spread in ((self._backdrop, not view.orthographic), (self._floor, True)):
            values = _uniforms(actor)
            values.SetUniform3f("forward", tuple(forward))
            values.SetUniform3f("rayRight", tuple(right * spread))
            values.SetUniform3f("rayUp", tuple(up * spread))
        values = _uniforms(self._floor)
        values.SetUniform3f("viewer", tuple(position))
        values.SetUniform2f("pictureSize", (float(width), float(height)))
        values.SetUniformi("parallel", int(view.orthographic))

    def _read(self) -> Bytes:
        width, height = self._window.GetSize()
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels, 0)
        return np.asarray(vtk_to_numpy(self._pixels)).reshape(height, width, 4)

    # Actors that are no head

    def _screen_actor(self) -> Any:
        actor = _quad()
        actor.ForceOpaqueOn()
        actor.GetShaderProperty().SetVertexShaderCode(shading.SCREEN_VERTEX)
        actor.GetProperty().SetTexture("skyPicture", self._sky)
        if self._tone is not None:
            actor.GetProperty().SetTexture("toneTable", self._tone)
        self._renderer.AddActor(actor)
        return actor

    def _floor_actor(self) -> Any:
        actor = _quad()
        actor.ForceTranslucentOn()
        actor.GetShaderProperty().SetVertexShaderCode(shading.DEPTH_VERTEX)
        actor.GetShaderProperty().SetFragmentShaderCode(shaders.FLOOR_FRAGMENT)
        actor.VisibilityOff()
        self._renderer.AddActor(actor)
        return actor


def _mapper(data: Any) -> Any:
    mapper = vtkOpenGLPolyDataMapper()
    mapper.SetInputData(data)
    mapper.SetVBOShiftScaleMethod(0)
    mapper.ScalarVisibilityOff()
    mapper.StaticOn()
    return mapper


def _quad() -> Any:
    data, points, cells = vtkPolyData(), vtkPoints(), vtkCellArray()
    points.SetData(numpy_to_vtk(_SQUARE, deep=True))
    cells.SetData(4, numpy_to_vtkIdTypeArray(np.arange(4, dtype=np.int64), True))
    data.SetPoints(points)
    data.SetPolys(cells)
    actor = vtkActor()
    actor.SetMapper(_mapper(data))
    return actor


def _array(values: Floats, name: str) -> Any:
    array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
    array.SetName(name)
    return array


def _replace(data: Any, name: str, values: Floats) -> None:
    data.GetPointData().AddArray(_array(values, name))
    data.Modified()


def _uniforms(actor: Any) -> Any:
    return actor.GetShaderProperty().GetFragmentCustomUniforms()
