"""Blender's jobs as entries of the job list, so that all long work is seen in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from app.blender.client import Blender, Ticket
from app.blender.protocol import Cancelled, Done, Event, Failed, Progress
from app.jobs import Ask, JobList, Report

TITLES: Final[dict[str, str]] = {
    "read_head": "Read head",
    "render": "Render",
    "save_blend": "Write .blend",
    "evaluate": "Evaluate pose",
}
"""Operations that people see; others (a ping, preparing a spare worker) run unseen."""


class ListedBlender:
    """A `Blender` whose jobs appear in a `JobList`; used like the client itself."""

    def __init__(self, client: Blender, jobs: JobList) -> None:
        self.client = client
        self._jobs = jobs

    def warm(self) -> None:
        self.client.warm()

    def close(self) -> None:
        self.client.close()

    def submit(
        self,
        op: str,
        args: dict[str, Any],
        on_event: Callable[[Event], None] | None = None,
        timeout: float | None = None,
        title: str | None = None,
    ) -> Ticket:
        """As `Blender.submit`; ``title`` is how the job is called in the list."""
        title = title or TITLES.get(op)
        if title is None:
            return self.client.submit(op, args, on_event, timeout)
        tickets: list[Ticket] = []

        def begin(report: Report) -> Ask:
            def heard(event: Event) -> None:
                if on_event is not None:
                    on_event(event)
                pass_on(event, report)

            ticket = self.client.submit(op, args, heard, timeout)
            tickets.append(ticket)
            return ticket.cancel

        self._jobs.start(title, begin)
        return tickets[0]


def pass_on(event: Event, report: Report) -> None:
    """Tell a job what Blender said."""
    match event:
        case Progress(text, fraction, seconds_left):
            report.progress(text, fraction, seconds_left)
        case Done(result):
            report.returned(result)
        case Failed(_, message, detail):
            report.errored(message, detail)
        case Cancelled():
            report.cancelled()
