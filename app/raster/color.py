"""The colour: surfaces under lamps and an environment, drawn at twice the size and made smaller."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkTexture

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import Material
from app.raster import programs, textures, tone
from app.raster.body import Body, Posed
from app.raster.culling import nearest_first
from app.raster.environment_light import EnvironmentLight, environment_light
from app.raster.exact import Exact
from app.raster.lamps import AREA, SPOT, SUN, Lamp, lamps
from app.raster.openness import openness
from app.raster.shadow_maps import ShadowPass, lamp_view
from app.raster.surfaces import Surface
from app.raster.textures import Textures
from app.raster.window import Geometry, Reader, aim, make_renderer, make_window, uniforms
from app.scene.scene import Environment, Light

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

LOOKS: Final = {
    "hair": (0.7, 0.1),
    "brows": (0.65, 0.2),
    "lashes": (0.65, 0.2),
    "cloth": (0.9, 0.2),
    "sclera": (0.22, 0.5),
    "iris": (0.5, 0.25),
    "cornea": (0.05, 0.45),
}
"""Roughness and specular level (0.5 is a reflectance of 4 %) that Blender renders a role with."""
FINER: Final = 1.5
"""Times that the picture is drawn larger, along each edge, than it is asked for."""
FINER_OF_ODD: Final = 2
"""The same where half a pixel would be left over."""
_SMOOTH: Final = ("sclera", "iris", "cornea", "teeth", "tongue")
"""Roles that are lit pixel by pixel: small, and shining."""


@dataclass(eq=False)
class _Part:
    surface: Surface
    features: frozenset[str]
    actor: Any
    geometry: Geometry
    code: tuple[str, str] = field(default=("", ""))

    def set_code(self, vertex: str, fragment: str) -> None:
        if self.code != (vertex, fragment):
            program = self.actor.GetShaderProperty()
            program.SetVertexShaderCode(vertex)
            program.SetFragmentShaderCode(fragment)
            self.code = vertex, fragment


class ColorPass:
    """Draws one head after another."""

    def __init__(self) -> None:
        self._window = make_window(alpha=True)
        self._renderer = make_renderer(self._window)
        self._renderer.SetBackground(0.0, 0.0, 0.0)
        self._renderer.SetBackgroundAlpha(0.0)
        self._reader = Reader(self._window)
        self._glossy, self._maps = vtkTexture(), vtkTexture()
        self._shadows = ShadowPass()
        self._light: EnvironmentLight | None = None
        self._parts: list[_Part] = []
        self._body: Body | None = None

    def open(self, body: Body, rest: Posed, pieces: list[Surface], pictures: Textures) -> None:
        """Take a head in place of the one before; ``rest`` is how it stands at zero pose."""
        self._clear()
        self._body = body
        self._shadows.open(body, pieces)
        self._shadows.place(rest.vertices)
        points = rest.vertices[body.point_vertex]
        sky = openness(self._shadows, points, rest.normals, np.zeros(3))
        for piece, a, b in zip(pieces, body.point_firsts[:-1], body.point_firsts[1:], strict=True):
            part = self._part(piece, points[a:b], sky[a:b], pictures)
            self._renderer.AddActor(part.actor)
            self._parts.append(part)

    def draw(
        self,
        posed: Posed,
        lights: tuple[Light, ...],
        environment: Environment,
        view: Pinhole,
        planes: tuple[float, float],
        exact: Exact,
        centre: Array,
    ) -> tuple[Bytes, Floats]:
        """Colour (H, W, 3), not multiplied by its coverage, and the coverage (H, W)."""
        assert self._body is not None
        self._place(posed, exact)
        shining = lamps(lights)
        for part in self._parts:
            part.set_code(
                programs.vertex(part.features, len(shining)),
                programs.fragment(part.features, len(shining)),
            )
            uniforms(part.actor).SetUniform3f("viewer", tuple(view.position))
        self._set_lamps(shining, posed.vertices, centre)
        self._set_environment(environment)
        aim(self._renderer, self._window, _larger(view), *planes)
        self._window.Render()
        return _finished(self._reader.rgba(), view.width, view.height)

    def close(self) -> None:
        self._clear()
        self._shadows.close()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _clear(self) -> None:
        for part in self._parts:
            self._renderer.RemoveActor(part.actor)
            part.actor.ReleaseGraphicsResources(self._window)
        self._parts = []

    def _part(self, surface: Surface, points: Floats, sky: Floats, pictures: Textures) -> _Part:
        geometry = Geometry(len(surface.vertex), surface.triangles)
        material = surface.material
        roughness, specular = LOOKS.get(material.role, (material.roughness, 0.5))
        rough = pictures.pixels(material.roughness_texture)
        gloss = np.full(len(points), roughness, np.float32)
        if rough is not None:
            gloss = _sampled(rough[..., 1], surface.uvs)
        geometry.add("normalMC", np.zeros_like(points))
        geometry.add("tcoord", surface.uvs)
        geometry.add("sky", sky)
        geometry.add("gloss", gloss)
        actor = geometry.actor(programs.EMPTY, programs.EMPTY)
        features = _features(material, pictures)
        if material.role not in _SMOOTH:
            features |= {"PER_POINT"}
        look = actor.GetProperty()
        for feature, (name, texture) in _pictures(material, pictures).items():
            if feature in features:
                look.SetTexture(name, texture)
        look.SetTexture("glossySky", self._glossy)
        look.SetTexture("shadowMap", self._maps)
        if material.role == "cornea":
            actor.ForceOpaqueOff()
            actor.ForceTranslucentOn()
        values = uniforms(actor)
        values.SetUniform3f("baseColor", material.color)
        values.SetUniformf("baseAlpha", material.alpha if material.role != "cornea" else 1.0)
        values.SetUniformf("metallic", material.metallic)
        values.SetUniformf("baseRoughness", roughness)
        values.SetUniformf("specular", specular)
        values.SetUniformf("normalStrength", material.normal_strength)
        return _Part(surface, features, actor, geometry)

    def _place(self, posed: Posed, exact: Exact) -> None:
        """Move all points, and leave out the triangles that cannot show."""
        assert self._body is not None
        chosen, firsts_of = exact.visible, self._body.triangle_firsts
        cuts = np.searchsorted(chosen, firsts_of)
        points = posed.vertices[self._body.point_vertex]
        firsts = self._body.point_firsts
        for i, part in enumerate(self._parts):
            shown = chosen[cuts[i] : cuts[i + 1]]
            part.actor.SetVisibility(len(shown) > 0)
            if len(shown):
                shown = shown[nearest_first(exact.near[shown])] - firsts_of[i]
                part.geometry.set_triangles(part.surface.triangles[shown])
                part.geometry.place(points[firsts[i] : firsts[i + 1]])
                part.geometry.fill("normalMC", posed.normals[firsts[i] : firsts[i + 1]])

    def _set_lamps(self, shining: list[Lamp], vertices: Floats, centre: Array) -> None:
        if not shining:
            return
        count = len(shining)
        packed = np.zeros((count, 4, 4), np.float32)
        views = np.zeros((count, 4, 4), np.float32)
        depths = []
        self._shadows.place(vertices)
        for i, lamp in enumerate(shining):
            sun = lamp.kind == SUN
            packed[i, 0] = (*lamp.power, 0.0 if sun else 1.0)
            packed[i, 1] = (*(-lamp.direction if sun else lamp.position), lamp.kind == AREA)
            packed[i, 2] = (*lamp.direction, lamp.radius)
            cosine, blend = lamp.cone if lamp.kind == SPOT else (-2.0, 1.0)
            packed[i, 3, :2] = cosine, max(blend, 1e-4)
            view = lamp_view(lamp, centre)
            packed[i, 3, 2:] = view.texel, 0.5 / view.tangent
            views[i] = view.to_picture().T
            depths.append(self._shadows.depths(view))
        textures.fill(self._maps, np.repeat(np.concatenate(depths, axis=1)[..., None], 3, axis=2))
        self._maps.InterpolateOff()
        for part in self._parts:
            values = uniforms(part.actor)
            values.SetUniformMatrix4x4v("lamps", count, packed.ravel().tolist())
            values.SetUniformMatrix4x4v("shadowView", count, views.ravel().tolist())

    def _set_environment(self, environment: Environment) -> None:
        light, self.complaint = environment_light(environment)
        if light is not self._light:
            textures.fill(self._glossy, light.glossy.reshape(-1, light.glossy.shape[2], 3))
            self._light = light
        turn = np.radians(environment.rotation)
        flat = light.columns().ravel().tolist()
        for part in self._parts:
            values = uniforms(part.actor)
            values.SetUniform2f("skyTurn", (float(np.cos(turn)), float(np.sin(turn))))
            values.SetUniformf("skyStrength", environment.strength)
            values.SetUniformMatrix4x4v("softness", 3, flat)


def _features(material: Material, pictures: Textures) -> frozenset[str]:
    features = {name for name, (_, texture) in _pictures(material, pictures).items() if texture}
    color = pictures.data(material.color_texture)
    if color is not None and material.alpha_texture and color.has_alpha:
        features |= {"ALPHA_MAP", "SEE_THROUGH"}
    if material.role == "skin":
        features.add("SKIN")
    if material.role == "cornea":
        features.add("CORNEA")
    elif material.alpha < 0.999:
        features.add("SEE_THROUGH")
    return frozenset(features)


def _pictures(material: Material, pictures: Textures) -> dict[str, tuple[str, Any]]:
    """By feature, the sampler's name and the texture or None."""
    found = {
        "COLOR_MAP": ("colorMap", pictures.data(material.color_texture)),
        "NORMAL_MAP": ("normalMap", pictures.data(material.normal_texture)),
        "ROUGHNESS_MAP": ("roughnessMap", pictures.data(material.roughness_texture)),
    }
    return {f: (name, picture.texture if picture else None) for f, (name, picture) in found.items()}


def _sampled(values: Bytes, uvs: Floats) -> Floats:
    """A picture's values, 0 to 1, at texture coordinates (N, 2)."""
    height, width = values.shape
    column = np.floor(np.nan_to_num(uvs[:, 0]) * width).astype(np.int64) % width
    row = np.floor((1.0 - np.nan_to_num(uvs[:, 1])) * height).astype(np.int64) % height
    out: Floats = values[row, column].astype(np.float32) / np.float32(255.0)
    return out


def _larger(view: Pinhole) -> Pinhole:
    """The same picture in more pixels."""
    times = FINER_OF_ODD if view.width % 2 or view.height % 2 else FINER
    return replace(view, width=round(view.width * times), height=round(view.height * times))


def _finished(rgba: Bytes, width: int, height: int) -> tuple[Bytes, Floats]:
    """Mean of the samples of each pixel, through the view transform, and how many are covered."""
    import cv2

    mean = cv2.resize(rgba, (width, height), interpolation=cv2.INTER_AREA)
    alpha = mean[..., 3].astype(np.float32) / np.float32(255.0)
    covered = np.nonzero(mean[..., 3])
    share = alpha[covered][:, None]
    coded = mean[..., :3][covered].astype(np.float32) / (share * np.float32(255.0))
    coded = np.minimum(coded, np.float32(0.9995)) ** 2
    color = np.zeros((height, width, 3), np.uint8)
    color[covered] = tone.to_bytes(coded / (np.float32(1.0) - coded))
    return color, alpha
