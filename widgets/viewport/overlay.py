"""What Qt paints over the picture: handles, lamps, the camera, its frame, the axis ball, words.

Every function takes the view that the picture was drawn with, in the widget's own pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.head.skinning import bone_motions
from app.scene.scene import Light
from widgets.viewport.gizmos import (
    Axis,
    Ball,
    Ring,
    camera_lines,
    far_pieces,
    lamp_lines,
    near_pieces,
)
from widgets.viewport.navigation import Frame, View

AXIS_COLORS: Final = {"x": "#e5596b", "y": "#86c232", "z": "#4f97ea"}
RING_COLORS: Final[dict[Axis, str]] = {"pitch": "#e5596b", "roll": "#86c232", "yaw": "#4f97ea"}
SELECTED: Final = QColor("#ffb454")
QUIET: Final = QColor(214, 218, 224, 150)
TEXT: Final = QColor(226, 229, 233)
DIM_TEXT: Final = QColor(226, 229, 233, 150)
PANEL: Final = QColor(24, 25, 28, 190)


def draw_lines(
    painter: QPainter, view: View, lines: Iterable[Array], color: QColor, width: float = 1.2
) -> None:
    """World polylines; parts behind the viewer are left out."""
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in lines:
        for run in _visible_runs(view, line):
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in run]))


def _visible_runs(view: View, line: Array) -> list[Array]:
    """Projected stretches of a polyline that lie before the viewer, cut at its near plane."""
    depth = np.ones(len(line)) if view.orthographic else -view.to_camera(line)[:, 2]
    near = max(view.near, 1e-3)
    if (depth > near).all():
        return [view.project(line)]
    runs: list[Array] = []
    run: list[Array] = []
    for i in range(len(line) - 1):
        a, b = line[i], line[i + 1]
        da, db = depth[i], depth[i + 1]
        if da <= near and db <= near:
            continue
        if da <= near:
            a = b + (a - b) * (db - near) / (db - da)
        if db <= near:
            b = a + (b - a) * (da - near) / (da - db)
        if not run:
            run = [a]
        run.append(b)
        if db <= near:
            runs.append(view.project(np.array(run)))
            run = []
    if run:
        runs.append(view.project(np.array(run)))
    return runs


def draw_rings(
    painter: QPainter, view: View, handles: tuple[Ring, ...], hot: Axis | None, held: Axis | None
) -> None:
    """The ring under the pointer is bright; while one is held the others step back."""
    for ring in handles:
        color = QColor(RING_COLORS[ring.axis])
        lit = ring.axis in (hot, held)
        if held and ring.axis != held:
            color.setAlpha(50)
        faint = QColor(color)
        faint.setAlpha(min(color.alpha(), 55))
        draw_lines(painter, view, far_pieces(view, ring), faint, 1.4)
        if not lit:
            color.setAlpha(min(color.alpha(), 215))
        draw_lines(
            painter,
            view,
            near_pieces(view, ring),
            color.lighter(125) if lit else color,
            3.6 if lit else 2.2,
        )


def draw_turn(painter: QPainter, view: View, ring: Ring, start: float, now: float) -> None:
    """The wedge between where a ring was taken hold of and where it is, degrees on the ring."""
    radius = float(np.linalg.norm(ring.points[0] - ring.centre))
    along = (ring.points[0] - ring.centre) / radius
    across = np.cross(ring.normal, along)
    turn = np.radians(np.linspace(start, now, max(int(abs(now - start) / 2) + 2, 2)))
    arc = ring.centre + radius * (np.cos(turn)[:, None] * along + np.sin(turn)[:, None] * across)
    flat = view.project(np.vstack([ring.centre, arc]))
    if not np.isfinite(flat).all():
        return
    color = QColor(RING_COLORS[ring.axis])
    painter.setPen(QPen(color.lighter(130), 1.2))
    color.setAlpha(60)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in flat]))


def draw_lamps(
    painter: QPainter, view: View, lights: tuple[Light, ...], selected: int | None, hot: int | None
) -> None:
    for i, light in enumerate(lights):
        chosen = i == selected
        color = QColor(SELECTED) if chosen else QColor(QUIET)
        if not light.on:
            color.setAlpha(color.alpha() // 2)
        if i == hot and not chosen:
            color = color.lighter(130)
            color.setAlpha(230)
        position, target = np.array(light.position), np.array(light.target)
        faint = QColor(color)
        faint.setAlpha(color.alpha() // (2 if chosen else 4))
        draw_lines(painter, view, [np.stack([position, target])], faint, 1.0)
        draw_lines(painter, view, lamp_lines(light), color, 1.6 if chosen else 1.1)
        x, y = view.project(position)
        if np.isfinite(x):
            _lamp_symbol(painter, light, QPointF(x, y), color, chosen)
        if chosen:
            x, y = view.project(target)
            if np.isfinite(x):
                painter.setPen(QPen(color, 1.2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(x, y), 3.0, 3.0)


def _lamp_symbol(painter: QPainter, light: Light, at: QPointF, color: QColor, chosen: bool) -> None:
    """A dark disc with the sign of the kind, which can be told and hit at any distance."""
    painter.setPen(QPen(color, 1.8 if chosen else 1.2))
    painter.setBrush(QColor(24, 25, 28, 215))
    painter.drawEllipse(at, 11.0, 11.0)
    painter.setBrush(color if light.on else Qt.BrushStyle.NoBrush)
    x, y = at.x(), at.y()
    thin = QPen(color, 1.3)
    thin.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(thin)
    if light.kind == "area":
        painter.drawRoundedRect(QRectF(x - 5, y - 5.5, 10, 4.5), 1, 1)
        for dx in (-3.5, 0.0, 3.5):
            painter.drawLine(QPointF(x + dx, y + 1.5), QPointF(x + dx * 1.35, y + 5.5))
    elif light.kind == "sun":
        painter.drawEllipse(at, 2.6, 2.6)
        for k in range(8):
            c, s = np.cos(k * np.pi / 4), np.sin(k * np.pi / 4)
            painter.drawLine(QPointF(x + 4.6 * c, y + 4.6 * s), QPointF(x + 6.8 * c, y + 6.8 * s))
    elif light.kind == "spot":
        painter.drawPolygon(
            QPolygonF([QPointF(x, y - 6), QPointF(x - 5, y + 3), QPointF(x + 5, y + 3)])
        )
        painter.drawLine(QPointF(x - 2.5, y + 5.8), QPointF(x + 2.5, y + 5.8))
    else:
        painter.drawEllipse(at, 3.2, 3.2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, 6.4, 6.4)


def draw_lamp_handle(painter: QPainter, view: View, light: Light, hot: bool) -> None:
    """Four arrows about a lamp that may be moved in the picture's plane."""
    x, y = view.project(np.array(light.position))
    if not np.isfinite(x):
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(SELECTED.lighter(120) if hot else SELECTED)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        tip = QPointF(x + 22 * dx, y + 22 * dy)
        wing = QPointF(4 * dy, 4 * dx)
        foot = QPointF(x + 16 * dx, y + 16 * dy)
        painter.drawPolygon(QPolygonF([tip, foot + wing, foot - wing]))


def draw_camera(painter: QPainter, view: View, pinhole: Pinhole) -> None:
    lines, corners = camera_lines(pinhole)
    flat = view.project(corners)
    if np.isfinite(flat).all():
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(214, 218, 224, 18))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in flat]))
    draw_lines(painter, view, lines, QUIET, 1.2)


def draw_bones(painter: QPainter, view: View, asset: HeadAsset, pose: HeadPose) -> None:
    motions = bone_motions(asset, pose)
    heads = asset.skeleton.matrices[:, :3, 3]
    ends = np.stack([heads, asset.skeleton.tails], axis=1)
    posed = np.einsum("bij,bkj->bki", motions[:, :3, :3], ends) + motions[:, None, :3, 3]
    chain = set(asset.roles.chain)
    rest = [
        line for name, line in zip(asset.skeleton.names, posed, strict=True) if name not in chain
    ]
    draw_lines(painter, view, rest, QColor(190, 200, 214, 110), 1.0)
    for name in asset.roles.chain:
        line = posed[asset.skeleton.index(name)]
        draw_lines(painter, view, [line], SELECTED, 2.4)
        x, y = view.project(line[0])
        if np.isfinite(x):
            painter.setBrush(SELECTED)
            painter.drawEllipse(QPointF(x, y), 3.0, 3.0)


def draw_frame(painter: QPainter, frame: Frame, width: float, height: float, text: str) -> None:
    """The border of the camera's picture; what lies outside of it is dimmed."""
    inside = QRectF(frame.left, frame.top, frame.width, frame.height)
    outside = QPainterPath()
    outside.setFillRule(Qt.FillRule.OddEvenFill)
    outside.addRect(QRectF(0, 0, width, height))
    outside.addRect(inside)
    painter.fillPath(outside, QColor(8, 9, 11, 165))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 1.0))
    painter.drawRect(inside.adjusted(-1.5, -1.5, 1.5, 1.5))
    painter.setPen(QPen(SELECTED, 1.0))
    painter.drawRect(inside.adjusted(-0.5, -0.5, 0.5, 0.5))
    painter.setPen(DIM_TEXT)
    set_font(painter, -1)
    below = QRectF(frame.left, frame.top + frame.height + 4, frame.width, 16)
    painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def draw_comparison(painter: QPainter, frame: Frame, split: float, hot: bool) -> None:
    """The divider of the wipe, with its handle."""
    x = frame.left + frame.width * split
    painter.setPen(QPen(QColor(0, 0, 0, 130), 3.0))
    painter.drawLine(QPointF(x, frame.top), QPointF(x, frame.top + frame.height))
    painter.setPen(QPen(QColor(255, 255, 255, 235), 1.4))
    painter.drawLine(QPointF(x, frame.top), QPointF(x, frame.top + frame.height))
    middle = QPointF(x, frame.top + frame.height / 2)
    painter.setBrush(SELECTED if hot else QColor(245, 245, 245))
    painter.setPen(QPen(QColor(0, 0, 0, 120), 1.0))
    painter.drawEllipse(middle, 11, 11)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(40, 42, 46))
    for side in (-1, 1):
        painter.drawPolygon(
            QPolygonF([middle + QPointF(side * d, h) for d, h in ((7, 0), (3, -4), (3, 4))])
        )
    set_font(painter, -1)
    for name, edge, align in (("Render", x - 10, -1), ("Viewport", x + 10, 1)):
        pill(painter, QPointF(edge, frame.top + 18), name, align)


def draw_ball(painter: QPainter, view: View, ball: Ball, hot: str | None, over: bool) -> None:
    """Axes as in Blender: the positive ends carry their letters, the others are rings."""
    if over:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 22))
        painter.drawEllipse(QPointF(ball.x, ball.y), ball.radius, ball.radius)
    letters = {"right": "x", "back": "y", "top": "z"}
    opposite = {"left": "x", "front": "y", "bottom": "z"}
    letter = font(painter, -1)
    letter.setBold(True)
    painter.setFont(letter)
    knob = ball.radius * 0.19
    for name, x, y, near in ball.knobs(view):
        color = QColor(AXIS_COLORS[letters.get(name) or opposite[name]])
        shade = 0.62 + 0.38 * (near + 1.0) / 2.0
        color = color.darker(round(100 / shade))
        at = QPointF(x, y)
        if name in letters:
            painter.setPen(QPen(color, 2.0))
            painter.drawLine(QPointF(ball.x, ball.y), at)
            painter.setPen(QPen(Qt.GlobalColor.white, 1.5) if name == hot else Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(at, knob, knob)
            painter.setPen(Qt.GlobalColor.white if name == hot else QColor(18, 19, 22))
            painter.drawText(
                QRectF(x - knob, y - knob, 2 * knob, 2 * knob),
                Qt.AlignmentFlag.AlignCenter,
                letters[name].upper(),
            )
        else:
            fill = QColor(color)
            fill.setAlpha(200 if name == hot else 70)
            painter.setPen(QPen(Qt.GlobalColor.white if name == hot else color, 1.6))
            painter.setBrush(fill)
            painter.drawEllipse(at, knob * 0.92, knob * 0.92)


def draw_scale(painter: QPainter, view: View, height: float, step: float) -> None:
    """How far the lines of the ground grid lie apart, written where a grid line begins."""
    at = np.array([5.0 * step, 0.0, height])
    end = np.array([10.0 * step, 0.0, height])
    a, b = view.project(np.stack([at, end]))
    if not np.isfinite([a, b]).all() or np.hypot(*(b - a)) < 40:
        return
    set_font(painter, -2)
    painter.setPen(QColor(226, 229, 233, 90))
    for metres in (5.0 * step, 10.0 * step):
        x, y = view.project(np.array([metres, 0.0, height]))
        painter.drawText(QPointF(x + 4, y - 3), length_text(metres))


def length_text(metres: float) -> str:
    if metres < 0.01:
        return f"{metres * 1000:.0f} mm"
    return f"{metres * 100:.0f} cm" if metres < 1.0 else f"{metres:.0f} m"


def pill(painter: QPainter, at: QPointF, text: str, align: int = 0) -> QRectF:
    """Words on a dark ground; ``align`` −1 ends at ``at``, 0 is centred on it, 1 begins there."""
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(text) + 18, metrics.height() + 8
    left = at.x() - width if align < 0 else at.x() if align > 0 else at.x() - width / 2
    box = QRectF(left, at.y() - height / 2, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PANEL)
    painter.drawRoundedRect(box, height / 2, height / 2)
    painter.setPen(TEXT)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    return box


def draw_words(
    painter: QPainter, at: QPointF, lines: Iterable[tuple[str, QColor]], size: int = 0
) -> None:
    """Lines from a top left point on, with a faint shadow that keeps them legible."""
    set_font(painter, size)
    step = QFontMetricsF(painter.font()).lineSpacing()
    y = at.y() + step
    for text, color in lines:
        painter.setPen(QColor(0, 0, 0, 120))
        painter.drawText(QPointF(at.x() + 1, y + 1), text)
        painter.setPen(color)
        painter.drawText(QPointF(at.x(), y), text)
        y += step


def font(painter: QPainter, larger: int) -> QFont:
    """The widget's font, larger by some points than its own size."""
    device = painter.device()
    base = device.font() if hasattr(device, "font") else painter.font()
    font = QFont(base)
    size = base.pointSizeF() if base.pointSizeF() > 0 else 10.0
    font.setPointSizeF(max(size + larger, 7.0))
    return font


def set_font(painter: QPainter, larger: int) -> None:
    painter.setFont(font(painter, larger))
