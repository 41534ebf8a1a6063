"""From scene light to the screen's colours, as Blender's view transforms do it.

AgX is Blender's own table (datafiles/colormanagement/luts/AgX_Base_sRGB.cube: from log2 of linear
E-Gamut to Rec. 1886, which config.ocio then encodes for an sRGB screen), so the viewport's colours
agree with the render's. Where the table can't be read, light is only encoded for the screen
(Blender's "Standard").
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

SIZE: Final = 57
"""Points along each side of the table."""
LOG2_LOW, LOG2_HIGH = -12.47393, 12.5260688117
"""Range of the table in stops, from Blender's config.ocio."""

XYZ_FROM_REC709: Final = np.array(
    [
        [0.4123908, 0.3575843, 0.1804808],
        [0.2126390, 0.7151687, 0.0721923],
        [0.0193308, 0.1191948, 0.9505322],
    ]
)
E_GAMUT_FROM_XYZ: Final = np.array(
    [
        [1.5250528, -0.3159135, -0.1226583],
        [-0.5091526, 1.3333274, 0.1382844],
        [0.0957153, 0.0508974, 0.7879558],
    ]
)
E_GAMUT_FROM_REC709: Final[Floats] = (E_GAMUT_FROM_XYZ @ XYZ_FROM_REC709).astype(np.float32)


def blender_datafiles() -> Path | None:
    """The data files of the installed bpy wheel, without importing it."""
    try:
        spec = importlib.util.find_spec("bpy")
    except (ImportError, ValueError):
        return None
    for place in (spec.submodule_search_locations or []) if spec else []:
        found = sorted(Path(place).glob("*/datafiles"))
        if found:
            return found[-1]
    return None


@dataclass(frozen=True, eq=False)
class ToneTable:
    """AgX as a table.

    Attributes
    ----------
    values : ndarray, shape (SIZE, SIZE, SIZE, 3), float32
        Screen colours by log2 of blue, green, red in E-Gamut (red runs fastest).
    """

    values: Floats

    def atlas(self) -> Floats:
        """Slices of constant blue side by side, shape (SIZE, SIZE · SIZE, 3): a 2-D texture."""
        return np.ascontiguousarray(self.values.transpose(1, 0, 2, 3).reshape(SIZE, SIZE * SIZE, 3))

    def __call__(self, linear: Floats) -> Floats:
        """Linear Rec.709 (..., 3) to screen colours in [0, 1]."""
        from scipy.ndimage import map_coordinates

        wide = np.asarray(linear, np.float32) @ E_GAMUT_FROM_REC709.T
        stops = np.log2(np.maximum(wide, 2.0**LOG2_LOW))
        at = np.clip((stops - LOG2_LOW) / (LOG2_HIGH - LOG2_LOW), 0.0, 1.0) * (SIZE - 1)
        coordinates = np.moveaxis(at[..., ::-1], -1, 0)
        channels = [
            map_coordinates(self.values[..., c], coordinates, order=1, mode="nearest")
            for c in range(3)
        ]
        return np.stack(channels, axis=-1)

    @cached_property
    def _screen(self) -> Floats:
        return self.atlas() * np.float32(255.0)

    def to_bytes(self, linear: Floats) -> Bytes:
        """Linear Rec.709 (N, 3) to screen colours, 0 to 255; the same, quickly."""
        import cv2

        if not len(linear):
            return np.zeros((0, 3), np.uint8)
        wide = linear @ E_GAMUT_FROM_REC709.T
        stops = cv2.log(np.maximum(wide, np.float32(2.0**LOG2_LOW))) * np.float32(1.0 / np.log(2.0))
        scale = np.float32((SIZE - 1) / (LOG2_HIGH - LOG2_LOW))
        at = np.clip((stops - np.float32(LOG2_LOW)) * scale, 0.0, SIZE - 1)
        padded = np.zeros((-(-len(at) // 256) * 256, 3), np.float32)
        padded[: len(at)] = at
        red, green, blue = np.ascontiguousarray(padded.T).reshape(3, -1, 256)
        low = np.minimum(np.floor(blue), np.float32(SIZE - 2))
        x = red + low * np.float32(SIZE)
        screen = self._screen
        below = cv2.remap(screen, x, green, cv2.INTER_LINEAR)
        above = cv2.remap(screen, x + np.float32(SIZE), green, cv2.INTER_LINEAR)
        mixed = below + (above - below) * (blue - low)[..., None]
        return np.asarray(mixed + np.float32(0.5), np.uint8).reshape(-1, 3)[: len(at)]


@lru_cache(maxsize=1)
def agx() -> ToneTable | None:
    """Blender's AgX, or None where its table is missing or not as expected."""
    folder = blender_datafiles()
    path = folder / "colormanagement" / "luts" / "AgX_Base_sRGB.cube" if folder else None
    if path is None or not path.is_file():
        return None
    try:
        rec1886 = np.clip(_read_cube(path), 0.0, 1.0)
        return ToneTable(encoded(rec1886**2.4).astype(np.float32))
    except (OSError, ValueError):
        return None


def _read_cube(path: Path) -> Floats:
    """An Adobe .cube table, shape (N, N, N, 3); red runs fastest.

    Read in pieces: one call over the whole file would hold the interpreter, and with it the
    window, for longer than a frame.
    """
    lines = path.read_text(encoding="ascii").splitlines()
    size = next(int(line.split()[1]) for line in lines if line.startswith("LUT_3D_SIZE"))
    rows = [line for line in lines if line[:1] in "0123456789-." and line[:1]]
    if size != SIZE or len(rows) != size**3:
        raise ValueError(f"{path.name} holds {len(rows)} rows, not {SIZE}³")
    pieces = [
        np.array(" ".join(rows[i : i + 4096]).split(), dtype=np.float32)
        for i in range(0, len(rows), 4096)
    ]
    return np.concatenate(pieces).reshape(size, size, size, 3)


def encoded(linear: Floats) -> Floats:
    """Linear to sRGB (IEC 61966-2-1), clipped to [0, 1]."""
    x = np.clip(linear, 0.0, 1.0)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * np.power(x, 1 / 2.4) - 0.055)


def decoded(screen: Floats) -> Floats:
    """sRGB to linear."""
    return np.where(
        screen <= 0.04045, screen / 12.92, np.power((screen + 0.055) / 1.055, 2.4)
    ).astype(np.float32)


def to_screen(linear: Floats) -> Floats:
    table = agx()
    return encoded(linear) if table is None else table(linear)


def to_bytes(linear: Floats) -> Bytes:
    """Linear Rec.709 (N, 3) to screen colours, 0 to 255."""
    table = agx()
    if table is None:
        return np.asarray(encoded(linear) * 255.0 + 0.5, np.uint8)
    return table.to_bytes(linear)
