"""The Studio's viewport, or its last render, as a live source."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from inference.live.frames import SourceState
from inference.live.given import GivenSource

if TYPE_CHECKING:
    from widgets.studio import Studio

LOOK_MS: Final = 33
AGAIN: Final = 15
"""Looks after which a picture that has not changed is given again."""

Take = Callable[[], QImage | None]


class StudioFeed(QObject):
    """Pushes what the Studio shows whenever it is another picture, and now and then the same.

    Parameters
    ----------
    source : GivenSource
    take : callable
        The picture that is shown now, None where there is none.
    hint : str
        What to do where there is none.
    """

    def __init__(self, source: GivenSource, take: Take, hint: str, parent: QObject) -> None:
        super().__init__(parent)
        self.source, self.hint = source, hint
        self._take = take
        self._last: tuple[int, SourceState] | None = None
        self._unchanged = 0
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.push)
        self._timer.start()

    def set_running(self, running: bool) -> None:
        """While nobody looks nothing is pushed."""
        if running and not self._timer.isActive():
            self._timer.start()
        elif not running:
            self._timer.stop()

    def push(self) -> None:
        """Give the picture if it is another, or was not given for a while."""
        image = self._take()
        if image is None or image.isNull():
            return
        state = self.source.status.state
        now = image.cacheKey(), state
        self._unchanged = self._unchanged + 1 if now == self._last else 0
        if self._unchanged % AGAIN == 0:
            self._last = now
            self.source.push(rgb_of(image))


def viewport_feed(studio: Studio, parent: QObject) -> StudioFeed:
    """What the Studio's viewport shows; it goes on drawing while the Studio is hidden."""
    viewport = studio.viewport

    def take() -> QImage | None:
        return None if viewport.shown is None else viewport.shown.image

    hint = "The Studio shows no head yet: open one there."
    feed = StudioFeed(GivenSource("Studio viewport"), take, hint, parent)
    viewport.draw_hidden(True)
    feed.destroyed.connect(lambda: viewport.draw_hidden(False))
    return feed


def render_feed(studio: Studio, parent: QObject) -> StudioFeed:
    """The render that the Studio's preview shows, as it grows too."""
    hint = "Nothing has been rendered yet: press F12 for a render of the Studio's head."
    source = GivenSource("Studio render")
    return StudioFeed(source, lambda: studio.preview.image, hint, parent)


def rgb_of(image: QImage) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """Pixels (H, W, 3), RGB."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    height, width, step = plain.height(), plain.width(), plain.bytesPerLine()
    rows = np.frombuffer(plain.constBits(), np.uint8, height * step).reshape(height, step)
    return np.ascontiguousarray(rows[:, : 3 * width].reshape(height, width, 3))
