"""Depth as OpenEXR: written in one form, read in the forms that tools give it.

One float32 channel named ``Y``: OpenCV reads a lone ``Z`` as zeros without a word and refuses
``V``, and everything that reads EXR at all reads ``Y``.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.files import read_bytes

Floats = NDArray[np.float32]

CHANNEL: Final = "Y"
WORDS: Final = {
    "headroom:quantity": "depth",
    "headroom:unit": "metre",
    "headroom:frame": "planar, along the camera's -Z; +inf where nothing is",
}
NOTHING: Final = 1e9
"""From here on a depth means that nothing is there: Blender writes 1e10."""
_NOTHING_HALF: Final = 65504.0
MAX_BYTES: Final = 512 * 2**20
MAX_PIXELS: Final = 100_000_000
_LAST_NAMES: Final = ("Y", "Z", "V", "R", "G", "B")


class DepthError(ValueError):
    """The file holds no depth; the message is one line that says why."""


def encode_depth(depth: Floats) -> bytes:
    """A file of one channel with ZIP compression; the same bytes for the same depth.

    Parameters
    ----------
    depth : ndarray, shape (H, W), float32
        Metres along the camera's −Z, +inf where nothing is.
    """
    import OpenEXR

    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **WORDS}
    pixels = np.ascontiguousarray(depth, dtype=np.float32)
    target = io.BytesIO()
    with OpenEXR.File(header, {CHANNEL: pixels}, num_threads=0) as file:
        file.write(target)
    return target.getvalue()


def decode_depth(data: bytes, name: str = "The depth") -> Floats:
    """Metres, shape (H, W), float32, +inf where nothing is.

    Of several channels it takes the one whose name ends in ``Y``, ``Z``, ``V``, ``R``, ``G`` or
    ``B``, in this order: Blender's compositor writes depth into all three of a colour picture.

    Raises
    ------
    DepthError
        When it is damaged or holds no channel that can be depth.
    """
    import OpenEXR

    if not data.startswith(b"\x76\x2f\x31\x01"):
        raise DepthError(f"{name} is no EXR" if data else f"{name} is empty")
    try:
        with OpenEXR.File(io.BytesIO(data), header_only=True) as file:
            low, high = file.header()["dataWindow"]
            width, height = (int(v) for v in np.asarray(high) - np.asarray(low) + 1)
        if width * height > MAX_PIXELS:
            raise DepthError(f"{name} has {width} × {height} pixels, which is too many")
        with OpenEXR.File(io.BytesIO(data), separate_channels=True, num_threads=0) as file:
            channels = {key: channel.pixels for key, channel in file.channels().items()}
    except (RuntimeError, ValueError, KeyError, TypeError, OSError) as problem:
        if isinstance(problem, DepthError):
            raise
        raise DepthError(f"{name} is damaged or cut short") from None
    pixels = _chosen(channels, name)
    depth = np.ascontiguousarray(pixels, dtype=np.float32)
    limit = _NOTHING_HALF if pixels.dtype == np.float16 else NOTHING
    if (depth >= limit).any():
        depth = np.where(depth >= np.float32(limit), np.float32(np.inf), depth)
    return depth


def read_depth(path: Path) -> Floats:
    """Read a ``depthExr_<id>.exr``.

    Raises
    ------
    DepthError
        When it is damaged.
    OSError
        When it cannot be read.
    """
    data = read_bytes(path, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise DepthError(f"{path.name} is larger than {MAX_BYTES >> 20} MB")
    return decode_depth(data, path.name)


def _chosen(channels: dict[str, Any], name: str) -> NDArray[Any]:
    if len(channels) == 1:
        return np.asarray(next(iter(channels.values())))
    for last in _LAST_NAMES:
        found = sorted(key for key in channels if key.rpartition(".")[2].upper() == last)
        if found:
            return np.asarray(channels[found[0]])
    listed = ", ".join(sorted(channels)[:6]) or "none"
    raise DepthError(f"{name} has no channel of depth (channels: {listed})")
