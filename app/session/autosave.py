"""Autosave: every unsaved change lies in a recovery file within two seconds.

Each running window has a file of its own in ``config_dir()/recovery`` and holds a lock beside it
for as long as it lives. A file whose lock can be taken was left by a crash.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from app.files import read_bytes, write_bytes
from app.paths import config_dir
from app.session.document import Document
from app.session.session_file import SIZE_LIMIT, SUFFIX, Session, SessionError, decode, encode

log = logging.getLogger(__name__)

DELAY_MS = 700


@dataclass(frozen=True)
class _Note:
    """``path`` is the session file that was open, "" for a scene that was never saved."""

    time: str
    path: str = ""


@dataclass(frozen=True)
class _Noted:
    recovery: _Note


@dataclass(frozen=True)
class Recovered:
    """What a crashed window left: the work, when it was last written, and its session file."""

    file: Path
    session: Session
    time: datetime
    path: Path | None


def recovery_dir() -> Path:
    folder = config_dir() / "recovery"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def left_behind(folder: Path) -> list[Recovered]:
    """Work of windows that are gone, newest first.

    A file that can't be understood, one of a newer version for instance, is set aside as ``.bak``.
    """
    found = []
    for file in folder.glob(f"*{SUFFIX}"):
        lock = _lock(file)
        if not lock.tryLock(0):
            continue
        lock.unlock()
        try:
            data = read_bytes(file, SIZE_LIMIT)
            note = msgspec.json.decode(data, type=_Noted).recovery
            found.append(
                Recovered(
                    file,
                    decode(data),
                    datetime.fromisoformat(note.time),
                    Path(note.path) if note.path else None,
                )
            )
        except OSError as problem:
            log.warning("%s can't be read: %s", file, problem)
        except (ValueError, RecursionError, msgspec.MsgspecError, SessionError) as problem:
            aside = file.with_name(f"{file.name}.bak")
            log.warning("%s is set aside as %s: %s", file, aside.name, problem)
            with contextlib.suppress(OSError):
                file.replace(aside)
            discard(file)
    return sorted(found, key=lambda one: one.time, reverse=True)


def discard(file: Path) -> None:
    for name in (file, _lock_name(file)):
        with contextlib.suppress(OSError):
            name.unlink(missing_ok=True)


def _lock_name(file: Path) -> Path:
    return file.with_suffix(".lock")


def _lock(file: Path) -> QLockFile:
    lock = QLockFile(str(_lock_name(file)))
    lock.setStaleLockTime(0)
    return lock


class Autosave(QObject):
    """Writes the document to this window's recovery file a moment after each change.

    The file is gone as long as there is nothing unsaved. Files are written on a thread of its
    own, so a slow disk holds nobody up.

    Parameters
    ----------
    session : callable
        Gives the session as it would be saved now.
    path : callable
        Gives the session file that is open, or None.

    Signals
    -------
    failed : str
        Once, when the recovery file can't be written; again only after it worked in between.
    """

    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        session: Callable[[], Session],
        path: Callable[[], Path | None],
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._session, self._path = document, session, path
        self.file = folder / f"{uuid.uuid4().hex}{SUFFIX}"
        self._lock = _lock(self.file)
        self._lock.tryLock(0)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="autosave")
        self._failing = False
        self.enabled = True
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._save)
        document.scene_changed.connect(self.schedule)
        document.undo_stack.cleanChanged.connect(self.schedule)

    def schedule(self) -> None:
        """Write soon; a change that follows does not put it off."""
        if not self._timer.isActive():
            self._timer.start()

    def _save(self) -> None:
        if not self.enabled or self._document.undo_stack.isClean():
            self._writer.submit(self.file.unlink, missing_ok=True)
            return
        path = self._path()
        note = _Note(datetime.now().isoformat(timespec="seconds"), str(path) if path else "")
        self._writer.submit(self._write, self._session(), note)

    def _write(self, session: Session, note: _Note) -> None:
        try:
            write_bytes(self.file, encode(session, recovery=msgspec.to_builtins(note)))
            self._failing = False
        except OSError as error:
            if not self._failing:
                self._failing = True
                self.failed.emit(f"Autosave can't write: {error.strerror or error}.")

    def close(self, *, keep: bool = False) -> None:
        """End. A clean exit leaves nothing behind; with ``keep`` unsaved work is, for next time."""
        pending = self._timer.isActive()
        self._timer.stop()
        if keep and pending:
            self._save()
        self._writer.shutdown(wait=True)
        if not keep:
            with contextlib.suppress(OSError):
                self.file.unlink(missing_ok=True)
        self._lock.unlock()
