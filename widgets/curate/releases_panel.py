"""The panel Releases: history with change logs, comparing, going back, files, verifying."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.curate import exchange, release_file, releases
from app.curate.records import Release
from app.curate.store import Store
from app.topology.topology import Topology
from widgets.curate.comparison import CompareBar, Comparer
from widgets.curate.release_files import ReleaseFiles
from widgets.curate.release_list import ReleaseList, about, by
from widgets.curate.session import CurateSession
from widgets.curate.words import day
from widgets.fields.form import Choice

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

FILES = "Topologies (*.json *.npz *.txt *.obj *.fbx *.glb)"


class ReleasesPanel(QWidget):
    """Everything about what was released; a release itself never changes."""

    def __init__(
        self, session: CurateSession, comparer: Comparer, window: MainWindow | None = None
    ) -> None:
        super().__init__()
        self.session, self.comparer = session, comparer
        self.files = ReleaseFiles(session, comparer, window)
        self._history: list[Release] = []
        self._stale = True
        self.setMinimumWidth(320)
        self._build()
        session.store_changed.connect(self._store_changed)
        session.person_changed.connect(self._enable)
        session.opened.connect(self._opened)
        self._enable()

    def _build(self) -> None:
        self.topologies = Choice("Topology")
        self.topologies.activated.connect(lambda _: self.read())
        self.verify_button = QPushButton("Verify")
        self.verify_button.setToolTip("Look for anything that was altered, in the whole store")
        self.verify_button.clicked.connect(lambda: self.files.verify())
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.topologies, 1)
        top.addWidget(self.verify_button)
        self.list = ReleaseList()
        self.list.chosen.connect(self._show_release)
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setAccessibleName("Change log")
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.list)
        splitter.addWidget(self.log)
        self.other = Choice("Compare with")
        self.compare_button = QPushButton("Compare")
        self.compare_button.setToolTip("Show what is different between the two, over the head")
        self.compare_button.clicked.connect(lambda: self.compare())
        compare = QHBoxLayout()
        compare.setSpacing(4)
        compare.addWidget(QLabel("With"))
        compare.addWidget(self.other, 1)
        compare.addWidget(self.compare_button)
        self.bar = CompareBar(self.comparer)
        self.edit_button = QPushButton("Edit")
        self.edit_button.setToolTip("Begin a proposal on this release")
        self.edit_button.clicked.connect(lambda: self.edit())
        self.back_button = QPushButton("Go back…")
        self.back_button.clicked.connect(lambda: self.ask_back())
        self.file_button = QPushButton("Files")
        self.file_button.setMenu(self._file_menu())
        foot = QHBoxLayout()
        foot.setSpacing(4)
        foot.addWidget(self.file_button)
        foot.addStretch(1)
        foot.addWidget(self.back_button)
        foot.addWidget(self.edit_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(splitter, 1)
        column.addLayout(compare)
        column.addWidget(self.bar)
        column.addLayout(foot)

    def _file_menu(self) -> QMenu:
        menu = QMenu(self)
        export = menu.addMenu("Export")
        for name, form in exchange.FORMATS.items():
            action = export.addAction(f"{name.upper()}: {form.summary}…")
            action.triggered.connect(lambda _=False, name=name: self.ask_export(name))
        menu.addAction("Import a topology as edits…").triggered.connect(lambda: self.ask_import())
        menu.addSeparator()
        menu.addAction("Send releases as file…").triggered.connect(lambda: self.ask_send())
        return menu

    # What is shown

    @property
    def release(self) -> Release | None:
        """The one that is chosen."""
        return self.list.release

    def showEvent(self, event: object) -> None:
        if self._stale:
            self.read()

    def _store_changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self.read()
        self._enable()

    def _opened(self) -> None:
        editing = self.session.editing
        if editing is not None and self.topologies.findText(editing.release.topology) >= 0:
            self.show_topology(editing.release.topology)

    def show_topology(self, name: str) -> None:
        self.topologies.setCurrentText(name)
        self.read()

    def read(self) -> None:
        """Read the history of the chosen topology."""
        known = list(self.session.known.topologies)
        if not known:
            return
        self._stale = False
        if [self.topologies.itemText(i) for i in range(self.topologies.count())] != known:
            kept = self.topologies.currentText()
            self.topologies.clear()
            self.topologies.addItems(known)
            self.topologies.setCurrentText(kept if kept in known else known[0])
        name = self.topologies.currentText()
        self.session.ask(lambda store: releases.history(store.db, name), self._take)

    def _take(self, history: list[Release]) -> None:
        if history and history[0].topology != self.topologies.currentText():
            return
        self._history = history
        self.list.show_releases(history[::-1])

    def _show_release(self, release: Release | None) -> None:
        self.log.setPlainText(log_words(release) if release is not None else "")
        self.other.clear()
        others = [one for one in self._history[::-1] if one is not release]
        for one in others:
            self.other.addItem(f"{one.number}  {about(one)}", one.number)
        if release is not None:
            self.other.setCurrentIndex(max(0, self.other.findData(release.number - 1)))
        self._enable()

    def _enable(self) -> None:
        release = self.release
        there = release is not None
        newest = bool(self._history) and release == self._history[-1]
        self.compare_button.setEnabled(self.other.count() > 0)
        self.edit_button.setEnabled(there)
        self.file_button.setEnabled(there)
        self.back_button.setEnabled(there and not newest and self.session.curator)
        why = "A new release of these points"
        if newest:
            why = "This is the newest release"
        elif not self.session.curator:
            why = "Only a curator may go back"
        self.back_button.setToolTip(why)

    # What is done

    def compare(self) -> None:
        """Show the chosen release beside the other one, the older as before."""
        release, other = self.release, self.other.currentData()
        if release is None or other is None:
            return
        name = release.topology
        first, second = sorted((release.number, int(other)))

        def read(store: Store) -> tuple[Topology, Topology]:
            one, two = (
                releases.content(store.db, releases.release(store.db, name, n))
                for n in (first, second)
            )
            return one, two

        title = f"{name}: release {first} and {second}"
        self.session.ask(read, lambda both: self.comparer.compare(both[0], both[1], title))

    def edit(self) -> None:
        release = self.release
        if release is not None:
            if self.session.unsaved:
                text = "Save the open edits as a draft first, or take them back."
                self.session.said.emit("warning", text)
                return
            self.comparer.leave()
            self.session.open_release(release.topology, release.number)

    def ask_back(self) -> None:
        """Ask for a note, then make a new release of old points."""
        release = self.release
        if release is None:
            return
        title = f"Go back to {release.topology} {release.number}"
        number = self._history[-1].number + 1
        note, fine = QInputDialog.getText(self, title, f"Its points become release {number}. Why?")
        if fine:
            self.go_back(note)

    def go_back(self, note: str) -> None:
        release, who = self.release, self.session.person
        if release is None:
            return
        name, number = release.topology, release.number
        self.session.act(
            lambda store: releases.restore(store, who, name, number, note.strip()),
            lambda made: self._say("info", f"{name} {made.number} is release {number} again."),
        )

    def ask_export(self, name: exchange.Name) -> None:
        release = self.release
        if release is None:
            return
        form = exchange.FORMATS[name]
        file = f"{release.topology}-{release.number}{form.suffix}"
        chosen, _ = QFileDialog.getSaveFileName(
            self, f"Export as {name.upper()}", file, f"{name.upper()} (*{form.suffix})"
        )
        if chosen:
            path = Path(chosen)
            path = path if path.suffix else path.with_suffix(form.suffix)
            self.files.export(release, name, path)

    def ask_import(self) -> None:
        release = self.release
        name, _ = QFileDialog.getOpenFileName(self, "Import a topology as edits", "", FILES)
        if name and release is not None:
            self.files.import_as_edits(release, Path(name))

    def ask_send(self) -> None:
        release = self.release
        if release is None:
            return
        file = f"{release.topology}-{release.number}{release_file.SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Send releases", file, f"Releases (*{release_file.SUFFIX})"
        )
        if chosen:
            self.files.send(release, Path(chosen).with_suffix(release_file.SUFFIX))

    def _say(self, level: str, text: str) -> None:
        self.session.said.emit(level, text)


def log_words(release: Release) -> str:
    """A release's change log, its note and its hashes."""
    record = release.record
    lines = [f"{record.topology} {record.number}: {about(release)}"]
    if by(release):
        lines.append(f"{by(release)}, {day(record.at)}")
    if record.note:
        lines += ["", record.note]
    if record.log:
        lines += ["", *(f"{line.name}: {line.words}" for line in record.log)]
    lines += ["", f"Hash {release.hash}", f"Parent {record.parent or 'none'}"]
    return "\n".join(lines)
