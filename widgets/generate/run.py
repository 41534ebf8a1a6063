"""A run of `generate` as the window sees it: a job, with its events on the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.dataset.launcher import Launcher, Progress
from app.jobs import Job, JobList


class GenerateRun(QObject):
    """One run, listed as a job.

    Signals
    -------
    progressed : Progress
    framed : Path
        A picture that was just made.
    failed : (str, str)
        A frame and why it could not be made.
    noticed : str
    ended : Progress
        Once, last; all processes are gone.
    """

    progressed = Signal(object)
    framed = Signal(object)
    failed = Signal(str, str)
    noticed = Signal(str)
    ended = Signal(object)
    _told = Signal(dict)

    def __init__(self, command: Sequence[str], output: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.output = output
        self.launcher = Launcher(command)
        self.job: Job | None = None
        self._jobs: JobList | None = None
        self._told.connect(self._hear)
        self._stop_listening = self.launcher.listen(self._told.emit)

    def start(self, jobs: JobList, title: str) -> None:
        """Begin; a program that can't be started ends at once with the reason."""
        self._jobs = jobs
        self.job = jobs.start(title, self.launcher.as_job)
        if self.launcher.pid is None:
            self.ended.emit(Progress(state="error", text=self.job.reason))

    @property
    def running(self) -> bool:
        return self.launcher.pid is not None and not self.launcher.ended

    @property
    def progress(self) -> Progress:
        return self.launcher.progress

    def pause(self) -> None:
        self.launcher.pause()

    def resume(self) -> None:
        self.launcher.resume()

    def cancel(self) -> None:
        """Let the pictures in work be finished, then end."""
        if self._jobs is not None and self.job is not None:
            self._jobs.cancel(self.job)

    def stop(self) -> None:
        """End now; returns when no process is left. Nothing is told any more."""
        self._stop_listening()
        self.launcher.stop()

    def _hear(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "frame":
            self.framed.emit(Path(str(event["rgb"])))
        elif kind == "failed":
            self.failed.emit(str(event.get("frame", "")), str(event.get("reason", "")))
        elif kind == "notice":
            self.noticed.emit(str(event.get("text", "")))
        now = self.progress
        if kind == "end":
            self.progressed.emit(now)
            self.ended.emit(now)
        elif kind != "frame":
            self.progressed.emit(now)
