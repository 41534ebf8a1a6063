"""The line under the picture: where one is, in and out, and how good the frames were."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inference.live.trace import Measure, Trace
from widgets.live.timeline_curve import bridged, draw_missing, draw_values
from widgets.theme import color

RULER: Final = 16
"""Height of the row of times."""
HEIGHT: Final = 64
EDGE: Final = 8
REDRAW_MS: Final = 200
"""The curve follows so much later at most; the playhead at once."""
BRIDGED: Final = 0.5
"""Seconds without a value over which the curve goes on."""
KEYS: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_PageDown: 10,
}
STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600)


class Timeline(QWidget):
    """Click or drag to go to a frame.

    Signals
    -------
    sought : int
        A frame that the user wants to see.
    """

    sought = Signal(int)

    def __init__(self, trace: Trace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Time line")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._trace = trace
        self._length, self._rate = 0, 25.0
        self._index: int | None = None
        self._span: tuple[int, int | None] = (0, None)
        self._hovered: int | None = None
        self._curve: QPixmap | None = None
        self._drawn = -1
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(640, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    @property
    def length(self) -> int:
        return self._length

    def set_clip(self, length: int, rate: float) -> None:
        """Frames of the whole clip, and how many of them a second has."""
        if (length, rate) != (self._length, self._rate):
            self._length, self._rate = length, rate
            self._curve = None
            self.update()

    def set_index(self, index: int | None) -> None:
        """Where the playhead stands."""
        if index != self._index:
            self._index = index
            self.update()

    def set_span(self, span: tuple[int, int | None]) -> None:
        if span != self._span:
            self._span = span
            self.update()

    def trace_changed(self) -> None:
        """New values are there."""
        if self._drawn != self._trace.version and not self._redraw.isActive():
            self._redraw.start()

    # Places

    def x_of(self, index: float) -> float:
        """Middle of a frame in the widget's pixels."""
        return EDGE + (index + 0.5) / max(self._length, 1) * self._inner

    def index_at(self, x: float) -> int:
        """The frame at a place in the widget's pixels."""
        index = math.floor((x - EDGE) / self._inner * self._length)
        return min(max(index, 0), max(self._length - 1, 0))

    @property
    def _inner(self) -> float:
        return max(self.width() - 2 * EDGE, 1)

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._length:
            self._seek(self.index_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._length:
            return
        index = self.index_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton and index != self._index:
            self._seek(index)
        if index != self._hovered:
            self._hovered = index
            QToolTip.showText(event.globalPosition().toPoint(), self.told(index), self)
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = KEYS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Home:
            self._seek(self._span[0])
        elif event.key() == Qt.Key.Key_End:
            last = self._span[1]
            self._seek(self._length - 1 if last is None else last)
        elif step is not None and self._index is not None:
            self._seek(self._index + step)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._curve = None

    def _seek(self, index: int) -> None:
        index = min(max(index, 0), max(self._length - 1, 0))
        self.set_index(index)
        self.sought.emit(index)

    def told(self, index: int) -> str:
        """What is known of a frame, in words."""
        words = f"{clock(index / self._rate)} · frame {index}"
        value = self._trace.at(index)
        if math.isfinite(value):
            return f"{words}\n{measured(self._trace.measure, value)}"
        return f"{words}\nno face" if self._trace.seen(index) else words

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("window"))
        if not self._length:
            return
        stale = self._drawn != self._trace.version and not self._redraw.isActive()
        if self._curve is None or stale:
            self._curve = self._draw_curve()
        painter.drawPixmap(0, 0, self._curve)
        self._paint_span(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._hovered is not None:
            x = self.x_of(self._hovered)
            painter.setPen(QPen(color("faint"), 1.0))
            painter.drawLine(QPointF(x, RULER), QPointF(x, self.height() - 4))
        if self._index is not None:
            self._paint_playhead(painter, self.x_of(self._index))
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)

    @property
    def _area(self) -> QRectF:
        """Where the curve lies."""
        return QRectF(EDGE, RULER, self._inner, self.height() - RULER - 4)

    def _paint_playhead(self, painter: QPainter, x: float) -> None:
        painter.setPen(QPen(color("accent"), 1.5))
        painter.drawLine(QPointF(x, RULER - 4), QPointF(x, self.height() - 4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        top = RULER - 12
        painter.drawPolygon(
            QPolygonF([QPointF(x - 5, top), QPointF(x + 5, top), QPointF(x, RULER - 2)])
        )

    def _paint_span(self, painter: QPainter) -> None:
        first, last = self._span
        area = self._area
        shade = color("black")
        shade.setAlpha(150)
        half = 0.5 * self._inner / self._length
        if first > 0:
            x = self.x_of(first) - half
            painter.fillRect(QRectF(area.left(), area.top(), x - area.left(), area.height()), shade)
            self._bracket(painter, x, 1)
        if last is not None and last < self._length - 1:
            x = self.x_of(last) + half
            painter.fillRect(QRectF(x, area.top(), area.right() - x, area.height()), shade)
            self._bracket(painter, x, -1)

    def _bracket(self, painter: QPainter, x: float, way: int) -> None:
        area = self._area
        painter.setPen(QPen(color("warning"), 2.0))
        ends = [QPointF(x + 5 * way, area.top() + 1), QPointF(x, area.top() + 1)]
        ends += [QPointF(x, area.bottom() - 1), QPointF(x + 5 * way, area.bottom() - 1)]
        painter.drawPolyline(QPolygonF(ends))

    def _draw_curve(self) -> QPixmap:
        """Ruler and curve, which change less often than the playhead."""
        self._drawn = self._trace.version
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(color("window"))
        painter = QPainter(picture)
        area = self._area
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("sunk"))
        painter.drawRoundedRect(area, 3, 3)
        self._draw_ruler(painter)
        count = max(2, min(int(self._inner), self._length))
        values, missing = self._trace.columns(count, self._length)
        most = math.ceil(BRIDGED * self._rate * count / self._length)
        draw_missing(painter, area, missing)
        draw_values(painter, area, bridged(values, most), self._trace.measure)
        painter.end()
        return picture

    def _draw_ruler(self, painter: QPainter) -> None:
        seconds = self._length / self._rate
        step = next((s for s in STEPS if s / seconds * self._inner >= 72), STEPS[-1])
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        for number in range(int(seconds / step) + 1):
            x = EDGE + number * step / seconds * self._inner
            painter.setPen(color("line"))
            painter.drawLine(QPointF(x, RULER), QPointF(x, self.height() - 4))
            painter.setPen(color("muted"))
            box = QRectF(x + 4, 0, 70, RULER - 2)
            if box.left() + 40 < self.width():
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, clock(number * step, step < 1))


def clock(seconds: float, tenths: bool = False) -> str:
    """``1:04``, ``1:01:04``; with tenths ``1:04.5``."""
    whole = int(seconds + 1e-9)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    return f"{text}.{int((seconds - whole) * 10 + 1e-6)}" if tenths else text


def measured(measure: Measure, value: float) -> str:
    """A value in words."""
    if measure is Measure.CONFIDENCE:
        return f"confidence {value:.2f}"
    what = "error" if measure is Measure.ERROR else "expected error (σ)"
    return f"{what} {100.0 * value:.1f} % of the distance of the eyes"
