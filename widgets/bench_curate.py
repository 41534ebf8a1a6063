"""The workspace Curate in the real window, held against its bounds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from app.bench.figures import Figure
from widgets.bench_window import opened_window, until

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from widgets.curate.content import CurateContent
    from widgets.curate.scene_view import SceneView
    from widgets.main_window import MainWindow

TOPOLOGY: Final = "dense-1001"
SECONDS: Final = 5.0
RATE: Final = 25.0
REACH: Final = 30.0
"""Pixels about its place that the point is dragged round."""


def parts(trouble: str) -> dict[str, Callable[[], Iterator[Figure]]]:
    """Parts of the suite ``curate`` that need a window.

    Parameters
    ----------
    trouble : str
        Why no window can be shown; empty where one can.
    """

    def drag() -> Iterator[Figure]:
        name = f"dragging a landmark of {TOPOLOGY} on the default head, software OpenGL"
        if trouble:
            yield Figure(name, 0.0, "frames/s", RATE, "at least", absent=trouble)
            return
        with opened_window() as window:
            yield dragging(curate(window), name)

    return {"dragging": drag}


def curate(window: MainWindow) -> CurateContent:
    """The workspace, made and in front."""
    from widgets.curate.view import CurateView

    view = next(v for v in window.views if isinstance(v, CurateView))
    view.bring()
    until(lambda: view.made)
    content = view.content
    assert content is not None
    return content


def dragging(content: CurateContent, name: str) -> Figure:
    """Drag the tip of the nose round and round, and count what is painted."""
    scene, session = content.scene, content.session
    content.use_head("Ada")
    session.open_release(TOPOLOGY)
    until(lambda: session.document is not None and scene.ground is not None)
    until(lambda: scene.ground is not None and scene.ground.title == "Ada")
    if not scene.wait_for_frame(60_000):
        raise TimeoutError("the head was not drawn in time")
    scene.set_tool("move")
    frames, seconds, cpu = _round_and_round(scene, SECONDS)
    detail = {
        "landmarks": len(scene.layer.points.ids) if scene.layer.points else 0,
        "frames": frames,
        "window's thread, ms of processor a frame": round(1000.0 * cpu / max(frames, 1), 2),
        "scene, pixels": [scene.width(), scene.height()],
    }
    return Figure(name, frames / seconds, "frames/s", RATE, "at least", detail)


def _round_and_round(scene: SceneView, seconds: float) -> tuple[int, float, float]:
    """Frames that were painted while a point was dragged, seconds, and seconds of the thread."""
    from PySide6.QtCore import QEvent, QObject, QPointF
    from PySide6.QtWidgets import QApplication

    class Paints(QObject):
        count = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                self.count += 1
            return False

    row = 30
    x, y = scene.flat()[row]
    start = QPointF(float(x), float(y))
    _send(scene, QEvent.Type.MouseButtonPress, start)
    paints = Paints()
    scene.installEventFilter(paints)
    begun, thread = time.monotonic(), time.thread_time()
    steps = 0
    while time.monotonic() - begun < seconds:
        steps += 1
        turn = steps * 0.11
        at = start + QPointF(REACH * math.cos(turn), REACH * math.sin(turn))
        _send(scene, QEvent.Type.MouseMove, at)
        QApplication.processEvents()
    took, cpu = time.monotonic() - begun, time.thread_time() - thread
    scene.removeEventFilter(paints)
    _send(scene, QEvent.Type.MouseButtonRelease, start)
    return min(paints.count, steps), took, cpu


def _send(scene: SceneView, kind: object, at: QPointF) -> None:
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    assert isinstance(kind, QEvent.Type)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    pressed = none if kind == QEvent.Type.MouseMove else left
    there = QPointF(scene.mapToGlobal(at.toPoint()))
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(scene, QMouseEvent(kind, at, there, pressed, held, keys))
