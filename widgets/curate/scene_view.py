"""The head with the landmarks on it: shows the session's document and sends it actions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from app.curate.moving import NUDGE, Nudge
from app.curate.surface import Spots
from app.geometry.rotations import Array
from app.scene.presets import default_scene
from app.scene.scene import Environment, HeadFile, Light, Scene
from app.session.document import Document as SceneDocument
from app.topology.topology import Topology, Vector
from widgets.curate import edit_tools, tools
from widgets.curate.comparison_layer import ComparisonLayer
from widgets.curate.edit_tools import LineTool
from widgets.curate.ground import Ground
from widgets.curate.looks import Looks
from widgets.curate.points import PointPoser, Points, nearest, nearest_edge
from widgets.curate.points_layer import PointsLayer
from widgets.curate.session import CurateSession
from widgets.curate.tool_words import TOOLS, Snap, ToolName
from widgets.curate.tools import Tool, ToolDrag
from widgets.viewport import overlay
from widgets.viewport.navigation import Orbit
from widgets.viewport.viewport import Viewport

_CLICK: Final = 4.0
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, 1.0),
    Qt.Key.Key_Down: (0.0, -1.0),
}
_WARNING: Final = QColor(255, 190, 110)
_CLOSE_UP: Final = 0.16
"""Metres from which a point that is gone to is looked at."""


def quiet_scene() -> Scene:
    """A head in soft light, darker than points are."""
    lights = (
        Light("Key", "area", energy=7.5, size=1.0, position=(0.55, -0.9, 0.55)),
        Light("Fill", "area", energy=2.4, size=1.6, position=(-0.9, -0.7, 0.1)),
        Light("Rim", "area", energy=6.0, size=0.6, position=(-0.5, 0.8, 0.5)),
    )
    return replace(
        default_scene(HeadFile("")), lights=lights, environment=Environment("studio", strength=0.16)
    )


class SceneView(Viewport):
    """A viewport whose points are those of a topology.

    Attributes
    ----------
    session : CurateSession
    layer : PointsLayer
    comparison_layer : ComparisonLayer
    ground : Ground or None
    tool : Tool
    snap : str
        What a dragged point goes to while Ctrl is held.
    line_name, line_count, line_closed
        Of the part that the line tool makes.
    pointer_at : QPointF
        Where the pointer was last.

    Signals
    -------
    tool_changed : str
    menu_asked : QPoint
        The right button was clicked, global.
    looks_changed
    """

    tool_changed = Signal(str)
    menu_asked = Signal(object)
    looks_changed = Signal()

    def __init__(self, session: CurateSession, parent: QWidget | None = None) -> None:
        super().__init__(SceneDocument(quiet_scene()), parent)
        self.setAccessibleName("Landmarks on the head")
        for name in ("grid", "gizmos", "bones"):
            self.set_overlay(name, False)
        self.session = session
        self.layer = PointsLayer(session)
        self.comparison_layer = ComparisonLayer(session)
        self.ground: Ground | None = None
        self.snap: Snap = "none"
        self.line_name, self.line_count, self.line_closed = "", 9, False
        self.pointer_at = QPointF()
        self._tools: dict[ToolName, Tool] = {name: k(self) for name, k in edit_tools.KINDS.items()}
        self.tool: Tool = self._tools["look"]
        self._drag: ToolDrag | None = None
        self._pressed: QPointF | None = None
        self._right_at = QPointF()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._flat: tuple[object, object, Array] | None = None
        self._nudging: object | None = None
        self._compared: NDArray[np.bool_] | None = None
        self._comparing = 0
        session.opened.connect(self._open)
        session.document_changed.connect(self._document_changed)
        session.shown_changed.connect(self._show_comparison)
        for signal in (session.selection_changed, session.hover_changed, session.view_changed):
            signal.connect(self._repaint)
        self.frame_shown.connect(self._take_marks)

    # What is shown

    def set_ground(self, ground: Ground) -> None:
        """Edit on another head."""
        if ground is self.ground:
            return
        self.ground = ground
        self.set_asset(ground.asset)
        self._rebuild()

    def set_looks(self, looks: Looks) -> None:
        if looks != self.layer.looks:
            self.layer.looks = looks
            self.update()
            self.looks_changed.emit()

    def set_tool(self, name: ToolName) -> None:
        if name != self.tool.name:
            self.cancel()
            self.tool.leave()
            self.tool = self._tools[name]
            self.setCursor(self.tool.cursor)
            self.update()
            self.tool_changed.emit(name)

    def _open(self) -> None:
        self.cancel()
        self.layer.points = None
        self._rebuild()

    def _rebuild(self) -> None:
        topology = self.session.topology
        before = self.layer.points
        if self.ground is None or topology is None:
            self.layer.points = None
            self.find_marks(None)
            return
        points = Points.of(self.ground, topology)
        self.layer.sight.begin(points, before)
        self._use(points, look=True)

    def _use(self, points: Points, look: bool) -> None:
        """Draw other points; ``look`` asks for a picture that tells which of them are seen."""
        self.layer.points = points
        self._flat = None
        if look and self.session.shown is None:
            self.find_marks(self.layer.sight.poser(points))
        elif self.session.shown is None:
            self._thread.set_marks(self.layer.sight.poser(points))
        self.update()

    def _document_changed(self, before: Topology, after: Topology) -> None:
        points = self.layer.points
        if points is None or self.ground is None:
            self._rebuild()
            return
        old = points
        points, rows = points.after(after)
        if not old.same_landmarks(after):
            self.layer.sight.begin(points, old)
            self._use(points, look=True)
        else:
            wanted = self.layer.sight.moved(points, rows, self.shown_view()) if len(rows) else False
            self._use(points, look=wanted and self._drag is None)

    def settle_points(self) -> None:
        """A drag has ended: see anew which points are seen, where that is not known."""
        if self.layer.points is not None:
            self.find_marks(self.layer.sight.poser(self.layer.points))

    def _take_marks(self) -> None:
        shown = self.shown
        if shown is None:
            return
        if self.session.shown is not None:
            if shown.marks and shown.marks[0].topology == f"c{self._comparing}":
                self._compared = shown.marks[0].visible
        else:
            self.layer.sight.take(shown.marks)
        self.update()

    def _show_comparison(self) -> None:
        shown = self.session.shown
        if self.ground is None:
            return
        before = self.comparison_layer.after
        self.comparison_layer.prepare(self.ground)
        after = self.comparison_layer.after
        if shown is None:
            self._compared = None
            if self.layer.points is not None:
                self.find_marks(self.layer.sight.poser(self.layer.points))
        elif after is not None and after is not before:
            self._compared = None
            self._comparing += 1
            self.find_marks(PointPoser(self.ground.asset, f"c{self._comparing}", after.world))
        self.update()

    def _repaint(self) -> None:
        self.update()

    # What lies where

    def flat(self) -> Array:
        """Places of the points in the picture on screen, shape (L, 2); NaN behind the viewer."""
        points, view = self.layer.points, self.shown_view()
        if points is None:
            return np.zeros((0, 2))
        key = (points, view.matrix, (view.width, view.height, view.tangent))
        if self._flat is None or self._flat[0] is not points or not _same(self._flat[1], key[1:]):
            self._flat = (points, key[1:], view.project(points.world))
        return self._flat[2]

    def landmark_under(self, at: QPointF) -> str | None:
        if self.session.shown is not None:
            view = self.shown_view()
            return self.comparison_layer.under(view, at.x(), at.y(), tools.REACH, self._compared)
        points = self.layer.points
        if points is None:
            return None
        row = nearest(self.flat(), self.layer.candidates(), at.x(), at.y(), tools.REACH)
        return points.ids[row] if row is not None else None

    def edge_under(self, at: QPointF) -> int | None:
        points = self.layer.points
        if points is None:
            return None
        found = self.layer.edge_candidates()
        return nearest_edge(self.flat(), points.edges, found, at.x(), at.y(), tools.REACH)

    def cut(self, rows: NDArray[Any]) -> None:
        """Take edges away."""
        if self.layer.points is not None and len(rows):
            self.session.do(edit_tools.cut_action(self.layer.points, rows))

    def name_of(self, key: str) -> str:
        points = self.layer.points
        assert points is not None
        return points.topology.landmarks[points.index[key]].name

    def mean_of(self, spot: Spots) -> Array:
        """A place on the mean head, shape (3,)."""
        assert self.ground is not None
        return np.asarray(self.ground.mean.surface.at(spot)[0])

    def go_to(self, ids: tuple[str, ...]) -> None:
        """Choose landmarks and turn the view so that they are seen."""
        points = self.layer.points
        if points is None:
            return
        rows = points.rows(frozenset(ids))
        if not len(rows):
            return
        self.session.select(ids, ids[0])
        places = points.world[rows]
        centre = places.mean(axis=0)
        spots, _ = points.ground.surface.closest(centre[None])
        x, y, z = points.ground.surface.facing(spots)[0]
        spread = float(np.linalg.norm(places - centre, axis=1).max())
        orbit = replace(
            self.orbit,
            target=(float(centre[0]), float(centre[1]), float(centre[2])),
            azimuth=float(np.degrees(np.arctan2(x, -y))),
            elevation=float(np.clip(np.degrees(np.arcsin(np.clip(z, -1, 1))), -70, 70)) * 0.6,
            distance=max(_CLOSE_UP, 5.0 * spread),
        )
        self._leave_and_fly(orbit)

    def _framed(self, orbit: Orbit) -> Orbit:
        """The landmarks fill the view; without any, the face."""
        aspect = self.width() / max(self.height(), 1)
        points = self.layer.points
        if points is None or len(points.world) < 3:
            return orbit.framing(np.array([0.0, 0.0, -0.03]), 0.15, aspect)
        low, high = points.world.min(axis=0), points.world.max(axis=0)
        radius = max(float(np.linalg.norm(high - low)) / 2.0, 0.02)
        return orbit.framing((low + high) / 2.0, 1.06 * radius, aspect)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown, view = self.shown, self.shown_view()
        if shown is None:
            painter.fillRect(self.rect(), QColor(46, 48, 52))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self.interacting)
            painter.drawImage(self.rect(), shown.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if shown is not None and self.ground is not None:
            if self.session.shown is not None:
                self.comparison_layer.paint(painter, view, self.layer.width(view), self._compared)
            else:
                self.layer.paint(painter, view)
                self.tool.paint(painter, view)
                if self._drag is not None:
                    self._drag.paint(painter, view)
        painter.setOpacity(1.0)
        overlay.draw_ball(painter, view, self.ball(), self.pointer.knob, self.pointer.over_ball)
        lines = [(self._title(), overlay.TEXT)]
        if self.interacting and self.frames_per_second > 0:
            lines.append((f"{self.frames_per_second:.0f} frames/s", overlay.DIM_TEXT))
        lines += [(line, _WARNING) for line in self.remarks()]
        overlay.draw_words(painter, QPointF(12, 6), lines)
        if self.layer.points is not None:
            hint = [(TOOLS[self.tool.name].hint, overlay.DIM_TEXT)]
            overlay.draw_words(painter, QPointF(12, self.height() - 26), hint, -1)
        painter.end()

    def _title(self) -> str:
        name = self.orbit.name() or "user"
        kind = "orthographic" if self.orbit.orthographic else "perspective"
        head = self.ground.title if self.ground is not None else ""
        return "  ·  ".join(part for part in (name.capitalize(), kind, head) if part)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pointer_at = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        orbiting = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if event.button() == Qt.MouseButton.RightButton:
            self._right_at = event.position()
        if self._drag is not None:
            return
        if not left or orbiting or self.ball().holds(self.pointer_at.x(), self.pointer_at.y()):
            self._pressed = None
            super().mousePressEvent(event)
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._pressed = event.position()
        if self.session.shown is None:
            self._drag = self.tool.drag(event.position(), event.modifiers())
        elif self._on_divider(event.position()):
            self._drag = tools.DividerDrag(self)
        if self._drag is None:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        self.pointer_at = at
        if self._drag is not None:
            assert self._pressed is not None
            if self._begun(at):
                self.setCursor(self._drag.cursor)
                self._drag.move(at, event.modifiers())
            self.update()
            return
        super().mouseMoveEvent(event)
        if event.buttons() == Qt.MouseButton.NoButton:
            self.session.hover(self.landmark_under(at))
            if not self.pointer.over_ball:
                self.setCursor(self._cursor())
            if self.tool.name in ("cut", "draw", "line"):
                self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at, drag, pressed = event.position(), self._drag, self._pressed
        left = event.button() == Qt.MouseButton.LeftButton
        if drag is not None and left:
            begun = self._begun(at)
            self._drag = self._pressed = None
            if begun:
                drag.finish(event.modifiers())
            else:
                self._click_tool().click(at, event.modifiers())
            self.setCursor(self._cursor())
            self.update()
            return
        clicked = left and pressed is not None and not self._far(pressed, at)
        right = event.button() == Qt.MouseButton.RightButton
        right = right and not self._far(self._right_at, at)
        super().mouseReleaseEvent(event)
        if right:
            self._ask_menu(at)
        self._pressed = None
        if clicked:
            self._click_tool().click(at, event.modifiers())
            self.update()
        self.setCursor(self._cursor())

    def _click_tool(self) -> Tool:
        """Of what is compared points can be chosen, no more."""
        return self.tool if self.session.shown is None else self._tools["look"]

    def _begun(self, at: QPointF) -> bool:
        """Whether the pointer has left the place where the button was pressed."""
        if self._pressed is not None and self._far(self._pressed, at):
            self._pressed = QPointF(-1e6, -1e6)
        return self._pressed is not None and self._pressed.x() < -1e5

    @staticmethod
    def _far(one: QPointF, other: QPointF) -> bool:
        return (one - other).manhattanLength() > _CLICK

    def _on_divider(self, at: QPointF) -> bool:
        shown = self.session.shown
        if shown is None or shown.side != "swipe":
            return False
        return abs(at.x() - shown.split * self.width()) < tools.REACH

    def _cursor(self) -> Qt.CursorShape:
        if self.session.shown is not None:
            if self._on_divider(self.pointer_at):
                return Qt.CursorShape.SplitHCursor
            there = self.session.hovered is not None
            return Qt.CursorShape.PointingHandCursor if there else Qt.CursorShape.ArrowCursor
        if self.tool.name in ("look", "move") and self.session.hovered is not None:
            hand = self.tool.name == "move"
            return Qt.CursorShape.OpenHandCursor if hand else Qt.CursorShape.PointingHandCursor
        return self.tool.cursor

    def leaveEvent(self, event: QEvent) -> None:
        self.session.hover(None)
        super().leaveEvent(event)

    def _ask_menu(self, at: QPointF) -> None:
        """A click of the right button asks for the menu; a drag of it zooms."""
        key = self.landmark_under(at)
        if key is not None and key not in self.session.selection:
            self.session.select([key], key)
        self.menu_asked.emit(self.mapToGlobal(at.toPoint()))

    def cancel(self) -> None:
        """Put back what a drag has done."""
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.cancel()
            self._pressed = None
            self.update()

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._wants(event):
            event.accept()
            return True
        return super().event(event)

    def _wants(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        return event.key() in (*_ARROWS, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            if self._drag is not None:
                self.cancel()
            elif self.pointer.drag is not None:
                super().keyPressEvent(event)
            elif self.session.shown is not None:
                self.session.show(None)
            else:
                self.tool.leave()
                self.session.select([])
        elif key == Qt.Key.Key_Menu:
            self._ask_menu(self.pointer_at)
        elif key in _ARROWS and self.session.selection:
            self.nudge(_ARROWS[key], event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(self.tool, LineTool):
            self.tool.finish()
        else:
            super().keyPressEvent(event)

    def nudge(self, way: tuple[float, float], event: QKeyEvent) -> None:
        """Move what is chosen by 0.1 mm in the picture, 1 mm with Shift; held keys are one step."""
        if not event.isAutoRepeat() or self._nudging is None:
            self._nudging = object()
        turn = self.shown_view().matrix[:3, :2]
        x, y, z = (float(v) for v in turn @ np.array(way))
        direction: Vector = (x, y, z)
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        length = NUDGE * (10.0 if far else 1.0)
        self.session.do(Nudge(self.session.ordered_selection(), direction, length), self._nudging)

    def shut_down(self) -> None:
        self.cancel()
        self.close_renderer()


def _same(one: Any, other: Any) -> bool:
    return bool(one[1] == other[1] and np.array_equal(one[0], other[0]))
