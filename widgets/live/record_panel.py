"""The panel Record: video and tables of what is shown, and the frames kept in the inbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QSizePolicy, QWidget

from inference.live.recording import Format, Values
from widgets.fields.form import Hint, Panel, Row, Section, Segments, Toggle, side_by_side
from widgets.fields.glyphs import icon
from widgets.live.desk import LiveDesk
from widgets.live.inbox_panel import InboxSection
from widgets.live.timeline import clock
from widgets.theme import repolish

FORMATS: Final[dict[Format, tuple[str, str]]] = {
    Format.VIDEO: ("Video (MP4)", "What is painted, at the times of the frames"),
    Format.LINES: ("JSON lines", "One line a frame, as main.py predict writes them"),
    Format.CSV: ("CSV", "One row a face: box, angles, 68 points"),
    Format.PARQUET: ("Parquet", "The same rows with all points and their uncertainty"),
}
PRIVACY: Final = "Nothing of what a camera sees is kept unless you record it or take a snapshot."


class RecordPanel(Panel):
    def __init__(self, desk: LiveDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._fill_recording()
        self.inbox = InboxSection(desk)
        self.add(self.inbox)
        desk.recording_changed.connect(self.refresh)
        desk.source_changed.connect(self.refresh)
        self.refresh()

    def _fill_recording(self) -> None:
        part = Section("Recording")
        self.button = QPushButton(icon("record"), " Record")
        self.button.setObjectName("recordButton")
        self.button.setMinimumHeight(32)
        self.button.clicked.connect(lambda: self.desk.recording.toggle())
        part.add(self.button)
        self.progress = QLabel()
        self.progress.setProperty("role", "muted")
        self.progress.setWordWrap(True)
        part.add(self.progress)
        self.formats: dict[Format, Toggle] = {}
        for kind, (text, tip) in FORMATS.items():
            toggle = self.formats[kind] = Toggle(text, tip)
            toggle.edited.connect(lambda on, kind=kind: self._set_format(kind, on))
            part.add(Row("Files" if kind is Format.VIDEO else "", toggle))
        self.values = Segments(
            "Values in tables",
            (
                (Values.FILTERED, "Filtered", "As the filter makes them"),
                (Values.RAW, "Raw", "As the network gives them"),
            ),
        )
        self.values.chosen.connect(self._set_values)
        part.add(Row("Values", self.values))
        self.whole = Toggle("The whole clip, once", "From in to out, every frame, then stop.")
        self.whole.edited.connect(self._set_whole)
        part.add(Row("Clips", self.whole))
        self.choose_button = QPushButton(icon("folder"), " Folder…")
        self.choose_button.clicked.connect(lambda: self.choose_folder())
        self.open_button = QPushButton("Open folder")
        self.open_button.clicked.connect(lambda: self.open_folder())
        for button in (self.choose_button, self.open_button):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        part.add(side_by_side(self.choose_button, self.open_button))
        part.add(Hint(PRIVACY))
        self.add(part)

    # What is done

    def choose_folder(self) -> None:
        """Ask where recordings go."""
        recording = self.desk.recording
        name = QFileDialog.getExistingDirectory(
            self, "Where recordings go", str(recording.choice.folder)
        )
        if name:
            self._choose(folder=Path(name))

    def open_folder(self) -> None:
        """Show the recordings in the file manager."""
        folder = self.desk.recording.choice.folder
        folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _set_format(self, kind: Format, on: bool) -> None:
        formats = self.desk.recording.choice.formats
        self._choose(formats=formats | {kind} if on else formats - {kind})

    def _set_values(self, key: object) -> None:
        self._choose(values=Values(str(key)))

    def _set_whole(self, on: bool) -> None:
        self._choose(whole=on)

    def _choose(self, **changes: object) -> None:
        recording = self.desk.recording
        recording.choice = replace(recording.choice, **changes)  # type: ignore[arg-type]
        self.refresh()

    # What is shown

    def refresh(self) -> None:
        recording = self.desk.recording
        choice, running = recording.choice, recording.running
        for kind, toggle in self.formats.items():
            toggle.setChecked(kind in choice.formats)
            toggle.setEnabled(not running)
        self.values.set_key(choice.values)
        self.values.setEnabled(not running)
        self.whole.setChecked(choice.whole)
        self.whole.setEnabled(not running)
        self.choose_button.setToolTip(f"Recordings go to {choice.folder}")
        self.choose_button.setEnabled(not running)
        self.button.setText(" Stop recording" if running else " Record")
        self.button.setToolTip(
            "Finish the files (F9)" if running else "Keep every frame of what is shown (F9)"
        )
        able = self.desk.session is not None and bool(choice.formats) and not recording.starting
        self.button.setEnabled(running or able)
        repolish(self.button, "recording", running)
        self.progress.setText(self._told())

    def _told(self) -> str:
        recording = self.desk.recording
        if recording.recorder is not None:
            now = recording.recorder
            text = f"{clock(now.seconds, True)} · {_frames(now.frames)}"
            return f"{text} · {now.lost} left out" if now.lost else text
        if recording.starting:
            return "Opening the files …"
        if recording.finishing:
            return "Finishing the files …"
        if self.desk.session is None:
            return "Choose a source first."
        if not recording.choice.formats:
            return "Choose at least one kind of file."
        if recording.last is not None and recording.last.files:
            last = recording.last
            return f"Last: {last.files[0].stem}, {_frames(last.frames)}"
        return ""


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"
