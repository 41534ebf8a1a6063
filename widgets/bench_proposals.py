"""The list of proposals in the real window, held against its bounds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.bench.curate import EDITS, PROPOSALS, fill
from app.bench.figures import Figure
from app.curate.listing import Query
from widgets.bench_curate import curate
from widgets.bench_window import opened_window, until

if TYPE_CHECKING:
    from widgets.curate.content import CurateContent
    from widgets.curate.proposals_panel import ProposalsPanel

USABLE: Final = 1.0
FILTERED: Final = 100.0
RATE: Final = 25.0
STEPS: Final = 150
QUERIES: Final = {
    "state": Query(states=("proposed", "draft")),
    "unreviewed": Query(unreviewed=True),
    "author": Query(author="Bo"),
    "words of a title": Query(words="round 99"),
    "name of a landmark": Query(words="nose tip"),
}


@dataclass(frozen=True)
class Scrolled:
    """Wall seconds of each frame, and processor seconds of the window's thread for all."""

    frames: tuple[float, ...]
    cpu: float


def parts(trouble: str) -> dict[str, Callable[[], Iterator[Figure]]]:
    """Parts of the suite ``curate`` about the list of proposals.

    Parameters
    ----------
    trouble : str
        Why no window can be shown; empty where one can.
    """

    def listed() -> Iterator[Figure]:
        if trouble:
            name = f"window usable on a store of {PROPOSALS} proposals of {EDITS} edits"
            yield Figure(name, 0.0, "s", USABLE, absent=trouble)
            return
        yield from measured(PROPOSALS, EDITS)

    return {"proposals": listed}


def measured(count: int, edits: int) -> Iterator[Figure]:
    """Fill a store of the window's own, open the workspace on it, filter and scroll."""
    from app.curate.store import default_path

    with opened_window() as window:
        path = default_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        fill(path, count, edits)
        content = curate(window)
        yield _usable(content, count, edits)
        yield _filters(content.proposals)
        yield _scrolling(content.proposals, count)


def _usable(content: CurateContent, count: int, edits: int) -> Figure:
    """From asking for the list anew until its first rows are read."""
    content.docks.bring("Proposals")
    panel = content.proposals
    until(lambda: panel.model.proposal(0) is not None)
    walls, works = [], []
    for _ in range(5):
        panel.model.set_numbers(())
        begun, work = time.monotonic(), time.process_time()
        panel.read()
        until(lambda: panel.model.proposal(0) is not None)
        walls.append(time.monotonic() - begun)
        works.append(time.process_time() - work)
    detail = {"rows": panel.model.rowCount(), "processor seconds, slowest": round(max(works), 3)}
    name = f"list of {count} proposals of {edits} edits shown in the window"
    return Figure(name, max(walls), "s", USABLE, detail=detail)


def _filters(panel: ProposalsPanel) -> Figure:
    """From a filter until the rows that it finds are on the screen."""
    walls, works = [], []
    detail: dict[str, float] = {}
    for name, query in QUERIES.items():
        panel.show_query(Query())
        settled(panel)
        begun, work = time.monotonic(), time.process_time()
        panel.show_query(query)
        settled(panel)
        walls.append(1000.0 * (time.monotonic() - begun))
        works.append(1000.0 * (time.process_time() - work))
        detail[f"{name} ({panel.model.rowCount()} found)"] = round(walls[-1], 1)
    detail["processor, slowest"] = round(max(works), 1)
    panel.show_query(Query())
    settled(panel)
    return Figure("slowest filter in the window", max(walls), "ms", FILTERED, detail=detail)


def settled(panel: ProposalsPanel) -> None:
    """Wait for the answer to the newest question and for the rows in sight."""
    until(lambda: not panel.reading)
    if panel.model.rowCount():
        until(lambda: panel.model.proposal(0) is not None)


def _scrolling(panel: ProposalsPanel, count: int) -> Figure:
    done = _scroll(panel)
    rate = STEPS / sum(done.frames)
    times = sorted(1000.0 * frame for frame in done.frames)
    detail = {
        "processor, ms a frame": round(1000.0 * done.cpu / STEPS, 2),
        "frame, ms, median": round(times[len(times) // 2], 2),
        "frame, ms, 95 % within": round(times[math.ceil(0.95 * len(times)) - 1], 2),
        "frame, ms, longest": round(times[-1], 1),
    }
    name = f"scrolling through {count} proposals"
    return Figure(name, rate, "frames/s", RATE, "at least", detail)


def _scroll(panel: ProposalsPanel) -> Scrolled:
    """From the top to the foot in equal steps, each painted."""
    from PySide6.QtWidgets import QApplication

    bar = panel.list.verticalScrollBar()
    frames = []
    cpu = time.thread_time()
    for step in range(STEPS):
        start = time.monotonic()
        bar.setValue(bar.maximum() * (step + 1) // STEPS)
        QApplication.processEvents()
        frames.append(time.monotonic() - start)
    return Scrolled(tuple(frames), time.thread_time() - cpu)
