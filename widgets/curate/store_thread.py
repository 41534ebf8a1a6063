"""A store on a thread of its own, so that the window never waits for it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.curate.faults import StoreError
from app.curate.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")
Failed = Callable[[str], object]


class StoreThread(QObject):
    """Asks one store, one question after the other; answers arrive in the window's thread.

    The store is opened with the first question. Where that fails every question fails with the
    reason, and the next one tries again.

    Signals
    -------
    failed : str
        One line, for questions that name nobody to be told.
    """

    failed = Signal(str)
    _arrived = Signal(object)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self._questions: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._store: Store | None = None
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="topology store", daemon=True)
        self._thread.start()

    def ask(
        self,
        work: Callable[[Store], T],
        deliver: Callable[[T], object] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Have ``work`` done with the store, then ``deliver`` called with what it returned.

        Parameters
        ----------
        failed : callable, optional
            Called with one line in place of ``deliver`` where the work raised; the signal
            ``failed`` tells it otherwise.
        """
        if not self._closed:
            self._questions.put(partial(self._answer, work, deliver, failed))

    def close(self, timeout: float = 5.0) -> bool:
        """Finish what was asked, close the store and tell nothing more; True once it has ended."""
        if not self._closed:
            self._closed = True
            self._questions.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # In the thread

    def _run(self) -> None:
        while (question := self._questions.get()) is not None:
            question()
        if self._store is not None:
            self._store.close()

    def _answer(
        self,
        work: Callable[[Store], T],
        deliver: Callable[[T], object] | None,
        failed: Failed | None,
    ) -> None:
        try:
            if self._store is None:
                self._store = Store(self.path)
            result = work(self._store)
        except StoreError as problem:
            self._tell(failed or self.failed.emit, str(problem))
        except Exception as problem:
            log.exception("work on the store failed")
            self._tell(failed or self.failed.emit, f"{type(problem).__name__}: {problem}")
        else:
            if deliver is not None:
                self._tell(deliver, result)

    def _tell(self, call: Callable[[T], object], value: T) -> None:
        if not self._closed:
            self._arrived.emit(partial(call, value))

    # In the window's thread

    def _deliver(self, call: Callable[[], object]) -> None:
        if not self._closed:
            call()
