"""Jobs: one outcome each, asked to stop and never forced, failed ones kept."""

from __future__ import annotations

import threading
import time

from app.jobs import Event, Job, JobError, JobList, Report, State


def ended(job: Job, seconds: float = 5.0) -> Job:
    until = time.monotonic() + seconds
    while job.state is State.RUNNING and time.monotonic() < until:
        time.sleep(0.005)
    return job


def told(jobs: JobList) -> list[Event]:
    events: list[Event] = []
    jobs.listen(lambda job, event: events.append(event))
    return events


def all_told(events: list[Event]) -> list[Event]:
    until = time.monotonic() + 5.0
    while Event.FINISHED not in events and time.monotonic() < until:
        time.sleep(0.005)
    return events


def test_work_that_returns() -> None:
    jobs = JobList()
    events = told(jobs)

    def work(report: Report) -> int:
        report.progress("half", 0.5)
        return 7

    job = ended(jobs.run("Count", work))
    assert (job.state, job.result) == (State.DONE, 7)
    assert all_told(events) == [
        Event.STARTED,
        Event.PROGRESSED,
        Event.RETURNED,
        Event.FINISHED,
    ]


def test_work_that_fails_stays_with_its_reason_and_runs_again() -> None:
    jobs = JobList()
    tries: list[int] = []

    def work(report: Report) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise JobError("The disk is full; free some space.")
        return "done"

    job = ended(jobs.run("Write", work))
    assert (job.state, job.reason) == (State.FAILED, "The disk is full; free some space.")
    assert job in jobs.jobs
    second = ended(jobs.again(job))
    assert (second.state, second.result) == (State.DONE, "done")
    assert jobs.jobs == (second,)


def test_an_unexpected_error_brings_its_traceback() -> None:
    job = ended(JobList().run("Divide", lambda report: 1 / 0))
    assert job.state is State.FAILED
    assert "ZeroDivisionError" in job.reason
    assert "Traceback" in job.detail


def test_work_is_asked_to_stop() -> None:
    jobs = JobList()
    events = told(jobs)
    running = threading.Event()

    def work(report: Report) -> None:
        running.set()
        while True:
            report.check()
            time.sleep(0.002)

    job = jobs.run("Wait", work)
    running.wait(5.0)
    jobs.cancel(job)
    assert ended(job).state is State.CANCELLED
    assert all_told(events)[-2:] == [Event.CANCELLED, Event.FINISHED]


def test_asked_to_stop_before_it_has_begun() -> None:
    jobs = JobList()
    asked: list[int] = []

    def begin(report: Report):  # type: ignore[no-untyped-def]
        jobs.cancel(jobs.jobs[-1])
        return lambda: asked.append(1)

    job = jobs.start("Slow start", begin)
    assert job.asked_to_stop
    assert asked == [1]


def test_only_the_first_outcome_counts() -> None:
    jobs = JobList()
    reports: list[Report] = []

    def begin(report: Report):  # type: ignore[no-untyped-def]
        reports.append(report)
        return lambda: None

    job = jobs.start("Twice", begin)
    reports[0].cancelled()
    reports[0].returned(3)
    reports[0].progress("late", 0.5)
    assert (job.state, job.result) == (State.CANCELLED, None)


def test_a_start_that_fails_is_a_failed_job() -> None:
    def begin(report: Report):  # type: ignore[no-untyped-def]
        raise OSError("no such program")

    job = JobList().start("Start", begin)
    assert job.state is State.FAILED
    assert "no such program" in job.reason


def test_time_left_as_reported_counts_down() -> None:
    jobs = JobList()
    reports: list[Report] = []

    def begin(report: Report):  # type: ignore[no-untyped-def]
        reports.append(report)
        return lambda: None

    job = jobs.start("Render", begin)
    assert job.seconds_left is None
    reports[0].progress("sampling", 0.25, 8.0)
    left = job.seconds_left
    assert left is not None and left <= 8.0
    time.sleep(0.02)
    later = job.seconds_left
    assert later is not None and later < left
    reports[0].returned()
    assert job.seconds_left is None


def test_running_jobs_are_never_dropped_from_the_list() -> None:
    jobs = JobList(keep=2)
    release = threading.Event()
    running = jobs.run("Long", lambda report: release.wait(5.0))
    for number in range(5):
        ended(jobs.run(str(number), lambda report: None))
    assert running in jobs.jobs
    assert len(jobs.jobs) <= 3
    jobs.remove(running)
    assert running in jobs.jobs
    release.set()
    assert jobs.stop()
