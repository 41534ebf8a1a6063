"""Colour scales of the overlay panel, with what their ends and marks mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

BAR: Final = 12.0
GAP: Final = 4.0

Mark = tuple[float, str]
"""Place along the scale, 0 to 1, and its words."""


class Legend(QWidget):
    """A bar of colours from left to right with words below it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._colors: Sequence[QColor] = ()
        self.marks: Sequence[Mark] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scale(self, colors: Sequence[QColor], marks: Sequence[Mark]) -> None:
        """Colours at even steps from left to right, and what stands below them."""
        self._colors, self.marks = tuple(colors), tuple(marks)
        said = ", ".join(text for _, text in marks)
        self.setAccessibleName(f"{self._name}: {said}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, round(BAR + GAP + self.fontMetrics().height() + 2))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = float(self.width())
        ramp = QLinearGradient(QPointF(0, 0), QPointF(width, 0))
        last = max(len(self._colors) - 1, 1)
        for k, color in enumerate(self._colors):
            ramp.setColorAt(k / last, color if self.isEnabled() else _grey(color))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ramp)
        painter.drawRoundedRect(QRectF(0, 0, width, BAR), 3, 3)
        metrics = self.fontMetrics()
        group = QPalette.ColorGroup.Normal if self.isEnabled() else QPalette.ColorGroup.Disabled
        ink = self.palette().color(group, QPalette.ColorRole.WindowText)
        free = -1e9
        for place, text in self.marks:
            wide = metrics.horizontalAdvance(text)
            left = min(max(place * width - wide / 2.0, 0.0), width - wide)
            ink.setAlpha(90)
            painter.setPen(ink)
            x = min(max(place * width, 0.5), width - 0.5)
            painter.drawLine(QPointF(x, BAR), QPointF(x, BAR + GAP - 1))
            if left < free:
                continue
            ink.setAlpha(200)
            painter.setPen(ink)
            painter.drawText(QPointF(left, BAR + GAP + metrics.ascent()), text)
            free = left + wide + 8.0


def _grey(color: QColor) -> QColor:
    level = round(0.5 * color.lightness())
    return QColor(level, level, level)
