"""Yaw, pitch and roll of heads from small crops, by a network of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.card import Card
from inference.crop import Crop
from inference.crop_network import CropNetwork
from inference.results import Box, HeadAngles
from inference.sessions import Session

Bytes = NDArray[np.uint8]

SIZES: Final = (32, 256)


class HeadPosePredictor:
    """A network of the kind ``head-pose``.

    Raises
    ------
    ModelError
        When inputs and outputs are not those of such a network.
    """

    def __init__(self, session: Session, card: Card) -> None:
        self.card = card
        self._network = CropNetwork(session, SIZES, ("angles",), "gives no angles")
        self._network.check({"angles": (2, 3)})
        self.size = self._network.size

    def predict(self, picture: Bytes, boxes: Sequence[Box]) -> tuple[HeadAngles, ...]:
        """Angles in degrees, ``pose_para``, in the order of the boxes.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        boxes : sequence of Box

        Raises
        ------
        ModelError
            When the network fails.
        ValueError
            When a box has no extent.
        """
        if not boxes:
            return ()
        scale = self.card.crop_scale
        cuts = [Crop.around(b.as_tuple(), self.size, scale).cut(picture) for b in boxes]
        angles = self._network.look(cuts)["angles"]
        return tuple(HeadAngles(*(float(v) for v in row)) for row in angles)
