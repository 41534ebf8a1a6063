"""Long work in the list of jobs, its result brought back to the window's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.jobs import Job, JobList, Report

log = logging.getLogger(__name__)


class _Courier(QObject):
    """Lives on the window's thread; dies with its owner, and then results are dropped."""

    arrived = Signal(object)

    def __init__(self, owner: QObject, deliver: Callable[[Any], object]) -> None:
        super().__init__(owner)
        self._deliver = deliver
        self.arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def _hand_over(self, result: object) -> None:
        self._deliver(result)
        self.deleteLater()


def listed_job(
    owner: QObject,
    jobs: JobList,
    title: str,
    task: Callable[[Report], Any],
    deliver: Callable[[Any], object],
) -> Job:
    """Run ``task`` as a job and ``deliver`` what it returns; None where it failed or was stopped.

    What goes wrong is told by the list of jobs.
    """
    courier = _Courier(owner, deliver)

    def work(report: Report) -> None:
        result = None
        try:
            result = task(report)
        finally:
            try:
                courier.arrived.emit(result)
            except RuntimeError:  # the owner is gone: no one waits for the result
                log.debug("the result of %s comes too late", title)

    return jobs.run(title, work)
