"""The lens, the sensor and the file."""

from __future__ import annotations

import cv2
import numpy as np

from inference.training.augment_textures import noise as normal_noise
from inference.training.augment_view import Bytes, Floats, Others, View, between

_UP = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST, cv2.INTER_LANCZOS4)
_DOWN = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_NEAREST)


def defocus(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Out of focus: a soft spot or a sharp-edged disc."""
    radius = view.size / 128.0 * float(np.exp(between(rng, np.log(0.4), np.log(2.8))))
    if rng.random() < 0.6 or radius < 1.0:
        return np.asarray(cv2.GaussianBlur(view.picture, (0, 0), radius))
    return np.asarray(cv2.filter2D(view.picture, -1, _disc(radius)))


def _disc(radius: float) -> Floats:
    reach = int(np.ceil(radius))
    at = np.arange(-reach, reach + 1, dtype=np.float32)
    kernel = np.clip(radius + 0.5 - np.hypot(at[None, :], at[:, None]), 0.0, 1.0)
    return np.asarray(kernel / kernel.sum(), np.float32)


def motion(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Blurred along a line."""
    length = view.size / 128.0 * between(rng, 2.0, 9.0)
    reach = int(np.ceil(length / 2.0))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    angle = between(rng, 0.0, np.pi)
    step = np.array([np.cos(angle), np.sin(angle)]) * length / 2.0
    ends = [tuple(int(v) for v in np.round((reach + k * step) * 16)) for k in (-1.0, 1.0)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    kernel[reach, reach] = max(kernel[reach, reach], 0.5)
    return np.asarray(cv2.filter2D(view.picture, -1, kernel / kernel.sum()))


def low_resolution(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Few pixels, brought back to size in one way or another."""
    small = max(20, int(view.size * np.exp(between(rng, np.log(0.25), np.log(0.9)))))
    down = _DOWN[int(rng.choice(3, p=(0.6, 0.3, 0.1)))]
    up = _UP[int(rng.choice(4, p=(0.5, 0.35, 0.05, 0.1)))]
    few = cv2.resize(view.picture, (small, small), interpolation=down)
    if rng.random() < 0.3:
        few = _compressed(few, int(rng.integers(30, 90)))
    return np.asarray(cv2.resize(few, (view.size, view.size), interpolation=up))


def noise(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Shot noise that grows with light and read noise that does not; smeared or not."""
    read = float(np.exp(between(rng, np.log(0.5), np.log(9.0))))
    shot = float(np.exp(between(rng, np.log(0.02), np.log(0.9))))
    grains = normal_noise(view.picture.shape, rng)
    if rng.random() < 0.4:
        one = grains[..., 0]
        grains = cv2.merge([one, one, one])
    if rng.random() < 0.4:
        grains = cv2.GaussianBlur(grains, (0, 0), between(rng, 0.5, 1.2)) * np.float32(1.8)
    deviation = np.sqrt(read**2 + shot * np.arange(256, dtype=np.float32)).astype(np.float32)
    noisy = view.picture + grains * cv2.LUT(view.picture, deviation)
    return np.asarray(np.clip(noisy, 0.0, 255.0), np.uint8)


def sharpening(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Unsharp masking, as cameras and photo programs do it, with its halos."""
    radius, amount = between(rng, 0.6, 2.0), between(rng, 0.3, 1.5)
    soft = cv2.GaussianBlur(view.picture, (0, 0), radius)
    return np.asarray(cv2.addWeighted(view.picture, 1.0 + amount, soft, -amount, 0.0))


def compression(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """JPEG, at this size or, blocks larger, at twice the size and less often below it."""
    quality = int(rng.integers(15, 95))
    if rng.random() < 0.8:
        return _compressed(view.picture, quality)
    side = int(view.size * between(rng, 0.6, 1.5))
    scaled = cv2.resize(view.picture, (side, side), interpolation=cv2.INTER_AREA)
    back = _compressed(scaled, quality)
    return np.asarray(cv2.resize(back, (view.size, view.size), interpolation=cv2.INTER_AREA))


def _compressed(picture: Bytes, quality: int) -> Bytes:
    """JPEG knows the order of the channels only by which of them it halves, so none is changed."""
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def border(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """The picture's end within the crop: a black, white or repeated strip at a side or two."""
    picture = view.picture.copy()
    kind = rng.random()
    for side in rng.permutation(4)[: int(rng.integers(1, 3))]:
        turned = np.rot90(picture, int(side))
        depth = max(1, int(view.size * between(rng, 0.01, 0.2)))
        fill = 0 if kind < 0.6 else 255 if kind < 0.7 else turned[depth : depth + 1]
        turned[:depth] = fill
    return picture
