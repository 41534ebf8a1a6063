"""What the face network finds in annotated pictures, gathered for adaptation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.evaluation.annotated import Annotated, ReadingError
from app.evaluation.metrics import inter_ocular
from app.geometry.rotations import Array
from inference.crop import Crop
from inference.face import Effort, FacePredictor, mirror_pairs
from inference.models.transfer import FIXED
from inference.training.habit import Looks

EFFORT: Final = Effort(passes=2, mirror=True)
"""How faces are looked at when what adaptation gains is measured."""

JITTERED: Final = 2
"""Single looks at each face through a box that is a little off, as those of a detector are."""

OFF: Final = 0.06
WRONG_SIZE: Final = 0.1

FAR: Final = 0.2
FARTHER: Final = 4.0
"""A face whose mean distance is above `FAR` of the eyes' distance, and `FARTHER` times the median
of all, is taken for another face than the one that was annotated."""

LEAST: Final = 8
"""Faces below which nothing is learnt."""


class AdaptError(Exception):
    """Why nothing can be learnt from the pictures, in one line that says what to do."""


@dataclass(frozen=True, eq=False)
class Gathered:
    """Faces that can be learnt from.

    Attributes
    ----------
    looks : Looks
    sources : tuple of str
        Names of the pictures.
    groups : ndarray of int, shape (N,)
        Faces that must not be on both sides of a cross-validation share a number.
    aside : tuple of str
        One line for each face that was not taken.
    outlined : bool
        Whether adaptation starts from the points with the visible outline, or from the fixed ones.
    """

    looks: Looks
    sources: tuple[str, ...]
    groups: NDArray[np.intp]
    aside: tuple[str, ...]
    outlined: bool


@dataclass(frozen=True, eq=False)
class _Face:
    source: str
    digest: bytes
    outlined: bool
    landmarks: Array
    start: Array
    drawn: Array


def gather(
    faces: Iterable[Annotated],
    network: FacePredictor,
    folders: bool = False,
    seed: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> Gathered:
    """Look at every annotated face with `EFFORT`, and through boxes that are a little off.

    Parameters
    ----------
    faces : iterable of Annotated
    network : FacePredictor
        With 588 points; its label transfer, if it has one, is what adaptation starts from.
    folders : bool
        Pictures of one folder show one person; equal pictures are always kept together.
    seed : int
    progress : callable
        Is told how many faces were looked at.

    Raises
    ------
    AdaptError
        When there are too few faces, or the annotations do not fit what is seen.
    ModelError
        When the network fails.
    """
    rng = np.random.default_rng(seed)
    found: list[_Face] = []
    aside: list[str] = []
    for done, face in enumerate(faces, 1):
        try:
            found.append(_looked_at(face, network, rng))
        except ReadingError as problem:
            aside.append(str(problem))
        progress(done)
    _enough(len(found), aside)
    distances = np.array([_distance(face.start[0], face.drawn[0]) for face in found])
    limit = max(FAR, FARTHER * float(np.median(distances)))
    if np.median(distances) > FAR:
        raise AdaptError(_misfit(found, float(np.median(distances))))
    for one, distance in zip(found, distances, strict=True):
        if distance > limit:
            aside.append(
                f"{one.source}: the points lie {distance:.2f} times the distance of the eyes "
                "from the face that is seen there; is it the annotated one?"
            )
    kept = [f for f, d in zip(found, distances, strict=True) if d <= limit]
    outlined = np.mean([f.outlined for f in kept]) >= 0.5
    odd = [f for f in kept if f.outlined != outlined]
    aside += [f"{f.source}: its jaw means something else than that of most" for f in odd]
    kept = [f for f in kept if f.outlined == outlined]
    _enough(len(kept), aside)
    looks = Looks(
        np.stack([f.landmarks for f in kept]),
        np.stack([f.start for f in kept]),
        np.stack([f.drawn for f in kept]),
        np.arange(JITTERED + 2) == JITTERED + 1,
    )
    sources = tuple(f.source for f in kept)
    groups = _groups(kept, folders)
    if groups.max() < 1:
        raise AdaptError(
            "all pictures show the same: there is nothing to check on what was learnt; "
            "give pictures of more people"
        )
    return Gathered(looks, sources, groups, tuple(aside), bool(outlined))


def _looked_at(face: Annotated, network: FacePredictor, rng: np.random.Generator) -> _Face:
    """Raises ReadingError with what is wrong with the face."""
    points = face.points
    if points is None:
        raise ReadingError(f"{face.source}: it has no 68 points")
    known = np.isfinite(points).all(-1)
    if known.sum() < FIXED // 4:
        raise ReadingError(f"{face.source}: only {known.sum()} of its 68 points are drawn")
    picture = face.picture()
    try:
        crops = [_crop(face, network, rng if k else None) for k in range(JITTERED + 1)]
    except ValueError:
        raise ReadingError(f"{face.source}: its points do not form a face") from None
    last, looks = network.settled(picture, crops[:1], EFFORT)
    looks += network.look(picture, crops[1:])
    seen = list(zip(last + crops[1:], looks, strict=True))
    landmarks = np.stack([c.to_unit(s.points) for c, s in seen])
    start = np.stack([c.to_unit(s.outlined) for c, s in seen])
    if not face.outlined:
        start = landmarks[:, :FIXED]
    drawn = np.stack([c.to_unit(points[:, :2]) for c, _ in seen])
    digest = hashlib.blake2b(picture.tobytes(), digest_size=16).digest()
    parts = [np.concatenate([v, mirrored(v[:1])]) for v in (landmarks, start, drawn)]
    return _Face(face.source, digest, face.outlined, parts[0], parts[1], parts[2])


def mirrored(points: Array) -> Array:
    """Points (..., P, 2) or (..., P, 3) in crop units as they lie in the mirror image."""
    turned = np.array(points[..., mirror_pairs(points.shape[-2]), :])
    turned[..., 0] *= -1.0
    return turned


def _crop(face: Annotated, network: FacePredictor, rng: np.random.Generator | None) -> Crop:
    x, y, width, height = face.box
    if rng is not None:
        grown = float(np.exp(rng.uniform(-WRONG_SIZE, WRONG_SIZE)))
        off = rng.uniform(-OFF, OFF, 2) * max(width, height)
        x, y = x + off[0] - (grown - 1.0) * width / 2, y + off[1] - (grown - 1.0) * height / 2
        width, height = width * grown, height * grown
    return Crop.around((x, y, width, height), network.size, network.card.crop_scale)


def _distance(found: Array, drawn: Array) -> float:
    """Mean distance over that of the outer corners of the eyes as they were found."""
    apart = np.linalg.norm(found[:, :2] - drawn, axis=-1)
    return float(np.nanmean(apart) / max(float(inter_ocular(found)), 1e-6))


def _misfit(faces: Sequence[_Face], median: float) -> str:
    """Why most annotations do not lie on the faces."""
    swapped = [_distance(f.start[0], f.drawn[0][mirror_pairs(FIXED)]) for f in faces]
    if np.median(swapped) < median / 2:
        return (
            "left and right are exchanged in these annotations: point 0 of iBUG-68 is the person's "
            "right temple, on the left of the picture"
        )
    return (
        f"the annotated points lie {median:.2f} times the distance of the eyes from the faces "
        "that are seen in half of the pictures; are they 68 points in the order of iBUG-68, "
        "of the pictures beside them?"
    )


def _enough(count: int, aside: Sequence[str]) -> None:
    if count < LEAST:
        more = f"; {len(aside)} were left out, the first: {aside[0]}" if aside else ""
        raise AdaptError(
            f"{count} annotated face{'' if count == 1 else 's'} can be used, at least {LEAST} "
            f"are needed{more}"
        )


def _groups(faces: Sequence[_Face], folders: bool) -> NDArray[np.intp]:
    """Equal pictures share a number, and those of one folder where that is asked for."""
    keys: dict[object, int] = {}
    numbers = []
    for face in faces:
        key = str(PurePosixPath(face.source).parent) if folders else face.digest
        numbers.append(keys.setdefault(key, len(keys)))
    return np.array(numbers, np.intp)
