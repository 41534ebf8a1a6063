"""Crops of shards with the depth of the face in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from app.dataset.packed import Packed
from app.dataset.sample import OUTLINED, Sample
from app.evaluation.face_region import face_region
from inference.training import augment_cover
from inference.training.augment import STAGES, Shares, augmented, without
from inference.training.augment_view import Floats, View
from inference.training.face_samples import Chosen
from inference.training.placing import Place, exact, jittered, moved, placed
from inference.training.task import Item

SMOOTH: Final = 0.004
"""Metres between neighbours up to which a depth between them is their mean."""

COVERS: Final = tuple(n for n, s in STAGES.items() if s.__module__ == augment_cover.__name__)
"""Kinds of augmentation that hide parts of the face."""

_REST: Final = tuple(name for name in STAGES if name not in COVERS)
_HIDDEN: Final = 12
"""Steps of 255 by which something laid over the face changes its pixels at least."""

_FAR: Final = np.float32(10.0)


class DepthData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How crops are made.

    Attributes
    ----------
    size : int
        Edge of a crop and of its depth in pixels.
    augment : Shares
        A stretch would change the proportions from which depth is told: it is left out.
    """

    size: Annotated[int, Meta(ge=64, le=512)] = 160
    augment: Shares = Shares(stretch=0.0, border=0.0)


@dataclass(frozen=True, eq=False)
class DepthCrop:
    """What a crop shows, and what is to be found in it.

    Attributes
    ----------
    view : View
    depth : ndarray, shape (S, S), metres
        Relative to the head centre along the camera's axis; 0 off the face.
    mask : ndarray of bool, shape (S, S)
        Where the face's surface shows.
    """

    view: View
    depth: Floats
    mask: NDArray[np.bool_]


class DepthSamples(Chosen):
    """Crops of the samples of a set, made anew at every call.

    Parameters
    ----------
    data : Packed
    indices : ndarray of int
        Which of its samples.
    settings : DepthData
    trained : bool
        Whether each is moved and changed by chance; else it is that of the true box, as it is.
    """

    def __init__(
        self, data: Packed, indices: NDArray[np.intp], settings: DepthData, trained: bool
    ) -> None:
        super().__init__(data, indices)
        self.settings, self.trained = settings, trained

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """One crop.

        ``pictures`` (S, S, 3) uint8; ``depth`` (1, S, S) in metres and ``mask`` (1, S, S);
        ``distance`` of the head centre and ``yaw``, for figures.
        """
        sample, settings = self.data.sample(int(self.indices[index])), self.settings
        if not self.trained:
            return _item(cut(sample, exact(sample.points), settings.size), sample)
        place = jittered(sample.points, settings.augment, rng)
        return _item(self._changed(cut(sample, place, settings.size), rng), sample)

    def _changed(self, seen: DepthCrop, rng: np.random.Generator) -> DepthCrop:
        """As a photograph; what is laid over the face is no face."""
        shares = self.settings.augment
        covered = augmented(seen.view, without(shares, *_REST), rng, self.others)
        hidden = cv2.absdiff(covered, seen.view.picture).max(2) > _HIDDEN
        head = np.where(hidden, np.uint8(255), seen.view.head)
        skin = np.where(hidden, np.uint8(0), seen.view.skin)
        view = replace(seen.view, picture=covered, head=head, skin=skin)
        picture = augmented(view, without(shares, *COVERS), rng, self.others)
        return DepthCrop(replace(view, picture=picture), seen.depth, seen.mask & ~hidden)


def cut(sample: Sample, place: Place, size: int) -> DepthCrop:
    """A sample's crop; depth is along the camera's axis however the crop is turned."""
    seen = placed(sample, place, size)
    matrix = place.matrix(size)
    depth = _resampled(sample.depth, matrix, size)
    segments = _warped(sample.segments, matrix, size, cv2.INTER_NEAREST, 0)
    points = moved(sample.points[:, :2], place) * np.float32(size) + np.float32((size - 1) / 2)
    heights = sample.points[:, 2] * np.float32(sample.distance / sample.focal)
    mask = face_region(segments, depth, points, np.where(sample.visible, heights, np.nan))
    view = View(seen.picture, seen.head, seen.skin, points[OUTLINED])
    return DepthCrop(view, np.where(mask, depth, np.float32(0.0)), mask)


def _resampled(depth: Floats, matrix: NDArray[Any], size: int) -> Floats:
    """Depth between the samples where it is smooth, that of the nearest sample at its edges."""
    known = np.where(np.isfinite(depth), depth, _FAR)
    nearest = _warped(known, matrix, size, cv2.INTER_NEAREST, float(_FAR))
    between = _warped(known, matrix, size, cv2.INTER_LINEAR, float(_FAR))
    found = np.where(np.abs(between - nearest) < SMOOTH, between, nearest)
    return np.where(nearest < _FAR, found, np.float32(np.inf)).astype(np.float32)


def _warped(
    values: NDArray[Any], matrix: NDArray[Any], size: int, flags: int, beyond: float
) -> NDArray[Any]:
    return np.asarray(cv2.warpAffine(values, matrix, (size, size), flags=flags, borderValue=beyond))


def _item(seen: DepthCrop, sample: Sample) -> Item:
    return {
        "pictures": np.ascontiguousarray(seen.view.picture),
        "depth": seen.depth[None],
        "mask": seen.mask[None],
        "distance": np.asarray(sample.distance, np.float32),
        "yaw": np.asarray(sample.angles[0], np.float32),
    }
