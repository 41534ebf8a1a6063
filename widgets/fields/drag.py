"""One drag of a number field."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QCursor


class Drag:
    """One drag: the unrounded value, and how far the cursor went although it is held in place.

    The cursor is set back to where it was pressed whenever it has gone far, so a drag never ends
    at the edge of the screen; where that is refused (Wayland) it simply moves on.
    """

    THRESHOLD: Final = 3.0
    LEASH: Final = 200.0

    def __init__(self, pressed: QPointF, value: float) -> None:
        self.start = self.value = value
        self.moving = False
        self._pressed = self._last = pressed
        self._held = False

    def travel(self, position: QPointF) -> float:
        """Pixels to the right since the last call."""
        if not self.moving:
            if abs(position.x() - self._pressed.x()) < self.THRESHOLD:
                return 0.0
            self.moving = True
        travel = position.x() - self._last.x()
        if self._held and abs(travel) > self.LEASH / 2:
            return 0.0
        self._held = False
        self._last = position
        if abs(position.x() - self._pressed.x()) > self.LEASH:
            self.put_cursor_back()
            if QCursor.pos() == self._pressed.toPoint():
                self._last, self._held = self._pressed, True
        return travel

    def put_cursor_back(self) -> None:
        QCursor.setPos(self._pressed.toPoint())
