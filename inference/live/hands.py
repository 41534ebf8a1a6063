"""Hands on the wheel in the live engine: the region, both probabilities, states over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from inference.hands import Region, SteadyRegion
from inference.hands_state import NOTHING, HandsNow, HandsSettings, step
from inference.results import Box, Bytes, HandsOnWheel

PROPOSE_EVERY: Final = 0.5
"""Seconds between two proposals of the wheel's region: a camera in a car does not move."""

Part = tuple[float, float, float, float]
"""x, y, width and height of a box over the width and the height of the picture."""


class HandsMaker(Protocol):
    """Probabilities of both hands; `inference.hands.HandsPredictor` is one."""

    def predict(self, picture: Bytes, region: Box, mirror: bool = False) -> HandsOnWheel:
        """Both hands, from the wheel's region.

        Raises
        ------
        ModelError
            When the network fails.
        """
        ...


class RegionMaker(Protocol):
    """Where the wheel is; `inference.hands.RegionPredictor` is one."""

    def predict(self, picture: Bytes) -> Region | None:
        """The wheel of a picture.

        Raises
        ------
        ModelError
            When the network fails.
        """
        ...


@dataclass(frozen=True)
class HandsAsked:
    """What is asked of the engine.

    Attributes
    ----------
    watched : bool
        Whether hands are looked at at all.
    drawn : tuple of float, optional
        The wheel's region as the user drew it; without one it is proposed.
    mirrored : bool
        The pictures are mirror images: what is seen as the left hand is the right one.
    state : HandsSettings
    """

    watched: bool = True
    drawn: Part | None = None
    mirrored: bool = False
    state: HandsSettings = field(default_factory=HandsSettings)


@dataclass(frozen=True)
class LiveHands:
    """Both hands in one frame.

    Attributes
    ----------
    region : Box, optional
        Of the wheel, pixels; None where none is drawn or seen.
    drawn : bool
        The user drew it.
    raw : HandsOnWheel, optional
        As the network gives it; None where there is no region.
    now : HandsNow
        States, and since when.
    """

    region: Box | None
    drawn: bool
    raw: HandsOnWheel | None
    now: HandsNow


class HandsFollower:
    """What is remembered of hands between frames; belongs to one thread."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin anew, as with another source."""
        self._steady = SteadyRegion()
        self._proposed: Region | None = None
        self._looked: float | None = None
        self._now = NOTHING

    def look(
        self,
        picture: Bytes,
        moment: float,
        hands: HandsMaker,
        regions: RegionMaker | None,
        asked: HandsAsked,
    ) -> LiveHands:
        """Both hands in a frame.

        Parameters
        ----------
        moment : float
            Of the frame, seconds.

        Raises
        ------
        ModelError
            When a network fails.
        """
        height, width = picture.shape[:2]
        if asked.drawn is not None:
            region: Box | None = in_pixels(asked.drawn, width, height)
        else:
            region = self._propose(picture, moment, regions)
        raw = None if region is None else hands.predict(picture, region)
        if raw is not None and asked.mirrored:
            raw = HandsOnWheel(raw.right, raw.left)
        self._now = step(self._now, moment, raw, asked.state)
        return LiveHands(region, asked.drawn is not None, raw, self._now)

    def _propose(self, picture: Bytes, moment: float, regions: RegionMaker | None) -> Box | None:
        if regions is None:
            return None
        since = None if self._looked is None else moment - self._looked
        if since is None or not 0.0 <= since < PROPOSE_EVERY:
            self._looked = moment
            self._proposed = self._steady.add(regions.predict(picture))
        return None if self._proposed is None else self._proposed.box


def in_pixels(part: Part, width: int, height: int) -> Box:
    """A part of a picture as a box in its pixels."""
    x, y, w, h = part
    return Box(x * width - 0.5, y * height - 0.5, w * width, h * height)


def in_parts(box: Box, width: int, height: int) -> Part:
    """The inverse of `in_pixels`, cut to the picture."""
    left, right = (min(max((v + 0.5) / width, 0.0), 1.0) for v in (box.x, box.x + box.width))
    top, bottom = (min(max((v + 0.5) / height, 0.0), 1.0) for v in (box.y, box.y + box.height))
    return left, top, right - left, bottom - top
