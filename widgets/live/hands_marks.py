"""The wheel's region and the state of both hands over a live picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen

from widgets.live.primitives import RIM, Brushwork, Lettering
from widgets.theme import COLORS

if TYPE_CHECKING:
    from inference.hands_state import HandNow, HandsNow
    from inference.live.hands import LiveHands

STATES: Final = {
    "on": QColor(COLORS["success"]),
    "off": QColor(COLORS["error"]),
    "unknown": QColor(COLORS["muted"]),
}
REGION: Final = QColor("#f2f3f5")
GROUND: Final = QColor(16, 17, 20, 205)
TEXT: Final = QColor(COLORS["text"])
ALARM: Final = QColor("#c62f2b")

_ARM: Final = 0.16
"""Length of the corners over the shorter side of the region."""


def paint_hands(brush: Brushwork, hands: LiveHands, size: tuple[int, int]) -> None:
    """Draw the region, a line for each hand below it, and the warning at the picture's top.

    Parameters
    ----------
    brush : Brushwork
    hands : LiveHands
    size : tuple of int
        Of the picture, pixels.
    """
    if hands.region is not None:
        x, y, width, height = hands.region.as_tuple()
        box = QRectF(x, y, width, height)
        _corners(brush, box, dashed=not hands.drawn)
        _lines(brush, hands, box, size)
    if hands.now.warning:
        _alarm(brush, hands.now, size)


def told(hand: HandNow, now: float) -> str:
    """State of a hand in words: ``on 97 %``, ``off 2.4 s``."""
    if hand.told == "unknown" or math.isnan(hand.probability):
        return "not known"
    if hand.told == "on":
        return f"on  {100.0 * hand.probability:.0f} %"
    return f"off  {max(now - hand.since, 0.0):.1f} s  {100.0 * hand.probability:.0f} %"


def warning(now: HandsNow) -> str:
    """The warning in words."""
    return f"Hands off the wheel for {now.off_for:.0f} s"


def _corners(brush: Brushwork, box: QRectF, *, dashed: bool) -> None:
    """Corners of a region that was drawn; all of a proposed one, dashed."""
    painter = brush.painter
    painter.setBrush(Qt.BrushStyle.NoBrush)
    arm = _ARM * min(box.width(), box.height())
    ends = [
        (QPointF(x + sx * arm, y), QPointF(x, y), QPointF(x, y + sy * arm))
        for x, sx in ((box.left(), 1.0), (box.right(), -1.0))
        for y, sy in ((box.top(), 1.0), (box.bottom(), -1.0))
    ]
    for color, width in ((RIM, 4.0), (REGION, 2.0)):
        painter.setPen(brush.pen(color, width))
        for corner in ends:
            painter.drawPolyline(list(corner))
    if dashed:
        pen = QPen(REGION, brush.size(1.0), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRect(box)


def _lines(brush: Brushwork, hands: LiveHands, box: QRectF, size: tuple[int, int]) -> None:
    with Lettering(brush, 13.0, bold=True) as words:
        unit, painter = words.unit, brush.painter
        row = words.metrics.height() + 8.0 * unit
        left, bottom = words.place(box.left(), box.bottom()), words.place(size[0], size[1])
        texts = [
            (name, told(hand, hands.now.time), STATES[hand.told])
            for name, hand in (("Left", hands.now.left), ("Right", hands.now.right))
        ]
        name_width = max(words.metrics.horizontalAdvance(name) for name, _, _ in texts)
        width = max(words.metrics.horizontalAdvance(text) for _, text, _ in texts)
        width += name_width + 42.0 * unit
        top = left.y() + 6.0 * unit
        if top + 2.0 * row > bottom.y():
            top = words.place(box.left(), box.top()).y() - 2.0 * row - 6.0 * unit
        start = min(max(left.x(), 2.0 * unit), max(bottom.x() - width - 2.0 * unit, 2.0 * unit))
        ground = QRectF(start, max(top, 2.0 * unit), width, 2.0 * row)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GROUND)
        painter.drawRoundedRect(ground, 5.0 * unit, 5.0 * unit)
        for k, (name, text, color) in enumerate(texts):
            line = QRectF(ground.left(), ground.top() + k * row, width, row)
            dot = 5.0 * unit
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(line.left() + 13.0 * unit, line.center().y()), dot, dot)
            middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.setPen(TEXT)
            painter.drawText(line.adjusted(25.0 * unit, 0.0, 0.0, 0.0), middle, name)
            painter.setPen(color)
            shift = 33.0 * unit + name_width
            painter.drawText(line.adjusted(shift, 0.0, 0.0, 0.0), middle, text)


def _alarm(brush: Brushwork, now: HandsNow, size: tuple[int, int]) -> None:
    """A red band that nobody overlooks."""
    with Lettering(brush, 20.0, bold=True) as words:
        unit, painter = words.unit, brush.painter
        text = warning(now)
        width = words.metrics.horizontalAdvance(text) + 44.0 * unit
        height = words.metrics.height() + 16.0 * unit
        middle, top = words.place(size[0] / 2.0, 0.0), words.place(0.0, 0.04 * size[1])
        box = QRectF(middle.x() - width / 2.0, top.y(), width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ALARM)
        painter.drawRoundedRect(box, height / 2.0, height / 2.0)
        painter.setPen(QColor("white"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
