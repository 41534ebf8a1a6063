"""People put into scenes: whole frames, or cut-outs whose cut edges are hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from app.scene.segments import SEGMENTS
from inference.training.augment import Shares, augmented
from inference.training.augment_view import View
from inference.training.cutouts import (
    CHIN,
    Cutout,
    Placing,
    box_of,
    cut_out,
    faded,
    lay,
    paint,
    torso_color,
)
from inference.training.placing import Seen

Bytes = NDArray[np.uint8]
People = Callable[[np.random.Generator], Seen]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]

MOST: Final = 8
"""Faces in a scene."""


class SceneShares(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What scenes are like.

    Attributes
    ----------
    empty : float
        Share without a face.
    framed : float
        Share of the others that show a rendered frame with its own background.
    letterboxed : float
        Share of all that are cut about the first face and stand in a corner, padded.
    distractors : float
        Chance of things that may be taken for a face; of a further one as well.
    smallest, largest : float
        Longer side of the boxes; in pixels, and as a share of the scene's.
    """

    empty: Share = 0.12
    framed: Share = 0.3
    letterboxed: Share = 0.2
    distractors: Share = 0.4
    smallest: Annotated[float, Meta(gt=0.0)] = 16.0
    largest: Annotated[float, Meta(gt=0.0, le=2.0)] = 0.95


@dataclass(eq=False)
class Placed:
    """A face in a scene.

    Attributes
    ----------
    points : ndarray, shape (68, 2), pixels of the scene
    known : bool
        There is enough of it for a box to be right.
    hidden : ndarray of bool, shape (68,)
        What something else covers.
    """

    points: NDArray[np.floating[Any]]
    known: bool
    hidden: NDArray[np.bool_]


def populate(
    rng: np.random.Generator,
    scene: Bytes,
    people: People,
    shares: SceneShares,
    looks: Shares,
    faces: list[Placed],
) -> None:
    """Put one face or several into a scene (S, S, 3), and into the list, in place."""
    side = scene.shape[0]
    low, high = np.log(shares.smallest), np.log(shares.largest * side)
    if rng.random() < shares.framed:
        size = float(np.exp(rng.uniform(np.log(0.2 * side), np.log(1.05 * side))))
        _frame(rng, scene, people(rng), size, looks, faces)
        if rng.random() < 0.75:
            return
        high = np.log(0.3 * side)
    count = 1 if rng.random() < 0.5 else int(rng.integers(2, MOST))
    sizes = np.exp(rng.uniform(low, high, count))
    sizes[1:] = np.minimum(sizes[1:], 0.35 * side)
    for size in np.sort(sizes):
        _person(rng, scene, people(rng), float(size), looks, faces)


def _frame(
    rng: np.random.Generator,
    scene: Bytes,
    sample: Seen,
    size: float,
    looks: Shares,
    faces: list[Placed],
) -> None:
    """The whole picture of a sample, placed so that much of the scene is covered."""
    cutout = cut_out(sample)
    picture = _dressed(rng, sample, cutout, looks)
    side = scene.shape[0]
    x, y, width, height = cutout.box
    scale = size / max(width, height)
    room = side - scale * picture.shape[0]
    start = np.array([rng.uniform(min(room, 0.0), max(room, 0.0)) for _ in range(2)])
    centre = start + scale * np.array([x + width / 2.0, y + height / 2.0])
    margin = 0.35 * size
    centre = np.clip(centre, min(margin, side / 2), max(side - margin, side / 2))
    angle = float(rng.normal()) * 12.0 if rng.random() < 0.4 else 0.0
    placing = Placing.of(
        cutout.box, size, (float(centre[0]), float(centre[1])), angle, rng.random() < 0.5
    )
    whole = np.full(cutout.alpha.shape, 255, np.uint8)
    _add(scene, sample, cutout, picture, whole, placing, faces)


def _person(
    rng: np.random.Generator,
    scene: Bytes,
    sample: Seen,
    size: float,
    looks: Shares,
    faces: list[Placed],
) -> None:
    """A cut-out person somewhere in the scene, the edges of the frame hidden as well as may be."""
    cutout = cut_out(sample)
    side = scene.shape[0]
    margin = 0.3 * size
    angle = float(rng.normal()) * 10.0 if rng.random() < 0.6 else float(rng.uniform(-35.0, 35.0))
    mirrored = bool(rng.random() < 0.5)
    for _ in range(8):
        span = (margin, side - margin) if margin < side / 2 else (side * 0.4, side * 0.6)
        centre = [float(rng.uniform(*span)), float(rng.uniform(*span))]
        placing = Placing.of(cutout.box, size, (centre[0], centre[1]), angle, mirrored)
        lacking = side - _ends(placing, cutout)[1] + 2.0 if "bottom" in cutout.cut else 0.0
        wanted = rng.random() < 0.5 or size > 0.4 * side
        if wanted and 0.0 < lacking <= side - margin - centre[1]:
            centre[1] += lacking
        placing = Placing.of(cutout.box, size, (centre[0], centre[1]), angle, mirrored)
        if not _crowded(placing.points(cutout.points), faces):
            break
    else:
        return
    sides = frozenset(s for s in ("left", "right", "top") if rng.random() < 0.8)
    color = torso_color(sample)
    if "bottom" in cutout.cut and _ends(placing, cutout)[1] < side - 3:
        if color is not None and rng.random() < 0.5:
            _torso(rng, scene, cutout, placing, color)
        if rng.random() < 0.8:
            sides |= {"bottom"}
    picture = _dressed(rng, sample, cutout, looks) if size > 28 else sample.picture
    _add(scene, sample, cutout, picture, faded(cutout, sides), placing, faces)


def _ends(placing: Placing, cutout: Cutout) -> tuple[float, float]:
    """Lowest and highest row at which the frame's lower border lies in the scene."""
    height, width = cutout.alpha.shape
    border = placing.points(np.array([[0.0, height - 1.0], [width - 1.0, height - 1.0]]))
    return float(border[:, 1].max()), float(border[:, 1].min())


def _crowded(points: NDArray[np.floating[Any]], faces: list[Placed]) -> bool:
    x, y, width, height = box_of(points)
    for face in faces:
        u, v, wide, tall = box_of(face.points)
        across = min(x + width, u + wide) - max(x, u)
        down = min(y + height, v + tall) - max(y, v)
        if across > 0 and down > 0 and across * down > 0.15 * min(width * height, wide * tall):
            return True
    return False


def _dressed(rng: np.random.Generator, sample: Seen, cutout: Cutout, looks: Shares) -> Bytes:
    """The sample's picture with other light, skin and things before the face."""
    skin = (sample.segments == SEGMENTS.index("skin")).astype(np.uint8) * np.uint8(255)
    points = cutout.points.astype(np.float32)
    return augmented(View(sample.picture, cutout.alpha, skin, points), looks, rng, _Alone())


class _Alone:
    """None of the kinds in use looks at other pictures."""

    def picture(self, rng: np.random.Generator) -> Bytes:
        raise LookupError

    def face(self, rng: np.random.Generator) -> tuple[Bytes, NDArray[np.float32]]:
        raise LookupError


def _torso(
    rng: np.random.Generator,
    scene: Bytes,
    cutout: Cutout,
    placing: Placing,
    color: tuple[int, int, int],
) -> None:
    """Clothes that go on below the frame's end."""
    line = np.flatnonzero(cutout.alpha[-1] > 128)
    if line.size < 8:
        return
    height = cutout.alpha.shape[0] - 4.0
    left, right = float(line[0]), float(line[-1])
    wide = (right - left) * float(rng.uniform(0.0, 0.5))
    deep = 256.0 * float(rng.uniform(0.5, 2.5))
    shape = np.array(
        [
            [left, height],
            [right, height],
            [right + wide, height + 0.35 * deep],
            [right + wide, height + deep],
            [left - wide, height + deep],
            [left - wide, height + 0.35 * deep],
        ]
    )
    paint(scene, placing.points(shape), color, rng)


def _add(
    scene: Bytes,
    sample: Seen,
    cutout: Cutout,
    picture: Bytes,
    alpha: Bytes,
    placing: Placing,
    faces: list[Placed],
) -> None:
    covered = lay(scene, picture, alpha, placing)
    for face in faces:
        face.hidden |= _at(covered, face.points) > 127
    if len(faces) >= MOST:
        return
    occluded = _at(sample.segments, cutout.points) == SEGMENTS.index("occluder")
    nowhere = (cutout.points < -0.5).any(axis=1) | (cutout.points > 255.5).any(axis=1)
    points = placing.points(cutout.points)
    known = cutout.seen >= 0.2 and cutout.points[CHIN, 1] <= 262.0
    faces.append(Placed(points, known, occluded | nowhere))


def _at(picture: Bytes, points: NDArray[np.floating[Any]]) -> Bytes:
    """Values at the nearest pixels; 0 beyond the picture."""
    places = np.rint(points).astype(int)
    height, width = picture.shape
    inside = (places >= 0).all(axis=1) & (places < (width, height)).all(axis=1)
    found = np.zeros(len(points), np.uint8)
    found[inside] = picture[places[inside, 1], places[inside, 0]]
    return found
