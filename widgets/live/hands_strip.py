"""The last seconds of both hands: probabilities as curves over the states that are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.live.hands_marks import STATES
from widgets.live.strip import Strip
from widgets.theme import color

if TYPE_CHECKING:
    from inference.live.hands import LiveHands

SECONDS: Final = 30.0
MARKS: Final = (-30, -20, -10, 0)
_SIDES: Final = ("left", "right")
_CODES: Final = {"unknown": 0.0, "on": 1.0, "off": 2.0}
_NAMES: Final = {code: name for name, code in _CODES.items()}
_GAP: Final = 1.0
"""Seconds without a result after which a curve is broken."""


class HandsStrip(QWidget):
    """A row for each hand; a thin band under the curve tells the state."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Both hands over the last 30 seconds")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        names = tuple(f"{side}{what}" for side in _SIDES for what in ("", "_state"))
        self._strip = Strip(names, SECONDS)

    def sizeHint(self) -> QSize:
        return QSize(240, round(9.5 * QFontMetricsF(self.font()).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def add(self, published: float, hands: LiveHands | None) -> None:
        """Take a newer result."""
        values: dict[str, float] = {}
        if hands is not None:
            for side in _SIDES:
                hand = getattr(hands.now, side)
                values[side] = hand.probability
                values[f"{side}_state"] = _CODES[hand.told]
        self._strip.add(published, **values)
        self.update()

    def clear(self) -> None:
        """Begin anew, as with another source."""
        self._strip.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        label = metrics.horizontalAdvance("Right") + 8.0
        foot = metrics.height() + 2.0
        row = (self.height() - foot) / 2.0
        times, rows = self._strip.last()
        for k, side in enumerate(_SIDES):
            room = QRectF(label, k * row + 2.0, self.width() - label - 1.0, row - 6.0)
            painter.fillRect(room, color("sunk"))
            middle = QPen(color("line"), 1.0, Qt.PenStyle.DashLine)
            painter.setPen(middle)
            painter.drawLine(
                QPointF(room.left(), room.center().y()), QPointF(room.right(), room.center().y())
            )
            painter.setPen(color("muted"))
            words = QRectF(0.0, room.top(), label, room.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, side.capitalize())
            if len(times):
                self._paint_row(painter, room, times, rows[:, 2 * k], rows[:, 2 * k + 1])
        self._paint_marks(painter, label, foot)

    def _paint_row(
        self,
        painter: QPainter,
        room: QRectF,
        times: NDArray[np.float64],
        chances: NDArray[np.float32],
        states: NDArray[np.float32],
    ) -> None:
        x = room.left() + (1.0 + times / SECONDS) * room.width()
        for first, last in _runs(times, states):
            left, right = x[first], x[min(last, len(x) - 1)]
            state = STATES[_NAMES[float(states[first])]]
            band = QRectF(left, room.bottom() - 3.0, max(right - left, 1.0), 3.0)
            painter.fillRect(band, state)
            curve = slice(first, min(last + 1, len(x)))
            y = room.bottom() - 4.0 - np.clip(chances[curve], 0.0, 1.0) * (room.height() - 7.0)
            points = [
                QPointF(float(a), float(b))
                for a, b in zip(x[curve], y, strict=True)
                if np.isfinite(b)
            ]
            painter.setPen(QPen(QColor(state), 1.6))
            painter.drawPolyline(QPolygonF(points))

    def _paint_marks(self, painter: QPainter, label: float, foot: float) -> None:
        painter.setPen(color("muted"))
        width = self.width() - label - 1.0
        for mark in MARKS:
            text = "now" if mark == 0 else f"{mark} s".replace("-", "−")
            x = label + (1.0 + mark / SECONDS) * width
            wide = QFontMetricsF(self.font()).horizontalAdvance(text)
            left = min(max(x - wide / 2.0, label), self.width() - wide - 1.0)
            line = QRectF(left, self.height() - foot, wide + 2.0, foot)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, text)


def _runs(times: NDArray[np.float64], states: NDArray[np.float32]) -> list[tuple[int, int]]:
    """First and one past the last of each stretch of one state without a gap."""
    known = np.isfinite(states) & (states > 0.0)
    found, first = [], -1
    for k in range(len(states) + 1):
        goes_on = (
            first >= 0
            and k < len(states)
            and bool(known[k])
            and states[k] == states[first]
            and times[k] - times[k - 1] < _GAP
        )
        if goes_on:
            continue
        if first >= 0:
            found.append((first, k))
        first = k if k < len(states) and bool(known[k]) else -1
    return found
