"""What a model must offer so that faces can be followed with it from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from inference.crop import Crop
from inference.face import Look
from inference.results import Box, Bytes


class Landmarker(Protocol):
    """Finds the points of a face in a crop; `inference.face.FacePredictor` is one."""

    def around(self, box: Box) -> Crop:
        """The upright crop about a tight box, for a face that was just detected."""
        ...

    def closer(self, look: Look) -> Crop:
        """The crop about the points of the last look, turned so that the head stands upright."""
        ...

    def look(self, picture: Bytes, crops: Sequence[Crop]) -> list[Look]:
        """One look at each crop.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        crops : sequence of Crop

        Raises
        ------
        ModelError
            When the network fails.
        """
        ...
