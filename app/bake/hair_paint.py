"""Textures of hair."""

from __future__ import annotations

import numpy as np

from app.bake.features import srgb
from app.bake.mesh import Floats
from app.bake.noise import fractal_noise, value_noise
from app.bake.person import PersonSpec
from app.bake.tone import smoothstep, to_linear, to_srgb


def hair_texture(person: PersonSpec, size: int) -> tuple[Floats, Floats]:
    """Streaked strip of hair: sRGB picture, shape (size, size, 3), and height, metres."""
    rng = person.rng("hair-texture")
    axis = (np.arange(size) + 0.5) / size
    u, v = np.meshgrid(axis, 1 - axis)
    flat = np.column_stack([u.ravel(), v.ravel(), np.zeros(size * size)])
    streak = 0.7 * value_noise(flat, np.array([0.010, 0.9, 1.0]), rng)
    streak += 0.7 * value_noise(flat, np.array([0.0045, 0.6, 1.0]), rng)
    lock = value_noise(flat, np.array([0.05, 1.5, 1.0]), rng)
    if person.hair_style in ("crop", "afro"):
        streak = 1.2 * fractal_noise(flat, 0.012, 2, rng)
        lock = 0.4 * fractal_noise(flat, 0.06, 2, rng)
    base = to_linear(np.array(srgb(person.hair_color)))
    grey = np.mean(base) * 1.6
    tone = np.clip(1.0 + 0.30 * streak + 0.12 * lock, 0.25, 2.2)
    tone = tone * np.interp(v.ravel(), [0, 0.2, 1.0], [0.55, 0.92, 1.18])
    warm = np.clip(0.06 * lock, -0.12, 0.12)[:, None] * np.array([1.0, 0.1, -0.6])
    linear = base * (1 + warm) * tone[:, None]
    silver = smoothstep(1.9, 2.4, value_noise(flat, np.array([0.006, 2.0, 1.0]), rng))
    share = np.interp(person.age, [35, 60], [0.0, 0.6]) * silver[:, None]
    linear = linear * (1 - share) + grey * 2.2 * share
    picture = to_srgb(linear).reshape(size, size, 3)
    return np.asarray(picture), np.asarray((streak * 0.00002).reshape(size, size))


def strand_texture(color: Floats, person: PersonSpec, purpose: str, size: int) -> Floats:
    """Plain strip for brows and lashes around a linear colour, sRGB, shape (size, size, 3)."""
    rng = person.rng(purpose)
    tone = rng.uniform(0.75, 1.3, (1, size, 1)) * np.ones((size, 1, 1))
    return np.asarray(to_srgb(color * tone))
