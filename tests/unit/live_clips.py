"""Clips whose frames carry their own number, at any times, for tests of live sources."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

BITS = 10
CELL = 24


def numbered(number: int, width: int = 320, height: int = 240) -> np.ndarray[Any, Any]:
    """A grey picture (H, W, 3) with a row of black and white cells that spell a number."""
    picture = np.full((height, width, 3), 128, np.uint8)
    for bit in range(BITS):
        picture[:CELL, bit * CELL : (bit + 1) * CELL] = 255 * (number >> bit & 1)
    picture[CELL:, :, 0] = np.linspace(0, 255, width, dtype=np.uint8)
    return picture


def number_of(picture: np.ndarray[Any, Any]) -> int:
    """The number that a picture spells, also after lossy compression."""
    cells = picture[CELL // 4 : -CELL // 4] if picture.shape[0] == CELL else picture
    middle = cells[CELL // 2, CELL // 2 : BITS * CELL : CELL].mean(axis=-1)
    return int(sum(1 << bit for bit in range(BITS) if middle[bit] > 128))


def write_clip(
    path: Path,
    frames: int,
    rate: float = 25.0,
    code: str = "mp4v",
    size: tuple[int, int] = (320, 240),
) -> Path:
    """A clip of numbered frames; odd sizes only as MJPG in an AVI file."""
    import cv2

    odd = size[0] % 2 or size[1] % 2
    backend = cv2.CAP_OPENCV_MJPEG if odd else cv2.CAP_FFMPEG
    writer = cv2.VideoWriter(str(path), backend, cv2.VideoWriter.fourcc(*code), rate, size)
    assert writer.isOpened()
    for number in range(frames):
        writer.write(numbered(number, *size)[:, :, ::-1])
    writer.release()
    return path


def set_durations(path: Path, ticks: Sequence[int]) -> None:
    """Give every frame of an MP4 file a duration of its own, in ticks of its media's clock.

    The edit list, which holds the old length, is dropped.
    """
    rows = b"".join(struct.pack(">II", 1, t) for t in ticks)
    body = struct.pack(">II", 0, len(ticks)) + rows
    old = path.read_bytes().replace(b"edts", b"free")
    data = _replaced(old, (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stts"), body)
    path.write_bytes(data)


def set_rotation(path: Path) -> None:
    """Let an MP4 file ask to be shown turned by a quarter, as phones do."""
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4
    one = 1 << 16
    matrix = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 1 << 30)
    data[start + 40 : start + 76] = matrix
    path.write_bytes(bytes(data))


def _replaced(data: bytes, way: Sequence[bytes], body: bytes) -> bytes:
    """MP4 boxes with the content of one of them exchanged; what lies before stays in place."""
    out, at = b"", 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        inside = data[at + 8 : at + size]
        if kind == way[0]:
            inside = _replaced(inside, way[1:], body) if len(way) > 1 else body
        out += struct.pack(">I4s", len(inside) + 8, kind) + inside
        at += size
    return out
