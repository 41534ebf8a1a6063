"""Light that samples of a picture send to the camera: Lambert and GGX, by arrays.

The model is that of `app.raster.shading` (Walter et al. 2007; Schlick's Fresnel; Karis's fit of the
split sum), worked out for all samples at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.raster.lamps import SUN, Lamp, falling_on
from app.raster.stage_light import SkyLight
from app.scene.solids import Finish, Solid

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Samples:
    """Where rays meet surfaces.

    Attributes
    ----------
    place, normal : ndarray, shape (N, 3), float32
        World metres; unit vectors on the viewer's side.
    uv : ndarray, shape (N, 2), float32
    viewer : ndarray, shape (N, 3), float32
        Unit vectors to the camera.
    corner : ndarray, shape (N, 3), int32
        Points of the triangle.
    share : ndarray, shape (N, 3), float32
        Of the corners; sums to one.
    """

    place: Floats
    normal: Floats
    uv: Floats
    viewer: Floats
    corner: Ints
    share: Floats


def shade(
    solids: Sequence[Solid],
    owner: Ints,
    samples: Samples,
    sky: SkyLight,
    shining: list[Lamp],
    shadows: list[tuple[Any, Floats]],
    picture: Floats,
    fill: float,
) -> Floats:
    """Linear light of samples, shape (N, 3), before exposure."""
    color, normal, numbers = _matter(solids, owner, samples)
    rough, specular, metal, glow, skin = (numbers[:, k : k + 1] for k in range(5))
    soft = np.einsum("ij,ijk->ik", samples.share, sky.soft[samples.corner])
    free = np.einsum("ij,ij->i", samples.share, sky.open[samples.corner])[:, None]
    free = np.asarray(free, np.float32)
    # once more through the cabin: surfaces of middling grey light each other
    soft = soft + np.float32(fill) * sky.mean * (0.35 + 0.65 * np.sqrt(free))
    viewer = samples.viewer
    facing: Floats = np.clip(np.einsum("ij,ij->i", normal, viewer)[:, None], 0.02, 1.0)
    f0 = np.asarray(0.08 * specular * (1.0 - metal) + color * metal, np.float32)
    shine = _mirrored(picture, normal, viewer, rough, facing, f0, free, soft)
    diffuse = soft
    for i, lamp in enumerate(shining):
        shadow = shadows[i] if i < len(shadows) else None
        rows = _lit_rows(lamp, samples.place, normal, skin)
        if not len(rows):
            continue
        falling, glossy = _lamp(
            lamp, shadow, samples, normal, viewer, rough, facing, f0, skin, rows
        )
        diffuse[rows] += falling
        shine[rows] += glossy
    out = color * (1.0 - metal) * diffuse + shine
    return np.asarray(np.where(glow > 0.0, color * glow + 0.3 * shine, out), np.float32)


def _lit_rows(lamp: Lamp, place: Floats, normal: Floats, skin: Floats) -> NDArray[np.intp]:
    """Samples that a lamp may reach: those that face it, or nearly do where light wraps round."""
    if lamp.kind == SUN:
        level = normal @ (-lamp.direction).astype(np.float32)
    else:
        towards = lamp.position.astype(np.float32) - place
        away = np.maximum(np.sqrt(np.einsum("ij,ij->i", towards, towards)), np.float32(1e-4))
        level = np.einsum("ij,ij->i", normal, towards) / away
    return np.flatnonzero(level > np.float32(-0.28) * skin[:, 0])


def _lamp(
    lamp: Lamp,
    shadow: tuple[Any, Floats] | None,
    samples: Samples,
    normal: Floats,
    viewer: Floats,
    rough: Floats,
    facing: Floats,
    f0: Floats,
    skin: Floats,
    rows: NDArray[np.intp],
) -> tuple[Floats, Floats]:
    """Light of one lamp on chosen samples: what falls on them and what they throw back."""
    place, normal, viewer = samples.place[rows], normal[rows], viewer[rows]
    rough, facing, f0, skin = rough[rows], facing[rows], f0[rows], skin[rows]
    towards, arriving = falling_on(lamp, place)
    level = np.einsum("ij,ij->i", normal, towards)[:, None]
    if shadow is not None:
        look, distances = shadow
        lifted = place + samples.normal[rows] * np.float32(0.006)
        wide = 1.6 if lamp.kind == SUN else 2.5
        arriving = arriving * look.lit(distances, lifted, 0.008, wide)[:, None]
    wrap = skin * np.array([0.28, 0.11, 0.06], np.float32)
    falling = np.clip((level + wrap) / (1.0 + wrap) ** 2, 0.0, 1.0)
    level = np.maximum(level, 0.0)
    half = towards + viewer
    half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-6)
    nh = np.einsum("ij,ij->i", normal, half)[:, None]
    vh = np.clip(np.einsum("ij,ij->i", viewer, half)[:, None], 0.0, 1.0)
    alpha = rough * rough
    d = nh * nh * (alpha * alpha - 1.0) + 1.0
    masking = 2.0 * level * facing * (1.0 - alpha) + alpha * (level + facing)
    lobe = np.minimum(0.159 * alpha * alpha / np.maximum(d * d * masking, 1e-6), 32.0)
    edge = (1.0 - vh) ** 2
    glossy = arriving * (f0 + (1.0 - f0) * (edge * edge * (1.0 - vh))) * (lobe * level)
    return arriving * falling * np.float32(1.0 / np.pi), glossy


def _matter(
    solids: Sequence[Solid], owner: Ints, samples: Samples
) -> tuple[Floats, Floats, Floats]:
    """Colour (N, 3), normal (N, 3), and roughness, specular, metallic, emission, skin (N, 5)."""
    color = np.empty_like(samples.place)
    normal = samples.normal.copy()
    numbers = np.empty((len(owner), 5), np.float32)
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(len(solids) + 1))
    for k, one in enumerate(solids):
        rows = order[edges[k] : edges[k + 1]]
        if not len(rows):
            continue
        finish = one.finish
        color[rows] = _colors(finish, samples.uv[rows] / np.float32(finish.tile))
        numbers[rows] = (
            finish.roughness, finish.specular, finish.metallic, finish.emission, finish.skin
        )  # fmt: skip
        if finish.bump > 0.0:
            normal[rows] = _bumped(finish, samples.uv[rows], normal[rows])
    return color, normal, numbers


def _colors(finish: Finish, uv: Floats) -> Floats:
    base = np.array(finish.color, np.float32)
    if finish.texture is None:
        return np.broadcast_to(base, (len(uv), 3))
    height, width = finish.texture.shape[:2]
    x = uv[:, 0] * width - 0.5
    y = (1.0 - uv[:, 1]) * height - 0.5
    x0, y0 = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    fx, fy = (x - x0)[:, None], (y - y0)[:, None]
    linear = _LINEAR[finish.texture[..., :3]]
    x0, y0, x1, y1 = x0 % width, y0 % height, (x0 + 1) % width, (y0 + 1) % height
    above = linear[y0, x0] * (1 - fx) + linear[y0, x1] * fx
    below = linear[y1, x0] * (1 - fx) + linear[y1, x1] * fx
    return np.asarray(base * (above * (1 - fy) + below * fy), np.float32)


def _decoded() -> Floats:
    s = np.arange(256) / 255.0
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _decoded()


def _bumped(finish: Finish, uv: Floats, normal: Floats) -> Floats:
    """Normals tilted by an irregular relief over the texture coordinates (metres)."""
    x, y = uv.T / np.float32(finish.grain) * np.float32(2.0 * np.pi)
    steep = np.float32(finish.bump / finish.grain * 2.0 * np.pi)
    dx = np.cos(x + 1.7 * np.sin(0.6 * y)) + 0.7 * np.cos(0.43 * x - 1.3 * y + 2.0)
    dy = np.cos(1.2 * y + 1.9 * np.sin(0.5 * x) + 1.0) + 0.7 * np.sin(0.8 * x + 0.5 * y)
    seed = np.where(np.abs(normal[:, 2:]) < 0.9, [0.0, 0.0, 1.0], [0.0, 1.0, 0.0])
    across = np.cross(seed, normal)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    along = np.cross(normal, across)
    out = normal + steep * (dx[:, None] * across + dy[:, None] * along)
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), np.float32)


def _mirrored(
    picture: Floats,
    normal: Floats,
    viewer: Floats,
    rough: Floats,
    facing: Floats,
    f0: Floats,
    free: Floats,
    soft: Floats,
) -> Floats:
    """What surfaces mirror of a sky and of the cabin about them."""
    import cv2

    from app.raster.stage import outside

    towards = 2.0 * np.einsum("ij,ij->i", normal, viewer)[:, None] * normal - viewer
    small = cv2.resize(picture, (48, 24), interpolation=cv2.INTER_AREA)
    seen = outside(small, towards)
    fit = rough * np.array([-1.0, -0.0275, -0.572, 0.022], np.float32)
    fit = fit + np.array([1.0, 0.0425, 1.04, -0.04], np.float32)
    a004 = np.minimum(fit[:, :1] ** 2, np.exp2(-9.28 * facing)) * fit[:, :1] + fit[:, 1:2]
    share = f0 * (-1.04 * a004 + fit[:, 2:3]) + (1.04 * a004 + fit[:, 3:])
    open_ = np.clip(free * 1.5 - 0.15, 0.0, 1.0)
    return np.asarray(share * (seen * open_ + soft * (1.0 - open_)), np.float32)
