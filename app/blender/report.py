"""What an operation tells while it runs."""

from __future__ import annotations

from collections.abc import Callable
from os import fspath
from pathlib import Path
from typing import Any


class Report:
    """Sends the events of one job.

    Parameters
    ----------
    send : callable
        Takes one event as a dictionary ready for JSON; may be called from any thread.
    """

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self.notices: list[str] = []
        """What people should know of a job that went well all the same; goes into its result."""

    def progress(
        self, text: str, fraction: float | None = None, seconds_left: float | None = None
    ) -> None:
        self._send(
            {
                "event": "progress",
                "text": text,
                "fraction": None if fraction is None else min(max(float(fraction), 0.0), 1.0),
                "seconds_left": None if seconds_left is None else float(seconds_left),
            }
        )

    def picture(self, path: str | Path, samples: int, width: int, height: int) -> None:
        """Tell of a picture that is already complete on disk."""
        self._send(
            {
                "event": "picture",
                "path": fspath(path),
                "samples": int(samples),
                "width": int(width),
                "height": int(height),
            }
        )
