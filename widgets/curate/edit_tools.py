"""Tools that edit: move, add, join, cut, draw a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.curate.action import Action
from app.curate.contours import Contour
from app.curate.edges import CutEdges, DrawEdges
from app.curate.moving import Move, Nudge
from app.curate.snapping import SnapToCurve, SnapToEdge, SnapToMirror, SnapToVertex
from app.curate.structure import Add, new_ids
from app.curate.surface import Spots
from app.curate.working import free_name
from app.geometry.rotations import Array
from widgets.curate import looks
from widgets.curate.points import Points, crossed_edges
from widgets.curate.tool_words import Snap, ToolName
from widgets.curate.tools import CONTROL, SHIFT, BoxTool, LassoTool, Modifiers, Tool, ToolDrag
from widgets.viewport.navigation import View

if TYPE_CHECKING:
    from widgets.curate.scene_view import SceneView

PRECISE: Final = 0.1


def snap_action(snap: Snap, ids: tuple[str, ...]) -> Action | None:
    """The edit that brings landmarks to what they snap to."""
    makers: dict[Snap, Callable[[tuple[str, ...]], Action]] = {
        "vertex": SnapToVertex,
        "edge": SnapToEdge,
        "mirror": SnapToMirror,
        "curve": SnapToCurve,
    }
    return makers[snap](ids) if snap in makers else None


class MoveDrag(ToolDrag):
    """Take one point along the skin, or several by the same way."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, scene: SceneView, key: str, at: QPointF) -> None:
        self._scene, self._key = scene, key
        self._gesture = object()
        points = scene.layer.points
        assert points is not None
        row = points.index[key]
        flat = scene.flat()[row]
        self._many = tuple(scene.session.ordered_selection())
        self._point = QPointF(float(flat[0]), float(flat[1]))
        self._last = at
        self._world = points.world[row]
        self._moved = False

    def move(self, at: QPointF, keys: Modifiers) -> None:
        slow = PRECISE if keys & SHIFT else 1.0
        self._point = self._point + (at - self._last) * slow
        self._last = at
        scene = self._scene
        if scene.ground is None:
            return
        ray = scene.shown_view().ray(self._point.x(), self._point.y())
        if len(self._many) > 1:
            self._move_all(ray)
        else:
            spot = scene.ground.spot_beside(*ray)
            if spot is None:
                return
            name = scene.name_of(self._key)
            self._do(Move((self._key,), spot, name))
        snap = snap_action(scene.snap, self._many or (self._key,))
        if snap is not None and keys & CONTROL:
            self._do(snap)

    def _move_all(self, ray: tuple[Array, Array]) -> None:
        there = self._scene.ground.point(*ray) if self._scene.ground is not None else None
        if there is None:
            return
        way = there - self._world
        length = float(np.linalg.norm(way))
        if length > 1e-6:
            x, y, z = (float(v) for v in way / length)
            if self._do(Nudge(self._many, (x, y, z), length, "Move")):
                self._world = there

    def _do(self, action: Action) -> bool:
        done: bool = self._scene.session.do(action, self._gesture)
        self._moved = self._moved or done
        return done

    def finish(self, keys: Modifiers) -> None:
        self._scene.settle_points()

    def cancel(self) -> None:
        if self._moved:
            self._scene.session.undo()
        self._scene.settle_points()


class MoveTool(Tool):
    name: ToolName = "move"

    def drag(self, at: QPointF, keys: Modifiers) -> ToolDrag | None:
        key = self.scene.landmark_under(at)
        if key is None:
            return None
        if key not in self.session.selection:
            self.session.select([key], key)
        elif self.session.current != key:
            self.session.select(self.session.selection, key)
        return MoveDrag(self.scene, key, at)


# Adding, joining, cutting


class AddTool(Tool):
    """Click the skin: a point comes there, in the part of the one that is chosen."""

    name: ToolName = "add"
    cursor = Qt.CursorShape.CrossCursor

    def click(self, at: QPointF, keys: Modifiers) -> None:
        scene, session = self.scene, self.session
        topology = session.topology
        if topology is None or scene.ground is None:
            return
        spot = scene.ground.spot(*scene.shown_view().ray(at.x(), at.y()))
        if spot is None:
            self.choose(at, keys)
            return
        part = self.part()
        taken = {mark.name for mark in topology.landmarks}
        side = "" if abs(scene.mean_of(spot)[0]) < 0.0015 else "right "
        if side and scene.mean_of(spot)[0] > 0.0:
            side = "left "
        stem = part or f"{side}point"
        count = sum(1 for name in taken if name.startswith(stem))
        name = free_name(f"{stem} {count + 1}", taken)
        ids = new_ids(2)
        if session.do(Add(name, spot, ids, part)):
            session.select([ids[0]], ids[0])

    def part(self) -> str:
        """The part of the chosen point, which the new one joins."""
        points, current = self.scene.layer.points, self.session.current
        if points is None or current not in points.index:
            return ""
        number = int(points.part_of[points.index[current]])
        return points.topology.parts[number].name if number >= 0 else ""


class DrawTool(Tool):
    """Join points by edges, one click after the other."""

    name: ToolName = "draw"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, scene: SceneView) -> None:
        super().__init__(scene)
        self._last: str | None = None

    def click(self, at: QPointF, keys: Modifiers) -> None:
        key = self.scene.landmark_under(at)
        if key is None:
            self.leave()
            return
        if self._last is not None and key != self._last:
            self.session.do(DrawEdges((self._last, key)))
        self._last = key
        self.session.select([key], key)

    def leave(self) -> None:
        self._last = None
        self.scene.update()

    def paint(self, painter: QPainter, view: View) -> None:
        points = self.scene.layer.points
        if points is None or self._last not in points.index:
            return
        x, y = self.scene.flat()[points.index[self._last]]
        painter.setPen(QPen(looks.ACCENT, 1.6, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, y), self.scene.pointer_at)


class _CutDrag(ToolDrag):
    def __init__(self, scene: SceneView, at: QPointF) -> None:
        self._scene, self._start, self._end = scene, at, at

    def move(self, at: QPointF, keys: Modifiers) -> None:
        self._end = at

    def finish(self, keys: Modifiers) -> None:
        scene = self._scene
        points = scene.layer.points
        if points is None:
            return
        ends = [np.array([p.x(), p.y()]) for p in (self._start, self._end)]
        rows = crossed_edges(scene.flat(), points.edges, scene.layer.edge_candidates(), *ends)
        scene.cut(rows)

    def paint(self, painter: QPainter, view: View) -> None:
        painter.setPen(QPen(looks.REMOVED, 1.8, Qt.PenStyle.DashLine))
        painter.drawLine(self._start, self._end)


class CutTool(Tool):
    name: ToolName = "cut"
    cursor = Qt.CursorShape.CrossCursor

    def drag(self, at: QPointF, keys: Modifiers) -> ToolDrag | None:
        return _CutDrag(self.scene, at)

    def click(self, at: QPointF, keys: Modifiers) -> None:
        row = self.scene.edge_under(at)
        if row is not None:
            self.scene.cut(np.array([row]))

    def paint(self, painter: QPainter, view: View) -> None:
        row, points = self.scene.edge_under(self.scene.pointer_at), self.scene.layer.points
        if row is None or points is None:
            return
        a, b = self.scene.flat()[points.edges[row]]
        painter.setPen(QPen(looks.REMOVED, 2.6))
        painter.drawLine(QPointF(*a), QPointF(*b))


class LineTool(Tool):
    """Click places on the skin; Enter makes a part of so many points along the line."""

    name: ToolName = "line"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, scene: SceneView) -> None:
        super().__init__(scene)
        self._spots: list[Spots] = []
        self._world: list[Array] = []

    def click(self, at: QPointF, keys: Modifiers) -> None:
        scene = self.scene
        if scene.ground is None:
            return
        ray = scene.shown_view().ray(at.x(), at.y())
        spot, point = scene.ground.spot(*ray), scene.ground.point(*ray)
        if spot is not None and point is not None:
            self._spots.append(spot)
            self._world.append(point)
            scene.update()

    def finish(self) -> None:
        """Draw the line that was clicked."""
        scene, topology = self.scene, self.session.topology
        if topology is None or not self._spots:
            return
        spots = Spots(
            np.concatenate([s.triangles for s in self._spots]),
            np.concatenate([s.weights for s in self._spots]),
        )
        known = {part.name for part in topology.parts}
        name = free_name(scene.line_name or "line", known)
        if self.session.do(Contour(name, spots, scene.line_count, scene.line_closed)):
            self.leave()

    def leave(self) -> None:
        self._spots, self._world = [], []
        self.scene.update()

    def paint(self, painter: QPainter, view: View) -> None:
        if not self._world:
            return
        flat = view.project(np.array(self._world))
        line = [QPointF(x, y) for x, y in flat if np.isfinite(x)]
        painter.setPen(QPen(looks.ADDED, 1.6, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF([*line, self.scene.pointer_at]))
        painter.setPen(QPen(QColor(10, 12, 14, 200), 1.0))
        painter.setBrush(looks.ADDED)
        for at in line:
            painter.drawEllipse(at, 4.0, 4.0)


KINDS: Final[dict[ToolName, type[Tool]]] = {
    "look": Tool,
    "box": BoxTool,
    "lasso": LassoTool,
    "move": MoveTool,
    "add": AddTool,
    "draw": DrawTool,
    "cut": CutTool,
    "line": LineTool,
}


def cut_action(points: Points, rows: Array) -> CutEdges:
    """Take edges away by their rows."""
    ids = points.ids
    return CutEdges(tuple((ids[a], ids[b]) for a, b in points.edges[rows].tolist()))
