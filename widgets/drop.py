"""Files dropped anywhere on the window."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from widgets.theme import COLORS, pixmap

SUFFIXES: Final = (".fbx", ".headroom")


def dropped_file(data: QMimeData) -> Path | None:
    """The one file that can be opened, or None."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    wanted = [path for path in paths if path.suffix.lower() in SUFFIXES]
    return wanted[0] if wanted else None


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
        what = "session" if path.suffix.lower() == ".headroom" else "head"
        self._text.setText(f"Drop to open the {what} {path.name}")
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
