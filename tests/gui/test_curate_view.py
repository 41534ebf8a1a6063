"""The workspace Curate in the whole window: its making, commands, undo, drafts and leaving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from app.blender.client import Blender
from app.curate.draft_file import Draft
from app.curate.moving import Nudge
from app.curate.recovery import Keeper, Recovered, recovery_dir
from app.head.library import shipped
from app.jobs import JobList
from app.notify import Notifications
from app.session.settings import Settings
from app.topology.identity import ids_of
from tests.gui.curate_desk import made_session, opened, until
from widgets import theme
from widgets.curate.content import CurateContent
from widgets.curate.curate_commands import ALWAYS, COMMANDS, CONTEXT, LAYERS, MENU
from widgets.curate.draft_keeper import DraftKeeper
from widgets.curate.propose_dialog import ProposeDialog
from widgets.curate.view import CurateView
from widgets.main_window import MainWindow
from widgets.shortcuts import ShortcutDialog

pytestmark = pytest.mark.skipif(not shipped(), reason="no head is shipped yet")


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("window")
    theme.apply(qapp)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "DATA"):
            patch.setenv(f"HEADROOM_{name}", str(folder / name.lower()))
        blender = Blender(spare=False)
        blender.submit("ping", {}).result(60)
        made = MainWindow(Settings(person="Ana"), Notifications(), JobList(), blender)
        made.resize(1280, 800)
        made.show()
        until(lambda: not made.studio.loader.busy, 120.0)
        view = view_of(made)
        assert not view.made and not made.commands["curate.tool_move"].isEnabled()
        view.bring()
        until(lambda: view.made)
        try:
            yield made
        finally:
            made.shut_down()
            made.close()
            made.deleteLater()
            blender.close()
            qapp.processEvents()


def view_of(window: MainWindow) -> CurateView:
    return next(view for view in window.views if isinstance(view, CurateView))


@pytest.fixture
def content(window: MainWindow) -> Iterator[CurateContent]:
    """The workspace in front with an unedited iBUG-68; the Studio is in front again behind it."""
    view = view_of(window)
    view.bring()
    until(lambda: view.made)
    content = view.content
    assert content is not None
    opened(content.session)
    yield content
    content.session.close_document()
    window.show_workspace(0)


def nudged(content: CurateContent) -> None:
    topology = content.session.topology
    assert topology is not None
    assert content.session.do(Nudge((ids_of(topology)[48],), (0.0, 0.0, 1.0), 0.002))


def answered(kind: type, answer: Callable[[object], object]) -> None:
    """Once a dialog of a kind is open, answer it."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, kind):
            answer(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)


def test_it_is_made_when_it_is_first_shown_and_offers_topologies(window: MainWindow) -> None:
    content = view_of(window).content
    assert content is not None and content.session.person == "Ana"
    until(lambda: bool(content.session.known.topologies))
    assert content.stage.currentWidget() is content.welcome
    assert content.welcome.grid.count() == len(content.session.known.topologies)
    window.show_workspace(0)
    assert not window.commands["curate.tool_move"].isEnabled()


def test_every_command_is_in_a_menu_and_no_key_is_given_twice(window: MainWindow) -> None:
    listed = {name for group in (*MENU, *CONTEXT, LAYERS) for name in group if name}
    assert listed == set(COMMANDS)
    assert set(COMMANDS) >= ALWAYS
    dialog = ShortcutDialog(window.commands)
    assert dialog.conflicts == {}
    dialog.deleteLater()


def test_undo_speaks_of_the_workspace_in_front(window: MainWindow, content: CurateContent) -> None:
    undo, session = window.commands["edit.undo"], content.session
    nudged(content)
    assert "Nudge" in undo.text() and undo.isEnabled()
    window.show_workspace(0)
    assert "Nudge" not in undo.text()
    content.view.bring()
    undo.trigger()
    assert session.document is not None and session.document.clean
    assert window.commands["edit.redo"].isEnabled()
    window.commands["edit.redo"].trigger()
    assert session.unsaved
    session.undo()


def test_tools_exclude_each_other_and_switches_show(
    window: MainWindow, content: CurateContent
) -> None:
    commands, scene = window.commands, content.scene
    commands["curate.tool_cut"].trigger()
    assert scene.tool.name == "cut" and not commands["curate.tool_look"].isChecked()
    scene.set_tool("look")
    assert commands["curate.tool_look"].isChecked()
    assert not commands["curate.tool_cut"].isChecked()
    commands["curate.numbers"].setChecked(True)
    commands["curate.color_state"].setChecked(True)
    assert scene.layer.looks.numbers and scene.layer.looks.coloring == "state"
    commands["curate.numbers"].setChecked(False)
    commands["curate.color_state"].setChecked(False)
    commands["curate.mirrored"].setChecked(False)
    document = content.session.document
    assert document is not None and not document.view.mirrored
    content.session.look(replace(document.view, mirrored=True))
    assert commands["curate.mirrored"].isChecked()


def test_edits_are_saved_under_a_title_and_proposed(content: CurateContent) -> None:
    def fill(dialog: object) -> None:
        assert isinstance(dialog, ProposeDialog) and not dialog.accept_button.isEnabled()
        dialog.title_field.setText("Corners up")
        dialog.accept()

    session = content.session
    nudged(content)
    assert content.bar.save.isEnabled() and content.bar.propose.isEnabled()
    answered(ProposeDialog, fill)
    content.bar.save.click()
    until(lambda: not session.unsaved and not session.busy)
    assert session.editing is not None and session.editing.proposal is not None
    assert session.editing.proposal.state == "draft"
    assert "Corners up" in content.bar.open.text() and not content.bar.save.isEnabled()
    answered(ProposeDialog, lambda dialog: dialog.accept())  # type: ignore[attr-defined]
    content.bar.propose.click()
    until(lambda: bool(session.editing and not session.editing.writable))
    assert session.editing.proposal is not None
    assert session.editing.proposal.state == "proposed"
    assert not content.bar.propose.isEnabled()


def test_unsaved_edits_are_asked_about(content: CurateContent) -> None:
    kinds = QMessageBox.StandardButton
    assert content.may_leave()
    nudged(content)
    for button, stays in ((kinds.Cancel, True), (kinds.Discard, False)):
        answered(QMessageBox, lambda box, b=button: box.button(b).click())  # type: ignore
        assert content.may_leave() is not stays
    content.session.undo()


def test_a_session_file_brings_topology_and_looks_back(content: CurateContent) -> None:
    content.call("choose")
    assert content.stage.currentWidget() is content.welcome
    content.commands["curate.edges"].setChecked(False)
    state = content.window_state()
    assert (state["topology"], state["edges"], state["head"]) == ("ibug-68", False, "Mean head")
    content.session.close_document()
    content.take_window_state({**state, "edges": True, "release": "no number", "head": 3})
    assert content.session.document is None and content.scene.layer.looks.edges
    content.take_window_state(state | {"edges": True})
    until(lambda: content.session.document is not None)


def test_find_rename_and_the_next_finding_lead_to_their_panels(content: CurateContent) -> None:
    session = content.session
    assert session.topology is not None
    session.select([ids_of(session.topology)[30]])
    content.call("find")
    assert content.view.window_.focusWidget() is content.docks.table.search
    content.call("rename")
    assert content.docks.table.view.currentIndex().column() == 1
    content.call("check")
    assert content.docks.docks["Checks"].isVisible()


def test_what_a_crash_has_left_is_offered_and_gone_on_with(
    qapp: QApplication, tmp_path: Path
) -> None:
    with made_session(tmp_path) as session:
        opened(session)
        keeper = DraftKeeper(session)
        assert session.topology is not None
        session.do(Nudge((ids_of(session.topology)[48],), (0.0, 0.0, 1.0), 0.002))
        until(lambda: any(recovery_dir().glob("*.draft")))
        edited = session.topology
        session.undo()
        session.save_draft("Nothing")
        keeper.close()
        assert not any(recovery_dir().glob("*.draft"))
        gone = Keeper(recovery_dir())
        assert session.document is not None
        gone.keep(Draft(session.document.base, edited, session.document.view))
        gone.close(keep=True)
        left: list[list[Recovered]] = []
        after = DraftKeeper(session)
        after.found.connect(left.append)
        after.look()
        until(lambda: bool(left))
        assert len(left[0]) == 1
        session.open_draft(left[0][0].draft)
        until(lambda: session.topology == edited)
        assert session.unsaved
        after.drop(left[0][0])
        until(lambda: len(left) == 2)
        assert left[1] == []
        after.close()
        until(lambda: any(recovery_dir().glob("*.draft")))  # closed without asking: kept


def test_edits_that_were_given_up_are_not_offered(qapp: QApplication, tmp_path: Path) -> None:
    with made_session(tmp_path) as session:
        opened(session)
        keeper = DraftKeeper(session)
        assert session.topology is not None
        session.do(Nudge((ids_of(session.topology)[48],), (0.0, 0.0, 1.0), 0.002))
        until(lambda: any(recovery_dir().glob("*.draft")))
        keeper.give_up()
        keeper.close()
        assert not any(recovery_dir().glob("*.draft"))
