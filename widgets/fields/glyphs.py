"""Small icons drawn as lines in the palette's colour, sharp at every scale.

Each is drawn on a square of 16 units. `icon` makes a `QIcon` that follows the palette of the
widget it is drawn on: it is painted when asked for, never stored as pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

Draw = Callable[[QPainter], None]


def _lines(*lines: tuple[float, ...]) -> Draw:
    def draw(painter: QPainter) -> None:
        for line in lines:
            points = [QPointF(x, y) for x, y in zip(line[::2], line[1::2], strict=True)]
            painter.drawPolyline(points)

    return draw


def _add(p: QPainter) -> None:
    _lines((8, 3, 8, 13), (3, 8, 13, 8))(p)


def _remove(p: QPainter) -> None:
    _lines((3, 8, 13, 8))(p)


def _duplicate(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(5.5, 5.5, 8, 8), 1.5, 1.5)
    _lines((3.5, 10.5, 2.5, 10.5, 2.5, 2.5, 10.5, 2.5, 10.5, 3.5))(p)


def _trash(p: QPainter) -> None:
    _lines((3, 4.5, 13, 4.5), (6, 4, 6, 2.5, 10, 2.5, 10, 4), (4.5, 5, 5, 13.5, 11, 13.5, 11.5, 5))(
        p
    )


def _reset(p: QPainter) -> None:
    p.drawArc(QRectF(3, 3, 10, 10), -120 * 16, 270 * 16)
    _lines((2.2, 9.2, 4.6, 11.9, 7.6, 10.0))(p)


def _mirror(p: QPainter) -> None:
    _lines((8, 2, 8, 14), (5.5, 4.5, 2, 11.5, 5.5, 11.5, 5.5, 4.5))(p)
    _lines((10.5, 4.5, 14, 11.5, 10.5, 11.5, 10.5, 4.5))(p)


def _copy(p: QPainter) -> None:
    _duplicate(p)


def _paste(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(3.5, 3.5, 9, 10.5), 1.5, 1.5)
    p.drawRect(QRectF(6, 2, 4, 3))
    _lines((6, 8, 10, 8), (6, 10.8, 10, 10.8))(p)


def _dice(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(2.5, 2.5, 11, 11), 2, 2)
    p.setBrush(p.pen().color())
    for x, y in ((5.5, 5.5), (10.5, 10.5), (8, 8), (10.5, 5.5), (5.5, 10.5)):
        p.drawEllipse(QPointF(x, y), 0.55, 0.55)


def _play(p: QPainter) -> None:
    p.setBrush(p.pen().color())
    _polygon(p, (5, 3, 13, 8, 5, 13))


def _pause(p: QPainter) -> None:
    p.fillRect(QRectF(4, 3, 3, 10), p.pen().color())
    p.fillRect(QRectF(9, 3, 3, 10), p.pen().color())


def _next(p: QPainter) -> None:
    p.setBrush(p.pen().color())
    _polygon(p, (4, 3.5, 10, 8, 4, 12.5))
    _lines((12, 3.5, 12, 12.5))(p)


def _previous(p: QPainter) -> None:
    p.setBrush(p.pen().color())
    _polygon(p, (12, 3.5, 6, 8, 12, 12.5))
    _lines((4, 3.5, 4, 12.5))(p)


def _mark_in(p: QPainter) -> None:
    _lines((9, 3, 6, 3, 6, 13, 9, 13))(p)


def _mark_out(p: QPainter) -> None:
    _lines((7, 3, 10, 3, 10, 13, 7, 13))(p)


def _record(p: QPainter) -> None:
    p.setBrush(p.pen().color())
    p.drawEllipse(QPointF(8, 8), 4.2, 4.2)


def _screen(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(2, 3, 12, 8), 1.2, 1.2)
    _lines((8, 11, 8, 13), (5.5, 13.2, 10.5, 13.2))(p)


def _gauge(p: QPainter) -> None:
    p.drawArc(QRectF(2.5, 3.5, 11, 11), -20 * 16, 220 * 16)
    _lines((8, 9, 11, 6))(p)


def _loop(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(2.5, 4.5, 11, 7), 3, 3)
    p.setBrush(p.pen().color())
    _polygon(p, (7.2, 2.4, 10, 4.5, 7.2, 6.6))


def _eye(p: QPainter) -> None:
    path = QPainterPath(QPointF(1.5, 8))
    path.quadTo(8, 1.5, 14.5, 8)
    path.quadTo(8, 14.5, 1.5, 8)
    p.drawPath(path)
    p.setBrush(p.pen().color())
    p.drawEllipse(QPointF(8, 8), 1.7, 1.7)


def _eye_closed(p: QPainter) -> None:
    path = QPainterPath(QPointF(1.5, 7))
    path.quadTo(8, 13, 14.5, 7)
    p.drawPath(path)
    _lines((8, 10.2, 8, 12.6), (4, 9.2, 2.9, 11.2), (12, 9.2, 13.1, 11.2))(p)


def _solo(p: QPainter) -> None:
    points = []
    for i in range(10):
        radius = 6.2 if i % 2 == 0 else 2.7
        angle = math.radians(-90 + 36 * i)
        points += [8 + radius * math.cos(angle), 8.4 + radius * math.sin(angle)]
    _polygon(p, tuple(points))


def _solo_on(p: QPainter) -> None:
    p.setBrush(p.pen().color())
    _solo(p)


def _area(p: QPainter) -> None:
    p.drawRect(QRectF(3.5, 2.5, 9, 5))
    _lines((5, 10, 5, 13), (8, 10, 8, 14), (11, 10, 11, 13))(p)


def _sun(p: QPainter) -> None:
    p.drawEllipse(QPointF(8, 8), 2.7, 2.7)
    for i in range(8):
        angle = math.pi / 4 * i
        c, s = math.cos(angle), math.sin(angle)
        p.drawLine(QPointF(8 + 4.8 * c, 8 + 4.8 * s), QPointF(8 + 6.6 * c, 8 + 6.6 * s))


def _point(p: QPainter) -> None:
    p.drawEllipse(QRectF(4.2, 2, 7.6, 7.6))
    _lines((6, 9.4, 6, 11.5, 10, 11.5, 10, 9.4), (6.6, 13.5, 9.4, 13.5))(p)


def _spot(p: QPainter) -> None:
    _lines((6.6, 2.5, 2.6, 12), (9.4, 2.5, 13.4, 12), (6.6, 2.5, 9.4, 2.5))(p)
    p.drawEllipse(QRectF(2.6, 10.2, 10.8, 3.6))


def _up(p: QPainter) -> None:
    _lines((3.5, 10, 8, 5.5, 12.5, 10))(p)


def _down(p: QPainter) -> None:
    _lines((3.5, 6, 8, 10.5, 12.5, 6))(p)


def _swap(p: QPainter) -> None:
    _lines((2.5, 5.5, 13, 5.5), (10.4, 3, 13, 5.5, 10.4, 8))(p)
    _lines((13.5, 10.5, 3, 10.5), (5.6, 8, 3, 10.5, 5.6, 13))(p)


def _folder(p: QPainter) -> None:
    _lines((2, 13, 2, 3.5, 6, 3.5, 7.5, 5.5, 14, 5.5, 14, 13, 2, 13))(p)


def _save(p: QPainter) -> None:
    _lines(
        (8, 2, 8, 10), (4.8, 7, 8, 10.2, 11.2, 7), (2.5, 10.5, 2.5, 13.5, 13.5, 13.5, 13.5, 10.5)
    )(p)


def _camera(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(1.8, 4.5, 8.6, 7), 1.5, 1.5)
    _polygon(p, (10.4, 7.4, 14.2, 5, 14.2, 11, 10.4, 8.6))


def _fit(p: QPainter) -> None:
    _lines((2.5, 6, 2.5, 2.5, 6, 2.5), (10, 2.5, 13.5, 2.5, 13.5, 6))(p)
    _lines((13.5, 10, 13.5, 13.5, 10, 13.5), (6, 13.5, 2.5, 13.5, 2.5, 10))(p)


def _compare(p: QPainter) -> None:
    p.drawRect(QRectF(2.5, 3.5, 11, 9))
    p.fillRect(QRectF(8, 3.5, 5.5, 9), p.pen().color())


def _rename(p: QPainter) -> None:
    _lines((3, 13, 3.6, 10.4, 10.8, 3.2, 12.8, 5.2, 5.6, 12.4, 3, 13))(p)


def _filter(p: QPainter) -> None:
    _lines((2.5, 3.5, 13.5, 3.5, 9.4, 8.5, 9.4, 13, 6.6, 11.6, 6.6, 8.5, 2.5, 3.5))(p)


def _check(p: QPainter) -> None:
    _lines((3, 8.5, 6.5, 12, 13, 4.5))(p)


def _square(p: QPainter) -> None:
    p.drawRect(QRectF(3.5, 3.5, 9, 9))


def _more(p: QPainter) -> None:
    p.setBrush(p.pen().color())
    for y in (3.5, 8, 12.5):
        p.drawEllipse(QPointF(8, y), 0.9, 0.9)


def _polygon(p: QPainter, points: tuple[float, ...]) -> None:
    path = QPainterPath(QPointF(points[0], points[1]))
    for x, y in zip(points[2::2], points[3::2], strict=True):
        path.lineTo(x, y)
    path.closeSubpath()
    p.drawPath(path)


GLYPHS: Final[dict[str, Draw]] = {
    "add": _add,
    "remove": _remove,
    "duplicate": _duplicate,
    "trash": _trash,
    "reset": _reset,
    "mirror": _mirror,
    "copy": _copy,
    "paste": _paste,
    "dice": _dice,
    "play": _play,
    "pause": _pause,
    "next": _next,
    "previous": _previous,
    "mark_in": _mark_in,
    "mark_out": _mark_out,
    "record": _record,
    "screen": _screen,
    "gauge": _gauge,
    "loop": _loop,
    "eye": _eye,
    "eye_closed": _eye_closed,
    "solo": _solo,
    "solo_on": _solo_on,
    "area": _area,
    "sun": _sun,
    "point": _point,
    "spot": _spot,
    "up": _up,
    "down": _down,
    "swap": _swap,
    "folder": _folder,
    "save": _save,
    "camera": _camera,
    "fit": _fit,
    "compare": _compare,
    "rename": _rename,
    "filter": _filter,
    "check": _check,
    "square": _square,
    "more": _more,
}


def paint(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Draw a glyph into ``box``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(box.width(), box.height())
    painter.translate(box.center() - QPointF(side / 2, side / 2))
    painter.scale(side / 16, side / 16)
    painter.setPen(
        QPen(colour, 1.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    GLYPHS[name](painter)
    painter.restore()


class _Engine(QIconEngine):
    def __init__(self, off: str, on: str) -> None:
        super().__init__()
        self._off, self._on = off, on

    def clone(self) -> QIconEngine:
        return _Engine(self._off, self._on)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        palette = QGuiApplication.palette()
        disabled = mode == QIcon.Mode.Disabled
        group = QPalette.ColorGroup.Disabled if disabled else QPalette.ColorGroup.Active
        colour = QColor(palette.color(group, QPalette.ColorRole.ButtonText))
        if disabled:
            colour.setAlphaF(0.45)
        name = self._on if state == QIcon.State.On else self._off
        paint(painter, name, QRectF(rect), colour)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap


def icon(name: str, checked: str | None = None) -> QIcon:
    """A glyph as an icon; ``checked`` is the glyph of the checked state."""
    return QIcon(_Engine(name, checked or name))


class GlyphButton(QToolButton):
    """A flat button with a glyph and a tool tip that also is its accessible name."""

    def __init__(
        self, name: str, tip: str, *, checked: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("GlyphButton")
        self.setIcon(icon(name, checked))
        self.setIconSize(QSize(16, 16))
        self.setToolTip(tip)
        self.setAccessibleName(tip.split("\n")[0].split(". ")[0].rstrip("."))
        self.setAutoRaise(True)
        self.setCheckable(checked is not None)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
