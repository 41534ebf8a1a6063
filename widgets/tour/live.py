"""The live workspace: the tour's part on the clip that ships."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from inference import registry
from widgets.measure import StallWatch

if TYPE_CHECKING:
    from inference.live.outcome import LiveResult
    from widgets.live.content import LiveContent
    from widgets.live.view import LiveView
    from widgets.main_window import MainWindow
    from widgets.tour.guide import Guide

SAMPLE: Final = Path(__file__).resolve().parents[2] / "assets" / "clips" / "sample.mp4"
TWO_PEOPLE: Final = 205
"""A frame of the clip with both people in it."""
SURPRISED: Final = 285
RUN_UP: Final = 20
"""Frames that are played up to one that is shown, and by which it may be missed."""
PATIENCE: Final = 12.0
"""Seconds for which faces are waited for."""
SHOWN: Final = ("points_68", "contours_68", "mesh_520", "axes", "number", "box")


def steps(guide: Guide) -> Iterator[Callable[[], bool]]:
    window = guide.window
    view = live_view(window)
    has_face = bool(registry.shipped("face"))
    with StallWatch() as stalls:
        view.bring()
        yield lambda: view.content is not None
    content = view.content
    assert content is not None
    guide.picture("live-empty", "Live: what there is to look at")

    with StallWatch() as more_stalls:
        view.open(str(SAMPLE))
        yield lambda: newest(content) is not None
    guide.measured["live"] = {
        "longest_stall_ms": round(max(stalls.longest, more_stalls.longest), 1),
        "model": has_face,
    }
    overlays = content.desk.overlays
    for name in SHOWN:
        overlays = overlays.with_shown(name, True)
    content.set_overlays(overlays)
    yield _played(content, 90, seen=1 if has_face else 0)
    statistics = content.desk.current_statistics()
    guide.measured["live"] |= {
        "frames_per_second": round(statistics.rate, 1),
        "delay_ms": round(statistics.delay * 1e3, 1),
    }
    yield _played_to(content, TWO_PEOPLE, seen=2 if has_face else 0)
    guide.picture("live", "The sample clip: faces that are followed, the error under them")

    content.docks.bring("Models")
    yield _painted(content)
    guide.picture("live-models", "Which models there are, and what their cards say")

    yield from _puppet(guide, content, has_face)
    content.docks.bring("Overlays")
    content.desk.stop()
    yield lambda: content.desk.session is None
    window.show_workspace(0)


def _puppet(guide: Guide, content: LiveContent, has_face: bool) -> Iterator[Callable[[], bool]]:
    window, panel = guide.window, content.docks.puppet
    document = window.document
    content.docks.bring("Puppet")
    before = document.scene
    if has_face:
        content.desk.seek(0)
        content.desk.play()
        yield _played(content, 3, seen=1)
        panel.puppet.calibrate()
        yield lambda: not panel.puppet.is_calibrating
        if panel.puppet.neutral is None:
            guide.problem("no neutral face was taken of the sample clip")
    panel.puppet.set_on(True)
    panel.floating.setChecked(True)
    yield _played_to(content, SURPRISED, seen=1 if has_face else 0)
    yield lambda: panel.stage.isVisible() and window.studio.viewport.shown is not None
    guide.picture("live-puppet", "The live face turns the Studio's head and moves its face")
    window.show_workspace(0)
    yield lambda: bool(window.studio.viewport.settled)
    guide.picture("live-puppet-studio", "The same head in the Studio, the landmarks beside it")
    panel.puppet.set_on(False)
    panel.floating.setChecked(False)
    if document.scene != before:
        guide.problem("the puppet did not give the head its pose back")
    document.undo_stack.clear()
    content.view.bring()


def live_view(window: MainWindow) -> LiveView:
    """The window's workspace Live."""
    from widgets.live.view import LiveView

    return next(view for view in window.views if isinstance(view, LiveView))


def newest(content: LiveContent) -> LiveResult | None:
    """What the engine found last."""
    return content.desk.latest


def _played(content: LiveContent, frames: int, seen: int) -> Callable[[], bool]:
    """Once so many more frames were worked on and so many faces are seen."""
    start = content.desk.current_statistics().frames

    def enough() -> bool:
        result = newest(content)
        found = 0 if result is None else sum(face.seen for face in result.faces)
        return found >= seen and content.desk.current_statistics().frames >= start + frames

    return enough


def _played_to(content: LiveContent, index: int, seen: int) -> Callable[[], bool]:
    """Played up to a frame and paused there, once so many faces are seen; or after a while."""
    desk, limit = content.desk, time.monotonic() + PATIENCE
    desk.seek(max(index - RUN_UP, 0))
    desk.play()

    def there() -> bool:
        result = newest(content)
        if result is not None and result.frame.index is not None:
            near = index <= result.frame.index <= index + RUN_UP
            if near and sum(face.seen for face in result.faces) >= seen:
                desk.pause()
                return True
        if time.monotonic() > limit:
            desk.pause()
            return True
        return False

    return there


def _painted(content: LiveContent) -> Callable[[], bool]:
    """Once a panel that was just brought up has been laid out."""
    return lambda: content.docks.docks["Models"].isVisible()
