"""Pictures with any number of faces in them, made of cut-out people and things without a face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from inference.training.augment import NONE, Shares, photographed
from inference.training.cutouts import box_of
from inference.training.distractors import distract
from inference.training.scene_camera import letterboxed, softened
from inference.training.scene_people import MOST as FACES
from inference.training.scene_people import Bytes, People, Placed, SceneShares, populate
from inference.training.scenery import Scenery

FACE, UNSURE, NOTHING = 1, 0, -1
"""As in `inference.models.detector_loss`."""
LEAST: Final = 15.0
"""Pixels below which a face is neither right nor wrong."""


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


class Looks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Chance of each kind of augmentation.

    Attributes
    ----------
    person : Shares
        Of a person before being laid over a scene; other samples are not looked at, so
        ``skin_mix``, ``background`` and ``patch`` are of no use here.
    picture : Shares
        Of the whole scene; only photographic kinds count.
    """

    person: Shares = _PERSON
    picture: Shares = _PICTURE


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


def compose(
    rng: np.random.Generator,
    size: int,
    people: People,
    scenery: Scenery,
    shares: SceneShares,
    looks: Looks,
) -> Composed:
    """A scene of ``size`` × ``size`` pixels.

    Parameters
    ----------
    people : callable
        Gives some sample.
    scenery : Scenery
        What stands behind.
    shares : SceneShares
    looks : Looks
    """
    scene = scenery.picture(rng, size)
    while rng.random() < shares.distractors:
        distract(scene, people, rng)
    faces: list[Placed] = []
    if rng.random() >= shares.empty:
        populate(rng, scene, people, shares, looks.person, faces)
    if rng.random() < shares.letterboxed:
        scene = letterboxed(rng, scene, faces)
    smallest = min((max(box_of(f.points)[2:]) for f in faces), default=60.0)
    scene = softened(rng, scene, smallest)
    scene = photographed(scene, looks.picture, rng)
    return _told(scene, faces)


def _told(scene: Bytes, faces: list[Placed]) -> Composed:
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
