"""Surfaces dressed for the colour: what VTK draws each of them with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.head.asset import Material
from app.raster import programs, textures
from app.raster.rooms import RoomSurface
from app.raster.surfaces import Surface
from app.raster.textures import Textures
from app.raster.window import Geometry, uniforms

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

LOOKS: Final = {
    "hair": (0.7, 0.1),
    "brows": (0.65, 0.2),
    "lashes": (0.65, 0.2),
    "cloth": (0.9, 0.2),
    "sclera": (0.22, 0.5),
    "iris": (0.9, 0.02),
    "cornea": (0.05, 0.31),
}
"""Roughness and specular level (0.5 is a reflectance of 4 %) that Blender renders a role with."""
_BY_PIXEL: Final = ("sclera", "iris", "cornea", "teeth", "tongue", "lens", "accessory")
"""Roles that are lit pixel by pixel: small, and shining."""
_NARROW: Final = ("brows", "lashes", "hair")
"""Roles of ribbons, whose light changes little along them."""
_COARSE: Final = 16.0
"""Samples along an edge from which on light is gathered pixel by pixel."""
_STRANDS: Final = ("brows", "lashes")
"""Roles of ribbons that are thinner than a pixel."""


@dataclass(eq=False)
class Part:
    """One surface.

    Attributes
    ----------
    corners : ndarray, shape (T, 3), int64
        Points of all its triangles.
    partner : ndarray, shape (N,), or None
        Of a strand, the point across it from each point.
    texels : float
        Of the colour's picture, along a metre of the surface.
    edge : float
        Metres, of a triangle's longest edge, in the middle.
    """

    actor: Any
    geometry: Geometry
    features: frozenset[str]
    corners: NDArray[np.int64]
    partner: NDArray[np.intp] | None = None
    texels: float = 0.0
    edge: float = 0.0
    shown_features: frozenset[str] = frozenset()
    _code: tuple[str, str] = field(default=("", ""))

    def set_fineness(self, samples: float) -> None:
        """Choose for so many samples along a metre where light is gathered, and from what picture.

        One level of the pyramid for all of a surface costs half of what one for each pixel does.
        """
        coarse = self.edge * samples > _COARSE
        self.shown_features = self.features - ({"PER_POINT"} if coarse else set())
        level = np.log2(max(self.texels / samples, 1.0))
        uniforms(self.actor).SetUniformf("fineness", float(np.round(level)))

    def set_lamps(self, count: int, shadows: int) -> None:
        """Take the programs for so many lamps, the first of which cast shadows."""
        code = (
            programs.vertex(
                self.shown_features, count, 0 if "STRAND" in self.features else shadows
            ),
            programs.fragment(self.shown_features, count),
        )
        if self._code != code:
            program = self.actor.GetShaderProperty()
            program.SetVertexShaderCode(code[0])
            program.SetFragmentShaderCode(code[1])
            self._code = code


def head_part(
    surface: Surface, points: Floats, sky: Floats, pictures: Textures, lights: dict[str, Any]
) -> Part:
    """A surface of a head.

    Parameters
    ----------
    points : ndarray, shape (N, 3)
        At rest, metres.
    sky : ndarray, shape (N,)
        How much of the sky they see.
    lights : dict
        Textures of light, by their samplers' names.
    """
    material, features = surface.material, _features(surface.material, pictures)
    geometry = Geometry(len(points), surface.triangles)
    roughness, specular = LOOKS.get(material.role, (material.roughness, 0.5))
    rough = pictures.pixels(material.roughness_texture)
    gloss = np.full(len(points), roughness, np.float32)
    if rough is not None:
        gloss = _sampled(rough[..., 1], surface.uvs)
    geometry.add("normalMC", np.zeros_like(points))
    geometry.add("tcoord", surface.uvs)
    geometry.add("sky", sky)
    geometry.add("gloss", gloss)
    partner = None
    if material.role in _STRANDS and len(points):
        partner = across(points, surface.triangles)
        geometry.add("partner", points)
        features |= {"STRAND"}
    maps = {
        "colorMap": pictures.data(material.color_texture),
        "normalMap": pictures.data(material.normal_texture),
        "roughnessMap": pictures.data(material.roughness_texture),
    }
    found = {name: picture.texture for name, picture in maps.items() if picture is not None}
    actor = _actor(geometry, found | lights, bool(features & {"CORNEA", "STRAND", "LENS"}))
    values = uniforms(actor)
    values.SetUniform3f("baseColor", material.color)
    values.SetUniformf("baseAlpha", material.alpha if material.role != "cornea" else 1.0)
    values.SetUniformf("metallic", material.metallic)
    values.SetUniformf("baseRoughness", roughness)
    values.SetUniformf("specular", specular)
    values.SetUniformf("normalStrength", material.normal_strength)
    color = pictures.pixels(material.color_texture)
    texels = 0.0 if color is None else _texels(surface, points, color.shape[:2])
    edge = 0.0 if material.role in _NARROW else _edge(points, surface.triangles)
    corners = surface.triangles.astype(np.int64)
    return Part(actor, geometry, features, corners, partner, texels, edge)


def room_part(surface: RoomSurface, lights: dict[str, Any]) -> Part:
    """A part of a room."""
    part, features = surface.part, {"PER_POINT", "ROOM"}
    geometry = Geometry(len(surface.points), surface.triangles)
    geometry.add("normalMC", surface.normals)
    geometry.add("tcoord", surface.uvs)
    geometry.add("sky", np.ones(len(surface.points), np.float32))
    geometry.add("gloss", np.full(len(surface.points), part.roughness, np.float32))
    geometry.place(surface.points)
    found = {}
    if part.texture is not None:
        features.add("COLOR_MAP")
        found["colorMap"] = textures.from_bytes(part.texture, False).texture
    actor = _actor(geometry, found | lights, False)
    values = uniforms(actor)
    values.SetUniform3f("baseColor", part.color)
    values.SetUniformf("baseAlpha", 1.0)
    values.SetUniformf("metallic", 0.0)
    values.SetUniformf("specular", 0.4)
    values.SetUniformf("emission", part.emission)
    return Part(actor, geometry, frozenset(features), surface.triangles.astype(np.int64))


def across(points: Floats, triangles: NDArray[np.int32]) -> NDArray[np.intp]:
    """For each point of ribbons its nearest neighbour along an edge, which lies across; or itself.

    Parameters
    ----------
    points : ndarray, shape (N, 3)
    triangles : ndarray, shape (T, 3)
    """
    start = triangles[:, [0, 1, 2, 1, 2, 0]].ravel()
    end = triangles[:, [1, 2, 0, 0, 1, 2]].ravel()
    length = ((points[start] - points[end]) ** 2).sum(axis=1)
    order = np.lexsort((length, start))
    first = np.unique(start[order], return_index=True)[1]
    nearest = np.arange(len(points))
    nearest[start[order][first]] = end[order][first]
    mutual = nearest[nearest] == np.arange(len(points))
    return np.where(mutual, nearest, np.arange(len(points)))


def _actor(geometry: Geometry, maps: dict[str, Any], seen_through: bool) -> Any:
    actor = geometry.actor(programs.EMPTY, programs.EMPTY)
    for name, texture in maps.items():
        actor.GetProperty().SetTexture(name, texture)
    if seen_through:
        actor.ForceOpaqueOff()
        actor.ForceTranslucentOn()
    return actor


def _features(material: Material, pictures: Textures) -> frozenset[str]:
    color = pictures.data(material.color_texture)
    features = set()
    if color is not None:
        features.add("COLOR_MAP")
        if material.alpha_texture and color.has_alpha:
            features |= {"ALPHA_MAP", "SEE_THROUGH"}
    if pictures.data(material.normal_texture) is not None:
        features.add("NORMAL_MAP")
    if pictures.data(material.roughness_texture) is not None:
        features.add("ROUGHNESS_MAP")
    if material.role in ("skin", "cornea", "cloth", "hair", "lens"):
        features.add(material.role.upper())
    if material.role in ("sclera", "iris"):
        features.add("EYE")
    if material.role not in ("cornea", "lens") and material.alpha < 0.999:
        features.add("SEE_THROUGH")
    if material.role not in _BY_PIXEL:
        features.add("PER_POINT")
    return frozenset(features)


def _edge(points: Floats, triangles: NDArray[np.int32]) -> float:
    """Longest edge of a triangle, metres, in the middle of all."""
    corners = points[triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    return float(np.median(longest)) if len(longest) else 0.0


def _texels(surface: Surface, points: Floats, size: tuple[int, ...]) -> float:
    """Texels along a metre of a surface, in the middle."""
    a, b, c = (points[corner] for corner in surface.triangles.T)
    p, q, r = (surface.uvs[corner].astype(np.float64) for corner in surface.triangles.T)
    world = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    flat = np.abs((q - p)[:, 0] * (r - p)[:, 1] - (q - p)[:, 1] * (r - p)[:, 0])
    spread = flat * size[0] * size[1] / np.maximum(world, 1e-12)
    return float(np.sqrt(np.median(spread))) if len(spread) else 0.0


def _sampled(values: Bytes, uvs: Floats) -> Floats:
    """A picture's values, 0 to 1, at texture coordinates (N, 2)."""
    height, width = values.shape
    column = np.floor(np.nan_to_num(uvs[:, 0]) * width).astype(np.int64) % width
    row = np.floor((1.0 - np.nan_to_num(uvs[:, 1])) * height).astype(np.int64) % height
    out: Floats = values[row, column].astype(np.float32) / np.float32(255.0)
    return out
