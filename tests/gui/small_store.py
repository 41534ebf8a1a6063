"""A session of the workspace Curate over a store of its own, for tests."""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from app.curate.store import Store
from app.jobs import JobList
from tests.unit.small_curation import CURATOR, opened
from widgets.curate.session import CurateSession


@contextmanager
def made_session(
    application: QApplication,
    path: Path,
    fill: Callable[[Store], object] | None = None,
    person: str = CURATOR,
) -> Iterator[CurateSession]:
    """A session over a store whose curator is Cleo, after ``fill``; what it says is in `heard`."""
    if fill is not None:
        path.write_bytes(_filled(fill))
    else:
        opened(path).close()
    jobs = JobList()
    session = CurateSession(jobs, path=path, person=person)
    said: list[tuple[str, str]] = []
    session.said.connect(lambda level, text: said.append((level, text)))
    session.heard = said  # type: ignore[attr-defined]
    known: list[object] = []
    session.store_changed.connect(lambda: known.append(1))
    session.refresh()
    until(lambda: known)
    try:
        yield session
    finally:
        session.close()
        jobs.stop()
        session.deleteLater()
        application.processEvents()


@functools.cache
def _filled(fill: Callable[[Store], object]) -> bytes:
    """A store's file after ``fill``, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "filled.store"
        with opened(path) as store:
            fill(store)
        return path.read_bytes()


def heard(session: CurateSession) -> list[tuple[str, str]]:
    """Everything that the session has said."""
    found: list[tuple[str, str]] = session.heard  # type: ignore[attr-defined]
    return found


def until(happened: Callable[[], object], seconds: float = 60.0) -> None:
    """Let events come in until it has happened, or fail."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        QApplication.processEvents()
        time.sleep(0.002)


def asked(session: CurateSession, work: Callable[[Store], Any]) -> Any:
    """What the store says, waited for."""
    found: list[Any] = []
    session.ask(work, found.append)
    until(lambda: found)
    return found[0]
