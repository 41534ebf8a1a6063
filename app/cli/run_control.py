"""How runs that make data sets are steered from the terminal or by another program."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.dataset.events import FOLLOW
from app.dataset.spec import SpecError


def workers_of(asked: int | None) -> int:
    """Processes to start: as many as asked for, or one for each core.

    Raises
    ------
    SpecError
        For a number out of range.
    """
    if asked is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _cores()
    if not 1 <= asked <= 1024:
        raise SpecError("--workers: must be from 1 to 1024.")
    return asked


def _cores() -> int:
    return os.cpu_count() or 1


@contextmanager
def listening(say: Callable[[str], None], *, stdin: bool) -> Iterator[None]:
    """Hear words on standard input, and take the first Ctrl-C as ``cancel``."""
    if stdin:
        threading.Thread(target=_read_words, args=(say,), name="words", daemon=True).start()
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        say("cancel")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _read_words(say: Callable[[str], None]) -> None:
    """Pass the words on; for a program that asked to be followed, the end of them is the last."""
    followed = False
    for line in sys.stdin:
        if line.strip() == FOLLOW:
            followed = True
        else:
            say(line)
    if followed:
        say("cancel")
