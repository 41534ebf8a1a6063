"""How far a render has come, from what Blender itself says."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from app.blender.report import Report

_SAMPLE: Final = re.compile(r"Sample (\d+)/(\d+)")
_INTERVAL: Final = 0.1


@contextmanager
def tracked(bpy: Any, report: Report, text: str, begin: float, end: float) -> Iterator[None]:
    """Report the progress of the renders made inside as a part of the whole job.

    Parameters
    ----------
    bpy : module
    report : Report
    text : str
        What is being rendered.
    begin, end : float
        The part of the job, fractions of its time.
    """
    started = time.monotonic()
    told = 0.0

    def heard(statistics: str, _: Any = None) -> None:
        nonlocal told
        now = time.monotonic()
        found = _SAMPLE.search(statistics)
        if found is None or now - told < _INTERVAL:
            return
        told = now
        done, total = int(found[1]), int(found[2])
        left = (now - started) / done * (total - done) if done else None
        whole = begin + (end - begin) * done / max(total, 1)
        report.progress(f"{text}: sample {done} of {total}", whole, left)

    report.progress(text, begin, None)
    bpy.app.handlers.render_stats.append(heard)
    try:
        yield
    finally:
        bpy.app.handlers.render_stats.remove(heard)
