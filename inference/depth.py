"""Depth over a face: metres from the head centre, with the mask of what belongs to the face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.card import Card
from inference.crop import Crop
from inference.crop_network import CropNetwork
from inference.results import Box
from inference.sessions import ModelError, Session

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIZES: Final = (32, 640)


@dataclass(frozen=True, eq=False)
class DepthMap:
    """What is known of a crop.

    Attributes
    ----------
    depth : ndarray, shape (S, S), float32, metres
        Along the camera's axis from the head centre, away positive.
    mask : ndarray, shape (S, S), float32
        Probability that a pixel shows the head.
    crop : Crop
        Of S pixels; tells where in the picture the map lies.
    """

    depth: Floats
    mask: Floats
    crop: Crop


class DepthPredictor:
    """A network of the kind ``depth``.

    Raises
    ------
    ModelError
        When inputs and outputs are not those of such a network.
    """

    def __init__(self, session: Session, card: Card) -> None:
        self.card = card
        lacking = "gives no depth with a mask"
        self._network = CropNetwork(session, SIZES, ("depth", "mask"), lacking)
        self.size = self._network.size
        self._side = self._network.tried["depth"].shape[-1]
        if self._side > self.size:
            raise ModelError(f"{session.path}: gives more pixels than it takes")
        shape = (2, 1, self._side, self._side)
        self._network.check({"depth": shape, "mask": shape})

    def predict(self, picture: Bytes, box: Box) -> DepthMap:
        """Depth about a face.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        box : Box

        Raises
        ------
        ModelError
            When the network fails.
        ValueError
            When the box has no extent.
        """
        crop = Crop.around(box.as_tuple(), self.size, self.card.crop_scale)
        found = self._network.look([crop.cut(picture)])
        seen = Crop(crop.centre, crop.side, self._side)
        return DepthMap(found["depth"][0, 0], found["mask"][0, 0], seen)
