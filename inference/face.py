"""Landmarks, head pose and presence of faces whose boxes are known.

A face may be looked at more than once. A second pass has the crop about the points of the first,
turned so that the head stands upright; a mirrored look is turned back. The mean of all counts. Each
costs as much as the first and is for pictures at rest, not for the camera.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import POINTS
from app.geometry.rotations import nearest_rotation
from app.topology.store import load
from inference.card import Card
from inference.crop import Crop
from inference.crop_network import CropNetwork
from inference.results import Box, Bytes, Face, Floats, head_angles
from inference.sessions import ModelError, Session
from inference.transfer import Transfer

BATCH: Final = 16
DENSE: Final = 520
OUTLINED: Final = 68
SIZES: Final = (32, 512)
"""Least and greatest side of a crop in pixels."""


@dataclass(frozen=True)
class Effort:
    """How often a face is looked at.

    Attributes
    ----------
    passes : int
        1 looks at the given box alone; every further one looks where the last found the points, and
        the mean of all counts.
    mirror : bool
        Look at the mirrored crop as well, in every pass.
    """

    passes: int = 1
    mirror: bool = False


LIVE: Final = Effort()

_LEAST_LEAN: Final = 0.5
"""Length in the picture of a head's upward axis of length 1 from which it tells a direction.

A head bent further forward or back is shown by photographs with its body upright; turned by where
that axis happens to point, it would stand on its head.
"""


@dataclass(frozen=True, eq=False)
class Look:
    """What one look, or the mean of several, says; picture pixels.

    Attributes
    ----------
    points : ndarray, shape (P, 3)
        As the network orders them.
    outlined : ndarray, shape (68, 3)
        After label transfer, where there is one.
    sigma : ndarray, shape (P,), optional
    rotation : ndarray, shape (3, 3), optional
        In the camera's axes.
    presence : float, optional
    """

    points: Floats
    outlined: Floats
    sigma: Floats | None
    rotation: Floats | None
    presence: float | None


class FacePredictor:
    """A network of the kind ``face`` or ``landmarks``.

    Parameters
    ----------
    session : Session
    card : Card
    transfer : Transfer, optional
        Gives the 68 points of an annotation from the 588 of the network.

    Raises
    ------
    ModelError
        When inputs and outputs are not those of such a network.
    """

    def __init__(self, session: Session, card: Card, transfer: Transfer | None = None) -> None:
        self.card = card
        self._network, self.points = _network(session)
        self.size = self._network.size
        if transfer is not None and self.points != POINTS:
            raise ModelError(
                f"{session.path}: has {self.points} points, label transfer takes {POINTS}"
            )
        self._transfer = transfer

    def predict(
        self,
        picture: Bytes,
        boxes: Sequence[Box],
        scores: Sequence[float] | None = None,
        effort: Effort = LIVE,
    ) -> tuple[Face, ...]:
        """Faces in the order of their boxes.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        boxes : sequence of Box
        scores : sequence of float, optional
            The detector's; without them the network's own presence is the score.
        effort : Effort

        Raises
        ------
        ModelError
            When the network fails.
        ValueError
            When a box has no extent.
        """
        crops = [self.around(box) for box in boxes]
        _, looks = self.settled(picture, crops, effort)
        given = scores if scores is not None else [None] * len(boxes)
        return tuple(
            face_of_look(box, score, look)
            for box, score, look in zip(boxes, given, looks, strict=True)
        )

    def around(self, box: Box) -> Crop:
        """The upright crop about a box.

        Raises
        ------
        ValueError
            When the box has no extent.
        """
        return Crop.around(box.as_tuple(), self.size, self.card.crop_scale)

    def look(self, picture: Bytes, crops: Sequence[Crop], mirror: bool = False) -> list[Look]:
        """One look at each crop, or the mean of a plain and a mirrored one."""
        cuts = [crop.cut(picture) for crop in crops]
        looks = self._read(cuts, crops, False)
        if mirror:
            turned = self._read([cut[:, ::-1] for cut in cuts], crops, True)
            looks = [mean_look(pair) for pair in zip(looks, turned, strict=True)]
        return [self._transferred(look, crop) for look, crop in zip(looks, crops, strict=True)]

    def settled(
        self, picture: Bytes, crops: Sequence[Crop], effort: Effort
    ) -> tuple[list[Crop], list[Look]]:
        """The last crops of as many passes as asked for, and the mean of the looks at all."""
        return settled(
            lambda given: self.look(picture, given, effort.mirror),
            self.closer,
            crops,
            effort.passes,
        )

    def closer(self, look: Look) -> Crop:
        """The crop about the points of a look, turned so that the head stands upright.

        One that looks far up or down is not turned.
        """
        angle = 0.0
        if look.rotation is not None and np.hypot(*look.rotation[:2, 1]) >= _LEAST_LEAN:
            angle = lean(look.rotation)
        turn = Crop((0.0, 0.0), 1.0, self.size, angle)
        box = Box.of_points(turn.to_unit(self._outline_of(look.points)))
        upright = Crop.around(box.as_tuple(), self.size, self.card.crop_scale)
        x, y = turn.to_picture(np.array(upright.centre))
        return Crop((float(x), float(y)), upright.side, self.size, angle)

    def _read(self, cuts: Sequence[Bytes], crops: Sequence[Crop], mirrored: bool) -> list[Look]:
        looks: list[Look] = []
        for start in range(0, len(cuts), BATCH):
            outputs = self._network.look(cuts[start : start + BATCH])
            for k, crop in enumerate(crops[start : start + BATCH]):
                found = {name: values[k] for name, values in outputs.items()}
                looks.append(_placed(found, crop, mirrored))
        return looks

    def _transferred(self, look: Look, crop: Crop) -> Look:
        """The look with the 68 points of an annotation, learnt from its mean over both sides."""
        if self._transfer is None:
            return look
        units = crop.to_unit(look.points).astype(np.float32)
        return replace(look, outlined=crop.to_picture(self._transfer.apply(units[None])[0]))

    def _outline_of(self, points: Floats) -> Floats:
        return points[:OUTLINED] if self.points == DENSE else points[-OUTLINED:]


def settled(
    look: Callable[[Sequence[Crop]], list[Look]],
    closer: Callable[[Look], Crop],
    crops: Sequence[Crop],
    passes: int,
) -> tuple[list[Crop], list[Look]]:
    """Look at crops, then about what was found there, so many times in all.

    Returns
    -------
    crops : list of Crop
        The last ones.
    looks : list of Look
        The means of all looks at each face.
    """
    taken = [look(crops)]
    for _ in range(passes - 1):
        crops = [closer(one) for one in taken[-1]]
        taken.append(look(crops))
    return list(crops), [mean_look(one) for one in zip(*taken, strict=True)]


def mean_look(looks: Sequence[Look]) -> Look:
    """The mean of looks at one face; deviations as the root of their mean square."""
    if len(looks) == 1:
        return looks[0]

    def mean(values: Sequence[Any]) -> Any:
        return None if values[0] is None else np.mean(values, axis=0)

    first = looks[0]
    sigma = mean([None if v.sigma is None else v.sigma**2 for v in looks])
    rotation = mean([v.rotation for v in looks])
    return Look(
        mean([v.points for v in looks]),
        mean([v.outlined for v in looks]),
        None if sigma is None else np.sqrt(sigma),
        None if rotation is None else nearest_rotation(rotation).astype(np.float32),
        None if first.presence is None else float(mean([v.presence for v in looks])),
    )


def lean(rotation: NDArray[Any]) -> float:
    """Degrees clockwise by which a head's upward axis leans in the picture.

    Parameters
    ----------
    rotation : ndarray, shape (3, 3)
        In the camera's axes: x right, y down, z away.
    """
    x, y = float(-rotation[0, 1]), float(-rotation[1, 1])
    return math.degrees(math.atan2(x, -y))


@functools.cache
def mirror_pairs(points: int) -> NDArray[np.int64]:
    """For each point of a network with so many of them, the one on the other side of the face."""
    fixed, dense = load("ibug-68").mirror, load("dense-520").mirror
    pairs = {OUTLINED: fixed, DENSE: dense, POINTS: (*dense, *(DENSE + m for m in fixed))}
    return np.array(pairs[points])


_MIRROR: Final = np.array([-1.0, 1.0, 1.0], np.float32)


def _placed(outputs: dict[str, Floats], crop: Crop, mirrored: bool) -> Look:
    points = outputs["landmarks"]
    sigma, rotation = outputs.get("sigma"), outputs.get("rotation")
    if mirrored:
        pairs = mirror_pairs(len(points))
        points = points[pairs] * _MIRROR
        sigma = None if sigma is None else sigma[pairs]
        rotation = None if rotation is None else rotation * np.outer(_MIRROR, _MIRROR)
    if rotation is not None:
        rotation = (crop.turn @ rotation).astype(np.float32)
    presence = outputs.get("presence")
    placed = crop.to_picture(points).astype(np.float32)
    return Look(
        placed,
        placed[:OUTLINED] if len(placed) == DENSE else placed[-OUTLINED:],
        None if sigma is None else sigma * np.float32(crop.side),
        rotation,
        None if presence is None else float(presence),
    )


def face_of_look(box: Box, score: float | None, look: Look) -> Face:
    """A face as one look found it; without a detector's score presence stands for it."""
    known = 1.0 if look.presence is None else look.presence
    dense = len(look.points) >= DENSE
    sigma = look.sigma
    fixed = sigma is not None and len(sigma) in (OUTLINED, POINTS)
    return Face(
        box,
        known if score is None else score,
        look.outlined,
        look.points[:DENSE] if dense else None,
        sigma[:DENSE] if sigma is not None and dense else None,
        sigma[-OUTLINED:] if sigma is not None and fixed else None,
        None if look.rotation is None else head_angles(look.rotation),
        look.rotation,
        look.presence,
    )


def _network(session: Session) -> tuple[CropNetwork, int]:
    """The network and its number of points, seen by running two black crops."""
    lacking = f"gives no landmarks (N, L, 3), L of {OUTLINED}, {DENSE} or {POINTS}"
    network = CropNetwork(session, SIZES, ("landmarks",), lacking)
    found = network.tried["landmarks"].shape
    if len(found) != 3 or found[1] not in (OUTLINED, DENSE, POINTS):
        raise ModelError(f"{session.path}: {lacking}")
    count = found[1]
    network.check(
        {
            "landmarks": (2, count, 3),
            "sigma": (2, count),
            "rotation": (2, 3, 3),
            "presence": (2,),
        }
    )
    return network, count
