"""A data set's distributions for a terminal."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from app.dataset.stats import ANGLES, BIN, BIWI_RANGES, EDGES, Floats, Stats, histogram, within_biwi

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_PLAIN: Final = " .:-=+*#@"
_LISTED: Final = 8


def as_text(stats: Stats, biwi: Floats | None = None, *, blocks: bool = True) -> str:
    """Lines for people; without ``blocks`` only ASCII is drawn."""
    marks = _BLOCKS if blocks else _PLAIN
    genders = ", ".join(f"{n} {gender}" for gender, n in sorted(stats.by_gender().items()))
    people = f"{len(stats.people)} ({genders})" if stats.people else "not told by the folders"
    lines = [
        f"{stats.name}: {stats.frames:,} frames, {_bytes(stats.bytes)}",
        f"People       {people}",
    ]
    for label, counts in (
        ("Motions", stats.motions),
        ("Expressions", stats.expressions),
        ("Backgrounds", stats.backgrounds),
        ("Effects", stats.effects),
    ):
        if counts:
            lines.append(f"{label:<12} {_shares(counts, stats.frames)}")
    if stats.distance:
        lines.append(f"Distance     {stats.distance[0]:.3f} to {stats.distance[1]:.3f} m")
    if stats.unread:
        lines.append(f"Not read     {stats.unread} frames: “dataset check” names them")
    lines += ["", "The head as the camera sees it (pose_para); [ ] is Biwi's published range:"]
    for i, angle in enumerate(ANGLES):
        lines.append(_row(angle, stats.angles[:, i], angle, marks))
        if biwi is not None and len(biwi):
            lines.append(_row("  Biwi", biwi[:, i], angle, marks))
    lines.append(f"{'':8}{_ruler()}")
    return "\n".join(lines)


def _row(label: str, values: Floats, angle: str, marks: str) -> str:
    share = histogram(values)
    scaled = share / max(float(share.max()), 1e-12) * (len(marks) - 1)
    levels = np.where(share > 0, np.maximum(np.rint(scaled), 1), 0).astype(int)
    limit = BIWI_RANGES[angle]
    drawn = ""
    for middle, level in zip(EDGES[:-1] + BIN / 2, levels, strict=True):
        drawn += "[" if middle == -limit else ""
        drawn += marks[level]
        drawn += "]" if middle == limit else ""
    within = within_biwi(values, angle)
    told = f"mean {values.mean():+.1f}°, sd {values.std():.1f}°, {within:.1%} within ±{limit:g}°"
    return f"{label:<8}{drawn}  {told}"


def _ruler() -> str:
    return f"{'-90°':<19}{'0°':<17}{'+90°'}"


def _shares(counts: Counter[str], frames: int) -> str:
    named = [f"{name} {count / frames:.0%}" for name, count in counts.most_common(_LISTED)]
    more = len(counts) - _LISTED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _bytes(size: int) -> str:
    value = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000.0:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000.0
    return f"{value:.2f} TB"
