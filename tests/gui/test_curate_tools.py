"""The panel of tools: what its buttons do to the topology."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from app.curate.moving import Nudge
from app.topology.identity import ids_of
from tests.gui.curate_desk import made_session, opened
from widgets.curate.edit_commands import EditCommands
from widgets.curate.ground import mean_ground
from widgets.curate.scene_view import SceneView
from widgets.curate.session import CurateSession
from widgets.curate.tools_panel import ToolsPanel

CORNER = 48


@pytest.fixture(scope="module")
def made(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CurateSession, ToolsPanel]]:
    with made_session(tmp_path_factory.mktemp("store")) as session:
        scene = SceneView(session)
        scene.set_ground(mean_ground())
        panel = ToolsPanel(session, scene)
        yield session, panel
        panel.deleteLater()
        scene.shut_down()
        scene.deleteLater()


@pytest.fixture
def panel(made: tuple[CurateSession, ToolsPanel]) -> ToolsPanel:
    session, panel = made
    opened(session)
    return panel


def press(panel: ToolsPanel, text: str) -> None:
    buttons = [b for b in panel.findChildren(QPushButton) if b.text() == text]
    assert len(buttons) == 1 and buttons[0].isEnabled(), text
    buttons[0].click()


def chosen(panel: ToolsPanel, *rows: int) -> CurateSession:
    session = panel._session
    assert session.topology is not None
    keys = ids_of(session.topology)
    session.select([keys[row] for row in rows], keys[rows[0]])
    return session


def undo_text(session: CurateSession) -> str:
    assert session.document is not None
    return session.document.undo_text


def test_buttons_wait_for_what_they_need(panel: ToolsPanel) -> None:
    relax = next(b for b in panel.findChildren(QPushButton) if b.text() == "Relax")
    even = next(b for b in panel.findChildren(QPushButton) if b.text() == "Spread evenly")
    panel._session.select([])
    assert not relax.isEnabled() and not even.isEnabled()
    chosen(panel, CORNER)
    assert relax.isEnabled() and not even.isEnabled()


def test_snap_mirror_and_relax_act_on_what_is_chosen(panel: ToolsPanel) -> None:
    session = chosen(panel, CORNER)
    press(panel, "Vertex")
    assert session.topology is not None
    assert max(session.topology.landmarks[CORNER].weights) == 1.0
    panel._set_mirrored(False)
    session.do(Nudge(session.ordered_selection(), (0.0, 0.0, 1.0), 0.002))
    one, other = (np.array(session.topology.landmarks[i].mean) for i in (CORNER, 54))
    assert not np.allclose(one * [-1, 1, 1], other, atol=1e-4)
    press(panel, "Mirror to the other side")
    one, other = (np.array(session.topology.landmarks[i].mean) for i in (CORNER, 54))
    assert np.allclose(one * [-1, 1, 1], other, atol=2e-6)
    panel.turns.set_value(3)
    press(panel, "Relax")
    assert undo_text(session) == "Relax 1 landmark"


def test_points_are_assigned_parts_closed_renamed_and_resampled(panel: ToolsPanel) -> None:
    session = chosen(panel, 30)
    panel.part.setCurrentText("centre")
    press(panel, "Assign")
    assert session.topology is not None
    assert session.topology.parts[-1].name == "centre"
    panel.part.setCurrentText("jaw")
    panel.part_count.set_value(21)
    press(panel, "Resample to")
    jaw = next(part for part in session.topology.parts if part.name == "jaw")
    assert len(jaw.landmarks) == 21
    press(panel, "Close")
    assert next(part for part in session.topology.parts if part.name == "jaw").closed
    panel.new_name.setText("chin line")
    press(panel, "Rename to")
    assert any(part.name == "chin line" for part in session.topology.parts)
    press(panel, "Choose all")
    assert len(session.selection) == 21


def test_rounds_are_made_step_by_step(panel: ToolsPanel) -> None:
    session = panel._session
    press(panel, "Add the outline")
    assert session.topology is not None
    first = len(session.topology)
    press(panel, "Add a round")
    assert len(session.topology) > first > 68
    session.undo()
    session.undo()
    assert len(session.topology) == 68


def test_commands_act_on_what_is_chosen(panel: ToolsPanel) -> None:
    session = chosen(panel, CORNER)
    edits = EditCommands(session)
    document = session.document
    assert document is not None
    keys = ids_of(document.topology)
    edits.do("select_mirror")
    assert session.selection == {keys[54]}
    edits.do("select_part")
    assert keys[54] in session.selection and len(session.selection) > 5
    edits.do("select_all")
    edits.do("invert")
    assert not session.selection
    chosen(panel, 36, 37)
    edits.do("split")
    assert len(document.topology) == 70
    session.undo()
    chosen(panel, 61, 62)
    edits.do("merge")
    assert len(document.topology) < 68
    session.undo()
    session.do(Nudge((keys[CORNER],), (0.0, 0.0, 1.0), 0.003))
    chosen(panel, CORNER, 54)
    edits.do("put_back")
    assert document.topology == document.base
    chosen(panel, CORNER)
    edits.do("lock")
    edits.do("solo")
    assert document.view.locked == {keys[CORNER]} == document.view.solo
    edits.do("show_all")
    edits.do("unlock")
    assert not document.view.locked and not document.view.solo
    assert not edits.do("no such command")
