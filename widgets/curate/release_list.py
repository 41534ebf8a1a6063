"""The releases of one topology as a list, newest first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.curate.records import Release
from widgets.curate.words import counted, day
from widgets.theme import color

RELEASE = Qt.ItemDataRole.UserRole
HEIGHT = 46
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ReleaseList(QListWidget):
    """Signals
    -------
    chosen : Release or None
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMinimumHeight(2 * HEIGHT)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Releases")
        self.currentItemChanged.connect(lambda *_: self.chosen.emit(self.release))

    @property
    def release(self) -> Release | None:
        """The one that is chosen."""
        item = self.currentItem()
        release = item.data(RELEASE) if item is not None else None
        return release if isinstance(release, Release) else None

    def show_releases(self, newest_first: list[Release]) -> None:
        """Show others; the choice stays on its number, or goes to the newest."""
        kept = self.release
        self.blockSignals(True)
        self.clear()
        for release in newest_first:
            item = QListWidgetItem(f"Release {release.number}, {about(release)}")
            item.setData(RELEASE, release)
            self.addItem(item)
        self.blockSignals(False)
        numbers = [release.number for release in newest_first]
        same = kept is not None and newest_first and kept.topology == newest_first[0].topology
        row = numbers.index(kept.number) if same and kept and kept.number in numbers else 0
        self.setCurrentRow(row)
        self.chosen.emit(self.release)


def about(release: Release) -> str:
    """What a release is, in short."""
    record = release.record
    if record.kind == "shipped":
        return "comes with the program"
    if record.kind == "restored":
        return f"back to release {record.restored}"
    return record.title or "approved"


def by(release: Release) -> str:
    """Who made it, and of whose proposal."""
    record = release.record
    if record.kind == "shipped":
        return ""
    if record.kind == "restored" or not record.author:
        return f"by {record.by}"
    return f"{counted(len(record.log), 'edit')} of {record.author}, approved by {record.by}"


class _Delegate(QStyledItemDelegate):
    """Number and what it is; who and when."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        release = index.data(RELEASE)
        painter.save()
        rect = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, color("accent_fill"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, color("raised"))
        painter.setPen(QPen(color("line"), 1.0))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(10, 4, -10, -4)
        top = QRectF(inner.left(), inner.top(), inner.width(), inner.height() / 2)
        strong = QFont(option.font)
        strong.setWeight(QFont.Weight.DemiBold)
        number = f"{release.number}"
        painter.setFont(strong)
        painter.setPen(color("on_accent") if chosen else color("accent"))
        painter.drawText(QRectF(inner.left(), inner.top(), 34, inner.height()), _LEFT, number)
        words = top.adjusted(38, 0, 0, 0)
        painter.setPen(color("on_accent") if chosen else color("text"))
        _elided(painter, words, about(release), strong)
        painter.setFont(option.font)
        painter.setPen(color("on_accent") if chosen else color("muted"))
        below = words.translated(0, inner.height() / 2)
        when = day(release.record.at)
        painter.drawText(below, _RIGHT, when)
        gap = QFontMetrics(option.font).horizontalAdvance(when) + 10
        _elided(painter, below.adjusted(0, 0, -gap, 0), by(release), option.font)
        painter.restore()


def _elided(painter: QPainter, room: QRectF, text: str, font: QFont) -> None:
    painter.setFont(font)
    said = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, _LEFT, said)
