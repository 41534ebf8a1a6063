"""Whether each hand is on the wheel, and where the wheel is."""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.card import Card
from inference.crop import Crop
from inference.crop_network import CropNetwork
from inference.results import Box, HandsOnWheel
from inference.sessions import Session

Bytes = NDArray[np.uint8]

SIZES: Final = (32, 512)
LEAST_SURE: Final = 0.5
"""From which a proposed region is taken."""
STEADY: Final = 15
"""Proposals of one video whose median its region is."""


@dataclass(frozen=True)
class Region:
    """Where a steering wheel is.

    Attributes
    ----------
    box : Box
        Of the rim as far as it is in the picture, pixels.
    sure : float
        Probability that there is one; 1 for a region that was drawn.
    """

    box: Box
    sure: float


class HandsPredictor:
    """A network of the kind ``hands``.

    Raises
    ------
    ModelError
        When inputs and outputs are not those of such a network.
    """

    def __init__(self, session: Session, card: Card) -> None:
        self.card = card
        self._network = CropNetwork(session, SIZES, ("hands",), "tells nothing of hands")
        self._network.check({"hands": (2, 2)})
        self.size = self._network.size

    def predict(self, picture: Bytes, region: Box, mirror: bool = False) -> HandsOnWheel:
        """Probabilities of the driver's left and right hand being on the wheel.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        region : Box
            Of the wheel.
        mirror : bool
            Look at the mirror image too, where left and right change places, and take the mean.

        Raises
        ------
        ModelError
            When the network fails.
        ValueError
            When the region has no extent.
        """
        crop = Crop.around(region.as_tuple(), self.size, self.card.crop_scale).cut(picture)
        found = self._network.look([crop, crop[:, ::-1]] if mirror else [crop])["hands"]
        found = np.clip(found.astype(np.float64), 0.0, 1.0)
        left, right = (found[0] + found[1][::-1]) / 2.0 if mirror else found[0]
        return HandsOnWheel(float(left), float(right))


class RegionPredictor:
    """A network of the kind ``wheel-region``.

    Raises
    ------
    ModelError
        When inputs and outputs are not those of such a network.
    """

    def __init__(self, session: Session, card: Card) -> None:
        self.card = card
        self._network = CropNetwork(session, SIZES, ("wheel", "sure"), "tells nothing of a wheel")
        self._network.check({"wheel": (2, 4), "sure": (2,)})
        self.size = self._network.size

    def predict(self, picture: Bytes) -> Region | None:
        """The wheel of a picture, if its box has any extent there.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.

        Raises
        ------
        ModelError
            When the network fails.
        """
        height, width = picture.shape[:2]
        crop = Crop.around((-0.5, -0.5, width, height), self.size, 1.0)
        found = self._network.look([crop.cut(picture)])
        x, y, w, h = (float(v) for v in found["wheel"][0])
        corners = crop.to_picture(np.array([[x, y], [x + w, y + h]]))
        low = np.clip(corners[0], -0.5, (width - 0.5, height - 0.5))
        high = np.clip(corners[1], -0.5, (width - 0.5, height - 0.5))
        side = high - low
        if min(side) <= 1.0:
            return None
        box = Box(float(low[0]), float(low[1]), float(side[0]), float(side[1]))
        return Region(box, min(max(float(found["sure"][0]), 0.0), 1.0))


class SteadyRegion:
    """The region of a video, whose camera does not move: the median of the last proposals.

    A picture in which no wheel is seen, as when an arm hides it, does not change it.
    """

    def __init__(self) -> None:
        self._boxes: deque[tuple[float, float, float, float]] = deque(maxlen=STEADY)
        self._sure: deque[float] = deque(maxlen=STEADY)

    def add(self, proposed: Region | None) -> Region | None:
        """The region after one more proposal; None while there is none to be sure of."""
        self._sure.append(proposed.sure if proposed else 0.0)
        if proposed is not None and proposed.sure >= LEAST_SURE:
            self._boxes.append(proposed.box.as_tuple())
        sure = statistics.median(self._sure)
        if not self._boxes or sure < LEAST_SURE:
            return None
        return Region(
            Box(*(statistics.median(side) for side in zip(*self._boxes, strict=True))), sure
        )


class HandsReader:
    """Region, then hands, of pictures or of the frames of one video.

    Parameters
    ----------
    hands : HandsPredictor
    regions : RegionPredictor, optional
        Not needed where the region is given.
    given : Box, optional
        The region, for all pictures.
    mirror : bool
        See `HandsPredictor.predict`.
    """

    def __init__(
        self,
        hands: HandsPredictor,
        regions: RegionPredictor | None = None,
        given: Box | None = None,
        mirror: bool = False,
    ) -> None:
        self._hands, self._regions = hands, regions
        self._given, self._mirror = given, mirror
        self._steady = SteadyRegion()

    def another(self) -> None:
        """Begin with another video or picture."""
        self._steady = SteadyRegion()

    def read(self, picture: Bytes) -> HandsOnWheel | None:
        """Probabilities of both hands; None where there is no wheel to look at.

        Raises
        ------
        ModelError
            When a network fails.
        """
        box = self._given
        if box is None and self._regions is not None:
            region = self._steady.add(self._regions.predict(picture))
            box = region.box if region else None
        return None if box is None else self._hands.predict(picture, box, self._mirror)
