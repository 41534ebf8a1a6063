"""The failure inbox as a small list: picture, where it is from, reason; open it, remove it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from inference.live.inbox import Entry
from widgets.fields.form import Hint, Section
from widgets.fields.glyphs import GlyphButton, icon
from widgets.live.desk import LiveDesk
from widgets.live.inbox_desk import Kept
from widgets.live.timeline import clock

PICTURE: Final = QSize(72, 54)
SHOWN: Final = 30
EMPTY: Final = (
    "Press F8 when a model goes wrong: the frame goes here with what was found in it and which "
    "models found it."
)


class InboxSection(Section):
    def __init__(self, desk: LiveDesk) -> None:
        super().__init__("Failure inbox")
        self.desk = desk
        self._rows: dict[Path, InboxRow] = {}
        self.note = QLineEdit(placeholderText="What went wrong (may stay empty)")
        self.note.setAccessibleName("What went wrong")
        self.note.setMaxLength(500)
        self.note.returnPressed.connect(self.keep)
        self.keep_button = QPushButton(icon("camera"), " Keep this frame")
        self.keep_button.setToolTip("Put the frame that is shown into the inbox (F8)")
        self.keep_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.keep_button.clicked.connect(lambda: self.keep())
        self.add(self.note)
        self.add(self.keep_button)
        self.empty = Hint(EMPTY)
        self.add(self.empty)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(4)
        self.add(self._list)
        self.rest = Hint()
        self.add(self.rest)
        self.folder_button = QPushButton(icon("folder"), " Open the inbox")
        self.folder_button.clicked.connect(lambda: _open(str(desk.inbox.folder)))
        self.add(self.folder_button)
        desk.inbox_changed.connect(self.refresh)
        desk.source_changed.connect(self._refresh_button)
        self.refresh()

    @property
    def entries(self) -> list[InboxRow]:
        """What is listed, newest first."""
        return list(self._rows.values())

    def keep(self) -> None:
        """Keep the frame that is shown, with the words typed beside it."""
        self.desk.snapshot(self.note.text().strip())
        self.note.clear()

    def refresh(self) -> None:
        kept = self.desk.inbox.kept
        wanted = {k.entry.folder: k for k in kept[:SHOWN]}
        for folder in [f for f in self._rows if f not in wanted]:
            row = self._rows.pop(folder)
            self._column.removeWidget(row)
            row.deleteLater()
        known, self._rows = self._rows, {}
        for place, (folder, one) in enumerate(wanted.items()):
            self._rows[folder] = known.get(folder) or InboxRow(one, self.desk)
            if folder not in known:
                self._column.insertWidget(place, self._rows[folder])
        more = len(kept) - SHOWN
        self.rest.setText(f"And {more} older ones in the folder.")
        self.rest.setVisible(more > 0)
        self.empty.setVisible(not kept)
        self.folder_button.setVisible(bool(kept))
        self._refresh_button()

    def _refresh_button(self) -> None:
        self.keep_button.setEnabled(self.desk.session is not None)


class InboxRow(QFrame):
    """One entry."""

    def __init__(self, kept: Kept, desk: LiveDesk) -> None:
        super().__init__()
        self.kept = kept
        entry = kept.entry
        self.setObjectName("modelCard")
        picture = QLabel()
        picture.setFixedSize(PICTURE)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        picture.setPixmap(_fitted(kept.thumbnail, picture.devicePixelRatioF()))
        title, text = told(entry)
        self.title = QLabel(title, textFormat=Qt.TextFormat.PlainText)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text = QLabel(text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text.setProperty("role", "error" if entry.problem else "muted")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.text)
        words.addStretch(1)
        self.open_button = GlyphButton("folder", "Open the folder of this frame")
        self.open_button.clicked.connect(lambda: _open(str(entry.folder)))
        self.remove_button = GlyphButton("trash", "Remove this frame for good")
        self.remove_button.clicked.connect(lambda: desk.inbox.remove(entry))
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(6)
        row.addWidget(picture)
        row.addLayout(words, 1)
        row.addWidget(self.open_button)
        row.addWidget(self.remove_button)
        self.setToolTip(entry.problem or f"{title}\n{text}")


def told(entry: Entry) -> tuple[str, str]:
    """Where an entry is from, and the reason that was given."""
    details = entry.details
    if details is None:
        return entry.folder.name, entry.problem.rpartition("/")[2]
    place = f"frame {details.frame}"
    if details.media_time is not None:
        place = f"{clock(details.media_time, True)}, {place}"
    made = details.made[:16].replace("T", " ")
    return details.source, details.note or f"{place}\n{made}"


def _fitted(image: QImage, ratio: float) -> QPixmap:
    if image.isNull():
        return QPixmap()
    fitted = image.scaled(
        PICTURE * ratio,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    fitted.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(fitted)


def _open(folder: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
