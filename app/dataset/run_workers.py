"""The processes that make pictures: Dask's, on this machine or on others."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from app.dataset.spec import SpecError
from app.paths import ROOT

COMMAND: Final = (sys.executable, "-m", "app.dataset.run_worker")

ONE_CORE: Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LP_NUM_THREADS": "0",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
"""Environment of a worker, so that it keeps to one core.

LP_NUM_THREADS is llvmpipe's number of threads beside its own (software OpenGL). Blender gets an
equal share of the cores by HEADROOM_THREADS.
"""

START_SECONDS: Final = 30
QUICK_DEATHS: Final = 5
"""So many workers in a row may die before any of them was connected."""

Heard = Callable[[dict[str, Any]], None]


class WorkersError(Exception):
    """The workers do not start; the message is one line."""


class Workers:
    """Where tasks go: a client of a scheduler, and the processes of this machine, if any."""

    def __init__(self, client: Any, count: int, hands: LocalHands | None = None) -> None:
        self.client, self.count = client, count
        self._hands = hands

    def tend(self) -> None:
        """Start workers in place of those that died; called again and again.

        Raises
        ------
        WorkersError
            When none of them lives long enough to be of use.
        """
        if self._hands is not None:
            self._hands.tend()

    def let_go(self) -> None:
        """Have all workers close what they hold; the run is over."""
        from app.dataset.task import close_makers

        with suppress(Exception):
            addresses = list(self.client.scheduler_info(n_workers=-1)["workers"])
            ended = [
                self.client.submit(close_makers, workers=[address], pure=False)
                for address in addresses
            ]
            self.client.gather(ended, errors="skip")


class LocalHands:
    """Worker processes of one thread each on this machine."""

    def __init__(self, address: str, count: int, connected: Callable[[], int]) -> None:
        self._address, self._connected = address, connected
        self._environment = os.environ | ONE_CORE
        share = max(1, (os.cpu_count() or 1) // count)
        self._environment.setdefault("HEADROOM_THREADS", str(share))
        self._processes = [self._start(i) for i in range(count)]
        self._quick = 0

    def tend(self) -> None:
        for place, process in enumerate(self._processes):
            if process.poll() is None:
                continue
            self._quick = 0 if self._connected() else self._quick + 1
            if self._quick > QUICK_DEATHS * len(self._processes):
                raise WorkersError(f"Workers end as soon as they start ({process.returncode}).")
            self._processes[place] = self._start(place)

    def end(self) -> None:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            try:
                process.wait(5.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, place: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            (*COMMAND, self._address, f"{place}-{secrets.token_hex(4)}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=self._environment,
        )


@contextmanager
def local_workers(
    count: int, topic: str, heard: Heard, died: Callable[[], None]
) -> Iterator[Workers]:
    """Worker processes of one thread each on this machine; one that dies is replaced."""
    import dask
    from distributed import LocalCluster

    _quiet()
    settings = {
        "distributed.scheduler.allowed-failures": 1000,
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.admin.low-level-log-length": 1000,
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=0,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        _client(cluster, topic, heard, died) as client,
    ):
        hands = LocalHands(cluster.scheduler_address, count, lambda: len(cluster.scheduler.workers))
        workers = Workers(client, count, hands)
        try:
            yield workers
            workers.let_go()
        finally:
            hands.end()


@contextmanager
def remote_workers(
    address: str, topic: str, heard: Heard, died: Callable[[], None]
) -> Iterator[Workers]:
    """The workers of a scheduler that is running.

    Raises
    ------
    SpecError
        When nobody answers there, or there are no workers.
    """
    _quiet()
    try:
        with _client(address, topic, heard, died) as client:
            count = len(client.scheduler_info(n_workers=-1)["workers"])
            if not count:
                raise SpecError(f"The scheduler at {address} has no workers: start some first.")
            client.run_on_scheduler(_be_patient)
            workers = Workers(client, count)
            yield workers
            workers.let_go()
    except (OSError, ValueError) as problem:
        if isinstance(problem, SpecError):
            raise
        raise SpecError(f"No scheduler answers at {address}: {problem}") from None


def check_scheduler(address: str) -> None:
    """Refuse an address at which nobody listens.

    Raises
    ------
    SpecError
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10.0).close()
    except (OSError, ValueError, OverflowError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise SpecError(f"No scheduler answers at {address}: {reason}.") from None


def _be_patient(dask_scheduler: Any) -> None:
    """Worker deaths are counted by the tasks themselves."""
    dask_scheduler.allowed_failures = 1000


@contextmanager
def _client(where: Any, topic: str, heard: Heard, died: Callable[[], None]) -> Iterator[Any]:
    from distributed import Client

    with Client(where, timeout=START_SECONDS, set_as_default=False) as client:
        client.subscribe_topic(topic, lambda event: heard(event[1]))
        client.subscribe_topic("all", lambda event: died() if _removed(event[1]) else None)
        try:
            yield client
        finally:
            for name in (topic, "all"):
                client.unsubscribe_topic(name)


def _removed(event: Any) -> bool:
    if not isinstance(event, dict) or event.get("action") != "remove-worker":
        return False
    return not event.get("expected", False)


def _quiet() -> None:
    """Dask's own log is for its developers; what matters is told as events."""
    os.environ.setdefault("DASK_DISTRIBUTED__LOGGING__DISTRIBUTED", "critical")
    for name in ("distributed", "tornado.application", "bokeh"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
