"""Drafts that outlive a crash: each editor keeps one file, with a lock for as long as it lives."""

from __future__ import annotations

import contextlib
import logging
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.curate.draft_file import SIZE_LIMIT, Draft, DraftError, decode, encode
from app.file_lock import FileLock
from app.files import read_bytes, write_bytes
from app.paths import config_dir

log = logging.getLogger(__name__)

SUFFIX: Final = ".draft"


def recovery_dir() -> Path:
    """Where drafts are kept for the next start."""
    folder = config_dir() / "recovery-curate"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Keeper:
    """Keeps the draft of one editor on disk.

    Its functions may be called from any one thread; none of them waits for another program.

    Parameters
    ----------
    folder : Path
        See `recovery_dir`.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"{uuid.uuid4().hex}{SUFFIX}"
        self._lock = FileLock.taken(_lock_of(self.file))

    def keep(self, draft: Draft) -> None:
        """Write the draft; a failure leaves the one before.

        Raises
        ------
        OSError
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        write_bytes(self.file, encode(replace(draft, saved=now)))

    def forget(self) -> None:
        """There is nothing unsaved any more."""
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)

    def close(self, *, keep: bool = False) -> None:
        """End; with ``keep`` the draft is found by the next start."""
        if not keep:
            self.forget()
        if self._lock is not None:
            self._lock.release()
            self._lock = None


@dataclass(frozen=True)
class Recovered:
    """What an editor that is gone has left."""

    file: Path
    draft: Draft


def left_behind(folder: Path) -> list[Recovered]:
    """Drafts of editors that are gone, newest first.

    A file that cannot be understood is set aside as ``.bak``.
    """
    found = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            lock = FileLock.taken(_lock_of(file))
        except OSError as problem:
            log.warning("%s cannot be looked at: %s", file, problem)
            continue
        if lock is None:
            continue
        lock.release()
        try:
            found.append(Recovered(file, decode(read_bytes(file, SIZE_LIMIT))))
        except OSError as problem:
            log.warning("%s cannot be read: %s", file, problem)
        except DraftError as problem:
            aside = file.with_name(f"{file.name}.bak")
            log.warning("%s is set aside as %s: %s", file, aside.name, problem)
            with contextlib.suppress(OSError):
                file.replace(aside)
    return sorted(found, key=lambda one: one.draft.saved, reverse=True)


def discard(recovered: Recovered) -> None:
    """Throw away what was left."""
    for file in (recovered.file, _lock_of(recovered.file)):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def _lock_of(file: Path) -> Path:
    return file.with_suffix(".lock")
