"""Paints what the live engine found over a picture; the same on the screen and in a recording.

No widget is touched, so that a recorder may paint on a thread of its own. Words need a running
`QGuiApplication`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from widgets.live.depth_colors import paint_depth
from widgets.live.face_marks import paint_landmarks
from widgets.live.hands_marks import paint_hands
from widgets.live.overlays import Overlays
from widgets.live.pose_marks import paint_axes, paint_cube
from widgets.live.primitives import RIM, Brushwork, Lettering

if TYPE_CHECKING:
    from inference.live.outcome import LiveFace, LiveResult
    from inference.results import Face

Bytes = NDArray[np.uint8]

NUMBERS: Final = tuple(
    QColor(name)
    for name in (
        "#5c9dff",
        "#ffb454",
        "#5ff0a5",
        "#ff8ad8",
        "#c79bff",
        "#4fd6e0",
        "#f2d64b",
        "#ff8066",
    )
)
"""Of boxes and track numbers, by number."""

GONE: Final = 0.08
CERTAIN: Final = 0.55
"""Confidences at which nothing and everything of a face is drawn."""

SHOWN_WIDE: Final = 1280.0
"""Pixels across which a recorded picture is thought to be looked at, if it is wider."""


def paint(painter: QPainter, result: LiveResult, overlays: Overlays, scale: float) -> None:
    """Draw the faces of a result, and hands on the wheel, over its picture.

    Parameters
    ----------
    painter : QPainter
        In picture pixels, (0, 0) at the top left corner of the picture.
    result : LiveResult
    overlays : Overlays
    scale : float
        Pixels of the screen for one of the picture: what keeps lines and type readable.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(0.5, 0.5)
    compared = any(face.second_raw is not None for face in result.faces)
    for face in result.faces:
        brush = Brushwork(painter, scale, fade(face.confidence))
        if brush.alpha > 0.0:
            _paint_face(brush, face, overlays, compared)
    brush = Brushwork(painter, scale)
    if result.hands is not None and overlays.hands.shown and brush.begin(overlays.hands.opacity):
        paint_hands(brush, result.hands, result.frame.size)
    painter.restore()


def image_with(result: LiveResult, overlays: Overlays) -> Bytes:
    """The picture of a result with what was found in it.

    Parameters
    ----------
    result : LiveResult
    overlays : Overlays

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
        RGB.
    """
    import cv2

    width, height = result.frame.size
    canvas = cv2.cvtColor(result.frame.picture, cv2.COLOR_RGB2BGRA)
    image = QImage(canvas.data, width, height, width * 4, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint(painter, result, overlays, min(SHOWN_WIDE / max(width, height), 1.0))
    painter.end()
    return np.asarray(cv2.cvtColor(canvas, cv2.COLOR_BGRA2RGB), np.uint8)


def fade(confidence: float) -> float:
    """How much of a face is drawn, 0 to 1, by how sure the network is of it."""
    part = min(max((confidence - GONE) / (CERTAIN - GONE), 0.0), 1.0)
    return part * part * (3.0 - 2.0 * part)


def chosen(face: LiveFace, overlays: Overlays, compared: bool) -> list[tuple[Face, bool]]:
    """What is drawn of a face, with whether the second model says it, that one first.

    Where only one model looks, its faces are drawn whatever the choice is.
    """
    first = face.raw if overlays.raw else face.filtered
    second = face.second_raw if overlays.raw else face.second_filtered
    sides = overlays.side_by_side if compared else "a"
    drawn = []
    if second is not None and sides in ("b", "both"):
        drawn.append((second, True))
    if sides in ("a", "both"):
        drawn.append((first, False))
    return [(_finite(one), other) for one, other in drawn if np.isfinite(one.landmarks_68).all()]


def _finite(face: Face) -> Face:
    """The face without dense points where these are no numbers."""
    dense = face.landmarks_520
    return face if dense is None or np.isfinite(dense).all() else replace(face, landmarks_520=None)


def _paint_face(brush: Brushwork, face: LiveFace, overlays: Overlays, compared: bool) -> None:
    if face.depth is not None and overlays.depth.shown and brush.begin(overlays.depth.opacity):
        painter = brush.painter
        painter.translate(-0.5, -0.5)
        paint_depth(painter, face.depth, overlays.depth)
        painter.translate(0.5, 0.5)
    said = chosen(face, overlays, compared)
    for one, second in said:
        if overlays.cube.shown and brush.begin(overlays.cube.opacity):
            paint_cube(brush, one, second)
    for one, second in said:
        paint_landmarks(brush, one, overlays, second)
    for one, _ in said:
        if overlays.axes.shown and brush.begin(overlays.axes.opacity):
            paint_axes(brush, one)
    for one, _ in said[-1:]:
        _paint_box(brush, face, one, overlays)


def _paint_box(brush: Brushwork, face: LiveFace, one: Face, overlays: Overlays) -> None:
    """Corners of the box, and the number at its upper left."""
    color = NUMBERS[(face.number - 1) % len(NUMBERS)]
    x, y, width, height = one.box.as_tuple()
    margin = 0.06 * max(width, height)
    left, top, right, bottom = x - margin, y - margin, x + width + margin, y + height + margin
    if overlays.box.shown and brush.begin(overlays.box.opacity):
        arm = 0.16 * min(right - left, bottom - top)
        half = brush.size(1.2)
        corners = [
            (cx, cy, cx + sx * arm, cy, cx, cy + sy * arm, cx - sx * half)
            for cx, sx in ((left, 1.0), (right, -1.0))
            for cy, sy in ((top, 1.0), (bottom, -1.0))
        ]
        pieces = np.array(
            [
                piece
                for cx, cy, tx, ty, ux, uy, begin in corners
                for piece in ((begin, cy, tx, ty), (cx, cy, ux, uy))
            ]
        )
        brush.lines(pieces, RIM, 4.2)
        brush.lines(pieces, color, 2.4)
    if overlays.number.shown and brush.begin(overlays.number.opacity):
        with Lettering(brush, 12.0, bold=True) as letters:
            at = letters.place(left, top)
            lowest = letters.metrics.height() * 1.4
            at = QPointF(max(at.x(), 0.0), max(at.y() - 5.0 * letters.unit, lowest))
            letters.tag(at, str(face.number), color, QColor(16, 18, 22))
