"""Runs of `generate` that are measured, or killed and gone on with, and what they leave."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.dataset.events import read_event
from app.paths import ROOT

COMMAND: Final = (sys.executable, str(ROOT / "main.py"), "generate", "--events")
PATIENCE: Final = 3600.0


@dataclass(frozen=True)
class Measured:
    """What a run took.

    Attributes
    ----------
    frames : int
        Pictures that it made.
    seconds : float
        From the start of the command to its end.
    steady : float
        Pictures a second between the first news and the last.
    cpu : float
        Seconds of processor time of the command and all its processes for one picture.
    """

    frames: int
    seconds: float
    steady: float
    cpu: float


class GenerateError(Exception):
    """A run that did not end well; the message is its last words."""


def measure(arguments: Sequence[str], root: Path) -> Measured:
    """Run ``generate`` to its end and measure it.

    Raises
    ------
    GenerateError
    """
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    marks: list[tuple[float, int]] = []
    with _start(arguments, root) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = read_event(line)
            if event is not None and event["event"] == "progress":
                marks.append((time.monotonic(), event["done"]))
        error = process.stderr.read() if process.stderr else ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise GenerateError(error.strip() or f"exit status {process.returncode}")
    made = [mark for mark in marks if mark[1]]
    frames = marks[-1][1]
    span = made[-1][0] - made[0][0]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(
        frames,
        time.monotonic() - start,
        (made[-1][1] - made[0][1]) / span if span > 0 else 0.0,
        cpu / max(1, frames),
    )


def kill_and_resume(arguments: Sequence[str], root: Path, moments: Sequence[float]) -> int:
    """Run ``generate``, kill it with all its processes, go on, and so forth; then to the end.

    Parameters
    ----------
    moments : sequence of float
        Seconds after the start of each run at which it is killed with SIGKILL.

    Returns
    -------
    int
        How many runs were killed; the others had ended before.

    Raises
    ------
    GenerateError
        When a run ended in another way than done or killed.
    """
    killed = 0
    for moment in moments:
        process = _start([*arguments, "--resume"], root, subprocess.DEVNULL)
        if _still_runs(process, moment):
            kill_tree(process.pid)
            killed += 1
            process.communicate()
        else:
            _end(process)
    _end(_start([*arguments, "--resume"], root, subprocess.DEVNULL))
    return killed


def kill_workers(
    arguments: Sequence[str], root: Path, moments: Sequence[float], seed: int = 0
) -> int:
    """Run ``generate`` to its end and kill worker processes meanwhile.

    Parameters
    ----------
    moments : sequence of float
        Seconds after the start, rising; the worker is drawn by ``seed``.

    Returns
    -------
    int
        How many were killed.

    Raises
    ------
    GenerateError
    """
    chance = random.Random(seed)
    start = time.monotonic()
    process = _start(arguments, root, subprocess.DEVNULL)
    killed = 0
    for moment in moments:
        while _still_runs(process, max(0.02, start + moment - time.monotonic())):
            if kill_worker(process.pid, chance):
                killed += 1
                break
    _end(process)
    return killed


def kill_tree(pid: int) -> None:
    """Kill a process with all that it started, so that none can tell the others."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.suspend()
        for member in [*family, *parent.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                member.kill()


def kill_worker(pid: int, chance: random.Random) -> bool:
    """Kill one of the processes that make pictures; whether there was one."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        workers = [p for p in psutil.Process(pid).children() if _makes_pictures(p)]
        if workers:
            chance.choice(sorted(workers, key=lambda p: p.pid)).kill()
            return True
    return False


def digests(root: Path) -> dict[str, str]:
    """SHA-256 of every file of a data set, by its path in it."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def differences(one: Path, other: Path) -> tuple[str, ...]:
    """Files that two data sets do not have alike."""
    first, second = digests(one), digests(other)
    return tuple(
        name for name in sorted(first.keys() | second.keys()) if first.get(name) != second.get(name)
    )


def _start(
    arguments: Sequence[str], root: Path, output: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "--output", str(root), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def _end(process: subprocess.Popen[str]) -> None:
    _, error = process.communicate(timeout=PATIENCE)
    if process.returncode:
        raise GenerateError(error.strip() or f"exit status {process.returncode}")


def _still_runs(process: subprocess.Popen[str], seconds: float) -> bool:
    """Whether it is at work after so many seconds; its events are not waited for."""
    until = time.monotonic() + max(0.0, seconds)
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    return process.poll() is None


def _makes_pictures(process: object) -> bool:
    words = " ".join(process.cmdline())  # type: ignore[attr-defined]
    return "app.dataset.run_worker" in words
