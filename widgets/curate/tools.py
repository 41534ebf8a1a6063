"""What the left button does over the head: one tool at a time, so that looking never edits.

Those here look and choose; those that edit are in `edit_tools`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.geometry.rotations import Array
from app.topology.face_limits import inside_polygon
from widgets.curate import looks
from widgets.curate.session import CurateSession
from widgets.curate.tool_words import ToolName
from widgets.viewport.navigation import View

if TYPE_CHECKING:
    from widgets.curate.scene_view import SceneView

Modifiers = Qt.KeyboardModifier
SHIFT, CONTROL = Modifiers.ShiftModifier, Modifiers.ControlModifier

REACH: Final = 9.0
"""Pixels from a point or an edge up to which it is meant."""
BAND: Final = QColor(92, 157, 255, 40)


class Tool:
    """What a click and a drag of the left button do; this one only looks and chooses."""

    name: ToolName = "look"
    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, scene: SceneView) -> None:
        self.scene = scene

    @property
    def session(self) -> CurateSession:
        return self.scene.session

    def drag(self, at: QPointF, keys: Modifiers) -> ToolDrag | None:
        """What a drag that begins here does; None to orbit."""
        return None

    def click(self, at: QPointF, keys: Modifiers) -> None:
        self.choose(at, keys)

    def choose(self, at: QPointF, keys: Modifiers) -> None:
        """Choose the point under the pointer; with Shift or Ctrl beside the others."""
        key = self.scene.landmark_under(at)
        session = self.session
        if keys & (SHIFT | CONTROL):
            if key is not None:
                chosen = session.selection ^ {key}
                session.select(chosen, key if key in chosen else None)
        else:
            session.select([key] if key is not None else [], key)

    def leave(self) -> None:
        """Another tool is taken, or Esc was pressed."""

    def paint(self, painter: QPainter, view: View) -> None:
        """What it shows beside the points."""


class ToolDrag:
    """A drag that a tool has begun."""

    cursor = Qt.CursorShape.CrossCursor

    def move(self, at: QPointF, keys: Modifiers) -> None: ...

    def finish(self, keys: Modifiers) -> None: ...

    def cancel(self) -> None: ...

    def paint(self, painter: QPainter, view: View) -> None: ...


class DividerDrag(ToolDrag):
    """Move the line between before and after."""

    cursor = Qt.CursorShape.SplitHCursor

    def __init__(self, scene: SceneView) -> None:
        self._scene = scene
        self._before = scene.session.shown

    def move(self, at: QPointF, keys: Modifiers) -> None:
        shown = self._scene.session.shown
        if shown is not None:
            split = float(np.clip(at.x() / max(self._scene.width(), 1), 0.0, 1.0))
            self._scene.session.show(replace(shown, split=split))

    def cancel(self) -> None:
        self._scene.session.show(self._before)


# Choosing many


class _Band(ToolDrag):
    """Choose what lies within a shape that is drawn."""

    def __init__(self, scene: SceneView, at: QPointF) -> None:
        self._scene = scene
        self.points = [at, at]

    def within(self, flat: Array) -> Array:
        raise NotImplementedError

    def finish(self, keys: Modifiers) -> None:
        scene = self._scene
        points = scene.layer.points
        if points is None:
            return
        flat = scene.flat()
        inside = np.zeros(len(flat), dtype=bool)
        rows = np.flatnonzero(scene.layer.candidates() & np.isfinite(flat).all(axis=1))
        inside[rows] = self.within(flat[rows])
        found = frozenset(points.ids[i] for i in np.flatnonzero(inside))
        chosen = scene.session.selection
        if keys & CONTROL:
            found = chosen - found
        elif keys & SHIFT:
            found = chosen | found
        scene.session.select(found)

    def paint(self, painter: QPainter, view: View) -> None:
        path = QPainterPath()
        path.addPolygon(QPolygonF(self.outline()))
        path.closeSubpath()
        painter.setBrush(BAND)
        painter.setPen(QPen(looks.ACCENT, 1.2, Qt.PenStyle.DashLine))
        painter.drawPath(path)

    def outline(self) -> Sequence[QPointF]:
        return self.points


class _BoxDrag(_Band):
    def move(self, at: QPointF, keys: Modifiers) -> None:
        self.points[1] = at

    def _rect(self) -> QRectF:
        return QRectF(self.points[0], self.points[1]).normalized()

    def within(self, flat: Array) -> Array:
        box = self._rect()
        return np.asarray(
            (flat[:, 0] >= box.left())
            & (flat[:, 0] <= box.right())
            & (flat[:, 1] >= box.top())
            & (flat[:, 1] <= box.bottom())
        )

    def outline(self) -> Sequence[QPointF]:
        box = self._rect()
        return [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]


class _LassoDrag(_Band):
    def move(self, at: QPointF, keys: Modifiers) -> None:
        if (at - self.points[-1]).manhattanLength() > 2.0:
            self.points.append(at)

    def within(self, flat: Array) -> Array:
        if len(self.points) < 4 or not len(flat):
            return np.zeros(len(flat), dtype=bool)
        line = np.array([(p.x(), p.y()) for p in self.points])
        return np.asarray(inside_polygon(flat, line))


class BoxTool(Tool):
    name: ToolName = "box"
    cursor = Qt.CursorShape.CrossCursor

    def drag(self, at: QPointF, keys: Modifiers) -> ToolDrag | None:
        return _BoxDrag(self.scene, at)


class LassoTool(Tool):
    name: ToolName = "lasso"
    cursor = Qt.CursorShape.CrossCursor

    def drag(self, at: QPointF, keys: Modifiers) -> ToolDrag | None:
        return _LassoDrag(self.scene, at)
