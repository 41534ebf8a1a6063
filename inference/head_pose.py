"""Yaw, pitch and roll of heads from small crops, by a network of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.card import Card
from inference.crop import Crop
from inference.results import Box, HeadAngles
from inference.sessions import ModelError, Session, check_outputs, square_side

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
        self._session = session
        self.card = card
        self.size = square_side(session, SIZES)
        if "angles" not in session.outputs:
            raise ModelError(f"{session.path}: gives no angles")
        found = session.run({"pictures": np.zeros((2, 3, self.size, self.size), np.float32)})
        check_outputs(session, found, {"angles": (2, 3)})

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
        given = np.stack(cuts).transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255.0)
        angles = self._session.run({"pictures": given})["angles"]
        return tuple(HeadAngles(*(float(v) for v in row)) for row in angles)
