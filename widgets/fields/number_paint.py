"""How a number field looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPalette, QPen

INVALID: Final = QColor("#e5534b")
RADIUS: Final = 4.0
ARROW_INSET: Final = 8.0


@dataclass(frozen=True)
class Look:
    """Everything that the painting of a field depends on.

    ``fill`` is where its bar begins and ends and where zero is, from 0 to 1. ``round`` says
    whether the corners above and below are round.
    """

    text: str
    short_text: str
    caption: str
    fill: tuple[float, float, float] | None
    round: tuple[bool, bool]
    enabled: bool
    read_only: bool
    hovered: bool
    focused: bool
    active: bool
    editing: bool
    invalid: bool
    arrows: bool


def paint_field(painter: QPainter, rect: QRect, palette: QPalette, look: Look) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
    outline = _outline(box, look.round)
    background = _background(palette, look)
    painter.fillPath(outline, background)
    if look.fill is not None and not look.editing:
        _paint_bar(painter, palette, box, outline, look)
    if look.invalid:
        painter.setPen(QPen(INVALID, 1.2))
    elif look.focused:
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 1.2))
    else:
        painter.setPen(QPen(_mix(background, QColor("black"), 0.35), 1))
    painter.drawPath(outline)
    if not look.editing:
        _paint_text(painter, rect, palette, look)


def _background(palette: QPalette, look: Look) -> QColor:
    base = palette.color(QPalette.ColorRole.Button)
    if look.read_only or not look.enabled:
        return palette.color(QPalette.ColorRole.Window)
    if look.active:
        return palette.color(QPalette.ColorRole.Base)
    text = palette.color(QPalette.ColorRole.Text)
    return _mix(base, text, 0.10) if look.hovered else base


def _outline(box: QRectF, round_: tuple[bool, bool]) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(box, RADIUS, RADIUS)
    top, bottom = round_
    half = box.height() / 2
    if not top:
        path.addRect(QRectF(box.left(), box.top(), box.width(), half))
    if not bottom:
        path.addRect(QRectF(box.left(), box.top() + half, box.width(), half))
    return path.simplified()


def _paint_bar(
    painter: QPainter, palette: QPalette, box: QRectF, outline: QPainterPath, look: Look
) -> None:
    assert look.fill is not None
    left, right, zero = (box.left() + box.width() * end for end in look.fill)
    role = QPalette.ColorRole.Highlight if look.enabled else QPalette.ColorRole.Mid
    painter.save()
    painter.setClipPath(outline)
    painter.fillRect(QRectF(left, box.top(), right - left, box.height()), palette.color(role))
    if look.fill[2] > 0.0:
        mark = QColor(palette.color(QPalette.ColorRole.Text))
        mark.setAlpha(70)
        painter.fillRect(QRectF(zero - 0.5, box.top(), 1.0, box.height()), mark)
    painter.restore()


def _paint_text(painter: QPainter, rect: QRect, palette: QPalette, look: Look) -> None:
    group = QPalette.ColorGroup.Normal if look.enabled else QPalette.ColorGroup.Disabled
    colour = palette.color(group, QPalette.ColorRole.Text)
    dim = QColor(colour)
    dim.setAlphaF(0.6 * colour.alphaF())
    metrics = painter.fontMetrics()
    area = QRectF(rect).adjusted(7, 0, -7, 0)
    align = Qt.AlignmentFlag.AlignCenter
    if look.caption:
        painter.setPen(dim)
        painter.drawText(
            area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, look.caption
        )
        area.setLeft(area.left() + metrics.horizontalAdvance(look.caption) + 6)
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.setPen(colour)
    fits = metrics.horizontalAdvance(look.text) <= area.width()
    painter.drawText(area, align, look.text if fits else look.short_text)
    if look.hovered and look.arrows:
        _paint_arrows(painter, rect, dim)


def _paint_arrows(painter: QPainter, rect: QRect, colour: QColor) -> None:
    pen = QPen(colour, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    middle = rect.height() / 2
    for x, way in ((ARROW_INSET, -1), (rect.width() - ARROW_INSET, 1)):
        painter.drawPolyline(
            [
                QPointF(x - 1.5 * way, middle - 3),
                QPointF(x + 1.5 * way, middle),
                QPointF(x - 1.5 * way, middle + 3),
            ]
        )


def _mix(a: QColor, b: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * share,
        a.greenF() + (b.greenF() - a.greenF()) * share,
        a.blueF() + (b.blueF() - a.blueF()) * share,
    )
