"""People of the store and what they may do: artists propose, curators approve."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.curate import people
from app.curate.people import Person
from app.curate.store import Store
from widgets.curate.store_thread import StoreThread

_ROLES = ("Artist", "Curator")


@dataclass(frozen=True)
class _Roles:
    everybody: tuple[Person, ...]
    self_approval: bool


class PeopleDialog(QDialog):
    """Asks the store on a thread of its own, which ends with the dialog.

    Parameters
    ----------
    thread : StoreThread
        Taken over.
    person : str
        Who acts.
    """

    def __init__(self, thread: StoreThread, person: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("People and roles")
        self.setMinimumSize(440, 380)
        self.thread_, self.person = thread, person
        self.roles = _Roles((), False)
        about = QLabel(
            f"You act as {person or 'nobody yet'}. Artists propose; curators also approve, release "
            "and name other curators. Names are a matter of trust.",
            wordWrap=True,
        )
        about.setProperty("role", "muted")
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels(["Name", "Role"])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(1, 120)
        self.name = QLineEdit(placeholderText="Name of somebody new")
        self.name.setMaxLength(80)
        self.name.setAccessibleName("Name")
        self.add_button = QPushButton("Add as curator")
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(lambda: self.appoint(self.name.text(), True))
        self.name.textChanged.connect(lambda text: self.add_button.setEnabled(bool(text.strip())))
        self.name.returnPressed.connect(self.add_button.click)
        self.add_button.setEnabled(False)
        add = QHBoxLayout()
        add.setSpacing(4)
        add.addWidget(self.name, 1)
        add.addWidget(self.add_button)
        self.own = QCheckBox("Curators may approve what they have proposed themselves")
        self.own.clicked.connect(self.allow_own)
        self.problem = QLabel(wordWrap=True)
        self.problem.setProperty("role", "error")
        self.problem.hide()
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(about)
        column.addWidget(self.table, 1)
        column.addLayout(add)
        column.addWidget(self.own)
        column.addWidget(self.problem)
        column.addWidget(close)
        self.finished.connect(lambda _: thread.close())
        self._ask()

    def appoint(self, name: str, curator: bool) -> None:
        """Give somebody a role."""
        who = self.person
        self._ask(lambda store: people.appoint(store.db, name, curator, who))
        self.name.clear()

    def allow_own(self, allowed: bool) -> None:
        who = self.person
        self._ask(lambda store: people.set_self_approval(store.db, allowed, who))

    def _ask(self, change: object = None) -> None:
        def work(store: Store) -> _Roles:
            if callable(change):
                change(store)
            return _Roles(tuple(people.everybody(store.db)), people.self_approval(store.db))

        self.thread_.ask(work, self._show, self._refused)

    def _refused(self, text: str) -> None:
        self.problem.setText(f"{text[:1].upper()}{text[1:]}.")
        self.problem.show()
        self._fill()

    def _show(self, roles: _Roles) -> None:
        self.roles = roles
        self.problem.hide()
        self._fill()

    def _fill(self) -> None:
        self.own.setChecked(self.roles.self_approval)
        self.table.setRowCount(len(self.roles.everybody))
        for row, one in enumerate(self.roles.everybody):
            item = QTableWidgetItem(f"{one.name} (you)" if one.name == self.person else one.name)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.table.setItem(row, 0, item)
            role = QComboBox()
            role.setAccessibleName(f"Role of {one.name}")
            role.addItems(_ROLES)
            role.setCurrentIndex(int(one.curator))
            role.activated.connect(lambda index, name=one.name: self.appoint(name, index == 1))
            self.table.setCellWidget(row, 1, role)
            self.table.setRowHeight(row, 34)
