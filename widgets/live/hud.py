"""Figures over the live picture: rate, delay to the screen, stages, what was dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from widgets.live.delays import ScreenDelay
from widgets.theme import COLORS

STAGES: Final = {
    "detector": ("Detector", "#c79bff"),
    "face": ("Landmarks", "#5ff0a5"),
    "second": ("Model B", "#ffb454"),
    "filter": ("Filter", "#4fd6e0"),
    "depth": ("Depth", "#f2d64b"),
    "hands": ("Hands", "#ff9ed2"),
    "total": ("All stages", "#e8ecf2"),
}
"""Names and colours of what the engine times, in the order of its steps."""

_GROUND: Final = QColor(16, 17, 20, 190)
_TEXT: Final = QColor(COLORS["text"])
_MUTED: Final = QColor(COLORS["muted"])
_LATE: Final = QColor(COLORS["warning"])
_TRACK: Final = QColor(255, 255, 255, 26)
_PAD: Final = 12.0
_WIDTH: Final = 216.0
ROW_GAP: Final = 7.0

RELEASE: Final = "Made for"
"""Stands before the release of a topology that is not the one in use."""

LATE: Final = 0.07
"""Seconds of delay from which it is coloured as a warning."""


@dataclass(frozen=True)
class Figures:
    """What is told.

    Attributes
    ----------
    rate : float
        Results of the models a second.
    delay : ScreenDelay or None
        Of what came to the screen, with its rate.
    stages : mapping of str to float
        Median seconds.
    dropped : int
    provider : str
        What the models run on.
    other_releases : str
        Of topologies that the model of landmarks was made for; empty where they are those in use.
    """

    rate: float = 0.0
    delay: ScreenDelay | None = None
    stages: Mapping[str, float] = field(default_factory=dict)
    dropped: int = 0
    provider: str = ""
    other_releases: str = ""


class Hud:
    """Draws the figures once and lays them down until they change."""

    def __init__(self) -> None:
        self.figures = Figures()
        self._key: tuple[object, ...] = ()
        self._picture = QPixmap()

    def paint(self, painter: QPainter, at: QPointF, font: QFont) -> QRectF:
        """Draw with the upper left corner at a place; the place that it takes."""
        ratio = painter.device().devicePixelRatio()
        key = (self.figures, font.key(), ratio)
        if key != self._key:
            self._key = key
            self._picture = _drawn(self.figures, font, ratio)
        painter.drawPixmap(at, self._picture)
        size = self._picture.deviceIndependentSize()
        return QRectF(at, size)


def milliseconds(seconds: float) -> str:
    """One place below ten milliseconds, whole ones above."""
    value = seconds * 1000.0
    return f"{value:.1f} ms" if value < 9.95 else f"{value:.0f} ms"


def lines(figures: Figures) -> list[tuple[str, str]]:
    """Names and values below the rate, in order."""
    told = []
    if figures.delay is not None:
        told.append(("Delay to screen", milliseconds(figures.delay.median)))
        told.append(("95 % within", milliseconds(figures.delay.p95)))
    if figures.rate > 0.0:
        told.append(("Models", f"{figures.rate:.1f} frames/s"))
    told += [
        (name, milliseconds(figures.stages[stage]))
        for stage, (name, _) in STAGES.items()
        if stage in figures.stages
    ]
    told.append(("Dropped frames", f"{figures.dropped}"))
    if figures.provider:
        told.append(("Runs on", figures.provider))
    told += [(RELEASE, one) for one in figures.other_releases.split("; ") if one]
    return told


def _drawn(figures: Figures, font: QFont, ratio: float) -> QPixmap:
    told = lines(figures)
    small, large = QFont(font), QFont(font)
    large.setBold(True)
    large.setPixelSize(round(QFontMetricsF(font).height() * 1.5))
    row = QFontMetricsF(small).height() + ROW_GAP
    head = QFontMetricsF(large).height() + 4.0
    width = _WIDTH * max(QFontMetricsF(font).height() / 15.0, 1.0)
    height = 2.0 * _PAD + head + row * len(told) - ROW_GAP
    size = QSize(round(width * ratio), round(height * ratio))
    picture = QPixmap(size)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(QRectF(0.0, 0.0, width, height), 6.0, 6.0)
    _paint_rate(painter, 0.0 if figures.delay is None else figures.delay.rate, large, small)
    painter.setFont(small)
    top = _PAD + head
    longest = max([*figures.stages.values(), 1.0 / 30.0])
    named = {name: (stage, color) for stage, (name, color) in STAGES.items()}
    for name, value in told:
        box = QRectF(_PAD, top, width - 2.0 * _PAD, row - ROW_GAP)
        if name in named:
            stage, color = named[name]
            _paint_bar(painter, box, figures.stages[stage] / longest, QColor(color))
        late = name == "95 % within" and figures.delay and figures.delay.p95 > LATE
        painter.setPen(_MUTED)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(_LATE if late or name == RELEASE else _TEXT)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
        top += row
    painter.end()
    return picture


def _paint_rate(painter: QPainter, rate: float, large: QFont, small: QFont) -> None:
    text = f"{rate:.1f}" if rate > 0.0 else "–"
    base = _PAD + QFontMetricsF(large).ascent() - 2.0
    painter.setFont(large)
    painter.setPen(_TEXT)
    painter.drawText(QPointF(_PAD, base), text)
    painter.setFont(small)
    painter.setPen(_MUTED)
    gap = QFontMetricsF(large).horizontalAdvance(text) + 6.0
    painter.drawText(QPointF(_PAD + gap, base), "frames/s")


def _paint_bar(painter: QPainter, row: QRectF, part: float, color: QColor) -> None:
    """A thin line below the row, as long as the stage took of the longest."""
    line = QRectF(row.left(), row.bottom() + 1.0, row.width(), 2.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_TRACK)
    painter.drawRoundedRect(line, 1.0, 1.0)
    line.setWidth(max(line.width() * min(part, 1.0), 2.0))
    painter.setBrush(color)
    painter.drawRoundedRect(line, 1.0, 1.0)
