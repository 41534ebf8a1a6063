"""A widget whose picture is zoomed at the pointer and moved by dragging or with the arrows."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.live.placing import Placing

ZOOM_STEP: Final = 1.2
MOVE_STEP: Final = 40.0

_MOVES: Final = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class PlacedWidget(QWidget):
    """Wheel zooms, dragging moves, a double click fits or shows two pixels for one.

    Attributes
    ----------
    placing : Placing
        Where the picture lies.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.placing = Placing()
        self._grabbed: QPointF | None = None

    @property
    def fitted(self) -> bool:
        """Whether all of the picture is shown, as large as it goes."""
        return self.placing.fitted

    def fit(self) -> None:
        """Show all of the picture, as large as it goes."""
        self.move_to(self.placing.fit())

    def actual_size(self) -> None:
        """One pixel of the picture on one of the screen."""
        self._zoom_to(1.0 / self.devicePixelRatioF())

    def zoom_in(self) -> None:
        """Larger, about the middle."""
        self._zoom_to(self.placing.zoom * ZOOM_STEP)

    def zoom_out(self) -> None:
        """Smaller, about the middle."""
        self._zoom_to(self.placing.zoom / ZOOM_STEP)

    def _zoom_to(self, zoom: float) -> None:
        middle = (self.width() / 2.0, self.height() / 2.0)
        self.move_to(self.placing.zoomed(middle, zoom / self.placing.zoom))

    def move_to(self, placing: Placing) -> None:
        """Show the picture in another place."""
        self.placing = placing
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        at = event.position()
        factor = ZOOM_STEP ** (event.angleDelta().y() / 120.0)
        self.move_to(self.placing.zoomed((at.x(), at.y()), factor))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and not self.placing.empty:
            way = event.position() - self._grabbed
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.move_to(self.placing.moved(way.x(), way.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.placing.fitted:
            at = event.position()
            zoom = 2.0 / self.devicePixelRatioF()
            self.move_to(self.placing.zoomed((at.x(), at.y()), zoom / self.placing.zoom))
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _MOVES and not self.placing.fitted:
            x, y = _MOVES[key]
            self.move_to(self.placing.moved(x * MOVE_STEP, y * MOVE_STEP))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.fit()
        else:
            super().keyPressEvent(event)
