"""All shards of a data set, made by some processes; what is there already is not made again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from app.dataset import pack
from app.dataset.spec import DatasetSpec

_ONE_THREAD: Final = {"LP_NUM_THREADS": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_SHARDS_PER_PROCESS: Final = 4
"""After which a process makes room for a fresh one, so that memory stays bounded."""
_LOST: Final = 3
"""Times in a row that workers may end without a shard before the run gives up."""


class PackError(RuntimeError):
    """The run cannot go on; the message is one line that says what to do."""


@dataclass(frozen=True)
class Progress:
    """Shards there, shards wanted, samples made by this run, and seconds left (None: unknown)."""

    done: int
    total: int
    samples: int
    left: float | None


def run(
    spec: DatasetSpec, folder: Path, workers: int, told: Callable[[Progress], None]
) -> Progress:
    """Make the shards of ``spec`` that ``folder`` lacks.

    Parameters
    ----------
    workers : int
        Processes, each on one thread.
    told : callable
        Gets the progress after every shard, and once at the start.

    Raises
    ------
    PackError
        When workers end again and again without a shard.
    OSError
        When the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total = -(-spec.people // pack.PEOPLE_PER_SHARD)
    started, first = time.monotonic(), total - len(list(pack.jobs(spec, folder)))
    progress = Progress(first, total, 0, None)
    told(progress)
    lost = 0
    os.environ.update(_ONE_THREAD)
    while progress.done < total:
        before = progress.done
        try:
            for samples in _pool(spec, folder, workers):
                done = progress.done + 1
                left = (time.monotonic() - started) / (done - first) * (total - done)
                progress = Progress(done, total, progress.samples + samples, left)
                told(progress)
        except BrokenProcessPool:
            lost = 0 if progress.done > before else lost + 1
            if lost >= _LOST:
                raise PackError(
                    "The workers ended without a word, perhaps for want of memory: try --workers 1."
                ) from None
    return progress


def _pool(spec: DatasetSpec, folder: Path, workers: int) -> Iterator[int]:
    """Samples of each shard as it is done."""
    todo = pack.jobs(spec, folder)
    running: set[Future[int]] = set()
    with ProcessPoolExecutor(
        workers, get_context("spawn"), end_with_parent, max_tasks_per_child=_SHARDS_PER_PROCESS
    ) as pool:
        try:
            for job in todo:
                running.add(pool.submit(pack.make, job))
                if len(running) > workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (f.result() for f in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (f.result() for f in done)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def end_with_parent() -> None:
    """From now on this process ends within a second of the one that started it."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
