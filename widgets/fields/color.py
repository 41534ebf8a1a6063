"""Colour fields: a chip that opens a dialog, and a bar of colour temperatures.

Values are linear RGB as in the scene; only what is painted is encoded for the screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QColorDialog, QPushButton, QSizePolicy, QWidget

from app.scene.temperature import blackbody

Rgb = tuple[float, float, float]

COLDEST, HOTTEST = 1000.0, 12000.0
_STOPS: Final = 24


def screen_color(linear: Sequence[float]) -> QColor:
    """Linear RGB as sRGB (IEC 61966-2-1), cut to what a screen shows."""
    return QColor.fromRgbF(*(_encoded(min(max(v, 0.0), 1.0)) for v in linear))


def linear_color(color: QColor) -> Rgb:
    """sRGB of the screen as linear RGB."""
    return _decoded(color.redF()), _decoded(color.greenF()), _decoded(color.blueF())


def temperature_color(kelvin: float) -> QColor:
    """A black body's colour as bright as the screen can show it."""
    rgb = blackbody(round(kelvin))
    brightest = max(rgb)
    return screen_color([value / brightest for value in rgb])


def _encoded(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _decoded(encoded: float) -> float:
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4


class ColorButton(QPushButton):
    """A chip of the colour; a click opens a dialog whose every change is seen at once.

    Signals
    -------
    edited : (rgb, gesture)
        All changes of one dialog carry the same gesture; Cancel goes back to the first colour.
    """

    edited = Signal(object, object)

    def __init__(self, label: str, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label
        self._value: Rgb = (1.0, 1.0, 1.0)
        self._dialog: QColorDialog | None = None
        self.setObjectName("ColorButton")
        self.setAccessibleName(label)
        self.setToolTip(f"{tip}\nLinear values go into the scene.".strip())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open)

    def value(self) -> Rgb:
        return self._value

    def set_value(self, value: Rgb) -> None:
        if value != self._value:
            self._value = value
            self.setAccessibleDescription(screen_color(value).name())
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(60, self.fontMetrics().height() + 8)

    def _open(self) -> None:
        if self._dialog is not None:
            self._dialog.raise_()
            return
        dialog = self._dialog = QColorDialog(screen_color(self._value), self)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setWindowTitle(self.label)
        before, gesture = self._value, object()
        dialog.currentColorChanged.connect(lambda c: self._edit(linear_color(c), gesture))
        dialog.rejected.connect(lambda: self._edit(before, gesture))
        dialog.finished.connect(self._forget)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _forget(self) -> None:
        self._dialog = None

    def _edit(self, value: Rgb, gesture: object) -> None:
        if value != self._value:
            self.set_value(value)
            self.edited.emit(value, gesture)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        colour = screen_color(self._value)
        if not self.isEnabled():
            colour.setAlphaF(0.3)
        role = QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.Dark
        painter.setPen(QPen(self.palette().color(role), 1.4 if self.hasFocus() else 1.0))
        painter.setBrush(colour)
        painter.drawRoundedRect(box, 4, 4)
        if self.underMouse() and self.isEnabled():
            dark = colour.lightnessF() > 0.55
            painter.setPen(QColor("black" if dark else "white"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, colour.name().upper())


class TemperatureBar(QWidget):
    """The colours of 1000 to 12000 K; press or drag to choose.

    Signals
    -------
    edited : (kelvin, gesture)
    """

    edited = Signal(float, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = 6500.0
        self._gesture: object | None = None
        self.setFixedHeight(14)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colour temperature")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setToolTip(
            "1000 K (embers) to 12000 K (blue sky).\nCandle 1900, lamp 2700, noon 5500."
        )

    def value(self) -> float:
        return self._value

    def set_value(self, kelvin: float) -> None:
        if kelvin != self._value:
            self._value = kelvin
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._gesture = object()
            self._to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            self._to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._gesture = None

    def _to(self, x: float) -> None:
        part = min(max((x - 3) / max(self.width() - 6, 1), 0.0), 1.0)
        kelvin = float(round((COLDEST + part * (HOTTEST - COLDEST)) / 50.0) * 50)
        if kelvin != self._value:
            self.set_value(kelvin)
            self.edited.emit(kelvin, self._gesture)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 2.5, -0.5, -2.5)
        gradient = QLinearGradient(box.topLeft(), box.topRight())
        for i in range(_STOPS + 1):
            part = i / _STOPS
            gradient.setColorAt(part, temperature_color(COLDEST + part * (HOTTEST - COLDEST)))
        painter.setPen(self.palette().color(QPalette.ColorRole.Dark))
        painter.setBrush(gradient)
        painter.drawRoundedRect(box, 3, 3)
        part = (min(max(self._value, COLDEST), HOTTEST) - COLDEST) / (HOTTEST - COLDEST)
        x = 3 + part * (self.width() - 6)
        painter.setPen(QPen(QColor("white"), 1.2))
        painter.setBrush(QColor(20, 20, 22))
        painter.drawEllipse(QPointF(x, self.height() / 2), 4.5, 4.5)
