"""Files dropped anywhere on the window."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from widgets.live.drops import VIDEOS
from widgets.theme import COLORS, pixmap

KINDS: Final[dict[str, str]] = {
    ".fbx": "head",
    ".headroom": "session",
    ".json": "picture",
    ".jpg": "picture",
    ".onnx": "model",
    **dict.fromkeys(VIDEOS, "video"),
}


def dropped_file(data: QMimeData) -> Path | None:
    """The one file that can be opened, or None."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    wanted = [path for path in paths if _opens(path)]
    return wanted[0] if wanted else None


def is_frame(path: Path) -> bool:
    """Whether a file's name is that of an annotation or a picture of a data set."""
    name = path.name.lower()
    return name.endswith(".json") or (name.startswith("rgb_") and name.endswith(".jpg"))


def _opens(path: Path) -> bool:
    return path.suffix.lower() in KINDS and (path.suffix.lower() != ".jpg" or is_frame(path))


class DropHint(QWidget):
    """Covers the window while a file hovers over it and says what dropping will do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dropHint")
        self._window = parent
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        sign = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        sign.setPixmap(pixmap("drop", 64, COLORS["accent"]))
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._text.setProperty("role", "title")
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(sign)
        layout.addWidget(self._text)
        layout.addStretch(1)
        self.hide()

    def show_for(self, path: Path) -> None:
        what = KINDS[path.suffix.lower()]
        self.say(f"Drop to open the {what} {path.name}")

    def say(self, text: str) -> None:
        self._text.setText(text)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
