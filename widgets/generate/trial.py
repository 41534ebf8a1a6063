"""A few small pictures of a data set, made aside and thrown away."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.dataset.arguments import arguments
from app.dataset.launcher import GENERATE, Progress
from app.dataset.spec import DatasetSpec
from app.jobs import JobList
from widgets.generate.run import GenerateRun
from widgets.generate.setup_view import SetupView

PICTURES: Final = 8
_SIDE: Final = 320
_HEADS: Final = 2


def shrunk(spec: DatasetSpec) -> DatasetSpec:
    """A small data set that shows what the whole one will look like."""
    scale = min(1.0, _SIDE / max(spec.width, spec.height))
    heads, people = spec.heads[:_HEADS], min(spec.people, _HEADS)
    each = PICTURES // max(1, len(heads) or people)
    return replace(
        spec,
        heads=heads,
        people=people,
        per_person=max(1, min(spec.per_person, each)),
        width=max(64, round(spec.width * scale)),
        height=max(64, round(spec.height * scale)),
        texture=min(spec.texture, 512),
    )


class Trial(QObject):
    """Runs `generate` in a folder of its own and shows its pictures in the setup view.

    Signals
    -------
    changed
        It began or ended.
    """

    changed = Signal()

    def __init__(self, jobs: JobList, view: SetupView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._view = jobs, view
        self.run: GenerateRun | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def running(self) -> bool:
        return self.run is not None and self.run.running

    def begin(self, spec: DatasetSpec) -> None:
        if self.running:
            return
        self.end()
        self._folder = tempfile.TemporaryDirectory(prefix="headroom-trial-")
        root = Path(self._folder.name) / "trial"
        command = [*GENERATE, *arguments(shrunk(spec), str(root), workers=1), "--events"]
        self.run = run = GenerateRun(command, root, self)
        run.progressed.connect(self._view.show_trial)
        run.framed.connect(self._view.show_frame)
        run.ended.connect(self._ended)
        self._view.begin_trial()
        run.start(self._jobs, "Try a few pictures")
        self.changed.emit()

    def _ended(self, now: Progress) -> None:
        if self.run is None:
            return
        for path in sorted(self.run.output.rglob("rgb_*.jpg")):
            self._view.show_frame(path)
        failures = self.run.launcher.failures
        fault = now.text if now.state == "error" else failures[0][1] if failures else ""
        self._view.end_trial(fault)
        self.changed.emit()

    def end(self) -> None:
        """Stop it and throw its pictures away."""
        if self.run is not None:
            self.run.stop()
            self.run.deleteLater()
            self.run = None
        if self._folder is not None:
            self._view.grid.frames.clear()
            self._view.grid.frames.wait()
            self._view.end_trial("")
            self._folder.cleanup()
            self._folder = None
