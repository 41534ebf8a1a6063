"""Which models there are: the folder looked at now and then, what is new looked through."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from app.jobs import JobError, JobList, Report
from app.priority import give_way
from inference.live.model_import import bring_in
from inference.live.models import ModelFolder, State
from inference.live.providers import Provider, available
from inference.sessions import ModelError
from widgets.panels.background import in_background

LOOK_MS: Final = 2000
FIRST_LOOK_MS: Final = 120
"""Later than the workspace, so that its first picture does not wait for the models."""


class ModelList(QObject):
    """Keeps the list of a `ModelFolder` fresh, away from the window's thread.

    Parameters
    ----------
    jobs : JobList
    folder : ModelFolder

    Attributes
    ----------
    made : bool
        The list has been made at least once.
    providers : tuple of Provider
        What the installed ONNX Runtime can run on.

    Signals
    -------
    renewed : bool
        The list is another; whether it is the first one.
    checked : Path
        A file has been looked through.
    message : (str, str)
    """

    renewed = Signal(bool)
    checked = Signal(object)
    message = Signal(str, str)
    _checked = Signal(object)

    def __init__(self, jobs: JobList, folder: ModelFolder, parent: QObject) -> None:
        super().__init__(parent)
        self.folder = folder
        self.made = False
        self.providers: tuple[Provider, ...] = (Provider.CPU,)
        self._jobs = jobs
        self._pool = QThreadPool(self)
        self._checking: set[Path] = set()
        self._known: set[Path] = set()
        self._looking = self._look_again = self._closed = False
        self._checked.connect(self._check_ended)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)

    def checking(self, path: Path) -> bool:
        """Whether a file is looked through at the moment."""
        return path in self._checking

    def watch(self, on: bool) -> None:
        """Keep the list fresh while it can be seen."""
        if on and not self._timer.isActive() and not self._closed:
            self._timer.start()
            QTimer.singleShot(FIRST_LOOK_MS, self, self.look)
        elif not on:
            self._timer.stop()

    def look(self) -> None:
        """Look what there is."""
        if not self._looking and not self._closed:
            self._looking = True
            in_background(self, self._list, self._looked, self._pool)

    def make_anew(self) -> None:
        """Look again as if for the first time."""
        self.made, self._look_again = False, self._looking
        self.look()

    def add(self, path: Path) -> None:
        """Copy a model with what lies beside it into the folder, from where it is checked."""

        def copy(_: Report) -> None:
            try:
                bring_in(path, self.folder.folder)
            except ModelError as problem:
                self.message.emit("error", str(problem))
                raise JobError(str(problem)) from None

        self._jobs.run(f"Add the model {path.name}", copy)
        QTimer.singleShot(200, self, self.look)

    def close(self) -> None:
        self._closed = True
        self._timer.stop()
        self._pool.waitForDone()

    def _list(self) -> tuple[bool, tuple[Provider, ...]]:
        return self.folder.refresh(), available()

    def _looked(self, found: tuple[bool, tuple[Provider, ...]] | None) -> None:
        self._looking = False
        if self._closed or found is None:
            return
        if self._look_again:
            self._look_again = False
            self.look()
            return
        anew, self.providers = found
        first, self.made = not self.made, True
        if first and not self._known:
            self._known = {m.path for m in self.folder.models}
        if anew or first:
            self._check_new()
            self.renewed.emit(first)

    def _check_new(self) -> None:
        """Look through what came, one after the other, in one job."""
        fresh = [m for m in self.folder.models if m.state is State.UNCHECKED]
        fresh = [m for m in fresh if m.path not in self._checking]
        if not fresh:
            return
        self._checking |= {m.path for m in fresh}

        def check(report: Report) -> None:
            give_way()
            for done, listed in enumerate(fresh):
                report.progress(listed.path.name, done / len(fresh))
                try:
                    if not report.asked_to_stop:
                        self.folder.check(listed.path)
                except KeyError:
                    pass
                finally:
                    self._checked.emit(listed.path)
            report.check()

        names = fresh[0].path.name if len(fresh) == 1 else f"{len(fresh)} models"
        self._jobs.run(f"Check {names}", check)

    def _check_ended(self, path: Path) -> None:
        self._checking.discard(path)
        if self._closed:
            return
        self.checked.emit(path)
        listed = next((m for m in self.folder.models if m.path == path), None)
        refused = listed is not None and listed.state is State.REFUSED
        if listed is not None and refused and path not in self._known:
            self.message.emit("error", " ".join(listed.problem.split()))
