"""Playing a sequence of poses from a table."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from app.scene.sequence import PoseSequence, SequenceError, read_sequence
from app.session.document import Document
from widgets.fields.form import Hint, Section
from widgets.fields.glyphs import GlyphButton, icon
from widgets.fields.number_field import NumberField

FORMAT: Final = (
    "A CSV file with the columns frame, yaw, pitch, roll; degrees in blender_xyz.\n"
    "A header and comments (#) are welcome."
)
SHORTEST_TICK_MS: Final = 15


class SequenceSection(Section):
    """Opens, plays, steps and scrubs a sequence; a whole play is one undo step.

    Frames follow the clock: a slow machine shows fewer of them, not the same more slowly.
    """

    message = Signal(str, str)

    def __init__(self, document: Document) -> None:
        super().__init__("Pose sequence", expanded=False)
        self.document = document
        self.sequence: PoseSequence | None = None
        self._name = ""
        self._gesture: object = object()
        self._started = 0.0
        self._from = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.setAcceptDrops(True)
        self.open_button = QPushButton(icon("folder"), "Open CSV…")
        self.open_button.setToolTip(FORMAT)
        self.open_button.clicked.connect(lambda: self.choose_file())
        self.add(self.open_button)
        self.hint = Hint(FORMAT.replace("\n", " "))
        self.add(self.hint)
        self._controls = QWidget()
        self._build_controls()
        self.add(self._controls)
        self._controls.hide()

    def _build_controls(self) -> None:
        self.previous = GlyphButton("previous", "One key back")
        self.play_button = GlyphButton("play", "Play or pause", checked="pause")
        self.next = GlyphButton("next", "One key on")
        self.loop = GlyphButton("loop", "Play again from the start", checked="loop")
        self.frame = NumberField(
            "Frame", step=1.0, decimals=0, bar=True, tip="Drag to scrub, click to type a frame."
        )
        self.fps = NumberField(
            "Speed",
            default=25.0,
            hard=(0.1, 240.0),
            soft=(1.0, 60.0),
            step=1.0,
            decimals=1,
            unit="fps",
            tip="Frames of the table per second.",
        )
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.play_button.clicked.connect(lambda on: self.play() if on else self.pause())
        self.frame.edited.connect(self._scrub)
        self.fps.edited.connect(lambda _value, _gesture: self._restart_clock())
        layout = QHBoxLayout(self._controls)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for button in (self.previous, self.play_button, self.next, self.loop):
            layout.addWidget(button)
        layout.addSpacing(4)
        layout.addWidget(self.frame, 3)
        layout.addSpacing(2)
        layout.addWidget(self.fps, 2)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "Open a pose sequence", "", "Tables (*.csv *.txt *.tsv);;All files (*)"
        )
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Read a table and show its first frame on the slider; the pose stays until played."""
        self.pause()
        try:
            sequence = read_sequence(path)
        except SequenceError as error:
            self.hint.setText(str(error))
            self.hint.show()
            self.message.emit("warning", str(error))
            return
        self.sequence, self._name = sequence, path.name
        self.open_button.setText(path.name)
        ends = (float(sequence.first), float(max(sequence.last, sequence.first + 1)))
        self.frame.hard = ends
        self.frame.set_soft(ends)
        self.frame.set_default(ends[0])
        self.frame.set_value(ends[0])
        self._controls.show()
        self.hint.setText(
            sequence.complaint
            or f"{len(sequence.keys)} keys, frames {sequence.first} to {sequence.last}."
        )
        if sequence.complaint:
            self.message.emit("warning", f"{path.name}: {sequence.complaint}")
        self.set_expanded(True)

    def play(self) -> None:
        sequence = self.sequence
        if sequence is None:
            return
        if self.frame.value() >= sequence.last:
            self.frame.set_value(sequence.first)
        self._gesture = object()
        self._restart_clock()
        self._timer.start(max(SHORTEST_TICK_MS, int(1000 / self.fps.value())))
        self.play_button.setChecked(True)
        self._show(self.frame.value(), self._gesture)

    def pause(self) -> None:
        self._timer.stop()
        self.play_button.setChecked(False)

    def step(self, keys: int) -> None:
        """Go to the next or the previous key of the table."""
        sequence = self.sequence
        if sequence is None:
            return
        self.pause()
        now = self.frame.value()
        frames = [key.frame for key in sequence.keys]
        if keys > 0:
            target = next((f for f in frames if f > now), frames[-1])
        else:
            target = next((f for f in reversed(frames) if f < now), frames[0])
        self.frame.set_value(target)
        self._show(target, None)

    def _restart_clock(self) -> None:
        self._started, self._from = time.monotonic(), self.frame.value()
        if self.playing:
            self._timer.setInterval(max(SHORTEST_TICK_MS, int(1000 / self.fps.value())))

    def _tick(self) -> None:
        sequence = self.sequence
        if sequence is None or not self.window().isVisible():
            self.pause()
            return
        frame = self._from + (time.monotonic() - self._started) * self.fps.value()
        if frame > sequence.last and self.loop.isChecked():
            length = sequence.last - sequence.first + 1
            frame = sequence.first + (frame - sequence.first) % length
        ended = frame >= sequence.last and not self.loop.isChecked()
        frame = min(float(int(frame)), float(sequence.last))
        self.frame.set_value(frame)
        self._show(frame, self._gesture)
        if ended:
            self.pause()

    def _scrub(self, frame: float, gesture: object) -> None:
        self._show(frame, gesture)
        if self.playing:
            self._restart_clock()

    def _show(self, frame: float, gesture: object | None) -> None:
        if self.sequence is not None:
            scene = self.document.scene
            pose = self.sequence.pose(frame, scene.pose)
            self.document.change(f"Play {self._name}", replace(scene, pose=pose), gesture)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_table(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped_table(event)
        if path is not None:
            self.open(path)
            event.acceptProposedAction()


def _dropped_table(event: QDropEvent) -> Path | None:
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if path.suffix.lower() in (".csv", ".tsv", ".txt"):
            return path
    return None
