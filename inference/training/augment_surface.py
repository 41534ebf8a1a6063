"""The skin's own look, and what stands behind the head."""

from __future__ import annotations

import cv2
import numpy as np

from inference.training.augment_textures import backdrop, clouds, noise, pattern
from inference.training.augment_view import (
    Bytes,
    Floats,
    Others,
    View,
    between,
    blend,
    disc,
    filled,
    lit,
    softened,
)

_PLACES = ((31, 3, 48), (35, 13, 54), (27, 19, 20), (27, 23, 24), (8, 57, 57))
"""Skin without features, each the mean of three points: cheeks, forehead above the brows, chin."""


def skin_texture(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Pores, blotches and folds: the skin's brightness and redness follow a random pattern."""
    strength = between(rng, 0.03, 0.3) * (view.skin * np.float32(1.0 / 255.0))
    coarse = clouds(view.size, rng, (0.15, 1.5)) - np.float32(0.5)
    red = between(rng, 0.3, 1.0)
    if rng.random() < 0.5:
        fine = noise((view.size, view.size), rng)
        coarse = coarse + between(rng, 0.05, 0.35) * cv2.GaussianBlur(fine, (0, 0), 0.7)
    if rng.random() < 0.3:
        coarse = coarse + between(rng, 0.2, 0.8) * (pattern(view.size, rng, (0.2, 1.0)) - 0.5)
    change = (coarse * strength).astype(np.float32)
    gain = cv2.merge([1.0 + red * change, 1.0 + change, 1.0 + change])
    return lit(view.picture, gain)


def skin_mix(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Cut-mix of skin: cheeks, forehead or chin of somebody else in place of one's own."""
    other, theirs = others.face(rng)
    picture = view.picture
    apart = float(np.linalg.norm(theirs[8] - theirs[27]))
    zoom = float(np.linalg.norm(view.up)) / max(apart, 1.0)
    if not 0.1 < zoom < 10.0:
        return picture
    chosen = rng.permutation(len(_PLACES))[: int(rng.integers(1, 4))]
    for places in np.array(_PLACES)[chosen]:
        here, there = view.points[places].mean(0), theirs[places].mean(0)
        matrix = np.array(
            [[zoom, 0, here[0] - zoom * there[0]], [0, zoom, here[1] - zoom * there[1]]]
        )
        moved = cv2.warpAffine(other, matrix, (view.size, view.size), borderMode=cv2.BORDER_REFLECT)
        radius = view.breadth * between(rng, 0.12, 0.25)
        alpha = disc(view.size, here, radius, 0.7)
        alpha *= view.skin * np.float32(between(rng, 0.4, 1.0) / 255.0)
        inside = (alpha > 0.05).astype(np.uint8)
        own, new = cv2.mean(picture, inside)[:3], cv2.mean(moved, inside)[:3]
        ratio = np.clip(np.array(own) / np.maximum(new, 8.0), 0.3, 3.0) ** between(rng, 0.5, 1.0)
        picture = blend(picture, lit(moved, np.full(moved.shape, ratio, np.float32)), alpha)
    return picture


def stubble(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Cheeks below the mouth's corners, chin and upper lip darkened by short hairs, lips left."""
    p = view.points
    height = between(rng, 0.2, 0.9)
    sides = p[[2, 14]] + (p[[5, 11]] - p[[2, 14]]) * (1.0 - height)
    jaw = p[5:12] + 0.04 * (p[5:12] - p[30])
    lower = np.concatenate([sides[:1], jaw, sides[1:], p[[54, 35, 31, 48]]])
    soft = view.breadth * between(rng, 0.02, 0.08)
    alpha = filled(view.size, lower, soft)
    alpha *= np.float32(1.0) - filled(view.size, p[48:60], view.breadth * 0.01)
    hairs = np.clip(0.6 + 0.5 * noise((view.size, view.size), rng), 0.0, 1.0)
    alpha = (alpha * hairs * between(rng, 0.2, 0.85)).astype(np.float32)
    tone = between(rng, 10.0, 90.0) if rng.random() < 0.8 else between(rng, 120.0, 200.0)
    warm = between(rng, 0.0, 0.35)
    return blend(view.picture, (tone * (1.0 + warm), tone, tone * (1.0 - warm)), alpha)


def background(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Another place behind the head: a pattern, a wall, or somebody else's picture."""
    if rng.random() < 0.35:
        behind = _elsewhere(view.size, others.picture(rng), rng)
    else:
        behind = backdrop(view.size, rng)
    if rng.random() < 0.5:
        behind = softened(behind, between(rng, 0.5, 5.0))
    return blend(behind, view.picture, _edge(view.head, rng))


def _edge(head: Bytes, rng: np.random.Generator) -> Floats:
    """Alpha of the head; its edge is drawn in by part of a pixel so that no old rim is left."""
    alpha = cv2.GaussianBlur(head, (0, 0), between(rng, 0.5, 1.1)) * np.float32(1.0 / 255.0)
    return np.asarray(np.clip((alpha - 0.3) / 0.7, 0.0, 1.0), np.float32)


def _elsewhere(size: int, picture: Bytes, rng: np.random.Generator) -> Bytes:
    """A part of a picture, too large or too small to be this crop's face."""
    side = picture.shape[0]
    wide = side * (between(rng, 0.15, 0.4) if rng.random() < 0.7 else 1.0)
    x, y = rng.random(2) * (side - wide)
    part = picture[int(y) : int(y + wide), int(x) : int(x + wide)]
    moved = cv2.resize(part, (size, size), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.rotate(moved, int(rng.integers(3))) if rng.random() < 0.6 else moved)
