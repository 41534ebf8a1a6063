"""One picture of the head with the landmarks over it: chosen and dragged like those in 3-D."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.curate.side_views import SideView
from app.curate.surface import Indices, Spots
from app.geometry.rotations import Array
from widgets.theme import color
from widgets.viewport import overlay

REACH: Final = 9.0
_CLICK: Final = 3.0
_RIM: Final = QColor(10, 12, 14, 190)
_MOST_ZOOM: Final = 8.0


class PictureTile(QWidget):
    """Signals
    -------
    chosen : (int, bool)
        Index of the landmark that was clicked, -1 for none; whether Shift or Ctrl was held.
    dragged : (int, tuple of float, object)
        A landmark is dragged to a pixel of the picture; the object is the gesture.
    hovered : int
        Index of the landmark under the pointer, -1 for none.
    """

    chosen = Signal(int, bool)
    dragged = Signal(int, object, object)
    hovered = Signal(int)

    def __init__(self, seen: SideView) -> None:
        super().__init__()
        self.seen = seen
        picture = np.ascontiguousarray(seen.picture)
        height, width = picture.shape[:2]
        form = QImage.Format.Format_RGB888
        self.image = QImage(picture.data, width, height, 3 * width, form).copy()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(f"Picture: {seen.name}")
        self.setMinimumSize(120, 120)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.zoom = 1.0
        self._middle = QPointF(width / 2, height / 2)
        self._pixels: Array = np.zeros((0, 2))
        self._toward: Indices = np.zeros(0, dtype=bool)
        self._edges: Indices = np.zeros((0, 2), dtype=np.int64)
        self._marked: frozenset[int] = frozenset()
        self._hot = -1
        self._names: tuple[str, ...] = ()
        self._held: tuple[int, QPointF, object, bool] | None = None
        self._panned: QPointF | None = None
        self.movable = True

    def show_points(
        self, own: Spots, edges: Indices, names: tuple[str, ...], marked: frozenset[int]
    ) -> None:
        """Draw landmarks; ``marked`` are those that are chosen."""
        self._pixels, self._toward = self.seen.points(own)
        self._edges, self._names, self._marked = edges, names, marked
        self.update()

    def show_marked(self, marked: frozenset[int], hot: int) -> None:
        if (marked, hot) != (self._marked, self._hot):
            self._marked, self._hot = marked, hot
            self.update()

    # Geometry

    @property
    def scale(self) -> float:
        """Pixels of the widget for one of the picture."""
        fit = min(self.width() / self.image.width(), self.height() / self.image.height())
        return fit * self.zoom

    def to_widget(self, pixels: Array) -> Array:
        """Pixels of the picture (..., 2), (0, 0) the middle of the first, in the widget."""
        middle = np.array([self._middle.x(), self._middle.y()])
        half = np.array([self.width(), self.height()]) / 2.0
        return np.asarray((pixels + 0.5 - middle) * self.scale + half)

    def to_picture(self, at: QPointF) -> tuple[float, float]:
        x = (at.x() - self.width() / 2) / self.scale + self._middle.x() - 0.5
        y = (at.y() - self.height() / 2) / self.scale + self._middle.y() - 0.5
        return x, y

    def under(self, at: QPointF) -> int:
        """Index of the landmark at a point of the widget; -1 for none."""
        if not len(self._pixels):
            return -1
        gaps = np.hypot(*(self.to_widget(self._pixels) - [at.x(), at.y()]).T)
        gaps = np.where(self._toward & np.isfinite(gaps), gaps, np.inf)
        best = int(gaps.argmin())
        return best if gaps[best] <= REACH else -1

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def sizeHint(self) -> QSize:
        return QSize(220, 220)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(44, 44, 44))
        left, top = self.to_widget(np.array([-0.5, -0.5]))
        size = QSize(self.image.width(), self.image.height())
        whole = QRectF(left, top, size.width() * self.scale, size.height() * self.scale)
        painter.drawImage(whole, self.image)
        flat = self.to_widget(self._pixels)
        good = np.isfinite(flat).all(axis=1) & self._toward
        self._paint_edges(painter, flat, good)
        radius = 2.2 if len(flat) <= 150 else 1.5
        rest = good.copy()
        rest[[i for i in self._marked if i < len(rest)]] = False
        _dots(painter, flat[good], _RIM, radius + 1.0)
        _dots(painter, flat[rest], QColor("#e8ecf2"), radius)
        chosen = [i for i in self._marked if i < len(flat) and good[i]]
        _dots(painter, flat[chosen], color("accent"), radius + 1.2)
        if 0 <= self._hot < len(flat) and good[self._hot]:
            x, y = flat[self._hot]
            painter.setPen(QPen(QColor(255, 255, 255, 235), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, y), 6.0, 6.0)
        words = [(self.seen.name, overlay.TEXT)]
        if 0 <= self._hot < len(self._names):
            words.append((self._names[self._hot], overlay.DIM_TEXT))
        overlay.draw_words(painter, QPointF(8, 2), words, -1)
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 1.0))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_edges(self, painter: QPainter, flat: Array, good: Array) -> None:
        painter.setPen(QPen(QColor(232, 236, 242, 90), 1.0))
        for a, b in self._edges:
            if good[a] and good[b]:
                painter.drawLine(QPointF(*flat[a]), QPointF(*flat[b]))

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panned = at
        elif event.button() == Qt.MouseButton.LeftButton:
            found = self.under(at)
            more = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
            self.chosen.emit(found, bool(event.modifiers() & more))
            if found >= 0 and self.movable:
                self._held = (found, at, object(), False)
            elif found < 0 and self.zoom > 1.0:
                self._panned = at

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._panned is not None:
            self._middle -= (at - self._panned) / self.scale
            self._panned = at
            self.update()
        elif self._held is not None:
            index, start, gesture, moving = self._held
            if moving or (at - start).manhattanLength() > _CLICK:
                self._held = (index, start, gesture, True)
                self.dragged.emit(index, self.to_picture(at), gesture)
        else:
            self.hovered.emit(self.under(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = self._panned = None

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        before = self.to_picture(event.position())
        factor = 1.25 ** (event.angleDelta().y() / 120.0)
        self.zoom = min(max(self.zoom * factor, 1.0), _MOST_ZOOM)
        after = self.to_picture(event.position())
        self._middle += QPointF(before[0] - after[0], before[1] - after[1])
        if self.zoom == 1.0:
            self.show_all()
        self.update()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()

    def show_all(self) -> None:
        """The whole picture again."""
        self.zoom = 1.0
        self._middle = QPointF(self.image.width() / 2, self.image.height() / 2)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_0:
            self.show_all()
        else:
            super().keyPressEvent(event)


def _dots(painter: QPainter, flat: Array, tint: QColor, radius: float) -> None:
    pen = QPen(tint, 2.0 * radius)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in flat]))
