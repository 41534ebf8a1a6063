"""A session on a store of its own, and how to wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.jobs import JobList
from widgets.curate.session import CurateSession

LEFT = Qt.MouseButton.LeftButton
RIGHT = Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Run events until something holds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        QApplication.processEvents()
        time.sleep(0.002)


@contextmanager
def made_session(folder: Path, person: str = "Ana") -> Iterator[CurateSession]:
    """A session that knows its store."""
    session = CurateSession(JobList(), path=folder / "a.store", person=person)
    session.refresh()
    until(lambda: bool(session.known.topologies))
    try:
        yield session
    finally:
        session.close()


def opened(session: CurateSession, name: str = "ibug-68") -> CurateSession:
    """The newest release of a topology, unedited."""
    before = session.document
    session.open_release(name)
    until(lambda: session.document is not None and session.document is not before)
    return session


def send(
    widget: QWidget,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = NONE,
) -> None:
    """One event of the mouse."""
    held = button if kind != QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
    pressed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    event = QMouseEvent(kind, at, QPointF(widget.mapToGlobal(at.toPoint())), pressed, held, keys)
    QApplication.sendEvent(widget, event)


def click(
    widget: QWidget,
    at: QPointF,
    keys: Qt.KeyboardModifier = NONE,
    button: Qt.MouseButton = LEFT,
) -> None:
    send(widget, QEvent.Type.MouseButtonPress, at, button, keys)
    send(widget, QEvent.Type.MouseButtonRelease, at, button, keys)


def drag(
    widget: QWidget, *places: QPointF, keys: Qt.KeyboardModifier = NONE, release: bool = True
) -> None:
    """Press at the first place, move over the others."""
    send(widget, QEvent.Type.MouseButtonPress, places[0], LEFT, keys)
    for at in places[1:]:
        send(widget, QEvent.Type.MouseMove, at, LEFT, keys)
    if release:
        send(widget, QEvent.Type.MouseButtonRelease, places[-1], LEFT, keys)
