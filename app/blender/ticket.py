"""One job for Blender, as its owner sees it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.blender.protocol import Cancelled, Done, Event, Failed, Picture, Progress

log = logging.getLogger(__name__)

Outcome = Done | Failed | Cancelled


class Ticket:
    """One job. ``on_event`` hears of it on the client's thread, the outcome last."""

    def __init__(
        self,
        number: int,
        op: str,
        args: dict[str, Any],
        on_event: Callable[[Event], None] | None,
        timeout: float | None,
        ask_cancel: Callable[[Ticket], None],
    ) -> None:
        self.number, self.op, self.args, self.timeout = number, op, args, timeout
        self.deadline: float | None = None
        self.begun = False
        self.tries = 0
        self._ask_cancel = ask_cancel
        self._on_event = on_event
        self._finished = threading.Event()
        self._outcome: Outcome | None = None

    @property
    def done(self) -> bool:
        return self._finished.is_set()

    def result(self, timeout: float | None = None) -> Outcome:
        """Wait for the outcome; not to be called from ``on_event``.

        Raises
        ------
        TimeoutError
            When it has not ended after ``timeout`` seconds; the job goes on.
        """
        if not self._finished.wait(timeout):
            raise TimeoutError(f"{self.op} has not ended after {timeout} s")
        assert self._outcome is not None
        return self._outcome

    def cancel(self) -> None:
        """Ask for its end; returns at once. Nothing happens to a job that has ended."""
        self._ask_cancel(self)

    def tell(self, event: Event) -> None:
        """Called by the client alone."""
        if self._outcome is not None:
            return
        if isinstance(event, Done | Failed | Cancelled):
            self._outcome = event
        try:
            if self._on_event is not None:
                self._on_event(event)
        except Exception:
            log.exception("a listener of %s failed", self.op)
        finally:
            if self._outcome is not None:
                self._finished.set()


def read_event(message: dict[str, Any]) -> Event:
    """One of a worker's answers as an event."""
    match message.get("event"):
        case "progress":
            return Progress(message["text"], message["fraction"], message["seconds_left"])
        case "picture":
            path, size = Path(message["path"]), (message["width"], message["height"])
            return Picture(path, message["samples"], *size)
        case "result":
            return Done(message["result"])
        case "error":
            return Failed(message["kind"], message["message"], message["detail"])
    return Failed("internal", "Blender gave an answer that is not understood.", repr(message))
