"""What separates photographs from renders, put on crops: each kind by name, with its own share.

The order is that in which a photograph comes about: the skin, what stands behind the head, light,
what is before the face, the lens, the sensor and the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Final

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from inference.training import (
    augment_colour,
    augment_cover,
    augment_lens,
    augment_light,
    augment_surface,
)
from inference.training.augment_view import Bytes, Floats, Others, View

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Stage = Callable[[View, np.random.Generator, Others], Bytes]


class Shares(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Chance of each kind of augmentation, 0 to 1; the fields are in the order of application.

    The first five are about the cut, the others about the picture. ``calm`` is the share of crops
    for which the chances of the latter are a quarter.
    """

    mirror: Share = 0.5
    jitter: Share = 0.9
    far_jitter: Share = 0.12
    rotation: Share = 0.6
    stretch: Share = 0.4

    calm: Share = 0.2

    skin_texture: Share = 0.4
    skin_mix: Share = 0.12
    stubble: Share = 0.08
    background: Share = 0.5
    ramp: Share = 0.3
    shadow: Share = 0.25
    glare: Share = 0.08
    hair: Share = 0.15
    shades: Share = 0.1
    hand: Share = 0.06
    box: Share = 0.06
    patch: Share = 0.08
    defocus: Share = 0.25
    motion: Share = 0.08
    low_resolution: Share = 0.25
    tone: Share = 0.7
    balance: Share = 0.6
    saturation: Share = 0.4
    grey: Share = 0.08
    infra_red: Share = 0.03
    noise: Share = 0.35
    sharpening: Share = 0.15
    compression: Share = 0.35
    border: Share = 0.04


STAGES: Final[dict[str, Stage]] = {
    "skin_texture": augment_surface.skin_texture,
    "skin_mix": augment_surface.skin_mix,
    "stubble": augment_surface.stubble,
    "background": augment_surface.background,
    "ramp": augment_light.ramp,
    "shadow": augment_light.shadow,
    "glare": augment_light.glare,
    "hair": augment_cover.hair,
    "shades": augment_cover.shades,
    "hand": augment_cover.hand,
    "box": augment_cover.box,
    "patch": augment_cover.patch,
    "defocus": augment_lens.defocus,
    "motion": augment_lens.motion,
    "low_resolution": augment_lens.low_resolution,
    "tone": augment_colour.tone,
    "balance": augment_colour.balance,
    "saturation": augment_colour.saturation,
    "grey": augment_colour.grey,
    "infra_red": augment_colour.infra_red,
    "noise": augment_lens.noise,
    "sharpening": augment_lens.sharpening,
    "compression": augment_lens.compression,
    "border": augment_lens.border,
}
"""Those that change the picture and leave the points alone."""

_CALM: Final = 4.0
_LEAST_CONTRAST: Final = 14.0

PHOTOGRAPHIC: Final = tuple(
    name
    for name in STAGES
    if STAGES[name].__module__ in {augment_lens.__name__, augment_colour.__name__}
)
"""Those that need to know nothing of what is in the picture."""

NONE: Final = msgspec.convert(dict.fromkeys(Shares.__struct_fields__, 0.0), Shares)
"""No augmentation at all."""


def only(*names: str, share: float = 1.0) -> Shares:
    """Shares with the kinds named and no other."""
    return msgspec.structs.replace(NONE, **dict.fromkeys(names, share))


def without(shares: Shares, *names: str) -> Shares:
    """The same shares with the kinds named left out, for an ablation."""
    return msgspec.structs.replace(shares, **dict.fromkeys(names, 0.0))


def augmented(view: View, shares: Shares, rng: np.random.Generator, others: Others) -> Bytes:
    """The picture of a view after the kinds that chance has drawn, shape (S, S, 3).

    The same number is drawn for each kind whatever the shares are, so leaving one out changes
    nothing about when the others happen.
    """
    quiet = rng.random() < shares.calm
    chances = rng.random(len(STAGES)) * (_CALM if quiet else 1.0)
    seeds = rng.integers(0, 2**63, len(STAGES))
    for (name, stage), chance, seed in zip(STAGES.items(), chances, seeds, strict=True):
        if chance < getattr(shares, name):
            own = np.random.Generator(np.random.SFC64(int(seed)))
            view = replace(view, picture=stage(view, own, others))
    return _recognisable(view.picture)


def _recognisable(picture: Bytes) -> Bytes:
    """Contrast raised where so little is left that nobody could find a face."""
    means, deviations = cv2.meanStdDev(picture)
    most = float(deviations.max())
    if most >= _LEAST_CONTRAST:
        return picture
    gain = _LEAST_CONTRAST / max(most, 1.0)
    middle = float(np.clip(means.mean(), 50.0, 205.0))
    return np.asarray(cv2.convertScaleAbs(picture, alpha=gain, beta=middle - gain * means.mean()))


def photographed(
    picture: NDArray[np.uint8], shares: Shares, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A picture (H, W, 3) after the kinds of `PHOTOGRAPHIC`, whatever it shows."""
    blank = np.zeros(picture.shape[:2], np.uint8)
    view = View(picture, blank, blank, np.zeros((68, 2), np.float32))
    rest = without(shares, *(name for name in STAGES if name not in PHOTOGRAPHIC))
    return augmented(view, rest, rng, NOBODY)


@dataclass(frozen=True)
class _Nobody:
    """For kinds that ask for no other picture."""

    def picture(self, rng: np.random.Generator) -> Bytes:
        raise LookupError("there is no other picture")

    def face(self, rng: np.random.Generator) -> tuple[Bytes, Floats]:
        raise LookupError("there is no other picture")


NOBODY: Final = _Nobody()
