"""What adaptation gained and what was drawn otherwise, in words and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.geometry.rotations import Array
from app.topology.store import load
from inference.models.transfer import FIXED
from inference.training.habit import Form, Habit
from inference.training.habit_choice import Outcome, face_means

REGIONS: Final = {
    "jaw": ("jaw",),
    "brows": ("right brow", "left brow"),
    "nose": ("nose bridge", "nose base"),
    "eyes": ("right eye", "left eye"),
    "mouth": ("outer lips", "inner lips"),
}

TOLD: Final = 0.0005
"""Metres below which a difference is not told."""

HARDLY: Final = 0.03
"""Share of the error below which a change is called none."""


@dataclass(frozen=True)
class Row:
    """Mean errors of a region, in per cent of the distance of the outer corners of the eyes."""

    name: str
    before: float
    after: float


def rows(outcome: Outcome) -> list[Row]:
    """All points, all but the jaw, then the regions."""
    parts = {part.name: part.landmarks for part in load("ibug-68").parts}
    chosen = {"all 68": list(range(FIXED)), "without jaw": list(range(17, FIXED))}
    chosen |= {n: [i for p in names for i in parts[p]] for n, names in REGIONS.items()}
    found = []
    for name, points in chosen.items():
        drawn = np.isfinite(outcome.before[:, points]).any(1)
        if drawn.any():
            before, after = (
                100.0 * float(face_means(e[drawn][:, points]).mean())
                for e in (outcome.before, outcome.after)
            )
            found.append(Row(name, before, after))
    return found


def figures(outcome: Outcome) -> dict[str, float]:
    """For the card, in per cent of the distance of the outer corners of the eyes."""
    told = {"faces": float(len(outcome.before)), "folds": float(outcome.folds)}
    for row in rows(outcome):
        told[f"{row.name} before"] = round(row.before, 3)
        told[f"{row.name} after"] = round(row.after, 3)
    bounds = {"gain": outcome.gain, "gain at least": outcome.low, "gain at most": outcome.high}
    return told | {name: round(100.0 * value, 3) for name, value in bounds.items()}


def table(outcome: Outcome) -> str:
    """Before and after, a region a line."""
    found = rows(outcome)
    total = found[0]
    lines = [f"  {'':<12}{'before':>8}{'after':>8}{'gain':>8}"]
    for row in found:
        lines.append(
            f"  {row.name:<12}{row.before:>8.2f}{row.after:>8.2f}{row.before - row.after:>8.2f}"
        )
    share = (total.before - total.after) / total.before
    lines.append(
        f"  gain {100 * outcome.gain:.2f}, a share of {share:.0%}; with 95 % certainty "
        f"between {100 * outcome.low:.2f} and {100 * outcome.high:.2f}"
    )
    return "\n".join(lines)


def more_pictures(outcome: Outcome) -> str:
    """Whether more pictures would help, from what half of them would have given."""
    half, whole = float(outcome.halved.mean()), float(face_means(outcome.after).mean())
    told = f"from half as many pictures it would have been {100 * half:.2f}"
    if half - whole > HARDLY * whole:
        return f"{told}: more pictures would help further"
    return f"{told}: more pictures like these would change little"


def form_told(form: Form) -> str:
    """What offsets depend on, in words."""
    parts = ["an offset of each point in the frame of the head"]
    if form.view:
        parts.append("that changes with the direction of sight")
    if form.shape:
        parts.append(f"{'and ' if form.view else 'that changes '}with {form.shape} shapes of faces")
    sides = ", left and right alike" if form.mirrored else ""
    return " ".join(parts) + sides


def frontal(habit: Habit) -> Array:
    """Offsets (68, 3) seen straight from the front on a face of mean shape, metres, head frame."""
    return np.asarray(habit.offsets[0])


def differences(habit: Habit) -> list[str]:
    """What is drawn otherwise, a part of the face a line, the greatest first."""
    offsets = frontal(habit)
    found = []
    for part in load("ibug-68").parts:
        own = offsets[list(part.landmarks)]
        x, y = float(own[:, 0].mean()), float(own[:, 1].mean())
        outward = float(np.mean(own[:, 0] * _side(list(part.landmarks))))
        told = [_amount(-y, "higher", "lower")]
        if "right" in part.name or "left" in part.name:
            told.append(_amount(outward, "farther out", "farther in"))
        else:
            told.append(_amount(x, "to the person's left", "to the person's right"))
            told.append(_amount(outward, "wider", "narrower"))
        words = ", ".join(t for t in told if t)
        if words:
            found.append((max(abs(x), abs(y), abs(outward)), f"{part.name}: {words}"))
    return [words for _, words in sorted(found, key=lambda f: -f[0])]


def _side(points: list[int]) -> Array:
    """For each point 1 on the person's left, −1 on the right, 0 in the middle."""
    mean = np.array([load("ibug-68").landmarks[i].mean[0] for i in points])
    return np.asarray(np.where(np.abs(mean) < 1e-3, 0.0, np.sign(mean)))


def _amount(metres: float, more: str, less: str) -> str:
    if abs(metres) < TOLD:
        return ""
    return f"{1000 * abs(metres):.1f} mm {more if metres > 0 else less}"
