"""Keeps unsaved edits on the disk, so that a crash loses seconds at most."""

from __future__ import annotations

import logging
from typing import Final

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from app.curate.draft_file import Draft
from app.curate.recovery import Keeper, Recovered, discard, left_behind, recovery_dir
from app.topology.topology import Topology
from widgets.curate.session import CurateSession
from widgets.panels.background import in_background

log = logging.getLogger(__name__)

PAUSE_MS: Final = 1500
"""After the last edit."""


class DraftKeeper(QObject):
    """Writes the session's document to a file of its own while it holds unsaved edits.

    Signals
    -------
    found : list of Recovered
        What earlier runs have left.
    failed : str
        Once, when the edits cannot be kept.
    """

    found = Signal(object)
    failed = Signal(str)

    def __init__(self, session: CurateSession) -> None:
        super().__init__(session)
        self._session = session
        self._told = False
        self._closed = False
        self._given_up: Topology | None = None
        self._keeper: Keeper | None = None
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._keep)
        session.document_changed.connect(lambda *_: self._timer.start())
        session.state_changed.connect(self._state_changed)

    def look(self) -> None:
        """Look for what earlier runs have left."""
        in_background(self, lambda: left_behind(recovery_dir()), self._tell, self._pool)

    def drop(self, one: Recovered) -> None:
        """Throw away what was left, and look again."""
        in_background(self, lambda: discard(one), lambda _: self.look(), self._pool)

    def give_up(self) -> None:
        """The person does not want the unsaved edits; those that follow are kept again."""
        self._given_up = self._session.topology

    def close(self) -> None:
        """End; the next start finds what is unsaved and was not given up."""
        session = self._session
        keep = session.unsaved and session.topology is not self._given_up
        self._closed = True
        self._timer.stop()
        if keep:
            self._keep()
        self._pool.waitForDone(5000)
        if self._keeper is not None:
            self._keeper.close(keep=keep)

    def _tell(self, left: list[Recovered] | None) -> None:
        if left is not None and not self._closed:
            self.found.emit(left)

    def _state_changed(self) -> None:
        if not self._session.unsaved and self._keeper is not None:
            keeper = self._keeper
            self._pool.start(keeper.forget)

    def _keep(self) -> None:
        session = self._session
        document, editing = session.document, session.editing
        if document is None or editing is None or not session.unsaved or not editing.writable:
            return
        proposal = editing.proposal
        draft = Draft(
            document.base,
            document.topology,
            document.view,
            proposal.id if proposal is not None else "",
            proposal.title if proposal is not None else "",
        )
        self._pool.start(lambda: self._write(draft))

    def _write(self, draft: Draft) -> None:
        try:
            if self._keeper is None:
                self._keeper = Keeper(recovery_dir())
            self._keeper.keep(draft)
        except OSError as problem:
            log.warning("unsaved edits cannot be kept: %s", problem)
            if not self._told:
                self._told = True
                self.failed.emit(f"Unsaved edits cannot be kept on the disk ({problem.strerror}).")
