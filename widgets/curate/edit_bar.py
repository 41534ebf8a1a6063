"""The bars over the head: what is edited and what becomes of it, the tools, what is drawn."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from widgets.commands import Commands, native
from widgets.curate.curate_commands import LAYERS
from widgets.curate.session import CurateSession
from widgets.curate.tool_words import TOOLS
from widgets.fields.form import Choice
from widgets.theme import icon
from widgets.view_bar import ViewBar

GROUPS = (("look", "box", "lasso"), ("move", "add"), ("draw", "cut", "line"))
"""Tools that stand together."""


class DocumentBar(QWidget):
    """What is edited, in which state it is, and the ways on.

    Signals
    -------
    choose_asked
        Another topology is wanted.
    """

    choose_asked = Signal()

    def __init__(self, session: CurateSession, commands: Commands) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("viewBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.open = QToolButton()
        self.open.setObjectName("sourceButton")
        self.open.setIcon(icon("landmarks", "muted"))
        self.open.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.open.setToolTip("Edit another topology")
        self.open.clicked.connect(self.choose_asked)
        self.state = QLabel()
        self.state.setProperty("role", "muted")
        self.who = QLabel()
        self.who.setProperty("role", "muted")
        self.save = _button(commands["curate.save"], "Save draft")
        self.propose = _button(commands["curate.propose"], "Propose")
        self.propose.setProperty("primary", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self.open)
        row.addWidget(self.state)
        row.addStretch(1)
        row.addWidget(self.who)
        row.addWidget(self.save)
        row.addWidget(self.propose)
        signals = (session.state_changed, session.opened, session.person_changed)
        for signal in (*signals, session.store_changed, session.busy_changed):
            signal.connect(lambda *_: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        session = self._session
        editing, document = session.editing, session.document
        self.open.setText(f" {editing.title}" if editing else " Choose a topology")
        self.state.setText(self._state())
        role = "curator" if session.curator else "artist"
        self.who.setText(f"{session.person}, {role}" if session.person else "Nobody yet")
        self.who.setToolTip("Who proposes and approves here; set in Edit > Preferences")
        may = document is not None and editing is not None and editing.writable
        edited = document is not None and document.topology != document.base
        self.save.setVisible(document is not None)
        self.propose.setVisible(document is not None)
        self.save.setEnabled(may and session.unsaved and not session.busy)
        self.propose.setEnabled(may and edited and not session.busy)

    def _state(self) -> str:
        session = self._session
        editing, document = session.editing, session.document
        if session.busy:
            return "One moment …"
        if editing is None or document is None:
            return ""
        words = [f"{len(document.topology)} points"]
        if editing.proposal is not None:
            words.append(f"{editing.proposal.state} on release {editing.release.number}")
            if not editing.writable:
                words.append("to be looked at")
        if session.unsaved:
            words.append("not saved")
        return "  ·  ".join(words)


def _button(action: QAction, text: str) -> QPushButton:
    button = QPushButton(text)
    keys = native(action.shortcuts())
    button.setToolTip(f"{action.toolTip()} ({keys})" if keys else action.toolTip())
    button.clicked.connect(action.trigger)
    return button


class ToolBar(ViewBar):
    """Tools, mirrored editing, the head, what is drawn."""

    head_chosen = Signal(str)

    def __init__(self, commands: Commands, heads: tuple[str, ...]) -> None:
        super().__init__()
        for group in GROUPS:
            self.add(_segment([commands[f"curate.tool_{name}"] for name in group]))
        mirror = self.add_action(commands["curate.mirrored"])
        mirror.setIconSize(QSize(16, 16))
        mirror.setToolTip(_with_keys(commands["curate.mirrored"]))
        self.add_gap()
        self.head = Choice("Head")
        self.head.setToolTip("The head that the landmarks are shown on")
        self.head.setMaximumWidth(130)
        for name in heads:
            self.head.addItem(name)
        self.head.textActivated.connect(self.head_chosen)
        self.add(self.head)
        shown = QMenu("Shown", self)
        for name in LAYERS:
            if name:
                shown.addAction(commands[f"curate.{name}"])
            else:
                shown.addSeparator()
        self.add_menu("Shown", "overlays", shown)


def _segment(actions: list[QAction]) -> QFrame:
    """Joined buttons with icons alone."""
    frame = QFrame()
    frame.setProperty("segmented", True)
    row = QHBoxLayout(frame)
    row.setContentsMargins(1, 1, 1, 1)
    row.setSpacing(0)
    for action in actions:
        button = QToolButton(frame)
        button.setDefaultAction(action)
        button.setIconSize(QSize(18, 18))
        button.setToolTip(_with_keys(action))
        button.setAccessibleName(action.text().replace("&", ""))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(button)
    return frame


def _with_keys(action: QAction) -> str:
    name = action.text().replace("&", "")
    keys = native(action.shortcuts())
    title = f"{name} ({keys})" if keys else name
    return f"<b>{title}</b><br>{action.statusTip()}" if action.statusTip() else title


assert {name for group in GROUPS for name in group} == set(TOOLS)
