"""Whoever wants to hear of something: added from any thread, called on the one that tells."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Listeners(Generic[P]):
    """A list of functions that are told the same news."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Callable[P, None]] = []

    def add(self, listener: Callable[P, None]) -> Callable[[], None]:
        """Call ``listener`` with all news from now on; the function returned ends that."""
        with self._lock:
            self._all.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._all:
                    self._all.remove(listener)

        return stop

    def tell(self, *news: P.args, **named: P.kwargs) -> None:
        with self._lock:
            everyone = tuple(self._all)
        for listener in everyone:
            listener(*news, **named)
