"""Data sets in the main window: the window that makes them, and their pictures in the Studio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThreadPool
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.dataset.launcher import Progress
from app.jobs import Event, Job, JobError, Report, State
from widgets.panels.background import in_background

if TYPE_CHECKING:
    from widgets.generate.frame_opening import FrameFault, OpenedFrame
    from widgets.generate.window import GenerateWindow
    from widgets.main_window import MainWindow

FRAME_FILTER = "Pictures of a data set (ann_*.json rgb_*.jpg);;All files (*)"
_TEXTURE = 1024


class DatasetDesk(QObject):
    """Makes the generate window when it is first asked for, and opens frames."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.generate: GenerateWindow | None = None
        self._baking: dict[Job, OpenedFrame] = {}
        self._pool = QThreadPool(self)
        window.job_bridge.told.connect(self._job_told)

    def show(self) -> None:
        """Bring the generate window to the front."""
        from widgets.generate.window import GenerateWindow

        if self.generate is None:
            window = self._window
            self.generate = GenerateWindow(
                window.jobs, lambda: window.document.scene.head.path, window
            )
            self.generate.open_asked.connect(self.open_frame)
            self.generate.finished_run.connect(self._say_ended)
        self.generate.show()
        self.generate.raise_()
        self.generate.activateWindow()

    @property
    def running(self) -> bool:
        return self.generate is not None and self.generate.running

    def ask_open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open a picture of a data set", "", FRAME_FILTER
        )
        if name:
            self.open_frame(Path(name))

    def open_frame(self, path: Path) -> None:
        """Put a picture's head, pose, expression, camera and lights on stage, as one step."""
        from widgets.generate.frame_opening import FrameFault, open_frame

        def read() -> OpenedFrame | FrameFault:
            try:
                return open_frame(path)
            except FrameFault as fault:
                return fault

        in_background(self, read, self._take, self._pool)

    def _take(self, found: OpenedFrame | FrameFault | None) -> None:
        from widgets.generate.frame_opening import OpenedFrame

        if isinstance(found, OpenedFrame):
            for line in found.releases:
                self._window.notifications.warning(f"{found.name}: {line}")
            if found.person is None:
                self._stage(found)
            else:
                self._offer_to_bake(found, found.person)
        elif found is not None:
            self._window.notifications.error(str(found))

    def _stage(self, opened: OpenedFrame) -> None:
        window, now = self._window, self._window.document.scene
        scene = replace(opened.scene, poses=now.poses, cameras=now.cameras)
        window.document.change(f"Open {opened.name}", scene)
        window.commands["view.camera"].setChecked(True)
        window.raise_()
        window.activateWindow()

    # People who have no FBX yet

    def _offer_to_bake(self, opened: OpenedFrame, person: Path) -> None:
        from widgets.generate.subjects_part import INSTALL, people_can_be_made

        if not people_can_be_made():
            self._window.notifications.warning(
                f"{person.stem} has no FBX yet; baking one needs the bake extra: {INSTALL}"
            )
            return
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Bake this person")
        box.setText(f"{person.stem} has no FBX yet. Bake one?")
        box.setInformativeText(
            f"It takes about half a minute and is kept in {person.parent.name}/{person.stem}."
        )
        bake = box.addButton("Bake", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(bake)
        box.exec()
        if box.clickedButton() is bake:
            self.bake(opened, person)

    def bake(self, opened: OpenedFrame, person: Path) -> Job:
        """Make the person's FBX as a job; then the picture is put on stage."""
        task = partial(_bake, self._window.blender.client, person)
        job = self._window.jobs.run(f"Bake {person.stem}", task)
        self._baking[job] = opened
        if job.state is not State.RUNNING:
            self._job_told(job, Event.FINISHED)
        return job

    def _job_told(self, job: Job, event: Event) -> None:
        if event is not Event.FINISHED or job not in self._baking:
            return
        opened = self._baking.pop(job)
        if job.state is State.DONE:
            self._stage(opened)
        elif job.state is State.FAILED:
            self._window.notifications.error(job.reason, job.detail)

    # The end

    def _say_ended(self, now: Progress) -> None:
        """Tell of the end where the generate window does not show it."""
        if self.generate is not None and self.generate.isVisible():
            return
        notices = self._window.notifications
        say: Callable[[str], object] = {
            "done": notices.info,
            "cancelled": notices.info,
        }.get(now.state, notices.error)
        say(now.text)

    def may_leave(self) -> bool:
        """Ask whether a run may be ended with the window; False when the person wants to stay."""
        if not self.running:
            return True
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("A data set is being made")
        box.setText("Stop making pictures and quit?")
        box.setInformativeText("Those that are made stay, and the run can be resumed later.")
        leave = box.addButton("Stop and quit", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.exec()
        return box.clickedButton() is leave

    def shut_down(self) -> None:
        if self.generate is not None:
            self.generate.shut_down()
            self.generate.close()
        self._pool.waitForDone(5000)


def _bake(blender: object, person: Path, report: Report) -> Path:
    """Read a person's parameters and write the FBX."""
    from app.bake.export import ExportError, bake_fbx
    from app.bake.person_file import read_person
    from widgets.generate.frame_opening import baked_file

    report.progress(f"Baking {person.stem}")
    fbx = baked_file(person)
    try:
        return bake_fbx(read_person(person), fbx.parent, _TEXTURE, blender)  # type: ignore[arg-type]
    except (ExportError, OSError, ValueError) as problem:
        raise JobError(f"{person.stem} could not be baked: {problem}") from problem
