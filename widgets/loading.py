"""The card over the viewport while a head is read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

_PATIENCE_MS = 250


class LoadingCard(QFrame):
    """Says what is being read, how far it is, and can be told to stop.

    What is there at once, out of the cache, is read without it.
    """

    cancelled = Signal()

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("popup")
        self._host = host
        self.setFixedWidth(320)
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._said = QLabel()
        self._said.setProperty("role", "muted")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName("Progress")
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.cancelled)
        below = QHBoxLayout()
        below.addWidget(self._said, 1)
        below.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._bar)
        layout.addLayout(below)
        self._wait = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._wait.timeout.connect(self._appear)
        host.installEventFilter(self)
        self.hide()

    def begin(self, name: str) -> None:
        metrics = self._title.fontMetrics()
        self._title.setText(
            metrics.elidedText(f"Reading {name}", Qt.TextElideMode.ElideMiddle, 280)
        )
        self.progress("Starting…", None)
        self._wait.start()

    def end(self) -> None:
        self._wait.stop()
        self.hide()

    def _appear(self) -> None:
        self._place()
        self.show()
        self.raise_()

    def progress(self, text: str, fraction: float | None) -> None:
        if text:
            self._said.setText(text)
        if fraction is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(fraction * 1000))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.adjustSize()
        space = self._host.size() - self.size()
        self.move(space.width() // 2, space.height() // 2)
