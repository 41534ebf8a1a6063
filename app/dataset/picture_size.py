"""Width and height of a picture from its first bytes, before memory is taken for its pixels."""

from __future__ import annotations

import struct
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE: Final = frozenset(range(0xD0, 0xDA)) | {0x01}


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG, JPEG, BMP or WebP, as stored.

    Raises
    ------
    ValueError
        When it is none of them or is cut off before its size.
    """
    try:
        if data.startswith(_PNG):
            return struct.unpack_from(">2I", data, 16)
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(b"BM"):
            width, height = struct.unpack_from("<2i", data, 18)
            return abs(width), abs(height)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except struct.error:
        raise ValueError("cut off") from None
    raise ValueError("neither PNG, JPEG, BMP nor WebP")


def _jpeg(data: bytes) -> tuple[int, int]:
    """From the frame header (ITU T.81, B.2.2)."""
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            raise ValueError("no marker where one must stand")
        while at < len(data) and data[at] == 0xFF:
            at += 1
        marker = data[at] if at < len(data) else 0
        at += 1
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack_from(">2H", data, at + 3)
            return width, height
        if marker not in _ALONE:
            at += max(2, struct.unpack_from(">H", data, at)[0])
    raise ValueError("no frame")


def _webp(data: bytes) -> tuple[int, int]:
    """From the first chunk (RFC 9649): extended, lossless or lossy."""
    kind = data[12:16]
    if kind == b"VP8X":
        low = struct.unpack_from("<HBHB", data, 24)
        return 1 + low[0] + (low[1] << 16), 1 + low[2] + (low[3] << 16)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<2H", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no known chunk")
