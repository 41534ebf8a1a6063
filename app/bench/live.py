"""How fast, steady and patient the live window is, each figure beside its bound.

What measures runs in the real window and is another package's; it hands itself in as `Tools`. A row
whose clip, model or program is not there says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from app.bench.figures import Figure, absent
from app.bench.models import AbsentError

SCREEN: Final = "frames/s"
CLIP: Final = "640x480 clip"


@dataclass(frozen=True)
class Played:
    """What came to the screen while a clip was played.

    Attributes
    ----------
    rate : float
        New pictures a second on the screen, of a source that is quicker than the bound.
    delay, delay_p95 : float
        Seconds from capture to screen, of the same clip at 30 frames a second.
    detail : dict
    """

    rate: float
    delay: float
    delay_p95: float
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Endurance:
    """What a long run did.

    Attributes
    ----------
    growth : float
        Megabytes from the second minute to the last.
    drift : float
        Milliseconds by which the median delay of the last minutes is above that of the first.
    detail : dict
    """

    growth: float
    drift: float
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """Milliseconds of one frame, by this program and by another one."""

    ours: float
    theirs: float
    detail: dict[str, Any] = field(default_factory=dict)


class Tools(Protocol):
    """Runs the live window. All of it raises `AbsentError` where something is not there."""

    def play(self, faces: int, *, depth: bool, rate: float) -> Played:
        """Play a clip of so many faces with all overlays, or with landmarks and pose alone.

        ``rate`` is what is asked for, frames a second.
        """
        ...

    def idle(self) -> Mapping[str, float]:
        """Percent of a core while paused, and while the window is hidden."""
        ...

    def endure(self) -> Endurance:
        """A looped clip for a long time."""
        ...

    def jitter(self) -> Mapping[str, Mapping[str, float]]:
        """Pixels, root mean square, of landmarks of a still picture: raw and filtered, by noise."""
        ...

    def stalls(self) -> Mapping[str, float]:
        """Longest stalls of the window in milliseconds, by what happened."""
        ...

    def against_mediapipe(self) -> Compared:
        """Frame times on the same clip."""
        ...


Rows = Callable[[], Iterator[Figure]]

STILL: Final = "still"
NOISY: Final = "noise"
"""Names of what `Tools.jitter` tells: a still picture as video, and with a sensor's noise."""


def parts(tools: Tools) -> dict[str, Rows]:
    """The suite's parts by name."""
    return {
        "one-face": partial(_one_face, tools),
        "four-faces": partial(_four_faces, tools),
        "landmarks": partial(_landmarks, tools),
        "idle": partial(_idle, tools),
        "jitter": partial(_jitter, tools),
        "stalls": partial(_stalls, tools),
        "mediapipe": partial(_mediapipe, tools),
        "memory": partial(_memory, tools),
    }


def _one_face(tools: Tools) -> Iterator[Figure]:
    rate = f"{CLIP}, one face, all face overlays"
    delay = "the same at 30 frames a second, delay from capture to screen, 95th percentile"
    try:
        found = tools.play(1, depth=True, rate=30.0)
    except AbsentError as problem:
        yield absent(rate, SCREEN, 30.0, str(problem), "at least")
        yield absent(delay, "ms", 70.0, str(problem))
        return
    yield Figure(rate, found.rate, SCREEN, 30.0, "at least", found.detail)
    detail = {"median, ms": round(found.delay * 1e3, 1)}
    yield Figure(delay, found.delay_p95 * 1e3, "ms", 70.0, detail=detail)


def _four_faces(tools: Tools) -> Iterator[Figure]:
    yield _rate(
        f"{CLIP}, four faces, all face overlays", 15.0, lambda: tools.play(4, depth=True, rate=15.0)
    )


def _landmarks(tools: Tools) -> Iterator[Figure]:
    yield _rate(
        f"{CLIP}, one face, landmarks and pose", 60.0, lambda: tools.play(1, depth=False, rate=60.0)
    )


def _rate(name: str, bound: float, play: Callable[[], Played]) -> Figure:
    try:
        found = play()
    except AbsentError as problem:
        return absent(name, SCREEN, bound, str(problem), "at least")
    delays = {
        "delay at 30 frames a second, ms": round(found.delay * 1e3, 1),
        "95th percentile, ms": round(found.delay_p95 * 1e3, 1),
    }
    return Figure(name, found.rate, SCREEN, bound, "at least", found.detail | delays)


def _idle(tools: Tools) -> Iterator[Figure]:
    names = {
        "paused": "processor time while paused",
        "hidden": "processor time while the window is hidden",
    }
    try:
        found = tools.idle()
    except AbsentError as problem:
        yield from (absent(name, "% of a core", 3.0, str(problem)) for name in names.values())
        return
    for key, name in names.items():
        yield Figure(name, found[key], "% of a core", 3.0)


def _memory(tools: Tools) -> Iterator[Figure]:
    growth, drift = "a looped clip, growth of memory", "the same, drift of the median delay"
    try:
        found = tools.endure()
    except AbsentError as problem:
        yield absent(growth, "MB", 20.0, str(problem))
        yield absent(drift, "ms", 5.0, str(problem))
        return
    yield Figure(growth, found.growth, "MB", 20.0, detail=found.detail)
    yield Figure(drift, found.drift, "ms", 5.0)


def _jitter(tools: Tools) -> Iterator[Figure]:
    names = {
        STILL: "a still picture as video, jitter of filtered landmarks",
        NOISY: "the same with a sensor's noise in every frame",
    }
    try:
        found = tools.jitter()
    except AbsentError as problem:
        yield from (absent(name, "px rms", 0.15, str(problem)) for name in names.values())
        return
    told = {
        kind: {name: round(value, 4) for name, value in values.items()}
        for kind, values in found.items()
    }
    yield Figure(names[STILL], found[STILL]["filtered"], "px rms", 0.15, detail=told)
    yield Figure(names[NOISY], found[NOISY]["filtered"], "px rms", 0.15)


def _stalls(tools: Tools) -> Iterator[Figure]:
    name = "longest stall of the window: starting, switching models, unplugging the source"
    try:
        found = tools.stalls()
    except AbsentError as problem:
        yield absent(name, "ms", 50.0, str(problem))
        return
    detail = {what: round(value, 1) for what, value in found.items()}
    yield Figure(name, max(found.values()), "ms", 50.0, detail=detail)


def _mediapipe(tools: Tools) -> Iterator[Figure]:
    name = "one frame with one face, beside MediaPipe's FaceMesh on the same clip"
    try:
        found = tools.against_mediapipe()
    except AbsentError as problem:
        yield absent(name, "ms", 33.3, str(problem))
        return
    yield Figure(name, found.ours, "ms", round(found.theirs, 3), detail=found.detail)
