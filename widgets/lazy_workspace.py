"""A workspace that costs the window nothing until it is first shown.

What it shows is made then, piece by piece, and imports its libraries on another thread before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QStackedWidget, QTabWidget, QWidget

from widgets.panels.background import in_background
from widgets.workspace import WorkspaceView

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

DONE: Final = object()


class Content(Protocol):
    """What a workspace holds once it is made."""

    def build(self) -> Iterator[None]:
        """Make one piece after the other."""
        ...

    def set_shown(self, shown: bool) -> None:
        """Work, or rest while another workspace is in front."""
        ...

    def window_state(self) -> dict[str, Any]: ...

    def take_window_state(self, state: dict[str, Any]) -> None: ...

    def shut_down(self) -> None: ...


C = TypeVar("C", bound=Content)


class LazyWorkspace(WorkspaceView, Generic[C]):
    """The shell; `content` holds the rest once it is made.

    Parameters
    ----------
    window : MainWindow
    name : str
        ``"the workspace Live"``; stands in what is said.
    libraries : sequence of str
        Modules that are imported away from the window's thread before it is first shown.
    """

    def __init__(self, window: MainWindow, name: str, libraries: Sequence[str]) -> None:
        super().__init__(window)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.RightDockWidgetArea, QTabWidget.TabPosition.North)
        self.window_ = window
        self.commands = window.commands
        self.content: C | None = None
        self._name, self._libraries = name, tuple(libraries)
        self._unfinished: C | None = None
        self._steps: Iterator[None] | None = None
        self._making = self._going = False
        self._closed = False
        self._waiting: list[Callable[[C], object]] = []
        self._state: dict[str, Any] = {}
        opening = QLabel(f"Opening {name} …", alignment=Qt.AlignmentFlag.AlignCenter)
        opening.setProperty("role", "muted")
        self._middle = QStackedWidget()
        self._middle.addWidget(opening)
        self.setCentralWidget(self._middle)

    # What each workspace says for itself

    def new_content(self) -> C:
        """The content, not built yet; its libraries are imported."""
        raise NotImplementedError

    def enable(self) -> None:
        """Let commands mean something here, or elsewhere, as the workspace is shown or not."""

    @property
    def seen(self) -> bool:
        """Whether it is in front of people."""
        return self.isVisible()

    # What the window asks of a workspace

    @property
    def made(self) -> bool:
        return self._going

    def window_state(self) -> dict[str, Any]:
        if self.content is None or not self._going:
            return self._state
        return self.content.window_state()

    def take_window_state(self, state: dict[str, Any]) -> None:
        self._state = state
        self.when_made(lambda content: content.take_window_state(state))

    def shut_down(self) -> None:
        self._closed = True
        for _ in self._steps or ():
            continue
        if self._unfinished is not None:
            self._unfinished.shut_down()

    def bring(self) -> None:
        """Show this workspace."""
        self.window_.show_workspace(self.window_.views.index(self))

    # Making it

    def when_made(self, call: Callable[[C], object]) -> None:
        """Do something with the content as soon as it is there."""
        if self.content is not None and self._going:
            call(self.content)
            return
        self._waiting.append(call)
        self.make()

    def make(self) -> None:
        """Import what is needed, then build; nothing where that has begun."""
        if not self._making and not self._closed:
            self._making = True
            in_background(self, partial(_import, self._libraries), self._imported)

    def _imported(self, there: bool | None) -> None:
        if self._closed:
            return
        if not there:
            self.window_.notifications.error(f"{self._name.capitalize()} could not be opened.")
            return
        self._unfinished = self.new_content()
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
        self.enable()
        self.was_made.emit()
        QTimer.singleShot(0, self, self._go)

    def _go(self) -> None:
        """Begin the work once the panels have been laid out and drawn: that takes long enough."""
        if self._closed or self.content is None:
            return
        self._going = True
        self.show_or_rest()
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call(self.content)
        self.first_picture.emit()

    def show_middle(self, widget: QWidget) -> None:
        """Show the middle with its bars in place of the first words.

        The central widget itself stays: Qt may end the program when one is deleted that its layout
        has just moved.
        """
        self._middle.addWidget(widget)
        self._middle.setCurrentWidget(widget)

    def show_or_rest(self) -> None:
        """Work while it is seen, rest else."""
        if self._closed:
            return
        self.enable()
        if self.content is not None:
            self.content.set_shown(self.seen)


def _import(libraries: Sequence[str]) -> bool:
    for name in libraries:
        import_module(name)
    return True
