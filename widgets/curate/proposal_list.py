"""Thousands of proposals as a list: numbers at once, rows when they come into sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.curate.records import Proposal
from widgets.curate.words import STATE_TINTS, STATE_WORDS, ago, counted
from widgets.theme import color

PROPOSAL: Final = Qt.ItemDataRole.UserRole
NUMBER: Final = Qt.ItemDataRole.UserRole + 1
PAGE: Final = 64
"""Rows that are read together."""

HEIGHT: Final = 52
_MARGIN: Final = 10
Index = QModelIndex | QPersistentModelIndex
_TOP: Final = QModelIndex()


class ProposalModel(QAbstractListModel):
    """Signals
    -------
    wanted : list of int
        Numbers of proposals that came into sight and are not known yet; `take` gives them.
    """

    wanted = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers: list[int] = []
        self._row_of: dict[int, int] = {}
        self._known: dict[int, Proposal] = {}
        self._asked: set[int] = set()
        self._missing: set[int] = set()
        self._ask = QTimer(self, singleShot=True, interval=0)
        self._ask.timeout.connect(self._ask_pages)

    @property
    def numbers(self) -> Sequence[int]:
        """In the order of the list."""
        return self._numbers

    def set_numbers(self, numbers: Sequence[int]) -> None:
        """Show other proposals, or the same ones anew: every row is read again when it is seen.

        What is known already stays on the screen until then.
        """
        self._asked.clear()
        if list(numbers) == self._numbers:
            if self._numbers:
                last = self.index(len(self._numbers) - 1)
                self.dataChanged.emit(self.index(0), last)
            return
        self.beginResetModel()
        self._numbers = list(numbers)
        self._row_of = {number: row for row, number in enumerate(self._numbers)}
        self._known = {n: p for n, p in self._known.items() if n in self._row_of}
        self.endResetModel()

    def take(self, proposals: Sequence[Proposal]) -> None:
        """Rows that were read."""
        for found in proposals:
            self._known[found.number] = found
        rows = sorted(self._row_of[p.number] for p in proposals if p.number in self._row_of)
        if rows:
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]))

    def row_of(self, number: int) -> int:
        """-1 where the list does not hold it."""
        return self._row_of.get(number, -1)

    def proposal(self, row: int) -> Proposal | None:
        """What is known of a row; asks for it where that is nothing."""
        if not 0 <= row < len(self._numbers):
            return None
        number = self._numbers[row]
        if number not in self._asked:
            self._missing.add(row // PAGE)
            self._ask.start()
        return self._known.get(number)

    def _ask_pages(self) -> None:
        pages, self._missing = sorted(self._missing), set()
        numbers = [n for page in pages for n in self._numbers[page * PAGE : (page + 1) * PAGE]]
        numbers = [n for n in numbers if n not in self._asked]
        self._asked.update(numbers)
        if numbers:
            self.wanted.emit(numbers)

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._numbers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._numbers):
            return None
        if role == NUMBER:
            return self._numbers[index.row()]
        if role == PROPOSAL:
            return self.proposal(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            found = self.proposal(index.row())
            return f"#{self._numbers[index.row()]} {_spoken(found)}".strip()
        if role == Qt.ItemDataRole.ToolTipRole:
            found = self.proposal(index.row())
            return _tip(found) if found else None
        return None


def _spoken(found: Proposal | None) -> str:
    if found is None:
        return ""
    return f"{found.title}, {STATE_WORDS[found.state]}, by {found.author}"


def _tip(found: Proposal) -> str:
    lines = [
        found.title,
        f"by {found.author} on release {found.base} of {found.topology}",
        f"{counted(found.points, 'edit')}: {found.approved} approved, {found.rejected} rejected",
        f"changed by {found.changed_by}, {ago(found.changed)}",
    ]
    if found.released is not None:
        lines.append(f"released as {found.topology} {found.released}")
    return "\n".join(lines)


class ProposalDelegate(QStyledItemDelegate):
    """A proposal in two lines: title and state; number, author, base, edits and age."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, color("accent_fill"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, color("raised"))
        painter.setPen(QPen(color("line"), 1.0))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        found = index.data(PROPOSAL)
        inner = rect.adjusted(_MARGIN, 7, -_MARGIN, -7)
        if isinstance(found, Proposal):
            _paint_words(painter, option.font, inner, found, chosen)
        else:
            _paint_number(painter, inner, index.data(NUMBER))
        painter.restore()


def _paint_words(
    painter: QPainter, font: QFont, inner: QRectF, found: Proposal, chosen: bool
) -> None:
    tint = color("on_accent") if chosen else color(STATE_TINTS[found.state])
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    plain = QFont(font)
    word = STATE_WORDS[found.state]
    width = QFontMetrics(plain).horizontalAdvance(word)
    painter.setFont(plain)
    painter.setPen(tint)
    top = QRectF(inner.left(), inner.top(), inner.width(), inner.height() / 2)
    painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
    painter.setFont(strong)
    painter.setPen(color("on_accent") if chosen else color("text"))
    room = top.adjusted(0, 0, -width - 12, 0)
    title = QFontMetrics(strong).elidedText(
        found.title, Qt.TextElideMode.ElideRight, int(room.width())
    )
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
    below = top.translated(0, inner.height() / 2)
    painter.setFont(plain)
    painter.setPen(color("on_accent") if chosen else color("muted"))
    right = ago(found.changed)
    painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)
    room = below.adjusted(0, 0, -QFontMetrics(plain).horizontalAdvance(right) - 12, 0)
    said = QFontMetrics(plain).elidedText(
        _second_line(found), Qt.TextElideMode.ElideRight, int(room.width())
    )
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, said)
    if found.state == "proposed" and found.points:
        _paint_progress(painter, inner, found, chosen)


def _second_line(found: Proposal) -> str:
    parts = [f"#{found.number}", found.author, f"{found.topology} {found.base}"]
    if found.released is not None:
        parts[-1] += f" → {found.released}"
    if found.state == "proposed" and found.unreviewed < found.points:
        parts.append(f"{found.points - found.unreviewed} of {counted(found.points, 'edit')}")
    else:
        parts.append(counted(found.points, "edit"))
    return " · ".join(parts)


def _paint_progress(painter: QPainter, inner: QRectF, found: Proposal, chosen: bool) -> None:
    """How much of it is reviewed, along the foot of the row."""
    if not found.approved and not found.rejected:
        return
    foot = QRectF(inner.left(), inner.bottom() + 3, inner.width(), 2)
    painter.setPen(Qt.PenStyle.NoPen)
    ground = QColor(color("on_accent") if chosen else color("muted"))
    ground.setAlpha(60)
    painter.fillRect(foot, ground)
    x = foot.left()
    for count, tint in ((found.approved, "success"), (found.rejected, "error")):
        width = foot.width() * count / found.points
        painter.fillRect(QRectF(x, foot.top(), width, foot.height()), color(tint))
        x += width


def _paint_number(painter: QPainter, inner: QRectF, number: object) -> None:
    """A row that is not read yet."""
    painter.setPen(color("faint"))
    painter.drawText(
        inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"#{number} …"
    )
