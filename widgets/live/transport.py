"""Play, pause, step, scrub, speed, loop, in and out, under the live picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from inference.live.frames import SourceState, SourceStatus
from inference.live.outcome import LiveResult
from inference.live.trace import Measure, Trace
from inference.live.truth import Truths
from widgets.fields.form import Choice
from widgets.fields.glyphs import GlyphButton
from widgets.fields.number_field import NumberField
from widgets.live.desk import LiveDesk
from widgets.live.timeline import Timeline, clock

SPEEDS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
ROOMY: Final = 720
"""Width from which there is room for the value of the frame."""
NAMES: Final = {
    Measure.ERROR: "Error",
    Measure.SIGMA: "σ",
    Measure.CONFIDENCE: "Confidence",
}


class Transport(QWidget):
    """The time line and the buttons below it; for cameras the buttons that make sense for them."""

    def __init__(self, desk: LiveDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._desk = desk
        self._rate = 25.0
        self.trace = Trace()
        self.timeline = Timeline(self.trace)
        self.timeline.sought.connect(desk.seek)
        self.previous = GlyphButton("previous", "One frame back")
        self.play_button = GlyphButton("play", "Play or pause", checked="pause")
        self.play_button.setIconSize(QSize(20, 20))
        self.play_button.setFixedSize(40, 32)
        self.next = GlyphButton("next", "One frame on")
        self.loop = GlyphButton("loop", "Play again from the start", checked="loop")
        self.mark_in = GlyphButton("mark_in", "Begin at this frame")
        self.mark_out = GlyphButton("mark_out", "End at this frame")
        self.unmark = GlyphButton("remove", "Play the whole clip again")
        self.time = QLabel()
        self.time.setObjectName("timecode")
        self.time.setAccessibleName("Time")
        self.value = QLabel()
        self.value.setProperty("role", "muted")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.frame = NumberField("Frame", step=1.0, decimals=0, tip="Click to type a frame.")
        self.frame.setFixedWidth(84)
        self.frames = QLabel()
        self.frames.setProperty("role", "muted")
        self.speed = Choice("Speed")
        self.speed.setToolTip("Frames follow the clock of the clip, so many times as fast.")
        self.speed.setFixedWidth(76)
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self._connect()
        self._lay_out()
        self.show_source()

    def _connect(self) -> None:
        desk = self._desk
        calls: dict[GlyphButton, Callable[[], object]] = {
            self.previous: lambda: desk.step(-1),
            self.next: lambda: desk.step(1),
            self.play_button: desk.toggle,
            self.mark_in: desk.mark_in,
            self.mark_out: desk.mark_out,
            self.unmark: self._unmark,
        }
        for button, call in calls.items():
            button.clicked.connect(lambda _=False, call=call: call())
        self.loop.clicked.connect(self._set_loop)
        self.frame.edited.connect(lambda value, _: desk.seek(round(value)))
        self.speed.activated.connect(lambda row: self._set_speed(SPEEDS[row]))
        desk.result.connect(self._show_result)
        desk.status.connect(self._show_status)
        desk.source_changed.connect(self.show_source)
        desk.playback_changed.connect(self.show_playback)

    def _lay_out(self) -> None:
        self._clip_parts: list[QWidget] = [
            self.previous,
            self.next,
            self.loop,
            self.mark_in,
            self.mark_out,
            self.unmark,
            self.frame,
            self.frames,
            self.speed,
            self.timeline,
            self.value,
        ]
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 6)
        row.setSpacing(2)
        for button in (self.previous, self.play_button, self.next):
            row.addWidget(button)
        row.addSpacing(8)
        for button in (self.loop, self.mark_in, self.mark_out, self.unmark):
            row.addWidget(button)
        row.addSpacing(12)
        row.addWidget(self.time)
        row.addStretch(1)
        row.addWidget(self.value)
        row.addSpacing(12)
        for widget in (self.frame, self.frames):
            row.addWidget(widget)
            row.addSpacing(4)
        row.addSpacing(8)
        row.addWidget(self.speed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.timeline)
        column.addLayout(row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room the value of the frame is told by the line alone."""
        self.value.setVisible(self._desk.seekable and self.width() >= ROOMY)

    def _set_loop(self, on: bool) -> None:
        self._desk.loop = on

    def _set_speed(self, speed: float) -> None:
        self._desk.speed = speed

    def _unmark(self) -> None:
        self._desk.span = (0, None)

    # What is shown

    def set_truths(self, truths: Truths) -> None:
        """Show the error of each frame from now on."""
        self.trace.set_truths(truths)
        self.timeline.trace_changed()

    def show_source(self) -> None:
        """Another source: the buttons that it has, and an empty line."""
        self.trace.set_truths({})
        self.timeline.set_clip(0, 25.0)
        self.timeline.set_index(None)
        there = self._desk.session is not None
        self.setVisible(there)
        for widget in self._clip_parts:
            widget.setVisible(self._desk.seekable)
        self._fit()
        self.value.clear()
        self.time.setText("0:00.0" if self._desk.seekable else "")
        self._show_status(self._desk.source_status)
        self.show_playback()

    def show_playback(self) -> None:
        desk = self._desk
        self.play_button.setChecked(desk.playing)
        self.play_button.setToolTip("Pause (Space)" if desk.playing else "Play (Space)")
        self.loop.setChecked(desk.loop)
        self.timeline.set_span(desk.span)
        self.unmark.setEnabled(desk.span != (0, None))
        nearest = min(SPEEDS, key=lambda speed: abs(math.log(speed / desk.speed)))
        self.speed.setCurrentIndex(SPEEDS.index(nearest))

    def _show_status(self, status: SourceStatus) -> None:
        if not self._desk.seekable:
            if status.state is SourceState.RUNNING and status.size is not None:
                width, height = status.size
                rate = f" · {status.rate:g} frames a second" if status.rate else ""
                self.time.setText(f"Live · {width} × {height}{rate}")
            elif status.state is not SourceState.PAUSED:
                self.time.clear()
            return
        if status.rate:
            self._rate = status.rate
        if status.length:
            self._set_length(status.length)

    def _set_length(self, length: int) -> None:
        self.timeline.set_clip(length, self._rate)
        self.frame.hard = (0.0, float(length - 1))
        self.frame.set_soft((0.0, float(length - 1)))
        self.frames.setText(f"/ {length - 1}")

    def _show_result(self, result: LiveResult) -> None:
        index = result.frame.index
        if not self._desk.seekable or index is None:
            return
        if index >= self.timeline.length:
            self._set_length(index + 1)
        self.trace.add(result)
        self.timeline.trace_changed()
        self.timeline.set_index(index)
        if not self.frame.hasFocus():
            self.frame.set_value(float(index))
        now = result.frame.media_time
        whole = self.timeline.length / self._rate
        if now is not None:
            self.time.setText(f"{clock(now, True)}  /  {clock(whole, True)}")
        self._show_value(index)

    def _show_value(self, index: int) -> None:
        value, measure = self.trace.at(index), self.trace.measure
        if not math.isfinite(value):
            self.value.setText("no face" if self.trace.seen(index) else "")
        elif measure is Measure.CONFIDENCE:
            self.value.setText(f"{NAMES[measure]} {value:.2f}")
        else:
            self.value.setText(f"{NAMES[measure]} {100 * value:.1f} %")
