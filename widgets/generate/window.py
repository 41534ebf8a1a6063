"""Generate data set: choices at the left, what they come to and the run at the right."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QThreadPool, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.dataset.arguments import arguments, command_text
from app.dataset.launcher import GENERATE, Progress
from app.jobs import JobList
from widgets.fields.form import Panel
from widgets.generate.choices import Choices, ChoicesModel, remember, remembered
from widgets.generate.content_parts import BackgroundPart, EffectsPart, MovesPart
from widgets.generate.fields import Part
from widgets.generate.output_part import OutputPart
from widgets.generate.picture_parts import PicturePart, RunPart
from widgets.generate.reports import dataset_report
from widgets.generate.run import GenerateRun
from widgets.generate.run_view import RunView
from widgets.generate.setup_view import SetupView
from widgets.generate.subjects_part import SubjectsPart
from widgets.generate.survey import Survey, survey
from widgets.panels.background import in_background
from widgets.theme import icon, repolish

_LOOK_AFTER_MS: Final = 150
TRIAL_PICTURES: Final = 8
_TRIAL_SIDE: Final = 320


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
        self.setMinimumSize(880, 560)
        self._jobs = jobs
        choices = remembered()
        if not choices.heads and open_head():
            choices = replace(choices, heads=(open_head(),))
        self.model = ChoicesModel(choices, self)
        self.run: GenerateRun | None = None
        self.trial: GenerateRun | None = None
        self._trial_folder: tempfile.TemporaryDirectory[str] | None = None
        self.survey: Survey | None = None
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self.form = Panel()
        self.output = OutputPart(self.model)
        self.subjects = SubjectsPart(self.model, open_head)
        self.moves = MovesPart(self.model)
        self.backgrounds = BackgroundPart(self.model)
        self.effects = EffectsPart(self.model)
        self.picture = PicturePart(self.model)
        self.run_part = RunPart(self.model)
        self.parts: tuple[Part, ...] = (
            self.output,
            self.subjects,
            self.moves,
            self.backgrounds,
            self.effects,
            self.picture,
            self.run_part,
        )
        for part in self.parts:
            self.form.add(part)
        self.output.show_choices(choices)
        self.output.resume_asked.connect(self.load_unfinished)
        self.setup_view = SetupView()
        self.setup_view.trial_asked.connect(self.begin_trial)
        self.setup_view.open_asked.connect(self.open_asked)
        self.run_view = RunView()
        self.run_view.open_asked.connect(self.open_asked)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.setup_view)
        self.pages.addWidget(self.run_view)
        self._build()
        self._look = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._look.timeout.connect(self._survey)
        self.model.changed.connect(self._changed)
        self._survey()
        self._show_buttons()

    def _build(self) -> None:
        self.form.setFixedWidth(392)
        self.reason = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.reason.setProperty("role", "muted")
        button = self._button
        self.copy = button("Copy command", self.copy_command, "copy")
        self.copy.setToolTip("The command line that makes the same data set without a window")
        self.start_button = button("Start", self.start)
        self.start_button.setProperty("primary", True)
        self.start_button.setMinimumWidth(104)
        self.pause_button = button("Pause", self.pause_or_resume)
        self.cancel_button = button("Cancel…", self.ask_cancel, "stop")
        self.folder_button = button("Open folder", self.open_folder, "open")
        self.check_button = button("Check", lambda: self._report("check"), "check")
        self.check_button.setToolTip("Look for missing, damaged and inconsistent files")
        self.stats_button = button("Statistics", lambda: self._report("stats"), "info")
        self.stats_button.setToolTip("Distributions of yaw, pitch and roll, beside Biwi's")
        self.again_button = button("New data set", self.show_setup)
        self.resume_button = button("Resume", self.resume_run)
        self.resume_button.setProperty("primary", True)
        bar = QWidget()
        bar.setObjectName("actionBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(8)
        row.addWidget(self.reason, 1)
        for one in (
            self.copy,
            self.folder_button,
            self.check_button,
            self.stats_button,
            self.again_button,
            self.cancel_button,
            self.pause_button,
            self.resume_button,
            self.start_button,
        ):
            row.addWidget(one)
        middle = QHBoxLayout()
        middle.setSpacing(1)
        middle.addWidget(self.form)
        middle.addWidget(self.pages, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(middle, 1)
        layout.addWidget(bar)

    def _button(
        self, text: str, call: Callable[[], object], symbol: str | None = None
    ) -> QPushButton:
        button = QPushButton(text, autoDefault=False)
        if symbol is not None:
            button.setIcon(icon(symbol))
        button.clicked.connect(lambda: call())
        return button

    def sizeHint(self) -> QSize:
        return QSize(1120, 760)

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
        shown = dict(found.faults)
        if self._fresh and not found.choices.output:
            shown.pop("output", None)
        for part in self.parts:
            part.show_faults(shown)
        self.output.show_space(found.free)
        there = found.unfinished
        self.output.show_unfinished(there.text if there else "", bool(there and there.loadable))
        self.setup_view.show_survey(found)
        self._show_reason()

    @property
    def _fresh(self) -> bool:
        """Nothing was chosen yet: an empty folder is no mistake then."""
        return not self.output.folder.edit.isModified()

    def _show_reason(self) -> None:
        if self.pages.currentWidget() is not self.setup_view:
            return
        reason = self.survey.reason if self.survey is not None else ""
        self.reason.setText(reason)
        self.start_button.setEnabled(self.survey is not None and not reason)
        self.start_button.setToolTip(reason)
        goes_on = self.survey is not None and self.survey.unfinished is not None
        self.start_button.setText("Resume" if goes_on and not reason else "Start")
        trial = self.trial is not None and self.trial.running
        self.setup_view.trial.setEnabled(self.setup_view.trial.isEnabled() and not trial)

    def load_unfinished(self) -> None:
        """Show the settings of the data set that lies in the output folder."""
        there = self.survey.unfinished if self.survey is not None else None
        if there is not None and there.choices is not None:
            self.model.set(there.choices)

    def choose_output(self, path: Path) -> None:
        """As if the folder had been typed."""
        self.output.folder.edit.setModified(True)
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
        QGuiApplication.clipboard().setText(command_text(self.command()))
        self.copy.setText("Copied")
        QTimer.singleShot(1500, self.copy, lambda: self.copy.setText("Copy command"))

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
        self.end_trial()
        output = Path(self.model.choices.output).expanduser()
        command = [*GENERATE, *self.command(resume=resume), "--events"]
        self.run = run = GenerateRun(command, output, self)
        self.run_view.begin(str(output))
        run.progressed.connect(self._progressed)
        run.framed.connect(self.run_view.show_frame)
        run.failed.connect(self.run_view.show_failure)
        run.noticed.connect(self.reason.setText)
        run.ended.connect(self._ended)
        self.pages.setCurrentWidget(self.run_view)
        self.reason.setText("")
        run.start(self._jobs, f"Generate {output.name}")
        self._show_buttons()
        self.pause_button.setFocus()

    def _progressed(self, now: Progress) -> None:
        self.run_view.show_progress(now)
        self._show_buttons()

    def _ended(self, now: Progress) -> None:
        self.run_view.show_progress(now)
        self._show_buttons()
        (self.folder_button if now.state == "done" else self.resume_button).setFocus()
        self.finished_run.emit(now)

    def pause_or_resume(self) -> None:
        if self.run is None:
            return
        if self.run.progress.state == "paused":
            self.run.resume()
        else:
            self.run.pause()
        self.pause_button.setEnabled(False)

    def ask_cancel(self) -> None:
        """Ask once; what is made stays, and the run can be resumed."""
        if self.run is not None and self.running and self._sure():
            self.cancel_button.setEnabled(False)
            self.run.cancel()

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

    def _show_buttons(self) -> None:
        at_run = self.pages.currentWidget() is self.run_view
        running, now = self.running, self.run.progress if self.run else Progress()
        ended = at_run and not running
        self.form.setEnabled(not at_run)
        for button, wanted in (
            (self.copy, not at_run),
            (self.start_button, not at_run),
            (self.pause_button, at_run and running),
            (self.cancel_button, at_run and running),
            (self.folder_button, at_run),
            (self.check_button, ended),
            (self.stats_button, ended),
            (self.again_button, ended),
            (self.resume_button, ended and (now.state != "done" or now.failed > 0)),
        ):
            button.setVisible(wanted)
        self.pause_button.setText("Resume" if now.state == "paused" else "Pause")
        self.pause_button.setEnabled(now.state in ("running", "paused"))
        stopping = now.state == "stopping" or bool(
            self.run is not None and self.run.job is not None and self.run.job.asked_to_stop
        )
        self.cancel_button.setEnabled(running and not stopping)
        repolish(self.reason, "role", "muted")

    # The trial

    def begin_trial(self) -> None:
        """Make a few small pictures with these choices in a folder of their own."""
        if self.trial is not None and self.trial.running:
            return
        self.end_trial()
        spec = self.model.choices.asked
        shrink = min(1.0, _TRIAL_SIDE / max(spec.width, spec.height))
        heads = spec.heads[:2]
        people = min(spec.people, 2)
        count = len(heads) or people
        spec = replace(
            spec,
            heads=heads,
            people=people,
            per_person=max(1, min(spec.per_person, TRIAL_PICTURES // max(1, count))),
            width=max(64, round(spec.width * shrink)),
            height=max(64, round(spec.height * shrink)),
            texture=min(spec.texture, 512),
        )
        self._trial_folder = folder = tempfile.TemporaryDirectory(prefix="headroom-trial-")
        root = Path(folder.name) / "trial"
        command = [*GENERATE, *arguments(spec, str(root), workers=1), "--events"]
        self.trial = GenerateRun(command, root, self)
        self.trial.progressed.connect(self.setup_view.show_trial)
        self.trial.framed.connect(self.setup_view.show_frame)
        self.trial.ended.connect(self._trial_ended)
        self.setup_view.begin_trial()
        self.trial.start(self._jobs, "Try a few pictures")

    def _trial_ended(self, now: Progress) -> None:
        root = self.trial.output if self.trial is not None else None
        if root is not None:
            for path in sorted(root.rglob("rgb_*.jpg")):
                self.setup_view.show_frame(path)
        self.setup_view.end_trial(now.text if now.state == "error" else "")

    def end_trial(self) -> None:
        """Stop it and throw its pictures away."""
        if self.trial is not None:
            self.trial.stop()
            self.trial.deleteLater()
            self.trial = None
        if self._trial_folder is not None:
            self.setup_view.grid.frames.wait()
            self._trial_folder.cleanup()
            self._trial_folder = None

    # After the run

    def open_folder(self) -> None:
        if self.run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.run.output)))

    def _report(self, kind: str) -> None:
        if self.run is None:
            return
        button = self.check_button if kind == "check" else self.stats_button
        button.setEnabled(False)
        root = self.run.output
        title = "Check" if kind == "check" else "Statistics"
        self.run_view.report.say(f"{title}…", "Reading the data set…")

        def shown(found: tuple[str, Path | None] | None) -> None:
            button.setEnabled(True)
            text, picture = found or ("The report could not be made.", None)
            self.run_view.report.say(title, text, picture)

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
        self.end_trial()
        if self.run is not None:
            self.run.stop()
        self._pool.waitForDone(5000)
        self.run_view.grid.frames.wait()
        self.setup_view.grid.frames.wait()
