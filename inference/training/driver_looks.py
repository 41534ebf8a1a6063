"""What cameras, light and cabins make of pictures of drivers: changes by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from app.scene.solids import SEGMENTS
from inference.training import augment_colour, augment_lens, augment_light
from inference.training.augment import NOBODY
from inference.training.augment_textures import backdrop, clouds
from inference.training.augment_view import (
    Bytes,
    Floats,
    Others,
    View,
    around,
    between,
    blend,
    filled,
    lit,
    softened,
)

OUTSIDE: Final = SEGMENTS.index("outside")
WHEEL: Final = SEGMENTS.index("wheel")
PERSON: Final = SEGMENTS.index("person")
HANDS: Final = (SEGMENTS.index("left_hand"), SEGMENTS.index("right_hand"))
_NEAR: Final = (WHEEL, PERSON, *HANDS, SEGMENTS.index("prop"))

MOST_COVERED: Final = 0.3
"""Share of a hand that something laid over the picture may hide: its state can still be seen."""

_TRIES: Final = 4
_COLOURLESS: Final = 10
"""Steps of 255 between the channels of an infra-red picture, at most."""

Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class DriverLooks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How often each change is made; ``calm`` is the share of pictures without any."""

    calm: Share = 0.2
    outside: Share = 0.3
    clothes: Share = 0.3
    wheel: Share = 0.3
    cover: Share = 0.2
    shadow: Share = 0.25
    ramp: Share = 0.25
    tone: Share = 0.6
    balance: Share = 0.4
    saturation: Share = 0.2
    grey: Share = 0.08
    infra_red: Share = 0.15
    defocus: Share = 0.12
    motion: Share = 0.12
    low_resolution: Share = 0.15
    noise: Share = 0.35
    sharpening: Share = 0.08
    compression: Share = 0.25


@dataclass(frozen=True, eq=False)
class Scene:
    """A crop of a cabin.

    Attributes
    ----------
    picture : ndarray, shape (S, S, 3), uint8
    segments : ndarray, shape (S, S), uint8
        Places in `app.scene.solids.SEGMENTS`.
    """

    picture: Bytes
    segments: Bytes

    @property
    def size(self) -> int:
        return int(self.picture.shape[0])


def outside(scene: Scene, rng: np.random.Generator) -> Bytes:
    """Windows brighter or darker than they were, or with something else behind them."""
    alpha = _of(scene, OUTSIDE)
    if rng.random() < 0.5:
        gain = 1.0 + alpha * np.float32(np.exp(rng.normal(0.0, 0.9)) - 1.0)
        return lit(scene.picture, gain.astype(np.float32))
    return blend(scene.picture, backdrop(scene.size, rng), alpha)


def clothes(scene: Scene, rng: np.random.Generator) -> Bytes:
    """The person in other colours, hands apart."""
    return _tinted(scene, PERSON, rng)


def wheel(scene: Scene, rng: np.random.Generator) -> Bytes:
    """The wheel in another colour."""
    return _tinted(scene, WHEEL, rng)


def cover(scene: Scene, rng: np.random.Generator) -> Bytes:
    """Something before the camera: a strip or a blob that leaves most of both hands in sight."""
    size = scene.size
    hands = [scene.segments == hand for hand in HANDS]
    for _ in range(_TRIES):
        middle = (rng.random(2) * size).astype(np.float32)
        radii = (size * between(rng, 0.04, 0.4), size * between(rng, 0.03, 0.12))
        corners = around(middle, radii, between(rng, 0.0, np.pi), int(rng.choice([4, 5, 24])))
        corners += rng.normal(0.0, 0.01 * size, corners.shape).astype(np.float32)
        alpha = filled(size, corners, size * between(rng, 0.0, 0.02))
        hidden = alpha > 0.3
        if all((hidden & hand).sum() <= MOST_COVERED * hand.sum() for hand in hands):
            return blend(scene.picture, backdrop(size, rng), alpha)
    return scene.picture


def shadow(scene: Scene, rng: np.random.Generator) -> Bytes:
    """The shadow of a roof, of trees or of a pillar; or the light of a gap in one."""
    size = scene.size
    if rng.random() < 0.5:
        middle = rng.random(2) * size
        angle = between(rng, 0.0, 2.0 * np.pi)
        at = np.arange(size, dtype=np.float32)
        along = np.cos(angle) * (at[None] - middle[0]) + np.sin(angle) * (at[:, None] - middle[1])
        width = size * float(np.exp(between(rng, np.log(0.01), np.log(0.3))))
        alpha = np.clip(0.5 + along / width, 0.0, 1.0)
    else:
        steep = between(rng, 3.0, 20.0)
        patches = clouds(size, rng, (0.5, 2.5))
        alpha = np.clip(0.5 + steep * (patches - between(rng, 0.35, 0.65)), 0.0, 1.0)
    dark = between(rng, 0.15, 0.75)
    return lit(scene.picture, (1.0 - dark * alpha).astype(np.float32))


_Own = Callable[[Scene, np.random.Generator], Bytes]
_Shared = Callable[[View, np.random.Generator, Others], Bytes]

CABIN: Final[dict[str, _Own]] = {
    "outside": outside,
    "clothes": clothes,
    "wheel": wheel,
    "cover": cover,
    "shadow": shadow,
}
"""Changes of what is before the camera, in the order in which they are made."""

CAMERA: Final[dict[str, _Shared]] = {
    "ramp": augment_light.ramp,
    "tone": augment_colour.tone,
    "balance": augment_colour.balance,
    "saturation": augment_colour.saturation,
    "infra_red": augment_colour.infra_red,
    "grey": augment_colour.grey,
    "defocus": augment_lens.defocus,
    "motion": augment_lens.motion,
    "low_resolution": augment_lens.low_resolution,
    "noise": augment_lens.noise,
    "sharpening": augment_lens.sharpening,
    "compression": augment_lens.compression,
}
"""Changes that light, lens, sensor and file make, in the order in which they are made."""


def looked_at(scene: Scene, looks: DriverLooks, rng: np.random.Generator) -> Bytes:
    """A crop as some camera in some cabin would have it, shape (S, S, 3).

    Nothing moves, and no more than `MOST_COVERED` of a hand is hidden.
    """
    if rng.random() < looks.calm:
        return scene.picture
    colourless = int(np.ptp(scene.picture, axis=2).max()) <= _COLOURLESS
    for name, change in CABIN.items():
        if rng.random() < getattr(looks, name):
            scene = Scene(change(scene, rng), scene.segments)
    if colourless:
        grey = np.repeat(scene.picture.mean(axis=2, dtype=np.float32)[..., None], 3, axis=2)
        scene = Scene(grey.astype(np.uint8), scene.segments)
    near = np.where(np.isin(scene.segments, _NEAR), np.uint8(255), np.uint8(0))
    view = View(scene.picture, near, near, np.zeros((68, 2), np.float32))
    for name, alike in CAMERA.items():
        if rng.random() < getattr(looks, name):
            view = View(alike(view, rng, NOBODY), near, near, view.points)
    return view.picture


def _of(scene: Scene, kind: int) -> Floats:
    """Alpha (S, S) of a kind, its edge soft."""
    mask = np.where(scene.segments == kind, np.uint8(255), np.uint8(0))
    return np.asarray(softened(mask, 0.7) * np.float32(1.0 / 255.0), np.float32)


def _tinted(scene: Scene, kind: int, rng: np.random.Generator) -> Bytes:
    colour = np.exp(rng.normal(0.0, 0.5) + rng.normal(0.0, 0.2, 3))
    alpha = _of(scene, kind)[..., None]
    gain: NDArray[np.float32] = 1.0 + alpha * (colour.astype(np.float32) - np.float32(1.0))
    lift = between(rng, 0.0, 40.0) if rng.random() < 0.4 else 0.0
    raised = np.clip(scene.picture + np.float32(lift) * alpha, 0.0, 255.0).astype(np.uint8)
    return lit(raised, np.ascontiguousarray(gain))
