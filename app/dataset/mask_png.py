"""Masks as indexed PNG: the values are segments, the palette shows them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.files import read_bytes
from app.scene.segments import PALETTE

Bytes = NDArray[np.uint8]

MAX_BYTES: Final = 64 * 2**20
MAX_PIXELS: Final = 100_000_000
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PACKED: Final = tuple((r << 16) | (g << 8) | b for r, g, b in PALETTE)
_COLORS: Final = np.sort(np.array(_PACKED, dtype=np.uint32))
_SEGMENT_OF: Final = np.argsort(np.array(_PACKED)).astype(np.uint8)


class MaskError(ValueError):
    """The file is no mask; the message is one line that says why."""


def encode_mask(segments: Bytes) -> bytes:
    """A PNG of 8-bit indices, shape (H, W), into `app.scene.segments.PALETTE`.

    Layout after the PNG specification (ISO/IEC 15948): IHDR, PLTE, IDAT, IEND; filter 0, which
    suits indices.
    """
    height, width = segments.shape
    rows = np.zeros((height, width + 1), dtype=np.uint8)
    rows[:, 1:] = segments
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(v for color in PALETTE for v in color)),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 4)),
            _chunk(b"IEND", b""),
        )
    )


def decode_mask(data: bytes, name: str = "The mask") -> Bytes:
    """Indices of shape (H, W), by colour: also of a file that another program has saved again.

    Raises
    ------
    MaskError
        When it is damaged or shows colours that stand for no segment.
    """
    import cv2

    if not data.startswith(_SIGNATURE):
        raise MaskError(f"{name} is no PNG" if data else f"{name} is empty")
    if len(data) < 24 or b"IEND" not in data[-12:]:
        raise MaskError(f"{name} is cut short")
    width, height = struct.unpack(">II", data[16:24])
    if width * height > MAX_PIXELS:
        raise MaskError(f"{name} has {width} × {height} pixels, which is too many")
    try:
        picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        picture = None
    if picture is None:
        raise MaskError(f"{name} is damaged")
    colors = picture.astype(np.uint32) @ np.array([1, 1 << 8, 1 << 16], dtype=np.uint32)
    indices = _SEGMENT_OF[np.searchsorted(_COLORS, colors).clip(max=len(_COLORS) - 1)]
    if not (np.array(_PACKED, dtype=np.uint32)[indices] == colors).all():
        raise MaskError(f"{name} holds colours that stand for no segment")
    return np.asarray(indices)


def read_mask(path: Path) -> Bytes:
    """Read a ``mask_<id>.png``.

    Raises
    ------
    MaskError
        When it is damaged.
    OSError
        When it cannot be read.
    """
    data = read_bytes(path, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise MaskError(f"{path.name} is larger than {MAX_BYTES >> 20} MB")
    return decode_mask(data, path.name)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
