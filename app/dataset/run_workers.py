"""The processes that make pictures: Dask's, on this machine or on others."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from app.dataset.spec import SpecError

ONE_CORE: Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LP_NUM_THREADS": "0",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
"""Environment of a worker, so that it keeps to one core.

LP_NUM_THREADS is llvmpipe's number of threads beside its own (software OpenGL).
"""

START_SECONDS: Final = 30

Heard = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Workers:
    """Where tasks go.

    Attributes
    ----------
    client : distributed.Client
    count : int
        Workers at the start.
    """

    client: Any
    count: int


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
        "distributed.nanny.pre-spawn-environ": ONE_CORE,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.target": False,
        "distributed.worker.profile.enabled": False,
        "distributed.comm.timeouts.connect": "30s",
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        _client(cluster, topic, heard, died) as client,
    ):
        client.wait_for_workers(count, timeout=120)
        yield Workers(client, count)


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
            yield Workers(client, count)
    except (OSError, ValueError) as problem:
        if isinstance(problem, SpecError):
            raise
        raise SpecError(f"No scheduler answers at {address}: {problem}") from None


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
