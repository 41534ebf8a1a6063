"""Draws the head without OpenGL: slowly, without shadows and gloss, but in the right place."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.raster import textures, tone
from app.raster.environment_light import EnvironmentLight, basis, environment_light
from app.raster.lamps import falling_on, lamps
from app.raster.surfaces import Poser, Surface, surfaces
from app.topology.locate import around
from widgets.viewport.navigation import View, pinhole_view
from widgets.viewport.picture import GRADIENT, SKY, Picture, Wanted
from widgets.viewport.rasterizer import Covered, rasterize

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

_LARGEST: Final = 640 * 480
"""Pixels that are worked out; larger pictures are stretched."""
_ALPHA_LIMIT: Final = 128


class SoftwareRenderer:
    """The renderer's twin for machines without OpenGL."""

    smooths = False

    def __init__(self) -> None:
        self._asset: HeadAsset | None = None
        self._pieces: list[Surface] = []
        self._pictures: dict[str, Bytes | None] = {}
        self._poser: Poser | None = None
        self._depth: Floats | None = None
        self._shrink = 1.0

    def draw(self, wanted: Wanted) -> Picture:
        import cv2

        width, height = round(wanted.view.width), round(wanted.view.height)
        shrink = min(1.0, (_LARGEST * (0.35 if wanted.moving else 1.0) / (width * height)) ** 0.5)
        small = wanted.view.resized(max(round(width * shrink), 8), max(round(height * shrink), 8))
        self._shrink = small.width / width
        light, complaint = environment_light(wanted.environment)
        pixels = self._draw(replace(wanted, view=small), light)
        if shrink < 1.0:
            pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
        return Picture(pixels[::-1], wanted, (complaint,) if complaint else ())

    def refine(self, wanted: Wanted) -> bool:
        return False

    def distances(self, pixels: Array) -> tuple[Array, Array] | None:
        """Metres around points of the picture drawn last, least and greatest."""
        if self._depth is None:
            return None
        return around((pixels + 0.5) * self._shrink - 0.5, self._depth)

    def silhouette(self, pinhole: Pinhole, wanted: Wanted) -> NDArray[np.bool_]:
        """Where the head covers the camera's picture, shape (height, width)."""
        mask = np.zeros(pinhole.height * pinhole.width, bool)
        for _, covered, _ in self._covered(wanted, pinhole_view(pinhole)):
            mask[covered.pixels] = True
        return mask.reshape(pinhole.height, pinhole.width)

    def close(self) -> None:
        self._pictures.clear()

    def _load(self, asset: HeadAsset | None) -> None:
        if asset is self._asset:
            return
        self._asset = asset
        self._pieces = [s for s in surfaces(asset) if s.material.role != "cornea"] if asset else []
        self._poser = Poser(asset, self._pieces) if asset else None
        self._pictures = {}
        for name in {s.material.color_texture for s in self._pieces} - {None}:
            if asset is not None and name is not None:
                self._pictures[name] = textures.read_picture(asset.folder / name)

    def _covered(
        self, wanted: Wanted, view: View
    ) -> list[tuple[Surface, Covered, tuple[Floats, Floats]]]:
        """What is seen of each surface, with its points and normals."""
        self._load(wanted.asset)
        if self._poser is None:
            return []
        posed = self._poser.pose(wanted.pose)
        counts = np.cumsum([0, *(len(p) for p, _ in posed)])
        firsts = np.cumsum([0, *(len(s.triangles) for s in self._pieces)])
        points = np.concatenate([p for p, _ in posed])
        triangles = [s.triangles + n for s, n in zip(self._pieces, counts, strict=False)]
        covered = rasterize(view, points, np.concatenate(triangles).astype(np.int32))
        seen = []
        for i, piece in enumerate(self._pieces):
            own = (covered.triangles >= firsts[i]) & (covered.triangles < firsts[i + 1])
            part = Covered(
                covered.pixels[own], covered.triangles[own] - firsts[i], covered.shares[own]
            )
            seen.append((piece, self._opaque(piece, part), posed[i]))
        return seen

    def _opaque(self, piece: Surface, covered: Covered) -> Covered:
        """Without the pixels that an alpha texture cuts away."""
        color = self._pictures.get(piece.material.color_texture or "")
        if color is None or color.shape[2] < 4 or not piece.material.alpha_texture:
            return covered
        keep = _sampled(color, piece, covered)[:, 3] >= _ALPHA_LIMIT
        return Covered(covered.pixels[keep], covered.triangles[keep], covered.shares[keep])

    def _draw(self, wanted: Wanted, light: EnvironmentLight) -> Bytes:
        view = wanted.view
        width, height = round(view.width), round(view.height)
        screen = _backdrop(wanted, light).reshape(-1, 3)
        turn = np.radians(wanted.environment.rotation)
        c, s = np.cos(turn), np.sin(turn)
        to_sky = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]], np.float32)
        shining = lamps(wanted.lights)
        depth = np.full(height * width, np.inf, np.float32)
        for piece, covered, (points, normals) in self._covered(wanted, view):
            corners = piece.triangles[covered.triangles]
            place = np.einsum("pc,pci->pi", covered.shares, points[corners])
            depth[covered.pixels] = -view.to_camera(place)[:, 2]
            normal = np.einsum("pc,pci->pi", covered.shares, normals[corners])
            to_viewer = -view.forward if view.orthographic else view.position - place
            away = (normal * to_viewer).sum(1) < 0.0
            normal[away] *= -1.0
            normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
            soft = np.maximum(basis(normal @ to_sky.T) @ light.harmonics, 0.0)
            soft = soft * np.float32(wanted.environment.strength)
            for lamp in shining:
                towards, arriving = falling_on(lamp, place)
                facing = np.maximum((normal * towards).sum(1, keepdims=True), 0.0)
                soft = soft + arriving * facing / np.float32(np.pi)
            albedo = np.array(piece.material.color, np.float32)
            color = self._pictures.get(piece.material.color_texture or "")
            if color is not None:
                albedo = tone.decoded(_sampled(color, piece, covered)[:, :3] / np.float32(255.0))
            screen[covered.pixels] = tone.to_screen(soft * albedo)
        self._depth = depth.reshape(height, width)
        pixels = np.full((height, width, 4), 255, np.uint8)
        pixels[..., :3] = np.clip(screen.reshape(height, width, 3) * 255.0 + 0.5, 0, 255)
        return pixels


def _sampled(picture: Bytes, piece: Surface, covered: Covered) -> Bytes:
    """The texture's pixel under each covered pixel."""
    corners = piece.triangles[covered.triangles]
    uv = np.einsum("pc,pci->pi", covered.shares, piece.uvs[corners]) % 1.0
    height, width = picture.shape[:2]
    row = np.minimum(((1.0 - uv[:, 1]) * height).astype(np.intp), height - 1)
    column = np.minimum((uv[:, 0] * width).astype(np.intp), width - 1)
    return np.asarray(picture[row, column])


def _backdrop(wanted: Wanted, light: EnvironmentLight) -> Floats:
    """Screen colours behind the head, shape (height, width, 3)."""
    view = wanted.view
    width, height = round(view.width), round(view.height)
    if wanted.backdrop == GRADIENT:
        t = (1.0 - (np.arange(height, dtype=np.float32) + 0.5) / height)[:, None, None]
        t = t * t * (3.0 - 2.0 * t)
        low, high = np.array([[0.145, 0.150, 0.158], [0.235, 0.243, 0.256]], np.float32)
        return np.broadcast_to(low + (high - low) * t, (height, width, 3)).copy()
    plain = np.array([wanted.environment.background], np.float32)
    if wanted.backdrop != SKY:
        return np.tile(tone.to_screen(plain).astype(np.float32), (height, width, 1))
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    lens = 0.0 if view.orthographic else 2.0 * view.tangent / height
    right, up = (x - width / 2.0) * lens, (height / 2.0 - y) * lens
    rays = np.stack([right, up, -np.ones_like(x)], -1) @ view.matrix[:3, :3].T
    turn = np.arctan2(rays[..., 1], rays[..., 0]) - np.radians(wanted.environment.rotation)
    lift = np.arcsin(rays[..., 2] / np.linalg.norm(rays, axis=-1))
    rows, columns = light.sky.shape[:2]
    column = ((0.5 - turn / (2.0 * np.pi)) % 1.0 * columns).astype(np.intp)
    row = ((0.5 - lift / np.pi) * rows).astype(np.intp)
    sky = light.sky[np.minimum(row, rows - 1), np.minimum(column, columns - 1)]
    return tone.to_screen(sky * np.float32(wanted.environment.strength)).astype(np.float32)
