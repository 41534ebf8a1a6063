"""The section “Effect on a model”: a model, data, and its error by the old and the new points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
)

from app.dataset.events import span
from app.jobs import Job, JobList, State
from app.topology.topology import Topology
from widgets.curate.model_effect import Heads, measure, no_heads
from widgets.curate.model_effect_table import EffectTable
from widgets.curate.words import counted
from widgets.fields.form import Choice, Hint, Row, Section, Segments, side_by_side
from widgets.fields.glyphs import icon
from widgets.theme import COLORS

if TYPE_CHECKING:
    from app.evaluation.definitions import DefinitionEffect, Error
    from inference.definitions import Answer

_OTHER: Final = object()
_POLL_MS: Final = 150
_FACES: Final = ((100, "100"), (500, "500"), (2000, "2 000"), (0, "All"))
_ASKED: Final = (
    "A model's error on pictures you choose, by the old and by the new points. Renders tell the "
    "truth of both; photographs that of iBUG-68 alone."
)
_FILES: Final = "Shards and lists (*.arrow *.xml);;All files (*)"


class ModelEffectSection(Section):
    """Runs the measurement of one change at a time and shows what came of it.

    Signals
    -------
    landmark_asked(str)
        A row was chosen.
    """

    landmark_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("Effect on a model")
        self.jobs: JobList | None = None
        self.heads: Heads = no_heads
        self.data: Path | None = None
        self._change: tuple[Topology, Topology, str] | None = None
        self._job: Job | None = None
        self._answer: Answer | None = None
        self._filled = False
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._look)
        self._make_form()
        self._make_result()
        self.show_change(None)

    def _make_form(self) -> None:
        self.model = Choice("Model")
        self.model.activated.connect(self._model_chosen)
        self.add(Row("Model", self.model))
        self.data_button = QPushButton(icon("folder"), " Choose…")
        self.data_button.setAccessibleName("Data")
        self.data_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.data_button.setMinimumWidth(40)
        menu = QMenu(self.data_button)
        menu.addAction("Folder of shards, frames or annotated pictures…", self.choose_folder)
        menu.addAction("One shard, or a list of imglab…", self.choose_file)
        self.data_button.setMenu(menu)
        self.add(Row("Data", self.data_button))
        self.faces = Choice("Faces")
        for count, words in _FACES:
            self.faces.addItem(words, count)
        self.faces.setCurrentIndex(1)
        self.faces.setToolTip("So many at most, spread evenly over the data")
        self.add(Row("Faces", self.faces))
        self.run = QPushButton("Measure")
        self.run.clicked.connect(lambda: self.start())
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(lambda: self.stop())
        self.add(side_by_side(self.run, self.cancel))
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Progress of the measurement")
        self.bar.setFixedHeight(4)
        self.add(self.bar)
        self.note = Hint(_ASKED)
        self.add(self.note)

    def _make_result(self) -> None:
        self.view = Segments(
            "New points",
            (
                ("standing", "As found", "What the model finds stays; the truth moves"),
                ("carried", "Carried along", "What the model finds is moved to the new points"),
            ),
        )
        self.view.set_key("standing")
        self.view.chosen.connect(lambda _: self._show_answer())
        self.add(self.view)
        self.summary = QLabel(wordWrap=True)
        self.summary.setMinimumWidth(40)
        self.add(self.summary)
        self.table = EffectTable()
        self.table.chosen.connect(self.landmark_asked)
        self.add(self.table)

    # What is measured

    def show_change(self, change: tuple[Topology, Topology, str] | None) -> None:
        """The points before and after, and what they are called; None for nothing."""
        if change == self._change and change is not None:
            return
        self.stop()
        self._job = None
        self._timer.stop()
        self._change, self._answer = change, None
        self.note.setText(_ASKED)
        self._show_answer()
        self._enable()

    def choose_folder(self) -> None:
        """Ask for the data."""
        name = QFileDialog.getExistingDirectory(self, "Measure on", str(self.data or ""))
        if name:
            self.set_data(Path(name))

    def choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Measure on", str(self.data or ""), _FILES)
        if name:
            self.set_data(Path(name))

    def set_data(self, path: Path) -> None:
        """Measure on these from now on."""
        self.data = path
        self.data_button.setText(f" {path.name or path}")
        self.data_button.setToolTip(str(path))
        self._enable()

    def add_model(self, path: Path) -> None:
        """List a file of the user's and choose it."""
        self.model.insertItem(self.model.count() - 1, path.stem, str(path))
        self.model.setCurrentIndex(self.model.count() - 2)
        self._enable()

    def start(self) -> None:
        """Measure, as a job."""
        from inference.definitions import Question

        if self._change is None or self.data is None or self.jobs is None or self._job is not None:
            return
        before, after, words = self._change
        model = str(self.model.currentData())
        question = Question(before, after, model, self.data, int(self.faces.currentData()))
        self._answer = None
        title = f"Effect of {words} on {self.model.currentText()}"
        self._job = self.jobs.run(title, measure(question, self.heads))
        self._timer.start()
        self._show_answer()
        self._look()

    def stop(self) -> None:
        """Ask what runs to stop."""
        if self._job is not None and self.jobs is not None:
            self.jobs.cancel(self._job)

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._filled:
            self._filled = True
            self._fill_models()

    def _fill_models(self) -> None:
        from inference.definitions import models
        from inference.sessions import ModelError

        try:
            names = models()
        except ModelError as problem:
            names = ()
            self.note.setText(str(problem))
        for name in names:
            self.model.addItem(name, name)
        self.model.addItem("A file…", _OTHER)
        self._enable()

    def _model_chosen(self, row: int) -> None:
        if self.model.itemData(row) is not _OTHER:
            return
        name, _ = QFileDialog.getOpenFileName(self, "A model of the face", "", "Models (*.onnx)")
        if name:
            self.add_model(Path(name))
        else:
            self.model.setCurrentIndex(0)

    def _enable(self) -> None:
        running = self._job is not None
        known = isinstance(self.model.currentData(), str)
        self.run.setEnabled(self._change is not None and bool(self.data) and known and not running)
        self.run.setText("Measuring …" if running else "Measure")
        self.cancel.setVisible(running)
        self.bar.setVisible(running)
        for widget in (self.model, self.data_button, self.faces):
            widget.setEnabled(not running)

    def _look(self) -> None:
        job = self._job
        if job is None:
            self._timer.stop()
            return
        if job.state is State.RUNNING:
            self.bar.setRange(0, 1000 if job.fraction is not None else 0)
            self.bar.setValue(round(1000 * (job.fraction or 0.0)))
            left = job.seconds_left
            self.note.setText(job.text + (f", {span(left)} left" if left is not None else ""))
        else:
            self._job = None
            self._timer.stop()
            self._answer = job.result if job.state is State.DONE else None
            job.result = None
            self.note.setText(job.reason if job.state is State.FAILED else _ASKED)
            self._show_answer()
        self._enable()

    def _show_answer(self) -> None:
        answer = self._answer
        for widget in (self.summary, self.table):
            widget.setVisible(answer is not None)
        self.view.setVisible(answer is not None and answer.effect.kind == "renders")
        if answer is None:
            return
        effect = answer.effect
        standing = effect.kind == "renders" and self.view.key() == "standing"
        self.table.show_effect(effect, standing)
        self.summary.setText(_summary(effect, standing))
        self.note.setText(_notes(answer))


def _summary(effect: DefinitionEffect, standing: bool) -> str:
    errors = effect.changed or effect.whole
    over = "the points that moved" if effect.changed else "all points"
    found = errors.standing if standing and errors.standing is not None else errors.carried
    return f"Over {over}: {_words(found)}"


def _words(error: Error) -> str:
    if error.old is None or error.new is None or error.difference is None:
        return "no truth by both"
    text = f"{100 * error.old:.2f} → {100 * error.new:.2f} %"
    if error.interval is None:
        return text
    low, high = (100 * v for v in error.interval)
    tint = COLORS["muted"]
    if low > 0.0 or high < 0.0:
        tint = COLORS["warning" if low > 0.0 else "success"]
    change = f'<span style="color: {QColor(tint).name()}">{100 * error.difference:+.2f}</span>'
    return f"{text}, {change} (95 %: {low:+.2f} to {high:+.2f})"


def _notes(answer: Answer) -> str:
    effect = answer.effect
    lines = [
        f"{answer.model} on {answer.data}, {counted(effect.faces, 'face')}, "
        f"{counted(effect.landmarks, 'landmark')}. Errors are shares of the face's box."
    ]
    if effect.kind == "renders" and effect.inexact is not None:
        lines.append(
            f"The new points are told by those that the pictures keep, "
            f"{100 * effect.inexact:.2f} % off on the shipped heads."
        )
    if effect.untold:
        lines.append(f"No truth of {counted(len(effect.untold), 'changed point')} in these data.")
    lines += [note for note in answer.notes if "made with" in note]
    if answer.problems:
        lines.append(f"{counted(len(answer.problems), 'picture')} could not be read.")
    return "\n".join(lines)
