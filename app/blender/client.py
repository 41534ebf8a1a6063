"""Jobs for Blender: handed to a worker process that may die at any time.

One thread owns all state and makes every decision; the worker's answers, requests to cancel and
new jobs reach it through one queue. A second, warm worker stands ready, so that a cancelled or
crashed one is replaced at once.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from app.blender.child import WORKER, Child
from app.blender.protocol import Cancelled, Done, Event, Failed
from app.blender.ticket import Ticket, read_event

__all__ = ["Blender", "Ticket"]

log = logging.getLogger(__name__)

TIMEOUTS: Final[dict[str, float]] = {"ping": 30.0, "read_head": 60.0, "evaluate": 120.0}
"""Seconds that a job may run before its worker is killed; absent means for ever."""

START_TIMEOUT: Final = 90.0
BACK_OFF: Final = (0.0, 0.3, 1.0)
"""Seconds before the first, second and third start in a row; then it gives up."""

JOBS_PER_WORKER: Final = 200
MEMORY_PER_WORKER: Final = 3 * 2**30
"""A worker that did so many jobs or holds so many bytes is replaced while idle."""

TRIES: Final = 3
"""How often a job is handed out whose worker dies before it begins the job."""


class Blender:
    """Runs jobs one at a time, in order.

    Parameters
    ----------
    spare : bool
        Keep a second worker warm, for a window; a command does without.
    on_notice : callable, optional
        Hears, on the client's thread, one line for people when a worker died by itself.
    command : sequence of str
        How a worker is started.
    """

    def __init__(
        self,
        *,
        spare: bool = True,
        on_notice: Callable[[str], None] | None = None,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._want_spare = spare
        self._on_notice = on_notice
        self._command = tuple(command)
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        self._waiting: deque[Ticket] = deque()
        self._jobs: dict[Child, Ticket] = {}
        self._active: Child | None = None
        self._spare: Child | None = None
        self._leaving: set[Child] = set()
        self._prepare: dict[str, Any] | None = None
        self._prepared: dict[Child, dict[str, Any]] = {}
        self._awake = False
        self._failed_starts = 0
        self._start_after = 0.0
        self._last_words = ""
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="blender-client", daemon=True)
        self._thread.start()

    def warm(self) -> None:
        """Start the workers now rather than with the first job."""
        self._inbox.put(("warm", None))

    def submit(
        self,
        op: str,
        args: dict[str, Any],
        on_event: Callable[[Event], None] | None = None,
        timeout: float | None = None,
    ) -> Ticket:
        """Queue a job. Paths in ``args`` are absolute. After `close` it is cancelled at once.

        ``timeout`` is the seconds that it may run; None takes the operation's own.
        """
        limit = TIMEOUTS.get(op) if timeout is None else timeout
        ticket = self._ticket(op, args, on_event, limit)
        with self._lock:
            if not self._closed:
                self._inbox.put(("submit", ticket))
                return ticket
        ticket.tell(Cancelled())
        return ticket

    def _ticket(
        self,
        op: str,
        args: dict[str, Any],
        on_event: Callable[[Event], None] | None,
        timeout: float | None,
    ) -> Ticket:
        def ask(ticket: Ticket) -> None:
            self._inbox.put(("cancel", ticket))

        return Ticket(next(self._numbers), op, args, on_event, timeout, ask)

    def close(self) -> None:
        """Cancel what is left and end all processes and threads; may be called again."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._inbox.put(("close", None))
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def __enter__(self) -> Blender:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # From here on everything runs on the client's own thread.

    def _run(self) -> None:
        while True:
            try:
                source, content = self._inbox.get(timeout=self._patience())
            except queue.Empty:
                source, content = "time", None
            if source == "close":
                break
            if isinstance(source, Child):
                self._heard(source, content)
            elif source == "submit":
                self._queue(content)
            elif source == "cancel":
                self._cancel(content)
            elif source == "warm":
                self._wake()
            self._enforce_deadlines()
            self._advance()
        self._shut()

    def _patience(self) -> float | None:
        """Seconds until something is due without a message."""
        due = [t.deadline for t in self._jobs.values() if t.deadline is not None]
        due += [c.started + START_TIMEOUT for c in (self._active, self._spare) if c and not c.ready]
        if self._active is None and (self._waiting or self._awake) and not self._exhausted:
            due.append(self._start_after)
        if self._spare is None and self._want_spare and self._active is not None:
            due.append(self._start_after)
        return max(0.0, min(due) - time.monotonic()) + 0.001 if due else None

    @property
    def _exhausted(self) -> bool:
        return self._failed_starts >= len(BACK_OFF)

    def _wake(self) -> None:
        self._awake = True
        if self._exhausted:
            self._failed_starts, self._start_after = 0, 0.0

    def _queue(self, ticket: Ticket) -> None:
        self._wake()
        if ticket.op == "prepare":
            self._prepare = ticket.args
        self._waiting.append(ticket)

    def _cancel(self, ticket: Ticket) -> None:
        if ticket in self._waiting:
            self._waiting.remove(ticket)
            ticket.tell(Cancelled())
            return
        for child, job in list(self._jobs.items()):
            if job is ticket:
                self._dismiss(child)
                ticket.tell(Cancelled())

    def _heard(self, child: Child, message: dict[str, Any] | None) -> None:
        if message is None:
            self._gone(child)
        elif child in self._leaving:
            return
        elif message.get("event") == "ready":
            child.ready = True
            self._failed_starts, self._start_after = 0, 0.0
        else:
            self._answered(child, message)

    def _answered(self, child: Child, message: dict[str, Any]) -> None:
        ticket = self._jobs.get(child)
        if ticket is None or message.get("id") != ticket.number:
            return
        if message.get("event") == "begun":
            ticket.begun = True
            return
        event = read_event(message)
        if isinstance(event, Done | Failed):
            del self._jobs[child]
            child.jobs_done += 1
            child.memory = message.get("rss", 0)
        ticket.tell(event)

    def _gone(self, child: Child) -> None:
        """A worker has ended: as it was told to, or by itself."""
        job = self._jobs.pop(child, None)
        self._prepared.pop(child, None)
        if child in self._leaving:
            self._leaving.discard(child)
            return
        was_active = child is self._active
        self._active = None if was_active else self._active
        self._spare = None if child is self._spare else self._spare
        text = f"Blender stopped unexpectedly ({child.death()}); it was restarted."
        if not child.ready:
            if child.killed:
                self._notice(text)
            self._count_failed_start(child.tail() or child.death())
            return
        log.warning("%s\n%s", text, child.tail())
        if job is not None and not job.begun and job.tries < TRIES and was_active:
            self._waiting.appendleft(job)
        elif job is not None:
            job.tell(Failed("worker_died", f"{text} Try again.", child.tail()))
        self._notice(text)

    def _count_failed_start(self, tail: str) -> None:
        self._last_words = tail
        self._failed_starts += 1
        if self._exhausted:
            self._give_up()
        else:
            self._start_after = time.monotonic() + BACK_OFF[self._failed_starts]

    def _give_up(self) -> None:
        """Without any worker the waiting jobs fail; a later job tries again."""
        self._awake = False
        if self._active is not None:
            return
        lines = [line for line in self._last_words.splitlines() if line.strip()]
        why = lines[-1].strip() if lines else "no reason was given"
        text = f"Blender could not be started ({why})."
        self._notice(text)
        while self._waiting:
            self._waiting.popleft().tell(Failed("worker_died", text, self._last_words))

    def _enforce_deadlines(self) -> None:
        now = time.monotonic()
        for child, job in list(self._jobs.items()):
            if job.deadline is not None and now >= job.deadline:
                self._dismiss(child)
                text = f"Blender did not finish within {job.timeout:.0f} s and was stopped."
                job.tell(Failed("timeout", text, child.tail()))
        for starting in (self._active, self._spare):
            if starting and not starting.ready and now >= starting.started + START_TIMEOUT:
                self._dismiss(starting)
                self._count_failed_start(f"it was not ready after {START_TIMEOUT:.0f} s")

    def _dismiss(self, child: Child) -> None:
        """End a worker on purpose."""
        self._leaving.add(child)
        self._jobs.pop(child, None)
        self._active = None if child is self._active else self._active
        self._spare = None if child is self._spare else self._spare
        child.stop()

    def _advance(self) -> None:
        """Bring workers and jobs to where they should be now."""
        if self._active is None and self._spare is not None:
            self._active, self._spare = self._spare, None
        if self._active is None and (self._waiting or self._awake):
            self._active = self._start()
        active = self._active
        if active is not None and active.ready and active not in self._jobs:
            if self._worn(active):
                self._dismiss(active)
                self._advance()
                return
            if self._waiting and not self._hand_over(active, self._waiting[0]):
                self._notice(f"Blender stopped unexpectedly ({active.death()}); it was restarted.")
                self._advance()
                return
        if self._spare is None and self._want_spare and active is not None and active.ready:
            self._spare = self._start()
        self._prepare_idle()

    def _worn(self, child: Child) -> bool:
        worn = child.jobs_done >= JOBS_PER_WORKER or child.memory >= MEMORY_PER_WORKER
        replaced = not self._want_spare or (self._spare is not None and self._spare.ready)
        return worn and replaced

    def _start(self) -> Child | None:
        if self._exhausted or time.monotonic() < self._start_after:
            return None
        try:
            return Child(self._command, self._inbox)
        except OSError as problem:
            self._count_failed_start(str(problem))
            return None

    def _hand_over(self, child: Child, ticket: Ticket) -> bool:
        """Whether the child took the job; one that has died before reading it is let go."""
        request = {"id": ticket.number, "op": ticket.op, "args": ticket.args}
        if not child.send(request):
            self._dismiss(child)
            return False
        if self._waiting and self._waiting[0] is ticket:
            self._waiting.popleft()
        ticket.tries += 1
        ticket.deadline = None if ticket.timeout is None else time.monotonic() + ticket.timeout
        self._jobs[child] = ticket
        if ticket.op == "prepare":
            self._prepared[child] = ticket.args
        return True

    def _prepare_idle(self) -> None:
        """Bring idle workers to the head that was prepared last."""
        wanted = self._prepare
        for child in (self._active, self._spare):
            idle = child is not None and child.ready and child not in self._jobs
            if wanted is None or child is None or not idle:
                continue
            if self._prepared.get(child) != wanted:
                self._hand_over(child, self._ticket("prepare", wanted, None, 60.0))

    def _notice(self, text: str) -> None:
        if self._on_notice is None:
            return
        try:
            self._on_notice(text)
        except Exception:
            log.exception("a listener of notices failed")

    def _shut(self) -> None:
        children = {c for c in (self._active, self._spare, *self._leaving) if c is not None}
        tickets = [*self._jobs.values(), *self._waiting]
        while not self._inbox.empty():
            source, content = self._inbox.get()
            if source == "submit":
                tickets.append(content)
        for child in children:
            child.stop()
        for child in children:
            child.join()
        for ticket in tickets:
            ticket.tell(Cancelled())
