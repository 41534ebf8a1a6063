"""What `generate` tells a program that drives it, and what it can be told.

With ``--events`` each line on standard output is one JSON object; lines for people go to standard
error. In this order:

``{"event": "plan", "frames", "subjects", "seconds", "bytes", "workers", "output"}``
    Once, before anything is rendered: how many pictures of how many heads the data set will hold,
    how long it should take (None where nothing is known) and the bytes that it will fill.
``{"event": "state", "state"}``
    ``"preparing"`` (people are drawn, heads opened, workers started), ``"running"``,
    ``"paused"``, ``"stopping"`` (what is in work is finished) or ``"finishing"`` (the manifest is
    joined).
``{"event": "progress", "done", "kept", "failed", "total", "per_second", "seconds_left"}``
    At most four times a second. ``done`` counts the pictures that are there, with the ``kept``
    ones that an earlier run had made; ``per_second`` and ``seconds_left`` are None while unknown.
``{"event": "frame", "rgb"}``
    A picture that was just made: its absolute path. At most four times a second, so not every one.
``{"event": "failed", "frame", "reason"}``
    A picture that could not be made: its path without kind and ending, relative to the data set
    (``female/0001/Simple/neutral/HeadRot/0003``), and one line that says why.
``{"event": "notice", "text"}``
    One line for people: a worker died and was replaced.
``{"event": "end", "outcome", "done", "failed", "total", "seconds", "text"}``
    Once, last. ``outcome`` is ``"done"``, ``"cancelled"`` (``--resume`` goes on) or ``"error"``;
    ``text`` is one line for people.

Input that is refused gives no event but one line on standard error and the exit status 2, as
everywhere. The exit status is 0 when all pictures are there, 1 when some failed, the run was
cancelled or broke off.

Standard input takes one word a line: ``pause``, ``resume`` and ``cancel``. Its end means nothing,
unless the word ``follow`` came first: then it means ``cancel``, so that a run ends with the program
that drives it, however that one ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any, Final

Tell = Callable[[dict[str, Any]], None]

COMMANDS: Final = ("pause", "resume", "cancel")
FOLLOW: Final = "follow"
LEAST_SECONDS: Final = 0.25
"""Between two events of a kind that comes often."""

_OFTEN: Final = frozenset({"progress", "frame"})


def read_event(line: str) -> dict[str, Any] | None:
    """The event on a line of `generate`; None for a line that holds none."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def silent(_: dict[str, Any]) -> None:
    """Tell nobody."""


class JsonLines:
    """Writes events as lines; those that come often are thinned out. Used from any thread."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}

    def __call__(self, event: dict[str, Any]) -> None:
        kind = str(event["event"])
        with self._lock:
            now = time.monotonic()
            last = kind == "progress" and event["done"] + event["failed"] >= event["total"]
            if kind in _OFTEN and not last and now - self._last.get(kind, 0.0) < LEAST_SECONDS:
                return
            self._last[kind] = now
            self._stream.write(json.dumps(event) + "\n")
            self._stream.flush()


class TerminalLine:
    """Shows the state of a run on one line that is written over; quiet off a terminal."""

    def __init__(self, stream: IO[str] = sys.stderr) -> None:
        self._stream = stream
        self._shown = False
        self._last = 0.0
        self._terminal = stream.isatty()

    def __call__(self, event: dict[str, Any]) -> None:
        if event["event"] == "notice":
            self.clear()
            print(event["text"], file=self._stream)
        if not self._terminal or event["event"] not in {"progress", "state"}:
            return
        now = time.monotonic()
        if event["event"] == "progress" and now - self._last < LEAST_SECONDS:
            return
        self._last = now
        text = progress_text(event) if event["event"] == "progress" else f"{event['state']} …"
        self._stream.write(f"\r\x1b[K{text}")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


def progress_text(event: dict[str, Any]) -> str:
    """A progress event in a few words."""
    parts = [f"{event['done']} of {event['total']} frames"]
    if event["per_second"]:
        parts.append(f"{event['per_second']:.1f} a second")
    if event["seconds_left"] is not None:
        parts.append(f"{span(event['seconds_left'])} left")
    if event["failed"]:
        parts.append(f"{event['failed']} failed")
    return ", ".join(parts)


def span(seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"
