"""Small pictures drawn once and laid down many times: hundreds of dots or numbers in one call.

A small dot is kept in four by four places within a pixel, so that it lies within an eighth of a
pixel of where it belongs and does not jump from pixel to pixel; large ones are kept in fewer.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPixmap, QTransform

from widgets.live.qt_arrays import QtArrays

Array = NDArray[np.floating[Any]]

PHASES: Final = ((12.0, 4), (24.0, 2), (np.inf, 1))
"""Places within a pixel, along one side, that dots up to a width are kept in."""

WIDEST: Final = 96.0
"""Device pixels across the largest dot that is kept as a picture."""

_STEP: Final = 0.25
"""Widths of dots are rounded to so many device pixels."""

_ROW: Final = 10
"""Numbers in a row of their sheet."""

_pieces: Final = QtArrays(QPainter.PixmapFragment, 10)


def lay_dots(
    painter: QPainter, points: Array, color: QColor, width: float, rim: float, rim_color: QColor
) -> None:
    """Dots about points, with a rim.

    Parameters
    ----------
    painter : QPainter
        Moved and scaled, never turned.
    points : ndarray, shape (N, 2) or (N, 3)
        In the painter's system.
    color, rim_color : QColor
    width, rim : float
        Across the dot, and of the rim on each side; the widget's pixels.
    """
    ratio = painter.device().devicePixelRatio()
    rounded = (
        max(round(size * ratio / _STEP), least) * _STEP for size, least in ((width, 2), (rim, 0))
    )
    sheet, cell, phases = _dots(*rounded, color.rgba(), rim_color.rgba())
    x, y = _on_device(painter, points)
    column, at_x = _phase(x, phases)
    row, at_y = _phase(y, phases)
    _lay(painter, sheet, at_x, at_y, column * cell, row * cell, (cell, cell))


def lay_numbers(
    painter: QPainter,
    points: Array,
    font: QFont,
    shift: float,
    ways: NDArray[np.float64],
    chosen: NDArray[np.int64],
) -> None:
    """The numbers of points beside them, from 0, white with a dark rim.

    Parameters
    ----------
    painter : QPainter
        As of `lay_dots`.
    points : ndarray, shape (N, 2) or (N, 3)
    font : QFont
        Its size in the widget's pixels.
    shift : float
        Such pixels from a point to the nearer edge of its number.
    ways : ndarray, shape (N, 2)
        Unit vectors from the points to their numbers.
    chosen : ndarray, shape (M,)
        Points whose numbers are laid down.
    """
    ratio = painter.device().devicePixelRatio()
    sheet, width, height = _numbers(len(points), font.toString(), ratio)
    digits = np.char.str_len(chosen.astype(str)) / len(str(len(points) - 1))
    half = np.stack([digits * (width - 4) / 2.0, np.full(len(chosen), (height - 4) * 0.38)], axis=1)
    x, y = _on_device(painter, points[chosen])
    away = ways[chosen] * (shift * ratio + half)
    x, y = np.rint(x + away[:, 0]), np.rint(y + away[:, 1])
    columns, rows = chosen % _ROW * width, chosen // _ROW * height
    _lay(painter, sheet, x, y, columns, rows, (width, height))


def _on_device(painter: QPainter, points: Array) -> tuple[Array, Array]:
    """Where points lie in pixels of the device."""
    place, ratio = painter.worldTransform(), painter.device().devicePixelRatio()
    x = (points[:, 0] * place.m11() + place.dx()) * ratio
    return x, (points[:, 1] * place.m22() + place.dy()) * ratio


def _phase(values: Array, phases: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Parts of a pixel, and the whole pixels below."""
    parts = np.rint(values * phases).astype(np.int64)
    return parts % phases, parts // phases


def _lay(
    painter: QPainter, sheet: QPixmap, x: Any, y: Any, left: Any, top: Any, size: tuple[int, int]
) -> None:
    """Pieces of a sheet about places in pixels of the device."""
    kept, ratio = painter.worldTransform(), painter.device().devicePixelRatio()
    painter.setWorldTransform(QTransform.fromScale(1.0 / ratio, 1.0 / ratio))
    with _pieces.lent(len(x)) as (pieces, first):
        for k, values in enumerate((x, y, left, top, *size, 1.0, 1.0, 0.0, 1.0)):
            pieces[:, k] = values
        painter.drawPixmapFragments(first, len(pieces), sheet)
    painter.setWorldTransform(kept)


@functools.lru_cache(maxsize=256)
def _dots(width: float, rim: float, color: int, rim_color: int) -> tuple[QPixmap, int, int]:
    """A sheet of one dot in all its places within a pixel, the side of a cell, places a side."""
    phases = next(count for most, count in PHASES if width <= most)
    cell = 2 * math.ceil((width + 2.0 * rim) / 2.0 + 1.0)

    def draw(painter: QPainter) -> None:
        for row in range(phases):
            for column in range(phases):
                x = column * cell + cell / 2.0 + column / phases
                y = row * cell + cell / 2.0 + row / phases
                if rim > 0.0:
                    painter.setBrush(QColor.fromRgba(rim_color))
                    painter.drawEllipse(QPointF(x, y), width / 2 + rim, width / 2 + rim)
                painter.setBrush(QColor.fromRgba(color))
                painter.drawEllipse(QPointF(x, y), width / 2, width / 2)

    return _sheet(phases * cell, phases * cell, draw), cell, phases


@functools.lru_cache(maxsize=16)
def _numbers(count: int, description: str, ratio: float) -> tuple[QPixmap, int, int]:
    """A sheet of the numbers from 0, and the size of a cell of it."""
    font = QFont()
    font.fromString(description)
    font.setPixelSize(max(round(font.pixelSize() * ratio), 5))
    metrics = QFontMetricsF(font)
    width = 2 * math.ceil(metrics.horizontalAdvance(str(count - 1)) / 2.0) + 4
    height = 2 * math.ceil(metrics.height() / 2.0) + 4

    def draw(painter: QPainter) -> None:
        painter.setFont(font)
        for number in range(count):
            box = QRectF(number % _ROW * width, number // _ROW * height, width, height)
            painter.setPen(QColor(8, 10, 12, 110))
            for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
                painter.drawText(box.translated(x, y), Qt.AlignmentFlag.AlignCenter, str(number))
            painter.setPen(QColor("white"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))

    return _sheet(_ROW * width, -(-count // _ROW) * height, draw), width, height


def _sheet(width: int, height: int, draw: Callable[[QPainter], None]) -> QPixmap:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    draw(painter)
    painter.end()
    return QPixmap.fromImage(image)
