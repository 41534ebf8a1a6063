"""Changes of the finished picture, each repeatable from its kind, amount and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np

from app.dataset import photographic
from app.dataset.frame import Effect, EffectKind
from app.dataset.occluders import Covered, cover
from app.geometry.pinhole import Pinhole
from app.scene.patterns import Bytes, Floats

KINDS: Final[tuple[EffectKind, ...]] = get_args(EffectKind)

_ORDER: Final[tuple[EffectKind, ...]] = (
    "occluder-hair",
    "occluder-hand",
    "occluder-phone",
    "occluder-box",
    "infra-red",
    "grey",
    "exposure",
    "blur",
    "low-resolution",
    "noise",
    "jpeg",
)
"""As things come about: before the lens, in the lens, on the sensor, in the file."""

_MOST: Final = 3
_ONE_OF: Final[tuple[frozenset[str], ...]] = (
    frozenset({"infra-red", "grey"}),
    frozenset({"infra-red", "exposure"}),
    frozenset({"blur", "low-resolution"}),
    frozenset({"occluder-hand", "occluder-phone"}),
    frozenset({"occluder-hand", "occluder-box"}),
    frozenset({"occluder-phone", "occluder-box"}),
)


@dataclass(frozen=True, eq=False)
class Applied:
    """What a picture has become.

    Attributes
    ----------
    color : ndarray, shape (H, W, 3), uint8, sRGB
    depth : ndarray, shape (H, W), float32, metres
        With the occluders' own distances.
    segments : ndarray, shape (H, W), uint8
        With ``occluder`` where one covers half of a pixel or more.
    """

    color: Bytes
    depth: Floats
    segments: Bytes


def draw(rng: np.random.Generator, kinds: Sequence[EffectKind], share: float) -> tuple[Effect, ...]:
    """Effects of one picture: with the chance ``share`` one to three of ``kinds``, else none.

    Those that do not go together are not drawn together. Weak effects are drawn more often than
    strong ones. They are in the order in which a camera meets them.
    """
    chance, count = float(rng.random()), int(rng.integers(1, _MOST + 1))
    order = rng.permutation(len(_ORDER))
    amounts, seeds = rng.beta(1.6, 2.2, len(_ORDER)), rng.integers(0, 2**31, len(_ORDER))
    if chance >= share:
        return ()
    chosen: list[int] = []
    for i in order:
        others = {_ORDER[k] for k in chosen}
        fits = not any(_ORDER[i] in group and others & group for group in _ONE_OF)
        if _ORDER[i] in kinds and fits and len(chosen) < count:
            chosen.append(int(i))
    return tuple(
        Effect(_ORDER[i], round(_amount(_ORDER[i], float(amounts[i])), 3), int(seeds[i]))
        for i in sorted(chosen)
    )


def _amount(kind: EffectKind, drawn: float) -> float:
    """Grey and infra-red are strong or not there; an occluder that is drawn can be seen."""
    if kind in ("grey", "infra-red"):
        return 0.5 + 0.5 * drawn
    return 0.15 + 0.85 * drawn if kind.startswith("occluder-") else max(0.02, drawn)


def apply(
    effects: Sequence[Effect], color: Bytes, depth: Floats, segments: Bytes, view: Pinhole
) -> Applied:
    """Put effects on a picture, one after another.

    Parameters
    ----------
    color : ndarray, shape (H, W, 3), uint8, sRGB
        With its background; so are ``depth`` and ``segments`` as in `app.scene.layers.Layers`.
        None of the three is changed.
    view : Pinhole
        The camera that took it.
    """
    now = Covered(color, depth, segments)
    for effect in effects:
        if effect.amount > 0.0:
            now = _applied(effect, now, view)
    return Applied(now.color, now.depth, now.segments)


def _applied(effect: Effect, now: Covered, view: Pinhole) -> Covered:
    rng = np.random.default_rng((KINDS.index(effect.kind), effect.seed))
    amount = effect.amount
    if effect.kind.startswith("occluder-"):
        return cover(effect.kind.removeprefix("occluder-"), amount, rng, now, view)
    match effect.kind:
        case "blur":
            color = photographic.blur(now.color, amount, rng)
        case "noise":
            color = photographic.noise(now.color, amount, rng)
        case "jpeg":
            color = photographic.jpeg(now.color, amount)
        case "exposure":
            color = photographic.exposure(now.color, amount, rng)
        case "low-resolution":
            color = photographic.low_resolution(now.color, amount, rng)
        case "grey":
            color = photographic.grey(now.color, amount)
        case "infra-red":
            color = photographic.infra_red(now.color, now.depth, now.segments, amount, rng)
        case _:
            raise ValueError(f"no effect {effect.kind!r}")
    return Covered(color, now.depth, now.segments)
