"""What a run shows while it goes on and when it is over."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.dataset.launcher import Progress
from widgets.fields.form import Segments
from widgets.generate.figures import Figures
from widgets.generate.grid import FrameGrid
from widgets.generate.pictures import LOOKS, Look
from widgets.generate.words import plural
from widgets.job_popup import spoken
from widgets.small import icon_button
from widgets.theme import repolish

TITLES: Final = {
    "starting": "Starting…",
    "preparing": "Preparing heads and workers…",
    "running": "Making pictures",
    "paused": "Paused",
    "stopping": "Finishing the pictures in work…",
    "finishing": "Writing the manifest…",
    "done": "Done",
    "cancelled": "Stopped",
    "error": "The run broke off",
}
_FAILURES_SHOWN: Final = 1000
_STOPPED: Final = "What is made stays; Resume makes the rest."


class RunView(QWidget):
    """Progress, the newest pictures, the failures and the reports on the data set.

    Signals
    -------
    open_asked : Path
        The annotation of a picture that is to be opened in the Studio.
    """

    open_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.said = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.said.setProperty("role", "muted")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Progress of the data set")
        self.figures = Figures(
            [("done", "pictures"), ("pace", "a second"), ("left", "left"), ("failed", "failed")]
        )
        self.look = Segments("Show", [*LOOKS])
        self.look.set_key("color")
        self.look.chosen.connect(self._show_look)
        self.look.setMaximumWidth(420)
        self.grid = FrameGrid()
        self.grid.open_asked.connect(self.open_asked)
        self.none = QLabel("The first pictures will appear here.")
        self.none.setProperty("role", "muted")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.failures = _failure_list()
        self.report = Report()
        bottom = QSplitter(Qt.Orientation.Vertical)
        pictures = QWidget()
        column = QVBoxLayout(pictures)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        tools = QHBoxLayout()
        newest = QLabel("Newest pictures")
        newest.setProperty("role", "heading")
        tools.addWidget(newest)
        tools.addStretch(1)
        tools.addWidget(self.look, 3)
        column.addLayout(tools)
        column.addWidget(self.none, 1)
        column.addWidget(self.grid, 1)
        bottom.addWidget(pictures)
        bottom.addWidget(self.failures)
        for row in range(bottom.count()):
            bottom.setStretchFactor(row, 1 if row == 0 else 0)
        bottom.setChildrenCollapsible(False)
        bottom.setSizes([500, 120])
        bottom.setHandleWidth(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.said)
        layout.addWidget(self.bar)
        layout.addWidget(self.figures)
        self._lower = QStackedWidget()
        self._lower.addWidget(bottom)
        self._lower.addWidget(self.report)
        self.report.closed.connect(lambda: self._lower.setCurrentIndex(0))
        layout.addWidget(self._lower, 1)
        self.begin("")

    def begin(self, said: str) -> None:
        """A new run: nothing is shown of the one before."""
        self.grid.frames.clear()
        self.failures.clear()
        self.failures.hide()
        self._lower.setCurrentIndex(0)
        self.grid.hide()
        self.none.show()
        self.said.setText(said)
        self.said.setVisible(bool(said))
        self.show_progress(Progress())

    def show_progress(self, now: Progress) -> None:
        title = TITLES.get(now.state, now.state.capitalize())
        if now.state == "running" and now.total:
            title = f"Making {plural(now.total, 'picture')}"
        if now.state == "done" and now.failed:
            title = f"{plural(now.failed, 'picture')} could not be made"
        self.title.setText(title)
        short = now.state == "done" and now.failed
        role = "error" if now.state == "error" else "warning" if short else "muted"
        if now.ended:
            stopped = now.state == "cancelled" and now.total
            text = _STOPPED if stopped else now.text
            self.said.setText(text)
            self.said.setVisible(bool(text))
        if self.said.property("role") != role:
            repolish(self.said, "role", role)
        fraction = now.fraction
        busy = fraction is None and not now.ended
        self.bar.setRange(0, 0 if busy else 1000)
        if fraction is not None:
            self.bar.setValue(round(fraction * 1000))
        elif now.ended:
            self.bar.setValue(0)
        kept = f"pictures, {now.kept:,} kept" if now.kept else "pictures"
        self.figures.set("done", f"{now.done:,} / {now.total:,}" if now.total else "–", kept)
        made = now.done - now.kept
        pace = made / now.seconds if now.ended and made and now.seconds else now.per_second
        self.figures.set("pace", f"{pace:.1f}" if pace else "–")
        if now.ended:
            self.figures.set("left", spoken(now.seconds), "taken")
        else:
            left = now.seconds_left if now.state != "paused" else None
            self.figures.set("left", spoken(left) if left is not None else "–", "left")
        self.figures.set("failed", f"{now.failed:,}")
        if now.ended and not self.grid.frames.rowCount():
            self.none.setText(_without_pictures(now))

    def show_frame(self, path: Path) -> None:
        self.none.hide()
        self.grid.show()
        self.grid.frames.add(path)

    def show_failure(self, frame: str, reason: str) -> None:
        if self.failures.topLevelItemCount() < _FAILURES_SHOWN:
            item = QTreeWidgetItem([frame, reason])
            item.setToolTip(0, frame)
            item.setToolTip(1, reason)
            self.failures.addTopLevelItem(item)
        self.failures.show()

    def show_report(self, title: str, text: str, picture: Path | None = None) -> None:
        """In place of the pictures, until it is closed."""
        self.report.say(title, text, picture)
        self._lower.setCurrentWidget(self.report)

    def _show_look(self, look: Look) -> None:
        self.grid.frames.set_look(look)


def _without_pictures(now: Progress) -> str:
    if now.state == "done" and now.kept:
        return "All pictures were there already."
    return "No picture was made."


def _failure_list() -> QTreeWidget:
    tree = QTreeWidget()
    tree.setAccessibleName("Pictures that could not be made")
    tree.setHeaderLabels(["Not made", "Why"])
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setMinimumHeight(72)
    tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
    tree.header().resizeSection(0, 280)
    tree.header().setStretchLastSection(True)
    return tree


class Report(QWidget):
    """What a check or the statistics of the data set say.

    Signals
    -------
    closed
    """

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(120)
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName("Report")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.picture = Fitted()
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(icon_button("close", "Back to the pictures", self.closed.emit))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.picture, 3)

    def say(self, title: str, text: str, picture: Path | None = None) -> None:
        self._title.setText(title)
        self.text.setPlainText(text)
        self.text.setVisible(bool(text) or picture is None)
        self.picture.set_pixmap(QPixmap(str(picture)) if picture is not None else QPixmap())
        self.picture.setVisible(picture is not None)


class Fitted(QLabel):
    """A picture as large as there is room for."""

    def __init__(self) -> None:
        super().__init__(alignment=Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(80, 160)
        self._full = QPixmap()

    def set_pixmap(self, pixmap: QPixmap) -> None:
        self._full = pixmap
        self._fit()

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def _fit(self) -> None:
        if self._full.isNull():
            self.clear()
            return
        ratio = self.devicePixelRatioF()
        fitted = self._full.scaled(
            self.size() * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        fitted.setDevicePixelRatio(ratio)
        self.setPixmap(fitted)
