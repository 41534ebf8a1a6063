"""Memory that numpy fills and Qt reads, for calls that take many lines or pieces at once.

Shiboken remembers wrappers by address, over all threads. So memory that was wrapped is never given
back but lent again: a freed one could turn up with another type while its wrapper is still known.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import shiboken6
from numpy.typing import NDArray

LEAST: Final = 2048
"""Elements of the smallest array."""


class QtArrays:
    """Arrays of one of Qt's types that consists of doubles alone.

    Parameters
    ----------
    kind : type
        As `PySide6.QtCore.QLineF`.
    fields : int
        Doubles of an element.
    """

    def __init__(self, kind: type, fields: int) -> None:
        self._kind, self._fields = kind, fields
        self._lock = threading.Lock()
        self._free: list[tuple[NDArray[np.float64], Any]] = []

    @contextmanager
    def lent(self, count: int) -> Iterator[tuple[NDArray[np.float64], Any]]:
        """Room for some elements, shape (count, fields), and the first of them as Qt takes it."""
        memory, first = self._taken(count)
        try:
            yield memory[:count], first
        finally:
            with self._lock:
                self._free.append((memory, first))

    def _taken(self, count: int) -> tuple[NDArray[np.float64], Any]:
        with self._lock:
            for k, (memory, _) in enumerate(self._free):
                if len(memory) >= count:
                    return self._free.pop(k)
        size = LEAST
        while size < count:
            size *= 2
        memory = np.zeros((size, self._fields))
        return memory, shiboken6.wrapInstance(memory.ctypes.data, self._kind)
