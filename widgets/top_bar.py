"""The bar on top: menus, workspaces, the file's name and the search for commands."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenuBar, QPushButton, QTabBar, QWidget

from widgets.commands import native
from widgets.theme import COLORS, icon, pixmap


class TopBar(QWidget):
    def __init__(self, search: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        logo = QLabel()
        logo.setPixmap(pixmap("logo", 20, COLORS["accent"]))
        self.menu_bar = QMenuBar(self)
        self.tabs = QTabBar(self)
        self.tabs.setObjectName("workspaces")
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Workspaces")
        self.tabs.setIconSize(QSize(16, 16))
        self._file = QLabel()
        self._file.setProperty("role", "muted")
        self._search = QPushButton(self)
        self._search.setObjectName("searchButton")
        self._search.setIcon(icon("search", "muted"))
        self._search.setText(f" Search commands   {native(search.shortcuts()[-1:])}")
        self._search.setAccessibleName("Search commands")
        self._search.clicked.connect(search.trigger)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(logo)
        row.addWidget(self.menu_bar)
        row.addSpacing(16)
        row.addWidget(self.tabs)
        row.addStretch(1)
        row.addWidget(self._file)
        row.addStretch(1)
        row.addWidget(self._search)

    def add_workspace(self, name: str, symbol: str) -> None:
        self.tabs.addTab(icon(symbol), name)

    def show_file(self, name: str, unsaved: bool) -> None:
        self._file.setText(f"{name} •" if unsaved else name)
        self._file.setToolTip("Has unsaved changes" if unsaved else "")
