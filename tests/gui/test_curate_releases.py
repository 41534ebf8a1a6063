"""The panel Releases: history, comparing, going back, files of every kind, verifying; people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox

from app.curate import approving, exchange, people, release_file, releases
from app.curate.store import Store
from tests.gui.small_store import asked, heard, made_session, until
from tests.unit.small_curation import ARTIST, CURATOR, NAME, newest, opened, proposed
from widgets import theme
from widgets.curate.comparison import Comparer
from widgets.curate.people_dialog import PeopleDialog
from widgets.curate.releases_panel import ReleasesPanel
from widgets.curate.session import CurateSession
from widgets.curate.store_thread import StoreThread


def fill(store: Store) -> None:
    made = proposed(store, {30: 1.0, 8: 0.5}, title="Nose tip on the tip")
    approving.approve(store, CURATOR, made.number, "agreed on Monday")


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[CurateSession]:
    theme.apply(qapp)
    with made_session(qapp, tmp_path / "own.store", fill) as session:
        yield session


@pytest.fixture
def panel(session: CurateSession) -> Iterator[ReleasesPanel]:
    panel = ReleasesPanel(session, Comparer(session))
    panel.show()
    panel.show_topology(NAME)
    until(lambda: panel.release is not None and panel.release.topology == NAME)
    yield panel
    panel.close()
    panel.deleteLater()


def test_the_history_stands_newest_first_with_its_change_log(panel: ReleasesPanel) -> None:
    assert panel.release is not None
    log = panel.log.toPlainText()
    assert "Nose tip on the tip" in log and "agreed on Monday" in log
    assert "nose tip: moved" in log and panel.release.hash in log
    assert panel.list.count() == panel.release.number - panel._history[0].number + 1
    panel.list.setCurrentRow(1)
    assert "comes with the program" in panel.log.toPlainText()


def test_two_releases_are_compared_the_older_as_before(
    panel: ReleasesPanel, session: CurateSession
) -> None:
    assert panel.release is not None
    panel.list.setCurrentRow(1)
    panel.other.setCurrentIndex(0)
    panel.compare_button.click()
    until(lambda: session.shown is not None)
    assert session.shown is not None
    assert session.shown.before.version < session.shown.after.version
    assert session.shown.before.landmarks[30] != session.shown.after.landmarks[30]


def test_going_back_is_a_new_release_and_only_for_curators(
    panel: ReleasesPanel, session: CurateSession
) -> None:
    assert not panel.back_button.isEnabled()
    panel.list.setCurrentRow(1)
    old = panel.release
    assert old is not None and panel.back_button.isEnabled()
    session.set_person(ARTIST)
    assert not panel.back_button.isEnabled()
    session.set_person(CURATOR)
    panel.go_back("")
    until(lambda: panel.list.count() == 3)
    again = asked(session, newest)
    assert again.version == old.number + 2
    before = asked(session, lambda s: releases.content(s.db, old))
    assert again.landmarks == before.landmarks
    assert panel.release is not None and panel.release.number == old.number


def test_a_release_is_edited_unless_edits_are_open(
    panel: ReleasesPanel, session: CurateSession
) -> None:
    panel.edit_button.click()
    until(lambda: session.editing is not None)
    assert session.editing is not None and panel.release is not None
    assert session.editing.release.number == panel.release.number


@pytest.mark.parametrize("name", ["json", "npz", "obj", "coco", "text"])
def test_every_format_without_blender_is_written_and_read_back_as_edits(
    panel: ReleasesPanel, session: CurateSession, tmp_path: Path, name: exchange.Name
) -> None:
    path = tmp_path / f"points{exchange.FORMATS[name].suffix}"
    assert panel.release is not None
    panel.files.export(panel.release, name, path)
    until(lambda: heard(session))
    assert path.is_file() and heard(session)[0][0] == "info"
    assert "points" in heard(session)[0][1]
    panel.files.import_as_edits(panel.release, path)
    until(lambda: session.document is not None)
    assert session.document is not None
    if name != "text":
        assert not session.document.changes().ids


def test_a_file_that_cannot_be_read_fails_its_job_with_the_reason(
    panel: ReleasesPanel, session: CurateSession, tmp_path: Path
) -> None:
    path = tmp_path / "points.npz"
    path.write_bytes(b"nothing of the kind")
    assert panel.release is not None
    panel.files.import_as_edits(panel.release, path)
    until(lambda: session.jobs.jobs and session.jobs.jobs[-1].state == "failed")
    assert session.jobs.jobs[-1].reason.startswith("points.npz:")
    assert session.document is None


def test_releases_are_sent_and_taken_in(
    panel: ReleasesPanel, session: CurateSession, tmp_path: Path
) -> None:
    path = tmp_path / "five.release"
    assert panel.release is not None
    panel.files.send(panel.release, path)
    until(lambda: heard(session))
    with opened(tmp_path / "other.store") as store:
        made = release_file.take_in(store, CURATOR, release_file.read(path))
    assert [one.hash for one in made] == [panel.release.hash]


def test_verify_says_that_all_is_well_or_what_was_altered(
    panel: ReleasesPanel, session: CurateSession
) -> None:
    panel.verify_button.click()
    until(lambda: heard(session))
    assert heard(session)[-1][1].startswith("Nothing was altered")
    with sqlite3.connect(session.path) as raw:
        raw.execute("UPDATE person SET curator = 1 WHERE name = ?", (ARTIST,))
    raw.close()
    panel.verify_button.click()
    until(lambda: heard(session)[-1][0] == "error")
    assert ARTIST in heard(session)[-1][1]


def test_roles_are_given_by_curators_and_refusals_told(
    qapp: QApplication, session: CurateSession
) -> None:
    dialog = PeopleDialog(StoreThread(session.path), CURATOR)
    dialog.show()
    until(lambda: dialog.table.rowCount() == 2)
    dialog.name.setText("Dora")
    dialog.add_button.click()
    until(lambda: dialog.table.rowCount() == 3)
    assert asked(session, lambda s: people.is_curator(s.db, "Dora"))
    dialog.own.click()
    until(lambda: asked(session, lambda s: people.self_approval(s.db)))
    dialog.person = ARTIST
    role = dialog.table.cellWidget(0, 1)
    assert isinstance(role, QComboBox)
    role.setCurrentIndex(1)
    role.activated.emit(1)
    until(lambda: dialog.problem.isVisible())
    assert "only a curator" in dialog.problem.text().casefold()
    dialog.reject()
    dialog.deleteLater()
