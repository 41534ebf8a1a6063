"""The files of a recording: their names, that they belong to it alone, and their rescue."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from app.file_lock import FileLock
from inference.live.recording_tables import finish_lines, finish_parquet
from inference.live.recording_video import finish_video, partial_times, partial_video
from inference.predictions import unfinished

Tell = Callable[[str], None]
"""Takes one line for people."""


class Format(StrEnum):
    """What is written; the value is the file's suffix."""

    VIDEO = "mp4"
    LINES = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class RecordingError(Exception):
    """Why nothing can be recorded, in one line."""


def unused(folder: Path, name: str) -> tuple[Path, FileLock]:
    """A stem of which there is no file yet, kept for this recording.

    Raises
    ------
    OSError
    RecordingError
    """
    if not name or Path(name).name != name or name.startswith("."):
        raise RecordingError(f"{name!r} is no name of a file")
    for number in range(1, 10_000):
        stem = folder / (name if number == 1 else f"{name}-{number}")
        targets = [target_of(stem, kind) for kind in Format]
        taken = [p for t, k in zip(targets, Format, strict=True) for p in (t, *_partial(t, k))]
        if not any(p.exists() for p in taken):
            lock = FileLock.taken(stem.with_name(f".{stem.name}.recording"))
            if lock is not None:
                return stem, lock
    raise RecordingError(f"{folder}: there are too many recordings called {name}")


def target_of(stem: Path, kind: Format) -> Path:
    """Name of one file of a recording."""
    return stem.with_name(f"{stem.name}.{kind}")


def _partial(target: Path, kind: Format) -> tuple[Path, ...]:
    if kind is Format.VIDEO:
        return partial_video(target), partial_times(target)
    return (unfinished(target),)


def rescue(folder: Path, tell: Tell = lambda _: None) -> tuple[Path, ...]:
    """Finish what recordings left behind that were ended by force; those that run are left alone.

    Returns
    -------
    tuple of Path
        The files that were made.
    """
    made: list[Path] = []
    for lock_file in sorted(folder.glob(".*.recording")):
        stem = lock_file.with_name(lock_file.name.removeprefix(".").removesuffix(".recording"))
        lock = FileLock.taken(lock_file)
        if lock is None:
            continue
        for kind, finish in (
            (Format.VIDEO, finish_video),
            (Format.LINES, finish_lines),
            (Format.CSV, finish_lines),
            (Format.PARQUET, finish_parquet),
        ):
            target = target_of(stem, kind)
            if not any(p.exists() for p in _partial(target, kind)):
                continue
            try:
                done = finish(target)
            except Exception as problem:
                tell(f"{target}: the rest of a recording could not be read: {said(problem)}")
                continue
            if done is not None:
                made.append(done)
        lock.release()
    return tuple(made)


def said(problem: Exception) -> str:
    """What went wrong, in a line."""
    text = problem.strerror if isinstance(problem, OSError) else str(problem)
    return " ".join(str(text or type(problem).__name__).split())[:200]
