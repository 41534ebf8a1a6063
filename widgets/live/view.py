"""The workspace Live: a camera, a clip or the Studio's picture, and what models see in it.

This module is all that the window pays for at its start. What it shows is made when it is first
shown, and imports its libraries on another thread before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QMenu,
    QWidget,
)

from app.paths import ASSETS
from widgets.lazy_workspace import LazyWorkspace
from widgets.live.drops import PICTURES, VIDEOS, WORDS, dropped, kind_of
from widgets.live.live_commands import ALWAYS, COMMANDS, KEYS_OF_THE_PICTURE, MENU
from widgets.menus import put

if TYPE_CHECKING:
    from widgets.live.content import LiveContent
    from widgets.main_window import MainWindow

SAMPLE = ASSETS / "clips" / "sample.mp4"
LIBRARIES = ("cv2", "onnxruntime", "widgets.live.content")
"""Imported away from the window's thread before the workspace is first shown."""


class LiveView(LazyWorkspace["LiveContent"]):
    """The shell: commands, drops and layout; `content` holds the rest once it is made."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, "the live workspace", LIBRARIES)
        self.setAcceptDrops(True)
        self.document = window.document
        self._add_commands()

    def new_content(self) -> LiveContent:
        from widgets.live.content import LiveContent

        return LiveContent(self)

    # What the window asks of a workspace

    @property
    def hint(self) -> str:
        return "Space plays or pauses · , and . step · F8 keeps a frame · F9 records · F6 presents"

    @property
    def stage_area(self) -> QWidget | None:
        return self.centralWidget() if self.content is None else self.content.canvas

    def fill_menus(self, menus: dict[str, QMenu]) -> None:
        menu = menus["Live"]
        for number, group in enumerate(MENU):
            if number:
                menu.addSeparator()
            put(menu, self.commands, (f"live.{name}" if name else "" for name in group))

    def reset_layout(self) -> None:
        if self.content is not None:
            self.content.reset_layout()

    # Sources

    def open(self, text: str) -> None:
        """Bring the workspace to the front and start what a user names."""
        self.bring()
        self.when_made(lambda content: content.desk.open(text))

    def ask_video(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(VIDEOS | PICTURES))
        filters = f"Videos and pictures ({kinds});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self, "Open a video", self._folder, filters)
        if name:
            self._open_path(Path(name))

    def ask_folder(self) -> None:
        title = "Open a folder of pictures"
        name = QFileDialog.getExistingDirectory(self, title, self._folder)
        if name:
            self._open_path(Path(name))

    @property
    def _folder(self) -> str:
        return "" if self.content is None else self.content.last_folder

    def _open_path(self, path: Path) -> None:
        self.bring()
        self.when_made(lambda content: content.open_path(path))

    # Commands

    def _add_commands(self) -> None:
        calls: dict[str, Callable[[], object]] = {
            "open_video": self.ask_video,
            "open_folder": self.ask_folder,
            "sample": lambda: self._open_path(SAMPLE),
            "viewport": lambda: self._studio("viewport"),
            "render": lambda: self._studio("render"),
        }
        for name, words in COMMANDS.items():
            if words.switch:
                action = self.commands.add_switch(
                    f"live.{name}",
                    words.text,
                    partial(self._switch, name),
                    words.keys,
                    symbol=words.symbol,
                    hint=words.hint,
                )
            else:
                call = calls.get(name, partial(self._call, name))
                action = self.commands.add(
                    f"live.{name}",
                    words.text,
                    call,
                    words.keys,
                    symbol=words.symbol,
                    hint=words.hint,
                )
            if name in KEYS_OF_THE_PICTURE:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.commands["live.sample"].setEnabled(SAMPLE.is_file())
        self.enable()

    def _studio(self, what: str) -> None:
        self.bring()
        self.when_made(lambda content: content.use_studio(what))

    def _call(self, name: str) -> None:
        if self.content is not None:
            self.content.call(name)

    def _switch(self, name: str, on: bool) -> None:
        if self.content is not None:
            self.content.switch(name, on)
        elif name in ALWAYS:
            self.when_made(lambda content: content.switch(name, on))

    def enable(self) -> None:
        """Keys mean what they do elsewhere while another workspace is shown."""
        here = self.content is not None and self.seen
        for name in COMMANDS:
            if name not in ALWAYS:
                self.commands[f"live.{name}"].setEnabled(here)

    # Events

    @property
    def seen(self) -> bool:
        return self.isVisible() and not self.window().isMinimized()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.window().installEventFilter(self)
        self.make()
        self.show_or_rest()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.show_or_rest()

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowStateChange:
            self.show_or_rest()
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        found = dropped(event.mimeData())
        if not found:
            event.ignore()
            return
        event.acceptProposedAction()
        path, kind = found[0]
        self.window_.drop_hint.say(WORDS[kind].format(path.name))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.window_.drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.window_.drop_hint.hide()
        found = dropped(event.mimeData())
        if found:
            event.acceptProposedAction()
        for path, _ in found:
            self.take(path)

    def take(self, path: Path) -> None:
        """Open a video, picture or folder, or add a model."""
        if kind_of(path) == "model":
            self.bring()
            self.when_made(lambda content: content.add_model(path))
        else:
            self._open_path(path)
