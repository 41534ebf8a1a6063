"""The whole window with settings of its own, for measuring."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from widgets.application import Application
    from widgets.main_window import MainWindow

FRAME_SIZE: Final = (1280, 800)
HOMES: Final = ("HEADROOM_CONFIG", "HEADROOM_CACHE", "HEADROOM_DATA")


def application() -> Application:
    """The one there is, or a new one."""
    from PySide6.QtWidgets import QApplication

    from widgets.application import Application

    there = QApplication.instance()
    return there if isinstance(there, Application) else Application([sys.argv[0]])


@contextmanager
def opened_window() -> Iterator[MainWindow]:
    """The whole window, with settings, a cache and data of its own."""
    from app.blender.client import Blender
    from app.jobs import JobList
    from app.session.settings import Settings
    from widgets import theme
    from widgets.main_window import MainWindow

    running = application()
    theme.apply(running)
    before = {name: os.environ.get(name) for name in HOMES}
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        for name in before:
            os.environ[name] = str(Path(folder) / name.lower())
        window = MainWindow(Settings(), running.notifications, JobList(), Blender())
        try:
            window.resize(*FRAME_SIZE)
            window.show()
            window.worker.start()
            yield window
        finally:
            window.shut_down()
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Let the window work until something is so.

    Raises
    ------
    TimeoutError
    """
    from PySide6.QtCore import QCoreApplication, QEventLoop

    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError("the window did not get there in time")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        time.sleep(0.001)


def wait(seconds: float) -> None:
    """Let the window run as it does when nobody measures: asleep between events."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000.0), loop.quit)
    loop.exec()
