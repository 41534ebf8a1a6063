"""A frame of a data set as a small picture: its colours, landmarks, depth or mask."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPen, QPolygonF

from app.dataset.files import ANNOTATION_LIMIT, NAMES
from app.files import read_bytes

Look = Literal["color", "landmarks", "depth", "mask"]
LOOKS: Final[tuple[tuple[Look, str, str], ...]] = (
    ("color", "Picture", "As it was written."),
    ("landmarks", "Landmarks", "iBUG-68 and the dense points; hollow where they are hidden."),
    ("depth", "Depth", "Near is bright; the colours run over the depth of the head."),
    ("mask", "Mask", "Skin, eyes, hair, other, background, occluder."),
)
POINTS: Final = QColor("#7dffb0")
DENSE: Final = QColor(255, 255, 255, 150)
OUTLINE: Final = QColor("#ffb454")


def sibling(rgb: Path, kind: str) -> Path:
    """Another file of the frame whose picture is ``rgb``; ``kind`` is one of `NAMES`."""
    prefix, suffix = NAMES[kind]
    own = rgb.stem.partition("_")[2]
    return rgb.with_name(f"{prefix}_{own}.{suffix}")


def frame_picture(rgb: Path, look: Look, size: QSize) -> QImage | None:
    """A frame within ``size`` device pixels; None where its files can't be read (yet)."""
    try:
        if look == "depth":
            return _fitted(_depth(rgb), size)
        if look == "mask":
            mask = QImage(str(sibling(rgb, "mask"))).convertToFormat(QImage.Format.Format_RGB32)
            return None if mask.isNull() else _fitted(mask, size, smooth=False)
        image = _color(rgb, size)
        if image is not None and look == "landmarks":
            _mark(image, rgb)
        return image
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _color(rgb: Path, size: QSize) -> QImage | None:
    reader = QImageReader(str(rgb))
    full = reader.size()
    if full.isValid():
        reader.setScaledSize(full.scaled(size, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image.convertToFormat(QImage.Format.Format_RGB32)


def _depth(rgb: Path) -> QImage:
    from app.dataset.depth_exr import read_depth
    from app.scene.depth_view import depth_picture, depth_range

    depth = read_depth(sibling(rgb, "depth"))
    mask = QImage(str(sibling(rgb, "mask"))).convertToFormat(QImage.Format.Format_RGB32)
    near, far = depth_range(depth, _head(mask, depth.shape))
    return to_image(depth_picture(depth, near, far, "viridis"))


def _head(mask: QImage, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    """Where a mask is not background."""
    if mask.isNull() or (mask.height(), mask.width()) != shape:
        return None
    from app.scene.segments import PALETTE

    pixels = np.frombuffer(mask.constBits(), np.uint8).reshape(*shape, 4)[..., 2::-1]
    return np.asarray((pixels != np.array(PALETTE[0])).any(axis=-1))


def _mark(image: QImage, rgb: Path) -> None:
    """Draw the landmarks of the frame's annotation over its picture."""
    from app.dataset.annotation import decode
    from app.topology.truth import OUTLINE as OUTLINE_NAME

    path = sibling(rgb, "annotation")
    content = decode(read_bytes(path, ANNOTATION_LIMIT), path.name)
    scale = image.width() / content["camera"]["width"]
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    marks = content["landmarks"]
    for name, color, radius in (
        ("dense-520", DENSE, 0.7),
        ("ibug-68", POINTS, 1.7),
        (OUTLINE_NAME, OUTLINE, 1.3),
    ):
        if name in marks:
            _draw(painter, marks[name], scale, color, radius * max(1.0, image.width() / 220))
    painter.end()


def _draw(
    painter: QPainter, marks: dict[str, Any], scale: float, color: QColor, radius: float
) -> None:
    seen, hidden = QPolygonF(), QPolygonF()
    for pixel, visible in zip(marks["pixels"], marks["visible"], strict=True):
        if pixel is not None:
            at = QPointF((pixel[0] + 0.5) * scale, (pixel[1] + 0.5) * scale)
            (seen if visible else hidden).append(at)
    faint = QColor(color)
    faint.setAlpha(color.alpha() // 3)
    for points, tint in ((hidden, faint), (seen, color)):
        pen = QPen(tint, 2 * radius)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(points)


def _fitted(image: QImage, size: QSize, *, smooth: bool = True) -> QImage:
    mode = (
        Qt.TransformationMode.SmoothTransformation
        if smooth
        else Qt.TransformationMode.FastTransformation
    )
    return image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode)


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """RGB (H, W, 3) as an image of its own."""
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    return QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
