"""Pictures of a head's surfaces, and tables, as VTK textures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkTexture

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

LARGEST_SIDE: Final = 2048
"""The viewport needs no finer picture, and a graphics card less memory."""


@dataclass(frozen=True)
class Map:
    texture: Any
    has_alpha: bool


class Textures:
    """The pictures of one asset's folder, each read once."""

    def __init__(self, folder: Path, largest: int = LARGEST_SIDE) -> None:
        self._folder, self._largest = folder, largest
        self._known: dict[tuple[str, bool], Map | None] = {}
        self._read: dict[str, Bytes | None] = {}
        self.warnings: list[str] = []

    def color(self, name: str | None) -> Map | None:
        """A picture in sRGB."""
        return self._get(name, True)

    def data(self, name: str | None) -> Map | None:
        """A picture of values: normals, roughness."""
        return self._get(name, False)

    def pixels(self, name: str | None) -> Bytes | None:
        """RGB or RGBA as it was read, top row first."""
        if name is None:
            return None
        if name not in self._read:
            self._read[name] = read_picture(self._folder / name, self._largest)
            if self._read[name] is None:
                self.warnings.append(f"The texture {name} could not be read.")
        return self._read[name]

    def _get(self, name: str | None, srgb: bool) -> Map | None:
        if name is None:
            return None
        key = (name, srgb)
        if key not in self._known:
            pixels = self.pixels(name)
            self._known[key] = None if pixels is None else from_bytes(pixels, srgb)
        return self._known[key]


def read_picture(path: Path, largest: int = LARGEST_SIDE) -> Bytes | None:
    """RGB or RGBA, shape (h, w, 3 or 4), top row first, no side over ``largest``."""
    import cv2

    try:
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if pixels is None:
        return _read_with_qt(path)
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        return None
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    elif pixels.shape[2] == 2:
        pixels = pixels[..., [0, 0, 0, 1]]
    scale = largest / max(pixels.shape[:2])
    if scale < 1.0:
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    swap = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(pixels, swap))


def _read_with_qt(path: Path) -> Bytes | None:
    """Formats that OpenCV lacks (TGA)."""
    from PySide6.QtGui import QImage

    image = QImage(str(path))
    if image.isNull():
        return None
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()


def from_bytes(pixels: Bytes, srgb: bool) -> Map:
    texture = vtkTexture()
    texture.SetInputData(_image(pixels[::-1]))
    texture.SetColorModeToDirectScalars()
    texture.SetUseSRGBColorSpace(srgb)
    texture.InterpolateOn()
    texture.MipmapOn()
    texture.SetMaximumAnisotropicFiltering(1.0)
    texture.RepeatOn()
    has_alpha = pixels.shape[2] == 4 and bool(pixels[..., 3].min() < 250)
    return Map(texture, has_alpha)


def from_floats(values: Floats) -> Any:
    """A table, shape (h, w, 3), row 0 at v = 0."""
    texture = vtkTexture()
    fill(texture, values)
    return texture


def fill(texture: Any, values: Floats, repeat: bool = False) -> None:
    texture.SetInputData(_image(values))
    texture.SetColorModeToDirectScalars()
    texture.InterpolateOn()
    texture.SetRepeat(repeat)
    if not repeat:
        texture.SetWrap(vtkTexture.ClampToEdge)
    texture.Modified()


def _image(values: NDArray[Any]) -> Any:
    height, width, channels = values.shape
    flat = np.ascontiguousarray(values).reshape(-1, channels)
    image = vtkImageData()
    image.SetDimensions(width, height, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(flat, deep=True))
    return image
