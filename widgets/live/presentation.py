"""The live picture on a whole screen: large type, six switches on the keys 1 to 6, no pointer."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from widgets.live.canvas import LiveCanvas
from widgets.live.overlays import Overlays

SWITCHES: Final = (
    ("Landmarks", ("points_68", "contours_68")),
    ("Mesh", ("mesh_520",)),
    ("Uncertainty", ("sigma",)),
    ("Pose", ("axes",)),
    ("Depth", ("depth",)),
    ("Figures", ()),
)
"""What the keys 1 to 6 switch; the last one the figures."""

FIGURES: Final = len(SWITCHES) - 1
AWAY_MS: Final = 2500
"""Without a move of the pointer or a key, after which pointer and switches go."""

MAGNIFIED: Final = 1.5
USUAL_HEIGHT: Final = 800
"""Of the screen in pixels, on which lines and type are so much larger; on others in proportion."""

LEAST_TYPE: Final = 9
"""Pixels, however narrow the screen is."""

_LEAVING: Final = (Qt.Key.Key_Escape, Qt.Key.Key_F6, Qt.Key.Key_F11)


class Presentation(QWidget):
    """A window of its own that shows what a canvas is told, until Esc.

    Parameters
    ----------
    canvas : LiveCanvas
        Rests meanwhile.
    parent : QWidget
        On whose screen it begins.

    Signals
    -------
    overlays_changed : Overlays
        By the keys or buttons.
    closed
    """

    overlays_changed = Signal(object)
    closed = Signal()

    def __init__(self, canvas: LiveCanvas, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("presentation")
        self.setWindowTitle("Headroom: presentation")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._of = canvas
        self._open = False
        self._pointer = QPointF()
        self.canvas = LiveCanvas(self)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.canvas.angles = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.bar = SwitchBar(self)
        for number, button in enumerate(self.bar.buttons):
            button.clicked.connect(lambda _=False, n=number: self.switch(n))
        self._away = QTimer(self, singleShot=True, interval=AWAY_MS)
        self._away.timeout.connect(self._go_away)
        self.setMouseTracking(True)
        for widget in (self.canvas, *self.canvas.findChildren(QWidget)):
            widget.setMouseTracking(True)
            widget.installEventFilter(self)

    def start(self) -> None:
        """Fill the screen that the parent is on."""
        parent = self.parentWidget()
        screen = (parent.window() if parent else self).screen()
        self._open = True
        self._of.mirror_to(self.canvas)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        self.raise_()
        self.activateWindow()
        self.setFocus()
        self._show_switches()
        self.come_back()

    def shown(self, number: int) -> bool:
        """Whether what a key switches is on, keys counted from 0."""
        if number == FIGURES:
            return self.canvas.hud
        return any(self.canvas.overlays.shows(name) for name in SWITCHES[number][1])

    def switch(self, number: int) -> None:
        """Switch what belongs to a key, counted from 0."""
        on = not self.shown(number)
        if number == FIGURES:
            self.canvas.set_hud(on)
        else:
            overlays = self.canvas.overlays
            for name in SWITCHES[number][1]:
                overlays = overlays.with_shown(name, on)
            self._use(overlays)
        self._show_switches()
        self.come_back()

    def next_screen(self) -> None:
        """Move to the next screen, if there is another."""
        screens = QGuiApplication.screens()
        if len(screens) > 1:
            screen = screens[(screens.index(self.screen()) + 1) % len(screens)]
            self.showNormal()
            self.setGeometry(screen.geometry())
            self.showFullScreen()
        self.come_back()

    def come_back(self) -> None:
        """Show pointer and switches for a while."""
        self.unsetCursor()
        self.bar.show()
        self.bar.raise_()
        self._away.start()

    def _go_away(self) -> None:
        if self.bar.underMouse():
            self._away.start()
            return
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.bar.hide()

    def _use(self, overlays: Overlays) -> None:
        self._of.overlays = overlays
        self.canvas.overlays = overlays
        self.overlays_changed.emit(overlays)

    def _show_switches(self) -> None:
        for number, button in enumerate(self.bar.buttons):
            button.setChecked(self.shown(number))

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self._follow(event)
        return super().eventFilter(watched, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._follow(event)

    def _follow(self, event: QMouseEvent) -> None:
        """Come back if the pointer has moved, not if something moved away from under it."""
        place = event.globalPosition()
        if place != self._pointer:
            self._pointer = place
            self.come_back()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        number = key - Qt.Key.Key_1.value
        if key in _LEAVING:
            self.close()
        elif 0 <= number < len(SWITCHES):
            self.switch(number)
        elif key == Qt.Key.Key_M:
            self.next_screen()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        font = QFont(self.font())
        font.setPixelSize(min(max(round(self.height() / 48), 15), 44))
        self.canvas.setFont(font)
        self.canvas.magnified = MAGNIFIED * max(self.height() / USUAL_HEIGHT, 1.0)
        self.bar.fit(font, self.size())
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._away.stop()
        if self._open:
            self._open = False
            self._of.mirror_to(None)
            self.closed.emit()
        super().closeEvent(event)


class SwitchBar(QFrame):
    """Six large buttons with their keys, and how to leave."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("presentationBar")
        self.buttons = [QPushButton(f"{k}\n{name}") for k, (name, _) in enumerate(SWITCHES, 1)]
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(8)
        for (name, _), button in zip(SWITCHES, self.buttons, strict=True):
            button.setCheckable(True)
            button.setAccessibleName(name)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button)
        more = len(QGuiApplication.screens()) > 1
        self.hint = QLabel("Esc leaves" + ("\nM next screen" if more else ""))
        self.hint.setProperty("role", "muted")
        row.addSpacing(8)
        row.addWidget(self.hint)

    def fit(self, font: QFont, room: QSize) -> None:
        """Below the middle of the screen, in its type, smaller where that is too wide."""
        smaller = QFont(font)
        while True:
            self._dress(smaller)
            if self.width() <= room.width() or smaller.pixelSize() <= LEAST_TYPE:
                break
            smaller.setPixelSize(smaller.pixelSize() - 1)
        place = (room.width() - self.width()) // 2, room.height() - self.height() - 24
        self.move(max(place[0], 0), max(place[1], 0))

    def _dress(self, font: QFont) -> None:
        for widget in (*self.buttons, self.hint):
            widget.setFont(font)
        for button in self.buttons:
            button.setMinimumSize(0, 0)
        wide = max(button.sizeHint().width() for button in self.buttons)
        for button in self.buttons:
            button.setMinimumSize(wide, round(font.pixelSize() * 3.6))
        self.adjustSize()
