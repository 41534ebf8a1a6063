"""“Open in Blender”: the scene as a .blend, and where to go with it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QProcess, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.blender.protocol import Done, Event, Failed
from widgets.fields.form import Hint
from widgets.panels.render_run import RenderRun, Submits


def find_blender() -> Path | None:
    """An installed Blender: $BLENDER, the search path, or where the systems put it."""
    named = os.environ.get("BLENDER") or shutil.which("blender")
    if named and Path(named).is_file():
        return Path(named)
    if sys.platform == "darwin":
        places = [Path("/Applications/Blender.app/Contents/MacOS/Blender")]
    elif sys.platform == "win32":
        home = Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"))
        places = sorted((home / "Blender Foundation").glob("Blender */blender.exe"), reverse=True)
    else:
        places = [Path("/snap/bin/blender")]
    return next((place for place in places if place.is_file()), None)


class BlendExport(QWidget):
    """Has the .blend written and then offers its folder and Blender; hidden until then."""

    message = Signal(str, str)

    def __init__(self, blender: Submits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = RenderRun(blender, self)
        self._run.ended.connect(self._ended)
        self._path: Path | None = None
        self.note = Hint()
        self.folder = QPushButton("Open folder")
        self.folder.clicked.connect(self._open_folder)
        self.launch = QPushButton("Open in Blender")
        self.launch.clicked.connect(self._launch)
        self.dismiss = QPushButton("Close")
        self.dismiss.clicked.connect(self.hide)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.launch, self.folder, self.dismiss):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.note)
        layout.addLayout(buttons)
        self.hide()

    @property
    def busy(self) -> bool:
        return self._run.busy

    def write(self, path: Path, args: dict[str, Any]) -> None:
        """Order the file; nothing happens while one is being written."""
        if self._run.busy:
            return
        self._path = path
        self.note.setText(f"Writing {path.name}…")
        self._show_buttons(False)
        self.show()
        self._run.start("save_blend", args)

    def _ended(self, outcome: Event) -> None:
        assert self._path is not None
        if isinstance(outcome, Done):
            self.note.setText(f"{self._path.name} is written; its textures are inside.")
            self._show_buttons(True)
        elif isinstance(outcome, Failed):
            self.note.setText(outcome.message)
            self._show_buttons(False)
            self.dismiss.show()
            self.message.emit("error", outcome.message)
        else:
            self.hide()

    def _show_buttons(self, shown: bool) -> None:
        self.folder.setVisible(shown)
        self.dismiss.setVisible(shown)
        self.launch.setVisible(shown and find_blender() is not None)

    def _open_folder(self) -> None:
        if self._path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent)))

    def _launch(self) -> None:
        blender = find_blender()
        if blender is None or self._path is None:
            return
        if not QProcess.startDetached(str(blender), [str(self._path)]):
            self.note.setText(f"{blender} could not be started.")
