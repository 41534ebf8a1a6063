"""One picture of a live source, and how the source itself is doing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture; any number of threads may read it, none may write it.

    Attributes
    ----------
    picture : ndarray, shape (H, W, 3), uint8, RGB
        Upright; made read-only.
    number : int
        Counted up for as long as a capture runs and never given twice, also where the source
        is sought, looped or exchanged. What a source itself gives is its own count.
    media_time : float or None
        Seconds from the start of the source; None where it has no clock of its own (a camera).
    captured : float
        ``time.monotonic()`` at which it arrived: when the camera handed it over, or when a file's
        frame was due and shown.
    source : str
        Name of the file, camera or picture that it is from.
    index : int or None
        Place in the source, from 0, where the source has an order that can be sought.
    """

    picture: Bytes
    number: int
    media_time: float | None
    captured: float
    source: str
    index: int | None = None

    def __post_init__(self) -> None:
        picture = self.picture.view()
        picture.flags.writeable = False
        object.__setattr__(self, "picture", picture)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return int(self.picture.shape[1]), int(self.picture.shape[0])


class SourceState(StrEnum):
    OPENING = "opening"
    RUNNING = "running"
    PAUSED = "paused"
    BUSY = "busy"
    """There, but another program holds it; tried again."""
    MISSING = "missing"
    """Not there yet; tried again."""
    UNPLUGGED = "unplugged"
    """Was there and went away; tried again where it can come back."""
    ENDED = "ended"
    FAILED = "failed"
    """Cannot be read and is not tried again."""


@dataclass(frozen=True)
class SourceStatus:
    """How a source is doing.

    Attributes
    ----------
    state : SourceState
    message : str
        One line for people that says what to do; empty where all is well.
    size : (int, int) or None
        Width and height of its pictures, once known.
    rate : float or None
        Frames a second, as the source says.
    length : int or None
        Number of frames, where the source has an end.
    """

    state: SourceState
    message: str = ""
    size: tuple[int, int] | None = None
    rate: float | None = None
    length: int | None = None
