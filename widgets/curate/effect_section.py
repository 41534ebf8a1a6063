"""What a change does as a whole: mirror errors, spacing, and how far points move on real heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from app.curate.effect import Measures
from app.curate.effect_heads import HeadEffect
from widgets.curate.words import counted, mm
from widgets.fields.form import Hint, Section

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Figure:
    """One figure before and after, in metres; ``sign`` is 1 where more is worse, -1 where less."""

    name: str
    before: float
    after: float
    sign: int = 0
    at: str = ""


class EffectSection(Section):
    """Signals
    -------
    heads_asked
        The effect on heads is to be measured.
    """

    heads_asked = Signal()

    def __init__(self) -> None:
        super().__init__("Effect")
        self.table = _Table()
        self.add(self.table)
        self.heads = _Table()
        self.add(self.heads)
        self.note = Hint("How far the points move on every head that has a placement.")
        self.add(self.note)
        self.button = QPushButton("Measure on heads")
        self.button.setToolTip("The shipped heads, the head that is open, and those placed by hand")
        self.button.clicked.connect(self.heads_asked)
        self.add(self.button)

    def show_measures(self, measured: tuple[Measures, Measures] | None) -> None:
        """Figures before and after; None for nothing."""
        self.table.setVisible(measured is not None)
        self.button.setEnabled(measured is not None)
        self.forget_heads()
        if measured is None:
            return
        rows = [["", "Before", "After"]]
        tints = [["muted", "muted", "muted"]]
        for figure in figures(*measured):
            rows.append([figure.name, mm(figure.before), mm(figure.after)])
            tints.append(["muted", "", _tint(figure)])
        counts = [str(one.landmarks) for one in measured]
        rows.insert(1, ["Landmarks", *counts])
        tints.insert(1, ["muted", "", ""])
        tips = ["", ""] + [figure.at for figure in figures(*measured)]
        self.table.show_rows(rows, tints, tips)

    def forget_heads(self) -> None:
        self.heads.hide()
        self.note.show()
        self.note.setText("How far the points move on every head that has a placement.")

    def measuring(self, on: bool) -> None:
        self.button.setEnabled(not on)
        self.button.setText("Measuring …" if on else "Measure on heads")

    def show_heads(self, effects: Sequence[HeadEffect], missed: Sequence[str]) -> None:
        """How far points move on each head; ``missed`` tells why others are left out."""
        rows = [["Head", "Moved", "Mean", "Farthest"]]
        tints = [["muted"] * 4]
        tips = [""]
        for effect in effects:
            key, far = effect.worst
            rows.append([effect.head, str(len(effect.distances)), mm(effect.mean), mm(far)])
            tints.append(["", "", "", ""])
            how = "exact" if effect.exact else "brought over by registration"
            tips.append(f"Farthest: {effect.names.get(key, 'none')}; {how}")
        self.heads.show_rows(rows, tints, tips)
        self.heads.setVisible(bool(effects))
        said = "\n".join(missed)
        self.note.setText(said or f"At rest, on {counted(len(effects), 'head')}.")
        self.note.show()


def figures(before: Measures, after: Measures) -> tuple[Figure, ...]:
    """Figures of two topologies side by side."""
    return (
        Figure("Mirror error, mean", before.mirror_mean, after.mirror_mean, 1),
        Figure("Mirror error, worst", before.mirror_worst, after.mirror_worst, 1, after.mirror_at),
        Figure("Closest two", before.closest, after.closest, -1, " and ".join(after.closest_pair)),
        Figure("Spacing, median", before.spacing, after.spacing),
    )


def _tint(figure: Figure) -> str:
    worse = figure.sign * (figure.after - figure.before)
    if abs(worse) < 5e-6:
        return ""
    return "warning" if worse > 0 else "success"


class _Table(QWidget):
    """Rows of words; the first column to the left, figures to the right."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self._cells: list[QLabel] = []

    def show_rows(
        self, rows: Sequence[Sequence[str]], tints: Sequence[Sequence[str]], tips: Sequence[str]
    ) -> None:
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                cell = QLabel(text)
                cell.setProperty("role", tints[r][c])
                cell.setToolTip(tips[r])
                if c:
                    cell.setAlignment(_RIGHT)
                self._grid.addWidget(cell, r, c)
                self._cells.append(cell)

    def words(self) -> list[str]:
        return [cell.text() for cell in self._cells]
