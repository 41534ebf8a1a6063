"""Making a data set: tasks go to workers, news come back, a run broken off can be gone on with."""

from __future__ import annotations

import queue
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from app.dataset import files, manifest
from app.dataset.estimate import Pace
from app.dataset.events import Tell
from app.dataset.plan import Task
from app.dataset.run_workers import Workers, local_workers, remote_workers
from app.dataset.task import (
    MAKER,
    WORK,
    Failure,
    Planned,
    TaskReport,
    run_task,
    stop_file,
    topic,
)
from app.files import write_bytes

FAILED: Final = "failed.jsonl"
IN_FLIGHT: Final = 2
"""Tasks for each worker that the scheduler holds; the rest waits here as a counter."""

_STRAY: Final = re.compile(r"^\..+\.[0-9a-f]{12}(\.[^.]+)?$")

State = Literal["running", "paused", "stopping"]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: ``done``, ``cancelled`` or ``error``, with one line for people."""

    outcome: Literal["done", "cancelled", "error"]
    text: str
    done: int
    failed: int
    total: int
    seconds: float
    sums: tuple[float, float, int, int, int] = (0.0, 0.0, 0, 0, 0)
    """Seconds in pictures and in opening heads, pictures, heads and bytes made by this run."""


class Controls:
    """What people ask of a run; words may come from any thread."""

    def __init__(self) -> None:
        self.words: queue.SimpleQueue[str] = queue.SimpleQueue()

    def say(self, word: str) -> None:
        """``pause``, ``resume`` or ``cancel``; others are passed over."""
        self.words.put(word.strip())


@dataclass
class _Live:
    """A task in work: what its worker told, and what was made of it in this run before."""

    before: int = 0
    made: int = 0
    kept: int = 0


@dataclass
class _Sums:
    made: int = 0
    kept: int = 0
    failures: dict[int, Failure] = field(default_factory=dict)
    seconds: float = 0.0
    opening: float = 0.0
    heads: int = 0
    rendered: int = 0
    bytes: int = 0


class Run:
    """One run over a plan whose record lies in ``root``.

    Parameters
    ----------
    workers : int
        Processes on this machine; without meaning where ``scheduler`` is given.
    scheduler : str or None
        Address of a running Dask scheduler.
    maker : str
        ``module:class`` of what makes the pictures.
    join : callable
        Writes the manifest of a folder from its parts.
    """

    def __init__(
        self,
        plan: Planned,
        root: Path,
        *,
        workers: int,
        scheduler: str | None = None,
        tell: Tell,
        controls: Controls,
        pace: Pace,
        maker: str = MAKER,
        join: Callable[[Path], int] = manifest.join,
    ) -> None:
        self._plan, self._root = plan, root
        self._workers, self._scheduler = workers, scheduler
        self._tell, self._controls, self._pace, self._maker = tell, controls, pace, maker
        self._join = join
        self._inbox: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._state: State = "running"
        self._live: dict[tuple[int, int], _Live] = {}
        self._futures: dict[Any, Task] = {}
        self._again: list[Task] = []
        self._sums = _Sums()
        self._trouble = ""
        self._started = time.monotonic()

    def __call__(self) -> Outcome:
        """Run to the end, or until it is cancelled.

        Raises
        ------
        SpecError
            When no scheduler answers or it has no workers.
        WorkersError
            When they cannot be started here.
        """
        (self._root / WORK).mkdir(exist_ok=True)
        stop_file(self._root).unlink(missing_ok=True)
        with self._pool() as pool:
            self._say_state("running")
            self._loop(pool, self._plan.tasks(pool.count))
        if self._trouble:
            text = f"{self._trouble}; put it right, the same command with --resume goes on."
            return self._end("error", text)
        if self._state == "stopping":
            return self._end("cancelled", "Stopped; the same command with --resume goes on.")
        self._progress()
        self._tell({"event": "state", "state": "finishing"})
        self._finish()
        failed = len(self._sums.failures)
        text = f"{self.done} {'frame' if self.done == 1 else 'frames'} in {self._root}"
        if failed:
            text += f"; {failed} could not be made, {FAILED} says why"
        return self._end("done", f"{text}.")

    @property
    def done(self) -> int:
        """Pictures that are there."""
        live = sum(one.made + one.kept for one in self._live.values())
        return self._sums.made + self._sums.kept + live

    @property
    def kept(self) -> int:
        """Of these, made by an earlier run."""
        return self._sums.kept + sum(max(0, one.kept - one.before) for one in self._live.values())

    def _pool(self) -> AbstractContextManager[Workers]:
        name = topic(str(self._root))

        def heard(news: dict[str, Any]) -> None:
            self._inbox.put(("news", news))

        def died() -> None:
            self._inbox.put(("died", None))

        if self._scheduler is not None:
            return remote_workers(self._scheduler, name, heard, died)
        return local_workers(self._workers, name, heard, died)

    def _loop(self, pool: Workers, tasks: Iterator[Task]) -> None:
        """Hand out tasks and hear of them until none is left, or the run was stopped."""
        exhausted = False
        while True:
            while self._state == "running" and len(self._futures) < IN_FLIGHT * pool.count:
                task = self._again.pop() if self._again else next(tasks, None)
                if task is None:
                    exhausted = True
                    break
                self._submit(pool, task)
            idle = not self._futures
            if idle and (self._state == "stopping" or (exhausted and not self._again)):
                return
            pool.tend()
            self._hear(0.2)

    def _submit(self, pool: Workers, task: Task) -> None:
        self._live.setdefault((task.subject, task.first), _Live())
        future = pool.client.submit(
            run_task, str(self._root), task, self._maker, pure=False, priority=-task.subject
        )
        self._futures[future] = task
        future.add_done_callback(lambda ended: self._inbox.put(("ended", ended)))

    def _hear(self, seconds: float) -> None:
        with suppress(queue.Empty):
            while True:
                self._obey(self._controls.words.get_nowait())
        try:
            kind, content = self._inbox.get(timeout=seconds)
        except queue.Empty:
            self._progress()
            return
        if kind == "news":
            self._heard(content)
        elif kind == "died":
            if self._state != "stopping":
                text = "A worker died; its pictures are taken up again."
                self._tell({"event": "notice", "text": text})
        elif content in self._futures:
            self._ended(content, self._futures.pop(content))

    def _obey(self, word: str) -> None:
        if word == "pause" and self._state == "running":
            self._halt("paused")
        elif word == "resume" and self._state == "paused":
            stop_file(self._root).unlink(missing_ok=True)
            self._pace.restart()
            self._say_state("running")
        elif word == "cancel" and self._state != "stopping":
            self._halt("stopping")

    def _halt(self, state: State) -> None:
        """Workers finish the picture in work and give back the rest of their tasks."""
        stop_file(self._root).touch()
        self._say_state(state)

    def _say_state(self, state: State) -> None:
        self._state = state
        self._tell({"event": "state", "state": state})

    def _heard(self, news: dict[str, Any]) -> None:
        live = self._live.get((news["task"][0], news["task"][1]))
        if live is None:
            return
        if news["made"] < live.made:
            live.before += live.made
        live.made, live.kept = int(news["made"]), int(news["kept"])
        for number, frame, reason in news["failures"]:
            self._fail(Failure(number, frame, reason))
        if news["rgb"]:
            self._tell({"event": "frame", "rgb": news["rgb"]})
        self._progress()

    def _fail(self, failure: Failure) -> None:
        if failure.number in self._sums.failures:
            return
        self._sums.failures[failure.number] = failure
        self._tell({"event": "failed", "frame": failure.frame, "reason": failure.reason})

    def _ended(self, future: Any, task: Task) -> None:
        key = (task.subject, task.first)
        live = self._live[key]
        if future.status == "finished":
            self._take(future.result(), live, key)
        elif self._state == "stopping":
            self._live.pop(key)
        else:
            problem = future.exception() if future.status == "error" else None
            reason = " ".join(str(problem or "the scheduler gave it up").split())[:400]
            self._live.pop(key)
            for own in range(task.first, task.last):
                frame = self._plan.frame_of(task.subject, own)
                self._fail(Failure(frame.number, f"{frame.folder}/{frame.id}", reason))
        future.release()
        self._progress()

    def _take(self, report: TaskReport, live: _Live, key: tuple[int, int]) -> None:
        sums = self._sums
        sums.seconds += report.seconds
        sums.rendered += report.made
        sums.opening += report.opening
        sums.heads += report.opening > 0.0
        sums.bytes += report.bytes
        for failure in report.failures:
            self._fail(failure)
        if report.trouble and not self._trouble:
            self._trouble = report.trouble
            self._halt("stopping")
        if not report.finished:
            live.before += report.made
            live.made, live.kept = 0, report.kept + report.made
            self._again.append(report.task)
            return
        kept = max(0, report.kept - live.before)
        sums.made += report.made + report.kept - kept
        sums.kept += kept
        self._live.pop(key)

    def _progress(self) -> None:
        failed, total = len(self._sums.failures), len(self._plan)
        self._pace.at(self.done - self.kept)
        self._tell(
            {
                "event": "progress",
                "done": self.done,
                "kept": self.kept,
                "failed": failed,
                "total": total,
                "per_second": self._pace.per_second,
                "seconds_left": self._pace.seconds_for(max(0, total - self.done - failed)),
            }
        )

    def _finish(self) -> None:
        """Join the manifest, list the failures, and take away what only the run needed."""
        self._join(self._root)
        manifest.remove_parts(self._root)
        write_failures(self._root, self._sums.failures)
        sweep(self._root)

    def _end(self, outcome: Literal["done", "cancelled", "error"], text: str) -> Outcome:
        sums = self._sums
        if outcome != "done":
            write_failures(self._root, sums.failures)
            stop_file(self._root).unlink(missing_ok=True)
        return Outcome(
            outcome,
            text,
            self.done,
            len(sums.failures),
            len(self._plan),
            time.monotonic() - self._started,
            (sums.seconds, sums.opening, sums.rendered, sums.heads, sums.bytes),
        )


def write_failures(root: Path, failures: dict[int, Failure]) -> None:
    """List pictures that could not be made, in their order; no file where there are none."""
    path = root / FAILED
    if not failures:
        path.unlink(missing_ok=True)
        return
    lines = [msgspec.json.encode(failures[number]) for number in sorted(failures)]
    write_bytes(path, b"\n".join(lines) + b"\n")


def sweep(root: Path) -> None:
    """Take away temporary files of this run, or those that a killed one left."""
    files.sweep(root)
    for folder in (root, root / "people"):
        for path in folder.glob(".*"):
            if _STRAY.match(path.name):
                path.unlink(missing_ok=True)
    shutil.rmtree(root / WORK, ignore_errors=True)
