"""The picture behind a head, and the head laid over it."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from app.dataset.picture_size import picture_size
from app.dataset.textures import texture
from app.files import read_bytes
from app.scene.backdrop import Backdrop
from app.scene.layers import Layers
from app.scene.patterns import Bytes

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
MAX_BYTES: Final = 64 * 2**20
MAX_PIXELS: Final = 100_000_000
SMALLEST: Final = 8
"""Pixels along the shorter side below which a picture shows nothing."""

_KEPT_SIDE: Final = 1024
_SHARE: Final = (0.6, 1.0)
"""How much of the picture's largest fitting part is shown."""


class PictureFault(ValueError):  # noqa: N818
    """A background picture that cannot be used; the message is one line that says what to do."""


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """Pictures of a folder and the folders in it by their names' endings, in order.

    Raises
    ------
    PictureFault
        When the folder cannot be read or holds none.
    """
    try:
        found = sorted(p for p in _files(folder) if p.suffix.lower() in SUFFIXES)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise PictureFault(
            f"The folder of pictures {folder} cannot be read: {reason}; choose another."
        ) from None
    if not found:
        raise PictureFault(
            f"The folder {folder} holds no pictures ({', '.join(SUFFIXES)}): choose another."
        )
    return tuple(found)


def _files(folder: Path) -> Iterable[Path]:
    def fail(problem: OSError) -> None:
        if Path(problem.filename) == folder:
            raise problem

    for place, folders, names in os.walk(folder, onerror=fail):
        folders.sort()
        yield from (Path(place) / n for n in names if not n.startswith("."))


def background(backdrop: Backdrop, width: int, height: int) -> Bytes:
    """What stands behind the head where nothing was rendered, shape (H, W, 3), uint8 sRGB.

    Rooms and environments are rendered with the head; for them this is black, which shows nowhere.

    Raises
    ------
    PictureFault
        When the picture cannot be used.
    """
    if backdrop.kind == "texture":
        return texture(backdrop.seed, width, height)
    if backdrop.kind == "picture":
        return _picture(backdrop, width, height)
    plain = np.zeros((height, width, 3), np.uint8)
    if backdrop.kind == "plain":
        plain[:] = [round(255 * c) for c in backdrop.color]
    return plain


def compose(layers: Layers, picture: Bytes) -> Bytes:
    """The head over a picture of its size, shape (H, W, 3), in 256 steps of its alpha."""
    weight = np.rint(np.clip(layers.alpha, 0.0, 1.0) * np.float32(256.0)).astype(np.uint16)
    if int(weight.min()) == 256:
        return layers.color
    weight = weight[..., None]
    mixed = layers.color * weight + picture * (np.uint16(256) - weight) + np.uint16(128)
    return np.asarray((mixed >> 8).astype(np.uint8))


def _picture(backdrop: Backdrop, width: int, height: int) -> Bytes:
    if not backdrop.picture:
        raise PictureFault("A background of the kind 'picture' needs the name of a picture.")
    whole = _read(backdrop.picture)
    rng = np.random.default_rng((0x91C7, backdrop.seed))
    tall, wide = whole.shape[:2]
    share = float(rng.uniform(*_SHARE))
    step = min(wide / width, tall / height) * share
    w, h = max(1, min(wide, round(width * step))), max(1, min(tall, round(height * step)))
    x, y = int(rng.integers(0, wide - w + 1)), int(rng.integers(0, tall - h + 1))
    part = whole[y : y + h, x : x + w]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    return _resized(np.ascontiguousarray(part), width, height)


def _resized(picture: Bytes, width: int, height: int) -> Bytes:
    """Halved by whole means while it is more than twice as large, then bilinear; bit-exact."""
    while picture.shape[0] >= 2 * height and picture.shape[1] >= 2 * width:
        picture = _halved(picture)
    enlarged = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR_EXACT)
    return np.asarray(enlarged)


def _halved(picture: Bytes) -> Bytes:
    p = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2].astype(np.uint16)
    mean = (p[::2, ::2] + p[1::2, ::2] + p[::2, 1::2] + p[1::2, 1::2] + 2) >> 2
    return np.asarray(mean.astype(np.uint8))


def _read(name: str) -> Bytes:
    """Decoded picture, as its camera held it, no larger than needed; the last few are kept."""
    try:
        state = Path(name).stat()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise PictureFault(f"The picture {name} cannot be read: {reason}.") from None
    return _decoded(name, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=24)
def _decoded(name: str, changed: int, size: int) -> Bytes:
    """``changed`` and ``size`` tell a picture from another of the same name."""
    if size > MAX_BYTES:
        raise PictureFault(f"The picture {name} is larger than {MAX_BYTES // 2**20} MB.")
    try:
        data = read_bytes(Path(name), MAX_BYTES)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise PictureFault(f"The picture {name} cannot be read: {reason}.") from None
    try:
        width, height = picture_size(data)
    except ValueError:
        raise PictureFault(
            f"The file {name} is no picture (PNG, JPEG, BMP or WebP): take it away or replace it."
        ) from None
    if width * height > MAX_PIXELS:
        most = MAX_PIXELS // 1_000_000
        raise PictureFault(
            f"The picture {name} is {width}×{height}; {most} megapixels is the most."
        )
    picture = _pixels(data, max(width, height))
    if picture is None:
        raise PictureFault(f"The picture {name} is damaged: take it away or replace it.")
    if min(picture.shape[:2]) < SMALLEST:
        raise PictureFault(f"The picture {name} is too small: {SMALLEST} pixels is the least.")
    while min(picture.shape[:2]) >= 2 * _KEPT_SIDE:
        picture = _halved(picture)
    picture.setflags(write=False)
    return picture


def _pixels(data: bytes, longest: int) -> Bytes | None:
    """Turned as its EXIF says, with transparent parts over grey; None where it is damaged.

    Of a large JPEG only the coarser frequencies are read.
    """
    coded = np.frombuffer(data, np.uint8)
    flag = cv2.IMREAD_COLOR
    if data.startswith(b"\xff\xd8"):
        if longest >= 8 * _KEPT_SIDE:
            flag = cv2.IMREAD_REDUCED_COLOR_4
        elif longest >= 4 * _KEPT_SIDE:
            flag = cv2.IMREAD_REDUCED_COLOR_2
    try:
        picture = cv2.imdecode(coded, flag)
        with_alpha = None if data.startswith(b"\xff\xd8") else _with_alpha(coded)
    except cv2.error:
        return None
    if picture is None:
        return None
    if with_alpha is not None and with_alpha.shape[:2] == picture.shape[:2]:
        alpha = with_alpha[..., 3:].astype(np.uint32)
        picture = ((with_alpha[..., :3] * alpha + 128 * (255 - alpha)) // 255).astype(np.uint8)
    return np.ascontiguousarray(picture[:, :, ::-1])


def _with_alpha(coded: Bytes) -> Bytes | None:
    whole = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED)
    fits = whole is not None and whole.ndim == 3 and whole.shape[2] == 4 and whole.dtype == np.uint8
    return np.asarray(whole) if fits else None
