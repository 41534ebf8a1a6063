"""Occluders laid over a finished picture, with their own depth and segment."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from app.dataset.hands import HAND_LENGTH, hand
from app.dataset.relief import Cover
from app.dataset.strands import strands
from app.dataset.things import phone, thing
from app.geometry.pinhole import Pinhole
from app.scene.patterns import Bytes, Color, Floats, hsv, laid_over, shade, softened
from app.scene.segments import SEGMENTS

OCCLUDER: Final = SEGMENTS.index("occluder")

_CANVAS: Final = 288
"""Pixels along the shorter side at which occluders are drawn; larger pictures get them enlarged."""

_SHADOW: Final = 95
_SHADOW_REACH: Final = 0.022
"""Of the shorter side."""

_Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Covered:
    """Picture, depth and segments, shapes as in `app.scene.layers.Layers`."""

    color: Bytes
    depth: Floats
    segments: Bytes


@dataclass(frozen=True)
class _Face:
    """Where the face is in the picture.

    Attributes
    ----------
    centre : tuple of float
        Between the eyes, in pixels of the canvas.
    metre : float
        Pixels of the canvas that a metre at the face takes.
    """

    centre: _Point
    metre: float


def cover(
    kind: str,
    amount: float,
    rng: np.random.Generator,
    picture: Covered,
    view: Pinhole,
) -> Covered:
    """Draw an occluder of a kind (``hand``, ``phone``, ``hair``, ``box``) before the head.

    It lies nearer than anything of the head, and bears its own planar distance in ``depth`` where
    it covers half of a pixel or more.
    """
    height, width = picture.segments.shape
    scale = min(1.0, _CANVAS / min(height, width))
    size = max(8, round(height * scale)), max(8, round(width * scale))
    face = _find_face(picture, view, size[1] / width)
    nearest = _nearest(picture)
    distance = nearest * float(rng.uniform(0.86, 0.96))
    light = float(rng.uniform(20.0, 160.0)) + 180.0
    layers = _DRAW[kind](amount, rng, picture, face, size, nearest / distance, light)
    pixel = distance / (view.focal_pixels * size[1] / width)
    return _laid(picture, [_enlarged(c, 1.0 / scale) for c in layers], light, distance, pixel)


def _laid(
    picture: Covered, layers: list[Cover], light: float, distance: float, pixel: float
) -> Covered:
    """The covers over the picture, with their shadow on what belongs to the head.

    ``pixel`` is the metres that a pixel of their heights stands for.
    """
    color = _shadowed(picture, layers, light)
    depth, segments = picture.depth.copy(), picture.segments.copy()
    height, width = segments.shape
    for layer in layers:
        rows = slice(layer.top, min(height, layer.top + layer.mask.shape[0]))
        columns = slice(layer.left, min(width, layer.left + layer.mask.shape[1]))
        inner = slice(0, rows.stop - rows.start), slice(0, columns.stop - columns.start)
        mask = layer.mask[inner]
        place = rows, columns
        color[place] = laid_over(color[place], layer.color[inner], mask)
        relief = np.minimum(layer.height[inner] * np.float32(pixel), np.float32(0.2 * distance))
        solid = mask >= 128
        np.copyto(depth[place], np.float32(distance) - relief, where=solid)
        np.copyto(segments[place], np.uint8(OCCLUDER), where=solid)
    return Covered(color, depth, segments)


def _shadowed(picture: Covered, layers: list[Cover], light: float) -> Bytes:
    """The picture, a new one, with the covers' soft shadow on the head."""
    height, width = picture.segments.shape
    whole = np.zeros((height, width), np.uint8)
    for layer in layers:
        part = whole[
            layer.top : layer.top + layer.mask.shape[0],
            layer.left : layer.left + layer.mask.shape[1],
        ]
        np.maximum(part, layer.mask[: part.shape[0], : part.shape[1]], out=part)
    reach = _SHADOW_REACH * min(height, width)
    dx = round(-math.cos(math.radians(light)) * reach)
    dy = round(-math.sin(math.radians(light)) * reach)
    shadow = _shifted(softened(whole, reach), dx, dy)
    return shade(picture.color, np.where(picture.segments > 0, np.invert(shadow), 255), _SHADOW)


def _shifted(mask: Bytes, dx: int, dy: int) -> Bytes:
    moved = np.zeros_like(mask)
    height, width = mask.shape
    into = moved[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)]
    into[:] = mask[max(0, -dy) : height + min(0, -dy), max(0, -dx) : width + min(0, -dx)]
    return moved


def _enlarged(layer: Cover, times: float) -> Cover:
    if times == 1.0 or layer.mask.size == 0:
        return layer
    top, left = round(layer.top * times), round(layer.left * times)
    tall = max(1, round((layer.top + layer.mask.shape[0]) * times) - top)
    wide = max(1, round((layer.left + layer.mask.shape[1]) * times) - left)

    def resized(values: Bytes) -> Bytes:
        return np.asarray(cv2.resize(values, (wide, tall), interpolation=cv2.INTER_LINEAR_EXACT))

    highest = max(1.0, float(layer.height.max()))
    steps = resized((layer.height * np.float32(255.0 / highest)).astype(np.uint8))
    height = steps.astype(np.float32) * np.float32(highest / 255.0)
    return Cover(resized(layer.mask), resized(layer.color), height, top, left)


def _nearest(picture: Covered) -> float:
    """Metres to what is nearest of the head and earlier occluders."""
    body = picture.depth[(picture.segments > 0) & np.isfinite(picture.depth)]
    return float(body.min()) if body.size else 0.4


def _find_face(picture: Covered, view: Pinhole, scale: float) -> _Face:
    """From the eyes where they are seen, else from where the head centre lies at zero pose."""
    eyes = picture.segments == SEGMENTS.index("eyes")
    height, width = eyes.shape
    count = int(eyes.sum())
    if count >= 12:
        rows, columns = np.nonzero(eyes)
        x, y = int(columns.sum()) / count, int(rows.sum()) / count
        seen = np.sort(picture.depth[eyes])
        depth = float(seen[count // 2])
    else:
        origin = np.zeros(3)
        x, y = (float(v) for v in view.project(origin))
        depth = float(view.to_camera(origin)[2])
        if not (math.isfinite(x) and math.isfinite(y)):
            x, y = width / 2, height / 2
    if not math.isfinite(depth) or depth <= 0.0:
        depth = _nearest(picture)
    metre = view.focal_pixels / depth * scale
    x = min(max(x, 0.1 * width), 0.9 * width)
    y = min(max(y, 0.1 * height), 0.9 * height)
    return _Face((x * scale, y * scale), metre)


_SPOTS: Final[dict[str, _Point]] = {
    "mouth": (0.0, 0.075),
    "chin": (0.0, 0.105),
    "right cheek": (-0.045, 0.045),
    "left cheek": (0.045, 0.045),
    "right eye": (-0.032, 0.0),
    "left eye": (0.032, 0.0),
    "forehead": (0.0, -0.045),
    "nose": (0.0, 0.035),
}
"""Metres from between the eyes, right and down in the picture."""


def _spot(rng: np.random.Generator, face: _Face, names: tuple[str, ...]) -> _Point:
    x, y = _SPOTS[names[int(rng.integers(len(names)))]]
    x += float(rng.normal()) * 0.01
    y += float(rng.normal()) * 0.01
    return face.centre[0] + x * face.metre, face.centre[1] + y * face.metre


def _draw_hand(
    amount: float,
    rng: np.random.Generator,
    picture: Covered,
    face: _Face,
    size: tuple[int, int],
    nearer: float,
    light: float,
) -> list[Cover]:
    spot = _spot(rng, face, tuple(_SPOTS))
    side = 1.0 if spot[0] >= face.centre[0] else -1.0
    angle = -side * float(rng.uniform(5.0, 75.0))
    if spot[1] < face.centre[1]:
        angle = -side * float(rng.uniform(25.0, 70.0))
    scale = HAND_LENGTH * face.metre * nearer * float(rng.uniform(0.85, 1.08))
    past = (amount * 1.05 - 0.3) * 0.55 * scale
    turn = math.radians(angle)
    tip = spot[0] + math.sin(turn) * past, spot[1] - math.cos(turn) * past
    skin = _skin(rng, picture)
    return hand(rng, size, tip, angle, scale, skin, light)


def _draw_phone(
    amount: float,
    rng: np.random.Generator,
    picture: Covered,
    face: _Face,
    size: tuple[int, int],
    nearer: float,
    light: float,
) -> list[Cover]:
    side = 1.0 if rng.random() < 0.5 else -1.0
    spot = face.centre[0] + side * 0.055 * face.metre, face.centre[1] + 0.04 * face.metre
    if rng.random() < 0.4:
        spot = _spot(rng, face, ("mouth", "chin", "nose"))
    away = (1.0 - amount) * 0.075 * face.metre
    centre = spot[0] + side * away, spot[1] + 0.4 * away
    angle = side * float(rng.uniform(-8.0, 38.0))
    return phone(rng, size, centre, angle, face.metre * nearer, _skin(rng, picture), light)


def _draw_thing(
    amount: float,
    rng: np.random.Generator,
    picture: Covered,
    face: _Face,
    size: tuple[int, int],
    nearer: float,
    light: float,
) -> list[Cover]:
    spot = _spot(rng, face, tuple(_SPOTS))
    heading = math.radians(float(rng.uniform(-20.0, 200.0)))
    away = (1.0 - amount) * 0.11 * face.metre
    centre = spot[0] + math.cos(heading) * away, spot[1] + math.sin(heading) * away
    return thing(rng, size, centre, float(rng.uniform(-40, 40)), face.metre * nearer, light)


def _draw_hair(
    amount: float,
    rng: np.random.Generator,
    picture: Covered,
    face: _Face,
    size: tuple[int, int],
    nearer: float,
    light: float,
) -> list[Cover]:
    roots = _hairline(picture, face, size[1] / picture.segments.shape[1])
    return strands(rng, size, roots, face.metre * nearer, amount, _hair(rng, picture))


def _hairline(picture: Covered, face: _Face, scale: float) -> list[_Point]:
    """Where the skin of the forehead begins, from left to right; a curve where little is seen."""
    skin = picture.segments == SEGMENTS.index("skin")
    height, width = skin.shape
    reach, above = 0.07 * face.metre, 0.07 * face.metre
    last = min(height, max(1, round(face.centre[1] / scale)))
    found: list[_Point] = []
    curve: list[_Point] = []
    for step in range(25):
        share = step / 12.0 - 1.0
        x = face.centre[0] + share * reach
        y = face.centre[1] - above * (1.0 - 0.45 * share * share)
        curve.append((x, y))
        column = round(x / scale)
        if 0 <= column < width:
            rows = np.flatnonzero(skin[:last, column])
            if rows.size:
                start = min(float(rows[0]) * scale, y + 0.4 * above)
                found.append((x, start - 0.006 * face.metre))
    return found if len(found) >= 6 else curve


_Draw = Callable[
    [float, np.random.Generator, Covered, _Face, tuple[int, int], float, float], list[Cover]
]
_DRAW: Final[dict[str, _Draw]] = {
    "hand": _draw_hand,
    "phone": _draw_phone,
    "hair": _draw_hair,
    "box": _draw_thing,
}


def _skin(rng: np.random.Generator, picture: Covered) -> Color:
    """Mostly the person's own as it is lit, else another's."""
    own = _lit_color(picture, "skin", 0.7)
    if own is not None and rng.random() < 0.8:
        return own
    tone = float(rng.random())
    return hsv(0.055 + 0.02 * tone, 0.62 - 0.35 * tone, 0.32 + 0.62 * tone)


def _hair(rng: np.random.Generator, picture: Covered) -> Color:
    own = _lit_color(picture, "hair", 0.55)
    if own is not None and rng.random() < 0.85:
        return own
    tone = float(rng.random())
    return hsv(0.07, 0.55 - 0.1 * tone, 0.07 + 0.5 * tone * tone)


def _lit_color(picture: Covered, segment: str, place: float) -> Color | None:
    """Colour of a segment, at a place (0 to 1) among its pixels in order of brightness."""
    fewer = slice(None, None, 2)
    chosen = picture.segments[fewer, fewer] == SEGMENTS.index(segment)
    pixels = picture.color[fewer, fewer][chosen]
    if len(pixels) < 40:
        return None
    rank = int(place * (len(pixels) - 1))
    channels = (int(np.partition(pixels[:, c], rank)[rank]) for c in range(3))
    red, green, blue = channels
    return red, green, blue
