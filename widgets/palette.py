"""The command palette: type a few letters of any command and press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QKeyEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets.commands import Commands, native
from widgets.theme import COLORS

_ACTION = Qt.ItemDataRole.UserRole
_GROUP = Qt.ItemDataRole.UserRole + 1
_MARKS = Qt.ItemDataRole.UserRole + 2
_ROWS = 11


def match(query: str, text: str) -> tuple[float, list[int]] | None:
    """How well the letters of ``query`` fit ``text`` in order, and where; None when they don't.

    Letters that begin words or follow one another count more, so "rv" finds "Render view" before
    "Recover".
    """
    found: tuple[float, list[int]] | None = None
    letters = [c for c in query.casefold() if not c.isspace()]
    folded = text.casefold()
    if len(folded) != len(text):
        folded = text.lower()
    for start in range(len(folded)) if letters else ():
        if folded[start] != letters[0]:
            continue
        fit = _from(letters, folded, start)
        if fit is not None and (found is None or fit[0] > found[0]):
            found = fit
    return found if letters else (0.0, [])


def _from(letters: list[str], text: str, start: int) -> tuple[float, list[int]] | None:
    marks: list[int] = []
    score, at = 0.0, start
    for letter in letters:
        starts = [i for i in range(at, len(text)) if text[i] == letter]
        if not starts:
            return None
        word = next((i for i in starts if i == 0 or not text[i - 1].isalnum()), None)
        place = starts[0] if starts[0] == at and marks else (starts[0] if word is None else word)
        if not _rest_fits(letters[len(marks) + 1 :], text, place + 1):
            place = starts[0]
        score += 1.0
        if place == 0 or not text[place - 1].isalnum():
            score += 2.0
        if marks and place == marks[-1] + 1:
            score += 1.5
        marks.append(place)
        at = place + 1
    return score - 0.02 * len(text) - 0.05 * marks[0], marks


def _rest_fits(letters: list[str], text: str, at: int) -> bool:
    for letter in letters:
        at = text.find(letter, at) + 1
        if at == 0:
            return False
    return True


class Palette(QFrame):
    """Opens over the top of its window; Escape or a click elsewhere closes it."""

    def __init__(self, commands: Commands, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAccessibleName("Command palette")
        self._commands, self._window = commands, window
        self._last: list[QAction] = []
        self.search = QLineEdit(self, placeholderText="Search commands…", clearButtonEnabled=True)
        self.search.setAccessibleName("Search commands")
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self._model = QStandardItemModel(self)
        self.list = QListView(self)
        self.list.setModel(self._model)
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(self._run)
        self._none = QLabel("No command fits these letters.", self)
        self._none.setProperty("role", "muted")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none.setContentsMargins(8, 16, 8, 16)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        layout.addWidget(self._none)

    def open(self) -> None:
        """Show all commands, those used last on top."""
        self.search.clear()
        self._filter("")
        window = self._window
        width = min(600, window.width() - 64)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - width) // 2, corner.y() + 56)
        self.setFixedWidth(width)
        self.show()
        self._fit()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def titles(self) -> list[str]:
        """What is listed now, best first."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    def _filter(self, query: str) -> None:
        rows = []
        for order, (name, action) in enumerate(self._commands):
            title, group = self._commands.title(name), self._commands.group(name)
            fit = match(query, title)
            if fit is None and (other := match(query, f"{group} {title}")):
                shift = len(group) + 1
                fit = other[0] - 2.0, [mark - shift for mark in other[1] if mark >= shift]
            if fit is None or not title:
                continue
            used = self._last.index(action) if action in self._last else len(self._last)
            rows.append(
                (not action.isEnabled(), -fit[0], used, order, action, title, group, fit[1])
            )
        rows.sort(key=lambda row: row[:4])
        self._model.clear()
        for disabled, *_, action, title, group, marks in rows:
            item = QStandardItem(title)
            item.setEditable(False)
            item.setEnabled(not disabled)
            item.setData(action, _ACTION)
            item.setData(group, _GROUP)
            item.setData(marks, _MARKS)
            item.setData(f"{group}: {title}", Qt.ItemDataRole.AccessibleTextRole)
            self._model.appendRow(item)
        self.list.setCurrentIndex(self._model.index(0, 0))
        self.list.setVisible(bool(rows))
        self._none.setVisible(not rows)
        self._fit()

    def _fit(self) -> None:
        """As high as what is listed, up to some rows."""
        rows = min(self._model.rowCount(), _ROWS)
        self.list.setFixedHeight(rows * self.list.sizeHintForRow(0) + 4 if rows else 0)
        self.adjustSize()

    def _run(self, index: QModelIndex) -> None:
        action = index.data(_ACTION)
        if not isinstance(action, QAction) or not action.isEnabled():
            return
        self.close()
        self._last = [action, *(a for a in self._last if a is not action)][:8]
        action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: _ROWS,
                Qt.Key.Key_PageUp: -_ROWS,
            }.get(Qt.Key(event.key()))
            if step is not None and self._model.rowCount():
                row = self.list.currentIndex().row() + step
                row = max(0, min(self._model.rowCount() - 1, row))
                self.list.setCurrentIndex(self._model.index(row, 0))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)


class _Row(QStyledItemDelegate):
    """The group in grey, the command with the letters that fit, its keys at the right."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(120, option.fontMetrics.height() + 12)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(COLORS["accent_fill"]))
            painter.drawRoundedRect(option.rect, 4, 4)
        rect = option.rect.adjusted(8, 0, -8, 0)
        quiet = COLORS["faint" if not enabled else "on_accent" if chosen else "muted"]
        strong = COLORS["faint" if not enabled else "on_accent" if chosen else "text"]
        self._text(
            painter, rect, Qt.AlignmentFlag.AlignLeft, index.data(_GROUP), quiet, option.font
        )
        action = index.data(_ACTION)
        keys = native(action.shortcuts()[:1]) if isinstance(action, QAction) else ""
        self._text(painter, rect, Qt.AlignmentFlag.AlignRight, keys, quiet, option.font)
        rect.setLeft(rect.left() + 72)
        rect.setRight(rect.right() - option.fontMetrics.horizontalAdvance(keys) - 8)
        marks = set(index.data(_MARKS) or ())
        bold = QFont(option.font)
        bold.setBold(True)
        bright = COLORS["on_accent" if chosen else "accent"] if enabled else strong
        x = rect.left()
        for place, letter in enumerate(index.data() or ""):
            font, ink = (bold, bright) if place in marks else (option.font, strong)
            painter.setFont(font)
            painter.setPen(QColor(ink))
            width = painter.fontMetrics().horizontalAdvance(letter)
            if x + width > rect.right():
                break
            painter.drawText(
                QRect(x, rect.top(), width + 2, rect.height()),
                Qt.AlignmentFlag.AlignVCenter,
                letter,
            )
            x += width
        painter.restore()

    @staticmethod
    def _text(
        painter: QPainter, rect: QRect, side: Qt.AlignmentFlag, text: str, ink: str, font: QFont
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(ink))
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, text)
