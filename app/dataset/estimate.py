"""How long a data set takes and how large it becomes: from figures measured before.

A run remembers what its pictures took in ``config_dir()/generate.json``; where nothing is known
yet of a renderer, figures stand in that were measured on the machine that `REFERENCE` names.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from app.dataset.spec import DatasetSpec
from app.files import write_bytes
from app.paths import config_dir

REFERENCE: Final = "a virtual machine with two busy cores (AMD EPYC)"

_KEPT: Final = 50
_WINDOW_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Figures:
    """What pictures took.

    Attributes
    ----------
    renderer : str
    width, height, samples : int
    people : bool
        Heads were people made from parameters, not files.
    effects : bool
    seconds : float
        One picture on one worker; of Cycles, whose workers share the cores, on the whole machine.
    opening : float
        One head on one worker.
    bytes : float
        One picture with all its files.
    frames : int
        How many pictures this was measured on.
    """

    renderer: str
    width: int
    height: int
    samples: int
    people: bool
    effects: bool
    seconds: float
    opening: float
    bytes: float
    frames: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


REFERENCES: Final = (
    Figures("raster", 256, 256, 1, True, False, 0.071, 0.83, 178_000, 90),
    Figures("raster", 640, 480, 1, True, False, 0.145, 0.83, 573_000, 90),
    Figures("cycles", 640, 480, 32, False, False, 9.24, 0.78, 541_000, 6),
)


@dataclass(frozen=True)
class Estimate:
    """Seconds that a run takes, bytes that it fills, and whether this machine told them."""

    frames: int
    seconds: float
    bytes: int
    measured: bool


def estimate(spec: DatasetSpec, frames: int, subjects: int, workers: int) -> Estimate:
    """What ``frames`` pictures of ``subjects`` heads will take on so many workers."""
    known = [f for f in _remembered() if f.renderer == spec.renderer]
    nearest = min(
        known or [f for f in REFERENCES if f.renderer == spec.renderer],
        key=lambda f: _unlike(f, spec),
    )
    seconds = nearest.seconds * _work(spec.renderer, spec.width * spec.height, spec.samples)
    seconds /= _work(spec.renderer, nearest.pixels, nearest.samples)
    pixels = spec.width * spec.height / nearest.pixels
    size = nearest.bytes * (_PLAIN_BYTES + pixels * (1.0 - _PLAIN_BYTES))
    busy = max(1, min(workers, frames))
    pictures = frames * seconds / (1 if spec.renderer == "cycles" else busy)
    return Estimate(
        frames,
        START_SECONDS + pictures + subjects * nearest.opening / busy,
        round(frames * size + subjects * PERSON_BYTES),
        bool(known),
    )


START_SECONDS: Final = 4.0
"""Starting the workers."""
PERSON_BYTES: Final = 4_000
_PLAIN_BYTES: Final = 0.4
"""Part of a picture's files that does not grow with its pixels (at 256×256: the annotation)."""


def remember(spec: DatasetSpec, sums: tuple[float, float, int, int, int], workers: int) -> None:
    """Keep what a run took: seconds in pictures and openings, pictures, heads, bytes."""
    seconds, opening, frames, heads, size = sums
    if spec.renderer == "cycles":
        seconds /= workers
    if frames < 4:
        return
    new = Figures(
        spec.renderer,
        spec.width,
        spec.height,
        spec.samples,
        spec.people > 0,
        bool(spec.effects),
        round(seconds / frames, 5),
        round(opening / heads, 4) if heads else 0.0,
        round(size / frames, 1),
        frames,
    )
    kind = replace(new, seconds=0.0, opening=0.0, bytes=0.0, frames=0)
    others = [
        f
        for f in _remembered()
        if replace(f, seconds=0.0, opening=0.0, bytes=0.0, frames=0) != kind
    ]
    with suppress(OSError):
        data = msgspec.json.encode([new, *others][:_KEPT])
        write_bytes(_file(), msgspec.json.format(data, indent=1))


class Pace:
    """How quickly pictures come, over the last minute."""

    def __init__(self, expected: float | None = None) -> None:
        self._expected = expected
        self._marks: deque[tuple[float, int]] = deque()

    def restart(self) -> None:
        """Forget a break."""
        self._marks.clear()

    def at(self, made: int) -> None:
        """So many pictures are made by now."""
        now = time.monotonic()
        if made == 0 or (self._marks and made < self._marks[-1][1]):
            self._marks.clear()
        self._marks.append((now, made))
        while len(self._marks) > 2 and now - self._marks[0][0] > _WINDOW_SECONDS:
            self._marks.popleft()

    @property
    def per_second(self) -> float | None:
        """None until a few pictures are made."""
        if len(self._marks) < 2:
            return None
        (start, before), (end, now) = self._marks[0], self._marks[-1]
        if now - before < 3 or end - start < 0.5:
            return None
        return (now - before) / (end - start)

    def seconds_for(self, frames: int) -> float | None:
        """As measured, or as expected before that."""
        pace = self.per_second or self._expected
        return frames / pace if pace else None


def _work(renderer: str, pixels: int, samples: int) -> float:
    """How the time of a picture grows: a part that is always there, and one for each pixel."""
    if renderer == "cycles":
        return 1.0 + pixels * samples / 1.6e6
    return 1.0 + pixels / 1.66e5


def _unlike(figures: Figures, spec: DatasetSpec) -> tuple[float, ...]:
    work = _work(spec.renderer, spec.width * spec.height, spec.samples)
    ratio = work / _work(spec.renderer, figures.pixels, figures.samples)
    return (
        abs(ratio - 1.0) > 0.2,
        figures.people != (spec.people > 0),
        figures.effects != bool(spec.effects),
        max(ratio, 1.0 / ratio),
    )


def _file() -> Path:
    return config_dir() / "generate.json"


def _remembered() -> list[Figures]:
    """What earlier runs took; a file that cannot be read counts as empty."""
    try:
        return msgspec.json.decode(_file().read_bytes(), type=list[Figures])
    except (OSError, ValueError, RecursionError, msgspec.DecodeError):
        return []
