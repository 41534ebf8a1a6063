"""Small pictures drawn once and laid down many times: hundreds of dots or numbers in one call.

A dot is kept in four by four places within a pixel, so that it lies within an eighth of a pixel of
where it belongs and does not jump from pixel to pixel.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPixmap, QTransform

Array = NDArray[np.floating[Any]]

PHASES: Final = 4
WIDEST: Final = 96.0
"""Device pixels across the largest dot that is kept as a picture."""

_STEP: Final = 0.25
"""Widths of dots are rounded to so many device pixels."""

_ROW: Final = 10
"""Numbers in a row of their sheet."""


def lay_dots(
    painter: QPainter, points: Array, color: QColor, width: float, rim: float, rim_color: QColor
) -> None:
    """Dots about points, with a rim.

    Parameters
    ----------
    painter : QPainter
        Moved and scaled, never turned, on a device of one pixel a unit.
    points : ndarray, shape (N, 2) or (N, 3)
        In the painter's system.
    color, rim_color : QColor
    width, rim : float
        Across the dot, and of the rim on each side; device pixels.
    """
    rounded = max(round(width / _STEP), 2) * _STEP, round(rim / _STEP) * _STEP
    sheet, cell = _dots(*rounded, color.rgba(), rim_color.rgba())
    place = painter.worldTransform()
    x = points[:, 0] * place.m11() + place.dx()
    y = points[:, 1] * place.m22() + place.dy()
    column, at_x = _phase(x)
    row, at_y = _phase(y)
    pieces = _pieces(at_x, at_y, column * cell, row * cell, cell, cell)
    _lay(painter, pieces, sheet)


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
        Its size in device pixels.
    shift : float
        Device pixels from a point to the nearer edge of its number.
    ways : ndarray, shape (N, 2)
        Unit vectors from the points to their numbers.
    chosen : ndarray, shape (M,)
        Points whose numbers are laid down.
    """
    sheet, width, height = _numbers(len(points), font.key())
    digits = np.char.str_len(chosen.astype(str)) / len(str(len(points) - 1))
    half = np.stack([digits * (width - 4) / 2.0, np.full(len(chosen), (height - 4) * 0.38)], axis=1)
    place = painter.worldTransform()
    away = ways[chosen] * (shift + half)
    x = np.rint(points[chosen, 0] * place.m11() + place.dx() + away[:, 0])
    y = np.rint(points[chosen, 1] * place.m22() + place.dy() + away[:, 1])
    columns, rows = chosen % _ROW * width, chosen // _ROW * height
    _lay(painter, _pieces(x, y, columns, rows, width, height), sheet)


def _phase(values: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Quarters of a pixel, and the whole pixels below."""
    quarters = np.rint(values * PHASES).astype(np.int64)
    return quarters % PHASES, quarters // PHASES


def _pieces(x: Any, y: Any, left: Any, top: Any, width: int, height: int) -> NDArray[np.float64]:
    """As Qt has pieces of a sheet that are laid down about a place."""
    pieces = np.empty((len(x), 10))
    for k, values in enumerate((x, y, left, top, width, height, 1.0, 1.0, 0.0, 1.0)):
        pieces[:, k] = values
    return pieces


def _lay(painter: QPainter, pieces: NDArray[np.float64], sheet: QPixmap) -> None:
    if not len(pieces):
        return
    kept = painter.worldTransform()
    painter.setWorldTransform(QTransform())
    first: Any = shiboken6.wrapInstance(pieces.ctypes.data, QPainter.PixmapFragment)
    painter.drawPixmapFragments(first, len(pieces), sheet)
    painter.setWorldTransform(kept)


@functools.lru_cache(maxsize=256)
def _dots(width: float, rim: float, color: int, rim_color: int) -> tuple[QPixmap, int]:
    """A sheet of one dot in all its places within a pixel, and the side of a cell of it."""
    cell = 2 * math.ceil((width + 2.0 * rim) / 2.0 + 1.0)

    def draw(painter: QPainter) -> None:
        for row in range(PHASES):
            for column in range(PHASES):
                x = column * cell + cell / 2.0 + column / PHASES
                y = row * cell + cell / 2.0 + row / PHASES
                if rim > 0.0:
                    painter.setBrush(QColor.fromRgba(rim_color))
                    painter.drawEllipse(QPointF(x, y), width / 2 + rim, width / 2 + rim)
                painter.setBrush(QColor.fromRgba(color))
                painter.drawEllipse(QPointF(x, y), width / 2, width / 2)

    return _sheet(PHASES * cell, PHASES * cell, draw), cell


@functools.lru_cache(maxsize=16)
def _numbers(count: int, key: str) -> tuple[QPixmap, int, int]:
    """A sheet of the numbers from 0, and the size of a cell of it."""
    font = QFont()
    font.fromString(key)
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
