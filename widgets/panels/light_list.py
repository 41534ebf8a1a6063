"""The list of lights: kind, name, colour, solo and on/off in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from app.scene.scene import Light
from widgets.fields.color import screen_color, temperature_color
from widgets.fields.glyphs import paint

ROW: Final = 26
MAX_ROWS: Final = 8
LIGHT_ROLE: Final = Qt.ItemDataRole.UserRole


def light_color(light: Light) -> QColor:
    """The colour of a light as the screen can show it."""
    if light.temperature is not None:
        return temperature_color(light.temperature)
    return screen_color(light.color)


class LightList(QListWidget):
    """Shows lights and speaks of what people do with them; drag a row to move it."""

    selected = Signal(object)
    """The row that is chosen now, or None."""
    switched = Signal(int)
    soloed = Signal(int)
    renamed = Signal(int, str)
    removed = Signal(int)
    moved = Signal(int, int)
    """From a row to the row that it shall have then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._showing = False
        self.setObjectName("LightList")
        self.setAccessibleName("Lights")
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(self._select)
        self.itemChanged.connect(self._rename)
        self.model().rowsMoved.connect(self._move)

    def set_lights(self, lights: Sequence[Light]) -> None:
        self._showing = True
        row = self.currentRow()
        while self.count() > len(lights):
            self.takeItem(self.count() - 1)
        for i, light in enumerate(lights):
            item = self.item(i)
            if item is None:
                item = QListWidgetItem()
                item.setFlags(
                    Qt.ItemFlag.ItemIsSelectable
                    | Qt.ItemFlag.ItemIsEnabled
                    | Qt.ItemFlag.ItemIsEditable
                    | Qt.ItemFlag.ItemIsDragEnabled
                )
                self.addItem(item)
            if item.data(LIGHT_ROLE) != light or item.text() != light.name:
                item.setText(light.name)
                item.setData(LIGHT_ROLE, light)
                state = "on" if light.on else "off"
                item.setData(
                    Qt.ItemDataRole.AccessibleTextRole, f"{light.name}, {light.kind}, {state}"
                )
        if lights and row < 0:
            row = 0
        self.setCurrentRow(min(row, len(lights) - 1))
        self.setFixedHeight(max(1, min(len(lights), MAX_ROWS)) * ROW + 6)
        self._showing = False

    def choose(self, row: int | None) -> None:
        """Select a row without saying so."""
        self._showing = True
        self.setCurrentRow(-1 if row is None else row)
        self._showing = False

    def _select(self, row: int) -> None:
        if not self._showing:
            self.selected.emit(row if row >= 0 else None)

    def _rename(self, item: QListWidgetItem) -> None:
        if not self._showing:
            self.renamed.emit(self.row(item), " ".join(item.text().split())[:200])

    def _move(
        self, _from: QModelIndex, start: int, _end: int, _to: QModelIndex, before: int
    ) -> None:
        if not self._showing:
            self.moved.emit(start, before - 1 if before > start else before)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_F2, Qt.Key.Key_H, Qt.Key.Key_Slash)
            and not event.modifiers()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentRow()
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if self.state() == QAbstractItemView.State.EditingState or row < 0:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(row)
        elif event.key() == Qt.Key.Key_H:
            self.switched.emit(row)
        elif event.key() == Qt.Key.Key_Slash:
            self.soloed.emit(row)
        elif alt and event.key() == Qt.Key.Key_Up and row > 0:
            self.moved.emit(row, row - 1)
        elif alt and event.key() == Qt.Key.Key_Down and row < self.count() - 1:
            self.moved.emit(row, row + 1)
        else:
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """Paints one line and takes the clicks on its eye and its star."""

    TIPS: Final = {
        "eye": "On or off (H)",
        "solo": "Solo: only the starred lights shine (/)",
        "chip": "Colour of the light",
    }

    def __init__(self, view: LightList) -> None:
        super().__init__(view)
        self._view = view

    def places(self, rect: QRect) -> dict[str, QRect]:
        side = 18
        top = rect.top() + (rect.height() - side) // 2
        right = rect.right() - 4
        places = {"kind": QRect(rect.left() + 6, top, side, side)}
        for name in ("eye", "solo", "chip"):
            places[name] = QRect(right - side, top, side, side)
            right -= side + 6
        left = places["kind"].right() + 8
        places["name"] = QRect(left, rect.top(), right - left, rect.height())
        return places

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(100, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        light = index.data(LIGHT_ROLE)
        if not isinstance(light, Light):
            return
        rect: QRect = option.rect
        palette: QPalette = option.palette
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 4, 4)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Button))
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        colour = QColor(palette.color(QPalette.ColorGroup.Active, role))
        faint = QColor(colour)
        faint.setAlphaF(0.4)
        text = colour if light.on else faint
        places = self.places(rect)
        paint(painter, light.kind, QRectF(places["kind"]), text)
        painter.setPen(text)
        name = painter.fontMetrics().elidedText(
            light.name, Qt.TextElideMode.ElideRight, places["name"].width()
        )
        painter.drawText(
            places["name"], Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name
        )
        chip = QRectF(places["chip"]).adjusted(2, 3, -2, -3)
        painter.setPen(QColor(0, 0, 0, 120))
        painter.setBrush(light_color(light))
        painter.drawRoundedRect(chip, 3, 3)
        solo = light.solo
        star = "solo_on" if solo else "solo"
        paint(
            painter, star, QRectF(places["solo"]).adjusted(1, 1, -1, -1), colour if solo else faint
        )
        eye = "eye" if light.on else "eye_closed"
        paint(painter, eye, QRectF(places["eye"]), colour if light.on else faint)
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        kinds = (
            QEvent.Type.MouseButtonPress,
            QEvent.Type.MouseButtonRelease,
            QEvent.Type.MouseButtonDblClick,
        )
        if isinstance(event, QMouseEvent) and event.type() in kinds:
            places = self.places(option.rect)
            for name, signal in (("eye", self._view.switched), ("solo", self._view.soloed)):
                if places[name].adjusted(-3, -4, 3, 4).contains(event.position().toPoint()):
                    if event.type() == QEvent.Type.MouseButtonRelease:
                        signal.emit(index.row())
                    return True
        return super().editorEvent(event, model, option, index)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        for name, tip in self.TIPS.items():
            if index.isValid() and self.places(option.rect)[name].contains(event.pos()):
                QToolTip.showText(event.globalPos(), tip, view)
                return True
        return super().helpEvent(event, view, option, index)

    def updateEditorGeometry(
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        editor.setGeometry(self.places(option.rect)["name"].adjusted(-4, 1, 0, -1))
