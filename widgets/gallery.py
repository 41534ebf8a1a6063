"""Where a session begins: the shipped heads, one's own FBX, what was open last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.head.library import BUILTIN, shipped
from app.paths import HEADS
from widgets.theme import COLORS, icon, pixmap

_THUMBNAIL: Final = 144
_RECENT: Final = 5


@dataclass(frozen=True)
class ShippedHead:
    """``path`` as a scene names it (``builtin:NAME``)."""

    path: str
    title: str
    thumbnail: Path | None = None


def shipped_heads() -> tuple[ShippedHead, ...]:
    """The heads that come with the program, with their pictures where there are any."""
    return tuple(
        ShippedHead(
            f"{BUILTIN}{name}",
            name.replace("_", " ").replace("-", " ").title(),
            next((HEADS / name).glob("thumbnail.*"), None),
        )
        for name in shipped()
    )


class Gallery(QWidget):
    """Cards of the shipped heads, a button for a file, and the recent files.

    Signals
    -------
    head_chosen : str
        A shipped head's path.
    open_asked
        The button for a file of one's own was pressed.
    recent_chosen : Path
    """

    head_chosen = Signal(str)
    open_asked = Signal()
    recent_chosen = Signal(object)

    def __init__(
        self,
        heads: Sequence[ShippedHead],
        recent: Callable[[], Sequence[Path]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._recent = recent
        self.said = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.said.setProperty("role", "muted")
        title = QLabel("Choose a head", alignment=Qt.AlignmentFlag.AlignCenter)
        title.setProperty("role", "title")
        cards = QHBoxLayout()
        cards.setSpacing(12)
        cards.addStretch(1)
        self.cards = [self._card(head) for head in heads]
        for card in self.cards:
            cards.addWidget(card)
        cards.addStretch(1)
        self.open_button = QPushButton(icon("open"), "Open a rigged FBX…")
        self.open_button.setProperty("primary", True)
        self.open_button.clicked.connect(self.open_asked)
        drop = QLabel("or drop an .fbx or .headroom file anywhere on the window")
        drop.setProperty("role", "muted")
        self._files = QGridLayout()
        self._files.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(16)
        layout.addStretch(1)
        layout.addWidget(title)
        layout.addWidget(self.said)
        layout.addLayout(cards)
        layout.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(drop, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(self._files)
        layout.addStretch(2)
        self.say("")
        self.refresh()

    def say(self, text: str) -> None:
        """A line under the title: why there is no head to see."""
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def refresh(self) -> None:
        """Show the recent files as they are now; those that are gone are greyed."""
        while (item := self._files.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        paths = list(self._recent())[:_RECENT]
        if paths:
            heading = QLabel("Recent")
            heading.setProperty("role", "heading")
            self._files.addWidget(heading, 0, 1)
        for row, path in enumerate(paths, 1):
            button = QToolButton()
            button.setIcon(icon("studio" if path.suffix == ".headroom" else "head", "muted"))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setText(f" {path.name}")
            button.setToolTip(str(path))
            button.setEnabled(path.is_file())
            button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, p=path: self.recent_chosen.emit(p))
            self._files.addWidget(button, row, 1)
        self._files.setColumnStretch(0, 1)
        self._files.setColumnStretch(2, 1)

    def _card(self, head: ShippedHead) -> QToolButton:
        card = QToolButton()
        card.setObjectName("card")
        card.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        card.setText(head.title)
        card.setAccessibleName(f"Head {head.title}")
        card.setIcon(QIcon(_thumbnail(head.thumbnail)))
        card.setIconSize(QSize(_THUMBNAIL, _THUMBNAIL))
        card.setFixedSize(_THUMBNAIL + 16, _THUMBNAIL + 40)
        card.clicked.connect(lambda: self.head_chosen.emit(head.path))
        return card


class GalleryDialog(QDialog):
    """The gallery over a scene that already has a head."""

    def __init__(self, gallery: Gallery, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Head gallery")
        for signal in (gallery.head_chosen, gallery.open_asked, gallery.recent_chosen):
            signal.connect(self.accept)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        buttons.setContentsMargins(16, 8, 16, 16)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(gallery)
        layout.addWidget(buttons)


def _thumbnail(path: Path | None) -> QPixmap:
    picture = QPixmap(str(path)) if path is not None else QPixmap()
    if picture.isNull():
        return pixmap("head", _THUMBNAIL * 2, COLORS["faint"])
    return picture.scaled(
        _THUMBNAIL * 2,
        _THUMBNAIL * 2,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
