"""Start-up: from the command line to the window on the screen, and back."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from app.notify import Notifications, catch_exceptions
from app.session import settings as settings_file
from app.session.autosave import discard, left_behind, recovery_dir
from widgets.display import missing_display
from widgets.recovery import RecoveryDialog

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

_IMPORTED = time.time()
_NO_DISPLAY: Final = 3
_BLENDER_AFTER_MS: Final = 400


class Application(QApplication):
    """Qt's application, with what all windows share.

    Attributes
    ----------
    startup_seconds : float or None
        From the start of the process to the first picture of the head (or of the gallery).
    """

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self.setApplicationName("headroom")
        self.setApplicationDisplayName("Headroom")
        self.setDesktopFileName("headroom")
        self.startup_seconds: float | None = None
        self.notifications = Notifications()

    def shown(self) -> None:
        """The window shows what it is for.

        Most of what is there by now stays to the end; looking through it for garbage again and
        again would stall the window for some 40 ms each time.
        """
        if self.startup_seconds is None:
            self.startup_seconds = time.time() - process_start()
            gc.collect()
            gc.freeze()


Begin = Callable[["MainWindow"], object]


def run(args: argparse.Namespace, begin: Begin | None = None) -> int:
    """Open the window and stay until it is closed.

    A tour has settings of its own: it neither shows nor changes those of the user.

    Parameters
    ----------
    args : argparse.Namespace
        With ``open`` and ``tour``.
    begin : callable, optional
        Is called with the window before it is shown.

    Returns
    -------
    int
        Exit status: 0, or 3 when there is no display.
    """
    trouble = missing_display()
    if trouble:
        print(f"{trouble} Try main.py --help for what runs without one.", file=sys.stderr)
        return _NO_DISPLAY
    if args.tour is not None:
        with tempfile.TemporaryDirectory(prefix="headroom-tour-") as folder:
            os.environ["HEADROOM_CONFIG"] = folder
            return _run(args, begin)
    return _run(args, begin)


def _run(args: argparse.Namespace, begin: Begin | None) -> int:
    settings, told = settings_file.load(settings_file.settings_path())
    if settings.ui_scale != 1.0:
        os.environ.setdefault("QT_SCALE_FACTOR", f"{settings.ui_scale:g}")
    if settings.worker_threads:
        os.environ.setdefault("HEADROOM_THREADS", str(settings.worker_threads))
    application = Application([sys.argv[0]])
    restore_hooks = catch_exceptions(application.notifications)
    qInstallMessageHandler(_message_handler(application.notifications))
    try:
        return _run_window(application, settings, told, args, begin)
    finally:
        qInstallMessageHandler(None)
        restore_hooks()


def _run_window(
    application: Application,
    settings: settings_file.Settings,
    told: str,
    args: argparse.Namespace,
    begin: Begin | None,
) -> int:
    from app.blender.client import Blender
    from app.jobs import JobList
    from widgets import theme
    from widgets.main_window import MainWindow

    theme.apply(application)
    notifications = application.notifications
    died = _Relay()
    window = MainWindow(settings, notifications, JobList(), Blender(on_notice=died.heard.emit))
    died.heard.connect(notifications.warning)
    died.heard.connect(window.worker.restarted)
    if begin is not None:
        begin(window)
    window.workspace.first_picture.connect(application.shown)
    end = _EndSignals(lambda: window.shut_down(keep_recovery=True))
    window.show()
    if told:
        notifications.warning(told)
    if args.tour is not None:
        from widgets.tour.guide import Guide

        Guide(window, Path(args.tour)).start()
    else:
        QTimer.singleShot(0, window, lambda: _begin(window, args.open))
    QTimer.singleShot(_BLENDER_AFTER_MS, window, window.worker.start)
    status = application.exec()
    end.close()
    window.shut_down()
    return status


def _begin(window: MainWindow, file: Path | None) -> None:
    """Offer what a crash left, then open what was asked for."""
    found = left_behind(recovery_dir())
    if found:
        dialog = RecoveryDialog(found, window)
        if dialog.exec() and dialog.chosen is not None:
            window.files.restore(dialog.chosen)
            discard(dialog.chosen.file)
            return
        if dialog.discarded:
            for one in found:
                discard(one.file)
    if file is not None:
        window.open_path(file)


class _Relay(QObject):
    """Brings a line of another thread to the window's."""

    heard = Signal(str)


class _EndSignals(QObject):
    """Ctrl+C and SIGTERM close the window at once; unsaved work is kept for the next start."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._call = call
        self._here, self._there = socket.socketpair()
        for end in (self._here, self._there):
            end.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._there.fileno())
        self._old = {
            number: signal.signal(number, lambda *_: None)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._notifier = QSocketNotifier(self._here.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._heard)

    def _heard(self) -> None:
        self._notifier.setEnabled(False)
        self._call()
        QApplication.quit()

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._here.close()
        self._there.close()


def _message_handler(
    notifications: Notifications,
) -> Callable[[QtMsgType, QMessageLogContext, str], None]:
    """Qt's warnings go to the log, what is worse to people too."""

    def handle(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            return
        print(f"Qt: {text}", file=sys.stderr)
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            notifications.error(text, f"Qt, {context.category or 'default'}")

    return handle


def process_start() -> float:
    """When this process began, in seconds since 1970; else when this module was imported."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        up = float(Path("/proc/uptime").read_text().split()[0])
        return time.time() - up + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return _IMPORTED
