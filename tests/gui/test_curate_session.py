"""The session of the workspace Curate: a store on its own thread, a document, a selection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.curate import people, proposals
from app.curate import view as views
from app.curate.moving import Nudge
from app.curate.naming import Rename
from app.curate.store import Store
from app.jobs import JobList
from app.topology.identity import ids_of
from tests.gui.curate_desk import made_session, opened, until
from widgets.curate.session import CurateSession
from widgets.curate.shown import Comparison


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[CurateSession]:
    with made_session(tmp_path) as made:
        yield made


def test_the_store_tells_of_its_topologies_and_a_release_is_opened(session: CurateSession) -> None:
    assert {"ibug-68", "dense-520", "dense-1001"} <= set(session.known.topologies)
    opened(session)
    assert session.topology is not None and len(session.topology) == 68
    assert session.editing is not None and session.editing.writable
    assert not session.unsaved


def test_edits_are_undone_and_what_cannot_be_done_is_told(session: CurateSession) -> None:
    opened(session)
    assert session.topology is not None and session.document is not None
    before, key = session.topology, ids_of(session.topology)[30]
    told: list[tuple[str, str]] = []
    session.said.connect(lambda *said: told.append(said))
    assert session.do(Nudge((key,), (0.0, 0.0, 1.0)))
    assert session.unsaved and session.topology != before
    assert session.undo() and session.topology == before and not session.unsaved
    assert session.redo()
    session.look(views.lock(session.document.view, [key]))
    assert not session.do(Nudge((key,), (0.0, 0.0, 1.0)))
    assert told == [("warning", told[0][1])] and "locked" in told[0][1]


def test_a_selection_names_landmarks_that_are_there(session: CurateSession) -> None:
    opened(session)
    assert session.topology is not None
    ids = ids_of(session.topology)
    session.select([ids[4], ids[2]], ids[4])
    assert session.current == ids[4] and session.ordered_selection() == (ids[2], ids[4])
    session.select([ids[2]])
    assert session.current == ids[2]
    session.show(Comparison(session.topology, session.topology))
    opened(session, "dense-243")
    assert not session.selection and session.current is None and session.shown is None


def test_a_draft_is_saved_over_and_proposed_then_only_looked_at(session: CurateSession) -> None:
    opened(session)
    assert session.topology is not None
    key = ids_of(session.topology)[30]
    session.do(Rename(key, "tip of the nose"))
    session.save_draft("Nose tip")
    until(lambda: not session.unsaved)
    assert session.editing is not None and session.editing.proposal is not None
    assert session.editing.proposal.state == "draft"
    number = session.editing.proposal.number
    session.do(Nudge((key,), (0.0, 0.0, 1.0)))
    session.propose("Nose tip", "it sat too low")
    until(lambda: bool(session.editing and not session.editing.writable))
    assert session.editing.proposal.number == number
    assert session.editing.proposal.state == "proposed"
    assert not session.do(Nudge((key,), (0.0, 0.0, 1.0)))
    moved = session.topology
    session.open_release("ibug-68")
    until(lambda: session.editing is not None and session.editing.proposal is None)
    session.open_proposal(number)
    until(lambda: session.editing is not None and session.editing.proposal is not None)
    assert session.topology == moved and session.document is not None
    assert session.document.clean


def test_proposing_nothing_is_told_and_leaves_a_draft(session: CurateSession) -> None:
    opened(session)
    told: list[str] = []
    session.said.connect(lambda _, text: told.append(text))
    session.propose("Nothing")
    until(lambda: bool(told))
    assert "no edits" in told[0]
    assert session.editing is not None and session.editing.proposal is not None
    assert session.editing.proposal.state == "draft" and session.editing.writable


def test_what_others_write_is_seen(session: CurateSession, tmp_path: Path) -> None:
    session.watch(True)
    until(lambda: session._version is not None)
    with Store(tmp_path / "a.store") as other:
        people.appoint(other.db, "Cleo", True, "Cleo")
    until(lambda: any(p.name == "Cleo" for p in session.known.everybody))
    assert not session.curator
    session.set_person("Cleo")
    assert session.curator


def test_a_draft_of_somebody_else_is_not_written(session: CurateSession, tmp_path: Path) -> None:
    opened(session)
    assert session.topology is not None
    session.do(Rename(ids_of(session.topology)[30], "tip of the nose"))
    session.save_draft("Nose tip")
    until(lambda: not session.unsaved)
    session.set_person("Ben")
    told: list[str] = []
    session.said.connect(lambda _, text: told.append(text))
    assert not session.do(Rename(ids_of(session.topology)[30], "nose"))
    assert "Ana" in told[0]


def test_a_store_that_cannot_be_opened_is_told(qapp: QApplication, tmp_path: Path) -> None:
    bad = tmp_path / "bad.store"
    bad.write_bytes(b"no store at all" * 100)
    session = CurateSession(JobList(), path=bad, person="Ana")
    told: list[tuple[str, str]] = []
    session.said.connect(lambda *said: told.append(said))
    session.open_release("ibug-68")
    until(lambda: bool(told))
    assert told[0][0] == "error" and "bad.store" in told[0][1]
    assert not session.busy and session.document is None
    session.close()


def test_the_database_is_used_by_its_own_thread_alone(session: CurateSession) -> None:
    opened(session)
    asked: list[int] = []
    session.ask(lambda store: len(proposals.releases.names(store.db)), asked.append)
    until(lambda: bool(asked))
    assert asked[0] >= 4
