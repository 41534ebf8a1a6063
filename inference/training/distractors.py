"""What may be taken for a face: bodies without one, heads from behind, hands, round things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.dataset.hands import hand
from app.dataset.sample import OUTLINED
from app.dataset.things import phone, thing
from app.scene.patterns import Color, any_color, hsv, laid_over
from inference.training.cutouts import Placing, box_of, cut_out, from_behind, headless, lay
from inference.training.placing import Seen

Bytes = NDArray[np.uint8]
People = Callable[[np.random.Generator], Seen]


def distract(scene: Bytes, others: People, rng: np.random.Generator) -> None:
    """Put one of them somewhere into a scene (S, S, 3), in place."""
    names = tuple(_KINDS)
    weights = np.array([weight for weight, _ in _KINDS.values()])
    chosen = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    _KINDS[chosen][1](scene, others, rng)


def _somewhere(
    scene: Bytes, rng: np.random.Generator, largest: float = 0.8
) -> tuple[float, tuple[float, float]]:
    side = scene.shape[0]
    size = float(np.exp(rng.uniform(np.log(20.0), np.log(largest * side))))
    return size, (float(rng.uniform(0, side)), float(rng.uniform(0, side)))


def _placing(scene: Bytes, sample: Seen, rng: np.random.Generator) -> Placing:
    size, centre = _somewhere(scene, rng)
    box = box_of(sample.points[OUTLINED, :2])
    return Placing.of(box, size, centre, float(rng.normal()) * 12.0, bool(rng.random() < 0.5))


def _body(scene: Bytes, others: People, rng: np.random.Generator) -> None:
    sample = others(rng)
    alpha = headless(sample)
    if alpha is not None:
        lay(scene, sample.picture, alpha, _placing(scene, sample, rng))


def _back(scene: Bytes, others: People, rng: np.random.Generator) -> None:
    sample = others(rng)
    picture = from_behind(sample, rng)
    if picture is not None:
        lay(scene, picture, cut_out(sample).alpha, _placing(scene, sample, rng))


def _skin(scene: Bytes, others: People, rng: np.random.Generator) -> None:
    """A cheek, a forehead or a neck, much enlarged or as it is, in an oval or a square."""
    sample = others(rng)
    points = sample.points[OUTLINED, :2]
    corner, other = ((1, 31), (15, 35), (19, 24))[int(rng.integers(3))]
    low = np.minimum(points[corner], points[other]).astype(int)
    high = np.maximum(points[corner], points[other]).astype(int)
    if corner == 19:
        low[1] -= (high[0] - low[0]) // 2
    low = np.clip(low, 0, 255)
    high = np.clip(high, 0, 256)
    if (high - low < 6).any():
        return
    part = np.ascontiguousarray(sample.picture[low[1] : high[1], low[0] : high[0]])
    alpha = np.full(part.shape[:2], 255, np.uint8)
    if rng.random() < 0.6:
        alpha[:] = 0
        axes = part.shape[1] // 2, part.shape[0] // 2
        cv2.ellipse(alpha, axes, axes, 0, 0, 360, 255, cv2.FILLED)
    size, centre = _somewhere(scene, rng, 1.3)
    box = 0.0, 0.0, float(part.shape[1]), float(part.shape[0])
    lay(scene, part, alpha, Placing.of(box, size, centre, float(rng.uniform(-90, 90)), False))


def _scrambled(scene: Bytes, others: People, rng: np.random.Generator) -> None:
    """A face whose parts are all in wrong places."""
    sample = others(rng)
    x, y, width, height = (int(v) for v in box_of(sample.points[OUTLINED, :2]))
    x, y = max(x, 0), max(y, 0)
    part = sample.picture[y : y + height, x : x + width]
    if min(part.shape[:2]) < 30:
        return
    part = np.asarray(cv2.resize(part, (96, 96), interpolation=cv2.INTER_AREA), np.uint8)
    tiles = [part[a : a + 32, b : b + 32] for a in (0, 32, 64) for b in (0, 32, 64)]
    order = np.roll(np.arange(9), int(rng.integers(3, 7)))
    rows = [np.concatenate([tiles[i] for i in order[k : k + 3]], axis=1) for k in (0, 3, 6)]
    mixed = np.ascontiguousarray(np.concatenate(rows))
    alpha = np.full(mixed.shape[:2], 255, np.uint8)
    size, centre = _somewhere(scene, rng)
    place = Placing.of((0.0, 0.0, 96.0, 96.0), size, centre, float(rng.normal()) * 10.0, False)
    lay(scene, mixed, alpha, place)


def _hand(scene: Bytes, others: People, rng: np.random.Generator) -> None:
    size, centre = _somewhere(scene, rng)
    tone = float(rng.random())
    skin = hsv(0.055 + 0.02 * tone, 0.62 - 0.35 * tone, 0.32 + 0.62 * tone)
    angle, light = float(rng.uniform(-120, 120)), float(rng.uniform(200, 340))
    for cover in hand(rng, _canvas(scene), centre, angle, max(30.0, size), skin, light):
        _cover(scene, cover.mask, cover.color, cover.top, cover.left)


def _thing(scene: Bytes, others: People, rng: np.random.Generator) -> None:
    size, centre = _somewhere(scene, rng)
    metre, light = max(200.0, size * 7.0), float(rng.uniform(200, 340))
    angle = float(rng.uniform(-40, 40))
    if rng.random() < 0.3:
        skin = hsv(0.06, 0.45, float(rng.uniform(0.3, 0.95)))
        covers = phone(rng, _canvas(scene), centre, angle, metre, skin, light)
    else:
        covers = thing(rng, _canvas(scene), centre, angle, metre, light)
    for cover in covers:
        _cover(scene, cover.mask, cover.color, cover.top, cover.left)


def _canvas(scene: Bytes) -> tuple[int, int]:
    return scene.shape[0], scene.shape[1]


def _cover(scene: Bytes, mask: Bytes, color: Bytes, top: int, left: int) -> None:
    height, width = scene.shape[:2]
    rows = slice(top, min(height, top + mask.shape[0]))
    columns = slice(left, min(width, left + mask.shape[1]))
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return
    inner = slice(0, rows.stop - rows.start), slice(0, columns.stop - columns.start)
    scene[rows, columns] = laid_over(scene[rows, columns], color[inner], mask[inner])


def _round(scene: Bytes, others: People, rng: np.random.Generator) -> None:
    """A ball, a plate, a wheel or an egg, lit from one side."""
    size, centre = _somewhere(scene, rng)
    side = 96
    disc = np.zeros((side, side, 3), np.uint8)
    alpha = np.zeros((side, side), np.uint8)
    middle = side // 2, side // 2
    axes = side // 2 - 2, int((side // 2 - 2) * float(rng.uniform(0.6, 1.0)))
    color = _any(rng)
    disc[:] = color
    cv2.ellipse(alpha, middle, axes, 90.0, 0, 360, 255, cv2.FILLED, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 6))):
        kind = rng.random()
        at = tuple(int(v) for v in rng.uniform(0.15 * side, 0.85 * side, 2))
        if kind < 0.4:
            radius = int(rng.uniform(0.05, 0.45) * side)
            thick = int(rng.integers(1, 7)) if rng.random() < 0.7 else cv2.FILLED
            cv2.circle(disc, middle, radius, _any(rng), thick, cv2.LINE_AA)
        elif kind < 0.7:
            cv2.circle(disc, at, int(rng.uniform(2, 12)), _any(rng), cv2.FILLED, cv2.LINE_AA)
        else:
            to = tuple(int(v) for v in rng.uniform(0, side, 2))
            cv2.line(disc, at, to, _any(rng), int(rng.integers(1, 8)), cv2.LINE_AA)
    y, x = np.mgrid[-1.0 : 1.0 : side * 1j, -1.0 : 1.0 : side * 1j]
    rise = np.sqrt(np.clip(1.0 - x * x - y * y, 0.0, 1.0))
    turn = float(rng.uniform(0, 2.0 * np.pi))
    shade = 0.35 + 0.65 * np.clip(0.6 * rise + 0.6 * (np.cos(turn) * x + np.sin(turn) * y), 0, 1)
    depth = float(rng.uniform(0.0, 1.0))
    shaded = disc * (1.0 - depth + depth * shade)[..., None]
    box = 0.0, 0.0, float(side), float(side)
    place = Placing.of(box, size, centre, float(rng.uniform(-180, 180)), False)
    lay(scene, np.clip(shaded, 0, 255).astype(np.uint8), alpha, place)


def _any(rng: np.random.Generator) -> Color:
    if rng.random() < 0.35:
        tone = float(rng.random())
        return hsv(0.03 + 0.06 * float(rng.random()), 0.7 - 0.45 * tone, 0.25 + 0.7 * tone)
    return any_color(rng, 0.8)


_Kind = Callable[[Bytes, People, np.random.Generator], None]
_KINDS: Final[dict[str, tuple[float, _Kind]]] = {
    "body": (2.0, _body),
    "back": (1.5, _back),
    "skin": (2.0, _skin),
    "scrambled": (1.0, _scrambled),
    "hand": (1.0, _hand),
    "thing": (1.0, _thing),
    "round": (2.0, _round),
}
"""With how often each is drawn."""
