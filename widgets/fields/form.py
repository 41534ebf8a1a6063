"""How every panel is laid out: foldable sections, and rows with one label column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.fields.number_field import NumberField

PANEL_WIDTH: Final = 320
LABEL_SHARE: Final = 11
"""Width of the label column in digits of the panel's font."""
ROW_GAP: Final = 5
SEGMENT_PAD: Final = 2
TAB_ROW: Final = 8
"""Widgets whose middles lie within so many pixels are of one row for the Tab key."""
BLOCK_GAP: Final = 1


class Panel(QScrollArea):
    """A column of sections that scrolls up and down only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Panel")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(PANEL_WIDTH)
        self.content = QWidget()
        self.content.setObjectName("PanelContent")
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(6, 6, 6, 6)
        self.column.setSpacing(4)
        self.column.addStretch(1)
        self.setWidget(self.content)

    def add(self, widget: QWidget) -> None:
        self.column.insertWidget(self.column.count() - 1, widget)

    def show_content(self, visible: bool) -> None:
        """Qt holds what lies behind another tab for visible; Tab would walk through it unseen."""
        self.content.setVisible(visible)

    def sections(self) -> dict[str, Section]:
        """Its foldable parts by name; those within another are the other's business."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        found = self.content.findChildren(Section, options=direct)
        return {section.name: section for section in found}

    def sizeHint(self) -> QSize:
        return QSize(350, 640)

    def focus_first(self) -> None:
        """Give the keyboard to the first field, past the header above it."""
        ordered = self.order_tabs()
        fields = [widget for widget in ordered if not isinstance(widget, _Header | QToolButton)]
        for widget in (fields or ordered)[:1]:
            widget.setFocus(Qt.FocusReason.TabFocusReason)

    def order_tabs(self) -> list[QWidget]:
        """Let Tab go from top to bottom and from left to right through what is seen."""

        def place(widget: QWidget) -> tuple[int, int]:
            middle = widget.mapTo(self.content, widget.rect().center())
            return middle.y() // TAB_ROW, widget.mapTo(self.content, QPoint(0, 0)).x()

        found = [
            widget
            for widget in self.content.findChildren(QWidget)
            if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        found.sort(key=place)
        for before, after in pairwise(found):
            QWidget.setTabOrder(before, after)
        return found

    def focusNextPrevChild(self, forward: bool) -> bool:
        self.order_tabs()
        return super().focusNextPrevChild(forward)


class Section(QFrame):
    """A titled part of a panel that folds when its header is clicked or Space is pressed on it."""

    toggled = Signal(bool)

    def __init__(self, title: str, *, expanded: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Section")
        self.name, self.expanded = title, expanded
        self.header = _Header(title)
        self.header.clicked.connect(lambda: self.set_expanded(not self.expanded))
        self.body = QWidget()
        self.body.setObjectName("SectionBody")
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(8, 2, 8, 8)
        self.rows.setSpacing(ROW_GAP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.body)
        self.body.setVisible(expanded)
        self.header.set_expanded(expanded)

    def set_expanded(self, expanded: bool) -> None:
        if expanded != self.expanded:
            self.expanded = expanded
            self.header.set_expanded(expanded)
            self.toggled.emit(expanded)
            self.body.setVisible(expanded)

    def add(self, widget: QWidget) -> None:
        self.rows.addWidget(widget)

    def add_row(self, label: str, *widgets: QWidget) -> Row:
        row = Row(label, *widgets)
        self.rows.addWidget(row)
        return row

    def add_block(self, labels: str | Sequence[str], fields: Sequence[NumberField]) -> Block:
        """Fields that belong together, one below the other without a gap."""
        block = Block([labels] if isinstance(labels, str) else labels, fields)
        self.rows.addWidget(block)
        return block

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        window = self.palette().color(QPalette.ColorRole.Window)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(window.lighter(116) if window.lightness() < 128 else window.darker(104))
        painter.drawRoundedRect(QRectF(self.rect()), 5, 5)


class _Header(QWidget):
    """Chevron and title; small buttons may stand at its right end."""

    clicked = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("SectionHeader")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(title)
        self._expanded = True
        self._title = QLabel(title)
        self._title.setObjectName("SectionTitle")
        self._title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.layout_ = QHBoxLayout(self)
        self.layout_.setContentsMargins(24, 3, 6, 3)
        self.layout_.setSpacing(2)
        self.layout_.addWidget(self._title, 1)
        self.setMinimumHeight(self.fontMetrics().height() + 12)

    def set_slim(self) -> None:
        """Lower, for a section within a section."""
        self.layout_.setContentsMargins(24, 0, 6, 0)
        self.setMinimumHeight(self.fontMetrics().height() + 6)

    def set_title(self, title: str) -> None:
        self._title.setText(title)
        self.setAccessibleName(title)

    def add(self, widget: QWidget) -> None:
        self.layout_.addWidget(widget)

    def set_expanded(self, expanded: bool) -> None:
        self._expanded = expanded
        self.setAccessibleDescription("expanded" if expanded else "folded")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        colour.setAlpha(190)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.translate(13, self.height() / 2)
        painter.rotate(90 if self._expanded else 0)
        chevron = QPainterPath(QPointF(-2.5, -4))
        chevron.lineTo(3.5, 0)
        chevron.lineTo(-2.5, 4)
        chevron.closeSubpath()
        painter.drawPath(chevron)


def label_width(widget: QWidget) -> int:
    """The one width of all label columns."""
    return widget.fontMetrics().averageCharWidth() * LABEL_SHARE + 16


class RowLabel(QLabel):
    """The right-aligned name of a row; what does not fit is elided and shown as a tool tip."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setObjectName("RowLabel")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedWidth(label_width(self))
        self._elide()

    def set_text(self, text: str) -> None:
        self._text = text
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.setFixedWidth(label_width(self))
            self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideRight, self.width() - 2
        )
        self.setText(shown)
        self.setToolTip(self._text if shown != self._text else "")


class Row(QWidget):
    """A label and what it names; widgets share the rest of the width."""

    def __init__(self, label: str, *widgets: QWidget) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self.label = RowLabel(label)
        layout.addWidget(self.label)
        inner = QHBoxLayout()
        inner.setSpacing(4)
        layout.addLayout(inner, 1)
        for widget in widgets:
            grows = widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Expanding
            inner.addWidget(widget, 1 if grows else 0)
        if len(widgets) == 1:
            self.label.setBuddy(widgets[0])


class Block(QWidget):
    """Fields joined into one block beside their labels, as Blender shows a vector."""

    def __init__(self, labels: Sequence[str], fields: Sequence[NumberField]) -> None:
        super().__init__()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(6)
        layout.setVerticalSpacing(BLOCK_GAP)
        self.labels = [RowLabel(text) for text in labels]
        for i, label in enumerate(self.labels):
            label.setBuddy(fields[i])
            layout.addWidget(label, i, 0)
        for i, field in enumerate(fields):
            field.set_round(i == 0, i == len(fields) - 1)
            layout.addWidget(field, i, 1)
        layout.setColumnStretch(1, 1)


def side_by_side(*widgets: QWidget) -> QWidget:
    """Widgets that share a whole row evenly."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for widget in widgets:
        widget.setMinimumWidth(40)
        layout.addWidget(widget, 1)
    row.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return row


class Choice(QComboBox):
    """A combo box that the wheel changes only while it has the focus."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Segments(QFrame):
    """One of a few, as joined buttons."""

    chosen = Signal(object)
    """The key of the button that the person pressed."""

    def __init__(
        self, label: str, choices: Sequence[tuple[object, str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("segmented", True)
        self.setAccessibleName(label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._keys = [key for key, _, _ in choices]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(BLOCK_GAP)
        for i, (_, text, tip) in enumerate(choices):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(f"{label}: {text}")
            button.setCheckable(True)
            button.setMinimumWidth(20)
            button.setStyleSheet(f"padding-left: {SEGMENT_PAD}px; padding-right: {SEGMENT_PAD}px;")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, i)
            layout.addWidget(button, button.sizeHint().width())
        self._group.idClicked.connect(lambda i: self.chosen.emit(self._keys[i]))

    def key(self) -> object | None:
        checked = self._group.checkedId()
        return self._keys[checked] if checked >= 0 else None

    def set_key(self, key: object | None) -> None:
        """Check the button of a key, or none."""
        if key in self._keys:
            self._group.button(self._keys.index(key)).setChecked(True)
            return
        checked = self._group.checkedButton()
        if checked is not None:
            self._group.setExclusive(False)
            checked.setChecked(False)
            self._group.setExclusive(True)

    def button(self, key: object) -> QToolButton:
        button = self._group.button(self._keys.index(key))
        assert isinstance(button, QToolButton)
        return button


class Toggle(QCheckBox):
    """A check box; ``edited`` speaks of the person's clicks only."""

    edited = Signal(bool)

    def __init__(self, text: str, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setToolTip(tip)
        self.clicked.connect(self.edited)


class Vector(QObject):
    """Three joined number fields; ``edited`` carries the whole vector and the gesture."""

    edited = Signal(object, object)

    def __init__(
        self,
        label: str,
        *,
        default: Sequence[float] = (0.0, 0.0, 0.0),
        captions: Sequence[str] = ("X", "Y", "Z"),
        hard: tuple[float, float] = (-1000.0, 1000.0),
        step: float = 0.01,
        decimals: int = 3,
        unit: str = "m",
        tips: Sequence[str] = ("", "", ""),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.fields = [
            NumberField(
                f"{label} {caption}",
                default=value,
                hard=hard,
                step=step,
                decimals=decimals,
                unit=unit,
                caption=caption,
                tip=tip,
            )
            for caption, value, tip in zip(captions, default, tips, strict=True)
        ]
        for field in self.fields:
            field.set_group(self.fields)
            field.edited.connect(self._emit)

    def value(self) -> tuple[float, ...]:
        return tuple(field.value() for field in self.fields)

    def set_value(self, value: Sequence[float]) -> None:
        for field, number in zip(self.fields, value, strict=True):
            field.set_value(number)

    def _emit(self, _value: float, gesture: object) -> None:
        self.edited.emit(self.value(), gesture)


class Hint(QLabel):
    """A friendly line where there is nothing to show, or a note below a field."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setObjectName("Hint")
        self.setWordWrap(True)
        self.setMinimumWidth(40)
        self.setProperty("role", "muted")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
