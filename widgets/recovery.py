"""What a crash left: the offer to go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.session.autosave import Recovered
from widgets.theme import icon


class RecoveryDialog(QDialog):
    """Restore one, discard all, or decide at the next start (the window is just closed)."""

    def __init__(self, found: Sequence[Recovered], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Unsaved work found")
        self.setMinimumWidth(460)
        self.discarded = False
        title = QLabel("Headroom did not close as it should have")
        title.setProperty("role", "heading")
        text = QLabel("This work was not saved. Restore it, or discard it for good.")
        text.setProperty("role", "muted")
        self.list = QListWidget()
        self.list.setAccessibleName("Unsaved work")
        for one in found:
            item = QListWidgetItem(icon("clock", "muted"), described(one))
            item.setData(Qt.ItemDataRole.UserRole, one)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(6, max(2, len(found))) * 40 + 12)
        buttons = QDialogButtonBox()
        self.restore_button = buttons.addButton("Restore", QDialogButtonBox.ButtonRole.AcceptRole)
        self.restore_button.setProperty("primary", True)
        self.discard_button = buttons.addButton(
            "Discard" if len(found) == 1 else "Discard all",
            QDialogButtonBox.ButtonRole.DestructiveRole,
        )
        later = buttons.addButton("Decide later", QDialogButtonBox.ButtonRole.RejectRole)
        later.setToolTip("Ask again at the next start")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.discard_button.clicked.connect(self._discard)
        self.list.itemDoubleClicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addWidget(text)
        layout.addWidget(self.list)
        layout.addWidget(buttons)

    @property
    def chosen(self) -> Recovered | None:
        """What to restore, once accepted."""
        item = self.list.currentItem()
        found = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return found if isinstance(found, Recovered) else None

    def _discard(self) -> None:
        self.discarded = True
        self.reject()


def described(one: Recovered) -> str:
    """Which session, which head, when."""
    name = one.path.name if one.path else "Never saved"
    head = one.session.scene.head.path
    head = head.removeprefix("builtin:") if head.startswith("builtin:") else Path(head).name
    today = one.time.date() == datetime.now().date()
    when = f"today at {one.time:%H:%M:%S}" if today else f"{one.time:%d %B %Y at %H:%M}"
    return f"{name}, with {head or 'no head'}\nlast change {when}"
