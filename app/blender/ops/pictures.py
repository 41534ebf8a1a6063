"""Files of pixels that Blender does not write as we need them."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.scene.segments import PALETTE

Floats = NDArray[np.float32]


def read_passes(bpy: Any, path: Path) -> dict[str, Floats]:
    """Channels of a single-part EXR, each of shape (H, W), by name without the view layer's."""
    source = _open_image_io(bpy).ImageInput.open(str(path))
    if source is None:
        raise OSError(f"{path.name} cannot be read back")
    try:
        names = source.spec().channelnames
        pixels = source.read_image(format="float")
    finally:
        source.close()
    return {
        name.split(".", 1)[-1]: np.ascontiguousarray(pixels[:, :, i])
        for i, name in enumerate(names)
    }


def write_exr(bpy: Any, path: Path, pixels: Floats, channels: str, words: dict[str, str]) -> None:
    """Write float32 pixels, shape (H, W) or (H, W, C), one letter of ``channels`` for each.

    Raises
    ------
    OSError
    """
    library = _open_image_io(bpy)
    height, width = pixels.shape[:2]
    spec = library.ImageSpec(width, height, len(channels), "float")
    spec.channelnames = tuple(channels)
    spec.attribute("compression", "zip")
    for key, value in words.items():
        spec.attribute(key, value)
    target = library.ImageOutput.create(str(path))
    block = np.ascontiguousarray(pixels.reshape(height, width, len(channels)), dtype=np.float32)
    if not (target.open(str(path), spec) and target.write_image(block) and target.close()):
        raise OSError(f"{path.name} cannot be written: {target.geterror()}")


def write_indexed_png(path: Path, indices: NDArray[np.uint8]) -> None:
    """An 8-bit PNG, shape (H, W), whose values are indices into `PALETTE`."""
    palette = bytes(v for color in PALETTE for v in color)
    _write_png(path, indices[..., None], 3, ((b"PLTE", palette),), 6)


def write_rgb_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """An 8-bit PNG, shape (H, W, 3), hardly compressed."""
    _write_png(path, pixels, 2, (), 1)


def _write_png(
    path: Path,
    pixels: NDArray[np.uint8],
    kind: int,
    chunks: tuple[tuple[bytes, bytes], ...],
    level: int,
) -> None:
    """Layout after the PNG specification (ISO/IEC 15948); filter 0."""
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + width * channels), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    whole = (
        (b"IHDR", header),
        *chunks,
        (b"IDAT", zlib.compress(rows.tobytes(), level)),
        (b"IEND", b""),
    )
    data = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in whole
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


def _open_image_io(bpy: Any) -> Any:
    """Blender's own copy of OpenImageIO, which lies in its package off the search path."""
    if "OpenImageIO" not in sys.modules:
        python = Path(bpy.utils.resource_path("LOCAL")) / "python"
        found = sorted(python.rglob("site-packages/OpenImageIO"))
        if found:
            sys.path.append(str(found[0].parent))
    import OpenImageIO  # type: ignore[import-not-found]

    return OpenImageIO
