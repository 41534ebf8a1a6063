"""The changes of a proposal as a table, and how one verdict leads to the next edit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QIcon

from app.curate.overview import ReviewedEdit
from app.curate.records import Verdict
from widgets.curate.words import mm
from widgets.theme import color, icon

VERDICT, NAME, CHANGE, MOVED, NOTES = range(5)
HEADERS: Final = ("", "Landmark", "Change", "mm", "Notes")
TIPS: Final = (
    "Approved, rejected, in conflict, or not reviewed yet",
    "Name of the landmark after the change",
    "What is different",
    "Distance on the mean head",
    "Comments pinned to it, and other proposals that change it, too",
)
EDIT: Final = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_TOP: Final = QModelIndex()
_DECIDED: Final[dict[Verdict, tuple[str, str]]] = {
    "approved": ("check", "success"),
    "rejected": ("close", "error"),
}


class ReviewModel(QAbstractTableModel):
    """Edits, farthest moved first unless another column sorts them."""

    def __init__(self) -> None:
        super().__init__()
        self._edits: list[ReviewedEdit] = []
        self._row_of: dict[str, int] = {}
        self._sorted = (MOVED, Qt.SortOrder.DescendingOrder)

    @property
    def edits(self) -> Sequence[ReviewedEdit]:
        """In the order of the table."""
        return self._edits

    def edit(self, row: int) -> ReviewedEdit | None:
        return self._edits[row] if 0 <= row < len(self._edits) else None

    def row_of(self, landmark: str | None) -> int:
        """-1 where the table does not hold it."""
        return self._row_of.get(landmark or "", -1)

    def set_edits(self, edits: Sequence[ReviewedEdit]) -> None:
        same = {edit.landmark for edit in edits} == set(self._row_of)
        if same and len(edits) == len(self._edits):
            self._edits = sorted(edits, key=lambda edit: self._row_of[edit.landmark])
            self._tell_all()
            return
        self.beginResetModel()
        self._edits = list(edits)
        self._order()
        self.endResetModel()

    def decide(self, landmarks: Collection[str], verdict: Verdict | None) -> None:
        """Show a verdict before the store has it."""
        for row in (self.row_of(key) for key in landmarks):
            if row >= 0:
                self._edits[row] = replace(self._edits[row], verdict=verdict)
        self._tell_all()

    def counts(self) -> tuple[int, int, int]:
        """How many are approved, rejected, and neither."""
        verdicts = [edit.verdict for edit in self._edits]
        approved, rejected = verdicts.count("approved"), verdicts.count("rejected")
        return approved, rejected, len(verdicts) - approved - rejected

    def unreviewed(self, row: int, back: bool = False) -> int | None:
        """Row of the next edit without a verdict, past the end from the start again."""
        count = len(self._edits)
        step = -1 if back else 1
        rows = range(count) if row < 0 and not back else _around(row, count, step)
        return next((r for r in rows if self._edits[r].verdict is None), None)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        keys = [self._edits[index.row()].landmark for index in held]
        self._order()
        for index, key in zip(held, keys, strict=True):
            self.changePersistentIndex(index, self.index(self._row_of[key], index.column()))
        self.layoutChanged.emit()

    def _order(self) -> None:
        column, order = self._sorted
        down = order == Qt.SortOrder.DescendingOrder
        self._edits.sort(key=lambda edit: edit.place)
        self._edits.sort(key=_KEYS[column], reverse=down)
        self._row_of = {edit.landmark: row for row, edit in enumerate(self._edits)}

    def _tell_all(self) -> None:
        if self._edits:
            last = self.index(len(self._edits) - 1, len(HEADERS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._edits)

    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        edit = self.edit(index.row()) if index.isValid() else None
        if edit is None:
            return None
        column = index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(edit, column)
            case Qt.ItemDataRole.DecorationRole if column == VERDICT:
                return sign(edit)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole if edit.verdict == "rejected" and column:
                return color("muted")
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{edit.name} ({edit.landmark})\n{edit.words}\n{state_words(edit)}"
            case _:
                return edit if role == EDIT else None


def sign(edit: ReviewedEdit) -> QIcon:
    """A tick, a cross, or a warning; nothing where it waits for a verdict."""
    if edit.verdict != "rejected" and edit.conflict is not None:
        return icon("warning", "warning")
    if edit.verdict is None:
        return icon("dash", "faint")
    return icon(*_DECIDED[edit.verdict])


def state_words(edit: ReviewedEdit) -> str:
    """Such as ``"rejected by Cleo: …"``."""
    if edit.verdict is None:
        said = "not reviewed yet"
    else:
        decided = edit.decided
        said = edit.verdict + (f" by {decided.by}" if decided else "")
        if decided and decided.reason:
            said += f": {decided.reason}"
    if edit.conflict is not None and edit.verdict != "rejected":
        said += "; in conflict with a newer release"
    elif edit.settlement is not None:
        said += f"; conflict settled by {edit.settlement.by}"
    return said


def _around(row: int, count: int, step: int) -> Sequence[int]:
    """All rows but this one, in the order in which they are met; this one last."""
    if not count:
        return ()
    start = row if row >= 0 else 0
    return [(start + step * k) % count for k in range(1, count + 1)]


def _text(edit: ReviewedEdit, column: int) -> str:
    match column:
        case 1:
            return edit.name
        case 2:
            return _change(edit)
        case 3:
            return mm(edit.distance).removesuffix(" mm") if edit.kind == "moved" else ""
        case 4:
            return str(edit.comments + len(edit.others) or "")
        case _:
            return ""


def _change(edit: ReviewedEdit) -> str:
    """What changed, without the distance, which has a column of its own."""
    parts = [part for part in edit.words.split("; ") if not part.startswith("moved ")]
    return "; ".join([edit.kind, *parts] if edit.kind == "moved" else parts)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in (MOVED, NOTES) else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _urgency(edit: ReviewedEdit) -> int:
    if edit.conflict is not None and edit.verdict != "rejected":
        return 0
    return {None: 1, "rejected": 2, "approved": 3}[edit.verdict]


_KEYS: Final[tuple[Callable[[ReviewedEdit], Any], ...]] = (
    _urgency,
    lambda edit: edit.name.casefold(),
    lambda edit: (edit.kind, edit.words),
    lambda edit: edit.distance,
    lambda edit: edit.comments + len(edit.others),
)
