"""The curve of the time line: values of frames, and where no face was found."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from inference.live.trace import Measure
from widgets.theme import color

LEAST_TOP: Final = {Measure.ERROR: 0.05, Measure.SIGMA: 0.02, Measure.CONFIDENCE: 1.0}
"""What the height of the curve stands for at least."""


def draw_missing(painter: QPainter, area: QRectF, missing: NDArray[Any]) -> None:
    """A red line below where no face was found."""
    if not missing.any():
        return
    width = area.width() / len(missing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("error"))
    for first, last in runs(missing):
        left = area.left() + first * width
        painter.drawRect(QRectF(left, area.bottom() - 3, max((last - first) * width, 1.0), 3))


def draw_values(painter: QPainter, area: QRectF, values: NDArray[Any], measure: Measure) -> None:
    known = np.isfinite(values)
    if not known.any():
        return
    top = max(LEAST_TOP[measure], 1.1 * float(np.nanmax(values)))
    width = area.width() / len(values)
    x = area.left() + (np.arange(len(values)) + 0.5) * width
    y = area.bottom() - 3 - np.clip(values / top, 0.0, 1.0) * (area.height() - 6)
    line = color("success" if measure is Measure.CONFIDENCE else "warning")
    fill = color("success" if measure is Measure.CONFIDENCE else "warning")
    fill.setAlpha(36)
    for first, last in runs(known):
        points = [
            QPointF(float(a), float(b)) for a, b in zip(x[first:last], y[first:last], strict=True)
        ]
        if last - first == 1:
            points.append(points[0] + QPointF(max(width, 1.0), 0.0))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        floor = area.bottom() - 3
        ends = [QPointF(points[-1].x(), floor), QPointF(points[0].x(), floor)]
        painter.drawPolygon(QPolygonF(points + ends))
        painter.setPen(QPen(line, 1.2))
        painter.drawPolyline(QPolygonF(points))


def bridged(values: NDArray[Any], most: int) -> NDArray[Any]:
    """With gaps of up to so many places closed by straight lines: frames that were dropped."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2:
        return values
    places = np.arange(len(values))
    after = np.searchsorted(known, places)
    inside = (after > 0) & (after < len(known))
    apart = np.zeros(len(values))
    apart[inside] = known[after[inside]] - known[after[inside] - 1]
    filled = np.interp(places, known, values[known])
    return np.where(np.isfinite(values) | (inside & (apart <= most)), filled, np.nan)


def runs(flags: NDArray[Any]) -> list[tuple[int, int]]:
    """First place and the one after the last of each row of true values."""
    edges = np.flatnonzero(np.diff(np.r_[0, flags.astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
