"""Drives the window step by step, takes the pictures and writes down what was measured."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.files import write_bytes
from widgets.tour import datasets, live, studio

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

_POLL_MS: Final = 15
_PATIENCE_S: Final = 120.0

Condition = Callable[[], bool]
Steps = Iterator[Condition]
"""A step sets something going and yields what must become true before the tour goes on."""

WORKSPACES: Final[tuple[Callable[[Guide], Steps], ...]] = (
    studio.steps,
    datasets.steps,
    live.steps,
)


class Guide(QObject):
    """Runs the steps of all workspaces in the window's own event loop.

    Attributes
    ----------
    measured : dict
        What goes into ``tour.json``.
    """

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self.window, self.folder = window, folder
        self.measured: dict[str, Any] = {"steps": [], "problems": []}
        self._steps = self._all_steps()
        self._condition: Condition = lambda: True
        self._since = time.monotonic()
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.window.resize(1280, 800)
        self._timer.start()

    def picture(self, name: str, text: str, dialog: QWidget | None = None) -> None:
        """Save what the window shows now, with ``dialog`` over it, as ``NN-name.png``."""
        number = len(self.measured["steps"]) + 1
        file = f"{number:02d}-{name}.png"
        pixmap = self.window.grab()
        if dialog is not None:
            _lay_over(pixmap, dialog, self.window)
        pixmap.save(str(self.folder / file))
        self.measured["steps"].append({"picture": file, "what": text})
        print(f"{file}: {text}", flush=True)

    def problem(self, text: str) -> None:
        """Something did not go as it should; the tour goes on."""
        self.measured["problems"].append(text)
        print(f"Problem: {text}", flush=True)

    def _all_steps(self) -> Steps:
        for steps in WORKSPACES:
            yield from steps(self)

    def _poll(self) -> None:
        if not self._condition():
            if time.monotonic() - self._since < _PATIENCE_S:
                return
            self.problem(f"step {len(self.measured['steps']) + 1} took over {_PATIENCE_S:g} s")
        try:
            self._condition = next(self._steps)
            self._since = time.monotonic()
        except StopIteration:
            self._finish()
        except Exception as error:
            self.problem(f"{type(error).__name__}: {error}")
            self._finish()
            raise

    def _finish(self) -> None:
        self._timer.stop()
        data = json.dumps(self.measured, indent=2) + "\n"
        write_bytes(self.folder / "tour.json", data.encode())
        QApplication.exit(1 if self.measured["problems"] else 0)


def after(seconds: float) -> Condition:
    """True once so much time has passed."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until


def _lay_over(pixmap: QPixmap, dialog: QWidget, window: QWidget) -> None:
    at = dialog.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
    inside = window.rect().adjusted(0, 0, -dialog.width(), -dialog.height())
    if not inside.contains(at):
        at = QPoint(max(0, inside.width() // 2), max(0, inside.height() // 2))
    with QPainter(pixmap) as painter:
        painter.drawPixmap(at, dialog.grab())
