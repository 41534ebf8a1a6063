"""Long work as jobs: started, progressed, then returned, errored or cancelled, and finished.

A job is begun by a function that gets the job's `Report` and gives back how to ask it to stop;
where the work happens (a thread, Blender's process, another machine) is that function's business.
A failed job stays listed with its reason and can be run again.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from app.listeners import Listeners


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    STARTED = "started"
    PROGRESSED = "progressed"
    RETURNED = "returned"
    ERRORED = "errored"
    CANCELLED = "cancelled"
    FINISHED = "finished"
    """Comes last, once, whatever the outcome."""


class JobError(Exception):
    """Raised by a task that fails for a reason people can act on.

    Parameters
    ----------
    message : str
        One line that says what to do.
    detail : str
        For the log.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class JobCancelledError(Exception):
    """Raised by `Report.check` in a task that has been asked to stop."""


Ask = Callable[[], None]
Begin = Callable[["Report"], Ask]


class Job:
    """What is known of one piece of work. Read it from anywhere; its `Report` writes it.

    Attributes
    ----------
    fraction : float or None
        Done so far, in [0, 1]; None while unknown.
    reason, detail : str
        Why it failed: one line for people, and the rest.
    """

    def __init__(self, title: str, begin: Begin) -> None:
        self.title = title
        self.begin = begin
        self.state = State.RUNNING
        self.text = ""
        self.fraction: float | None = None
        self.result: Any = None
        self.reason = ""
        self.detail = ""
        self.asked_to_stop = False
        self.started = time.monotonic()
        self.ended: float | None = None
        self._seconds_left: tuple[float, float] | None = None
        self._ask: Ask | None = None

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return (self.ended or time.monotonic()) - self.started

    @property
    def seconds_left(self) -> float | None:
        """As reported, counted down since; else from the fraction done; None while unknown."""
        if self.state is not State.RUNNING:
            return None
        if self._seconds_left is not None:
            seconds, at = self._seconds_left
            return max(0.0, seconds - (time.monotonic() - at))
        if self.fraction and self.seconds > 1.0:
            return self.seconds * (1.0 - self.fraction) / self.fraction
        return None


Listener = Callable[[Job, Event], None]


class JobList:
    """All jobs of this run of the program, newest last.

    Listeners are called on the thread on which the news came; a window bridges them with queued
    signals.
    """

    def __init__(self, keep: int = 50) -> None:
        self._keep = keep
        self._lock = threading.RLock()
        self._jobs: list[Job] = []
        self._listeners: Listeners[[Job, Event]] = Listeners()

    @property
    def jobs(self) -> tuple[Job, ...]:
        with self._lock:
            return tuple(self._jobs)

    @property
    def running(self) -> tuple[Job, ...]:
        return tuple(job for job in self.jobs if job.state is State.RUNNING)

    def start(self, title: str, begin: Begin) -> Job:
        """Begin a job. Errors of ``begin`` itself fail the job; they are not raised here."""
        job = Job(title, begin)
        with self._lock:
            self._jobs.append(job)
            self._forget_old()
        report = Report(self, job)
        self._tell(job, Event.STARTED)
        try:
            ask = begin(report)
        except Exception as error:
            report.errored(f"{title} could not start: {error}", traceback.format_exc())
            return job
        with self._lock:
            job._ask = ask
            late = job.asked_to_stop and job.state is State.RUNNING
        if late:
            ask()
        return job

    def run(self, title: str, task: Callable[[Report], Any]) -> Job:
        """Run ``task`` in a thread; it reports as it goes and calls ``report.check()`` often."""
        return self.start(title, in_thread(task))

    def cancel(self, job: Job) -> None:
        """Ask the job to stop; it is cancelled once it has said so."""
        with self._lock:
            if job.state is not State.RUNNING or job.asked_to_stop:
                return
            job.asked_to_stop = True
            ask = job._ask
        if ask is not None:
            ask()
        self._tell(job, Event.PROGRESSED)

    def again(self, job: Job) -> Job:
        """Start the same work anew, in place of the ended ``job``."""
        self.remove(job)
        return self.start(job.title, job.begin)

    def remove(self, job: Job) -> None:
        """Take an ended job off the list."""
        with self._lock:
            if job in self._jobs and job.state is not State.RUNNING:
                self._jobs.remove(job)

    def stop(self, seconds: float = 5.0) -> bool:
        """Ask all to stop and wait for them; True when none is left running."""
        for job in self.running:
            self.cancel(job)
        until = time.monotonic() + seconds
        while self.running and time.monotonic() < until:
            time.sleep(0.005)
        return not self.running

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with all news from now on; the function returned ends that."""
        return self._listeners.add(listener)

    def _tell(self, job: Job, event: Event) -> None:
        self._listeners.tell(job, event)

    def _forget_old(self) -> None:
        ended = [job for job in self._jobs if job.state is not State.RUNNING]
        for job in ended[: max(0, len(self._jobs) - self._keep)]:
            self._jobs.remove(job)


class Report:
    """How work tells its job what happens. The first outcome counts; what follows is ignored."""

    def __init__(self, jobs: JobList, job: Job) -> None:
        self._jobs, self._job = jobs, job

    @property
    def asked_to_stop(self) -> bool:
        return self._job.asked_to_stop

    def check(self) -> None:
        """Leave the task when it has been asked to stop.

        Raises
        ------
        JobCancelledError
        """
        if self._job.asked_to_stop:
            raise JobCancelledError

    def progress(
        self, text: str = "", fraction: float | None = None, seconds_left: float | None = None
    ) -> None:
        job = self._job
        if job.state is not State.RUNNING:
            return
        job.text = text or job.text
        job.fraction = None if fraction is None else min(1.0, max(0.0, fraction))
        job._seconds_left = None if seconds_left is None else (seconds_left, time.monotonic())
        self._jobs._tell(job, Event.PROGRESSED)

    def returned(self, result: Any = None) -> None:
        self._end(State.DONE, Event.RETURNED, result=result, fraction=1.0)

    def errored(self, reason: str, detail: str = "") -> None:
        self._end(State.FAILED, Event.ERRORED, reason=reason, detail=detail)

    def cancelled(self) -> None:
        self._end(State.CANCELLED, Event.CANCELLED)

    def _end(self, state: State, event: Event, **facts: Any) -> None:
        with self._jobs._lock:
            if self._job.state is not State.RUNNING:
                return
            for name, value in facts.items():
                setattr(self._job, name, value)
            self._job.ended = time.monotonic()
            self._job.state = state
        self._jobs._tell(self._job, event)
        self._jobs._tell(self._job, Event.FINISHED)


def in_thread(task: Callable[[Report], Any]) -> Begin:
    """Begin ``task`` in a thread of its own; what it returns is the job's result."""

    def begin(report: Report) -> Ask:
        def work() -> None:
            try:
                report.returned(task(report))
            except JobCancelledError:
                report.cancelled()
            except JobError as error:
                report.errored(str(error), error.detail)
            except Exception as error:
                report.errored(f"{type(error).__name__}: {error}", traceback.format_exc())

        threading.Thread(target=work, name="job", daemon=True).start()
        return lambda: None

    return begin
