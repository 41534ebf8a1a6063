"""The table of landmarks with its search, tied to what is chosen on the head."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from widgets.curate.session import CurateSession
from widgets.curate.table import NAME, NUMBER, PART, STATE, LandmarkFilter, LandmarkTable, X, Z
from widgets.theme import icon

_WIDTHS = {NUMBER: 56, NAME: 122, PART: 76, STATE: 84}


class TablePanel(QWidget):
    """All landmarks; those that are chosen here are chosen on the head, and the other way."""

    def __init__(self, session: CurateSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._telling = False
        self.model = LandmarkTable(session)
        self.filter = LandmarkFilter(self.model)
        self.search = QLineEdit(placeholderText="Name, part or number…", clearButtonEnabled=True)
        self.search.setAccessibleName("Find landmarks")
        self.search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._take_first)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.view = QTableView()
        self.view.setAccessibleName("Landmarks")
        self.view.setModel(self.filter)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setAlternatingRowColors(True)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(NUMBER, Qt.SortOrder.AscendingOrder)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(24)
        header = self.view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(36)
        for column in range(self.model.columnCount()):
            header.resizeSection(column, 66 if X <= column <= Z else _WIDTHS.get(column, 58))
        self.view.selectionModel().selectionChanged.connect(self._rows_chosen)
        session.selection_changed.connect(self._show_chosen)
        session.opened.connect(self._show_count)
        session.document_changed.connect(lambda *_: self._show_count())
        self.model.modelReset.connect(self._show_chosen)
        row = QHBoxLayout()
        row.addWidget(self.search, 1)
        row.addWidget(self.count)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(8, 8, 8, 8)
        column_.setSpacing(8)
        column_.addLayout(row)
        column_.addWidget(self.view, 1)
        self._show_count()

    def focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def edit_name(self) -> None:
        """Type another name for the chosen landmark."""
        key = self._session.current
        row = self.model.row_of(key) if key is not None else None
        if row is None:
            return
        index = self.filter.mapFromSource(self.model.index(row, NAME))
        if not index.isValid():
            self.search.clear()
            index = self.filter.mapFromSource(self.model.index(row, NAME))
        self.view.setFocus()
        self.view.setCurrentIndex(index)
        self.view.edit(index)

    def _search(self, text: str) -> None:
        self._telling = True
        self.filter.set_text(text)
        self._telling = False
        self._show_count()
        self._show_chosen()

    def _take_first(self) -> None:
        if self.filter.rowCount():
            key = self.model.id_at(self.filter.mapToSource(self.filter.index(0, 0)).row())
            self._session.select([key], key)

    def _show_count(self) -> None:
        chosen, found, whole = (
            len(self._session.selection),
            self.filter.rowCount(),
            self.model.rowCount(),
        )
        words = str(whole) if found == whole else f"{found} of {whole}"
        self.count.setText(f"{chosen} chosen, {words}" if chosen else words)

    def _rows_chosen(self, *_: QItemSelection) -> None:
        if self._telling:
            return
        rows = self.view.selectionModel().selectedRows()
        keys = [self.model.id_at(self.filter.mapToSource(index).row()) for index in rows]
        at = self.filter.mapToSource(self.view.selectionModel().currentIndex())
        current = self.model.id_at(at.row()) if at.isValid() else None
        hidden = [k for k in self._session.selection if not self._listed(k)]
        self._telling = True
        self._session.select([*keys, *hidden], current if current in keys else None)
        self._telling = False
        self._show_count()

    def _listed(self, key: str) -> bool:
        row = self.model.row_of(key)
        return row is not None and self.filter.mapFromSource(self.model.index(row, 0)).isValid()

    def _show_chosen(self) -> None:
        if self._telling:
            return
        chosen = QItemSelection()
        last = self.model.columnCount() - 1
        at = QModelIndex()
        for key in self._session.selection:
            row = self.model.row_of(key)
            if row is None:
                continue
            index = self.filter.mapFromSource(self.model.index(row, 0))
            if index.isValid():
                chosen.select(index, index.siblingAtColumn(last))
                at = index if key == self._session.current else at
        self._telling = True
        flag = QItemSelectionModel.SelectionFlag
        model = self.view.selectionModel()
        model.select(chosen, flag.ClearAndSelect)
        if at.isValid():
            model.setCurrentIndex(at, flag.NoUpdate)
            self.view.scrollTo(at)
        self._telling = False
        self._show_count()
