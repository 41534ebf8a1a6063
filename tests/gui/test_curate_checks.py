"""The panel of checks: what is wrong is found after an edit, shown, and put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from app.curate.checks import Finding
from app.curate.moving import Nudge
from app.topology.identity import ids_of
from tests.gui.curate_desk import made_session, opened, until
from widgets.curate.checks_panel import ChecksPanel
from widgets.curate.session import CurateSession


@pytest.fixture(scope="module")
def made(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CurateSession, ChecksPanel]]:
    with made_session(tmp_path_factory.mktemp("store")) as session:
        panel = ChecksPanel(session)
        yield session, panel
        panel.close_pool()
        panel.deleteLater()


@pytest.fixture
def panel(made: tuple[CurateSession, ChecksPanel]) -> ChecksPanel:
    session, panel = made
    opened(session, "dense-520")
    panel.run()
    until(lambda: panel.current)
    return panel


def nudged(panel: ChecksPanel, row: int, length: float) -> str:
    session = panel._session
    assert session.topology is not None
    key = ids_of(session.topology)[row]
    assert session.do(Nudge((key,), (0.0, 0.0, 1.0), length))
    until(lambda: panel.current)
    return key


def of_kind(panel: ChecksPanel, kind: str) -> list[Finding]:
    return [finding for finding in panel.findings if finding.kind == kind]


def test_a_release_is_sound(panel: ChecksPanel) -> None:
    assert panel.findings == () and panel.summary.text() == "Nothing is wrong."
    assert panel.tree.topLevelItemCount() == 0 and not panel.fix.isEnabled()


def test_a_moved_landmark_of_the_68_is_found_shown_and_put_right(panel: ChecksPanel) -> None:
    told: list[object] = []
    panel.jump.connect(told.append)
    key = nudged(panel, 30, 0.003)
    assert [finding.ids for finding in of_kind(panel, "moved")] == [(key,)]
    while not told or told[-1] != (key,) or panel._current() not in of_kind(panel, "moved"):
        panel.next_finding()
    assert panel.fix.isEnabled()
    panel.fix.click()
    until(lambda: panel.current)
    assert not of_kind(panel, "moved")
    document = panel._session.document
    assert document is not None and document.topology == document.base


def test_all_of_a_kind_are_fixed_as_one_step(panel: ChecksPanel) -> None:
    session = panel._session
    for row in (30, 33, 8):
        nudged(panel, row, 0.002)
    moved = of_kind(panel, "moved")
    assert len(moved) == 3 and session.document is not None
    while panel._current() not in moved:
        panel.next_finding()
    steps = len(session.document.history[0])
    panel.fix_all.click()
    until(lambda: panel.current)
    assert not of_kind(panel, "moved")
    assert len(session.document.history[0]) == steps + 1


def test_a_wider_bound_finds_less(panel: ChecksPanel) -> None:
    session = panel._session
    assert session.document is not None
    session.look(replace(session.document.view, mirrored=False))
    nudged(panel, 48, 0.0009)
    assert of_kind(panel, "mirror")
    panel.mirror.set_value(2.0)
    panel._again()
    until(lambda: panel.current)
    assert not of_kind(panel, "mirror")
    panel.mirror.set_value(0.1)
