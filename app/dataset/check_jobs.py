"""Checking frames by several processes, a few dozen of one folder at a time."""

from __future__ import annotations

import io
import os
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from app.dataset.check_frame import foreign_problems, number_of, problems, quick_problems
from app.dataset.manifest import Row
from app.dataset.reader import Sample

CHUNK: Final = 48
"""Frames that a process checks at a time."""
IN_PROCESS: Final = 2 * CHUNK
"""Up to so many frames are not worth starting processes for."""


@dataclass(frozen=True)
class Finding:
    """Something wrong: ``path`` is relative to the data set."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


@dataclass(frozen=True)
class Job:
    """Frames of one folder, with their rows of the manifest by id.

    Attributes
    ----------
    ours : bool
        Whether the data set has annotations.
    with_depth : bool
        Whether samples of a data set without annotations should have depth.
    """

    folder: str
    frames: tuple[Sample, ...]
    rows: dict[str, Row]
    quick: bool
    ours: bool
    with_depth: bool


@dataclass(frozen=True)
class Results:
    """What was found in a job, and the numbers of its frames by id as far as they are known."""

    findings: tuple[Finding, ...]
    numbers: dict[str, int]


def run(jobs: Iterator[Job], workers: int) -> Iterator[tuple[Job, Results]]:
    """Results of all jobs in order, by processes where there is enough to do."""
    first: list[Job] = []
    for job in jobs:
        first.append(job)
        if sum(len(j.frames) for j in first) > IN_PROCESS:
            break
    every = chain(first, jobs)
    if workers <= 1 or sum(len(j.frames) for j in first) <= IN_PROCESS:
        for job in every:
            yield job, work(job)
        return
    waiting: deque[tuple[Job, Future[Results]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            for job in every:
                waiting.append((job, pool.submit(work, job)))
                if len(waiting) >= 4 * workers:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def work(job: Job) -> Results:
    """Check the frames of a job."""
    findings: list[Finding] = []
    numbers: dict[str, int] = {}
    with _without_chatter():
        for sample in job.frames:
            row = job.rows.get(sample.id)
            try:
                for name, problem in _problems(job, sample, row):
                    findings.append(Finding(within(job.folder, name), problem))
            except FileNotFoundError as problem:
                path = Path(problem.filename or sample.id).name
                findings.append(Finding(within(job.folder, path), "vanished while it was checked"))
            number = _number(job, sample, row)
            if number is not None:
                numbers[sample.id] = number
    return Results(tuple(findings), numbers)


def within(folder: str, name: str) -> str:
    """Path of a name in a folder; ``""`` is the data set itself."""
    return f"{folder}/{name}" if folder else name


def _problems(job: Job, sample: Sample, row: Row | None) -> Iterator[tuple[str, str]]:
    if not job.ours:
        yield from foreign_problems(sample, with_depth=job.with_depth, quick=job.quick)
    elif job.quick:
        yield from quick_problems(sample, row)
    else:
        yield from problems(sample, row)


def _number(job: Job, sample: Sample, row: Row | None) -> int | None:
    """Taken from the annotation itself where there is time to read it."""
    if not job.ours:
        return None
    if job.quick:
        return None if row is None else int(row["number"])
    return number_of(sample)


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep libraries of C from writing about damaged pictures to the standard streams."""
    sys.stdout.flush()
    kept = {stream: os.dup(stream) for stream in (1, 2)}
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in kept:
        os.dup2(nowhere, stream)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        for stream, copy in kept.items():
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nowhere)
