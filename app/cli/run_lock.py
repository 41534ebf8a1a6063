"""One run at a time in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(ValueError):
    """Another run is at work in the folder; the message is one line."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder that is there; one that was killed keeps nobody out.

    Raises
    ------
    LockedError
        When another one is at work in it.
    OSError
        When the folder cannot be written.
    """
    from PySide6.QtCore import QLockFile

    lock = QLockFile(str(folder / ".lock"))
    lock.setStaleLockTime(0)
    if not lock.tryLock(0):
        if lock.error() is QLockFile.LockError.LockFailedError:
            raise LockedError(
                f"another run is at work in {folder}: wait for its end, stop it, or name another"
            )
        raise PermissionError(13, "cannot be written", str(folder))
    try:
        yield
    finally:
        lock.unlock()
