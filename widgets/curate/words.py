"""How proposals, releases and lengths are said in the workspace Curate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from app.curate.records import State

STATE_WORDS: Final[dict[State, str]] = {
    "draft": "Draft",
    "proposed": "Proposed",
    "approved": "Approved",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
}
STATE_TINTS: Final[dict[State, str]] = {
    "draft": "muted",
    "proposed": "accent",
    "approved": "success",
    "rejected": "error",
    "withdrawn": "faint",
}
"""Names of `widgets.theme.COLORS`."""

_UNITS: Final = ((60.0, "s"), (60.0, "min"), (24.0, "h"), (7.0, "d"))


def mm(metres: float) -> str:
    """``"1.25 mm"``."""
    return f"{1000.0 * metres:.2f} mm"


def place(position: tuple[float, float, float] | None) -> str:
    """A place on the mean head, in mm; a dash where there is none."""
    if position is None:
        return "—"
    return ", ".join(f"{1000.0 * v:+.2f}" for v in position) + " mm"


def number(count: int) -> str:
    """``"12 300"``, with thin spaces."""
    return f"{count:,}".replace(",", "\u2009")


def counted(count: int, one: str) -> str:
    """``"1 edit"``, ``"12 300 edits"``."""
    return f"{number(count)} {one}" if count == 1 else f"{number(count)} {one}s"


def ago(time: str, now: datetime | None = None) -> str:
    """When something was, in short: ``"12 min ago"``, or the day; empty where it is not known."""
    try:
        then = datetime.fromisoformat(time)
    except ValueError:
        return ""
    passed = ((now or datetime.now(UTC)) - then).total_seconds()
    if passed < 45.0:
        return "just now"
    for size, unit in _UNITS:
        if passed < size:
            return f"{max(passed, 1.0):.0f} {unit} ago"
        passed /= size
    return day(time)


def day(time: str) -> str:
    """``"21 Nov 2026"``; empty for what has no time."""
    try:
        then = datetime.fromisoformat(time)
    except ValueError:
        return ""
    return f"{then.day} {then:%b %Y}"
