"""Two states of a topology over the head: one of them, both beside a divider, and arrows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.geometry.rotations import Array
from widgets.curate import looks
from widgets.curate.ground import Ground
from widgets.curate.points import Bools, Points, nearest
from widgets.curate.session import CurateSession
from widgets.curate.shown import Comparison
from widgets.live.primitives import Brushwork, segments
from widgets.live.sprites import lay_dots
from widgets.viewport import overlay
from widgets.viewport.navigation import View

RIM: Final = QColor(10, 12, 14, 200)
_LABELLED: Final = 12
"""So many of the longest arrows carry their length."""
_HEAD: Final = 7.0


class ComparisonLayer:
    """Paints the session's `Comparison`.

    Attributes
    ----------
    visible : ndarray of bool, shape (L,)
        Which points of the state after are seen; all, until a picture has told.
    """

    def __init__(self, session: CurateSession) -> None:
        self._session = session
        self._for: tuple[object, ...] = ()
        self.before: Points | None = None
        self.after: Points | None = None
        self._moved: NDArray[Any] = np.zeros((0, 2), dtype=np.int64)
        self._added: NDArray[Any] = np.zeros(0, dtype=np.int64)
        self._removed: NDArray[Any] = np.zeros(0, dtype=np.int64)

    def prepare(self, ground: Ground) -> None:
        """Bring the arrays to what the session shows."""
        shown = self._session.shown
        key = (ground, shown.before, shown.after) if shown else ()
        if len(key) == len(self._for) and all(a is b for a, b in zip(key, self._for, strict=True)):
            return
        self._for = key
        self.before = self.after = None
        if shown is None:
            return
        self.before = before = Points.of(ground, shown.before)
        self.after = after = Points.of(ground, shown.after)
        both = [(before.index[name], k) for k, name in enumerate(after.ids) if name in before.index]
        rows = np.array(both, dtype=np.int64).reshape(-1, 2)
        way = np.linalg.norm(after.world[rows[:, 1]] - before.world[rows[:, 0]], axis=1)
        kept = way > 1e-7
        order = np.argsort(-way[kept], kind="stable")
        self._moved = rows[kept][order]
        self._added = np.array([k for k, n in enumerate(after.ids) if n not in before.index], int)
        self._removed = np.array([k for k, n in enumerate(before.ids) if n not in after.index], int)

    def sides(self, shown: Comparison) -> list[tuple[Points, tuple[float, float]]]:
        """What is drawn, and between which shares of the picture's width."""
        if self.before is None or self.after is None:
            return []
        if shown.side == "swipe":
            split = float(np.clip(shown.split, 0.0, 1.0))
            return [(self.before, (0.0, split)), (self.after, (split, 1.0))]
        return [(self.before if shown.side == "before" else self.after, (0.0, 1.0))]

    def under(self, view: View, x: float, y: float, reach: float, seen: Bools | None) -> str | None:
        """The landmark at a point of the picture; of what is after before what is gone."""
        for points, flags in ((self.after, seen), (self.before, None)):
            if points is None or not len(points.ids):
                continue
            good = np.ones(len(points.ids), dtype=bool)
            if flags is not None and len(flags) == len(good):
                good &= flags
            if points is self.before:
                good[:] = False
                good[self._removed] = True
            row = nearest(view.project(points.world), good, x, y, reach)
            if row is not None:
                return points.ids[row]
        return None

    # Painting

    def paint(self, painter: QPainter, view: View, width: float, seen: Bools | None) -> None:
        """Paint it with points of a width on the screen; ``seen`` is of the state after."""
        shown = self._session.shown
        if shown is None or self.before is None or self.after is None:
            return
        for points, (start, end) in self.sides(shown):
            painter.save()
            painter.setClipRect(
                QRectF(start * view.width, 0, (end - start) * view.width, view.height)
            )
            self._paint_side(painter, view, points, width, seen)
            painter.restore()
        if shown.arrows:
            self._paint_arrows(painter, view, width)
        self._paint_marked(painter, view, shown, width)
        self._paint_chosen(painter, view, width)
        if shown.side == "swipe":
            self._paint_divider(painter, view, shown.split)
        if shown.title:
            overlay.set_font(painter, 1)
            words = {"after": "after", "before": "before", "swipe": "before | after"}[shown.side]
            overlay.pill(painter, QPointF(view.width / 2, 30), f"{shown.title}  ·  {words}")

    def _paint_side(
        self, painter: QPainter, view: View, points: Points, width: float, seen: Bools | None
    ) -> None:
        flat = view.project(points.world)
        good = np.isfinite(flat).all(axis=1)
        front = good
        if seen is not None and len(seen) == len(points.ids) and points is self.after:
            front = good & seen
        brush = Brushwork(painter, 1.0)
        ends = points.edges
        if len(ends) and brush.begin(0.32):
            brush.lines(segments(flat, ends[front[ends].all(axis=1)]), QColor("#cfd6e2"), 1.0)
        painter.setOpacity(1.0)
        before = points is self.before
        column = 0 if before else 1
        special = np.zeros(len(flat), dtype=bool)
        special[self._moved[:, column]] = True
        new = np.zeros(len(flat), dtype=bool)
        new[self._removed if before else self._added] = True
        groups = (
            (front & ~special & ~new, looks.NO_PART, 0.8),
            (good & special, looks.BEFORE if before else looks.AFTER, 1.0),
            (good & new, looks.REMOVED if before else looks.ADDED, 1.25),
        )
        for which, color, size in groups:
            if which.any():
                lay_dots(painter, flat[which], color, width * size, 1.1, RIM)

    def _paint_arrows(self, painter: QPainter, view: View, width: float) -> None:
        assert self.before is not None and self.after is not None
        if not len(self._moved):
            return
        start = self.before.world[self._moved[:, 0]]
        end = self.after.world[self._moved[:, 1]]
        flat = np.concatenate([view.project(start), view.project(end)], axis=1)
        good = np.isfinite(flat).all(axis=1)
        brush = Brushwork(painter, 1.0)
        if brush.begin(0.95):
            brush.lines(flat[good], looks.AFTER, 1.6)
        painter.setOpacity(1.0)
        length = np.hypot(flat[:, 2] - flat[:, 0], flat[:, 3] - flat[:, 1])
        for x0, y0, x1, y1 in flat[good & (length > 2.0 * _HEAD)].tolist():
            _paint_head(painter, x0, y0, x1, y1, width / 2.0)
        away = 1000.0 * np.linalg.norm(end - start, axis=1)
        overlay.set_font(painter, -1)
        for k in np.flatnonzero(good)[:_LABELLED]:
            if length[k] > 9.0:
                at = QPointF((flat[k, 0] + flat[k, 2]) / 2, (flat[k, 1] + flat[k, 3]) / 2 - 13)
                overlay.pill(painter, at, f"{away[k]:.2f} mm")

    def _paint_marked(self, painter: QPainter, view: View, shown: Comparison, width: float) -> None:
        radius = width / 2.0 + 4.0
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for key in shown.marked:
            points = self._holder(key)
            if points is None:
                continue
            x, y = view.project(points.world[points.index[key]])
            if np.isfinite(x):
                painter.setPen(QPen(looks.REMOVED, 2.0))
                painter.drawEllipse(QPointF(x, y), radius, radius)

    def _paint_chosen(self, painter: QPainter, view: View, width: float) -> None:
        session = self._session
        radius = width / 2.0 + 2.6
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for key in session.selection | ({session.hovered} if session.hovered else set()):
            points = self._holder(key)
            if points is None:
                continue
            x, y = view.project(points.world[points.index[key]])
            if not np.isfinite(x):
                continue
            main = key in (session.current, session.hovered)
            painter.setPen(QPen(RIM, 3.4))
            painter.drawEllipse(QPointF(x, y), radius, radius)
            painter.setPen(QPen(looks.CHOSEN if main else looks.ACCENT, 1.9))
            painter.drawEllipse(QPointF(x, y), radius, radius)
            if key == session.hovered or (key == session.current and not session.hovered):
                overlay.set_font(painter, 0)
                name = points.topology.landmarks[points.index[key]].name
                left = x > view.width - 300
                at = QPointF(x - 14 if left else x + 14, max(y - 18, 18.0))
                overlay.pill(painter, at, name, -1 if left else 1)
                painter.setBrush(Qt.BrushStyle.NoBrush)

    def _holder(self, key: str) -> Points | None:
        """The state that has a landmark, the later one first."""
        for points in (self.after, self.before):
            if points is not None and key in points.index:
                return points
        return None

    @staticmethod
    def _paint_divider(painter: QPainter, view: View, split: float) -> None:
        x = float(np.clip(split, 0.0, 1.0)) * view.width
        for color, thick in ((QColor(0, 0, 0, 130), 3.0), (QColor(255, 255, 255, 235), 1.4)):
            painter.setPen(QPen(color, thick))
            painter.drawLine(QPointF(x, 0.0), QPointF(x, view.height))
        overlay.set_font(painter, -1)
        for name, edge, align in (("Before", x - 10, -1), ("After", x + 10, 1)):
            overlay.pill(painter, QPointF(edge, view.height - 24), name, align)


def _paint_head(painter: QPainter, x0: float, y0: float, x1: float, y1: float, back: float) -> None:
    """The point of an arrow, short of the dot that it leads to."""
    way: Array = np.array([x1 - x0, y1 - y0])
    way /= np.linalg.norm(way)
    side = np.array([-way[1], way[0]])
    tip = np.array([x1, y1]) - way * back
    foot = tip - way * _HEAD
    corners = (tip, foot + side * _HEAD * 0.42, foot - side * _HEAD * 0.42)
    painter.setPen(QPen(RIM, 0.8))
    painter.setBrush(looks.AFTER)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
