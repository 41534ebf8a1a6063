"""The failure inbox as the window sees it: filled, listed and emptied in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader

from inference.live import inbox
from inference.live.inbox import Entry, InboxError, UsedModel
from inference.live.outcome import LiveResult
from inference.live.snapshot import snapshot
from widgets.panels.background import in_background

THUMBNAIL = QSize(192, 144)


@dataclass(frozen=True, eq=False)
class Kept:
    """An entry with a small picture of it; an empty one where it cannot be read."""

    entry: Entry
    thumbnail: QImage


class InboxDesk(QObject):
    """Signals
    -------
    changed
        The list is another.
    message : (str, str)
    """

    changed = Signal()
    message = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kept: tuple[Kept, ...] = ()
        self.read = False
        self._thumbnails: dict[Path, QImage] = {}
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    @property
    def folder(self) -> Path:
        return inbox.inbox_dir()

    def look(self) -> None:
        """Read the list anew."""
        known = dict(self._thumbnails)
        in_background(self, lambda: _read(known), self._looked, self._pool)

    def keep(self, result: LiveResult, models: Sequence[UsedModel], note: str = "") -> None:
        """Put a frame with what was found in it into the inbox."""

        def put() -> Entry | InboxError:
            try:
                return snapshot(result, models, note)
            except InboxError as problem:
                return problem

        in_background(self, put, self._put, self._pool)

    def remove(self, entry: Entry) -> None:
        """Take an entry out for good."""

        def take() -> str:
            try:
                inbox.remove(entry)
            except InboxError as problem:
                return str(problem)
            return ""

        in_background(self, take, self._removed, self._pool)

    def close(self) -> None:
        self._pool.waitForDone()

    def _looked(self, kept: tuple[Kept, ...] | None) -> None:
        if kept is not None:
            self.kept, self.read = kept, True
            self._thumbnails = {k.entry.folder: k.thumbnail for k in kept}
            self.changed.emit()

    def _put(self, entry: Entry | InboxError | None) -> None:
        if isinstance(entry, Entry):
            self.message.emit("info", "The frame is in the inbox.")
            self.look()
        else:
            self.message.emit("error", str(entry or "The frame could not be kept."))

    def _removed(self, problem: str | None) -> None:
        if problem:
            self.message.emit("error", problem)
        self.look()


def _read(known: dict[Path, QImage]) -> tuple[Kept, ...]:
    return tuple(
        Kept(entry, known.get(entry.folder) or _thumbnail(entry.picture))
        for entry in inbox.entries()
    )


def _thumbnail(path: Path) -> QImage:
    reader = QImageReader(str(path))
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(size.scaled(THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
