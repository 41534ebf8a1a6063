"""About Headroom: version, licence, and what it stands on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from widgets.theme import COLORS, pixmap

VERSION: Final = "0.1.0"
_PARTS: Final = {
    "PySide6": ("Qt for Python", "LGPL-3.0"),
    "vtk": ("VTK", "BSD-3-Clause"),
    "bpy": ("Blender", "GPL-3.0-or-later"),
    "numpy": ("NumPy", "BSD-3-Clause"),
    "msgspec": ("msgspec", "BSD-3-Clause"),
    "opencv-python-headless": ("OpenCV", "Apache-2.0"),
    "onnxruntime": ("ONNX Runtime", "MIT"),
    "pyqtgraph": ("PyQtGraph", "MIT"),
}


def versions() -> list[tuple[str, str, str]]:
    """Name, version and licence of each part."""
    parts = [("Python", platform.python_version(), "PSF-2.0")]
    for package, (name, licence) in _PARTS.items():
        try:
            parts.append((name, version(package), licence))
        except PackageNotFoundError:
            parts.append((name, "missing", licence))
    return parts


def about(parent: QWidget) -> None:
    """Show the dialog until it is closed."""
    AboutDialog(parent).exec()


class AboutDialog(QDialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Headroom")
        logo = QLabel()
        logo.setPixmap(pixmap("logo", 56, COLORS["accent"]))
        title = QLabel(f"Headroom {VERSION}")
        title.setProperty("role", "title")
        text = QLabel("A desktop studio for synthetic heads.\nGPL-3.0-or-later, without warranty.")
        text.setProperty("role", "muted")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(title)
        words.addWidget(text)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(logo)
        head.addLayout(words, 1)
        parts = QGridLayout()
        parts.setHorizontalSpacing(24)
        parts.setVerticalSpacing(4)
        self._parts = versions()
        for row, part in enumerate(self._parts):
            for column, word in enumerate(part):
                label = QLabel(word)
                label.setProperty("role", None if column == 0 else "muted")
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                parts.addWidget(label, row, column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy versions", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(head)
        layout.addLayout(parts)
        layout.addWidget(buttons)

    def _copy(self) -> None:
        lines = [f"Headroom {VERSION}", platform.platform()]
        lines += [f"{name} {number}" for name, number, _ in self._parts]
        QGuiApplication.clipboard().setText("\n".join(lines))
