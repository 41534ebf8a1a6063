"""A picture that can be zoomed at the cursor and moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

LARGEST_ZOOM: Final = 64.0
ZOOM_STEP: Final = 1.2
SMALLEST: Final = 170
"""Screen pixels that a picture gets at least, in height."""
SMOOTH_BELOW: Final = 2.0
"""Pixels are shown as squares from this zoom on."""


@dataclass(frozen=True)
class Scale:
    """A colour scale beside the picture: colours from ``low`` to ``high`` metres."""

    colors: Sequence[tuple[int, int, int]]
    low: float
    high: float


class PictureView(QWidget):
    """Fits the picture until the person zooms; then keeps to that, also for the next picture.

    Signals
    -------
    hovered : ((x, y) or None)
        The pixel under the cursor.
    zoomed : (float)
        Screen pixels per pixel of the picture.
    """

    hovered = Signal(object)
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self._size = QSize()
        self._scale: Scale | None = None
        self._message = ""
        self._fit = True
        self._zoom = 1.0
        self._origin = QPointF()
        self._grabbed: QPointF | None = None
        self.setObjectName("PictureView")
        self.setAccessibleName("Rendered picture")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(320, 250)

    # --- what is shown -------------------------------------------------------------------------

    def set_picture(self, image: QImage | None, scale: Scale | None = None) -> None:
        """Show a picture; one of another size in the same frame keeps its place."""
        before = self._size
        self._pixmap = QPixmap() if image is None else QPixmap.fromImage(image)
        self._size = self._pixmap.size()
        self._scale = scale
        if self._fit or before.isEmpty() or self._size.isEmpty():
            self.fit()
        elif before != self._size:
            self._zoom *= before.width() / self._size.width()
            self._clamp()
        self.update()

    def set_message(self, text: str) -> None:
        """A line in the middle while there is no picture."""
        self._message = text
        self.update()

    def ask_height(self, room: int) -> None:
        """Take the height that the picture needs at this width, if ``room`` has it."""
        ratio = 0.75 if self._size.isEmpty() else self._size.height() / self._size.width()
        self.setMinimumHeight(max(SMALLEST, min(round(self.width() * ratio), room)))

    @property
    def has_picture(self) -> bool:
        return not self._pixmap.isNull()

    @property
    def zoom(self) -> float:
        """Screen pixels per pixel of the picture."""
        return self._zoom * self.devicePixelRatioF()

    def fit(self) -> None:
        """Show all of it, as large as it goes."""
        self._fit = True
        if not self._size.isEmpty():
            self._zoom = min(self.width() / self._size.width(), self.height() / self._size.height())
            self._centre()
        self.update()
        self.zoomed.emit(self.zoom)

    def actual_size(self) -> None:
        """One pixel of the picture on one pixel of the screen."""
        self.zoom_at(QPointF(self.rect().center()), 1.0 / max(self.zoom, 1e-9))

    def zoom_at(self, place: QPointF, factor: float) -> None:
        """Zoom and keep what lies under ``place`` where it is."""
        if self._size.isEmpty():
            return
        smallest = min(self.width() / self._size.width(), self.height() / self._size.height(), 1.0)
        largest = LARGEST_ZOOM / self.devicePixelRatioF()
        zoom = min(max(self._zoom * factor, smallest * 0.5), largest)
        self._origin = place - (place - self._origin) * (zoom / self._zoom)
        self._zoom, self._fit = zoom, False
        self._clamp()
        self.update()
        self.zoomed.emit(self.zoom)

    def pixel_at(self, place: QPointF) -> tuple[int, int] | None:
        """The pixel under a place of the widget."""
        if self._size.isEmpty():
            return None
        spot = (place - self._origin) / self._zoom
        x, y = int(spot.x() // 1), int(spot.y() // 1)
        inside = 0 <= x < self._size.width() and 0 <= y < self._size.height()
        return (x, y) if inside else None

    def _centre(self) -> None:
        self._origin = QPointF(
            (self.width() - self._size.width() * self._zoom) / 2,
            (self.height() - self._size.height() * self._zoom) / 2,
        )

    def _clamp(self) -> None:
        """Never lose the picture: a part of it stays in the middle."""
        for side in ("x", "y"):
            room = self.width() if side == "x" else self.height()
            length = (self._size.width() if side == "x" else self._size.height()) * self._zoom
            at = self._origin.x() if side == "x" else self._origin.y()
            at = min(max(at, room / 2 - length), room / 2)
            if side == "x":
                self._origin.setX(at)
            else:
                self._origin.setY(at)

    # --- events --------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._size.isEmpty():
            event.ignore()
            return
        self.zoom_at(event.position(), ZOOM_STEP ** (event.angleDelta().y() / 120.0))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = event.position()
            if not self._size.isEmpty():
                self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and not self._size.isEmpty():
            self._origin += event.position() - self._grabbed
            self._grabbed = event.position()
            self._fit = False
            self._clamp()
            self.update()
        self.hovered.emit(self.pixel_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._fit:
            self.zoom_at(event.position(), 1.0 / max(self.zoom, 1e-9))
        else:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = QPointF(self.rect().center())
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_at(middle, ZOOM_STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom_at(middle, 1.0 / ZOOM_STEP)
        elif event.key() == Qt.Key.Key_1:
            self.actual_size()
        elif event.key() in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.fit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._fit:
            self.fit()
        else:
            self._clamp()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        if self._size.isEmpty():
            dim = QColor(palette.color(QPalette.ColorRole.Text))
            dim.setAlphaF(0.62)
            painter.setPen(dim)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), int(flags), self._message)
            return
        painter.save()
        if self.zoom < SMOOTH_BELOW:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(self._origin)
        painter.scale(self._zoom, self._zoom)
        painter.drawPixmap(QPoint(0, 0), self._pixmap)
        painter.restore()
        if self._scale is not None:
            self._paint_scale(painter, self._scale)

    def _paint_scale(self, painter: QPainter, scale: Scale) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        texts = [f"{scale.low:.3f} m", f"{scale.high:.3f} m"]
        text_width = max(metrics.horizontalAdvance(text) for text in texts)
        height = min(self.height() - 24, 150)
        if height < 50:
            return
        plate = QRectF(8, self.height() - height - 16, text_width + 34, height + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(16, 17, 19, 190))
        painter.drawRoundedRect(plate, 4, 4)
        bar = QRectF(plate.left() + 8, plate.top() + 8, 10, plate.height() - 16)
        gradient = QLinearGradient(bar.topLeft(), bar.bottomLeft())
        last = len(scale.colors) - 1
        for i, color in enumerate(scale.colors):
            gradient.setColorAt(i / last, QColor(*color))
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 2, 2)
        painter.setPen(QPen(QColor(235, 236, 238)))
        left = int(bar.right()) + 7
        painter.drawText(left, int(bar.top()) + metrics.ascent() - 2, texts[0])
        painter.drawText(left, int(bar.bottom()), texts[1])
        if height >= 90:
            middle = f"{(scale.low + scale.high) / 2:.3f} m"
            painter.drawText(left, int(bar.center().y()) + metrics.ascent() // 2 - 1, middle)
