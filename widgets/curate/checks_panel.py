"""What is wrong with the topology under edit, found while one works; with jumps and fixes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QThreadPool, QTimer, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.curate.checks import KINDS, Bounds, Finding, check
from app.curate.face_area import face_area
from app.topology import store
from app.topology.identity import subsets_of
from app.topology.topology import Topology
from widgets.curate.session import CurateSession
from widgets.fields.number_field import NumberField
from widgets.panels.background import in_background
from widgets.theme import color

PAUSE_MS: Final = 600
"""After the last edit."""
_FINDING: Final = Qt.ItemDataRole.UserRole


class ChecksPanel(QWidget):
    """Signals
    -------
    jump : tuple of str
        Landmarks to be shown.
    found : int
        How many things are wrong.
    """

    jump = Signal(object)
    found = Signal(int)

    def __init__(self, session: CurateSession) -> None:
        super().__init__()
        self._session = session
        self._findings: tuple[Finding, ...] = ()
        self._checked: Topology | None = None
        self._running = False
        self._closed = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self.run)
        self.summary = QLabel(wordWrap=True)
        self.summary.setProperty("role", "heading")
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("Findings")
        self.tree.setIndentation(14)
        self.tree.setWordWrap(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.itemClicked.connect(lambda item, _: self._go(item))
        self.tree.itemActivated.connect(lambda item, _: self._go(item))
        self.tree.currentItemChanged.connect(lambda *_: self._enable())
        self.fix = QPushButton("Fix")
        self.fix.setToolTip("Put this right; one edit that can be undone")
        self.fix.clicked.connect(self._fix)
        self.fix_all = QPushButton("Fix all of this kind")
        self.fix_all.clicked.connect(self._fix_all)
        self.mirror = NumberField(
            "Mirror bound",
            default=1000.0 * Bounds().mirror,
            hard=(0.0, 20.0),
            soft=(0.0, 2.0),
            decimals=2,
            caption="Mirror within",
            unit="mm",
        )
        self.apart = NumberField(
            "Least distance",
            default=1000.0 * Bounds().apart,
            hard=(0.0, 20.0),
            soft=(0.0, 5.0),
            decimals=2,
            caption="At least apart",
            unit="mm",
        )
        for field in (self.mirror, self.apart):
            field.edited.connect(lambda *_: self._again())
        bounds = QHBoxLayout()
        bounds.setSpacing(4)
        bounds.addWidget(self.mirror)
        bounds.addWidget(self.apart)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.fix)
        buttons.addWidget(self.fix_all)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addWidget(self.tree, 1)
        column.addLayout(buttons)
        column.addLayout(bounds)
        session.opened.connect(self._opened)
        session.document_changed.connect(lambda *_: self._timer.start())
        session.state_changed.connect(self._enable)
        self._opened()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._findings

    @property
    def current(self) -> bool:
        """Whether the findings are those of the topology as it is now."""
        return self._checked is self._session.topology and not self._running

    def bounds(self) -> Bounds:
        return Bounds(mirror=self.mirror.value() / 1000.0, apart=self.apart.value() / 1000.0)

    def run(self) -> None:
        """Look for what is wrong, away from the window; the newest state counts."""
        document = self._session.document
        if document is None or self._running or self._closed:
            return
        self._running = True
        topology, base, bounds = document.topology, document.base, self.bounds()
        work = partial(_check, topology, base, bounds)
        in_background(self, work, partial(self._take, topology, bounds), self._pool)

    def next_finding(self) -> None:
        """Go to the next thing that is wrong."""
        items = self._items()
        if not items:
            return
        now = self.tree.currentItem()
        at = items.index(now) + 1 if now in items else 0
        item = items[at % len(items)]
        self.tree.setCurrentItem(item)
        self._go(item)

    def close_pool(self) -> None:
        self._closed = True
        self._timer.stop()
        self._pool.waitForDone(10000)

    def _items(self) -> list[QTreeWidgetItem]:
        found = []
        for k in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(k)
            assert group is not None
            children = [group.child(i) for i in range(group.childCount())]
            found += [child for child in children if child is not None]
        return found

    def _opened(self) -> None:
        self._findings, self._checked = (), None
        self._show()
        if self._session.document is not None:
            self._timer.start()

    def _again(self) -> None:
        self._checked = None
        self._timer.start()

    def _take(
        self, topology: Topology, bounds: Bounds, findings: tuple[Finding, ...] | None
    ) -> None:
        self._running = False
        if self._closed:
            return
        if findings is None:
            self.summary.setText("The topology could not be checked; the log says why.")
            return
        if topology is self._session.topology:
            self._findings, self._checked = findings, topology
            self._show()
        if topology is not self._session.topology or bounds != self.bounds():
            self._timer.start()

    # What is shown

    def _show(self) -> None:
        kept = self._kept()
        self.tree.clear()
        for kind, words in KINDS.items():
            own = [finding for finding in self._findings if finding.kind == kind]
            if not own:
                continue
            group = QTreeWidgetItem(self.tree, [f"{words.capitalize()}  ·  {len(own)}"])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            group.setForeground(0, QBrush(color("warning")))
            group.setExpanded(True)
            for finding in own:
                item = QTreeWidgetItem(group, [finding.text])
                item.setToolTip(0, finding.text)
                item.setData(0, _FINDING, finding)
                if (finding.kind, finding.ids) == kept:
                    self.tree.setCurrentItem(item)
        self.summary.setText(self._words())
        self.found.emit(len(self._findings))
        self._enable()

    def _kept(self) -> tuple[str, tuple[str, ...]] | None:
        item = self.tree.currentItem()
        finding = item.data(0, _FINDING) if item is not None else None
        return (finding.kind, finding.ids) if isinstance(finding, Finding) else None

    def _words(self) -> str:
        if self._session.document is None:
            return "Open a topology to see what is wrong with it."
        if self._checked is None:
            return "Checking …"
        count = len(self._findings)
        if not count:
            return "Nothing is wrong."
        return "1 thing is wrong." if count == 1 else f"{count} things are wrong."

    def _current(self) -> Finding | None:
        item = self.tree.currentItem()
        found = item.data(0, _FINDING) if item is not None else None
        return found if isinstance(found, Finding) else None

    def _enable(self) -> None:
        finding, editing = self._current(), self._session.editing
        may = editing is not None and editing.writable
        self.fix.setEnabled(may and finding is not None and finding.fix is not None)
        many = self._fixable(finding)
        self.fix_all.setEnabled(may and len(many) > 1)

    def _fixable(self, finding: Finding | None) -> Sequence[Finding]:
        if finding is None:
            return ()
        return [f for f in self._findings if f.kind == finding.kind and f.fix is not None]

    # What is done

    def _go(self, item: QTreeWidgetItem) -> None:
        finding = item.data(0, _FINDING)
        if isinstance(finding, Finding) and finding.ids:
            self.jump.emit(finding.ids)

    def _fix(self) -> None:
        finding = self._current()
        if finding is not None and finding.fix is not None and self._session.do(finding.fix):
            self._timer.start(0)

    def _fix_all(self) -> None:
        """All of a kind as one step; those that cannot be put right are told."""
        gesture = object()
        for finding in self._fixable(self._current()):
            if finding.fix is not None:
                self._session.do(finding.fix, gesture)
        self._timer.start(0)


def _check(topology: Topology, base: Topology, bounds: Bounds) -> tuple[Finding, ...]:
    shipped = set(store.shipped())
    names = {s.name for s in (*subsets_of(topology), *subsets_of(base))} & shipped
    subsets = [store.load(name) for name in sorted(names - {topology.name})]
    return check(topology, face_area(), subsets, bounds, base)
