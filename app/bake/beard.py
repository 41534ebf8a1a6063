"""Beards and moustaches: short ribbons that grow from the skin and move with it."""

from __future__ import annotations

import numpy as np

from app.bake.beardline import beard_mask, style_mask
from app.bake.features import srgb
from app.bake.head import skin_mesh, zone_masks
from app.bake.mesh import Floats
from app.bake.parts import Part
from app.bake.person import PersonSpec
from app.bake.strands import Surface, hair_part, ribbons, scatter, unit, window_uv
from app.bake.tone import smoothstep, to_linear

_STRANDS = {"moustache": 320, "goatee": 560, "full": 1400}
_SHORTEST, _LONGEST = 0.0075, 0.030  # metres


def beard_part(surface: Surface, person: PersonSpec) -> Part | None:
    """The beard of one person, or None."""
    style = person.beard.style
    if style == "none":
        return None
    rng = person.rng("beard")
    canonical = skin_mesh().canonical
    masks = zone_masks()
    field = beard_mask(canonical) * style_mask(canonical, style)
    field = field * (1 - np.clip(masks["lips"] * 1.5 + masks["inside"], 0, 1))
    lip = style_mask(canonical, "moustache")
    weight = (field * (1 + 2 * lip))[surface.triangles].mean(axis=1)
    roots = scatter(surface, _STRANDS[style], rng, weight * (weight > 0.12))
    at = roots.interpolate(canonical)
    dense = roots.interpolate(field[:, None])[:, 0]
    normal = unit(roots.interpolate(surface.normals))
    along = _combed(at, rng)
    along = unit(along - (along * normal).sum(1, keepdims=True) * normal)
    length = _lengths(at, person) * (0.65 + 0.35 * dense) * rng.uniform(0.75, 1.15, len(at))
    start = roots.interpolate(surface.part.vertices) - 0.0004 * normal
    down = np.array([0.0, 0.0, -1.0])
    lift = rng.uniform(0.20, 0.45, (len(at), 1))
    path = [start]
    for step, rise, fall in ((0.5, 1.0, 0.0), (0.5, 0.15, 0.35)):
        direction = unit(along + rise * lift * normal + fall * down)
        path.append(path[-1] + direction * (length * step)[:, None])
    lines = np.stack(path, axis=1)
    across = unit(np.cross(along, normal) + rng.normal(0, 0.15, along.shape))
    across = np.broadcast_to(across[:, None], lines.shape)
    width = np.array([0.0020, 0.0019, 0.0]) * rng.uniform(0.5, 1.2, (len(at), 1))
    vertices, faces, uv = ribbons(lines, across, width)
    corner = window_uv(uv, len(at), faces, 0.12, rng)
    shaded = unit(normal[:, None] + 0.25 * rng.normal(0, 1, (len(at), 1, 3)))
    shaded = np.broadcast_to(shaded, vertices.shape)
    actions = surface.part.actions
    return hair_part("Beard", "beard", roots, vertices, faces, corner, actions, normals=shaded)


def _combed(p: Floats, rng: np.random.Generator) -> Floats:
    """Which way hairs lie at canonical positions, shape (R, 3): down, the moustache sideways."""
    side = np.tanh(p[:, 0] / 0.006)
    upper = smoothstep(-0.072, -0.064, p[:, 2]) * smoothstep(0.032, 0.026, np.abs(p[:, 0]))
    below = smoothstep(-0.100, -0.125, p[:, 2])
    outward = 0.85 * upper * side + 0.15 * side
    forward = -0.5 * below * (1 - upper)
    comb = np.column_stack([outward, forward, -1 + 0.35 * upper])
    return unit(comb + rng.normal(0, 0.16, comb.shape))


def _lengths(p: Floats, person: PersonSpec) -> Floats:
    """Lengths in metres at canonical positions: least on cheeks and lip, most at the chin."""
    longest = _SHORTEST + (_LONGEST - _SHORTEST) * person.beard.length
    chin = smoothstep(-0.080, -0.105, p[:, 2]) * smoothstep(0.060, 0.025, np.abs(p[:, 0]))
    full = _SHORTEST + (longest - _SHORTEST) * (0.25 + 0.75 * chin)
    lip = smoothstep(-0.070, -0.064, p[:, 2]) * smoothstep(0.030, 0.026, np.abs(p[:, 0]))
    return np.asarray(full * (1 - lip) + np.minimum(full, 0.0090) * lip)


def beard_color(person: PersonSpec) -> Floats:
    """Linear colour of beard hair: that of the head, a little warmer and greying earlier."""
    hair = to_linear(np.array(srgb(person.hair_color)))
    grey = float(np.interp(person.age, [42, 75], [0.0, 0.6]))
    warm = hair * np.array([1.15, 1.0, 0.9])
    return np.asarray(warm * (1 - grey) + np.array([0.33, 0.32, 0.30]) * grey)
