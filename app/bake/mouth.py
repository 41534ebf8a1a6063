"""Teeth and tongue of the body model, refined and painted."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from app.bake.body import LOWER_TEETH, UPPER_TEETH, Body, load_template
from app.bake.mesh import Floats, extract, subdivide
from app.bake.noise import fractal_noise
from app.bake.parts import Carried, Part
from app.bake.person import PersonSpec
from app.bake.tone import smoothstep, to_srgb

# Metres. The model's rows lie so deep that an open mouth shows no upper teeth.
TEETH_FORWARD = 0.0030
UPPER_TEETH_DROP = 0.0056


@functools.cache
def _teeth() -> tuple[Carried, Floats]:
    """Both rows of teeth, and how much each vertex belongs to the upper one."""
    template = load_template()
    p = template.vertices
    faces = template.teeth
    upper = (faces >= UPPER_TEETH.start).all(axis=1)
    uv = np.zeros((len(faces), 4, 2))
    for rows, row in ((~upper, LOWER_TEETH), (upper, UPPER_TEETH)):
        points = p[row]
        centre, low, high = points.mean(axis=0), points.min(axis=0), points.max(axis=0)
        corner = p[faces[rows]]
        azimuth = np.arctan2(corner[..., 0] - centre[0], -(corner[..., 1] - high[1]))
        uv[rows, :, 0] = 0.5 + azimuth / np.pi * 0.95
        height = (corner[..., 2] - low[2]) / (high[2] - low[2])
        uv[rows, :, 1] = 0.5 * height + 0.5 * (row == UPPER_TEETH)
    mesh, ids = extract(faces, np.clip(uv, 0.001, 0.999), len(p))
    refined = subdivide(mesh, np.ones(len(mesh.faces), dtype=bool))
    upper_share = np.zeros(len(p))
    upper_share[UPPER_TEETH] = 1
    return Carried.of(refined, ids), np.asarray(refined.carry @ upper_share)


@functools.cache
def _tongue() -> Carried:
    template = load_template()
    corner = template.vertices[template.tongue]
    low, high = corner.min(axis=(0, 1)), corner.max(axis=(0, 1))
    flat = (corner[..., :2] - low[:2]) / (high - low)[:2]
    return Carried.of(*extract(template.tongue, flat, len(template.vertices)))


def mouth_parts(body: Body) -> list[Part]:
    """``Teeth`` and ``Tongue``."""
    carried, upper = _teeth()
    teeth = carried.part("Teeth", "teeth", body)
    lowered = teeth.vertices - np.outer(upper, [0, 0, UPPER_TEETH_DROP])
    teeth = dataclasses.replace(teeth, vertices=lowered - [0, TEETH_FORWARD, 0])
    return [teeth, _tongue().part("Tongue", "tongue", body)]


def teeth_texture(person: PersonSpec, size: int) -> Floats:
    """sRGB picture, lower row in the lower half; gum towards the jaws, gaps between teeth."""
    rng = person.rng("teeth")
    axis = (np.arange(size) + 0.5) / size
    u, v = np.meshgrid(axis, 1 - axis)
    u, v = u.ravel(), v.ravel()
    upper = v > 0.5
    towards_gum = np.where(upper, (v - 0.5) * 2, 1 - v * 2)
    flat = np.column_stack([u, v, np.zeros_like(u)])
    noise = fractal_noise(flat, 0.12, 3, rng)
    phase = np.abs(((u - 0.5) * 14) % 1 - 0.5) * 2
    gap = smoothstep(0.80, 0.98, phase)
    old = float(np.interp(person.age, [20, 80], [0, 1]))
    linear = np.tile(np.array([0.66, 0.60, 0.49]) * (1 - 0.25 * old), (len(u), 1))
    linear *= (1 + 0.03 * noise - 0.55 * gap - 0.12 * smoothstep(0.3, 0.7, towards_gum))[:, None]
    gum = smoothstep(0.60, 0.68, towards_gum - 0.10 * (1 - phase**2))[:, None]
    linear = linear * (1 - gum) + np.array([0.36, 0.12, 0.11]) * (1 + 0.1 * noise[:, None]) * gum
    return np.asarray(to_srgb(linear).reshape(size, size, 3))


def tongue_texture(person: PersonSpec, size: int) -> Floats:
    """sRGB picture of the tongue."""
    rng = person.rng("tongue")
    axis = (np.arange(size) + 0.5) / size
    u, v = np.meshgrid(axis, axis)
    flat = np.column_stack([u.ravel(), v.ravel(), np.zeros(size * size)])
    noise = fractal_noise(flat, 0.08, 3, rng)
    linear = np.array([0.42, 0.15, 0.14]) * (1 + 0.10 * noise)[:, None]
    return np.asarray(to_srgb(linear).reshape(size, size, 3))
