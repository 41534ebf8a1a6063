"""The one funnel for what people should know: errors, warnings, plain news.

Uncaught exceptions of the main thread and of all others, Qt's messages and failed jobs end here.
Whoever shows them (the window's toasts, a log) listens; listeners are called on the thread that
posted.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Literal

from app.listeners import Listeners

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Notice:
    """``text`` is one line for people, ``detail`` the rest (a traceback, say).

    ``count`` tells how often the same was posted in a row; ``number`` names the notice, so that
    a repeated one can replace the earlier.
    """

    number: int
    level: Level
    text: str
    detail: str = ""
    count: int = 1
    time: datetime = field(default_factory=datetime.now)


Listener = Callable[[Notice], None]


class Notifications:
    """The list of notices; safe to use from any thread.

    Parameters
    ----------
    limit : int
        How many are kept; the oldest go first.
    """

    def __init__(self, limit: int = 200) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._notices: list[Notice] = []
        self._listeners: Listeners[[Notice]] = Listeners()
        self._next = 1

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Oldest first."""
        with self._lock:
            return tuple(self._notices)

    def post(self, level: Level, text: str, detail: str = "") -> Notice:
        """Add a notice; the same one twice in a row is counted, not added again."""
        text = " ".join(text.split()) or "Something went wrong."
        with self._lock:
            last = self._notices[-1] if self._notices else None
            if last is not None and (last.level, last.text) == (level, text):
                notice = replace(
                    last, count=last.count + 1, detail=detail or last.detail, time=datetime.now()
                )
                self._notices[-1] = notice
            else:
                notice = Notice(self._next, level, text, detail)
                self._next += 1
                self._notices.append(notice)
                del self._notices[: -self._limit]
        self._listeners.tell(notice)
        return notice

    def info(self, text: str, detail: str = "") -> Notice:
        return self.post("info", text, detail)

    def warning(self, text: str, detail: str = "") -> Notice:
        return self.post("warning", text, detail)

    def error(self, text: str, detail: str = "") -> Notice:
        return self.post("error", text, detail)

    def clear(self) -> None:
        with self._lock:
            self._notices.clear()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every notice from now on; the function returned ends that."""
        return self._listeners.add(listener)


def catch_exceptions(notifications: Notifications) -> Callable[[], None]:
    """Post uncaught exceptions of every thread; the function returned puts the old hooks back."""
    old_hook, old_thread_hook = sys.excepthook, threading.excepthook

    def report(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        detail = "".join(traceback.format_exception(kind, error, trace))
        print(detail, file=sys.stderr, end="")
        notifications.error(f"Unexpected error: {kind.__name__}: {error}", detail)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            old_hook(kind, error, trace)
        else:
            report(kind, error, trace)

    def thread_hook(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, SystemExit):
            report(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook, threading.excepthook = hook, thread_hook

    def restore() -> None:
        sys.excepthook, threading.excepthook = old_hook, old_thread_hook

    return restore
