"""The bar at the bottom of the window: why nothing can be started, and what can be done now."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from widgets.theme import icon, repolish

Action = Literal["copy", "folder", "check", "stats", "again", "cancel", "pause", "resume", "start"]
_BUTTONS: Final[dict[Action, tuple[str, str | None, str]]] = {
    "copy": (
        "Copy command",
        "copy",
        "The command line that makes the same data set without a window",
    ),
    "folder": ("Open folder", "open", "Show the data set in the file manager"),
    "check": ("Check", "check", "Look for missing, damaged and inconsistent files"),
    "stats": ("Statistics", "info", "Distributions of yaw, pitch and roll, beside Biwi's"),
    "again": ("New data set", None, "Back to the choices"),
    "cancel": ("Cancel…", "stop", "What is made stays, and the run can be resumed"),
    "pause": ("Pause", None, "The pictures in work are finished first"),
    "resume": ("Resume", None, "Make the pictures that are missing"),
    "start": ("Start", None, ""),
}
_PRIMARY: Final = ("start", "resume")


class ActionBar(QWidget):
    """A line of words and the buttons that make sense.

    Signals
    -------
    pressed : str
        One of `Action`.
    """

    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("actionBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.words = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.words.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        self.buttons: dict[Action, QPushButton] = {}
        for name, (text, symbol, tip) in _BUTTONS.items():
            button = self.buttons[name] = QPushButton(text, autoDefault=False)
            if symbol is not None:
                button.setIcon(icon(symbol))
                button.setText(f" {text}")
            button.setAccessibleName(text)
            button.setToolTip(tip)
            button.setProperty("primary", name in _PRIMARY)
            button.setMinimumWidth(96 if name in _PRIMARY else 0)
            button.clicked.connect(lambda _=False, name=name: self.pressed.emit(name))
            row.addWidget(button)

    def say(self, text: str, role: str = "muted") -> None:
        self.words.setText(text)
        if self.words.property("role") != role:
            repolish(self.words, "role", role)

    def offer(self, *names: Action) -> None:
        """Show these buttons alone."""
        for name, button in self.buttons.items():
            button.setVisible(name in names)
