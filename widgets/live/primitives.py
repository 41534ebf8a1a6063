"""Many lines and dots at once, and words that keep their size: what live overlays are made of.

Everything is in picture pixels with (0, 0) at the top left corner of the picture; a `Brushwork`
turns sizes on the screen into those. Arrays go to Qt as they lie in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPolygonF,
    QTransform,
)

from widgets.live.qt_arrays import QtArrays
from widgets.live.sprites import WIDEST, lay_dots

Array = NDArray[np.floating[Any]]

RIM: Final = QColor(8, 10, 12, 150)
"""Under what is drawn, so that it can be told from skin of any brightness."""

_lines: Final = QtArrays(QLineF, 4)


@dataclass(frozen=True)
class Brushwork:
    """A painter, and how large a pixel of the picture is on the screen.

    Attributes
    ----------
    painter : QPainter
        In picture pixels.
    scale : float
        Pixels of the screen for one of the picture.
    alpha : float
        0 to 1, of all that is drawn; `begin` sets the painter's opacity to a part of it.
    """

    painter: QPainter
    scale: float
    alpha: float = 1.0

    def begin(self, opacity: float) -> bool:
        """Draw with an opacity from now on; False where nothing would be seen."""
        seen = opacity * self.alpha
        self.painter.setOpacity(seen)
        return seen > 0.004

    def size(self, pixels: float) -> float:
        """Picture pixels of a size on the screen."""
        return pixels / self.scale

    @property
    def unit(self) -> float:
        """Pixels of the painter's own system, for one of the screen."""
        return self.painter.worldTransform().m11() / self.scale

    def pen(self, color: QColor, width: float) -> QPen:
        """A round pen of a width on the screen."""
        pen = QPen(color, self.size(width))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen

    def lines(self, segments: Array, color: QColor, width: float) -> None:
        """Straight lines (N, 4): from x, y to x, y."""
        count = len(segments)
        if count == 0:
            return
        pen = self.pen(color, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self.painter.setPen(pen)
        with _lines.lent(count) as (memory, first):
            memory[:] = segments
            self.painter.drawLines(first, count)

    def dots(self, points: Array, color: QColor, width: float, rim: float = 0.0) -> None:
        """Discs about points (N, 2) or (N, 3) of a width on the screen, with a dark rim."""
        if len(points) == 0:
            return
        across = width * self.unit
        if across <= WIDEST:
            lay_dots(self.painter, points, color, across, rim * self.unit, RIM)
            return
        x: Any = np.ascontiguousarray(points[:, 0], np.float64)
        y: Any = np.ascontiguousarray(points[:, 1], np.float64)
        for line, wide in ((RIM, width + 2.0 * rim), (color, width))[0 if rim else 1 :]:
            self.painter.setPen(self.pen(line, wide))
            self.painter.drawPointsNp(x, y)

    def fill(self, points: Array, color: QColor) -> None:
        """The inside of a polygon (N, 2) of few corners."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(color)
        self.painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points.tolist()]))


class Lettering:
    """Words over the picture, sharp and of one size whatever the zoom.

    Parameters
    ----------
    brush : Brushwork
    pixels : float
        Height of the type on the screen.
    bold : bool
    """

    def __init__(self, brush: Brushwork, pixels: float, bold: bool = False) -> None:
        self._painter = brush.painter
        self._place = QTransform(brush.painter.worldTransform())
        self.unit = brush.unit
        self.font = QFont(self._painter.font())
        self.font.setPixelSize(max(round(pixels * self.unit), 5))
        self.font.setBold(bold)
        self.metrics = QFontMetricsF(self.font)

    def __enter__(self) -> Lettering:
        self._painter.save()
        self._painter.setWorldTransform(QTransform())
        self._painter.setFont(self.font)
        return self

    def __exit__(self, *_: object) -> None:
        self._painter.restore()

    def place(self, x: float, y: float) -> QPointF:
        """Where a point of the picture lies now."""
        return self._place.map(QPointF(float(x), float(y)))

    def tag(self, at: QPointF, text: str, ground: QColor, color: QColor) -> QRectF:
        """Words on a rounded ground whose lower left corner is at a place."""
        pad = 5.0 * self.unit
        width = max(
            self.metrics.horizontalAdvance(text) + 2.0 * pad, self.metrics.height() + 0.4 * pad
        )
        height = self.metrics.height() + 0.4 * pad
        box = QRectF(at.x(), at.y() - height, width, height)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(ground)
        self._painter.drawRoundedRect(box, 3.0 * self.unit, 3.0 * self.unit)
        self._painter.setPen(color)
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return box


def segments(points: Array, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lines (E, 4) between pairs (E, 2) of points (N, 2) or (N, 3)."""
    flat = np.asarray(points[:, :2], np.float64)
    return flat[edges].reshape(-1, 4)
