"""The live picture with what was found in it: fitted or zoomed, with figures and messages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.live import signs
from widgets.live.delays import DelayMeter
from widgets.live.hud import Figures, Hud
from widgets.live.kept_faces import KeptFaces
from widgets.live.notice import EMPTY, NoticeCard, Words, remark, words
from widgets.live.overlays import Overlays
from widgets.live.painting import paint
from widgets.live.placed_widget import PlacedWidget
from widgets.live.scaled import ScaledPicture
from widgets.theme import color

if TYPE_CHECKING:
    from inference.live.frames import SourceStatus
    from inference.live.outcome import LiveResult, Statistics

MARGIN: Final = 12.0
PASSING: Final = ("opening", "ended")
LASTING_MS: Final = 300
"""States that are said over a picture when they have lasted so long."""

_DIM: Final = QColor(19, 20, 22, 190)


class LiveCanvas(PlacedWidget):
    """Shows the newest result; what it says of itself lies over the picture.

    Attributes
    ----------
    hud : bool
        Whether figures are shown.
    provider : str
        What the models run on, for the figures.
    magnified : float
        How much larger than usual lines and type over the picture are.
    angles : bool
        Whether the pose of the first face is told among the figures.

    Signals
    -------
    painted : float
        A new picture was on the screen, so many seconds after it was captured.
    retry_wanted
        The user wants a source to be tried again.
    """

    painted = Signal(float)
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("liveCanvas")
        self.setAccessibleName("Live picture")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self.hud = True
        self.provider = self.other_releases = ""
        self.magnified = 1.0
        self.angles = False
        self._overlays = Overlays()
        self._result: LiveResult | None = None
        self._kept = KeptFaces()
        self._status: SourceStatus | None = None
        self._heard: SourceStatus | None = None
        self._lasting = QTimer(self, singleShot=True, interval=LASTING_MS)
        self._lasting.timeout.connect(self._believe)
        self._told = False
        self._recording: str | None = None
        self._models = ("", "")
        self._resting = False
        self._mirror: LiveCanvas | None = None
        self._new = False
        self._scaled = ScaledPicture()
        self._figures = Hud()
        self._delays = DelayMeter()
        self.notice = NoticeCard(self)
        self.notice.retry_wanted.connect(self.retry_wanted)
        self._say()

    def sizeHint(self) -> QSize:
        return QSize(800, 600)

    # What is shown

    @property
    def overlays(self) -> Overlays:
        return self._overlays

    @overlays.setter
    def overlays(self, overlays: Overlays) -> None:
        if overlays != self._overlays:
            self._overlays = overlays
            self.update()
            if self._mirror is not None:
                self._mirror.overlays = overlays

    @property
    def result(self) -> LiveResult | None:
        """What is on the screen, or will be with the next paint."""
        return self._result

    @property
    def delays(self) -> DelayMeter:
        """How late pictures have been on the screen."""
        return self._delays

    def show_result(self, result: LiveResult) -> None:
        """Show a newer result; faces stay for a moment where a stage has failed."""
        before = self._result
        new = before is None or result.frame.number != before.frame.number
        self._result = self._kept.over(result)
        self._new = (self._new or new) and not self._resting and self._mirror is None
        if before is None or before.frame.size != result.frame.size:
            self._place()
            self._say()
        self._refresh()
        if self._mirror is not None:
            self._mirror.show_result(result)

    def show_status(self, status: SourceStatus) -> None:
        """Say how the source is doing; what lasts a moment only, as where a clip loops, is not."""
        if self._mirror is not None:
            self._mirror.show_status(status)
        over = status.state.value == "ended" and status.size is None
        if over:
            self._result = None
        self._heard = status
        if self._result is not None and status.state.value in PASSING:
            self._lasting.start()
        else:
            self._lasting.stop()
            self._believe()

    def _believe(self) -> None:
        self._status = self._heard
        self._say()

    def show_statistics(self, statistics: Statistics) -> None:
        """Take newer figures."""
        stages, dropped = dict(statistics.stages), statistics.dropped
        figures = Figures(
            statistics.rate,
            self._delays.told(),
            stages,
            dropped,
            self.provider,
            self.other_releases,
        )
        if self.hud and (figures != self._figures.figures or not self._told):
            self._refresh()
        self._told, self._figures.figures = True, figures
        if self._mirror is not None:
            self._mirror.provider = self.provider
            self._mirror.other_releases = self.other_releases
            self._mirror.show_statistics(statistics)

    def show_recording(self, words: str | None) -> None:
        """A red sign with a time or a few words while something is kept; None takes it away."""
        if words != self._recording:
            self._recording = words
            self.update()
            if self._mirror is not None:
                self._mirror.show_recording(words)

    def show_models(self, first: str, second: str = "") -> None:
        """Names of the two models that are compared."""
        if (first, second) != self._models:
            self._models = first, second
            self.update()
            if self._mirror is not None:
                self._mirror.show_models(first, second)

    def set_offers(self, actions: Sequence[QAction]) -> None:
        """What can be opened where there is nothing to see."""
        self.notice.set_offers(actions)

    def set_hud(self, shown: bool) -> None:
        """Show or hide the figures."""
        self.hud = shown
        self.update()

    def clear(self) -> None:
        """Forget the picture and its source."""
        self._result = self._status = self._heard = None
        self._lasting.stop()
        self._told = False
        self._kept = KeptFaces()
        self._delays.clear()
        self._say()
        if self._mirror is not None:
            self._mirror.clear()

    def rest(self, resting: bool) -> None:
        """Paint nothing new, as while nobody can see it; or go on."""
        self._resting = resting
        self._refresh()

    def mirror_to(self, other: LiveCanvas | None) -> None:
        """Have another canvas show all that this one is told, which rests meanwhile."""
        if self._mirror is not None:
            self._mirror.painted.disconnect(self.painted)
            self._mirror.retry_wanted.disconnect(self.retry_wanted)
        self._mirror = other
        if other is not None:
            other.painted.connect(self.painted)
            other.retry_wanted.connect(self.retry_wanted)
            other.overlays = self._overlays
            other.provider = self.provider
            other.other_releases = self.other_releases
            other.show_models(*self._models)
            other.show_recording(self._recording)
            if self._result is not None:
                other.show_result(self._result)
            if self._heard is not None:
                other.show_status(self._heard)
        self._refresh()

    def _refresh(self) -> None:
        if not self._resting and self._mirror is None:
            self.update()

    def _say(self) -> None:
        """Bring the notice to what is known."""
        has_picture = self._result is not None
        said: Words | None = EMPTY
        if self._status is not None:
            said = words(self._status, has_picture)
        elif has_picture:
            said = None
        if said is None:
            self.notice.silence()
        else:
            self.notice.say(said, has_picture)
        self.update()

    def _place(self) -> None:
        size = (0.0, 0.0) if self._result is None else self._result.frame.size
        room = float(self.width()), float(self.height())
        self.move_to(self.placing.resized((float(size[0]), float(size[1])), room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        self.notice.place()
        super().resizeEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("black" if self._result else "viewport"))
        if self._result is not None:
            self._paint_picture(painter, self._result)
        self._paint_signs(painter)
        painter.end()
        if self._new and self._result is not None:
            self._new = False
            captured = self._result.frame.captured
            QTimer.singleShot(0, self, lambda: self._was_painted(captured))

    def _was_painted(self, captured: float) -> None:
        delay = time.monotonic() - captured
        self._delays.add(delay)
        self.painted.emit(delay)

    def _paint_picture(self, painter: QPainter, result: LiveResult) -> None:
        placing = self.placing
        frame = result.frame
        self._scaled.paint(painter, frame.picture, frame.number, placing)
        painter.save()
        width, height = placing.picture
        painter.translate(placing.x, placing.y)
        painter.scale(placing.zoom, placing.zoom)
        painter.setClipRect(QRectF(0.0, 0.0, width, height))
        paint(painter, result, self._overlays, placing.zoom / self.magnified)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.notice.isVisible():
            painter.fillRect(self.rect(), _DIM)
            return
        depth = self._overlays.depth
        if depth.shown and any(face.depth is not None for face in result.faces):
            right = QPointF(self.width() - MARGIN, self.height() - MARGIN)
            signs.paint_scale(painter, right, depth, self.font())
        if self.hud and self._told:
            self._figures.paint(painter, QPointF(MARGIN, MARGIN), self.font())

    def _paint_signs(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = float(self.width()), float(self.height())
        font = self.font()
        corner = QPointF(width - MARGIN, MARGIN)
        if self._recording is not None:
            box = signs.paint_recording(painter, corner, self._recording, font)
            corner.setY(box.bottom() + MARGIN)
        if self._result is None or self.notice.isVisible():
            return
        pose = next(
            (f.filtered.head_pose for f in self._result.faces if f.filtered.head_pose), None
        )
        if self.angles and self.hud and pose is not None:
            signs.paint_pose(painter, corner, (pose.yaw, pose.pitch, pose.roll), font)
        said = "" if self._status is None else remark(self._status)
        if said:
            signs.paint_pill(painter, QPointF(width / 2.0, height - MARGIN), said, font, width)
        if any(face.second_raw is not None for face in self._result.faces):
            at = QPointF(MARGIN, height - MARGIN)
            sides = self._overlays.side_by_side
            signs.paint_models(painter, at, self._models, sides, font)
