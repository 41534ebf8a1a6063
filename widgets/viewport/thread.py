"""The render thread: it owns the renderer, takes the newest wish and hands back the newest picture.

While the user moves something, pictures are drawn at the resolution that keeps up; at rest the
same view is drawn again and again, shifted by parts of a pixel, and averaged.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from widgets.viewport.landmarks import Marks, Poses
from widgets.viewport.picture import Picture, Wanted

FRAME_BUDGET: Final = 0.028
"""Seconds for one picture while something moves: 25 a second, with room for painting it."""
SCALES: Final = (1.0, 0.8, 0.65, 0.5, 0.4)
SERIES: Final = 16
"""Pictures that are averaged at rest."""
_SHOWN_AFTER: Final = (2, 4, 8, SERIES)


class Draws(Protocol):
    """What the thread needs of a renderer.

    ``smooths`` tells that pictures of one state differ by their jitter, so that a mean of them is
    worth having.
    """

    smooths: bool

    def draw(self, wanted: Wanted) -> Picture: ...

    def refine(self, wanted: Wanted) -> bool:
        """Do a piece of costly work that makes later pictures better; False if there is none."""
        ...

    def silhouette(self, pinhole: Pinhole, wanted: Wanted) -> NDArray[np.bool_]: ...

    def distances(self, pixels: Array) -> tuple[Array, Array] | None:
        """Metres of the surface around points of the picture drawn last; see `landmarks.Sees`."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture ready to be painted, and the state that it shows.

    ``finished`` tells that it will not be bettered; ``seconds`` is what drawing it took; ``marks``
    are the landmarks of just this state, where they are wanted.
    """

    image: QImage
    wanted: Wanted
    finished: bool
    seconds: float
    warnings: tuple[str, ...]
    marks: tuple[Marks, ...] = ()


class _Question:
    """Something asked of the thread that somebody waits for."""

    def __init__(self, pinhole: Pinhole, wanted: Wanted) -> None:
        self.pinhole, self.wanted = pinhole, wanted
        self.answer: NDArray[np.bool_] | None = None
        self.done = threading.Event()


class RenderThread(QObject):
    """Signals are emitted from the thread and arrive in the window's.

    Signals
    -------
    ready : a newer picture can be had by `take`.
    note : one line about the machine (no OpenGL, say); empty when all is well.
    failed : one line; nothing will be drawn any more.
    """

    ready = Signal()
    note = Signal(str)
    failed = Signal(str)

    def __init__(self, make: Callable[[Callable[[str], None]], Draws]) -> None:
        super().__init__()
        self._make = make
        self._wake = threading.Condition()
        self._wanted: Wanted | None = None
        self._question: _Question | None = None
        self._stopping = False
        self._latest: Shown | None = None
        self._poser: Poses | None = None
        self._marks: tuple[Marks, ...] = ()
        self._thread = threading.Thread(target=self._run, name="viewport", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def want(self, wanted: Wanted) -> None:
        """Ask for a state; a wish that has not been begun is forgotten."""
        with self._wake:
            self._wanted = wanted
            self._wake.notify()

    def set_marks(self, poser: Poses | None) -> None:
        """Find landmarks for every picture from now on; None for none."""
        with self._wake:
            self._poser = poser

    def take(self) -> Shown | None:
        """The newest picture, once."""
        with self._wake:
            latest, self._latest = self._latest, None
        return latest

    def silhouette(
        self, pinhole: Pinhole, wanted: Wanted, timeout: float
    ) -> NDArray[np.bool_] | None:
        question = _Question(pinhole, wanted)
        with self._wake:
            if not self._thread.is_alive():
                return None
            self._question = question
            self._wake.notify()
        question.done.wait(timeout)
        return question.answer

    def stop(self, _sender: object = None, timeout: float = 10.0) -> bool:
        """Close the renderer in its thread and wait for it; True when it has ended."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # In the thread

    def _run(self) -> None:
        try:
            renderer = self._make(self.note.emit)
        except Exception as problem:
            self.failed.emit(f"The viewport cannot draw: {problem}")
            return
        try:
            self._loop(renderer)
        except Exception as problem:
            self.failed.emit(f"The viewport stopped drawing: {problem}")
        finally:
            renderer.close()

    def _loop(self, renderer: Draws) -> None:
        series: _Series | None = None
        pace = _Pace()
        while True:
            with self._wake:
                while not (self._stopping or self._wanted or self._question or series):
                    self._wake.wait()
                if self._stopping:
                    return
                wanted, self._wanted = self._wanted, None
                question, self._question = self._question, None
            if question:
                question.answer = renderer.silhouette(question.pinhole, question.wanted)
                question.done.set()
                series = _Series(series.wanted) if series else None
            if wanted and wanted.moving:
                series = None
                self._show(*pace.draw(renderer, wanted, self._mark), finished=False)
            elif wanted:
                started = time.perf_counter()
                picture = renderer.draw(wanted)
                self._mark(renderer, wanted)
                seconds = time.perf_counter() - started
                self._show(picture, wanted, seconds, finished=not renderer.smooths)
                series = _Series(wanted) if renderer.smooths else None
            elif series:
                if renderer.refine(series.wanted):
                    series.restart_soon()
                elif not series.step(renderer, self._show):
                    series = None

    def _mark(self, renderer: Draws, wanted: Wanted) -> None:
        """Find the landmarks of the picture that was drawn last; a series shares them."""
        with self._wake:
            poser = self._poser
        fits = poser is not None and poser.asset is wanted.asset
        self._marks = poser.marks(wanted.pose, wanted.view, renderer) if poser and fits else ()

    def _show(self, picture: Picture, wanted: Wanted, seconds: float, *, finished: bool) -> None:
        image = _to_image(picture.pixels)
        shown = Shown(image, wanted, finished, seconds, picture.warnings, self._marks)
        with self._wake:
            first = self._latest is None
            self._latest = shown
        if first:
            self.ready.emit()


class _Pace:
    """Chooses the resolution of pictures that are drawn while something moves."""

    def __init__(self) -> None:
        self._full = 0.0
        self._scale = 1.0

    def draw(
        self, renderer: Draws, wanted: Wanted, also: Callable[[Draws, Wanted], None]
    ) -> tuple[Picture, Wanted, float]:
        """``also`` is called with what was drawn, and counts."""
        view = wanted.view
        width = max(round(view.width * self._scale), 16)
        height = max(round(view.height * self._scale), 16)
        started = time.perf_counter()
        drawn = replace(wanted, view=view.resized(width, height))
        picture = renderer.draw(drawn)
        also(renderer, drawn)
        seconds = time.perf_counter() - started
        full = seconds / self._scale**2
        self._full = full if not self._full else 0.7 * self._full + 0.3 * full
        self._choose()
        return picture, wanted, seconds

    def _choose(self) -> None:
        """Finer only with some room, so that the resolution does not flutter."""
        for scale in SCALES:
            room = 0.75 if scale > self._scale else 1.0
            if self._full * scale**2 < FRAME_BUDGET * room:
                break
        self._scale = scale


class _Series:
    """Pictures of one state, each shifted a little, whose mean is smooth."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._count = 0
        self._sum: NDArray[np.uint16] | None = None

    def restart_soon(self) -> None:
        """What is drawn has become better: the mean begins anew."""
        self._count, self._sum = 0, None

    def step(self, renderer: Draws, show: Callable[..., None]) -> bool:
        """Draw one more; False when that was the last."""
        started = time.perf_counter()
        shift = _shift(self._count)
        picture = renderer.draw(replace(self.wanted, jitter=shift, stipple=self._count))
        self._count += 1
        if self._sum is None:
            self._sum = picture.pixels.astype(np.uint16)
        else:
            np.add(self._sum, picture.pixels, out=self._sum)
        last = self._count >= SERIES
        if self._count in _SHOWN_AFTER:
            mean = ((self._sum + self._count // 2) // self._count).astype(np.uint8)
            seconds = time.perf_counter() - started
            show(replace(picture, pixels=mean), self.wanted, seconds, finished=last)
        return not last


def _shift(index: int) -> tuple[float, float]:
    """Within a pixel about its centre; Halton's sequence in bases 2 and 3."""
    return _radical_inverse(index + 1, 2) - 0.5, _radical_inverse(index + 1, 3) - 0.5


def _radical_inverse(index: int, base: int) -> float:
    value, part = 0.0, 1.0
    while index:
        part /= base
        value += part * (index % base)
        index //= base
    return value


def _to_image(pixels: NDArray[np.uint8]) -> QImage:
    """RGBA, bottom row first, to an image that QPainter draws without converting it."""
    import cv2

    height, width = pixels.shape[:2]
    upright = cv2.cvtColor(cv2.flip(pixels, 0), cv2.COLOR_RGBA2BGRA)
    return QImage(upright.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
