"""Points that float beside the head in the viewport: landmarks as a model sees them in space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.geometry.rotations import Array
from widgets.viewport.navigation import View

if TYPE_CHECKING:
    from widgets.viewport.viewport import Viewport

NEAR: Final = QColor("#ffe08a")
FAR: Final = QColor("#4a78d6")
RIM: Final = QColor(10, 12, 14, 150)
SHADES: Final = 6
"""Steps of colour from the nearest to the farthest points."""


class FloatingPoints(QObject):
    """Points in the world, drawn over the picture, near ones bright and last.

    Attributes
    ----------
    points : ndarray, shape (N, 3), metres, or None
    large : ndarray of bool, shape (N,), or None
        Which are drawn larger.
    """

    def __init__(self, viewport: Viewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.points: Array | None = None
        self.large: NDArray[np.bool_] | None = None

    def show(self, points: Array | None, large: NDArray[np.bool_] | None = None) -> None:
        """Draw other points from now on, or none."""
        self.points, self.large = points, large
        self._viewport.update()

    def paint(self, painter: QPainter, view: View) -> None:
        if self.points is None or not len(self.points):
            return
        flat = view.project(self.points)
        away = -view.to_camera(self.points)[:, 2]
        good = np.isfinite(flat).all(axis=1) & np.isfinite(away)
        if not good.any():
            return
        least, most = float(away[good].min()), float(away[good].max())
        shade = ((away - least) / max(most - least, 1e-6) * (SHADES - 1)).round()
        large = np.zeros(len(flat), bool) if self.large is None else self.large
        for step in range(SHADES - 1, -1, -1):
            color = _between(NEAR, FAR, step / (SHADES - 1))
            for which, radius in ((~large, 1.3), (large, 2.6)):
                own = flat[good & which & (shade == step)]
                if radius > 2.0:
                    _dots(painter, own, RIM, radius + 1.0)
                _dots(painter, own, color, radius)


def _between(a: QColor, b: QColor, part: float) -> QColor:
    def mixed(x: int, y: int) -> int:
        return round(x + (y - x) * part)

    return QColor(mixed(a.red(), b.red()), mixed(a.green(), b.green()), mixed(a.blue(), b.blue()))


def _dots(painter: QPainter, flat: Array, color: QColor, radius: float) -> None:
    pen = QPen(color, 2.0 * radius)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in flat]))
