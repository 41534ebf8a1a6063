"""Light that the renderer's lamps do not give: ramps of colour, cast shadows, glare."""

from __future__ import annotations

import cv2
import numpy as np

from inference.training.augment_textures import clouds
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
)


def ramp(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """One side brighter than the other, in a colour of its own."""
    angle = between(rng, 0.0, 2.0 * np.pi)
    at = np.linspace(-1.0, 1.0, view.size, dtype=np.float32)
    along = np.cos(angle) * at[None, :] + np.sin(angle) * at[:, None]
    along = along * np.float32(between(rng, 0.5, 3.0))
    side = along / np.sqrt(1.0 + along**2)
    tint = 1.0 + between(rng, 0.0, 0.35) * rng.uniform(-1.0, 1.0, 3)
    depth = between(rng, 0.1, 0.75)
    gain = [(1.0 + depth * float(t) * side).astype(np.float32) for t in tint]
    return lit(view.picture, cv2.merge(gain))


def shadow(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """A shadow cast over the face, its edge hard or soft, or the light of a gap in one."""
    middle = view.points[int(rng.integers(68))] + rng.normal(0.0, 0.15, 2) * view.breadth
    kind = rng.random()
    if kind < 0.4:
        alpha = _half_plane(view.size, middle.astype(np.float32), rng)
    elif kind < 0.75:
        radii = (view.breadth * between(rng, 0.15, 0.7), view.breadth * between(rng, 0.1, 0.5))
        outline = around(middle.astype(np.float32), radii, between(rng, 0.0, np.pi))
        outline += rng.normal(0.0, 0.03 * view.breadth, outline.shape).astype(np.float32)
        alpha = filled(view.size, outline, view.breadth * between(rng, 0.0, 0.08))
    else:
        pattern = clouds(view.size, rng, (0.5, 2.5))
        steep = between(rng, 3.0, 25.0)
        alpha = np.clip(0.5 + steep * (pattern - between(rng, 0.35, 0.65)), 0.0, 1.0)
    if rng.random() < 0.3:
        alpha = np.float32(1.0) - alpha
    dark = between(rng, 0.15, 0.75)
    cool = dark * between(rng, 0.85, 1.0)
    gain = [(1.0 - d * alpha).astype(np.float32) for d in (dark, (dark + cool) / 2.0, cool)]
    return lit(view.picture, cv2.merge(gain))


def _half_plane(size: int, through: Floats, rng: np.random.Generator) -> Floats:
    angle = between(rng, 0.0, 2.0 * np.pi)
    at = np.arange(size, dtype=np.float32)
    along = np.cos(angle) * (at[None, :] - through[0]) + np.sin(angle) * (at[:, None] - through[1])
    width = size * float(np.exp(between(rng, np.log(0.006), np.log(0.2))))
    return np.asarray(np.clip(0.5 + along / width, 0.0, 1.0), np.float32)


def glare(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """A blown patch of light on forehead, nose or cheek, or haze over everything."""
    if rng.random() < 0.3:
        haze = between(rng, 120.0, 255.0)
        alpha = np.full((view.size, view.size), between(rng, 0.1, 0.45), np.float32)
        return blend(view.picture, (haze, haze, haze), alpha)
    where = int(rng.choice([19, 24, 27, 30, 31, 35, 2, 14]))
    middle = view.points[where] + rng.normal(0.0, 0.08, 2) * view.breadth
    radius = view.breadth * between(rng, 0.03, 0.25)
    radii = (radius, radius * between(rng, 0.4, 1.0))
    patch = around(middle.astype(np.float32), radii, between(rng, 0.0, np.pi))
    alpha = filled(view.size, patch, radius * between(rng, 0.3, 0.8)) * between(rng, 0.3, 1.0)
    return blend(view.picture, (255.0, 250.0, between(rng, 215, 255)), alpha.astype(np.float32))
