"""Everything that the workspace Curate shows, and how its parts hear of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from app.curate.recovery import Recovered
from app.notify import Level
from widgets.curate.comparison import Comparer
from widgets.curate.curate_commands import CONTEXT, OF_THE_HEAD
from widgets.curate.docks import CurateDocks
from widgets.curate.draft_keeper import DraftKeeper
from widgets.curate.edit_bar import DocumentBar, ToolBar
from widgets.curate.edit_commands import EditCommands
from widgets.curate.ground import Ground, default_ground, mean_ground
from widgets.curate.pictures import PicturesPanel
from widgets.curate.proposals_panel import ProposalsPanel
from widgets.curate.releases_panel import ReleasesPanel
from widgets.curate.review import ReviewPanel
from widgets.curate.scene_view import SceneView
from widgets.curate.session import CurateSession
from widgets.curate.tool_words import TOOLS, ToolName
from widgets.curate.welcome import Welcome
from widgets.menus import put
from widgets.panels.background import in_background

if TYPE_CHECKING:
    from widgets.curate.view import CurateView

HEADS: Final[dict[str, Callable[[], Ground]]] = {
    "Mean head": mean_ground,
    "Ada": default_ground,
}
_LOOKS: Final = ("edges", "contours", "numbers", "hidden", "changes")


class DocumentUndo(QObject):
    """Undo and redo of the topology under edit, for the window's actions."""

    changed = Signal()

    def __init__(self, session: CurateSession) -> None:
        super().__init__(session)
        self._session = session
        for signal in (session.state_changed, session.opened):
            signal.connect(self.changed)
        session.document_changed.connect(lambda *_: self.changed.emit())

    def undo_text(self) -> str | None:
        document = self._session.document
        return (document.undo_text or None) if document is not None else None

    def redo_text(self) -> str | None:
        document = self._session.document
        return (document.redo_text or None) if document is not None else None

    def undo(self) -> None:
        self._session.undo()

    def redo(self) -> None:
        self._session.redo()


class CurateContent(QObject):
    """Head, bars and docks of a `CurateView`, with the session behind them."""

    def __init__(self, view: CurateView) -> None:
        super().__init__(view)
        self.view = view
        window = view.window_
        self.commands = window.commands
        self.session = CurateSession(window.jobs, self, person=window.settings.person)
        self.undo_source = DocumentUndo(self.session)
        self.edits = EditCommands(self.session)
        self.keeper = DraftKeeper(self.session)
        self._ground = ""

    def build(self) -> Iterator[None]:
        """Make everything, a piece at a time; the window goes on in between."""
        self.scene = SceneView(self.session)
        yield
        self.bar = DocumentBar(self.session, self.commands)
        self.tools = ToolBar(self.commands, tuple(HEADS))
        self.welcome = Welcome(self.session)
        self.stage = QStackedWidget()
        self.stage.addWidget(self.welcome)
        self.stage.addWidget(self.scene)
        yield
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.tools)
        column.addWidget(self.stage, 1)
        self.view.show_middle(middle)
        yield
        self.docks = CurateDocks(self.view, self.session, self.scene)
        yield from self.docks.build(self._others())
        yield
        for name in OF_THE_HEAD:
            self.scene.addAction(self.commands[f"curate.{name}"])
        self._connect()
        self._open_changed()
        self.use_head("Mean head")
        self.session.refresh()
        self.keeper.look()

    def _others(self) -> dict[str, QWidget]:
        """Panels about proposals."""
        session, window = self.session, self.view.window_
        comparer = Comparer(session)
        self.proposals = ProposalsPanel(session)
        self.review = ReviewPanel(session, comparer, window)
        self.releases = ReleasesPanel(session, comparer, window)
        self.pictures = PicturesPanel(session, window)
        self.proposals.review_asked.connect(self.review.review)
        self.review.wanted.connect(self._show_review)
        return {
            "Proposals": self.proposals,
            "Review": self.review,
            "Releases": self.releases,
            "Pictures": self.pictures,
        }

    # Set going from outside

    def set_shown(self, shown: bool) -> None:
        """Look after the store while the workspace is seen; take the person of the settings."""
        self.session.watch(shown)
        if shown:
            self.session.set_person(self.view.window_.settings.person)

    def use_head(self, name: str) -> None:
        """Show the landmarks on another head; it is read away from the window."""
        if name in HEADS and name != self._ground:
            self._ground = name
            self.tools.head.setCurrentText(name)
            in_background(self, HEADS[name], partial(self._take_ground, name))

    def _take_ground(self, name: str, ground: Ground | None) -> None:
        if ground is None:
            self.session.said.emit("error", f"{name} cannot be read; the log says why.")
        elif name == self._ground:
            self.scene.set_ground(ground)

    def window_state(self) -> dict[str, Any]:
        editing, looks = self.session.editing, self.scene.layer.looks
        state: dict[str, Any] = {
            "head": self._ground,
            "coloring": looks.coloring,
            **{name: getattr(looks, name) for name in _LOOKS},
        }
        if editing is not None:
            state["topology"] = editing.release.topology
            state["release"] = editing.release.number
        return state

    def take_window_state(self, state: dict[str, Any]) -> None:
        """Go back to what a session file remembers; edits are in the store, not there."""
        name, number = state.get("topology"), state.get("release")
        if isinstance(state.get("head"), str):
            self.use_head(state["head"])
        for key in _LOOKS:
            if isinstance(state.get(key), bool):
                self.commands[f"curate.{key}"].setChecked(state[key])
        self.commands["curate.color_state"].setChecked(state.get("coloring") == "state")
        if isinstance(name, str) and isinstance(number, int) and self.session.document is None:
            self.session.open_release(name, number)

    def may_leave(self) -> bool:
        """Ask about edits that are not saved."""
        if not self.session.unsaved:
            return True
        editing = self.session.editing
        assert editing is not None
        kind = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self.view,
            "Unsaved edits",
            f"The edits of {editing.title} are not saved as a draft.\n\n"
            "Discard them? Cancel goes back to them.",
            kind.Discard | kind.Cancel,
            kind.Cancel,
        )
        if answer == kind.Discard:
            self.keeper.give_up()
        return answer == kind.Discard

    def shut_down(self) -> None:
        if self.docks.docks:
            self.docks.close()
        self.scene.shut_down()
        self.keeper.close()
        self.session.close()

    # Commands

    def call(self, name: str) -> None:
        """Do what a command of `curate_commands` says."""
        calls: dict[str, Callable[[], object]] = {
            "choose": self.show_welcome,
            "save": self.save,
            "propose": self.propose,
            "find": self._find,
            "rename": self._rename,
            "check": self._next_finding,
            "frame": self.scene.frame_head,
            "go_to": self._go_to_chosen,
            "auto_place": self._auto_place,
        }
        if name.startswith("review_"):
            self.review.call(name.removeprefix("review_"))
        elif not self.edits.do(name):
            calls[name]()

    def switch(self, name: str, on: bool) -> None:
        """Turn something on or off."""
        tool, looks = name.removeprefix("tool_"), self.scene.layer.looks
        if tool in TOOLS:
            if on:
                self.scene.set_tool(tool)
        elif name == "mirrored":
            document = self.session.document
            if document is not None:
                self.session.look(replace(document.view, mirrored=on))
        elif name == "color_state":
            self.scene.set_looks(replace(looks, coloring="state" if on else "part"))
        elif name == "wireframe":
            self.scene.set_overlay("wireframe", on)
        elif name in _LOOKS:
            changed: dict[str, Any] = {name: on}
            self.scene.set_looks(replace(looks, **changed))

    def _show_review(self) -> None:
        """A review needs the head: without a document the proposal itself is opened."""
        self.docks.bring("Review")
        self.docks.give_room("Review")
        number = self.review.desk.number
        if self.session.document is None and number is not None:
            self.review.hold()
            self.session.open_proposal(number)

    def show_welcome(self) -> None:
        """Offer the topologies."""
        self.welcome.refresh()
        self.stage.setCurrentWidget(self.welcome)

    def save(self) -> None:
        """Keep the edits as a draft, under the title that is asked for once."""
        self._with_title(False)

    def propose(self) -> None:
        self._with_title(True)

    def _with_title(self, hand_over: bool) -> None:
        from widgets.curate.propose_dialog import ProposeDialog

        editing, document = self.session.editing, self.session.document
        if editing is None or document is None:
            return
        known = editing.proposal
        if known is not None and not hand_over:
            self.session.save_draft(known.title, self._saved)
            return
        dialog = ProposeDialog(self.session, self.view, hand_over=hand_over)
        if dialog.exec() and hand_over:
            self.session.propose(dialog.title, dialog.reason, self._proposed)
        elif dialog.result():
            self.session.save_draft(dialog.title, self._saved)

    def _saved(self, found: Any) -> None:
        self.session.said.emit("info", f"Saved as draft #{found.number}.")

    def _proposed(self, found: Any) -> None:
        self.session.said.emit(
            "info", f"#{found.number} is proposed; a curator decides about it now."
        )

    def _find(self) -> None:
        self.docks.bring("Points")
        self.docks.table.focus_search()

    def _rename(self) -> None:
        if self.session.current is not None:
            self.docks.bring("Points")
            self.docks.table.edit_name()

    def _next_finding(self) -> None:
        self.docks.bring("Checks")
        self.docks.checks.next_finding()

    def _go_to_chosen(self) -> None:
        ids = self.session.ordered_selection()
        if ids:
            chosen = self.session.selection
            current = self.session.current
            self.scene.go_to(ids)
            self.session.select(chosen, current)

    def _auto_place(self) -> None:
        self.docks.bring("Placement")
        self.docks.place.start()

    # What is heard

    def _connect(self) -> None:
        session, scene = self.session, self.scene
        session.said.connect(self._say)
        session.opened.connect(self._open_changed)
        session.view_changed.connect(self._show_view)
        self.bar.choose_asked.connect(self._toggle_welcome)
        self.tools.head_chosen.connect(self.use_head)
        self.welcome.chosen.connect(self._choose)
        self.welcome.back_asked.connect(lambda: self.stage.setCurrentWidget(scene))
        self.welcome.resumed.connect(self._resume)
        self.welcome.discarded.connect(self.keeper.drop)
        self.keeper.found.connect(self.welcome.show_left)
        self.keeper.failed.connect(lambda text: session.said.emit("warning", text))
        self.docks.checks.jump.connect(scene.go_to)
        scene.tool_changed.connect(self._show_tool)
        scene.menu_asked.connect(self._pop_up)
        scene.failed.connect(self.view.window_.notifications.error)
        self._show_tool("look")

    def _say(self, level: Level, text: str) -> None:
        self.view.window_.notifications.post(level, text)

    def _toggle_welcome(self) -> None:
        if self.stage.currentWidget() is self.welcome and self.session.document is not None:
            self.stage.setCurrentWidget(self.scene)
        else:
            self.show_welcome()

    def _choose(self, name: str) -> None:
        if self.may_leave():
            self.session.open_release(name)

    def _resume(self, left: Recovered) -> None:
        if self.may_leave():
            self.session.open_draft(left.draft)
            self.keeper.drop(left)

    def _open_changed(self) -> None:
        there = self.session.document is not None
        self.stage.setCurrentWidget(self.scene if there else self.welcome)
        self.tools.setEnabled(there)
        if there:
            self.scene.frame_head()
            self.scene.setFocus()

    def _show_view(self) -> None:
        document = self.session.document
        if document is not None:
            self.commands["curate.mirrored"].setChecked(document.view.mirrored)

    def _show_tool(self, name: ToolName) -> None:
        self.commands[f"curate.tool_{name}"].setChecked(True)

    def _pop_up(self, at: QPoint) -> None:
        menu = QMenu(self.view)
        for number, group in enumerate(CONTEXT):
            if number:
                menu.addSeparator()
            put(menu, self.commands, (f"curate.{name}" for name in group))
        menu.exec(at)
        menu.deleteLater()
