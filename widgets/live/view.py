"""The workspace Live: a camera, a clip or the Studio's picture, and what models see in it.

This module is all that the window pays for at its start. What it shows is made when it is first
shown, and imports its libraries on another thread before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QWidget,
)

from app.paths import ASSETS
from widgets.live.drops import PICTURES, VIDEOS, WORDS, dropped, kind_of
from widgets.live.live_commands import ALWAYS, COMMANDS, KEYS_OF_THE_PICTURE, MENU
from widgets.menus import put
from widgets.panels.background import in_background
from widgets.workspace import WorkspaceView

if TYPE_CHECKING:
    from widgets.live.content import LiveContent
    from widgets.main_window import MainWindow

SAMPLE = ASSETS / "clips" / "sample.mp4"
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
DONE = object()
LIBRARIES = ("cv2", "widgets.live.content")
"""Imported away from the window's thread before the workspace is first shown."""


class LiveView(WorkspaceView):
    """The shell: commands, drops and layout; `content` holds the rest once it is made."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(RIGHT, QTabWidget.TabPosition.North)
        self.setAcceptDrops(True)
        self.window_ = window
        self.document, self.commands = window.document, window.commands
        self.content: LiveContent | None = None
        self._unfinished: LiveContent | None = None
        self._steps: Iterator[None] | None = None
        self._making = False
        self._closed = False
        self._waiting: list[Callable[[LiveContent], object]] = []
        self._state: dict[str, Any] = {}
        opening = QLabel("Opening the live workspace …", alignment=Qt.AlignmentFlag.AlignCenter)
        opening.setProperty("role", "muted")
        self._middle = QStackedWidget()
        self._middle.addWidget(opening)
        self.setCentralWidget(self._middle)
        self._add_commands()

    # What the window asks of a workspace

    @property
    def made(self) -> bool:
        return self.content is not None

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

    def window_state(self) -> dict[str, Any]:
        return self._state if self.content is None else self.content.window_state()

    def take_window_state(self, state: dict[str, Any]) -> None:
        self._state = state
        self.when_made(lambda content: content.take_window_state(state))

    def shut_down(self) -> None:
        self._closed = True
        for _ in self._steps or ():
            continue
        if self._unfinished is not None:
            self._unfinished.shut_down()

    # Making it

    def when_made(self, call: Callable[[LiveContent], object]) -> None:
        """Do something with the content as soon as it is there."""
        if self.content is not None:
            call(self.content)
            return
        self._waiting.append(call)
        self.make()

    def make(self) -> None:
        """Import what is needed, then build; nothing where that has begun."""
        if not self._making and not self._closed:
            self._making = True
            in_background(self, _import, self._imported)

    def _imported(self, there: bool | None) -> None:
        if self._closed:
            return
        if not there:
            self.window_.notifications.error("The live workspace could not be opened.")
            return
        from widgets.live.content import LiveContent

        self._unfinished = LiveContent(self)
        self._steps = self._unfinished.build()
        self._build_on()

    def _build_on(self) -> None:
        """Make the next piece; the window draws and listens between two of them."""
        if self._steps is not None and next(self._steps, DONE) is not DONE:
            QTimer.singleShot(0, self, self._build_on)
        elif self._steps is not None:
            self._steps = None
            self._finish()

    def _finish(self) -> None:
        self.content = self._unfinished
        assert self.content is not None
        self._enable()
        self.content.set_shown(self._seen)
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call(self.content)
        QTimer.singleShot(0, self, self._tell_made)

    def _tell_made(self) -> None:
        """Once the picture has its place, so that the layout of an earlier run fits."""
        if not self._closed:
            self.was_made.emit()
            self.first_picture.emit()

    def show_middle(self, widget: QWidget) -> None:
        """Show the picture with its bars in place of the first words.

        The central widget itself stays: Qt may end the program when one is deleted that its layout
        has just moved.
        """
        self._middle.addWidget(widget)
        self._middle.setCurrentWidget(widget)

    # Sources

    def open(self, text: str) -> None:
        """Bring the workspace to the front and start what a user names."""
        self.bring()
        self.when_made(lambda content: content.desk.open(text))

    def bring(self) -> None:
        """Show this workspace."""
        self.window_.show_workspace(self.window_.views.index(self))

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
        self._enable()

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

    def _enable(self) -> None:
        """Keys mean what they do elsewhere while another workspace is shown."""
        here = self.content is not None and self._seen
        for name in COMMANDS:
            if name not in ALWAYS:
                self.commands[f"live.{name}"].setEnabled(here)

    # Events

    @property
    def _seen(self) -> bool:
        return self.isVisible() and not self.window().isMinimized()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.window().installEventFilter(self)
        self.make()
        self._show_or_rest()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._show_or_rest()

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowStateChange:
            self._show_or_rest()
        return super().eventFilter(watched, event)

    def _show_or_rest(self) -> None:
        if self._closed:
            return
        self._enable()
        if self.content is not None:
            self.content.set_shown(self._seen)

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


def _import() -> bool:
    for name in LIBRARIES:
        import_module(name)
    return True
