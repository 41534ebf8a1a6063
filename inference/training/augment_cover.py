"""What is before a face: hair, glasses, hands, boxes, parts of other pictures."""

from __future__ import annotations

import cv2
import numpy as np

from inference.training.augment_textures import backdrop, noise
from inference.training.augment_view import (
    SHIFT,
    Bytes,
    Floats,
    Others,
    View,
    around,
    between,
    blend,
    filled,
    fixed,
    softened,
)

_HAIR = ((18, 14, 12), (44, 30, 22), (84, 56, 36), (140, 96, 58), (196, 160, 110), (150, 60, 30))
_GREY_HAIR = ((90, 88, 86), (170, 168, 166), (225, 223, 220))


def hair(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Strands over forehead and brows, a curtain at one side of the face, or a cap's brim."""
    p, up = view.points, view.up
    side = np.array([-up[1], up[0]], np.float32)
    kind = rng.random()
    if kind < 0.5:
        middle = p[27] + between(rng, -0.35, 0.35) * side
        reach = between(rng, 0.25, 0.65)
        low = between(rng, 0.0, 0.32)
        start = middle + 0.95 * up + np.outer(np.linspace(-1.2, 1.2, 60), reach * side)
        end = middle + low * up + np.outer(np.linspace(-1.0, 1.0, 60), reach * side)
        end = end + between(rng, -0.35, 0.35) * side
        return _strands(view, start, end, rng)
    if kind < 0.85:
        which = 0 if rng.random() < 0.5 else 16
        inward = p[30] - p[which]
        at = p[which] + between(rng, 0.0, 0.35) * inward
        spread = np.outer(np.linspace(-1.0, 0.4, 50), 0.35 * inward)
        start = p[27] + between(rng, 0.5, 1.0) * up + 0.3 * (p[which] - p[27]) + 0.4 * spread
        end = at + spread - between(rng, 0.5, 1.4) * up
        return _strands(view, start, end, rng)
    return _brim(view, up, side, rng)


def _hair_colour(rng: np.random.Generator) -> Floats:
    tones = _GREY_HAIR if rng.random() < 0.15 else _HAIR
    base = np.array(tones[int(rng.integers(len(tones)))], np.float32)
    return np.asarray(base * np.float32(between(rng, 0.5, 1.3)))


def _strands(view: View, start: Floats, end: Floats, rng: np.random.Generator) -> Bytes:
    """Bundles of hair from (N, 2) to (N, 2), bent and ragged at the end."""
    picture = view.picture.copy()
    colour, size = _hair_colour(rng), view.breadth
    tufts = np.sin(np.linspace(0.0, between(rng, 5.0, 40.0), len(start)) + rng.random() * 6.0)
    kept = rng.random(len(start)) + 0.5 * tufts < between(rng, 0.3, 1.3)
    count = int(kept.sum())
    if count == 0:
        return picture
    start, end = start[kept], end[kept]
    end = start + (end - start) * rng.uniform(0.75, 1.1, (count, 1))
    end = end + rng.normal(0.0, 0.03, (count, 2)) * size
    bend = (start + end) / 2.0 + rng.normal(0.0, 0.06, 2) * size
    bend = bend + rng.normal(0.0, 0.02, (count, 2)) * size
    t = np.linspace(0.0, 1.0, 7)[None, :, None]
    lines = (1 - t) ** 2 * start[:, None] + 2 * t * (1 - t) * bend[:, None] + t**2 * end[:, None]
    shades = np.exp(rng.normal(0.0, 0.3, count))
    widths = np.maximum(1, rng.integers(0, max(2, int(size * 0.04)), count))
    corners = fixed(lines.astype(np.float32))
    for line, shade, width in zip(corners, shades, widths, strict=True):
        tone = tuple(float(v) for v in np.minimum(colour * shade, 255.0))
        cv2.polylines(picture, [line], False, tone, int(width), cv2.LINE_AA, SHIFT)
    if rng.random() < 0.4:
        alpha = np.full(picture.shape[:2], between(rng, 0.5, 0.95), np.float32)
        return blend(view.picture, picture, alpha)
    return picture


def _brim(view: View, up: Floats, side: Floats, rng: np.random.Generator) -> Bytes:
    low = view.points[27] + between(rng, 0.12, 0.45) * up
    bow = between(rng, -0.15, 0.15) * up
    across = np.linspace(-1.3, 1.3, 9)
    edge = low + np.outer(across, side) + np.outer(across**2 - 0.5, bow)
    outline = np.concatenate([edge, edge[::-1] + 3.0 * up]).astype(np.float32)
    softness = between(rng, 0.0, 1.0)
    alpha = filled(view.size, outline, softness)
    picture = blend(view.picture, backdrop(view.size, rng), alpha)
    below = filled(view.size, outline - between(rng, 0.05, 0.3) * up, 0.04 * view.breadth)
    shade = np.clip(below - alpha, 0.0, 1.0) * np.float32(between(rng, 0.0, 0.7))
    return blend(picture, (0.0, 0.0, 0.0), shade)


def shades(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Glasses, dark or clear, with rims, bridge and a bar to the ear that is seen."""
    p, height = view.points, float(np.linalg.norm(view.up))
    dark = rng.random() < 0.6
    tall, wide = between(rng, 0.2, 0.34) * height, between(rng, 0.75, 1.05)
    rounded = between(rng, 0.3, 1.0)
    down = -view.up / max(height, 1e-3)
    glasses = []
    for inner, outer in ((36, 39), (42, 45)):
        middle = (p[inner] + p[outer]) / 2.0 + 0.12 * tall * down
        along = (p[outer] - p[inner]) * np.float32(wide)
        glasses.append(_lens(middle, along, tall / 2.0 * down, rounded))
    picture = _glazed(view.picture, glasses, dark, rng)
    if dark and rng.random() < 0.3:
        return picture
    tone = rng.uniform(0.0, 255.0, 3) * (0.15 if rng.random() < 0.7 else 1.0)
    rim = (float(tone[0]), float(tone[1]), float(tone[2]))
    thick = max(1, round(view.size / 128.0 * between(rng, 0.6, 3.0)))
    turned = float(np.linalg.norm(p[16] - p[45]) - np.linalg.norm(p[0] - p[36]))
    bars = [p[[39, 42]], p[[45, 16]] if turned > 0 else p[[36, 0]]]
    picture = picture.copy()
    cv2.polylines(picture, [fixed(g) for g in glasses], True, rim, thick, cv2.LINE_AA, SHIFT)
    lines = [fixed(bar - 0.1 * tall * down) for bar in bars]
    cv2.polylines(picture, lines, False, rim, thick, cv2.LINE_AA, SHIFT)
    return picture


def _glazed(picture: Bytes, glasses: list[Floats], dark: bool, rng: np.random.Generator) -> Bytes:
    """Each of two outlines filled with a tint, now and then with a gleam on it."""
    size = picture.shape[0]
    tint = tuple(rng.uniform(0.0, 60.0 if dark else 120.0, 3))
    strength = between(rng, 0.55, 1.0) if dark else between(rng, 0.0, 0.12)
    lower = between(rng, 0.3, 1.0) if dark and rng.random() < 0.5 else 1.0
    fall = np.linspace(strength, strength * lower, size, dtype=np.float32)[:, None]
    gleam = between(rng, 0.1, 0.6) if rng.random() < 0.35 else 0.0
    for outline in glasses:
        inside = filled(size, outline)
        picture = blend(picture, tint, inside * fall)
        if gleam:
            streak = np.roll(outline, 7, axis=0)[:16] * np.float32(0.8) + outline.mean(0) * 0.2
            bright = inside * filled(size, streak.astype(np.float32), 1.0) * np.float32(gleam)
            picture = blend(picture, (255.0, 255.0, 255.0), bright)
    return picture


def _lens(middle: Floats, along: Floats, down: Floats, rounded: float) -> Floats:
    """A super-ellipse; ``rounded`` of 1 is an ellipse, less has corners."""
    t = np.linspace(0.0, 2.0 * np.pi, 28, endpoint=False)
    x = np.sign(np.cos(t)) * np.abs(np.cos(t)) ** rounded
    y = np.sign(np.sin(t)) * np.abs(np.sin(t)) ** rounded
    return (middle + np.outer(x, along) + np.outer(y, down)).astype(np.float32)


def hand(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Fingers of skin from somewhere outside to a cheek, the mouth or the brow."""
    size, p = view.breadth, view.points
    if rng.random() < 0.7 and view.skin.any():
        base = np.array(cv2.mean(view.picture, view.skin)[:3])
    else:
        base = np.array([198.0, 150.0, 122.0]) * between(rng, 0.3, 1.15)
    base = base * np.exp(rng.normal(0.0, 0.12)) * np.exp(rng.normal(0.0, 0.03, 3))
    tip = p[int(rng.choice([2, 4, 6, 8, 10, 12, 14, 30, 33, 48, 54, 57, 19, 24]))]
    away = tip - p[30] + rng.normal(0.0, 0.3, 2) * size
    away = away / max(float(np.linalg.norm(away)), 1e-3)
    across = np.array([-away[1], away[0]])
    width = size * between(rng, 0.1, 0.15)
    fingers = int(rng.integers(1, 5))
    picture = view.picture
    spread = rng.normal(0.0, 0.15)
    for k in range(fingers):
        side = k - (fingers - 1) / 2.0
        at = tip + across * width * side * 1.08 + rng.normal(0.0, 0.02, 2) * size
        at = at - away * size * (0.06 - 0.03 * abs(side))
        direction = away + across * (spread * side + rng.normal(0.0, 0.05))
        knuckle = at + direction * size * 0.22
        end = knuckle + (direction + across * rng.normal(0.0, 0.2)) * size * 0.6
        finger = np.stack([at, knuckle, end]).astype(np.float32)
        whole, lit_part = _tube(view.size, finger, width), _tube(view.size, finger, width * 0.5)
        tone = base * np.exp(rng.normal(0.0, 0.05))
        edge = tuple(np.clip(tone * between(rng, 0.5, 0.85), 0.0, 255.0))
        picture = blend(picture, edge, whole * np.float32(1.0 / 255.0))
        round_light = softened(lit_part, width * 0.18) * np.float32(1.0 / 255.0)
        picture = blend(picture, tuple(np.clip(tone, 0.0, 255.0)), round_light)
    return picture


def _tube(size: int, line: Floats, width: float) -> Bytes:
    """255 along a thick line with round ends."""
    mask = np.zeros((size, size), np.uint8)
    cv2.polylines(mask, [fixed(line)], False, 255, max(1, round(width)), cv2.LINE_AA, SHIFT)
    return mask


def box(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """A plain or patterned thing with straight or round edges: a phone, a cup, a microphone."""
    middle = view.points[int(rng.integers(68))] + rng.normal(0.0, 0.25, 2) * view.breadth
    radii = (view.breadth * between(rng, 0.06, 0.4), view.breadth * between(rng, 0.06, 0.3))
    angle = between(rng, 0.0, np.pi)
    c, s = np.cos(angle), np.sin(angle)
    along = np.array([c, s], np.float32) * radii[0]
    down = np.array([-s, c], np.float32) * radii[1]
    outline = _lens(middle.astype(np.float32), along, down, between(rng, 0.05, 1.0))
    alpha = filled(view.size, outline, between(rng, 0.0, 1.0))
    if rng.random() < 0.5:
        tone = rng.uniform(0.0, 255.0, 3) * between(rng, 0.1, 1.0)
        speckled = tone + between(rng, 0.0, 20.0) * noise((view.size, view.size, 1), rng)
        above = np.clip(np.broadcast_to(speckled, view.picture.shape), 0.0, 255.0)
        return blend(view.picture, above.astype(np.uint8), alpha)
    return blend(view.picture, backdrop(view.size, rng), alpha)


def patch(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """A part of another picture with a round or ragged edge, half of it seen through at times."""
    other = others.picture(rng)
    side = other.shape[0]
    wide = int(side * between(rng, 0.2, 0.7))
    x, y = (int(v) for v in rng.random(2) * (side - wide))
    moved = cv2.resize(other[y : y + wide, x : x + wide], (view.size, view.size))
    middle = view.points[int(rng.integers(68))] + rng.normal(0.0, 0.25, 2) * view.breadth
    radii = (view.breadth * between(rng, 0.1, 0.4), view.breadth * between(rng, 0.1, 0.3))
    outline = around(middle.astype(np.float32), radii, between(rng, 0.0, np.pi), 12)
    outline += rng.normal(0.0, 0.04 * view.breadth, outline.shape).astype(np.float32)
    alpha = filled(view.size, outline, between(rng, 0.0, 2.0))
    if rng.random() < 0.2:
        alpha *= np.float32(between(rng, 0.3, 0.9))
    return blend(view.picture, np.asarray(moved, np.uint8), alpha)
