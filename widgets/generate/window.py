"""Generate data set: choices at the left, what they come to and the run at the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QSize, Qt, QThreadPool, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QGuiApplication,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.dataset.arguments import arguments, command_text
from app.dataset.launcher import GENERATE, Progress
from app.jobs import JobList
from widgets.generate.action_bar import ActionBar
from widgets.generate.choices import Choices, ChoicesModel, remember, remembered
from widgets.generate.form import GenerateForm
from widgets.generate.reports import dataset_report
from widgets.generate.run import GenerateRun
from widgets.generate.run_view import RunView
from widgets.generate.setup_view import SetupView
from widgets.generate.survey import Survey, survey
from widgets.generate.trial import Trial
from widgets.panels.background import in_background

_LOOK_AFTER_MS: Final = 150


class GenerateWindow(QDialog):
    """Stays open beside the main window; closing it leaves a run going on as a job.

    Parameters
    ----------
    jobs : JobList
        Runs are listed there.
    open_head : callable
        Path of the head on stage, or "".

    Signals
    -------
    open_asked : Path
        The annotation of a picture that is to be opened in the Studio.
    finished_run : Progress
        A run is over.
    """

    open_asked = Signal(object)
    finished_run = Signal(object)

    def __init__(
        self, jobs: JobList, open_head: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Generate data set")
        flags = Qt.WindowType.WindowMinMaxButtonsHint | Qt.WindowType.WindowCloseButtonHint
        self.setWindowFlags(self.windowFlags() | flags)
        self.setMinimumSize(900, 560)
        self._jobs = jobs
        choices = remembered()
        if not choices.heads and open_head():
            choices = replace(choices, heads=(open_head(),))
        self.model = ChoicesModel(choices, self)
        self.run: GenerateRun | None = None
        self.survey: Survey | None = None
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self.form = GenerateForm(self.model, open_head)
        self.form.output.resume_asked.connect(self.load_unfinished)
        self.setup_view = SetupView()
        self.setup_view.open_asked.connect(self.open_asked)
        self.trial = Trial(jobs, self.setup_view, self)
        self.trial.changed.connect(self._show_reason)
        self.setup_view.trial_asked.connect(lambda: self.trial.begin(self.model.choices.asked))
        self.run_view = RunView()
        self.run_view.open_asked.connect(self.open_asked)
        self.bar = ActionBar()
        self.bar.pressed.connect(self._act)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.setup_view)
        self.pages.addWidget(self.run_view)
        middle = QHBoxLayout()
        middle.setSpacing(1)
        middle.addWidget(self.form)
        middle.addWidget(self.pages, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(middle, 1)
        layout.addWidget(self.bar)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._primary)
        self._look = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._look.timeout.connect(self._survey)
        self.model.changed.connect(self._changed)
        self._survey()
        self._show_buttons()
        self.form.output.folder.setFocus()

    def sizeHint(self) -> QSize:
        return QSize(1120, 760)

    def _act(self, name: str) -> None:
        {
            "copy": self.copy_command,
            "folder": self.open_folder,
            "check": lambda: self.make_report("check"),
            "stats": lambda: self.make_report("stats"),
            "again": self.show_setup,
            "cancel": self.ask_cancel,
            "pause": self.pause_or_resume,
            "resume": self.resume_run,
            "start": self.start,
        }[name]()

    def _primary(self) -> None:
        """Press the button that goes on: Start, or Resume after a run."""
        for name in ("start", "resume"):
            button = self.bar.buttons[name]
            if button.isVisible():
                button.click()
                return

    # Choices

    def _changed(self, _: Choices) -> None:
        self._look.start()
        self.survey = None
        self._show_reason()

    def _survey(self) -> None:
        choices = self.model.choices
        in_background(self, lambda: survey(choices), self._surveyed, self._pool)

    def _surveyed(self, found: Survey | None) -> None:
        if found is None or found.choices != self.model.choices:
            return
        self.survey = found
        self.form.show_survey(found)
        self.setup_view.show_survey(found)
        self._show_reason()

    def _show_reason(self) -> None:
        if self.pages.currentWidget() is not self.setup_view:
            return
        found, start = self.survey, self.bar.buttons["start"]
        reason = found.reason if found is not None else ""
        self.bar.say(reason)
        start.setEnabled(found is not None and not reason)
        start.setToolTip(reason or "Make the data set (Ctrl+Return)")
        goes_on = found is not None and found.unfinished is not None and not reason
        start.setText("Resume" if goes_on else "Start")
        if self.trial.running:
            self.setup_view.trial.setEnabled(False)

    def load_unfinished(self) -> None:
        """Show the settings of the data set that lies in the output folder."""
        there = self.survey.unfinished if self.survey is not None else None
        if there is not None and there.choices is not None:
            self.model.set(there.choices)

    def choose_output(self, path: Path) -> None:
        """As if the folder had been typed."""
        self.form.output.folder.edit.setModified(True)
        self.model.change(output=str(path))

    def command(self, *, resume: bool = False) -> list[str]:
        """Arguments of `generate` for the choices as they are."""
        choices = self.model.choices
        return arguments(
            choices.asked,
            str(Path(choices.output).expanduser()) if choices.output else "DIR",
            workers=choices.workers,
            scheduler=choices.scheduler,
            resume=resume,
        )

    def copy_command(self) -> None:
        goes_on = self.survey is not None and self.survey.unfinished is not None
        own = goes_on and not (self.survey and self.survey.reason)
        QGuiApplication.clipboard().setText(command_text(self.command(resume=bool(own))))
        button = self.bar.buttons["copy"]
        button.setText(" Copied")
        QTimer.singleShot(1500, button, lambda: button.setText(" Copy command"))

    # The run

    @property
    def running(self) -> bool:
        return self.run is not None and self.run.running

    def start(self) -> None:
        if self.survey is None or self.survey.reason or self.running:
            return
        remember(self.model.choices)
        self._begin(resume=self.survey.unfinished is not None)

    def resume_run(self) -> None:
        """Go on with the run that was stopped or broke off."""
        if not self.running:
            self._begin(resume=True)

    def _begin(self, *, resume: bool) -> None:
        self.trial.end()
        output = Path(self.model.choices.output).expanduser()
        command = [*GENERATE, *self.command(resume=resume), "--events"]
        if self.run is not None:
            self.run.deleteLater()
        self.run = run = GenerateRun(command, output, self)
        self.run_view.begin(str(output))
        run.progressed.connect(self._progressed)
        run.framed.connect(self.run_view.show_frame)
        run.failed.connect(self.run_view.show_failure)
        run.noticed.connect(self.bar.say)
        run.ended.connect(self._ended)
        self.pages.setCurrentWidget(self.run_view)
        self.bar.say("")
        run.start(self._jobs, f"Generate {output.name}")
        self._show_buttons()
        self.bar.buttons["pause"].setFocus()

    def _progressed(self, now: Progress) -> None:
        self.run_view.show_progress(now)
        self._show_buttons()

    def _ended(self, now: Progress) -> None:
        self._progressed(now)
        whole = now.state == "done" and not now.failed
        self.bar.buttons["folder" if whole else "resume"].setFocus()
        self._survey()
        self.finished_run.emit(now)

    def pause_or_resume(self) -> None:
        if self.run is None:
            return
        if self.run.progress.state == "paused":
            self.run.resume()
        else:
            self.run.pause()
        self.bar.buttons["pause"].setEnabled(False)

    def ask_cancel(self) -> None:
        """Ask once; what is made stays, and the run can be resumed."""
        if self.run is not None and self.running and self._sure():
            self.run.cancel()
            self._show_buttons()

    def _sure(self) -> bool:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Cancel the run")
        box.setText("Stop making pictures?")
        box.setInformativeText("Those that are made stay, and the run can be resumed later.")
        stop = box.addButton("Stop", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Go on", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stop)
        box.exec()
        return box.clickedButton() is stop

    def show_setup(self) -> None:
        """Back to the choices; only while nothing runs."""
        if not self.running:
            self.pages.setCurrentWidget(self.setup_view)
            self._show_buttons()
            self._survey()
            self.form.output.folder.setFocus()

    def _show_buttons(self) -> None:
        at_run = self.pages.currentWidget() is self.run_view
        self.form.content.setEnabled(not at_run)
        run = self.run
        if not at_run or run is None:
            self.bar.offer("copy", "start")
            return
        now, buttons = run.progress, self.bar.buttons
        if not run.running:
            left = now.state != "done" or now.failed > 0
            self.bar.offer(
                "folder",
                "check",
                "stats",
                "again",
                *(("resume",) if left else ()),
            )
            buttons["resume"].setText("Try these again" if now.state == "done" else "Resume")
            return
        self.bar.offer("folder", "cancel", "pause")
        asked = run.job is not None and run.job.asked_to_stop
        buttons["pause"].setText("Resume" if now.state == "paused" else "Pause")
        buttons["pause"].setEnabled(not asked and now.state in ("running", "paused"))
        buttons["cancel"].setEnabled(not asked and now.state != "stopping")

    # After the run

    def open_folder(self) -> None:
        if self.run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.run.output)))

    def make_report(self, kind: Literal["check", "stats"]) -> None:
        """Have the data set checked, or its distributions drawn."""
        if self.run is None:
            return
        button, root = self.bar.buttons[kind], self.run.output
        title = "Check" if kind == "check" else "Statistics"
        button.setEnabled(False)
        self.run_view.show_report(f"{title}…", "Reading the data set…")

        def shown(found: tuple[str, Path | None] | None) -> None:
            button.setEnabled(True)
            text, picture = found or ("The report could not be made.", None)
            self.run_view.show_report(title, text, picture)

        in_background(self, lambda: dataset_report(kind, root), shown)

    # Closing

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._survey()

    def closeEvent(self, event: QCloseEvent) -> None:
        remember(self.model.choices)
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape hides the window; a run goes on as a job."""
        self.close()

    def shut_down(self) -> None:
        """The main window closes: no process may stay."""
        remember(self.model.choices)
        self.trial.end()
        if self.run is not None:
            self.run.stop()
        self._pool.waitForDone(5000)
        for view in (self.run_view, self.setup_view):
            view.grid.frames.wait()
