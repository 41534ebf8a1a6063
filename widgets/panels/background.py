"""Small work away from the window's thread, its result brought back to it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

log = logging.getLogger(__name__)


class _Courier(QObject):
    """Lives on the window's thread; dies with its owner, and then results are dropped."""

    arrived = Signal(object)

    def __init__(self, owner: QObject, deliver: Callable[[Any], None]) -> None:
        super().__init__(owner)
        self._deliver = deliver
        self.arrived.connect(self._hand_over)

    @Slot(object)
    def _hand_over(self, result: object) -> None:
        self._deliver(result)
        self.deleteLater()


class _Work(QRunnable):
    def __init__(self, work: Callable[[], Any], courier: _Courier) -> None:
        super().__init__()
        self._work, self._courier = work, courier

    def run(self) -> None:
        try:
            result = self._work()
        except Exception:
            log.exception("work in the background failed")
            result = None
        try:
            self._courier.arrived.emit(result)
        except RuntimeError:  # the owner is gone: no one waits for the result
            return


def in_background(
    owner: QObject,
    work: Callable[[], Any],
    deliver: Callable[[Any], None],
    pool: QThreadPool | None = None,
) -> None:
    """Run ``work`` in a pool and ``deliver`` its result on the window's thread.

    Work that raises is logged and delivers None; where ``owner`` is gone by then, nothing is
    delivered.
    """
    courier = _Courier(owner, deliver)
    (pool or QThreadPool.globalInstance()).start(_Work(work, courier))
