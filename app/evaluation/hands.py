"""How well it is told whether hands are on the wheel: figures of each hand, and by groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.driver_sample import OFF, ON
from app.scene.driving import SLICES

HANDS: Final = ("left", "right")
"""The driver's own."""

THRESHOLD: Final = 0.5
"""Probability from which a hand is told to be on the wheel."""

GROUPS: Final = ("behaviour", "light", "person", "mount", "infra_red", "right_hand_drive")
"""By which figures are told."""

SLICE_NAMES: Final[dict[str, str]] = {
    "hovering-3cm": "hand hovering 3 cm off the rim",
    "crossed-hands": "hands crossed on the wheel",
    "rim-coloured-sleeve": "sleeve of the rim's colour",
    "beside-the-rim": "hand before the rim in the picture, not at it",
}
assert set(SLICE_NAMES) == set(SLICES)

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class HandFigures:
    """Of one hand, or of both taken together.

    Attributes
    ----------
    on_on, on_off, off_on, off_off : int
        True state, then the one that is told.
    auc : float
        Area under the curve of true against false positives; NaN where one state is missing.
    """

    on_on: int
    on_off: int
    off_on: int
    off_off: int
    auc: float

    @property
    def count(self) -> int:
        return self.on_on + self.on_off + self.off_on + self.off_off

    @property
    def accuracy(self) -> float:
        return _ratio(self.on_on + self.off_off, self.count)

    @property
    def precision(self) -> float:
        return _ratio(self.on_on, self.on_on + self.off_on)

    @property
    def recall(self) -> float:
        return _ratio(self.on_on, self.on_on + self.on_off)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.on_on, 2 * self.on_on + self.on_off + self.off_on)

    def told(self) -> dict[str, float]:
        """All of it by name."""
        names = ("count", "accuracy", "precision", "recall", "f1", "auc")
        return {name: float(getattr(self, name)) for name in names}


@dataclass(frozen=True)
class HandsReport:
    """Figures of some pictures.

    Attributes
    ----------
    pictures : int
    uncertain : int
        Hands that were left out because it is not certain where they are.
    hands : dict of str to HandFigures
        ``left`` and ``right``.
    groups : dict of str to dict of str to HandFigures
        By `GROUPS` and the name of a group, both hands together.
    """

    pictures: int
    uncertain: int
    hands: dict[str, HandFigures]
    groups: dict[str, dict[str, HandFigures]]

    @property
    def slices(self) -> dict[str, HandFigures]:
        """The groups of the named test slices that there are."""
        found = self.groups.get("behaviour", {})
        return {name: found[name] for name in SLICE_NAMES if name in found}


@dataclass
class HandsGathered:
    """What was told of pictures so far."""

    probabilities: list[Floats] = field(default_factory=list)
    states: list[NDArray[np.int8]] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in GROUPS})

    def add(
        self, probabilities: Floats, states: NDArray[np.int8], groups: Mapping[str, object]
    ) -> None:
        """One picture.

        Parameters
        ----------
        probabilities : ndarray, shape (2,)
            That the left and the right hand are on the wheel.
        states : ndarray of int8, shape (2,)
            See `app.dataset.driver_sample.STATES`.
        groups : mapping of str to object
            The picture's place in each of `GROUPS`.
        """
        self.probabilities.append(np.asarray(probabilities, np.float64))
        self.states.append(np.asarray(states, np.int8))
        for name in GROUPS:
            self.groups[name].append(_word(groups[name]))

    def report(self) -> HandsReport:
        """Figures of all pictures."""
        given = np.array(self.probabilities, np.float64).reshape(-1, 2)
        states = np.array(self.states, np.int8).reshape(-1, 2)
        scored = (states == ON) | (states == OFF)
        groups: dict[str, dict[str, HandFigures]] = {}
        for name in GROUPS:
            of = np.array(self.groups[name])
            groups[name] = {
                str(one): hand_figures(given[of == one], states[of == one])
                for one in np.unique(of)
                if scored[of == one].any()
            }
        return HandsReport(
            len(states),
            int((~scored).sum()),
            {name: hand_figures(given[:, k], states[:, k]) for k, name in enumerate(HANDS)},
            groups,
        )


def hand_figures(probabilities: Floats, states: NDArray[np.int8]) -> HandFigures:
    """Figures of hands of any shape; uncertain states are left out."""
    on, off = states == ON, states == OFF
    told = probabilities >= THRESHOLD
    return HandFigures(
        int((on & told).sum()),
        int((on & ~told).sum()),
        int((off & told).sum()),
        int((off & ~told).sum()),
        area_under_curve(probabilities[on], probabilities[off]),
    )


def area_under_curve(on: Floats, off: Floats) -> float:
    """Share of pairs of an ``on`` and an ``off`` in which the first has the higher probability.

    Equal ones count half (Hanley and McNeil, Radiology 143, 1982). NaN where either is empty.
    """
    if not len(on) or not len(off):
        return float("nan")
    ordered = np.sort(off)
    below = np.searchsorted(ordered, on, side="left")
    up_to = np.searchsorted(ordered, on, side="right")
    return float((below + up_to).sum() / (2.0 * len(on) * len(off)))


def as_lines(report: HandsReport, model: str, data: str) -> list[str]:
    """The figures as text: both hands, the named slices, and a confusion table by group."""
    lines = [
        f"{model} on {data}: {report.pictures} pictures; {report.uncertain} hands are left out "
        "whose state is uncertain",
        "",
        f"{'hand':<10}{'hands':>8}{'accuracy':>10}{'precision':>11}{'recall':>9}{'F1':>8}{'AUC':>9}",
    ]
    for name, one in report.hands.items():
        lines.append(
            f"{name:<10}{one.count:>8}{_percent(one.accuracy):>10}{_percent(one.precision):>11}"
            f"{_percent(one.recall):>9}{_percent(one.f1):>8}{_number(one.auc):>9}"
        )
    if report.slices:
        lines += ["", f"{'test slice':<48}{'hands':>8}{'accuracy':>10}{'AUC':>9}"]
        for name, one in report.slices.items():
            lines.append(
                f"{SLICE_NAMES[name]:<48}{one.count:>8}{_percent(one.accuracy):>10}"
                f"{_number(one.auc):>9}"
            )
    for title, groups in report.groups.items():
        lines += ["", _heading(title.replace("_", " "))]
        for name, one in groups.items():
            lines.append(
                f"{name:<24}{one.on_on:>10}{one.on_off:>10}{one.off_on:>10}{one.off_off:>10}"
                f"{_percent(one.accuracy):>10}{_number(one.auc):>9}"
            )
    return lines


def _heading(title: str) -> str:
    """Columns of a confusion table: the true state, then the one that is told."""
    return (
        f"{title:<24}{'on: on':>10}{'on: off':>10}{'off: on':>10}{'off: off':>10}"
        f"{'accuracy':>10}{'AUC':>9}"
    )


def as_values(report: HandsReport) -> dict[str, Any]:
    """The figures as plain values; what cannot be told is None."""
    return {
        "pictures": report.pictures,
        "uncertain_hands": report.uncertain,
        "threshold": THRESHOLD,
        "hands": {name: _values(one) for name, one in report.hands.items()},
        "slices": {name: _values(one) for name, one in report.slices.items()},
        "by": {
            title: {name: _values(one) for name, one in groups.items()}
            for title, groups in report.groups.items()
        },
    }


def card_figures(report: HandsReport) -> dict[str, float]:
    """What a card tells, percent but for counts and areas; what cannot be told is left out."""
    out: dict[str, float] = {"pictures": float(report.pictures)}
    for hand, one in report.hands.items():
        for name, value in one.told().items():
            if name not in ("count", "auc"):
                out[f"{hand} {name}, %"] = 100.0 * value
        out[f"{hand} AUC"] = one.auc
    for name, one in report.slices.items():
        out[f"{name}, accuracy, %"] = 100.0 * one.accuracy
    return {name: round(v, 4) for name, v in out.items() if np.isfinite(v)}


def _values(one: HandFigures) -> dict[str, Any]:
    told = {name: value if np.isfinite(value) else None for name, value in one.told().items()}
    confusion = {
        "on_told_on": one.on_on,
        "on_told_off": one.on_off,
        "off_told_on": one.off_on,
        "off_told_off": one.off_off,
    }
    return {**told, "count": one.count, **confusion}


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _percent(value: float) -> str:
    return f"{100.0 * value:.2f}%" if np.isfinite(value) else "-"


def _number(value: float) -> str:
    return f"{value:.4f}" if np.isfinite(value) else "-"


def _word(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return str(value)
