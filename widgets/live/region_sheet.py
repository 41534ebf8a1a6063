"""A sheet over the live picture on which the steering wheel's region is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.live.signs import paint_pill
from widgets.theme import color

if TYPE_CHECKING:
    from widgets.live.canvas import LiveCanvas

WORDS: Final = "Drag a box around the steering wheel's rim    Esc: leave it as it is"
LEAST: Final = 12.0
"""Pixels of the screen that a box has at least."""
_DIM: Final = QColor(10, 11, 13, 130)


class RegionSheet(QWidget):
    """Covers the canvas until a box was drawn or Esc was pressed; then it is gone.

    Signals
    -------
    drawn : tuple of float
        x, y, width and height as parts of the picture.
    """

    drawn = Signal(object)

    def __init__(self, canvas: LiveCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._begin: QPointF | None = None
        self._end: QPointF | None = None
        self.setAccessibleName(WORDS)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setGeometry(canvas.rect())
        canvas.installEventFilter(self)
        self.show()
        self.raise_()
        self.setFocus()

    @property
    def box(self) -> QRectF:
        """What is drawn so far, the sheet's pixels."""
        if self._begin is None or self._end is None:
            return QRectF()
        return QRectF(self._begin, self._end).normalized()

    def _picture(self) -> QRectF:
        """Where the picture lies."""
        placing = self._canvas.placing
        width, height = placing.picture
        whole = QRectF(placing.x, placing.y, width * placing.zoom, height * placing.zoom)
        return whole.intersected(QRectF(self.rect()))

    def _held(self, at: QPointF) -> QPointF:
        picture = self._picture()
        return QPointF(
            min(max(at.x(), picture.left()), picture.right()),
            min(max(at.y(), picture.top()), picture.bottom()),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin = self._end = self._held(event.position())
            self.update()
        else:
            self.leave()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._begin is not None:
            self._end = self._held(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._begin is None:
            return
        self._end = self._held(event.position())
        box = self.box
        if min(box.width(), box.height()) < LEAST:
            self._begin = self._end = None
            self.update()
            return
        placing = self._canvas.placing
        left, top = placing.to_picture(box.left(), box.top())
        right, bottom = placing.to_picture(box.right(), box.bottom())
        width, height = placing.picture
        x, y = max(left / width, 0.0), max(top / height, 0.0)
        self.drawn.emit((x, y, min(right / width, 1.0) - x, min(bottom / height, 1.0) - y))
        self.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            event.ignore()

    def leave(self) -> None:
        """Take the sheet away."""
        self._canvas.removeEventFilter(self)
        self._canvas.setFocus()
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
            self._begin = self._end = None
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QPainterPath()
        shade.addRect(QRectF(self.rect()))
        box = self.box
        if not box.isEmpty():
            hole = QPainterPath()
            hole.addRect(box)
            shade = shade.subtracted(hole)
        painter.fillPath(shade, _DIM)
        if not box.isEmpty():
            painter.setPen(QPen(color("accent"), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
        foot = QPointF(self.width() / 2.0, self.height() - 16.0)
        paint_pill(painter, foot, WORDS, self.font(), float(self.width()))
