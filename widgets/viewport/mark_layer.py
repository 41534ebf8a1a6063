"""The layer of landmarks over the picture: which are drawn, which one lies under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.geometry.rotations import Array
from app.topology import store
from app.topology.truth import OUTLINE
from widgets.viewport import overlay
from widgets.viewport.landmarks import MarkPoser, Marks
from widgets.viewport.navigation import View

if TYPE_CHECKING:
    from widgets.viewport.viewport import Viewport

SETS: Final = {
    "ibug-68": "iBUG 68 points",
    "dense-520": "Dense 520 points",
    OUTLINE: "Visible outline",
}
EXTRAS: Final = {"hidden": "Hidden points", "lines": "Lines between points"}
COLORS: Final = {
    "ibug-68": QColor("#5ff0a5"),
    "dense-520": QColor("#e8ecf2"),
    OUTLINE: QColor("#ffb454"),
}
CORRECTED: Final = QColor("#ff8ad8")
_RADII: Final = {"ibug-68": 2.6, "dense-520": 1.5, OUTLINE: 2.0}
_REACH: Final = 9.0
_NAME_WIDTH: Final = 300
_RIM: Final = QColor(10, 12, 14, 170)

Mark = tuple[str, int]
"""Topology and index of one landmark."""


class MarkLayer(QObject):
    """What of the landmarks is drawn, and with what marks.

    Attributes
    ----------
    hovered, selected : (str, int) or None
    corrected : frozenset of (str, int)
        Landmarks that a person has moved.
    held : (str, int, ndarray) or None
        A landmark that is being dragged, and where it is now.

    Signals
    -------
    wanted_changed : bool
        Landmarks are wanted on screen, or no more.
    selected_changed : (str, int) or None
    shown_changed
        Other sets are shown.
    moved : ((str, int), Place)
        A person dragged a landmark elsewhere.
    """

    wanted_changed = Signal(bool)
    selected_changed = Signal(object)
    shown_changed = Signal()
    moved = Signal(object, object)

    def __init__(self, viewport: Viewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._shown = {"ibug-68": True, "dense-520": False, OUTLINE: True}
        self._shown |= dict.fromkeys(EXTRAS, True)
        self._on = False
        self.poser: MarkPoser | None = None
        self.hovered: Mark | None = None
        self.selected: Mark | None = None
        self.corrected: frozenset[Mark] = frozenset()
        self.held: tuple[str, int, Array] | None = None
        self.note = ""
        self._wanted = False
        viewport.mode_changed.connect(self.refresh)

    @property
    def on(self) -> bool:
        return self._on

    def set_on(self, on: bool) -> None:
        """Show landmarks in every mode; in landmark mode they are always shown."""
        self._on = on
        self.refresh()

    @property
    def wanted(self) -> bool:
        return self._on or self._viewport.mode == "landmarks"

    def shows(self, name: str) -> bool:
        return self._shown[name]

    def show(self, name: str, on: bool) -> None:
        """Show or leave out one of `SETS` or `EXTRAS`."""
        if self._shown[name] != on:
            self._shown[name] = on
            self._viewport.update()
            self.shown_changed.emit()

    def set_note(self, note: str) -> None:
        """A line in the viewport's corner while landmarks are wanted."""
        self.note = note
        self._viewport.update()

    def refresh(self, _: object = None) -> None:
        """Bring the render thread to what is wanted."""
        wanted = self.wanted
        self._viewport.find_marks(self.poser if wanted else None)
        if wanted != self._wanted:
            self._wanted = wanted
            self.wanted_changed.emit(wanted)

    def set_poser(self, poser: MarkPoser | None) -> None:
        """Landmarks of the head that is on stage now; None while there are none."""
        same = poser is not None and self.poser is not None and poser.asset is self.poser.asset
        self.poser = poser
        self.held = None
        if not same:
            self.select(None)
            self.hovered = None
        self.refresh()

    def hold(self, mark: Mark | None, place: Array | None) -> None:
        """Draw a landmark elsewhere for the time being."""
        self.held = None if mark is None or place is None else (*mark, place)
        self._viewport.update()

    def select(self, mark: Mark | None) -> None:
        if mark != self.selected:
            self.selected = mark
            self._viewport.update()
            self.selected_changed.emit(mark)

    def drawn(self) -> list[Marks]:
        """Marks of the picture on screen that are shown; the dense ones lie lowest."""
        shown = self._viewport.shown
        if shown is None or not self.wanted:
            return []
        order = {"dense-520": 0, OUTLINE: 1}
        chosen = [m for m in shown.marks if self._shown.get(m.topology, True)]
        return sorted(chosen, key=lambda m: order.get(m.topology, 2))

    def world(self, mark: Mark) -> Array | None:
        """Where a landmark lies in the picture on screen."""
        if self.held is not None and self.held[:2] == mark:
            return self.held[2]
        shown = self._viewport.shown
        for marks in shown.marks if shown is not None else ():
            if marks.topology == mark[0] and mark[1] < len(marks.world):
                return np.asarray(marks.world[mark[1]])
        return None

    def under(self, view: View, x: float, y: float) -> Mark | None:
        """The landmark nearest to a point of the widget, within a few pixels; seen ones first."""
        best: tuple[float, Mark] | None = None
        for marks in self.drawn():
            flat = view.project(marks.world)
            away = np.hypot(flat[:, 0] - x, flat[:, 1] - y)
            away = np.where(np.isfinite(away), away, np.inf)
            if not self._shown["hidden"]:
                away[~marks.visible] = np.inf
            away[~marks.visible] += 3.0
            if marks.topology == OUTLINE:
                away += 0.5
            i = int(np.argmin(away))
            if away[i] < _REACH and (best is None or away[i] <= best[0]):
                best = float(away[i]), (marks.topology, i)
        return best[1] if best else None

    # Painting

    def paint(self, painter: QPainter, view: View) -> None:
        for marks in self.drawn():
            flat = view.project(self._with_held(marks))
            if self._shown["lines"]:
                self._paint_lines(painter, marks, flat)
            self._paint_points(painter, marks, flat)
        for mark, ring in ((self.selected, 2.2), (self.hovered, 1.6)):
            self._paint_ring(painter, view, mark, ring)
        if self.hovered is not None and self.held is None:
            self._paint_name(painter, view, self.hovered)

    def _with_held(self, marks: Marks) -> Array:
        if self.held is None or self.held[0] != marks.topology:
            return marks.world
        world = marks.world.copy()
        world[self.held[1]] = self.held[2]
        return world

    def _paint_lines(self, painter: QPainter, marks: Marks, flat: Array) -> None:
        ends = _edges(marks.topology)
        if not len(ends):
            return
        color = QColor(COLORS.get(marks.topology, COLORS["ibug-68"]))
        seen = marks.visible[ends].all(axis=1)
        good = np.isfinite(flat[ends]).all(axis=(1, 2))
        for which, alpha in ((seen, 150), (~seen, 45)):
            if alpha < 100 and not self._shown["hidden"]:
                continue
            color.setAlpha(alpha)
            painter.setPen(QPen(color, 1.1))
            for a, b in flat[ends[which & good]]:
                painter.drawLine(QPointF(*a), QPointF(*b))

    def _paint_points(self, painter: QPainter, marks: Marks, flat: Array) -> None:
        radius = _RADII.get(marks.topology, 2.0)
        color = QColor(COLORS.get(marks.topology, COLORS["ibug-68"]))
        good = np.isfinite(flat).all(axis=1)
        moved = np.zeros(len(flat), bool)
        moved[[i for name, i in self.corrected if name == marks.topology and i < len(flat)]] = True
        if self._shown["hidden"]:
            faint = QColor(color)
            faint.setAlpha(120 if radius > 1.6 else 60)
            if radius > 1.6:
                painter.setPen(QPen(faint, 1.1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                for x, y in flat[good & ~marks.visible]:
                    painter.drawEllipse(QPointF(x, y), radius, radius)
            else:
                _dots(painter, flat[good & ~marks.visible], faint, radius)
        seen = good & marks.visible
        _dots(painter, flat[seen], _RIM, radius + 1.0)
        _dots(painter, flat[seen & ~moved], color, radius)
        for x, y in flat[good & moved]:
            painter.setPen(QPen(_RIM, 1.0))
            painter.setBrush(CORRECTED)
            painter.save()
            painter.translate(x, y)
            painter.rotate(45)
            side = radius * 0.95 + 1.2
            painter.drawRect(QRectF(-side, -side, 2 * side, 2 * side))
            painter.restore()

    def _paint_ring(self, painter: QPainter, view: View, mark: Mark | None, width: float) -> None:
        place = self.world(mark) if mark is not None else None
        if place is None or mark is None or not self.wanted:
            return
        x, y = view.project(place)
        if np.isfinite(x):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(255, 255, 255, 235), width))
            painter.drawEllipse(QPointF(x, y), 6.5, 6.5)

    def _paint_name(self, painter: QPainter, view: View, mark: Mark) -> None:
        place = self.world(mark)
        if place is None:
            return
        x, y = view.project(place)
        if not np.isfinite(x):
            return
        overlay.set_font(painter, 0)
        left = self._left_of_face(x, view)
        at = QPointF(x - 14 if left else x + 14, max(y - 16, 18.0))
        overlay.pill(painter, at, self.title(mark), -1 if left else 1)

    def _left_of_face(self, x: float, view: View) -> bool:
        """Whether a name beside ``x`` leaves the face free when it goes to the left."""
        width = self._viewport.width()
        if not _NAME_WIDTH < x < width - _NAME_WIDTH:
            return bool(x > width / 2)
        across = np.concatenate([view.project(marks.world)[:, 0] for marks in self.drawn()])
        return bool(x < np.nanmedian(across))

    def title(self, mark: Mark) -> str:
        """A landmark in words: set, index, name, and whether it is hidden."""
        name, index = mark
        parts = [SETS.get(name, name).removesuffix(" points"), str(index)]
        own = point_name(name, index)
        if own:
            parts.append(own)
        shown = self._viewport.shown
        hidden = any(
            m.topology == name and index < len(m.visible) and not m.visible[index]
            for m in (shown.marks if shown else ())
        )
        if mark in self.corrected:
            parts.append("corrected")
        return "  ·  ".join([*parts, "hidden"] if hidden else parts)


def _dots(painter: QPainter, flat: Array, color: QColor, radius: float) -> None:
    pen = QPen(color, 2.0 * radius)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in flat]))


def point_name(topology: str, index: int) -> str:
    """A landmark's own name; empty where it is not known."""
    try:
        landmarks = store.load("ibug-68" if topology == OUTLINE else topology).landmarks
    except (store.TopologyError, OSError):
        return ""
    return landmarks[index].name if index < len(landmarks) else ""


def _edges(topology: str) -> Array:
    """Pairs of landmarks to draw lines between, shape (E, 2)."""
    if topology == OUTLINE:
        return np.stack([np.arange(16), np.arange(1, 17)], axis=1)
    if topology.startswith("dense"):
        return np.zeros((0, 2), int)
    try:
        return np.array(store.load(topology).edges, int).reshape(-1, 2)
    except (store.TopologyError, OSError):
        return np.zeros((0, 2), int)
