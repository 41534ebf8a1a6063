"""Figures of whole data sets, made by the command itself: speed, growth, workers and kills."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from app.bench.figures import Figure
from app.bench.generation import (
    COMMAND,
    GenerateError,
    differences,
    kill_and_resume,
    kill_tree,
    kill_worker,
)
from app.dataset.events import read_event

KILLS: Final = 20
GROWTH: Final = (100, 10_000)
_ADA_BEN: Final = ("builtin:ada", "builtin:ben")
_RASTER: Final = (
    "--poses", "HeadRot,CameraTran,HeadCameraRotTran", "--renderer", "raster", "--seed", "7",
)  # fmt: skip


@dataclass
class Heard:
    """What a run told while it went on.

    Attributes
    ----------
    marks : list of (float, int)
        Seconds since the start, and pictures made by then.
    memory : list of (float, int)
        Seconds since the start, and bytes of the largest process below the command.
    """

    seconds: float = 0.0
    marks: list[tuple[float, int]] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)

    def rate(self, first: float = 0.0, last: float = 1.0) -> float:
        """Pictures a second between two shares of the pictures, counted from the first news."""
        told = np.array([m for m in self.marks if m[1] > 0], dtype=np.float64).reshape(-1, 2)
        if len(told) < 2:
            return float("nan")
        wanted = told[0, 1] + (told[-1, 1] - told[0, 1]) * np.array([first, last])
        start, end = np.interp(wanted, told[:, 1], told[:, 0])
        return float((wanted[1] - wanted[0]) / (end - start)) if end > start else float("nan")


def listen(arguments: Sequence[str], root: Path, seconds: float = 3600.0) -> Heard:
    """One undisturbed run of ``generate`` into the folder ``root``.

    Raises
    ------
    GenerateError
        When it did not end well, or not in time.
    """
    heard, started = Heard(), time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, "--output", str(root), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watch = threading.Thread(target=_watch_memory, args=(process, heard, started), daemon=True)
    watch.start()
    limit = threading.Timer(seconds, kill_tree, (process.pid,))
    limit.daemon = True
    limit.start()
    with process:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            event = read_event(line)
            if event is not None and event["event"] == "progress":
                heard.marks.append((time.monotonic() - started, event["done"]))
        words = process.stderr.read().strip()
    limit.cancel()
    watch.join()
    heard.seconds = time.monotonic() - started
    if process.returncode:
        raise GenerateError(words or f"exit status {process.returncode}")
    return heard


def _watch_memory(process: subprocess.Popen[str], heard: Heard, started: float) -> None:
    import psutil

    while process.poll() is None:
        sizes = []
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    sizes.append(child.memory_info().rss)
        if sizes:
            heard.memory.append((time.monotonic() - started, max(sizes)))
        time.sleep(1.0)


def _raster(
    frames: int, workers: int, heads: Sequence[str] = _ADA_BEN, size: str = "256x256"
) -> list[str]:
    each = str(max(1, frames // len(heads)))
    return [
        *_RASTER, "--heads", *heads, "--per-person", each, "--size", size,
        "--workers", str(workers),
    ]  # fmt: skip


def throughput_figures() -> Iterator[Figure]:
    """Raster at 256×256 with all annotations: two one-thread workers, and against one."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        for turn in range(3):
            for workers in (1, 2):
                heard = listen(_raster(400 * workers, workers), Path(folder) / f"{workers}-{turn}")
                rates[workers].append(heard.rate(0.1, 0.95))
    one, two = statistics.median(rates[1]), statistics.median(rates[2])
    runs = {f"{w} workers": [round(r, 1) for r in found] for w, found in rates.items()}
    yield Figure(
        "raster frames at 256x256 with all annotations, two workers",
        two, "frames/s", 25, "at least", runs,
    )  # fmt: skip
    yield Figure("two one-thread workers against one", two / one, "times", 1.7, "at least", runs)


def people_figures() -> Iterator[Figure]:
    """Raster at 256×256 where every tenth picture is of another person, baked on the way."""
    arguments = [
        "--people", "40", "--per-person", "10", "--poses", "Balanced", "--renderer", "raster",
        "--backgrounds", "plain,texture,environment", "--size", "256x256", "--workers", "2",
        "--seed", "7",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        heard = listen(arguments, Path(folder) / "people")
    yield Figure(
        "the same with ten pictures of each person, baking included",
        heard.rate(0.1, 0.95), "frames/s", 10, "at least",
    )  # fmt: skip


def cycles_figures() -> Iterator[Figure]:
    """Cycles at 640×480, 32 samples, denoised, with all passes and files, one worker."""
    arguments = [
        "--heads", "builtin:ada", "--poses", "HeadRot", "--per-person", "12", "--renderer",
        "cycles", "--size", "640x480", "--samples", "32", "--workers", "1", "--seed", "7",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        heard = listen(arguments, Path(folder) / "cycles")
    yield Figure(
        "Cycles, 640x480, 32 samples, denoised, all passes and files, a frame",
        1.0 / heard.rate(),
        "s",
        8,
        detail={"whole run of 12 frames, s": round(heard.seconds, 1)},
    )


def growth_figures() -> Iterator[Figure]:
    """Time a frame and memory of a worker from 100 to 10 000 frames."""
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        short, long = (listen(_raster(n, 2), Path(folder) / str(n)) for n in GROWTH)
    parts = [long.rate(k / 10, (k + 1) / 10) for k in range(10)]
    early, late = statistics.median(parts[:3]), statistics.median(parts[-3:])
    yield Figure(
        "raster: time a frame in the last three tenths of 10 000 against the first three",
        early / late,
        "times",
        1.1,
        detail={
            "frames/s by tenths": [round(p, 1) for p in parts],
            "frames/s of 100": round(short.rate(), 1),
        },
    )
    memory = np.array(long.memory, dtype=np.float64)
    settled = memory[memory[:, 0] > 0.2 * long.seconds, 1] / 2**20
    third = max(len(settled) // 3, 1)
    yield Figure(
        "raster: growth of the largest worker over the last four fifths of 10 000 frames",
        float(settled[-third:].max() - settled[:third].max()),
        "MiB",
        50,
        detail={"MiB": [round(float(m)) for m in settled[:: max(1, len(settled) // 10)]]},
    )


def kill_figures() -> Iterator[Figure]:
    """Kill the run or one of its workers at random moments, resume, and compare every byte."""
    draw = random.Random(3)
    arguments = _raster(1500, 2, (*_ADA_BEN, "builtin:amara"), "128x128")
    told = {"the whole run": 0, "one worker": 0}
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        calm, rough = Path(folder) / "calm", Path(folder) / "rough"
        listen(arguments, calm)
        process = _unheard(arguments, rough)
        while sum(told.values()) < KILLS:
            _let_run(process, draw.uniform(0.2, 7.0))
            if process.poll() is not None:
                break
            if draw.random() < 0.4 and kill_worker(process.pid, draw):
                told["one worker"] += 1
                continue
            kill_tree(process.pid)
            process.wait()
            told["the whole run"] += 1
            process = _unheard([*arguments, "--resume"], rough)
        status = process.wait(3600)
        different = differences(calm, rough)
    yield Figure(
        f"files that differ after {sum(told.values())} kills and resumes",
        len(different) + (status != 0) + (sum(told.values()) < KILLS),
        "files",
        0,
        detail={**told, "exit status": status, "first": list(different[:5])},
    )


def _unheard(arguments: Sequence[str], root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *COMMAND[1:3], "--output", str(root), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _let_run(process: subprocess.Popen[bytes], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and process.poll() is None:
        time.sleep(0.02)


def cycles_kill_figures() -> Iterator[Figure]:
    """The same for a few Cycles frames: colour within 1/255, everything else byte for byte."""
    arguments = [
        "--heads", "builtin:ada", "--poses", "HeadRot", "--per-person", "16", "--renderer",
        "cycles", "--size", "200x150", "--samples", "16", "--workers", "1", "--seed", "5",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        calm, rough = Path(folder) / "calm", Path(folder) / "rough"
        listen(arguments, calm)
        kills = kill_and_resume(arguments, rough, (6.0, 8.0, 10.0))
        different = differences(calm, rough)
        pictures = [name for name in different if name.endswith(".jpg")]
        worst = max((_apart(calm / name, rough / name) for name in pictures), default=0)
    others = [name for name in different if name not in pictures]
    yield Figure(
        "Cycles after kills: largest difference of a colour",
        float(worst) if kills and not others else 255.0,
        "of 255",
        1,
        detail={"kills": kills, "files that differ": list(different)},
    )


def _apart(one: Path, other: Path) -> int:
    a, b = (cv2.imread(str(p)).astype(np.int64) for p in (one, other))
    return int(np.abs(a - b).max())
