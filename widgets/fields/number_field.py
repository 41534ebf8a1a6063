"""The number field of every panel, after Blender's: drag, type, step, reset, copy and paste."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from typing import ClassVar, Final, cast

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget

from widgets.fields.drag import Drag
from widgets.fields.expression import LENGTH, ExpressionError, evaluate
from widgets.fields.number_editor import Editor, FieldMenu
from widgets.fields.number_paint import Look, paint_field

PIXELS_A_STEP: Final = 4.0
PRECISE: Final = 0.1
BURST_SECONDS: Final = 0.8
"""Wheel and arrow steps that follow one another this closely are one undo step."""

_STARTS_TYPING = frozenset("0123456789.,-+(")
_STEPS: Final = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_PageDown: -10,
}
_NUMBER = re.compile(r"[-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")


class NumberField(QWidget):
    """One number with a unit.

    Dragging sideways changes it (Ctrl snaps, Shift is precise, Esc restores); a click, Enter or a
    digit starts typing; arrows and the wheel step it while it has the focus; Backspace or a double
    right click resets it.

    Parameters
    ----------
    label : str
        Says what the number is, for screen readers and the context menu.
    hard : tuple of float
        Limits of the value.
    soft : tuple of float, optional
        Limits of dragging and stepping; with ``bar`` also the ends of the fill.
    step : float
        One press of an arrow key.
    snap : float, optional
        Multiples that dragging with Ctrl keeps to; five steps when not given.
    decimals : int
        Places shown; 0 makes it a whole number.
    bar : bool
        Fill the field in proportion, as a slider.
    caption : str
        Short text inside the field, such as the axis of a vector.

    Signals
    -------
    edited : (float, object)
        The person changed the value. The object is the same for all changes of one drag or one
        burst of steps, and None for a value typed, pasted or reset: a gesture for
        `Document.change`.
    """

    edited = Signal(float, object)
    lengths_in: ClassVar[str] = "m"
    """Fields of metres are shown and typed in this unit; their values stay metres."""

    def __init__(
        self,
        label: str,
        *,
        default: float = 0.0,
        hard: tuple[float, float] = (-math.inf, math.inf),
        soft: tuple[float, float] | None = None,
        step: float = 0.1,
        snap: float | None = None,
        decimals: int = 2,
        unit: str = "",
        bar: bool = False,
        caption: str = "",
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.label, self.default, self.hard, self.unit = label, default, hard, unit
        self.step, self.snap, self.decimals = step, snap or step * 5, decimals
        self._soft = soft or hard
        self._bar = bar and all(math.isfinite(v) for v in self._soft)
        self._caption = caption
        self._value = default
        self.read_only = False
        self._round = (True, True)
        self._hovered = False
        self.group: Sequence[NumberField] = ()
        self._drag: Drag | None = None
        self.editor: Editor | None = None
        self._burst: tuple[float, object] = (0.0, object())
        self._wheel = 0
        self.setObjectName("NumberField")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(label)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self._describe()

    # --- value ---------------------------------------------------------------------------------

    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show another value; says nothing to anyone and leaves a text being typed alone."""
        value = float(value)
        if value != self._value:
            self._value = value
            self._describe()
            self.update()

    def text(self) -> str:
        """The value as shown, with its unit."""
        return self.text_of(self._value)

    def text_of(self, value: float) -> str:
        """Any value as the field would show it."""
        number = self._rounded(value).replace("-", "−")
        unit = self.shown_unit
        gap = "" if unit in ("", "°", "×") else " "
        return f"{number}{gap}{unit}"

    def number_text(self) -> str:
        return self._rounded(self._value)

    @property
    def shown_unit(self) -> str:
        return self.lengths_in if self.unit == "m" else self.unit

    @property
    def _shown_factor(self) -> float:
        """A value times this is what is shown."""
        return 1.0 / LENGTH[self.lengths_in] if self.unit == "m" else 1.0

    def _typed(self, text: str) -> float:
        return evaluate(text, self.shown_unit) / self._shown_factor

    def _rounded(self, value: float) -> str:
        factor = self._shown_factor
        text = f"{value * factor:.{max(0, self.decimals - round(math.log10(factor)))}f}"
        return text[1:] if text.startswith("-") and not float(text) else text

    def set_unit(self, unit: str) -> None:
        self.unit = unit
        self._describe()
        self.update()

    def set_default(self, default: float) -> None:
        self.default = default

    def set_soft(self, soft: tuple[float, float]) -> None:
        """Other limits of dragging, which a change of the field's meaning asks for."""
        self._soft = soft
        self.update()

    def set_read_only(self, read_only: bool) -> None:
        self.read_only = read_only
        self.setCursor(Qt.CursorShape.ArrowCursor if read_only else Qt.CursorShape.SizeHorCursor)
        self.update()

    def set_group(self, group: Sequence[NumberField]) -> None:
        """The fields of one vector, which are copied and pasted together."""
        self.group = group

    def set_round(self, top: bool, bottom: bool) -> None:
        """Which corners are round, so that fields stand as one block."""
        self._round = (top, bottom)
        self.update()

    def reset(self) -> None:
        self.edit(self.default, None)

    @property
    def editing(self) -> bool:
        return self.editor is not None

    def edit(self, value: float, gesture: object | None) -> None:
        """Take a value from the person, within the hard limits."""
        if self.read_only:
            return
        value = min(max(value, self.hard[0]), self.hard[1])
        if self.decimals == 0:
            value = float(round(value))
        if value != self._value:
            self.set_value(value)
            self.edited.emit(value, gesture)

    def _describe(self) -> None:
        self.setAccessibleDescription(self.text())

    # --- typing --------------------------------------------------------------------------------

    def start_editing(self, text: str | None = None) -> None:
        """Open the text editor, with the number selected or with ``text`` typed already."""
        if self.read_only or self.editor is not None or not self.isEnabled():
            return
        editor = self.editor = Editor(self)
        editor.setText(self._full_text() if text is None else text)
        editor.setGeometry(self.rect().adjusted(4, 1, -4, -1))
        if text is None:
            editor.selectAll()
        editor.show()
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.update()

    def _full_text(self) -> str:
        value = self._value * self._shown_factor
        exact = f"{value:.6f}".rstrip("0").rstrip(".")
        shown = self.number_text()
        return shown if math.isclose(float(shown), value, abs_tol=1e-9) else exact

    def finish_editing(self, accept: bool) -> bool:
        """Close the editor; False where it stays open because its text is no number."""
        editor = self.editor
        if editor is None:
            return True
        if accept:
            try:
                value = self._typed(editor.text())
            except ExpressionError as error:
                editor.complain(str(error))
                self.update()
                return False
        self._close_editor()
        if accept:
            self.edit(value, None)
        return True

    def _close_editor(self) -> None:
        editor, self.editor = self.editor, None
        if editor is not None:
            had_focus = editor.hasFocus()
            editor.hide()
            editor.deleteLater()
            if had_focus:
                self.setFocus(Qt.FocusReason.OtherFocusReason)
        QToolTip.hideText()
        self.update()

    def next_field(self, step: int) -> NumberField | None:
        """The number field that comes after (before) this one in the window's tab order."""
        widget: QWidget | None = self
        while True:
            assert widget is not None
            chain = widget.nextInFocusChain if step > 0 else widget.previousInFocusChain
            widget = chain()
            if widget is None or widget is self:
                return None
            if (
                isinstance(widget, NumberField)
                and widget.isVisible()
                and widget.isEnabled()
                and not widget.read_only
            ):
                return widget

    def edit_neighbour(self, step: int) -> None:
        """Take what is typed and go on typing in the next field."""
        if self.finish_editing(accept=True):
            self._order_tabs()
            field = self.next_field(step)
            if field is not None:
                field.reveal()
                field.start_editing()

    def _panel(self) -> QScrollArea | None:
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        return parent

    def _order_tabs(self) -> None:
        order = getattr(self._panel(), "order_tabs", None)
        if order is not None:
            order()

    def reveal(self) -> None:
        """Scroll the panel so that the field is seen."""
        panel = self._panel()
        if panel is not None:
            panel.ensureWidgetVisible(self, 0, 24)

    # --- stepping ------------------------------------------------------------------------------

    def _step(self, steps: float, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            amount = self.snap
        elif modifiers & Qt.KeyboardModifier.ShiftModifier and self.decimals:
            amount = self.step * PRECISE
        else:
            amount = self.step
        now = time.monotonic()
        last, gesture = self._burst
        if now - last > BURST_SECONDS:
            gesture = object()
        self._burst = (now, gesture)
        self.edit(self._softly(self._value + steps * amount), gesture)

    def _softly(self, value: float) -> float:
        """Keep to the soft limits, or to where the value already is beyond them."""
        low, high = min(self._soft[0], self._value), max(self._soft[1], self._value)
        return round(min(max(value, low), high), self.decimals + 2)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus() or self.read_only:
            event.ignore()
            return
        self._wheel += event.angleDelta().y() or event.angleDelta().x()
        notches, self._wheel = int(self._wheel / 120), int(math.fmod(self._wheel, 120))
        if notches:
            self._step(notches, event.modifiers())
        event.accept()

    # --- mouse ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.read_only:
            self._drag = Drag(event.globalPosition(), self._value)
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        drag = self._drag
        if drag is None:
            return
        travel = drag.travel(event.globalPosition())
        if not drag.moving:
            return
        if self.cursor().shape() != Qt.CursorShape.BlankCursor:
            self.setCursor(Qt.CursorShape.BlankCursor)
        modifiers = event.modifiers()
        precise = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        drag.value += travel * self._value_a_pixel() * (PRECISE if precise else 1.0)
        low, high = min(self._soft[0], drag.start), max(self._soft[1], drag.start)
        drag.value = min(max(drag.value, low), high)
        value = drag.value
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            grid = self.step if precise else self.snap
            value = min(max(round(value / grid) * grid, low), high)
        self.edit(round(value, self.decimals + precise), drag)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        drag, clicked = self._drag, self._drag is not None and not self._drag.moving
        self._end_drag()
        if drag is not None and clicked and self.rect().contains(event.position().toPoint()):
            self._click(event.position().x(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self.reset()
        elif event.button() == Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)

    def _click(self, x: float, modifiers: Qt.KeyboardModifier) -> None:
        arrow = self._arrow_width()
        if arrow and x < arrow:
            self._step(-1, modifiers)
        elif arrow and x > self.width() - arrow:
            self._step(1, modifiers)
        else:
            self.start_editing()

    def _end_drag(self) -> None:
        drag, self._drag = self._drag, None
        if drag is not None and drag.moving:
            self.setCursor(Qt.CursorShape.SizeHorCursor)
            drag.put_cursor_back()
            self.update()

    def _value_a_pixel(self) -> float:
        if self._bar:
            return (self._soft[1] - self._soft[0]) / max(self.width(), 1)
        return self.step / PIXELS_A_STEP

    # --- keys ----------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._takes(cast(QKeyEvent, event)):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        """Keys that mean something here and so are not short cuts of the window."""
        if event.matches(QKeySequence.StandardKey.Copy):
            return True
        if self.read_only:
            return False
        plain = not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier
            | Qt.KeyboardModifier.AltModifier
            | Qt.KeyboardModifier.MetaModifier
        )
        return (
            event.matches(QKeySequence.StandardKey.Paste)
            or event.key() in _STEPS
            or (
                plain
                and (
                    event.text() in _STARTS_TYPING
                    or event.key()
                    in (
                        Qt.Key.Key_Return,
                        Qt.Key.Key_Enter,
                        Qt.Key.Key_F2,
                        Qt.Key.Key_Backspace,
                        Qt.Key.Key_Delete,
                    )
                )
                and event.text() != ""
            )
            or (event.key() == Qt.Key.Key_Escape and self._drag is not None)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._drag is not None:
            drag = self._drag
            self.edit(drag.start, drag)
            self._end_drag()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif self.read_only:
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif key in _STEPS:
            self._step(_STEPS[key], event.modifiers())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.start_editing()
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.reset()
        elif event.text() and event.text() in _STARTS_TYPING:
            self.start_editing(event.text())
        else:
            super().keyPressEvent(event)

    # --- copying -------------------------------------------------------------------------------

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self._full_text())

    def copy_all(self) -> None:
        """The whole vector as a list, as Blender and Python write it."""
        numbers = ", ".join(field._full_text() for field in self.group)
        QGuiApplication.clipboard().setText(f"[{numbers}]")

    def paste(self) -> None:
        """Take a value, or for the fields of a vector a list of them, from the clipboard."""
        text = QGuiApplication.clipboard().text().strip()
        if self.group and text.startswith(("[", "(")):
            numbers = [float(n.replace("−", "-")) for n in _NUMBER.findall(text)]
            if len(numbers) == len(self.group):
                gesture = object()
                for field, number in zip(self.group, numbers, strict=True):
                    field.edit(number / field._shown_factor, gesture)
                return
        try:
            self.edit(self._typed(text), None)
        except ExpressionError as error:
            self.say(f"Nothing pasted: {error}.")

    def say(self, message: str) -> None:
        QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), message, self)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._end_drag()
        menu = FieldMenu(self)
        menu.popup(event.globalPos())

    # --- painting ------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("−000.000 m") + 24, metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("−00.0") + 10, metrics.height() + 8)

    def _arrow_width(self) -> int:
        wide = self.width() >= self.fontMetrics().horizontalAdvance(self.text()) + 44
        return 14 if wide and not self._bar and not self._caption and not self.read_only else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self.palette()
        active = self.editing or (self._drag is not None and self._drag.moving)
        look = Look(
            text=self.text(),
            short_text=self.number_text().replace("-", "−"),
            caption=self._caption,
            fill=self._fill(),
            round=self._round,
            enabled=self.isEnabled(),
            read_only=self.read_only,
            hovered=self._hovered,
            focused=self.editing or self.hasFocus(),
            active=active,
            editing=self.editing,
            invalid=bool(self.property("wrong"))
            or (self.editor is not None and self.editor.invalid),
            arrows=bool(self._arrow_width()) and self._drag is None,
        )
        painter = QPainter(self)
        paint_field(painter, self.rect(), palette, look)

    def _fill(self) -> tuple[float, float, float] | None:
        """Where the bar begins and ends, and where zero is, from 0 to 1; None without a bar."""
        if not self._bar:
            return None
        low, high = self._soft
        zero = 0.0 if low < 0.0 < high else low
        zero, end = ((min(max(v, low), high) - low) / (high - low) for v in (zero, self._value))
        return min(zero, end), max(zero, end), zero

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._wheel = 0
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.editor is not None:
            self.editor.setGeometry(self.rect().adjusted(4, 1, -4, -1))


def show_lengths_in(unit: str, window: QWidget) -> None:
    """Show all fields of metres in ``unit``, those of ``window`` at once."""
    NumberField.lengths_in = unit
    for field in window.findChildren(NumberField):
        field.set_unit(field.unit)
