"""Pictures with any number of faces in them, made of cut-out people and things without a face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from app.dataset.sample import Sample
from app.scene.segments import SEGMENTS
from inference.training.augment import NONE, Shares, augmented, photographed
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
from inference.training.distractors import distract
from inference.training.scenery import Scenery

Bytes = NDArray[np.uint8]
People = Callable[[np.random.Generator], Sample]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]

FACES: Final = 8
"""Rows for boxes in every scene."""
FACE, UNSURE, NOTHING = 1, 0, -1
"""As in `inference.models.detector_loss`."""
LEAST: Final = 15.0
"""Pixels below which a face is neither right nor wrong."""


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

    empty: Share = 0.15
    framed: Share = 0.3
    letterboxed: Share = 0.2
    distractors: Share = 0.4
    smallest: Annotated[float, Meta(gt=0.0)] = 16.0
    largest: Annotated[float, Meta(gt=0.0, le=2.0)] = 0.95


_PERSON: Final = msgspec.structs.replace(
    NONE,
    skin_texture=0.3,
    stubble=0.06,
    ramp=0.25,
    shadow=0.2,
    glare=0.06,
    hair=0.1,
    shades=0.1,
    hand=0.08,
    box=0.05,
    tone=0.4,
    balance=0.35,
    saturation=0.25,
)
"""What happens to a person before being laid over a scene."""

_PICTURE: Final = msgspec.structs.replace(
    NONE,
    tone=0.6,
    balance=0.5,
    saturation=0.35,
    grey=0.1,
    infra_red=0.03,
    noise=0.35,
    sharpening=0.2,
    compression=0.4,
)
"""What happens to the whole scene."""


@dataclass(frozen=True, eq=False)
class Composed:
    """A scene and its faces.

    Attributes
    ----------
    picture : ndarray, shape (S, S, 3), uint8
    boxes : ndarray, shape (`FACES`, 4), float32
        x, y, w, h of the points with the visible outline; beyond the picture where it ends.
    state : ndarray, shape (`FACES`,), int64
        `FACE`, `UNSURE` (nearly hidden, or hardly a few pixels) or `NOTHING`.
    """

    picture: Bytes
    boxes: NDArray[np.float32]
    state: NDArray[np.int64]


@dataclass(eq=False)
class _Face:
    points: NDArray[np.floating[Any]]
    known: bool
    hidden: NDArray[np.bool_]


def compose(
    rng: np.random.Generator,
    size: int,
    people: People,
    scenery: Scenery,
    shares: SceneShares,
    picture_shares: Shares = _PICTURE,
) -> Composed:
    """A scene of ``size`` × ``size`` pixels.

    Parameters
    ----------
    people : callable
        Gives some sample.
    """
    scene = scenery.picture(rng, size)
    while rng.random() < shares.distractors:
        distract(scene, people, rng)
    faces: list[_Face] = []
    if rng.random() >= shares.empty:
        _populate(rng, scene, people, shares, faces)
    if rng.random() < shares.letterboxed:
        scene = _letterboxed(rng, scene, faces)
    smallest = min((max(box_of(f.points)[2:]) for f in faces), default=60.0)
    scene = _softened(rng, scene, smallest)
    scene = photographed(scene, picture_shares, rng)
    return _told(scene, faces)


def _populate(
    rng: np.random.Generator,
    scene: Bytes,
    people: People,
    shares: SceneShares,
    faces: list[_Face],
) -> None:
    side = scene.shape[0]
    low, high = np.log(shares.smallest), np.log(shares.largest * side)
    if rng.random() < shares.framed:
        size = float(np.exp(rng.uniform(np.log(0.2 * side), np.log(1.05 * side))))
        _frame(rng, scene, people(rng), size, faces)
        if rng.random() < 0.75:
            return
        high = np.log(0.3 * side)
    count = 1 if rng.random() < 0.55 else int(rng.integers(2, FACES - 1))
    sizes = np.exp(rng.uniform(low, high, count))
    sizes[1:] = np.minimum(sizes[1:], 0.35 * side)
    for size in np.sort(sizes):
        _person(rng, scene, people(rng), float(size), faces)


def _frame(
    rng: np.random.Generator, scene: Bytes, sample: Sample, size: float, faces: list[_Face]
) -> None:
    """The whole picture of a sample, placed so that much of the scene is covered."""
    cutout = cut_out(sample)
    picture = _dressed(rng, sample, cutout)
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
    rng: np.random.Generator, scene: Bytes, sample: Sample, size: float, faces: list[_Face]
) -> None:
    """A cut-out person somewhere in the scene, the edges of the frame hidden as well as may be."""
    cutout = cut_out(sample)
    side = scene.shape[0]
    margin = 0.3 * size
    angle = float(rng.normal()) * 10.0 if rng.random() < 0.6 else float(rng.uniform(-35.0, 35.0))
    mirrored = bool(rng.random() < 0.5)
    for _ in range(6):
        span = (margin, side - margin) if margin < side / 2 else (side * 0.4, side * 0.6)
        centre = [float(rng.uniform(*span)), float(rng.uniform(*span))]
        placing = Placing.of(cutout.box, size, (centre[0], centre[1]), angle, mirrored)
        ends = _ends(placing, cutout)
        low = "bottom" in cutout.cut and ends[1] < side
        if low and (rng.random() < 0.5 or size > 0.4 * side):
            centre[1] += side - ends[1] + 2.0
        if centre[1] > side - margin:
            continue
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
    picture = _dressed(rng, sample, cutout) if size > 28 else sample.picture
    _add(scene, sample, cutout, picture, faded(cutout, sides), placing, faces)


def _ends(placing: Placing, cutout: Cutout) -> tuple[float, float]:
    """Lowest and highest row at which the frame's lower border lies in the scene."""
    height, width = cutout.alpha.shape
    border = placing.points(np.array([[0.0, height - 1.0], [width - 1.0, height - 1.0]]))
    return float(border[:, 1].max()), float(border[:, 1].min())


def _crowded(points: NDArray[np.floating[Any]], faces: list[_Face]) -> bool:
    x, y, width, height = box_of(points)
    for face in faces:
        u, v, wide, tall = box_of(face.points)
        across = min(x + width, u + wide) - max(x, u)
        down = min(y + height, v + tall) - max(y, v)
        if across > 0 and down > 0 and across * down > 0.15 * min(width * height, wide * tall):
            return True
    return False


def _dressed(rng: np.random.Generator, sample: Sample, cutout: Cutout) -> Bytes:
    """The sample's picture with other light, skin and things before the face."""
    skin = (sample.segments == SEGMENTS.index("skin")).astype(np.uint8) * np.uint8(255)
    points = cutout.points.astype(np.float32)
    return augmented(View(sample.picture, cutout.alpha, skin, points), _PERSON, rng, _Alone())


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
    sample: Sample,
    cutout: Cutout,
    picture: Bytes,
    alpha: Bytes,
    placing: Placing,
    faces: list[_Face],
) -> None:
    covered = lay(scene, picture, alpha, placing)
    for face in faces:
        face.hidden |= _at(covered, face.points) > 127
    if len(faces) >= FACES:
        return
    occluded = _at(sample.segments, cutout.points) == SEGMENTS.index("occluder")
    nowhere = (cutout.points < -0.5).any(axis=1) | (cutout.points > 255.5).any(axis=1)
    points = placing.points(cutout.points)
    known = cutout.seen >= 0.2 and cutout.points[CHIN, 1] <= 262.0
    faces.append(_Face(points, known, occluded | nowhere))


def _at(picture: Bytes, points: NDArray[np.floating[Any]]) -> Bytes:
    """Values at the nearest pixels; 0 beyond the picture."""
    places = np.rint(points).astype(int)
    height, width = picture.shape
    inside = (places >= 0).all(axis=1) & (places < (width, height)).all(axis=1)
    found = np.zeros(len(points), np.uint8)
    found[inside] = picture[places[inside, 1], places[inside, 0]]
    return found


def _letterboxed(rng: np.random.Generator, scene: Bytes, faces: list[_Face]) -> Bytes:
    """A part of the scene, enlarged or made smaller, in the corner of an otherwise plain one."""
    side = scene.shape[0]
    if faces:
        x, y, width, height = box_of(faces[-1].points)
        half = max(width, height) * float(rng.uniform(0.58, 1.3))
        jitter = rng.normal(0.0, 0.05, 2) * max(width, height)
        centre = np.array([x + width / 2.0, y + height / 2.0]) + jitter
    else:
        half = side * float(rng.uniform(0.15, 0.5))
        centre = rng.uniform(0.3 * side, 0.7 * side, 2)
    low = np.clip(np.floor(centre - half), 0, side - 8).astype(int)
    high = np.clip(np.ceil(centre + half), low + 8, side).astype(int)
    part = scene[low[1] : high[1], low[0] : high[0]]
    longer = max(part.shape[:2])
    times = float(np.exp(rng.uniform(np.log(40.0), np.log(side)))) / longer
    times = min(times, side / longer, 3.0)
    new = [max(2, round(part.shape[k] * times)) for k in (1, 0)]
    way = cv2.INTER_AREA if times < 1.0 else cv2.INTER_LINEAR
    small = cv2.resize(part, (new[0], new[1]), interpolation=way)
    fill = 0 if rng.random() < 0.6 else int(rng.integers(256))
    padded = np.full((side, side, 3), fill, np.uint8)
    padded[: new[1], : new[0]] = small
    real = np.array([new[0] / part.shape[1], new[1] / part.shape[0]])
    for face in faces:
        face.points = (face.points - low + 0.5) * real - 0.5
        inside = (face.points >= 0).all(axis=1) & (face.points < np.array(new)).all(axis=1)
        face.hidden |= ~inside
    return padded


def _softened(rng: np.random.Generator, scene: Bytes, smallest: float) -> Bytes:
    """Out of focus or moved, in the measure that the smallest face can bear."""
    chance = rng.random()
    if chance < 0.25:
        most = max(0.4, 0.03 * min(smallest, 150.0))
        radius = float(np.exp(rng.uniform(np.log(0.3), np.log(most + 0.1))))
        return np.asarray(cv2.GaussianBlur(scene, (0, 0), radius), np.uint8)
    if chance < 0.32:
        length = int(np.clip(0.08 * smallest, 2, 15))
        kernel = np.zeros((length, length), np.float32)
        if rng.random() < 0.7:
            kernel[length // 2] = 1.0 / length
        else:
            np.fill_diagonal(kernel, 1.0 / length)
        return np.asarray(cv2.filter2D(scene, -1, kernel), np.uint8)
    if chance < 0.45 and smallest > 40:
        times = max(20.0 / smallest, float(rng.uniform(0.25, 0.8)))
        side = max(16, int(scene.shape[0] * times))
        few = cv2.resize(scene, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(few, scene.shape[1::-1], interpolation=cv2.INTER_LINEAR))
    return scene


def _told(scene: Bytes, faces: list[_Face]) -> Composed:
    boxes = np.zeros((FACES, 4), np.float32)
    state = np.full(FACES, NOTHING, np.int64)
    side = scene.shape[0]
    for k, face in enumerate(faces[:FACES]):
        inside = (face.points >= -0.5).all(axis=1) & (face.points <= side - 0.5).all(axis=1)
        shown = float((inside & ~face.hidden).mean())
        boxes[k] = box_of(face.points)
        small = boxes[k, 2:].max() < LEAST
        if boxes[k, 2:].min() <= 1.0 or shown < 0.05:
            continue
        state[k] = FACE if face.known and shown >= 0.55 and not small else UNSURE
    return Composed(scene, boxes, state)
