"""The exact values of every landmark as a table that is edited by typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from app.curate.moving import Move
from app.curate.naming import JoinPart, LeavePart, Rename, Reorder
from app.curate.surface import Spots, Surface
from app.topology.identity import ids_of
from app.topology.topology import Topology
from widgets.curate import looks
from widgets.curate.points import changed_rows
from widgets.curate.session import CurateSession

NUMBER, NAME, PART, X, Y, Z, MIRROR, STATE = range(8)
TITLES: Final = ("No.", "Name", "Part", "x", "y", "z", "Mirror", "State")
TIPS: Final = (
    "Place in the topology, from 0; typing another moves it there",
    "Unique in the topology",
    "The part that it belongs to; typing another assigns it, none takes it out",
    "Millimetres on the mean head, to the person's left",
    "Millimetres on the mean head, to the back",
    "Millimetres on the mean head, up",
    "Number of the landmark on the other side of the face, or “middle”",
    "Against the release that is edited, and how it is handled here",
)
_EDITABLE: Final = frozenset({NUMBER, NAME, PART, X, Y, Z})
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TURNS: Final = 60
_EXACT: Final = 2e-7
Index = QModelIndex | QPersistentModelIndex


class LandmarkTable(QAbstractTableModel):
    """Rows are the landmarks of the session's document, in order."""

    def __init__(self, session: CurateSession) -> None:
        super().__init__()
        self._session = session
        self._topology: Topology | None = None
        self._ids: tuple[str, ...] = ()
        self._rows: dict[str, int] = {}
        self._parts: list[str] = []
        self._states: list[str] = []
        session.opened.connect(self._reset)
        session.document_changed.connect(self._changed)
        session.view_changed.connect(self._view_changed)
        self._reset()

    # What it tells

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[section]
        return None

    def id_at(self, row: int) -> str:
        return self._ids[row]

    def row_of(self, key: str) -> int | None:
        return self._rows.get(key)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if self._topology is None or not 0 <= row < len(self._ids):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(row, column)
        if role == Qt.ItemDataRole.UserRole:
            return self._value(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (NUMBER, X, Y, Z):
            return int(_RIGHT)
        if role == Qt.ItemDataRole.ForegroundRole and column == STATE:
            return looks.STATES[self._states[row]][1]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column)
        return None

    def _text(self, row: int, column: int) -> str:
        assert self._topology is not None
        mark = self._topology.landmarks[row]
        if column in (X, Y, Z):
            return f"{1000.0 * mark.mean[column - X]:.3f}"
        if column == MIRROR:
            other = self._topology.mirror[row]
            return "middle" if other == row else str(other)
        texts = {NUMBER: str(row), NAME: mark.name, PART: self._parts[row]}
        return texts.get(column) or (
            looks.STATES[self._states[row]][0] if column == STATE else texts.get(column, "")
        )

    def _value(self, row: int, column: int) -> Any:
        """What rows are sorted by."""
        assert self._topology is not None
        if column == NUMBER:
            return row
        if column in (X, Y, Z):
            return self._topology.landmarks[row].mean[column - X]
        if column == MIRROR:
            return self._topology.mirror[row]
        return self._text(row, column).casefold()

    def _tip(self, row: int, column: int) -> str | None:
        assert self._topology is not None
        mark = self._topology.landmarks[row]
        if column == NUMBER:
            return self._ids[row]
        if column == NAME:
            return f"{mark.name}\n{self._ids[row]}\n{mark.origin}"
        if column == PART:
            return ", ".join(p.name for p in self._topology.parts if row in p.landmarks) or None
        if column == MIRROR:
            return self._topology.landmarks[self._topology.mirror[row]].name
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        editing = self._session.editing
        may = editing is not None and editing.writable
        return flags | Qt.ItemFlag.ItemIsEditable if may and index.column() in _EDITABLE else flags

    # What is typed

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or self._topology is None:
            return False
        row, column, text = index.row(), index.column(), str(value).strip()
        if text == self._text(row, column):
            return False
        key = self._ids[row]
        if column == NAME:
            return self._session.do(Rename(key, text))
        if column == PART:
            if not text:
                return self._session.do(LeavePart((key,), self._parts[row]))
            return self._session.do(JoinPart((key,), text))
        number = _number(text)
        if number is None:
            self._session.said.emit("warning", f"“{text}” is no number.")
            return False
        return self._reorder(key, number) if column == NUMBER else self._move(row, column, number)

    def _reorder(self, key: str, number: float) -> bool:
        place = round(number)
        if not 0 <= place < len(self._ids):
            self._session.said.emit(
                "warning", f"Places run from 0 to {len(self._ids) - 1}; {place} is none."
            )
            return False
        others = [k for k in self._ids if k != key]
        before = others[place] if place < len(others) else None
        return self._session.do(Reorder((key,), before))

    def _move(self, row: int, column: int, millimetres: float) -> bool:
        """Bring a landmark along the skin to where it has the coordinate that was typed."""
        document, topology = self._session.document, self._topology
        if document is None or topology is None:
            return False
        mark, head, axis = topology.landmarks[row], document.head, column - X
        spot = at_height(head.surface, head.spots([mark]), axis, millimetres / 1000.0)
        done = self._session.do(Move((self._ids[row],), spot, mark.name))
        after = self._session.topology
        missing = abs(after.landmarks[row].mean[axis] - millimetres / 1000.0) if after else 0.0
        if missing > 5e-5:
            self._session.said.emit(
                "info",
                f"{mark.name} went as near as its place on the skin allows, "
                f"{1000.0 * missing:.2f} mm from what was typed.",
            )
        return done

    # What is heard

    def _reset(self) -> None:
        self.beginResetModel()
        self._take(self._session.topology)
        self.endResetModel()

    def _take(self, topology: Topology | None) -> None:
        self._topology = topology
        self._ids = ids_of(topology) if topology is not None else ()
        self._rows = {key: i for i, key in enumerate(self._ids)}
        self._parts = _parts(topology) if topology is not None else []
        self._states = self._found_states()

    def _found_states(self) -> list[str]:
        document = self._session.document
        if document is None or self._topology is None:
            return []
        names = list(looks.STATES)
        found = looks.states_of(self._topology, document.base, document.view)
        return [names[k] for k in found]

    def _changed(self, before: Topology, after: Topology) -> None:
        if self._topology is None or ids_of(after) != self._ids:
            self._reset()
            return
        rows = set(changed_rows(self._topology, after).tolist())
        parts, states, mirror = self._parts, self._states, self._topology.mirror
        self._topology = after
        if before.parts != after.parts:
            self._parts = _parts(after)
            rows |= _differ(parts, self._parts)
        self._states = self._found_states()
        rows |= _differ(states, self._states)
        if mirror != after.mirror:
            rows |= _differ(mirror, after.mirror)
        self._tell(sorted(rows))

    def _view_changed(self) -> None:
        if self._topology is not None:
            self._states = self._found_states()
            self._tell(range(len(self._ids)))

    def _tell(self, rows: Sequence[int]) -> None:
        if len(rows):
            last = len(TITLES) - 1
            if len(rows) > 24:
                self.dataChanged.emit(self.index(rows[0], 0), self.index(rows[-1], last))
                return
            for row in rows:
                self.dataChanged.emit(self.index(row, 0), self.index(row, last))


class LandmarkFilter(QSortFilterProxyModel):
    """Landmarks whose name or part holds the words that are typed, or that have the number."""

    def __init__(self, table: LandmarkTable) -> None:
        super().__init__()
        self._words: list[str] = []
        self._number: int | None = None
        self.setSourceModel(table)
        self.setSortRole(Qt.ItemDataRole.UserRole)
        self.setDynamicSortFilter(False)

    def set_text(self, text: str) -> None:
        self._words = text.casefold().split()
        stripped = text.strip().lstrip("#")
        self._number = int(stripped) if stripped.isdecimal() else None
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        if not self._words:
            return True
        if self._number is not None:
            return row == self._number
        table = self.sourceModel()
        assert isinstance(table, LandmarkTable)
        held = " ".join(table._text(row, column) for column in (NAME, PART, STATE)).casefold()
        return all(word in held for word in self._words)


def at_height(surface: Surface, start: Spots, axis: int, value: float) -> Spots:
    """The place near another one where a coordinate has a value, or comes nearest to it.

    Parameters
    ----------
    surface : Surface
    start : Spots
        One place.
    axis : int
        0 to 2.
    value : float
        Metres.

    Notes
    -----
    Projections in turn on to the plane of that value and on to the surface.
    """
    spot = start
    for _ in range(_TURNS):
        point = surface.at(spot)
        if abs(point[0, axis] - value) < _EXACT:
            break
        point[0, axis] = value
        spot, _ = surface.closest(point, surface.facing(spot))
    return spot


def _parts(topology: Topology) -> list[str]:
    """The first part of each landmark."""
    found = [""] * len(topology)
    for part in reversed(topology.parts):
        for i in part.landmarks:
            found[i] = part.name
    return found


def _differ(one: Sequence[object], other: Sequence[object]) -> set[int]:
    """Rows in which two columns differ."""
    return {i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b}


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", ".").replace("−", "-").removesuffix("mm"))
    except ValueError:
        return None
    return value if np.isfinite(value) else None
