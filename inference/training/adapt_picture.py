"""A picture of what is drawn otherwise and what taking that over gained."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from app.files import aside
from app.topology.store import load
from inference.models.transfer import FIXED, mean_head
from inference.training.adapt_report import frontal, rows
from inference.training.habit import Habit
from inference.training.habit_choice import Outcome

_FOUND: Final = "#8a94a3"
_DRAWN: Final = "#d9541e"


def draw(habit: Habit, outcome: Outcome, path: Path, title: str) -> None:
    """Write the picture (.png).

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 5.2), dpi=120, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.25))
    _face(left, habit)
    _bars(right, outcome)
    figure.suptitle(title, fontsize=11)
    with aside(path) as temporary:
        canvas.print_figure(temporary, format="png")


def _face(axes: Any, habit: Habit) -> None:
    mean = 1000.0 * mean_head()[:FIXED].double().numpy()
    drawn = mean + 1000.0 * frontal(habit)
    for part in load("ibug-68").parts:
        line = [*part.landmarks, *([part.landmarks[0]] if part.closed else [])]
        axes.plot(mean[line, 0], mean[line, 1], color=_FOUND, lw=1.2)
        axes.plot(drawn[line, 0], drawn[line, 1], color=_DRAWN, lw=1.5)
    for before, after in zip(mean, drawn, strict=True):
        axes.plot([before[0], after[0]], [before[1], after[1]], color=_DRAWN, lw=0.8, alpha=0.6)
    axes.plot([], [], color=_FOUND, label="as the network finds them")
    axes.plot([], [], color=_DRAWN, label="as they are drawn here")
    axes.set_aspect("equal")
    axes.invert_yaxis()
    axes.set_xlabel("millimetres on the mean head, seen from the front")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), frameon=False, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _bars(axes: Any, outcome: Outcome) -> None:
    found = rows(outcome)
    at = np.arange(len(found))
    for shift, values, colour, label in (
        (-0.2, [r.before for r in found], _FOUND, "before"),
        (0.2, [r.after for r in found], _DRAWN, "after, on pictures left out"),
    ):
        bars = axes.barh(at + shift, values, 0.38, color=colour, label=label)
        axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
    axes.set_yticks(at, [r.name for r in found])
    axes.invert_yaxis()
    axes.set_xlabel("error in per cent of the distance of the outer corners of the eyes")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=2, frameon=False, fontsize=9)
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
