"""Releases and files: exported for other programs, sent, taken in as edits; the store verified."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject

from app.blender.client import Blender
from app.curate import audit, exchange, release_file, releases
from app.curate.draft_file import Draft
from app.curate.exchange_skin import MeanSkin
from app.curate.records import Release
from app.curate.store import Store
from app.curate.verify import Finding, verify
from app.jobs import JobError, Report
from app.topology.topology import Topology
from widgets.curate.comparison import Comparer
from widgets.curate.listed_job import listed_job
from widgets.curate.session import CurateSession
from widgets.curate.words import counted

if TYPE_CHECKING:
    from widgets.main_window import MainWindow


T = TypeVar("T")


class ReleaseFiles(QObject):
    """What is done with files; each is a job or work of the store's thread."""

    def __init__(
        self, session: CurateSession, comparer: Comparer, window: MainWindow | None
    ) -> None:
        super().__init__(session)
        self.session, self.comparer = session, comparer
        self._window = window

    def export(self, release: Release, name: exchange.Name, path: Path) -> None:
        """Write a release in a format, as a job."""
        self.session.ask(
            lambda store: releases.content(store.db, release),
            lambda topology: self._export(topology, name, path),
        )

    def _export(self, topology: Topology, name: exchange.Name, path: Path) -> None:
        def task(_: Report) -> exchange.Written:
            return _plainly(lambda: exchange.write(topology, path, name, self._workers))

        def done(written: exchange.Written | None) -> None:
            if written is not None:
                lost = f" It does not say {'; '.join(written.lost)}." if written.lost else ""
                files = ", ".join(file.name for file in written.files)
                self._say("info", f"Exported {files}.{lost}")

        listed_job(self, self.session.jobs, f"Export {path.name}", task, done)

    def import_as_edits(self, release: Release, path: Path) -> None:
        """Open what a file holds as edits of a release, to be looked at and proposed."""
        if self.session.unsaved:
            self._say("warning", "Save the open edits as a draft first, or take them back.")
            return
        self.session.ask(
            lambda store: releases.content(store.db, release), lambda base: self._read(base, path)
        )

    def _read(self, base: Topology, path: Path) -> None:
        def task(_: Report) -> exchange.Imported:
            return _plainly(lambda: exchange.read(path, self._workers, base, MeanSkin()))

        def done(found: exchange.Imported | None) -> None:
            if found is None:
                return
            if found.lost:
                self._say("info", f"{path.name} does not say {'; '.join(found.lost)}.")
            self.comparer.leave()
            self.session.open_draft(Draft(base, found.topology, title=path.stem))

        listed_job(self, self.session.jobs, f"Import {path.name}", task, done)

    def send(self, release: Release, path: Path) -> None:
        """Write a release and those that it follows from for another store."""
        name, number = release.topology, release.number
        self.session.ask(
            lambda store: release_file.send(store.db, name, number, path),
            lambda count: self._say("info", f"{path.name}: {counted(count, 'release')}."),
        )

    def verify(self) -> None:
        """Check the whole store as a job, beside whatever else is done."""
        path = self.session.path

        def task(report: Report) -> tuple[list[Finding], str]:
            def told(done: int, of: int) -> None:
                report.check()
                report.progress(f"{done} of {of} proposals", done / max(of, 1))

            with Store(path) as store:
                return verify(store.db, told=told), audit.head(store.db)

        listed_job(self, self.session.jobs, f"Verify {path.name}", task, self._verified)

    def _verified(self, result: tuple[list[Finding], str] | None) -> None:
        if result is None:
            return
        findings, head = result
        if not findings:
            self._say("info", f"Nothing was altered. Newest entry of the trail: {head}")
        for found in findings[:5]:
            self._say("error", f"{found.what}: {found.said}")
        if len(findings) > 5:
            self._say("error", f"{len(findings) - 5} more findings: main.py topology verify")

    def _workers(self) -> AbstractContextManager[Any]:
        if self._window is not None:
            return nullcontext(self._window.blender.client)
        return Blender(spare=False)

    def _say(self, level: str, text: str) -> None:
        self.session.said.emit(level, text)


def _plainly(call: Callable[[], T]) -> T:
    """What people can act on is told in one line."""
    try:
        return call()
    except exchange.ExchangeError as problem:
        raise JobError(str(problem)) from None
    except OSError as problem:
        said = problem.strerror or str(problem)
        raise JobError(f"{problem.filename or 'The file'}: {said}") from None
