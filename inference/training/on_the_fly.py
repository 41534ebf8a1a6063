"""Training on people that are rendered while it goes on: a process of its own fills the shards."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.packed import Packed, ShardError
from app.dataset.sample import held_out

_ROOT: Final = Path(__file__).parents[2]
GROWTH: Final = 1.15
"""Data are taken in anew when there is this much more of them."""
_LOOK_SECONDS: Final = 5.0


class ProducerError(RuntimeError):
    """Nobody makes data any more; the message is one line."""


@dataclass(frozen=True)
class Wanted:
    """People to be rendered, pictures of each, the seed, and processes that render."""

    people: int = 2600
    per_person: int = 40
    seed: int = 0
    workers: int = 1


class Producer:
    """``main.py dataset pack`` in the background, into a folder that training reads.

    Leaving the context ends it; the same folder goes on being filled the next time.
    """

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self.folder, self._wanted = folder, wanted
        self._taken = 0
        self._looked = 0.0

    def __enter__(self) -> Producer:
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = self._wanted
        words = ["dataset", "pack", str(self.folder.absolute()), "--with-parent"]
        for option, value in (
            ("--people", wanted.people),
            ("--per-person", wanted.per_person),
            ("--seed", wanted.seed),
            ("--workers", wanted.workers),
        ):
            words += [option, str(value)]
        with (self.folder / "pack.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(_ROOT / "main.py"), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _end(self._process)

    def wait(self, stopped: Callable[[], bool]) -> bool:
        """Wait until somebody can be trained on and somebody is held out; False when stopped.

        Raises
        ------
        ProducerError
        """
        while not stopped():
            held = self._people()
            if held is not None and held.any() and not held.all():
                return True
            self._check(done_is_fine=False)
            time.sleep(0.5)
        return False

    def grown(self) -> bool:
        """Whether so much has come that it should be taken in; looks every few seconds.

        Raises
        ------
        ProducerError
            When the process ended before it was done.
        """
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return False
        self._looked = now
        self._check(done_is_fine=True)
        return len(self._shards()) >= GROWTH * self._taken + (self._process.poll() is None)

    def take(self) -> list[Path]:
        """The shards that are there now."""
        shards = self._shards()
        self._taken = len(shards)
        return shards

    def _shards(self) -> list[Path]:
        return sorted(self.folder.glob("*.arrow"))

    def _people(self) -> NDArray[np.bool_] | None:
        """For each sample that is there, whether its person is held out."""
        try:
            return held_out(Packed(self._shards()).people)
        except (ShardError, ValueError):
            return None

    def _check(self, *, done_is_fine: bool) -> None:
        status = self._process.poll()
        if status is None or (status == 0 and done_is_fine):
            return
        words = (self.folder / "pack.log").read_text(errors="replace").strip().splitlines()
        last = words[-1] if words else f"exit status {status}"
        if status == 0:
            last = "too few people to keep one from training: ask for more (--people 100)"
        raise ProducerError(f"no more data: {last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its workers."""
    import psutil

    try:
        own = psutil.Process(process.pid)
        everyone = [*own.children(recursive=True), own]
    except psutil.NoSuchProcess:
        process.wait()
        return
    for one in everyone:
        try:
            one.terminate()
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(everyone, timeout=5.0)
    for one in alive:
        one.kill()
    process.wait()
