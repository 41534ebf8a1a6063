"""What a camera does to a picture: blur, noise, compression, exposure, resolution, infra-red.

Every function takes a picture, shape (H, W, 3), uint8 sRGB, and gives a new one that is the same to
the byte on every machine: whole numbers, single operations of float32 and OpenCV's bit-exact
functions only. Lengths grow with the shorter side of the picture.
"""

from __future__ import annotations

import math
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.scene.patterns import Bytes, Floats, softened
from app.scene.segments import SEGMENTS

_REFERENCE: Final = 256.0
"""Pixels along the shorter side for which lengths are written."""

_MOST_COPIES: Final = 33
_IRWIN_HALL: Final = 147.8
"""Standard deviation of the sum of four bytes."""


def blur(color: Bytes, amount: float, rng: np.random.Generator) -> Bytes:
    """Out of focus (up to 4 pixels' radius of 256) or moved (up to 20 pixels)."""
    scale = _short(color) / _REFERENCE
    if rng.random() < 0.5:
        return _defocus(color, 4.0 * amount * scale)
    angle, bend = float(rng.uniform(0.0, math.pi)), float(rng.normal()) * 0.25
    return _moved(color, 20.0 * amount * scale, angle, bend)


def _defocus(color: Bytes, radius: float) -> Bytes:
    """Mean over a disc; below two pixels a Gaussian of the same variance per axis."""
    if radius < 2.0:
        return softened(color, radius / 2.0)
    reach = math.floor(radius)
    widths = [round(math.sqrt(radius * radius - y * y)) for y in range(-reach, reach + 1)]
    most = max(widths)
    border = cv2.copyMakeBorder(color, reach, reach, most + 1, most, cv2.BORDER_REFLECT_101)
    run = np.cumsum(border, axis=1, dtype=np.uint32)
    height, width = color.shape[:2]
    total = np.zeros((height, width, 3), np.uint32)
    for row, half in enumerate(widths):
        line = run[row : row + height]
        start, end = most - half, most + half + 1
        total += line[:, end : end + width] - line[:, start : start + width]
    return _divided(total, sum(2 * w + 1 for w in widths))


def _moved(color: Bytes, length: float, angle: float, bend: float) -> Bytes:
    """Mean of copies along a path that bends by ``bend`` of its length."""
    copies = min(_MOST_COPIES, math.ceil(length) + 1)
    if copies < 2:
        return color
    reach = math.ceil(length * (0.5 + abs(bend))) + 1
    border = cv2.copyMakeBorder(color, reach, reach, reach, reach, cv2.BORDER_REFLECT_101)
    height, width = color.shape[:2]
    total = np.zeros((height, width, 3), np.uint16)
    for i in range(copies):
        along = i / (copies - 1) - 0.5
        across = bend * (0.25 - along * along)
        x = round(length * (along * math.cos(angle) - across * math.sin(angle))) + reach
        y = round(length * (along * math.sin(angle) + across * math.cos(angle))) + reach
        total += border[y : y + height, x : x + width]
    return softened(_divided(total, copies), length / copies / 2.0)


def _divided(total: NDArray[Any], count: int) -> Bytes:
    """Whole sums over their number, rounded, by a reciprocal of 24 bits.

    It differs from the true quotient only where that lies within 2⁻¹⁶ of a half.
    """
    reciprocal = (1 << 24) // count + 1
    scaled = total.astype(np.uint64) * np.uint64(reciprocal) + np.uint64(1 << 23)
    return np.asarray((scaled >> np.uint64(24)).astype(np.uint8))


def noise(color: Bytes, amount: float, rng: np.random.Generator) -> Bytes:
    """Shot noise, which grows with the light, read noise, and blotches of colour.

    At the strongest, mid grey has a standard deviation of about 24 of 255 per channel.
    """
    height, width = color.shape[:2]
    read, shot = 10.0 * amount, 22.0 * amount
    spread = [math.sqrt(read * read + shot * shot * v / 255.0) / _IRWIN_HALL for v in range(256)]
    table = np.array(spread, np.float32)
    change = table[color] * _bell(rng, (height, width, 3))
    blotches = _bell(rng, (max(1, height // 4), max(1, width // 4), 3)) * np.float32(
        9.0 * amount / _IRWIN_HALL
    )
    coarse = np.clip(blotches + np.float32(128.0), 0, 255).astype(np.uint8)
    coarse = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR_EXACT))
    noisy = color + change + (coarse.astype(np.int16) - np.int16(128))
    return _bytes(noisy)


def _bell(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Sums of four random bytes about zero: nearly normal, and whole."""
    parts = rng.integers(0, 256, (4, *shape), np.uint8)
    total = parts[0].astype(np.int16)
    for part in parts[1:]:
        total += part
    return np.asarray((total - np.int16(510)).astype(np.float32))


def jpeg(color: Bytes, amount: float) -> Bytes:
    """Compressed and read again; quality 92 at the least, 8 at the most."""
    quality = round(92 - 84 * amount)
    done, data = cv2.imencode(".jpg", color[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError("OpenCV could not compress a picture")
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])


def exposure(color: Bytes, amount: float, rng: np.random.Generator) -> Bytes:
    """Up to two stops too bright or too dark, white balance off by up to a third, contrast."""
    stops = 2.0 * amount * (1.0 if rng.random() < 0.5 else -1.0)
    warmth = float(rng.uniform(-1.0, 1.0)) * amount / 3.0
    tint = float(rng.uniform(-1.0, 1.0)) * amount / 8.0
    contrast = 1.0 + float(rng.uniform(-0.35, 0.35)) * amount
    gains = [2.0**stops * g for g in (1.0 + warmth, 1.0 - tint, 1.0 - warmth)]
    table = np.array([[_exposed(v, g, contrast) for g in gains] for v in range(256)], np.uint8)
    return np.asarray(cv2.LUT(color, table[None]))


def _exposed(value: int, gain: float, contrast: float) -> int:
    """Scaled in linear light, its highlights rolled off, then spread about middle grey."""
    light = _linear(value / 255.0) * gain
    light = light if light < 0.7 else 0.7 + 0.3 * (1.0 - math.exp((0.7 - light) / 0.3))
    screen = _screen(light)
    return max(0, min(255, round(255.0 * (0.45 + (screen - 0.45) * contrast))))


def _linear(v: float) -> float:
    """IEC 61966-2-1."""
    return float(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4)


def _screen(v: float) -> float:
    return float(12.92 * v if v <= 0.0031308 else 1.055 * v ** (1.0 / 2.4) - 0.055)


def low_resolution(color: Bytes, amount: float, rng: np.random.Generator) -> Bytes:
    """Made up to eight times smaller and brought back, smoothly or in blocks."""
    factor = 1.0 + 7.0 * amount
    height, width = color.shape[:2]
    small = max(4, round(width / factor)), max(4, round(height / factor))
    way = cv2.INTER_NEAREST_EXACT if rng.random() < 0.2 else cv2.INTER_LINEAR_EXACT
    reduced = cv2.resize(
        softened(color, 0.45 * factor - 0.3), small, None, 0, 0, cv2.INTER_LINEAR_EXACT
    )
    return np.asarray(cv2.resize(reduced, (width, height), interpolation=way))


def grey(color: Bytes, amount: float) -> Bytes:
    """Without colour; the weaker, the more of it is left."""
    luma = cv2.cvtColor(color, cv2.COLOR_RGB2GRAY)
    return blended(color, np.broadcast_to(luma[..., None], color.shape), round(256 * amount))


def blended(first: Bytes, second: Bytes, share: int) -> Bytes:
    """``share`` of 256 of the second."""
    mixed = first.astype(np.uint16) * np.uint16(256 - share)
    mixed += second.astype(np.uint16) * np.uint16(share) + np.uint16(128)
    return np.asarray((mixed >> 8).astype(np.uint8))


def infra_red(
    color: Bytes, depth: Floats, segments: Bytes, amount: float, rng: np.random.Generator
) -> Bytes:
    """As a near infra-red camera with its lamp beside the lens sees: skin pale, eyes dark.

    The light of the lamp falls off with the square of the distance, and towards the corners.
    """
    lamp = _lamp_light(depth, segments, rng)
    red = color[..., 0].astype(np.float32)
    base = (
        red * np.float32(0.72) + color[..., 1] * np.float32(0.2) + color[..., 2] * np.float32(0.08)
    )
    lift, gain = _albedo(segments, float(rng.uniform(0.4, 0.62)))
    light = (base * gain + lift) * lamp
    light += _bell(rng, light.shape) * np.float32((3.0 + 6.0 * amount) / _IRWIN_HALL)
    _glint(light, segments, rng)
    seen = _bytes(light)
    look = np.repeat(softened(seen, 0.35 * _short(color) / _REFERENCE)[..., None], 3, axis=2)
    return blended(color, look, min(256, round(512 * amount)))


def _lamp_light(depth: Floats, segments: Bytes, rng: np.random.Generator) -> Floats:
    """Light of the lamp, shape (H, W), 1 at the head."""
    height, width = depth.shape
    body = depth[(segments > 0) & (depth < np.float32(np.inf))]
    near = (
        np.float32(np.partition(body, body.size // 4)[body.size // 4])
        if body.size
        else np.float32(0.5)
    )
    far = near * np.float32(rng.uniform(2.2, 5.0))
    ratio = near / np.minimum(np.maximum(depth, near * np.float32(0.5)), far)
    quantized = np.clip(ratio * ratio * np.float32(100.0), 0, 255).astype(np.uint8)
    falloff = softened(quantized, 0.8 * min(height, width) / _REFERENCE).astype(np.float32)
    x = (np.arange(width, dtype=np.float32) - np.float32(width * rng.uniform(0.4, 0.6))) / width
    y = (np.arange(height, dtype=np.float32) - np.float32(height * rng.uniform(0.35, 0.6))) / height
    corner = np.float32(1.0) / (
        np.float32(1.0) + np.float32(rng.uniform(1.0, 2.6)) * (x[None, :] ** 2 + y[:, None] ** 2)
    )
    return np.asarray(falloff * np.float32(0.01) * corner)


def _albedo(segments: Bytes, pale: float) -> tuple[Floats, Floats]:
    """What is added to the brightness of each pixel, and by what it is multiplied before."""
    gains = {"skin": 1.0 - 0.62 * pale, "eyes": 0.42, "hair": 0.9, "other": 0.8, "occluder": 0.75}
    lifts = {"skin": 190.0 * pale, "eyes": 8.0, "hair": 16.0, "other": 40.0, "occluder": 70.0}
    gain = np.array([100.0 * gains.get(s, 0.85) for s in SEGMENTS]).astype(np.uint8)
    lift = np.array([lifts.get(s, 14.0) for s in SEGMENTS]).astype(np.uint8)
    scale = 0.7 * min(segments.shape) / _REFERENCE
    soft_gain = softened(gain[segments], scale).astype(np.float32) * np.float32(0.01)
    return softened(lift[segments], scale).astype(np.float32), soft_gain


def _glint(light: Floats, segments: Bytes, rng: np.random.Generator) -> None:
    """The lamp mirrored in each eye."""
    eyes = (segments == SEGMENTS.index("eyes")).astype(np.uint8)
    _, _, boxes, centres = cv2.connectedComponentsWithStats(eyes, connectivity=8)
    radius = max(1, round(0.8 * min(light.shape) / _REFERENCE))
    shift = float(rng.uniform(-0.12, 0.12))
    for box, (x, y) in list(zip(boxes, centres, strict=True))[1:]:
        if box[cv2.CC_STAT_AREA] >= 12:
            at = round(x + shift * float(box[cv2.CC_STAT_WIDTH])), round(y - radius)
            cv2.circle(light, at, radius, 245.0, cv2.FILLED)


def _short(color: Bytes) -> int:
    return min(color.shape[0], color.shape[1])


def _bytes(values: Floats) -> Bytes:
    return np.asarray(np.clip(values + np.float32(0.5), 0, 255).astype(np.uint8))
