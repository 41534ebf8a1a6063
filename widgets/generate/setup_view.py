"""What the choices come to before anything is started, and a few pictures to try them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.dataset.launcher import Progress
from widgets.fields.form import Segments
from widgets.generate.figures import Figures
from widgets.generate.grid import FrameGrid
from widgets.generate.pictures import LOOKS
from widgets.generate.survey import Survey
from widgets.generate.words import (
    BACKGROUNDS,
    EXPRESSIONS,
    MOTIONS,
    plural,
    size_text,
)
from widgets.job_popup import spoken
from widgets.theme import icon


class SetupView(QWidget):
    """The estimate, what the pictures will show, and the trial.

    Signals
    -------
    trial_asked
        Make a few small pictures with these choices, aside.
    open_asked : Path
    """

    trial_asked = Signal()
    open_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel("New data set")
        title.setProperty("role", "title")
        self.figures = Figures(
            [("pictures", "pictures"), ("heads", "heads"), ("time", "time"), ("space", "space")]
        )
        self.text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.text.setProperty("role", "muted")
        self.trial = QPushButton(icon("eye"), " Try a few pictures")
        self.trial.setToolTip(
            "Makes eight small pictures with these settings in a folder of their own,\n"
            "which is thrown away afterwards."
        )
        self.trial.clicked.connect(self.trial_asked)
        self.look = Segments("Show", [*LOOKS])
        self.look.set_key("color")
        self.grid = FrameGrid()
        self.look.chosen.connect(self.grid.frames.set_look)
        self.look.setMaximumWidth(420)
        self.grid.open_asked.connect(self.open_asked)
        self.said = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.said.setProperty("role", "muted")
        tools = QHBoxLayout()
        tools.addWidget(self.trial)
        tools.addStretch(1)
        tools.addWidget(self.look, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addWidget(self.figures)
        layout.addWidget(self.text)
        layout.addSpacing(8)
        layout.addLayout(tools)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.said, 1)
        self.end_trial("")

    def show_survey(self, survey: Survey) -> None:
        self.figures.set("pictures", f"{survey.pictures:,}" if survey.pictures else "–")
        self.figures.set("heads", f"{survey.heads:,}" if survey.heads else "–", self._heads(survey))
        about = "" if survey.measured else "≈ "
        known = survey.seconds is not None
        self.figures.set("time", about + _rough(survey.seconds or 0.0) if known else "–")
        space = size_text(survey.bytes) if survey.bytes is not None else "–"
        free = f"of {size_text(survey.free)} free" if survey.free is not None else "space"
        self.figures.set("space", space, free)
        self.text.setText(described(survey))
        able = not (survey.faults.keys() - {"output"})
        self.trial.setEnabled(able and survey.pictures > 0)

    @staticmethod
    def _heads(survey: Survey) -> str:
        people = survey.choices.subjects == "people"
        return "random people" if people else ("head" if survey.heads == 1 else "heads")

    def begin_trial(self) -> None:
        self.grid.frames.clear()
        self.trial.setEnabled(False)
        self.said.setText("Making a few pictures…")
        self.said.show()
        self.grid.hide()

    def show_trial(self, now: Progress) -> None:
        if now.total and not self.grid.frames.rowCount():
            self.said.setText(f"Making {plural(now.total, 'picture')}…")

    def show_frame(self, path: Path) -> None:
        self.said.hide()
        self.grid.show()
        self.grid.frames.add(path)

    def end_trial(self, fault: str) -> None:
        """Over: with a line that says why there is nothing to see, if so."""
        self.trial.setEnabled(True)
        empty = not self.grid.frames.rowCount()
        self.grid.setVisible(not empty)
        self.said.setVisible(empty)
        self.said.setText(fault or "Try a few pictures to see what this data set will look like.")


def described(survey: Survey) -> str:
    """What the data set holds, in a sentence or two."""
    spec = survey.choices.spec
    if not survey.pictures or not (spec.motions and spec.expressions and spec.backgrounds):
        return ""
    cells = len(spec.motions) * len(spec.expressions) * len(spec.backgrounds)
    each = spec.per_person / cells
    shown = (
        [MOTIONS[m][0] for m in spec.motions],
        [EXPRESSIONS[e][0] for e in spec.expressions],
        [BACKGROUNDS[b][0] for b in spec.backgrounds],
    )
    kinds = " × ".join(
        plural(len(names), word)
        for names, word in zip(shown, ("motion", "expression", "background"), strict=True)
    )
    many = f"{each:.0f}" if each >= 10 or each == int(each) else f"{each:.1f}"
    ratio = f"{kinds} = {plural(cells, 'combination')}, {many} pictures of each for every head."
    if each < 1:
        ratio = (
            f"{kinds} = {plural(cells, 'combination')}: more than the {spec.per_person} pictures "
            "of a head, "
            + ("so not all are shown." if survey.heads == 1 else "so heads take turns with them.")
        )
    size = f"{spec.width} × {spec.height} px, {spec.field_of_view:g}°"
    how = f"{spec.renderer.capitalize()}, {size}"
    if spec.renderer == "cycles":
        how += f", {plural(spec.samples, 'sample')}"
    return f"{ratio}\n{how}, with depth, mask, and landmarks 68 and 520 of every picture."


def _rough(seconds: float) -> str:
    """Without the false precision of seconds in an hour."""
    if seconds >= 48 * 3600:
        return f"{seconds / 86400:.1f} days"
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    if seconds >= 90:
        return f"{seconds / 60:.0f} min"
    return spoken(seconds)
