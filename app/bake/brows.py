"""Eyebrows and eyelashes."""

from __future__ import annotations

import numpy as np

from app.bake import browline
from app.bake.body import Body
from app.bake.head import lid_loops
from app.bake.mesh import Bools, Floats
from app.bake.parts import Part
from app.bake.person import PersonSpec
from app.bake.skin import brow_breadth
from app.bake.strands import Surface, hair_part, nearest_roots, ribbons, unit, window_uv


def brow_part(surface: Surface, person: PersonSpec) -> Part:
    """Fine hairs along both brows."""
    rng = person.rng("brows")
    man = 1 - person.gender
    per_side = int((400 + 60 * man) * (0.45 + 1.1 * person.brows.density))
    breadth = brow_breadth(person)
    sides, points, rises, shares = [], [], [], []
    for side in (1.0, -1.0):
        t = np.sort(rng.beta(1.35, 1.5, per_side))
        across = np.clip(rng.normal(0, 0.52, per_side), -1.15, 1.15)
        half = np.interp(t, browline.ALONG, browline.HALF) * breadth
        x = np.interp(t, browline.ALONG, browline.X) + rng.normal(0, 0.4, per_side)
        z = np.interp(t, browline.ALONG, browline.Z) + across * half
        rises.append(
            np.interp(t, browline.ALONG, browline.RISE) - 22 * across + rng.normal(0, 9, per_side)
        )
        points.append(np.column_stack([side * x, np.zeros(per_side), z]) / 1000)
        sides.append(np.full(per_side, side))
        shares.append(0.62 + 0.38 * np.sin(np.pi * (0.15 + 0.75 * t)))
    side, rise = np.concatenate(sides), np.radians(np.concatenate(rises))
    roots = nearest_roots(surface, np.concatenate(points), _about_brows, flat=True)
    normal = unit(roots.interpolate(surface.normals))
    along = np.stack([side * np.cos(rise), np.zeros_like(rise), np.sin(rise)], axis=1)
    along = unit(along - (along * normal).sum(1, keepdims=True) * normal)
    count = len(side)
    share = np.concatenate(shares)
    length = rng.uniform(0.0046, 0.0080, count) * (0.92 + 0.2 * man) * share
    start = roots.interpolate(surface.part.vertices) - 0.0002 * normal
    bend = -np.abs(rng.normal(0.25, 0.15, count))[:, None] * np.array([0, 0, 1.0])
    path = [start]
    for step, lift in ((0.45, 0.22), (0.55, 0.03)):
        direction = unit(along + lift * normal + bend * (len(path) - 1) * 0.8)
        path.append(path[-1] + direction * (length * step)[:, None])
    lines = np.stack(path, axis=1)
    across = np.broadcast_to(unit(np.cross(along, normal))[:, None], lines.shape)
    width = np.array([0.00018, 0.00017, 0.0]) * rng.uniform(0.7, 1.3, (count, 1))
    width *= (1 + 0.15 * man) * share[:, None]
    vertices, faces, uv = ribbons(lines, across, width)
    corner = window_uv(uv, count, faces, 0.02, rng)
    return hair_part("Brows", "brows", roots, vertices, faces, corner, surface.part.actions)


def lash_part(surface: Surface, person: PersonSpec, body: Body) -> Part:
    """Lashes along the edges of the eyelids, curved outwards; they turn about the eyeballs."""
    rng = person.rng("lashes")
    base_row = {int(base): k for k, base in enumerate(surface.part.base_ids)}
    points, outwards, ups, lengths, pivots = [], [], [], [], []
    woman = person.gender
    for eye, loop in lid_loops().items():
        ring = surface.canonical[[base_row[int(b)] for b in loop]]
        centre = ring.mean(axis=0)
        side = np.sign(centre[0])
        inner, outer = ring[np.argmin(side * ring[:, 0])], ring[np.argmax(side * ring[:, 0])]
        t = ((ring - inner) @ (outer - inner)) / ((outer - inner) @ (outer - inner))
        above = ring[:, 2] > inner[2] + t * (outer - inner)[2]
        for upper, count in ((True, 200), (False, 80)):
            order = np.argsort(t[above == upper])
            line = ring[above == upper][order]
            at = np.linspace(0.10, 0.965, count) + rng.normal(0, 0.0035, count)
            where = np.interp(at, np.linspace(0, 1, len(line)), t[above == upper][order])
            position = np.stack(
                [np.interp(where, t[above == upper][order], line[:, k]) for k in range(3)], axis=1
            )
            points.append(position)
            splay = side * (where - 0.42) * 1.15 + rng.normal(0, 0.10, count)
            outwards.append(np.column_stack([splay, -np.ones(count), np.zeros(count)]))
            ups.append(np.full(count, 1.0 if upper else -1.0))
            size = (0.0070 + 0.0010 * woman) if upper else (0.0042 + 0.0006 * woman)
            swell = 0.55 + 0.45 * np.sin(np.clip(where, 0, 1) * np.pi * 0.85)
            lengths.append(size * swell * rng.uniform(0.72, 1.05, count))
            pivots.append(np.tile(body.eye_centre(eye), (count, 1)))
    up, length = np.concatenate(ups), np.concatenate(lengths)
    roots = nearest_roots(surface, np.concatenate(points), _near_eyes)
    outward = unit(np.concatenate(outwards))
    start = roots.interpolate(surface.part.vertices)
    path = [start]
    for step, rise in ((0.34, -0.05), (0.33, 0.28), (0.33, 0.70)):
        direction = unit(outward + (up * rise)[:, None] * np.array([0, 0, 1.0]))
        path.append(path[-1] + direction * (length * step)[:, None])
    lines = np.stack(path, axis=1)
    across = np.cross(lines[:, -1] - lines[:, 0], np.array([0, 0, 1.0]))
    across = np.broadcast_to(unit(across)[:, None], lines.shape)
    width = np.array([0.00013, 0.00012, 0.00009, 0.0]) * rng.uniform(0.8, 1.2, (len(up), 1))
    vertices, faces, uv = ribbons(lines, across, width)
    corner = window_uv(uv, len(up), faces, 0.02, rng)
    pivot = np.concatenate(pivots)
    return hair_part(
        "Lashes",
        "lashes",
        roots,
        vertices,
        faces,
        corner,
        surface.part.actions,
        lambda moved: _about(pivot, roots.interpolate(moved)),
    )


def _about(pivot: Floats, points: Floats) -> Floats:
    """Frames of points seen from their pivots, shape (R, 3, 3), axes in columns."""
    away = unit(points - pivot)
    x = unit(np.array([1.0, 0.0, 0.0]) - away[:, :1] * away)
    return np.stack([x, np.cross(away, x), away], axis=-1)


def _near_eyes(p: Floats) -> Bools:
    near = (np.abs(p[:, 2]) < 0.015) & (np.abs(np.abs(p[:, 0]) - 0.031) < 0.02)
    return np.asarray(near & (p[:, 1] < -0.004))


def _about_brows(p: Floats) -> Bools:
    near = (p[:, 2] > 0.006) & (p[:, 2] < 0.036) & (np.abs(p[:, 0]) < 0.07)
    return np.asarray(near & (p[:, 1] < 0.03))
