"""A model's error by the old and the new points as rows: all, those that moved, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from widgets.curate.words import mm
from widgets.theme import COLORS

if TYPE_CHECKING:
    from app.evaluation.definitions import DefinitionEffect, Error, Errors, PointEffect

_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_KEY: Final = Qt.ItemDataRole.UserRole
_COLUMNS: Final = ("Landmark", "Old, %", "New, %", "Change")
_SEEN: Final = 11
"""Rows that are seen without scrolling."""


class EffectTable(QTreeWidget):
    """Signals
    -------
    chosen(str)
        Id of the landmark whose row was chosen.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Errors by landmark")
        self.setHeaderLabels(_COLUMNS)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(30)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, len(_COLUMNS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            self.headerItem().setTextAlignment(column, _RIGHT)
        self.itemClicked.connect(self._clicked)

    def show_effect(self, effect: DefinitionEffect, standing: bool) -> None:
        """Rows of one way to measure: what was found as it stands, or carried along."""
        self.clear()
        means = [self._add("All landmarks", effect.whole, standing)]
        if effect.changed is not None:
            means.append(self._add("Those that moved", effect.changed, standing))
        for item in means:
            font = item.font(0)
            font.setBold(True)
            for column in range(len(_COLUMNS)):
                item.setFont(column, font)
        for point in effect.points:
            self._add_point(point, standing)
        rows = min(self.topLevelItemCount(), _SEEN) * self.sizeHintForRow(0)
        self.setFixedHeight(rows + self.header().sizeHint().height() + 2 * self.frameWidth() + 2)

    def _add_point(self, point: PointEffect, standing: bool) -> None:
        item = self._add(point.name, point.errors, standing)
        item.setData(0, _KEY, point.id)
        came = "added" if point.errors.carried.old is None else "removed"
        words = [point.id, came if point.moved is None else f"moved by {mm(point.moved)}"]
        if point.inexact is not None:
            words.append(f"the new place is told {100 * point.inexact:.2f} % of the box off")
        item.setToolTip(0, f"{point.name}\n{', '.join(words)}")

    def _add(self, name: str, errors: Errors, standing: bool) -> QTreeWidgetItem:
        error = errors.standing if standing and errors.standing is not None else errors.carried
        change = error.difference
        texts = [
            name,
            _share(error.old),
            _share(error.new),
            "" if change is None else f"{100 * change:+.2f}",
        ]
        item = QTreeWidgetItem(self, texts)
        for column in range(1, len(texts)):
            item.setTextAlignment(column, _RIGHT)
        item.setForeground(3, QBrush(QColor(COLORS[_tint(error)])))
        if error.interval is not None:
            low, high = error.interval
            item.setToolTip(3, f"95 % of faces drawn anew: {100 * low:+.3f} to {100 * high:+.3f}")
        return item

    def _clicked(self, item: QTreeWidgetItem) -> None:
        key = item.data(0, _KEY)
        if key:
            self.chosen.emit(key)


def _share(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.2f}"


def _tint(error: Error) -> str:
    """Of a change that chance does not explain."""
    if error.interval is None or error.interval[0] <= 0.0 <= error.interval[1]:
        return "muted"
    return "warning" if error.interval[0] > 0.0 else "success"
