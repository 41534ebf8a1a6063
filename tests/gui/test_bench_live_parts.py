"""What the live bench measures with: a camera that is pulled out, and layers that are drawn."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtWidgets import QApplication

from app.bench.live import parts
from inference.live.capture import Capture
from inference.live.frames import SourceState
from widgets.bench_live import Choice, WindowTools, overlays
from widgets.bench_meter import busy
from widgets.live.bench_camera import PulledCamera
from widgets.live.overlays import LAYERS


def reached(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.01)
    return condition()


def test_a_camera_that_is_pulled_out_is_told_and_comes_back() -> None:
    pictures = [np.full((48, 64, 3), level, np.uint8) for level in (0, 80, 160)]
    camera = PulledCamera(pictures)
    with Capture(camera.source) as capture:
        assert reached(lambda: capture.latest() is not None)
        camera.pull()
        gone = (SourceState.UNPLUGGED, SourceState.MISSING)
        assert reached(lambda: capture.status.state in gone)
        last = capture.newest
        camera.plug()
        assert last is not None
        assert reached(lambda: capture.latest(last.number) is not None)


def test_everything_is_drawn_or_landmarks_and_pose_alone() -> None:
    everything, plain = overlays(everything=True), overlays(everything=False)
    assert all(everything.shows(name) for name in LAYERS if name != "hands")
    assert plain.shows("points_68")
    assert plain.shows("axes")
    assert not plain.shows("depth")
    assert not plain.shows("mesh_520")


def test_a_window_that_sleeps_takes_next_to_nothing(qapp: QApplication) -> None:
    assert busy(0.5) < 50.0


def test_without_an_interpreter_mediapipe_is_absent() -> None:
    tools = WindowTools(Choice())
    try:
        rows = list(parts(tools)["mediapipe"]())
    finally:
        tools.close()
    assert "--mediapipe" in rows[0].absent
