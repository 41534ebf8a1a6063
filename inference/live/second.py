"""A second model on the faces that the first one follows, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from inference.crop import Crop
from inference.face import face_of_look
from inference.landmarker import Landmarker
from inference.live.crops import eased, sane
from inference.live.filters import DEFAULT_STRENGTH, FaceFilter
from inference.live.matching import shared_part
from inference.live.outcome import LiveFace
from inference.results import Box, Bytes

OWN_WAY: Final = 0.4
"""A crop of its own is kept while its box shares more than this with that of the first model."""


class Second:
    """Looks at each face in crops that come from its own last points, as the first model does.

    Where its points are not those of the same face, it begins anew at the first one's box.

    Attributes
    ----------
    strength : float
        Of its filter.
    """

    def __init__(self, strength: float = DEFAULT_STRENGTH) -> None:
        self.strength = strength
        self._crops: dict[int, Crop] = {}
        self._filters: dict[int, FaceFilter] = {}

    def clear(self) -> None:
        """Forget all faces."""
        self._crops.clear()
        self._filters.clear()

    def compare(
        self, picture: Bytes, time: float, landmarker: Landmarker, faces: Sequence[LiveFace]
    ) -> tuple[LiveFace, ...]:
        """The same faces, those that are seen with what this model says of them.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        time : float
            Seconds, of the frame.
        landmarker : Landmarker
        faces : sequence of LiveFace

        Raises
        ------
        ModelError
            When the network fails.
        """
        seen = [f for f in faces if f.seen]
        crops = [self._crops.get(f.number) or landmarker.around(f.raw.box) for f in seen]
        looks = landmarker.look(picture, crops) if seen else []
        self._crops.clear()
        told: dict[int, LiveFace] = {}
        for face, crop, look in zip(seen, crops, looks, strict=True):
            if not sane(look, crop, picture):
                continue
            box = Box.of_points(look.outlined)
            if shared_part(box, face.raw.box) > OWN_WAY:
                self._crops[face.number] = eased(crop, landmarker.closer(look))
            raw = face_of_look(box, face.raw.score, look)
            own = self._filters.setdefault(face.number, FaceFilter(self.strength))
            own.strength = self.strength
            told[face.number] = replace(face, second_raw=raw, second_filtered=own.apply(raw, time))
        self._filters = {n: own for n, own in self._filters.items() if n in told}
        return tuple(told.get(f.number, f) for f in faces)
