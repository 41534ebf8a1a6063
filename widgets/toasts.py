"""Notices as toasts over the window's corner, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.notify import Notice, Notifications
from widgets.small import icon_button
from widgets.theme import COLORS, icon, pixmap, repolish

_SECONDS: Final = {"info": 5, "warning": 10, "error": 20}
_TINTS: Final = {"info": "accent", "warning": "warning", "error": "error"}
_AT_ONCE = 3
_WIDTH = 360
_MARGIN = 12
_BREAK: Final = "\u200b"
"""Where a long file name may go on in the next line."""


class NoticeBridge(QObject):
    """Brings notices of any thread to the window's.

    Signals
    -------
    noticed : Notice
    """

    noticed = Signal(object)

    def __init__(self, notifications: Notifications, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = notifications.listen(self.noticed.emit)

    def close(self) -> None:
        self._stop()


class Toasts(QObject):
    """Keeps the newest few notices at the lower right of a part of ``host``.

    Parameters
    ----------
    area : callable
        Where, in the host's pixels: what people look at, not the fields that they are using.
    """

    def __init__(self, host: QWidget, area: Callable[[], QRect]) -> None:
        super().__init__(host)
        self._host, self._area = host, area
        self._shown: list[Toast] = []
        host.installEventFilter(self)

    @property
    def shown(self) -> tuple[Toast, ...]:
        """Oldest first."""
        return tuple(self._shown)

    def show(self, notice: Notice) -> None:
        for toast in self._shown:
            if toast.notice.number == notice.number:
                toast.show_notice(notice)
                self._place()
                return
        toast = Toast(notice, self._host)
        toast.closed.connect(lambda: self._remove(toast))
        self._shown.append(toast)
        for old in self._shown[:-_AT_ONCE]:
            self._remove(old)
        toast.show()
        self._place()

    def clear(self) -> None:
        for toast in self.shown:
            self._remove(toast)

    def _remove(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        area = self._area()
        bottom = area.bottom() - _MARGIN
        for toast in reversed(self._shown):
            width = min(_WIDTH, area.width() - 2 * _MARGIN)
            toast.setFixedWidth(width)
            height = toast.heightForWidth(width)
            toast.resize(width, height if height > 0 else toast.sizeHint().height())
            bottom -= toast.height()
            toast.move(area.right() - width - _MARGIN, bottom)
            toast.raise_()
            bottom -= 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)


class Toast(QFrame):
    """One notice; it goes by itself unless the pointer rests on it."""

    closed = Signal()

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._sign = QLabel(self)
        self._sign.setFixedSize(16, 16)
        self._text = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._count = QLabel(self)
        self._count.setObjectName("badge")
        self._copy = icon_button("copy", "Copy details", lambda: copy_details(self.notice), self)
        close = icon_button("close", "Dismiss", self.closed.emit, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        layout.addWidget(self._sign, 0, top)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._count, 0, top)
        layout.addWidget(self._copy, 0, top)
        layout.addWidget(close, 0, top)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.closed)
        self.show_notice(notice)

    def show_notice(self, notice: Notice) -> None:
        self.notice = notice
        self._sign.setPixmap(_sign(notice.level))
        self._text.setText(notice.text.replace("_", f"_{_BREAK}"))
        self._count.setText(f"×{notice.count}")
        self._count.setVisible(notice.count > 1)
        self._copy.setVisible(bool(notice.detail))
        repolish(self, "level", notice.level)
        self.setAccessibleName(f"{notice.level}: {notice.text}")
        self._timer.start(_SECONDS[notice.level] * 1000)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()
        super().leaveEvent(event)


class NoticeList(QFrame):
    """All notices, newest first, with the details of the chosen one to read and copy."""

    def __init__(self, notifications: Notifications, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAccessibleName("Notifications")
        self._notifications = notifications
        heading = QLabel("Notifications", self)
        heading.setProperty("role", "heading")
        self._clear = QPushButton("Clear", self)
        self._clear.clicked.connect(self._forget)
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Notifications, newest first")
        self.list.currentItemChanged.connect(self._show_detail)
        self._none = QLabel("Nothing to report.", self)
        self._none.setProperty("role", "muted")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._detail = QPlainTextEdit(self, readOnly=True)
        self._detail.setAccessibleName("Details")
        self._detail.setMaximumHeight(140)
        self._copy = QPushButton(icon("copy"), "Copy details", self)
        self._copy.clicked.connect(self._copy_current)
        head = QHBoxLayout()
        head.addWidget(heading, 1)
        head.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._none, 1)
        layout.addWidget(self._detail)
        layout.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(420, 360)

    def refresh(self) -> None:
        notices = self._notifications.notices
        self.list.clear()
        for notice in reversed(notices):
            times = f"  ×{notice.count}" if notice.count > 1 else ""
            item = QListWidgetItem(
                _sign(notice.level), f"{notice.time:%H:%M:%S}  {notice.text}{times}"
            )
            item.setData(Qt.ItemDataRole.UserRole, notice)
            self.list.addItem(item)
        self.list.setVisible(bool(notices))
        self._none.setVisible(not notices)
        self._clear.setEnabled(bool(notices))
        self.list.setCurrentRow(0)
        self._show_detail(self.list.currentItem())

    def _show_detail(self, item: QListWidgetItem | None, _: object = None) -> None:
        notice = item.data(Qt.ItemDataRole.UserRole) if item else None
        detail = notice.detail if notice else ""
        self._detail.setPlainText(detail)
        self._detail.setVisible(bool(detail))
        self._copy.setVisible(notice is not None)

    def _copy_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            copy_details(item.data(Qt.ItemDataRole.UserRole))

    def _forget(self) -> None:
        self._notifications.clear()
        self.refresh()


def copy_details(notice: Notice) -> None:
    """Put all that is known of a notice on the clipboard."""
    text = f"{notice.time:%Y-%m-%d %H:%M:%S} {notice.level}: {notice.text}\n{notice.detail}"
    QGuiApplication.clipboard().setText(text.strip())


def _sign(level: str) -> QPixmap:
    return pixmap(level, 16, COLORS[_TINTS[level]])
