"""The panel Proposals: every proposal of the store, found by state, author, topology and words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.curate import approving, listing, proposal_file, proposals, release_file
from app.curate.listing import Query
from app.curate.records import Proposal
from app.curate.store import Store
from widgets.curate.proposal_list import NUMBER, ProposalDelegate, ProposalModel
from widgets.curate.session import CurateSession
from widgets.curate.words import STATE_WORDS, counted, number
from widgets.fields.form import Choice
from widgets.small import icon_button

TYPING_MS: Final = 120
"""How long a pause in typing is waited for before the list is read."""

UNREVIEWED: Final = "unreviewed"
_EMPTY: Final = (
    "No proposals yet.\n\nOpen a topology, move a landmark, and propose the change: it appears "
    "here for a curator."
)
_NONE_FOUND: Final = "No proposal matches.\n\nChange the words, or show all states."
_FILES: Final = "Proposals and releases (*.proposal *.release)"


class ProposalsPanel(QWidget):
    """Signals
    -------
    review_asked : int
        A proposal is to be looked at.
    chosen_changed : int or None
        Number of the proposal that is chosen in the list.
    """

    review_asked = Signal(int)
    chosen_changed = Signal(object)

    def __init__(self, session: CurateSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setMinimumWidth(300)
        self.query = Query()
        self._reading = self._answered = 0
        self._total = 0
        self._stale = True
        self._sought = 0
        self._build()
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._use_filters)
        self.words.textChanged.connect(lambda _: self._typing.start())
        for choice in (self.states, self.authors, self.topologies):
            choice.activated.connect(lambda _: self._use_filters())
        session.store_changed.connect(self._store_changed)
        session.person_changed.connect(self._enable)
        self._enable()

    def _build(self) -> None:
        self.words = QLineEdit(placeholderText="Title, author or landmark")
        self.words.setClearButtonEnabled(True)
        self.words.setAccessibleName("Search proposals")
        self.states = Choice("State")
        self.states.addItem("Any state", ())
        self.states.addItem("To be reviewed", UNREVIEWED)
        for state, text in STATE_WORDS.items():
            self.states.addItem(text, (state,))
        self.authors = Choice("Author")
        self.topologies = Choice("Topology")
        self._fill(self.authors, "Any author", ())
        self._fill(self.topologies, "Topology", ())
        filters = QHBoxLayout()
        filters.setSpacing(4)
        for choice in (self.states, self.authors, self.topologies):
            choice.setMinimumContentsLength(4)
            filters.addWidget(choice, 1)
        self.model = ProposalModel(self)
        self.model.wanted.connect(self._read_rows)
        self.list = _List(self.model)
        self.list.selectionModel().currentChanged.connect(self._chose)
        self.list.asked.connect(self.review)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.empty = QLabel(_EMPTY, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.empty.setProperty("role", "muted")
        self.empty.setContentsMargins(24, 24, 24, 24)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.review_button = QPushButton("Review")
        self.review_button.setProperty("primary", True)
        self.review_button.setToolTip("Look at the chosen proposal's changes (Enter)")
        self.review_button.clicked.connect(lambda: self.review())
        self.more_button = icon_button("more", "What else can be done with it", self._pop_up_menu)
        foot = QHBoxLayout()
        foot.setSpacing(4)
        foot.addWidget(self.count, 1)
        foot.addWidget(self.more_button)
        foot.addWidget(self.review_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.words)
        column.addLayout(filters)
        column.addWidget(self.stack, 1)
        column.addLayout(foot)

    # What is chosen

    @property
    def chosen(self) -> Proposal | None:
        """The chosen proposal, once its row is read."""
        return self.model.proposal(self.list.currentIndex().row())

    def choose(self, number: int) -> None:
        """Bring a proposal into sight, past the filters if need be."""
        row = self.model.row_of(number)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row))
            return
        self._sought = number
        if self.query != Query():
            self.show_query(Query())
        else:
            self.read()

    @property
    def reading(self) -> bool:
        """Whether the store still has to answer the newest question."""
        return self._answered != self._reading

    def review(self, number: int | None = None) -> None:
        found = self.list.currentIndex().data(NUMBER) if number is None else number
        if found is not None:
            self.review_asked.emit(int(found))

    # What is shown

    def show_query(self, query: Query) -> None:
        """Filter by something."""
        self.words.setText(query.words)
        self._typing.stop()
        state = UNREVIEWED if query.unreviewed else tuple(query.states)
        for choice, wanted in (
            (self.states, state),
            (self.authors, query.author),
            (self.topologies, query.topology),
        ):
            choice.setCurrentIndex(max(0, choice.findData(wanted)))
        self.query = query
        self.read()

    def read(self) -> None:
        """Ask the store which proposals there are, newest question first."""
        self._reading += 1
        self._stale = False
        self.session.ask(
            _reader(self.query), lambda found, turn=self._reading: self._take(turn, *found)
        )

    def showEvent(self, event: object) -> None:
        if self._stale:
            self.read()

    def _store_changed(self) -> None:
        if self.isVisible():
            self.read()
        else:
            self._stale = True
        self._enable()

    def _use_filters(self) -> None:
        self._typing.stop()
        state = self.states.currentData()
        query = Query(
            () if state == UNREVIEWED else tuple(state or ()),
            self.topologies.currentData() or "",
            self.authors.currentData() or "",
            " ".join(self.words.text().split()),
            state == UNREVIEWED,
        )
        if query != self.query:
            self.query = query
            self.read()

    def _take(
        self, turn: int, numbers: list[int], total: int, authors: list[str], names: list[str]
    ) -> None:
        self._answered = turn
        if turn != self._reading:
            return
        kept = self.list.currentIndex().data(NUMBER)
        at = self.list.verticalScrollBar().value()
        self._total = total
        self._fill(self.authors, "Any author", authors)
        self._fill(self.topologies, "Topology", names)
        self.model.set_numbers(numbers)
        row = self.model.row_of(self._sought or (kept if kept is not None else -1))
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row))
        if not self._sought:
            self.list.verticalScrollBar().setValue(at)
        self._sought = 0
        self.stack.setCurrentIndex(0 if numbers else 1)
        self.empty.setText(_NONE_FOUND if total else _EMPTY)
        shown, of = len(numbers), counted(total, "proposal")
        self.count.setText(of if shown == total else f"{number(shown)} of {of}")
        self._enable()

    def _fill(self, choice: Choice, everything: str, values: Sequence[str]) -> None:
        """Offer other values, and keep what is chosen."""
        wanted = [everything, *values]
        if [choice.itemText(i) for i in range(choice.count())] == wanted:
            return
        kept = choice.currentData()
        choice.clear()
        for text in wanted:
            choice.addItem(text, "" if text == everything else text)
        choice.setCurrentIndex(max(0, choice.findData(kept)))

    def _read_rows(self, numbers: list[int]) -> None:
        self.session.ask(
            lambda store: listing.some(store.db, numbers), self._take_rows, lambda _: None
        )

    def _take_rows(self, found: list[Proposal]) -> None:
        self.model.take(found)
        self._enable()

    def _chose(self, index: QModelIndex, _: QModelIndex) -> None:
        self._enable()
        self.chosen_changed.emit(index.data(NUMBER) if index.isValid() else None)

    def _enable(self) -> None:
        there = self.list.currentIndex().isValid()
        self.review_button.setEnabled(there)

    # What can be done with one

    def menu(self) -> QMenu:
        """Everything that the chosen proposal's state and the person's role allow."""
        menu = QMenu(self)
        found = self.chosen
        if found is not None:
            for text, call in self._actions(found):
                action = QAction(text, menu)
                action.triggered.connect(lambda _=False, call=call: call())
                menu.addAction(action)
            menu.addSeparator()
        take = menu.addAction("Import files…")
        take.triggered.connect(lambda: self.ask_import())
        return menu

    def _actions(self, found: Proposal) -> list[tuple[str, Callable[[], object]]]:
        number, own = found.number, found.author == self.session.person
        allowed = own or self.session.curator
        actions: list[tuple[str, Callable[[], object]]] = [
            ("Review", lambda: self.review(number)),
            (
                "Edit" if found.state == "draft" and own else "Open in the editor",
                lambda: self.session.open_proposal(number),
            ),
        ]
        if found.state == "draft" and own:
            actions.append(("Propose", lambda: self._act(proposals.propose, number)))
        if found.state in ("draft", "proposed") and own:
            actions.append(("Withdraw", lambda: self._act(proposals.withdraw, number)))
        if found.state in ("rejected", "withdrawn") and allowed:
            actions.append(("Reopen as draft", lambda: self._act(proposals.reopen, number)))
        if found.state == "approved" and found.rejected and allowed:
            actions.append(
                ("New draft of the rejected rest", lambda: self._act(approving.rest, number))
            )
        actions.append(("Send as file…", lambda: self.ask_send(number)))
        return actions

    def _act(self, action: Callable[[Store, str, int], Proposal], number: int) -> None:
        who = self.session.person
        self.session.act(lambda store: action(store, who, number), self._tell)

    def _tell(self, found: Proposal) -> None:
        self.session.said.emit("info", f"#{found.number} “{found.title}” is {found.state} now.")

    def ask_send(self, number: int) -> None:
        """Ask for a file, then write the proposal into it."""
        name, _ = QFileDialog.getSaveFileName(
            self, "Send proposal", f"proposal-{number}.proposal", "Proposals (*.proposal)"
        )
        if not name:
            return
        path = Path(name)
        path = path if path.suffix == proposal_file.SUFFIX else path.with_suffix(".proposal")
        self.session.ask(
            lambda store: proposal_file.send(store.db, number, path),
            lambda sent: self.session.said.emit(
                "info", f"{path.name}: “{sent.title}” with {counted(len(sent.changes.ids), 'edit')}"
            ),
        )

    def ask_import(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Import proposals and releases", "", _FILES)
        for name in names:
            self.take_in(Path(name))

    def take_in(self, path: Path) -> None:
        """Check a file that somebody sent, and take it in."""
        who = self.session.person
        self.session.act(
            lambda store: _taken(store, who, path),
            lambda said: self.session.said.emit("info", f"{path.name}: {said}"),
            lambda said: self.session.said.emit("error", _about(path, said)),
        )

    def _pop_up_menu(self) -> None:
        below = self.more_button.rect().bottomLeft()
        self.menu().popup(self.more_button.mapToGlobal(below))

    def _show_menu(self, at: QPoint) -> None:
        self.menu().popup(self.list.viewport().mapToGlobal(at))


class _List(QListView):
    """Signals
    -------
    asked : int
        Enter was pressed on a row, or it was double-clicked.
    """

    asked = Signal(int)

    def __init__(self, model: ProposalModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(ProposalDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Proposals")
        self.doubleClicked.connect(lambda index: self.asked.emit(index.data(NUMBER)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.asked.emit(self.currentIndex().data(NUMBER))
        else:
            super().keyPressEvent(event)


def _reader(query: Query) -> Callable[[Store], tuple[list[int], int, list[str], list[str]]]:
    def read(store: Store) -> tuple[list[int], int, list[str], list[str]]:
        with store.db.snapshot():
            numbers = listing.numbers(store.db, query)
            total = len(numbers) if query == Query() else listing.count(store.db)
            return numbers, total, listing.authors(store.db), listing.topologies(store.db)

    return read


def _taken(store: Store, who: str, path: Path) -> str:
    if path.suffix == release_file.SUFFIX:
        made = release_file.take_in(store, who, release_file.read(path))
        if not made:
            return "all of it is here already"
        return f"{counted(len(made), 'release')} of {made[0].topology} taken in"
    found = proposal_file.take_in(store, who, proposal_file.read(path))
    return f"proposal #{found.number} “{found.title}” by {found.author}"


def _about(path: Path, said: str) -> str:
    return said if said.startswith(str(path)) else f"{path.name}: {said}"
