"""What a worker does: some pictures of one head, one after the other.

A picture that cannot be made is reported with its reason and the rest goes on. What a worker was
making when it died is known from a file of attempts, so that a picture which kills its worker
again and again is given up in the end.
"""

from __future__ import annotations

import errno
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from app.dataset.events import LEAST_SECONDS
from app.dataset.manifest import Row, has_part, remove_part, write_part
from app.dataset.plan import Task

MAKER: Final = "app.dataset.task_frame:FrameMaker"
DEATHS: Final = 3
"""So often a worker may die of a picture before it is given up."""
WORK: Final = ".work"
"""Folder of the run itself within the data set; gone when all is done."""
MOST_MEMORY: Final = 2**30
"""Bytes that a worker may grow before it lets its head and its renderer go."""

FATAL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Faults of the disk that no later picture will be spared."""

Tell = Callable[[dict[str, Any]], None]


class Pictured(Protocol):
    """What one picture shows and where its files lie."""

    @property
    def number(self) -> int: ...

    @property
    def folder(self) -> str: ...

    @property
    def id(self) -> str: ...

    @property
    def locality(self) -> tuple[Any, ...]:
        """Order in which pictures of a task are best made."""

    def file(self, kind: str, suffix: str) -> str: ...


class Planned(Protocol):
    """All pictures of a data set, by number."""

    def __len__(self) -> int: ...

    def tasks(self, workers: int) -> Iterator[Task]: ...

    def frame_of(self, subject: int, own: int) -> Pictured: ...


class Maker(Protocol):
    """Makes pictures of one head after another; kept by a worker for as long as it lives."""

    def plan(self, root: str) -> Planned:
        """The plan of a data set that was begun."""

    def open(self, plan: Planned, subject: int, root: Path) -> None:
        """Take a head; nothing happens where it is open. Whatever it raises is the reason."""

    def is_done(self, frame: Pictured, root: Path) -> bool:
        """Whether all files of a picture are there."""

    def make(self, frame: Pictured, root: Path) -> Row:
        """Make a picture with all its files; its row of the manifest."""

    def row(self, frame: Pictured, root: Path) -> Row:
        """The row of a picture that is there."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Failure:
    """A picture that could not be made."""

    number: int
    frame: str
    reason: str


@dataclass(frozen=True)
class TaskReport:
    """What became of a task.

    Attributes
    ----------
    made, kept : int
        Pictures made now, and found made.
    finished : bool
        False where the run was halted before its end.
    trouble : str
        Why the whole run cannot go on, such as a full disk; else empty.
    seconds, opening : float
        That the pictures took, and the head.
    bytes : int
        Of the files made now.
    """

    task: Task
    made: int = 0
    kept: int = 0
    failures: tuple[Failure, ...] = ()
    finished: bool = True
    trouble: str = ""
    seconds: float = 0.0
    opening: float = 0.0
    bytes: int = 0


@dataclass
class _Tally:
    trouble: str = ""
    made: int = 0
    kept: int = 0
    failures: list[Failure] = field(default_factory=list)
    rows: dict[int, Row] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)
    seconds: float = 0.0
    opening: float = 0.0
    bytes: int = 0


_makers: dict[str, Maker] = {}
_memory_at_start: list[int] = []


def run_task(root: str, task: Task, maker: str = MAKER, tell: Tell | None = None) -> TaskReport:
    """Make what is missing of a task.

    Parameters
    ----------
    root : str
        Folder of the data set, the same on every machine.
    maker : str
        ``module:class`` of the `Maker`.
    tell : callable, optional
        Hears now and then, and of every failure; by default Dask's scheduler does.
    """
    place = Path(root)
    own = _maker(maker)
    plan = own.plan(root)
    news = _News(tell or _tell_scheduler(root), task)
    tally = _Tally()
    with _Attempts(place, task) as attempts:
        finished = _run(own, plan, place, task, attempts, tally, news)
        if finished:
            _keep_rows(plan, place, task, tally)
            attempts.forget()
    news.flush()
    _spare_memory(maker)
    return TaskReport(
        task,
        tally.made,
        tally.kept,
        tuple(tally.failures),
        finished,
        tally.trouble,
        tally.seconds,
        tally.opening,
        tally.bytes,
    )


def stop_file(root: Path) -> Path:
    """While it exists, workers halt after the picture in work."""
    return root / WORK / "stop"


def close_makers() -> None:
    """Let renderers and heads of this process go."""
    for maker in _makers.values():
        maker.close()
    _makers.clear()


def _run(
    maker: Maker,
    plan: Planned,
    root: Path,
    task: Task,
    attempts: _Attempts,
    tally: _Tally,
    news: _News,
) -> bool:
    frames = _missing(maker, plan, root, task, tally)
    news.kept(tally.kept)
    stop = stop_file(root)
    closed = ""
    for own in sorted(frames, key=lambda own: frames[own].locality):
        if stop.exists():
            return False
        frame = frames[own]
        if not closed and not tally.opening:
            closed = _open(maker, plan, root, task, attempts, tally)
        try:
            reason = closed or _make(maker, frame, root, own, attempts, tally)
        except OSError as problem:
            tally.trouble = f"{problem.filename or root}: {problem.strerror or problem}"
            return False
        if reason:
            failure = Failure(frame.number, f"{frame.folder}/{frame.id}", reason)
            tally.failures.append(failure)
            news.failed(failure)
        else:
            news.made(str(root / frame.file("rgb", "jpg")))
    return True


def _missing(
    maker: Maker, plan: Planned, root: Path, task: Task, tally: _Tally
) -> dict[int, Pictured]:
    """Pictures that are to be made; the rows of the others are taken where none are kept."""
    missing: dict[int, Pictured] = {}
    for block in task.blocks():
        frames = {own: plan.frame_of(block.subject, own) for own in range(block.first, block.last)}
        done = [own for own, frame in frames.items() if maker.is_done(frame, root)]
        tally.kept += len(done)
        if len(done) == len(frames) and has_part(root, frames[block.first].number):
            tally.whole.add(block.first)
            continue
        for own in done:
            tally.rows[own] = maker.row(frames[own], root)
        missing |= {own: frame for own, frame in frames.items() if own not in set(done)}
    return missing


def _keep_rows(plan: Planned, root: Path, task: Task, tally: _Tally) -> None:
    """Write the parts of the manifest, in place of those of an earlier run with failures."""
    for block in task.blocks():
        if block.first in tally.whole:
            continue
        start = plan.frame_of(block.subject, block.first).number - block.first
        for own in range(block.first, block.last):
            remove_part(root, start + own)
        rows = [tally.rows[i] for i in range(block.first, block.last) if i in tally.rows]
        if rows:
            write_part(root, rows)


def _open(
    maker: Maker, plan: Planned, root: Path, task: Task, attempts: _Attempts, tally: _Tally
) -> str:
    """Open the head; why it could not be, or nothing."""
    if attempts.deaths("open") >= DEATHS:
        return f"the worker died {DEATHS} times while it opened this head"
    attempts.begin("open")
    start = time.monotonic()
    try:
        maker.open(plan, task.subject, root)
    except Exception as problem:
        return f"the head cannot be opened: {_one_line(problem)}"
    finally:
        tally.opening = max(time.monotonic() - start, 1e-9)
    return ""


def _make(
    maker: Maker, frame: Pictured, root: Path, own: int, attempts: _Attempts, tally: _Tally
) -> str:
    """Make a picture; why it could not be, or nothing."""
    if attempts.deaths(str(own)) >= DEATHS:
        return f"the worker died {DEATHS} times while it made this picture"
    attempts.begin(str(own))
    start = time.monotonic()
    try:
        row = maker.make(frame, root)
    except OSError as problem:
        if problem.errno in FATAL:
            raise
        return _one_line(problem)
    except Exception as problem:
        return _one_line(problem)
    tally.seconds += time.monotonic() - start
    tally.made += 1
    tally.rows[own] = row
    tally.bytes += sum(int(row[name]) for name in row if name.endswith("_bytes"))
    return ""


def _one_line(problem: Exception) -> str:
    text = " ".join(str(problem).split())
    if text and type(problem).__module__.startswith("app."):
        return text[:400]
    return f"{type(problem).__name__}: {text}"[:400] if text else type(problem).__name__


class _Attempts:
    """What is being made, written down before it is made, so that a death can be told from it."""

    def __init__(self, root: Path, task: Task) -> None:
        self._path = root / WORK / f"{task.subject}-{task.first}.txt"

    def __enter__(self) -> _Attempts:
        self._path.parent.mkdir(exist_ok=True)
        lines = self._path.read_text().split("\n") if self._path.exists() else []
        whole = [line for line in lines[:-1] if line]
        self._deaths = Counter(line[2:] for line in whole if line.startswith("d "))
        self._file = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
        if whole and whole[-1].startswith("b "):
            self._deaths[whole[-1][2:]] += 1
            self._write(f"d {whole[-1][2:]}")
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def deaths(self, what: str) -> int:
        return self._deaths[what]

    def begin(self, what: str) -> None:
        self._write(f"b {what}")

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def _write(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())


class _News:
    """Tells a few times a second how far a task has come, and each failure once."""

    def __init__(self, tell: Tell, task: Task) -> None:
        self._tell = tell
        self._task = [task.subject, task.first]
        self._last = time.monotonic()
        self._made = self._kept = 0
        self._rgb = ""
        self._failures: list[list[Any]] = []

    def made(self, rgb: str) -> None:
        self._made += 1
        self._rgb = rgb
        self._maybe()

    def kept(self, count: int) -> None:
        self._kept = count
        self.flush()

    def failed(self, failure: Failure) -> None:
        self._failures.append([failure.number, failure.frame, failure.reason])
        self._maybe()

    def flush(self) -> None:
        self._tell(
            {
                "task": self._task,
                "made": self._made,
                "kept": self._kept,
                "rgb": self._rgb,
                "failures": self._failures,
            }
        )
        self._rgb, self._failures = "", []
        self._last = time.monotonic()

    def _maybe(self) -> None:
        if time.monotonic() - self._last >= LEAST_SECONDS:
            self.flush()


def topic(root: str) -> str:
    """What the scheduler calls the news of a data set."""
    return f"headroom {root}"


def _tell_scheduler(root: str) -> Tell:
    from distributed import get_worker

    try:
        worker = get_worker()
    except ValueError:
        return lambda _: None
    return lambda news: worker.log_event(topic(root), news)


def _maker(name: str) -> Maker:
    if name not in _makers:
        module, _, factory = name.partition(":")
        _makers[name] = getattr(import_module(module), factory)()
    return _makers[name]


def _spare_memory(name: str) -> None:
    """Begin anew where this process has grown much since its first task."""
    now = _resident()
    _memory_at_start.append(now) if not _memory_at_start else None
    if now - _memory_at_start[0] > MOST_MEMORY:
        _makers.pop(name).close()
        _memory_at_start.clear()


def _resident() -> int:
    """Bytes of memory that this process holds; 0 where that is unknown."""
    try:
        import psutil
    except ImportError:
        return 0
    return int(psutil.Process().memory_info().rss)
