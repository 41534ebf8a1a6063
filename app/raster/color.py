"""The colour: surfaces under lamps and an environment, smooth at their edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkTexture

from app.geometry.pinhole import Pinhole
from app.head.asset import Material
from app.raster import shading, textures, tone
from app.raster.body import Body, Posed
from app.raster.environment_light import environment_light
from app.raster.lamps import MOST, Lamp, lamps
from app.raster.surfaces import Surface
from app.raster.textures import Textures
from app.raster.window import Geometry, Reader, aim, make_renderer, make_window, uniforms
from app.scene.scene import Environment, Scene

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
SAMPLES: Final = 4


@dataclass(frozen=True, eq=False)
class _Part:
    surface: Surface
    features: frozenset[str]
    actor: Any
    geometry: Geometry


class ColorPass:
    """Draws one head after another in a window with several samples a pixel."""

    def __init__(self) -> None:
        self._window = make_window(SAMPLES, alpha=True)
        self._renderer = make_renderer(self._window)
        self._renderer.SetBackground(0.0, 0.0, 0.0)
        self._renderer.SetBackgroundAlpha(0.0)
        self._reader = Reader(self._window)
        table = tone.agx()
        self._has_table = table is not None
        self._tone = textures.from_floats(table.atlas()) if table else None
        self._glossy, self._sky = vtkTexture(), vtkTexture()
        self._parts: list[_Part] = []
        self._body: Body | None = None

    def open(self, body: Body, pieces: list[Surface], pictures: Textures) -> None:
        """Take a head in place of the one before."""
        self._clear()
        self._body = body
        self._parts = [self._part(piece, pictures) for piece in pieces]
        for part in self._parts:
            self._renderer.AddActor(part.actor)

    def draw(
        self, posed: Posed, scene: Scene, view: Pinhole, near: float, far: float
    ) -> tuple[Bytes, Floats]:
        """Colour (H, W, 3), not multiplied by its coverage, and the coverage (H, W)."""
        self._place(posed)
        self._set_lamps(lamps(scene.lights))
        self._set_environment(scene.environment)
        aim(self._renderer, self._window, view, near, far)
        for part in self._parts:
            values = uniforms(part.actor)
            values.SetUniform3f("viewer", tuple(view.position))
            values.SetUniform3f("forward", tuple(-view.matrix_world[:3, 2]))
            values.SetUniformi("parallel", 0)
            values.SetUniformi("stipple", -1)
        self._window.Render()
        return _straight(self._reader.rgba())

    def close(self) -> None:
        self._clear()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _clear(self) -> None:
        for part in self._parts:
            self._renderer.RemoveActor(part.actor)
            part.actor.ReleaseGraphicsResources(self._window)
        self._parts = []

    def _part(self, surface: Surface, pictures: Textures) -> _Part:
        geometry = Geometry(len(surface.vertex), surface.triangles)
        count = len(surface.vertex)
        geometry.add("normalMC", np.zeros((count, 3), np.float32))
        geometry.add("tcoord", surface.uvs)
        geometry.add("sky", np.ones(count, np.float32))
        geometry.add("lampsA", np.ones((count, 4), np.float32))
        geometry.add("lampsB", np.ones((count, 4), np.float32))
        actor = geometry.actor(shading.HEAD_VERTEX, shading.DEPTH_FRAGMENT)
        features = self._dress(actor, surface.material, pictures)
        return _Part(surface, features, actor, geometry)

    def _dress(self, actor: Any, material: Material, pictures: Textures) -> frozenset[str]:
        """Set textures and constants; returns the features that its shader needs."""
        look, features = actor.GetProperty(), set()
        maps = (
            ("COLOR_MAP", "colorMap", pictures.color(material.color_texture)),
            ("NORMAL_MAP", "normalMap", pictures.data(material.normal_texture)),
            ("ROUGHNESS_MAP", "roughnessMap", pictures.data(material.roughness_texture)),
        )
        for feature, name, picture in maps:
            if picture is not None:
                look.SetTexture(name, picture.texture)
                features.add(feature)
        color = maps[0][2]
        if color is not None and material.alpha_texture and color.has_alpha:
            features |= {"ALPHA_MAP", "SEE_THROUGH"}
        if material.role == "skin":
            features.add("SKIN")
        if material.role == "cornea":
            features.add("CORNEA")
            actor.ForceOpaqueOff()
            actor.ForceTranslucentOn()
        elif material.alpha < 0.999:
            features.add("SEE_THROUGH")
        look.SetTexture("glossySky", self._glossy)
        if self._tone is not None:
            look.SetTexture("toneTable", self._tone)
        values = uniforms(actor)
        values.SetUniform3f("baseColor", material.color)
        values.SetUniformf("baseAlpha", material.alpha if material.role != "cornea" else 1.0)
        values.SetUniformf("metallic", material.metallic)
        roughness, specular = LOOKS.get(material.role, (material.roughness, 0.5))
        values.SetUniformf("baseRoughness", roughness)
        values.SetUniformf("specular", specular)
        values.SetUniformf("normalStrength", material.normal_strength)
        return frozenset(features)

    def _place(self, posed: Posed) -> None:
        assert self._body is not None
        points = posed.vertices[self._body.point_vertex]
        firsts = self._body.point_firsts
        for part, a, b in zip(self._parts, firsts[:-1], firsts[1:], strict=True):
            part.geometry.place(points[a:b])
            part.geometry.fill("normalMC", posed.normals[a:b])

    def _set_lamps(self, shining: list[Lamp]) -> None:
        packed = np.zeros((MOST, 4, 4), np.float32)
        for i, lamp in enumerate(shining):
            packed[i, 0, :3] = lamp.power
            packed[i, 1, :3] = lamp.position
            packed[i, 2, :3] = lamp.direction
            packed[i, 3] = (lamp.kind, lamp.radius, *lamp.cone)
        flat = packed.ravel().tolist()
        kinds = tuple(lamp.kind for lamp in shining)
        for part in self._parts:
            code = shading.head_fragment(part.features, kinds, self._has_table)
            part.actor.GetShaderProperty().SetFragmentShaderCode(code)
            uniforms(part.actor).SetUniformMatrix4x4v("lamps", MOST, flat)

    def _set_environment(self, environment: Environment) -> None:
        light, _ = environment_light(environment)
        textures.fill(self._glossy, light.glossy.reshape(-1, light.glossy.shape[2], 3))
        turn = np.radians(environment.rotation)
        flat = light.columns().ravel().tolist()
        for part in self._parts:
            values = uniforms(part.actor)
            values.SetUniform2f("skyTurn", (float(np.cos(turn)), float(np.sin(turn))))
            values.SetUniformf("skyStrength", environment.strength)
            values.SetUniformMatrix4x4v("softness", 3, flat)


def _straight(rgba: Bytes) -> tuple[Bytes, Floats]:
    """Colour without its coverage, from colour times coverage."""
    alpha = rgba[..., 3].astype(np.float32) / np.float32(255.0)
    color = rgba[..., :3].astype(np.float32) / np.maximum(alpha, np.float32(1e-6))[..., None]
    return np.minimum(color + np.float32(0.5), np.float32(255.0)).astype(np.uint8), alpha
