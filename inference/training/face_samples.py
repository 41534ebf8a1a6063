"""Crops of faces, and of none, with their truth for the face networks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from app.dataset.packed import Packed, ShardError
from app.dataset.sample import OUTLINED, POINTS, SIDE
from inference.training.augment import NONE, Shares, augmented, photographed
from inference.training.augment_textures import backdrop
from inference.training.augment_view import Bytes, Floats, View, between
from inference.training.placing import Place, exact, jittered, placed, tight_box
from inference.training.task import Item

_BEYOND: Final = (
    cv2.BORDER_CONSTANT,
    cv2.BORDER_REFLECT_101,
    cv2.BORDER_REPLICATE,
    cv2.BORDER_WRAP,
)
_LOOK: Final = 8
"""Of so many held-out samples four are plain, three augmented, one has no face."""


class FaceData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How crops are made.

    Attributes
    ----------
    size : int
        Edge of a crop in pixels.
    absent : float
        Share of crops without a face, or with one that is far off.
    augment : Shares
    """

    size: Annotated[int, Meta(ge=32, le=512)] = 128
    absent: Annotated[float, Meta(ge=0.0, le=0.9)] = 0.05
    augment: Shares = Shares()


@dataclass(frozen=True, eq=False)
class Seen:
    """Of a sample in a shard that which the face networks learn, without the depth."""

    picture: Bytes
    segments: Bytes
    points: Floats
    visible: NDArray[np.bool_]
    rotation: Floats


def seen(row: Mapping[str, Any]) -> Seen:
    """Decode a row of a shard; the depth, which costs as much as all the rest, is left."""
    segments = cv2.imdecode(np.frombuffer(row["segments"], np.uint8), cv2.IMREAD_UNCHANGED)
    if segments is None:
        raise ShardError("a picture of the shard is damaged")
    return Seen(
        _picture(row, cv2.IMREAD_COLOR),
        segments,
        np.frombuffer(row["points"], "<f4").reshape(POINTS, 3),
        np.unpackbits(np.frombuffer(row["visible"], np.uint8), count=POINTS).astype(bool),
        np.frombuffer(row["rotation"], "<f4").reshape(3, 3),
    )


def _picture(row: Mapping[str, Any], how: int) -> Bytes:
    picture = cv2.imdecode(np.frombuffer(row["picture"], np.uint8), how)
    if picture is None:
        raise ShardError("a picture of the shard is damaged")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


@dataclass(frozen=True, eq=False)
class OtherPictures:
    """Samples of a set by chance, for `inference.training.augment`."""

    data: Packed
    indices: NDArray[np.intp]

    def picture(self, rng: np.random.Generator) -> Bytes:
        """At half size, which is quicker to decode."""
        return _picture(self._row(rng), cv2.IMREAD_REDUCED_COLOR_2)

    def face(self, rng: np.random.Generator) -> tuple[Bytes, Floats]:
        row = self._row(rng)
        points = np.frombuffer(row["points"], "<f4").reshape(POINTS, 3)
        return _picture(row, cv2.IMREAD_COLOR), points[OUTLINED, :2]

    def _row(self, rng: np.random.Generator) -> Mapping[str, Any]:
        return self.data.row(int(self.indices[int(rng.integers(len(self.indices)))]))


class Chosen:
    """Some samples of a set, by their numbers."""

    def __init__(self, data: Packed, indices: NDArray[np.intp]) -> None:
        self.data, self.indices = data, indices
        self.others = OtherPictures(data, indices)

    @property
    def people(self) -> NDArray[np.int64]:
        return self.data.people[self.indices]

    def __len__(self) -> int:
        return len(self.indices)


class FaceSamples(Chosen):
    """Crops of the samples of a set, made anew at every call.

    Parameters
    ----------
    data : Packed
    indices : ndarray of int
        Which of its samples.
    settings : FaceData
    trained : bool
        Whether each is augmented by chance; else the same `_LOOK` kinds take turns for ever.
    """

    def __init__(
        self, data: Packed, indices: NDArray[np.intp], settings: FaceData, trained: bool
    ) -> None:
        super().__init__(data, indices)
        self.settings, self.trained = settings, trained

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """One crop.

        ``pictures`` (S, S, 3) uint8; ``points`` (588, 3) in crop units, ``visible`` (588,) and
        ``rotation`` (3, 3), which mean nothing where ``face`` is 0; ``plain`` is 1 for a crop as a
        right box gives it, unchanged.
        """
        sample = seen(self.data.row(int(self.indices[index])))
        if self.trained:
            absent = rng.random() < self.settings.absent
            return self._absent(sample, rng) if absent else self._face(sample, rng)
        own = np.random.default_rng(index)
        turn = index % _LOOK
        if turn == _LOOK - 1:
            return self._absent(sample, own)
        if turn >= _LOOK // 2:
            return self._face(sample, own)
        cut = placed(sample, exact(sample.points), self.settings.size)
        return _item(cut.picture, cut.points, cut.visible, cut.rotation, 1.0, 1.0)

    def _face(self, sample: Seen, rng: np.random.Generator) -> Item:
        settings = self.settings
        cut = placed(sample, jittered(sample.points, settings.augment, rng), settings.size)
        pixels = (cut.points[OUTLINED, :2] + np.float32(0.5)) * settings.size - np.float32(0.5)
        view = View(cut.picture, cut.head, cut.skin, pixels)
        picture = augmented(view, settings.augment, rng, self.others)
        return _item(picture, cut.points, cut.visible, cut.rotation, 1.0, 0.0)

    def _absent(self, sample: Seen, rng: np.random.Generator) -> Item:
        """A pattern, a place beside the face, part of a face, or one that is far too small."""
        size = self.settings.size
        if rng.random() < 0.25:
            picture = backdrop(size, rng)
        else:
            place = far_off(sample.points, rng)
            beyond = _BEYOND[int(rng.integers(len(_BEYOND)))]
            picture = placed(sample, place, size, beyond).picture
        picture = photographed(picture, self.settings.augment, rng)
        nothing = np.zeros((POINTS, 3), np.float32)
        return _item(picture, nothing, nothing[:, 0] > 0, np.eye(3, dtype=np.float32), 0.0, 0.0)


def far_off(points: Floats, rng: np.random.Generator) -> Place:
    """A square within the picture or a little beyond it that no detector gives for this face."""
    right = exact(points)
    kind = rng.random()
    if kind < 0.3:
        side = right.side * between(rng, 0.12, 0.35)
        reach = right.side * 0.35
        x, y = rng.uniform(-reach, reach, 2)
        return Place((right.centre[0] + x, right.centre[1] + y), side, between(rng, -30, 30))
    if kind < 0.5:
        return Place(right.centre, right.side * between(rng, 2.5, 4.0), between(rng, -30, 30))
    side = right.side * math.exp(between(rng, -0.9, 0.5))
    apart = (right.side + side) / 2.0 * between(rng, 0.62, 1.2)
    angle = between(rng, 0.0, 2.0 * math.pi)
    x = right.centre[0] + apart * math.cos(angle)
    y = right.centre[1] + apart * math.sin(angle)
    inside = (float(np.clip(x, 0.0, SIDE)), float(np.clip(y, 0.0, SIDE)))
    if math.dist(inside, right.centre) < 0.55 * (right.side + side) / 2.0:
        inside = (x, y)
    return Place(inside, side, between(rng, -30, 30))


def _item(
    picture: Bytes,
    points: Floats,
    visible: NDArray[np.bool_],
    rotation: Floats,
    face: float,
    plain: float,
) -> Item:
    return {
        "pictures": np.ascontiguousarray(picture),
        "points": points.astype(np.float32),
        "visible": visible.astype(np.float32),
        "rotation": rotation.astype(np.float32),
        "face": np.asarray(face, np.float32),
        "plain": np.asarray(plain, np.float32),
    }


def mean_points(data: Packed, indices: NDArray[np.intp], most: int = 256) -> Floats:
    """Mean of the points (588, 3) in crop units over samples spread evenly through a set."""
    step = max(1, len(indices) // most)
    total = np.zeros((POINTS, 3))
    chosen = indices[::step]
    for index in chosen:
        points = np.frombuffer(data.row(int(index))["points"], "<f4").reshape(POINTS, 3)
        x, y, width, height = tight_box(points)
        side = exact(points).side
        middle = np.array([x + width / 2.0, y + height / 2.0, 0.0])
        total += (points - middle) / side
    return (total / len(chosen)).astype(np.float32)


PLAIN: Final = FaceData(absent=0.0, augment=NONE)
"""Crops as they are."""
