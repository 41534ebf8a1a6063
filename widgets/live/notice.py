"""What the live canvas says where there is no picture, or none that is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from widgets.theme import COLORS, pixmap, repolish

if TYPE_CHECKING:
    from inference.live.frames import SourceStatus


@dataclass(frozen=True)
class Words:
    """A notice.

    Attributes
    ----------
    symbol : str
        One of the icons.
    tint : str
        One of the theme's colours.
    title, text : str
    retry, offers : bool
        Whether to try again, and to open something else, is offered.
    """

    symbol: str
    tint: str
    title: str
    text: str = ""
    retry: bool = False
    offers: bool = False


EMPTY: Final = Words(
    "camera",
    "faint",
    "Nothing is playing",
    "Open a camera, a video or a folder of pictures, or drop a file here.",
    offers=True,
)
WIDE: Final = 560
SIDE: Final = 32
EDGE: Final = 8
"""Usual width of a notice, its inner margin, and how near it comes to the canvas's edge."""

AGAIN: Final = "It is tried again by itself."


def words(status: SourceStatus, has_picture: bool) -> Words | None:
    """What is said about a source; None where its picture speaks for itself.

    Parameters
    ----------
    status : SourceStatus
    has_picture : bool
        A picture of it is on the screen.
    """
    said = status.message
    match status.state.value:
        case "opening":
            return Words("clock", "muted", said or "Opening …")
        case "busy":
            return Words("warning", "warning", "The camera is busy", _with(said, AGAIN), True)
        case "missing":
            return Words("warning", "warning", "The camera is not there", _with(said, AGAIN), True)
        case "unplugged":
            return Words("warning", "warning", "No more pictures", _with(said, AGAIN), True)
        case "failed":
            return Words("error", "error", "This cannot be shown", said, True, True)
        case "ended" if not has_picture:
            return Words("camera", "faint", EMPTY.title, said or EMPTY.text, offers=True)
        case "paused" if not has_picture:
            return Words("pause", "muted", "Paused", said)
        case _:
            return None


def remark(status: SourceStatus) -> str:
    """A few words in a corner of a picture that is shown as it is."""
    match status.state.value:
        case "paused":
            return _with("Paused", status.message)
        case "ended":
            return status.message or "The clip has ended"
        case "running":
            return status.message
        case _:
            return ""


def _with(said: str, more: str) -> str:
    """Sentences one after the other."""
    if said and more:
        return f"{said.rstrip('.')}. {more}"
    return said or more


class NoticeCard(QFrame):
    """A symbol, a title, a line that says what to do, and buttons.

    Signals
    -------
    retry_wanted
    """

    retry_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("liveNotice")
        self._shown: tuple[Words, bool] | None = None
        self._sign = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title.setProperty("role", "title")
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._text.setProperty("role", "muted")
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
        self._retry = QPushButton("Try again now")
        self._retry.setProperty("primary", True)
        self._retry.clicked.connect(self.retry_wanted)
        self._offers: list[QPushButton] = []
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self._retry)
        self._buttons.addStretch(1)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 28, SIDE, 28)
        column.setSpacing(8)
        column.addWidget(self._sign)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(8)
        column.addLayout(self._buttons)
        self.hide()

    def set_offers(self, actions: Sequence[QAction]) -> None:
        """Buttons that open something, the first of them the one to take."""
        for button in self._offers:
            self._buttons.removeWidget(button)
            button.deleteLater()
        self._offers = [_button(action) for action in actions]
        for k, button in enumerate(self._offers):
            self._buttons.insertWidget(2 + k, button)
        if self._shown is not None:
            self.say(*self._shown)

    @property
    def title(self) -> str:
        return self._title.text()

    @property
    def text(self) -> str:
        return self._text.text()

    @property
    def buttons(self) -> list[QPushButton]:
        """Those that can be seen, from left to right."""
        return [b for b in (self._retry, *self._offers) if not b.isHidden()]

    def say(self, said: Words, over_picture: bool) -> None:
        """Show a notice; over a picture it lies on a ground of its own."""
        self._shown = (said, over_picture)
        ratio = self.devicePixelRatioF()
        sign = pixmap(said.symbol, round(40 * ratio), COLORS[said.tint])
        sign.setDevicePixelRatio(ratio)
        self._sign.setPixmap(sign)
        self._title.setText(said.title)
        self._text.setText(said.text)
        self._text.setVisible(bool(said.text))
        self._retry.setVisible(said.retry)
        for k, button in enumerate(self._offers):
            button.setVisible(said.offers)
            repolish(button, "primary", k == 0 and not said.retry)
        if self.property("over") != over_picture:
            repolish(self, "over", over_picture)
        self.setAccessibleName(f"{said.title}. {said.text}")
        self.place()
        self.show()

    def silence(self) -> None:
        """Say nothing more."""
        self._shown = None
        self.hide()

    def place(self) -> None:
        """In the middle of the canvas, never wider than it; what has no room is left out."""
        parent = self.parentWidget()
        assert parent is not None
        room = max(parent.width() - 2 * EDGE, 120)
        for button in self._offers if self._shown and self._shown[0].offers else ():
            button.setVisible(True)
        self._column.activate()
        needed = self._buttons.minimumSize().width() + 2 * SIDE
        for button in reversed(self.buttons[1:]):
            if needed <= room:
                break
            needed -= button.sizeHint().width() + self._buttons.spacing()
            button.hide()
        wide = min(max(WIDE, needed), room)
        self._text.setFixedWidth(wide - 2 * SIDE)
        self.setFixedWidth(wide)
        height = self._column.totalHeightForWidth(wide)
        size = QSize(wide, min(max(height, self.minimumSizeHint().height()), parent.height()))
        self.resize(size)
        self.move((parent.width() - size.width()) // 2, (parent.height() - size.height()) // 2)


def _button(action: QAction) -> QPushButton:
    button = QPushButton(action.text().replace("&", ""))
    if not action.icon().isNull():
        button.setIcon(action.icon())
    button.setToolTip(action.toolTip())
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    return button
