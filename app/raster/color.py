"""The colour: surfaces under lamps and an environment, drawn larger and made smaller."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkTexture

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.raster import textures, tone
from app.raster.body import Body, Posed
from app.raster.culling import nearest_first
from app.raster.environment_light import EnvironmentLight, environment_light
from app.raster.exact import Exact
from app.raster.lamps import AREA, SPOT, SUN, Lamp, falling_on, lamps
from app.raster.openness import openness
from app.raster.parts import Part, head_part, room_part
from app.raster.rooms import RoomSurface
from app.raster.shadow_maps import ShadowPass, lamp_view
from app.raster.sky import sky
from app.raster.surfaces import Surface
from app.raster.textures import Textures
from app.raster.window import Reader, aim, make_renderer, make_window, uniforms
from app.scene.scene import Environment, Light

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

FINER: Final = 1.5
"""Times that the picture is drawn larger, along each edge, than it is asked for."""
FINER_OF_ODD: Final = 2
"""The same where half a pixel would be left over."""
SHADOWS: Final = 2
"""Lamps that cast shadows, those that give the head the most light; others reach hollows less."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What stands about a head.

    Attributes
    ----------
    view : Pinhole
    near, far : float
        Metres along the view axis between which everything lies.
    centre : ndarray, shape (3,)
        Middle of the head, world metres.
    room : int or None
        A room that was given to `ColorPass.add_room`.
    """

    view: Pinhole
    near: float
    far: float
    centre: Array
    lights: tuple[Light, ...]
    environment: Environment
    room: int | None


class ColorPass:
    """Draws one head after another."""

    def __init__(self) -> None:
        self._window = make_window(alpha=True)
        self._renderer = make_renderer(self._window)
        self._renderer.SetBackground(0.0, 0.0, 0.0)
        self._renderer.SetBackgroundAlpha(0.0)
        self._reader = Reader(self._window)
        self._glossy, self._maps = vtkTexture(), vtkTexture()
        self._textures = {"glossySky": self._glossy, "shadowMap": self._maps}
        self._shadows = ShadowPass()
        self._light: EnvironmentLight | None = None
        self._pieces: list[Surface] = []
        self._parts: list[Part] = []
        self._rooms: dict[int, list[Part]] = {}
        self._body: Body | None = None

    def open(self, body: Body, rest: Posed, pieces: list[Surface], pictures: Textures) -> None:
        """Take a head in place of the one before; ``rest`` is how it stands at zero pose."""
        self._release(self._parts)
        self._body, self._pieces = body, pieces
        self._shadows.open(body, pieces)
        self._shadows.place(rest.vertices)
        points = rest.vertices[body.point_vertex]
        seen = openness(self._shadows, points, rest.normals, np.zeros(3))
        spans = zip(body.point_firsts[:-1], body.point_firsts[1:], strict=True)
        self._parts = [
            head_part(piece, points[a:b], seen[a:b], pictures, self._textures)
            for piece, (a, b) in zip(pieces, spans, strict=True)
        ]
        for part in self._parts:
            self._renderer.AddActor(part.actor)

    def add_room(self, key: int, surfaces: list[RoomSurface]) -> None:
        """Make a room ready under a number of the caller's."""
        self._rooms[key] = [room_part(surface, self._textures) for surface in surfaces]
        for part in self._rooms[key]:
            self._renderer.AddActor(part.actor)

    def drop_room(self, key: int) -> None:
        """Give back what a room took."""
        self._release(self._rooms.pop(key))

    def draw(self, posed: Posed, exact: Exact, stage: Stage) -> tuple[Bytes, Floats]:
        """Colour (H, W, 3), not multiplied by its coverage, and the coverage (H, W)."""
        self._place(posed, exact)
        shown = list(self._parts)
        for key, parts in self._rooms.items():
            for part in parts:
                part.actor.SetVisibility(key == stage.room)
            shown += parts if key == stage.room else []
        larger = _larger(stage.view)
        away = float(np.linalg.norm(stage.view.position - stage.centre))
        for part in shown:
            part.set_fineness(larger.focal_pixels / max(away - 0.1, 0.05))
        self._set_lamps(shown, stage, posed.vertices)
        light = self._set_environment(shown, stage.environment)
        aim(self._renderer, self._window, larger, stage.near, stage.far)
        for part in shown:
            values = uniforms(part.actor)
            values.SetUniform3f("viewer", tuple(stage.view.position))
            values.SetUniform2f("halfPicture", tuple(s / 2.0 for s in self._window.GetSize()))
        self._window.Render()
        color, alpha = _finished(self._reader.rgba(), stage.view.width, stage.view.height)
        if stage.room is not None:
            return color, np.ones_like(alpha)
        if stage.environment.visible:
            behind = sky(light, stage.environment, stage.view)
            share = alpha[..., None]
            mixed = color * share + behind * (1.0 - share)
            return (mixed + np.float32(0.5)).astype(np.uint8), np.ones_like(alpha)
        return color, alpha

    def close(self) -> None:
        self._release(self._parts)
        for key in list(self._rooms):
            self.drop_room(key)
        self._shadows.close()
        self._window.RemoveRenderer(self._renderer)
        self._window.Finalize()

    def _release(self, parts: list[Part]) -> None:
        for part in parts:
            self._renderer.RemoveActor(part.actor)
            part.actor.ReleaseGraphicsResources(self._window)
        parts.clear()

    def _place(self, posed: Posed, exact: Exact) -> None:
        """Move all points, and leave out the triangles that cannot show."""
        assert self._body is not None
        firsts, spans = self._body.triangle_firsts, self._body.point_firsts
        cuts = np.searchsorted(exact.visible, firsts)
        points = posed.vertices[self._body.point_vertex]
        for i, (piece, part) in enumerate(zip(self._pieces, self._parts, strict=True)):
            shown = exact.visible[cuts[i] : cuts[i + 1]]
            part.actor.SetVisibility(len(shown) > 0)
            if not len(shown):
                continue
            if piece.material.role == "hair":
                shown = shown[nearest_first(exact.near[shown])]
            shown = shown - firsts[i]
            own = points[spans[i] : spans[i + 1]]
            part.geometry.set_triangles(part.corners[shown])
            part.geometry.place(own)
            part.geometry.fill("normalMC", posed.normals[spans[i] : spans[i + 1]])
            if part.partner is not None:
                part.geometry.fill("partner", own[part.partner])

    def _set_lamps(self, parts: list[Part], stage: Stage, vertices: Floats) -> None:
        shining = sorted(lamps(stage.lights), key=lambda lamp: -_given(lamp, stage.centre))
        count, casting = len(shining), min(len(shining), SHADOWS)
        for part in parts:
            part.set_lamps(count, casting)
        if not count:
            return
        packed = np.zeros((count, 4, 4), np.float32)
        views = np.zeros((casting, 4, 4), np.float32)
        depths = []
        self._shadows.place(vertices)
        for i, lamp in enumerate(shining):
            packed[i] = _packed(lamp)
            if i < casting:
                view = lamp_view(lamp, stage.centre)
                packed[i, 3, 2:] = view.texel, 0.5 / view.extent
                views[i] = view.to_picture().T
                depths.append(self._shadows.depths(view))
        # VTK takes one channel for a number in a table of colours
        textures.fill(self._maps, np.repeat(np.concatenate(depths, axis=1)[..., None], 3, axis=2))
        self._maps.InterpolateOff()
        for part in parts:
            values = uniforms(part.actor)
            values.SetUniformMatrix4x4v("lamps", count, packed.ravel().tolist())
            values.SetUniformMatrix4x4v("shadowView", casting, views.ravel().tolist())

    def _set_environment(self, parts: list[Part], environment: Environment) -> EnvironmentLight:
        light, _ = environment_light(environment)
        if light is not self._light:
            textures.fill(self._glossy, light.glossy.reshape(-1, light.glossy.shape[2], 3))
            self._light = light
        turn = np.radians(environment.rotation)
        flat = light.columns().ravel().tolist()
        for part in parts:
            values = uniforms(part.actor)
            values.SetUniform2f("skyTurn", (float(np.cos(turn)), float(np.sin(turn))))
            values.SetUniformf("skyStrength", environment.strength)
            values.SetUniformMatrix4x4v("softness", 3, flat)
        return light


def _given(lamp: Lamp, centre: Array) -> float:
    """Light that reaches the middle of the head, W/m²."""
    _, arriving = falling_on(lamp, np.asarray(centre, np.float32)[None])
    return float(arriving.sum())


def _packed(lamp: Lamp) -> Floats:
    """A lamp as the columns of a matrix, shape (4, 4), for `app.raster.programs`."""
    sun = lamp.kind == SUN
    cosine, blend = lamp.cone if lamp.kind == SPOT else (-2.0, 1.0)
    return np.array(
        [
            [*lamp.power, 0.0 if sun else 1.0],
            [*(-lamp.direction if sun else lamp.position), float(lamp.kind == AREA)],
            [*lamp.direction, lamp.radius],
            [cosine, max(blend, 1e-4), 0.0, 0.0],
        ],
        np.float32,
    )


def _larger(view: Pinhole) -> Pinhole:
    """The same picture in more pixels."""
    times = FINER_OF_ODD if view.width % 2 or view.height % 2 else FINER
    return replace(view, width=round(view.width * times), height=round(view.height * times))


def _finished(rgba: Bytes, width: int, height: int) -> tuple[Bytes, Floats]:
    """Mean of the samples of each pixel, through the view transform, and how many are covered."""
    import cv2

    mean: Any = cv2.resize(rgba, (width, height), interpolation=cv2.INTER_AREA)
    alpha = mean[..., 3].astype(np.float32) / np.float32(255.0)
    flat, coverage = mean.reshape(-1, 4), mean[..., 3].ravel()
    covered = np.flatnonzero(coverage)
    light = _LIGHT_OF[flat[covered, :3]]
    partly = np.flatnonzero(coverage[covered] < 255)
    edge = flat[covered[partly]].astype(np.float32)
    light[partly] = _light_of(edge[:, :3] / edge[:, 3:])
    color = np.zeros((height * width, 3), np.uint8)
    color[covered] = tone.to_bytes(light)
    return color.reshape(height, width, 3), alpha


def _light_of(coded: Floats) -> Floats:
    """Linear light of what the programs of the pixels code, 0 to 1."""
    square = np.minimum(coded, np.float32(0.9995)) ** 2
    return square / (np.float32(1.0) - square)


_LIGHT_OF: Final = _light_of(np.arange(256, dtype=np.float32) / np.float32(255.0))
