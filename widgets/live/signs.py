"""Small signs in the corners of the live picture, in the widget's own pixels."""

from __future__ import annotations

import functools
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from widgets.live.depth_colors import color_table
from widgets.live.face_marks import OTHER, POINTS
from widgets.live.overlays import ColorMap, DepthLayer, Sides
from widgets.live.pose_marks import AXES
from widgets.theme import COLORS

GROUND: Final = QColor(16, 17, 20, 190)
TEXT: Final = QColor(COLORS["text"])
MUTED: Final = QColor(COLORS["muted"])
RED: Final = QColor("#ff4d4f")

POSE: Final = {"Yaw": AXES[1], "Pitch": AXES[0], "Roll": AXES[2]}
"""In the colours of the axes about which they turn."""

_INTERVALS: Final = 5
"""Between marks along a scale of depth, at most."""


def paint_pill(painter: QPainter, foot: QPointF, text: str, font: QFont, room: float) -> QRectF:
    """A few words on a dark ground whose lower edge has its middle at a place."""
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room - 48.0, 40.0))
    width, height = metrics.horizontalAdvance(shown) + 24.0, metrics.height() + 12.0
    box = QRectF(foot.x() - width / 2.0, foot.y() - height, width, height)
    _ground(painter, box, height / 2.0)
    painter.setFont(font)
    painter.setPen(TEXT)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
    return box


def paint_recording(painter: QPainter, corner: QPointF, words: str, font: QFont) -> QRectF:
    """A red dot with words, its upper right corner at a place."""
    bold = QFont(font)
    bold.setBold(True)
    metrics = QFontMetricsF(bold)
    dot = metrics.height() * 0.62
    width, height = dot + metrics.horizontalAdvance(words) + 30.0, metrics.height() + 12.0
    box = QRectF(corner.x() - width, corner.y(), width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(60, 12, 14, 220))
    painter.drawRoundedRect(box, height / 2.0, height / 2.0)
    painter.setBrush(RED)
    painter.drawEllipse(QPointF(box.left() + 12.0 + dot / 2.0, box.center().y()), dot / 2, dot / 2)
    painter.setFont(bold)
    painter.setPen(QColor("white"))
    painter.drawText(box.adjusted(dot + 18.0, 0.0, -12.0, 0.0), Qt.AlignmentFlag.AlignCenter, words)
    return box


def paint_pose(
    painter: QPainter, corner: QPointF, angles: tuple[float, float, float], font: QFont
) -> QRectF:
    """Yaw, pitch and roll in degrees, large, its upper right corner at a place."""
    large = QFont(font)
    large.setBold(True)
    large.setPixelSize(round(QFontMetricsF(font).height() * 1.5))
    small, wide = QFontMetricsF(font), QFontMetricsF(large)
    number = wide.horizontalAdvance("+000°")
    width = small.horizontalAdvance("Pitch") + number + 40.0
    row = wide.height() + 2.0
    box = QRectF(corner.x() - width, corner.y(), width, 3.0 * row + 16.0)
    _ground(painter, box, 6.0)
    for k, (name, value) in enumerate(zip(POSE, angles, strict=True)):
        line = QRectF(box.left() + 14.0, box.top() + 8.0 + k * row, width - 28.0, row)
        painter.setFont(font)
        painter.setPen(POSE[name])
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(large)
        painter.setPen(TEXT)
        text = f"{value:+.0f}°".replace("-", "−")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    return box


def paint_models(
    painter: QPainter, corner: QPointF, names: tuple[str, str], sides: Sides, font: QFont
) -> QRectF:
    """Which model is drawn in which colour, its lower left corner at a place."""
    shown = [
        (label, name, color)
        for key, label, name, color in (
            ("a", "A", names[0], POINTS),
            ("b", "B", names[1], OTHER),
        )
        if sides in (key, "both")
    ]
    metrics = QFontMetricsF(font)
    row = metrics.height() + 4.0
    texts = [f"{label}  {name}".rstrip() for label, name, _ in shown]
    width = max(metrics.horizontalAdvance(text) for text in texts) + 44.0
    height = row * len(shown) + 10.0
    box = QRectF(corner.x(), corner.y() - height, width, height)
    _ground(painter, box, 6.0)
    painter.setFont(font)
    for k, (text, (_, _, color)) in enumerate(zip(texts, shown, strict=True)):
        line = QRectF(box.left() + 12.0, box.top() + 5.0 + k * row, width - 24.0, row)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QPointF(line.left() + 4.0, line.center().y()), 4.0, 4.0)
        painter.setPen(TEXT)
        painter.drawText(
            line.adjusted(18.0, 0, 0, 0),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            text,
        )
    return box


def paint_scale(painter: QPainter, corner: QPointF, layer: DepthLayer, font: QFont) -> QRectF:
    """Colours of depth with millimetres beside them, its lower right corner at a place."""
    metrics = QFontMetricsF(font)
    marks = scale_marks(layer)
    words = max(metrics.horizontalAdvance(text) for _, text in marks)
    tall, wide = metrics.height() * 9.0, 12.0
    title = "mm"
    width = wide + words + 30.0
    height = tall + metrics.height() * 2.0 + 14.0
    box = QRectF(corner.x() - width, corner.y() - height, width, height)
    _ground(painter, box, 6.0)
    painter.setFont(font)
    painter.setPen(MUTED)
    head = QRectF(box.left() + 10.0, box.top() + 6.0, width - 20.0, metrics.height())
    painter.drawText(head, Qt.AlignmentFlag.AlignRight, title)
    bar = QRectF(box.left() + 12.0, head.bottom() + metrics.height() / 2.0, wide, tall)
    painter.drawImage(bar, _bar(layer.colormap))
    for part, text in marks:
        y = bar.top() + part * bar.height()
        painter.setPen(TEXT)
        line = QRectF(bar.right() + 8.0, y - metrics.height(), words, 2.0 * metrics.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    return box


def scale_marks(layer: DepthLayer) -> list[tuple[float, str]]:
    """Places along the scale, 0 at its near end, with their millimetres.

    Nearer than the head centre is positive, as people read a relief.
    """
    span = max(layer.far - layer.near, 1e-3)
    step = next((s for s in (5, 10, 20, 25, 50, 100, 200, 500) if span / s <= _INTERVALS), 500)
    first = -(-layer.near // step)
    values = []
    while first * step <= layer.far + 1e-6:
        values.append(first * step)
        first += 1
    return [((v - layer.near) / span, f"{-v:+.0f}".replace("-", "−") if v else "0") for v in values]


@functools.lru_cache(maxsize=3)
def _bar(name: ColorMap) -> QImage:
    table = color_table(name)
    image = QImage(1, len(table), QImage.Format.Format_RGB32)
    for row, (red, green, blue) in enumerate(table.tolist()):
        image.setPixelColor(0, row, QColor(red, green, blue))
    return image


def _ground(painter: QPainter, box: QRectF, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(box, radius, radius)
