"""The table of landmarks: exact values, search, editing by typing, and its tie to the head."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication

from app.curate import view as views
from app.curate.moving import Nudge
from app.curate.structure import Delete
from app.topology.identity import ids_of
from tests.gui.curate_desk import made_session, opened, until
from widgets.curate.session import CurateSession
from widgets.curate.table import MIRROR, NAME, NUMBER, PART, STATE, TITLES, LandmarkTable, X, Z
from widgets.curate.table_panel import TablePanel

NOSE, CORNER = 30, 48


@pytest.fixture(scope="module")
def made(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CurateSession, TablePanel]]:
    with made_session(tmp_path_factory.mktemp("store")) as session:
        panel = TablePanel(session)
        yield session, panel
        panel.deleteLater()


@pytest.fixture
def panel(made: tuple[CurateSession, TablePanel]) -> TablePanel:
    session, panel = made
    session.set_person("Ana")
    panel.search.clear()
    opened(session)
    return panel


def text(table: LandmarkTable, row: int, column: int) -> str:
    return str(table.data(table.index(row, column)))


def write(table: LandmarkTable, row: int, column: int, value: str) -> bool:
    return table.setData(table.index(row, column), value)


def test_every_landmark_has_its_exact_values(panel: TablePanel) -> None:
    table, topology = panel.model, panel._session.topology
    assert topology is not None
    assert table.rowCount() == 68 and table.columnCount() == len(TITLES)
    assert text(table, NOSE, NAME) == "nose tip" and text(table, NOSE, MIRROR) == "middle"
    assert text(table, CORNER, MIRROR) == "54" and text(table, CORNER, STATE) == "As released"
    for row in range(68):
        told = [float(text(table, row, column)) / 1000.0 for column in range(X, Z + 1)]
        assert np.allclose(told, topology.landmarks[row].mean, atol=6e-7)


def test_typing_renames_moves_assigns_and_reorders(panel: TablePanel) -> None:
    table, session = panel.model, panel._session
    assert write(table, CORNER, NAME, "right lip corner")
    assert text(table, CORNER, NAME) == "right lip corner"
    assert text(table, 54, NAME) == "left lip corner"
    before = float(text(table, CORNER, Z))
    assert write(table, CORNER, Z, f"{before + 1.5:.3f} mm")
    assert abs(float(text(table, CORNER, Z)) - before - 1.5) < 0.002
    assert text(table, CORNER, STATE) == "Moved"
    assert write(table, NOSE, PART, "tip")
    assert text(table, NOSE, PART) in ("tip", "nose bridge")
    assert session.topology is not None
    assert any(part.name == "tip" for part in session.topology.parts)
    key = table.id_at(NOSE)
    assert write(table, NOSE, NUMBER, "3")
    assert table.row_of(key) == 3 and ids_of(session.topology)[3] == key


def test_what_cannot_be_typed_is_told(panel: TablePanel) -> None:
    table, session = panel.model, panel._session
    told: list[str] = []
    session.said.connect(lambda _, line: told.append(line))
    assert not write(table, NOSE, X, "left of it")
    assert not write(table, NOSE, NUMBER, "99")
    assert not write(table, NOSE, NAME, "chin")
    assert ["no number" in told[0], "none" in told[1], "already" in told[2]] == [True] * 3
    assert not session.unsaved
    assert not table.flags(table.index(0, MIRROR)) & Qt.ItemFlag.ItemIsEditable
    assert table.flags(table.index(0, NAME)) & Qt.ItemFlag.ItemIsEditable


def test_only_rows_that_changed_are_told(panel: TablePanel) -> None:
    table, session = panel.model, panel._session
    rows: list[int] = []
    table.dataChanged.connect(lambda first, last, *_: rows.extend((first.row(), last.row())))
    session.do(Nudge((table.id_at(CORNER),), (0.0, 0.0, 1.0)))
    assert set(rows) == {CORNER, 54}


def test_landmarks_are_found_by_name_part_or_number(panel: TablePanel) -> None:
    def found() -> list[str]:
        rows = range(panel.filter.rowCount())
        return [str(panel.filter.index(row, NAME).data()) for row in rows]

    panel.search.setText("mouth corner")
    assert found() and all("mouth corner" in name for name in found())
    panel.search.setText("30")
    assert found() == ["nose tip"]
    panel.search.setText("jaw right")
    assert found() and all("jaw" in name for name in found())
    panel.search.setText("nothing like it")
    assert not found() and panel.count.text() == "0 of 68"
    panel.search.setText("nose tip")
    panel.search.returnPressed.emit()
    assert panel._session.current == panel.model.id_at(NOSE)


def test_the_selection_is_that_of_the_head_both_ways(panel: TablePanel) -> None:
    session, table = panel._session, panel.model
    session.select([table.id_at(NOSE), table.id_at(CORNER)], table.id_at(CORNER))
    chosen = panel.view.selectionModel().selectedRows()
    assert {panel.filter.mapToSource(index).row() for index in chosen} == {NOSE, CORNER}
    flags = QItemSelectionModel.SelectionFlag
    index = panel.filter.mapFromSource(table.index(8, 0))
    panel.view.selectionModel().select(index, flags.ClearAndSelect | flags.Rows)
    assert session.selection == {table.id_at(8)}
    panel.search.setText("nose")
    assert session.selection == {table.id_at(8)}  # what the search hides stays chosen


def test_rows_come_and_go_with_landmarks_and_states_follow_the_view(panel: TablePanel) -> None:
    session, table = panel._session, panel.model
    session.do(Delete((table.id_at(CORNER),)))
    assert table.rowCount() == 66
    session.undo()
    assert table.rowCount() == 68 and session.document is not None
    session.look(views.lock(session.document.view, [table.id_at(0)]))
    assert text(table, 0, STATE) == "Locked"


def test_what_is_only_looked_at_is_not_edited(panel: TablePanel, tmp_path: Path) -> None:
    session, table = panel._session, panel.model
    session.do(Nudge((table.id_at(CORNER),), (0.0, 0.0, 1.0)))
    session.save_draft("Corner")
    until(lambda: not session.unsaved)
    session.set_person("Ben")
    assert not table.flags(table.index(0, NAME)) & Qt.ItemFlag.ItemIsEditable
    assert not write(table, 0, NAME, "mine")
