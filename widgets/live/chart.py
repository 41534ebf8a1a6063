"""A chart that moves along: the pose of a face and the time of each stage, the last 30 seconds.

Imports pyqtgraph; import this module when the chart is first shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from widgets.live.hud import STAGES, milliseconds
from widgets.live.signs import POSE
from widgets.live.strip import Strip
from widgets.theme import COLORS

if TYPE_CHECKING:
    from inference.live.outcome import LiveResult

SECONDS: Final = 30.0
REDRAW_MS: Final = 125
ANGLES: Final = {name.lower(): (name, color) for name, color in POSE.items()}
TIMES: Final = {stage: (name, QColor(color)) for stage, (name, color) in STAGES.items()}
DETECTOR: Final = "detector"
"""It looks now and then; its last time is drawn until it has looked again."""

FRAME: Final = 1000.0 / 30.0
"""Milliseconds of a frame at 30 a second, marked in the chart of stages."""

STEPS: Final = (10.0, 20.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0)
"""Between marks of the chart of stages, milliseconds."""

SIDE_BY_SIDE: Final = 1.6
"""Width over height from which the two charts lie beside each other."""


class LiveChart(QWidget):
    """Yaw, pitch and roll of the first face, and what the stages took.

    Draws only while it is seen; what came meanwhile is remembered.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Chart of pose and stage times")
        self.poses = Strip(tuple(ANGLES), SECONDS)
        self.stages = Strip(tuple(TIMES), SECONDS)
        self.pose_plot = Plot("Pose", "°", ANGLES)
        self.stage_plot = Plot("Stages, ms", "", TIMES)
        self.stage_plot.mark(FRAME)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(8, 6, 8, 6)
        self._row.setSpacing(12)
        self._row.addWidget(self.pose_plot, 1)
        self._row.addWidget(self.stage_plot, 1)
        self._stale = False
        self._face: int | None = None
        self._looked: float | None = None
        self._clock = QTimer(self, interval=REDRAW_MS)
        self._clock.timeout.connect(self.redraw)

    def add(self, result: LiveResult) -> None:
        """Take a newer result."""
        seen = [face for face in result.faces if face.seen]
        first = min(seen, key=lambda face: face.number, default=None)
        angles: dict[str, float] = {}
        if first is not None and first.filtered.head_pose is not None:
            pose = first.filtered.head_pose
            angles = {"yaw": pose.yaw, "pitch": pose.pitch, "roll": pose.roll}
        if first is not None and first.number != self._face:
            if self._face is not None:
                self.poses.add(result.published)
            self._face = first.number
        self.poses.add(result.published, **angles)
        known = {n: 1000.0 * s for n, s in result.timings.items() if n in TIMES}
        self._looked = known.get(DETECTOR, self._looked)
        if self._looked is not None:
            known[DETECTOR] = self._looked
        self.stages.add(result.published, **known)
        self._stale = True

    def clear(self) -> None:
        """Begin anew, as with another source."""
        self.poses.clear()
        self.stages.clear()
        self._face = self._looked = None
        self._stale = True

    def redraw(self) -> None:
        """Bring the curves to what was added, where that is anything."""
        if not self._stale:
            return
        self._stale = False
        self.pose_plot.title.setText("Pose" if self._face is None else f"Pose of face {self._face}")
        now = self.poses.newest()
        self.pose_plot.draw(self.poses, {n: f"{v:+.0f}°".replace("-", "−") for n, v in now.items()})
        took = self.stages.newest()
        self.stage_plot.draw(self.stages, {n: milliseconds(v / 1000.0) for n, v in took.items()})
        _, rows = self.poses.last()
        reach = np.nanmax(np.abs(rows)) if np.isfinite(rows).any() else 0.0
        bound = next((b for b in (30.0, 60.0, 90.0) if reach <= b), 180.0)
        self.pose_plot.set_range(-bound, bound, bound / 2.0)
        _, rows = self.stages.last()
        most = float(np.nanpercentile(rows, 99.5)) if np.isfinite(rows).any() else 0.0
        step = next((s for s in STEPS if max(most, FRAME) <= 4.0 * s), STEPS[-1])
        self.stage_plot.set_range(0.0, 4.0 * step, step)

    def showEvent(self, event: QShowEvent) -> None:
        self._stale = True
        self.redraw()
        self._clock.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._clock.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() > SIDE_BY_SIDE * self.height()
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._row.setDirection(way)
        super().resizeEvent(event)


class Plot(QWidget):
    """A titled chart with one curve a name, its newest value beside the name."""

    def __init__(self, title: str, unit: str, curves: Mapping[str, tuple[str, QColor]]) -> None:
        super().__init__()
        self._names = curves
        self.title = QLabel(title)
        self.title.setProperty("role", "heading")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title, 0, Qt.AlignmentFlag.AlignTop)
        self.values = QLabel()
        self.values.setTextFormat(Qt.TextFormat.RichText)
        self.values.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.values.setWordWrap(True)
        self.values.setMinimumWidth(40)
        head.addWidget(self.values, 1)
        self.view: Any = pg.PlotWidget(background=None)
        self.view.setAccessibleName(f"{title} over time")
        self.view.setFrameShape(self.view.Shape.NoFrame)
        self._dress(unit)
        self.curves: dict[str, Any] = {
            key: self.view.plot(pen=pg.mkPen(color, width=1.4), connect="finite", antialias=True)
            for key, (_, color) in curves.items()
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        self.setMinimumSize(160, 90)

    def mark(self, value: float) -> None:
        """A dashed line across at a value."""
        pen = pg.mkPen(COLORS["faint"], width=1, style=Qt.PenStyle.DashLine)
        self.view.addItem(pg.InfiniteLine(value, angle=0, pen=pen))

    def set_range(self, least: float, most: float, step: float) -> None:
        """Ends of the upright axis, and how far its marks lie apart."""
        self.view.setYRange(least, most, padding=0.04)
        self.view.getPlotItem().getAxis("left").setTickSpacing(step, step)

    def draw(self, strip: Strip, values: Mapping[str, str]) -> None:
        """Show the rows of a strip, and the newest values in words."""
        times, rows = strip.last()
        told = []
        for k, name in enumerate(strip.names):
            column = rows[:, k]
            there = bool(np.isfinite(column).any())
            self.curves[name].setVisible(there)
            if there:
                self.curves[name].setData(times, column)
                words, color = self._names[name]
                value = values.get(name, "–").replace(" ", "&nbsp;")
                told.append(
                    f'<span style="color:{color.name()}">●</span>&nbsp;'
                    f"{words.replace(' ', '&nbsp;')}&nbsp;<b>{value}</b>"
                )
        self.values.setText("&nbsp;&nbsp; ".join(told))

    def _dress(self, unit: str) -> None:
        item = self.view.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.getViewBox().setDefaultPadding(0.0)
        item.showGrid(x=True, y=True, alpha=0.25)
        self.view.setXRange(-SECONDS, 0.0, padding=0.0)
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(pg.mkPen(COLORS["line"]))
            axis.setTextPen(pg.mkPen(COLORS["muted"]))
            axis.setStyle(tickLength=-4)
        item.getAxis("bottom").setTickSpacing(10.0, 5.0)
        item.getAxis("bottom").setHeight(20)
        item.getAxis("left").setWidth(44)
        item.getAxis("left").tickStrings = lambda values, scale, spacing: [
            f"{v:g}{unit}".replace("-", "−") for v in values
        ]
        item.getAxis("bottom").tickStrings = lambda values, scale, spacing: [
            "now" if v == 0 else f"{v:g} s".replace("-", "−") for v in values
        ]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            for side in ("left", "bottom"):
                self.view.getPlotItem().getAxis(side).setTickFont(self.font())
