"""How far each part of the driven face is moved, as small bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import theme
from widgets.viewport import overlay

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Brows": ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft")
    + ("browDownRight",),
    "Lids": ("eyeBlinkLeft", "eyeBlinkRight"),
    "Eyes wide": ("eyeWideLeft", "eyeWideRight"),
    "Jaw": ("jawOpen",),
    "Smile": ("mouthSmileLeft", "mouthSmileRight"),
    "Lips": ("mouthPucker", "mouthFunnel", "mouthStretchLeft", "mouthStretchRight")
    + ("mouthFrownLeft", "mouthFrownRight", "mouthLeft", "mouthRight"),
}
ROW: Final = 17
COLUMNS: Final = 2


class ActionBars(QWidget):
    """The strongest action of each group."""

    def __init__(self) -> None:
        super().__init__()
        self.values = dict.fromkeys(GROUPS, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What the face does")

    def show_actions(self, actions: Mapping[str, float]) -> None:
        self.values = {
            group: max(actions.get(name, 0.0) for name in names) for group, names in GROUPS.items()
        }
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, ROW * -(-len(GROUPS) // COLUMNS) + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        overlay.set_font(painter, -1)
        words = max(painter.fontMetrics().horizontalAdvance(name) for name in GROUPS) + 8
        gap, wide = 14.0, self.width() / COLUMNS
        rows = -(-len(GROUPS) // COLUMNS)
        for place, (name, value) in enumerate(self.values.items()):
            column, row = divmod(place, rows)
            left, top = column * wide + (gap / 2 if column else 0.0), 2.0 + row * ROW
            painter.setPen(theme.color("muted"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(left, top, words - 6, ROW), right, name)
            bar = QRectF(left + words, top + ROW / 2 - 2.5, wide - words - gap / 2, 5.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("sunk"))
            painter.drawRoundedRect(bar, 2.5, 2.5)
            if value > 0.01:
                bar.setWidth(max(bar.width() * min(value, 1.0), 5.0))
                painter.setBrush(theme.color("accent"))
                painter.drawRoundedRect(bar, 2.5, 2.5)
