"""The topology under edit over the head: points, edges, contours, numbers, what is chosen."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from scipy.spatial import cKDTree

from app.geometry.rotations import Array
from app.topology.identity import ids_of
from app.topology.topology import Topology
from widgets.curate import looks
from widgets.curate.looks import Looks
from widgets.curate.points import Bools, Points, Sight
from widgets.curate.session import CurateSession
from widgets.live.primitives import Brushwork, segments
from widgets.live.sprites import lay_dots, lay_numbers
from widgets.viewport import overlay
from widgets.viewport.navigation import View

RIM: Final = QColor(10, 12, 14, 200)
LEAST, MOST = 3.4, 10.0
"""Widths of points, pixels of the screen."""
_FAINT: Final = 0.28
_ROOM: Final = 17.0
"""Pixels that a number needs."""
_NAME_WIDTH: Final = 300


class PointsLayer:
    """Paints `points`.

    Attributes
    ----------
    points : Points or None
    sight : Sight
    looks : Looks
    """

    def __init__(self, session: CurateSession) -> None:
        self._session = session
        self.points: Points | None = None
        self.sight = Sight()
        self.looks = Looks()
        self._groups: NDArray[Any] | None = None
        self._grouped_by: tuple[object, ...] = ()

    def width(self, view: View) -> float:
        """Of a point on the screen: it grows with the room between points, within bounds."""
        if self.points is None:
            return LEAST
        pixel = view.metres_per_pixel(np.zeros(3))
        return float(np.clip(0.30 * self.points.spacing / pixel, LEAST, MOST))

    def candidates(self) -> Bools:
        """Which points can be pointed at: shown, and not behind the head."""
        if self.points is None:
            return np.zeros(0, dtype=bool)
        document = self._session.document
        shown = self.points.shown(document.view) if document else self.sight.visible
        return np.asarray(shown & self.sight.visible)

    def edge_candidates(self) -> Bools:
        """Which edges can be pointed at."""
        if self.points is None:
            return np.zeros(0, dtype=bool)
        return np.asarray(self.candidates()[self.points.edges].all(axis=1))

    # Painting

    def paint(self, painter: QPainter, view: View) -> None:
        points, document = self.points, self._session.document
        if points is None or document is None or not len(points.ids):
            return
        flat = view.project(points.world)
        there = points.shown(document.view) & np.isfinite(flat).all(axis=1)
        seen = there & self.sight.visible
        brush = Brushwork(painter, 1.0)
        if self.looks.edges:
            self._paint_edges(brush, flat, there, seen)
        if self.looks.contours:
            self._paint_contours(brush, flat, there, seen)
        if self.looks.changes:
            self._paint_changes(painter, view, document.base)
        painter.setOpacity(1.0)
        self._paint_points(painter, view, flat, there, seen)
        if self.looks.numbers:
            self._paint_numbers(painter, view, flat, seen)
        self._paint_chosen(painter, view, flat, there)

    def _paint_edges(self, brush: Brushwork, flat: Array, there: Bools, seen: Bools) -> None:
        points = self.points
        assert points is not None
        ends = points.edges
        if not len(ends):
            return
        front = seen[ends].all(axis=1)
        if brush.begin(0.42):
            brush.lines(segments(flat, ends[front]), QColor("#cfd6e2"), 1.0)
        behind = there[ends].all(axis=1) & ~front
        if self.looks.hidden and brush.begin(0.09):
            brush.lines(segments(flat, ends[behind]), QColor("#cfd6e2"), 1.0)

    def _paint_contours(self, brush: Brushwork, flat: Array, there: Bools, seen: Bools) -> None:
        points = self.points
        assert points is not None
        lines, parts = points.lines, points.line_parts
        front = seen[lines].all(axis=1) if len(lines) else np.zeros(0, dtype=bool)
        for number in np.unique(parts):
            color = looks.part_color(int(number) if self.looks.coloring == "part" else -1)
            own = parts == number
            if brush.begin(0.85):
                brush.lines(segments(flat, lines[own & front]), color, 1.5)
            behind = own & ~front & there[lines].all(axis=1)
            if self.looks.hidden and brush.begin(0.16):
                brush.lines(segments(flat, lines[behind]), color, 1.2)

    def groups(self) -> NDArray[Any]:
        """The group of each point in `looks.colors_of`, shape (L,)."""
        points, document = self.points, self._session.document
        assert points is not None and document is not None
        key = (points.topology, document.base, document.view, self.looks.coloring)
        if self._groups is None or any(
            a is not b for a, b in zip(key, self._grouped_by, strict=True)
        ):
            if self.looks.coloring == "part":
                part = points.part_of
                self._groups = np.where(part < 0, 0, 1 + part % len(looks.PART_COLORS))
            else:
                self._groups = looks.states_of(points.topology, document.base, document.view)
            self._grouped_by = key
        return self._groups

    def _paint_points(
        self, painter: QPainter, view: View, flat: Array, there: Bools, seen: Bools
    ) -> None:
        groups, width = self.groups(), self.width(view)
        for number, color in enumerate(looks.colors_of(self.looks.coloring)):
            own = groups == number
            if self.looks.hidden and (own & there & ~seen).any():
                painter.setOpacity(_FAINT)
                lay_dots(painter, flat[own & there & ~seen], color, width * 0.8, 0.0, RIM)
                painter.setOpacity(1.0)
            if (own & seen).any():
                lay_dots(painter, flat[own & seen], color, width, 1.1, RIM)

    def _paint_numbers(self, painter: QPainter, view: View, flat: Array, seen: Bools) -> None:
        rows = np.flatnonzero(seen)
        if not len(rows):
            return
        away = np.full(len(rows), np.inf)
        if len(rows) > 1:
            away = cKDTree(flat[rows]).query(flat[rows], k=2)[0][:, 1]
        rows = rows[away > _ROOM]
        font = QFont(painter.font())
        font.setPixelSize(11)
        ways = np.tile([0.75, -0.66], (len(flat), 1))
        if len(rows):
            shift = self.width(view) / 2.0 + 2.0
            lay_numbers(painter, flat, font, shift, ways, rows.astype(np.int64))

    def _paint_changes(self, painter: QPainter, view: View, base: Topology) -> None:
        """From where moved points are in the release to where they are now."""
        points = self.points
        assert points is not None
        start, end = moved_ends(points, base)
        if len(start):
            brush = Brushwork(painter, 1.0)
            both = np.concatenate([view.project(start), view.project(end)], axis=1)
            both = both[np.isfinite(both).all(axis=1)]
            brush.begin(0.9)
            brush.lines(both, looks.AFTER, 1.2)

    def _paint_chosen(self, painter: QPainter, view: View, flat: Array, there: Bools) -> None:
        points, session = self.points, self._session
        assert points is not None
        radius = self.width(view) / 2.0 + 2.6
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for i in points.rows(session.selection):
            if not there[i]:
                continue
            main = points.ids[i] == session.current
            at = QPointF(flat[i, 0], flat[i, 1])
            painter.setPen(QPen(RIM, 3.4))
            painter.drawEllipse(at, radius, radius)
            painter.setPen(QPen(looks.CHOSEN if main else looks.ACCENT, 2.0 if main else 1.7))
            painter.drawEllipse(at, radius, radius)
        row = points.index.get(session.hovered or "")
        if row is not None and there[row]:
            at = QPointF(flat[row, 0], flat[row, 1])
            painter.setPen(QPen(looks.CHOSEN, 1.3))
            painter.drawEllipse(at, radius + 1.5, radius + 1.5)
            self._paint_name(painter, view, at, row)

    def _paint_name(self, painter: QPainter, view: View, at: QPointF, row: int) -> None:
        points = self.points
        assert points is not None
        part = points.part_of[row]
        words = [str(row), points.topology.landmarks[row].name]
        if part >= 0 and len(points.topology.parts[part].name) < 30:
            words.append(points.topology.parts[part].name)
        left = at.x() > view.width - _NAME_WIDTH
        overlay.set_font(painter, 0)
        beside = QPointF(at.x() - 14 if left else at.x() + 14, max(at.y() - 18, 18.0))
        overlay.pill(painter, beside, "  ·  ".join(words), -1 if left else 1)


def moved_ends(points: Points, base: Topology) -> tuple[Array, Array]:
    """Where landmarks that were moved are in another state and here, each (M, 3)."""
    known = dict(zip(ids_of(base), base.landmarks, strict=True))
    marks, rows = [], []
    for i, (key, mark) in enumerate(zip(points.ids, points.topology.landmarks, strict=True)):
        old = known.get(key)
        if old is not None and old is not mark and old.mean != mark.mean:
            marks.append(old)
            rows.append(i)
    return points.ground.positions(marks), points.world[rows]
