"""Locks of hair: ribbons that grow from the scalp and are combed over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from app.bake.body import BODY_VERTICES, BONES, Body
from app.bake.hair_shell import shell_rise
from app.bake.hair_styles import PARTING, Style, of_fringe, style_of
from app.bake.head import canonical_positions, collar
from app.bake.headwear import hat_height
from app.bake.mesh import Bools, Floats, Ints
from app.bake.noise import fractal_noise, value_noise
from app.bake.parts import Part, one_bone
from app.bake.person import PersonSpec
from app.bake.scalp import hairline_distance
from app.bake.strands import Surface, ribbons, scatter, unit, window_uv
from app.bake.tone import smoothstep

_SUBSTEPS = 4
_RISE = 0.012  # metres along a lock until it has left the shell
_CLOTH = 0.010  # metres of shirt over the shoulders
_PRESSED = 0.003  # metres of hair under a hat


@dataclass(frozen=True, eq=False)
class _Ground:
    """What locks lie on: the skin and, for long hair, the clothed shoulders."""

    tree: cKDTree
    points: Floats
    normals: Floats
    centre: Floats

    @staticmethod
    def of(surface: Surface, body: Body, style: Style) -> _Ground:
        front = surface.canonical[:, 2] > -0.2
        points, normals = surface.part.vertices[front], surface.normals[front]
        if style.long:
            p = canonical_positions()[:BODY_VERTICES]
            worn = (collar(p) < 0.15) & (p[:, 2] < -0.10) & (p[:, 2] > -0.45)
            clothed = body.vertices[:BODY_VERTICES] + _CLOTH * body.normals
            points = np.concatenate([points, clothed[worn]])
            normals = np.concatenate([normals, body.normals[worn]])
        centre = surface.part.vertices.mean(axis=0) - surface.canonical.mean(axis=0)
        return _Ground(cKDTree(points), points, normals, centre)

    def clearance(self, at: Floats) -> tuple[Floats, Floats]:
        """Height over the ground of points, shape (..., 3), and which way is off it."""
        _, index = self.tree.query(at, k=4)
        away = unit(_total(self.normals, index))
        below = _total(self.points, index) / index.shape[-1]
        height: Floats = np.einsum("...k,...k->...", at - below, away)
        return height, away


def _total(values: Floats, index: Ints) -> Floats:
    """Sum over the last axis of an index, shape (..., K), of rows of values, shape (N, 3)."""
    total: Floats = values[index[..., 0]]
    for k in range(1, index.shape[-1]):
        total += values[index[..., k]]
    return total


def lock_part(surface: Surface, person: PersonSpec, body: Body) -> Part | None:
    """The combed locks, or None for the plain cap and a bald head."""
    style = style_of(person)
    if style is None:
        return None
    rng = person.rng("hair")
    depth = hairline_distance(surface.canonical, person.gender, person.age)
    depth = np.where(surface.canonical[:, 1] < -0.04, -1, depth)
    allowed = (depth[surface.triangles] > -0.004).all(axis=1)
    roots = scatter(surface, int(style.locks * 2.4), rng, allowed)
    canonical = roots.interpolate(surface.canonical)
    roots = roots.take(np.flatnonzero(rng.random(len(canonical)) < style.share(canonical)))
    canonical = roots.interpolate(surface.canonical)
    within = hairline_distance(canonical, person.gender, person.age)
    fit = within + 0.002 * fractal_noise(canonical, 0.012, 2, rng) > style.hairline
    roots = roots.take(np.flatnonzero(fit)[: style.locks])
    canonical = roots.interpolate(surface.canonical)
    within = hairline_distance(canonical, person.gender, person.age)

    ground = _Ground.of(surface, body, style)
    start = roots.interpolate(surface.part.vertices)
    normal = unit(roots.interpolate(surface.normals))
    edge = smoothstep(0.0, 0.025, within)
    comb = (
        style.comb(canonical)
        + 0.10 * np.column_stack([value_noise(canonical, 0.02, rng) for _ in range(3)])
        + rng.normal(0, 0.03, (len(start), 3))
    )
    comb = unit(comb - (comb * normal).sum(1, keepdims=True) * normal)
    length = style.length(canonical) * (0.55 + 0.45 * edge) * rng.uniform(0.88, 1.06, len(start))
    height = shell_rise(within, style.shell, style.reach)
    if style.shell > 0.02:
        start = start + normal * (0.8 * height)[:, None]
    height = height + 0.0006
    height += style.volume * (0.12 + 0.88 * edge) * rng.uniform(0.1, 1.0, len(start))
    over = of_fringe(canonical) & (style.fringe is not None)
    path = _march(ground, start, normal, comb, length, height, style, over)
    if not style.curl:
        path = _together(path, canonical)
    path = _smooth(_above(ground, path, length, height, style))
    path = path[:, _knots(style.segments)]
    out = _out(ground, path, height, person, style, over)
    path, within, length = path[~out], within[~out], length[~out]
    if person.hat.style != "none":
        path = _pressed(ground, path)
    if style.curl:
        path = _curled(path, length, style, rng)
    return _part(ground, path, within, style, rng, body)


def _part(
    ground: _Ground,
    path: Floats,
    within: Floats,
    style: Style,
    rng: np.random.Generator,
    body: Body,
) -> Part:
    """Ribbons along paths, shape (R, K, 3), shaded as the head under them."""
    step = np.diff(path, axis=1)
    along = unit(np.concatenate([step, step[:, -1:]], axis=1))
    _, away = ground.clearance(path)
    across = unit(np.cross(along, away))
    twist = rng.normal(0, 0.5 if style.curl else 0.06, (len(path), 1, 1))
    across = unit(across + twist * away)
    profile = np.interp(
        np.linspace(0, 1, style.segments + 1), [0, 0.25, 0.84, 1], [0.25, 1, 0.85, 0]
    )
    edge = smoothstep(0.0, 0.025, within)
    size = style.width * (0.45 + 0.55 * edge) * rng.uniform(0.6, 1.25, len(path))
    vertices, faces, uv = ribbons(path, across, size[:, None] * profile)
    corner = window_uv(uv, len(path), faces, 0.20, rng)
    tilt = style.tilt * across
    sides = np.stack([away - tilt, away + tilt], axis=2)[:, :-1].reshape(len(path), -1, 3)
    normals = unit(np.concatenate([sides, away[:, -1:]], axis=1)).reshape(-1, 3)
    flat = vertices.reshape(-1, 3)
    return Part(
        name="Hair",
        vertices=flat,
        faces=faces,
        uv=corner,
        weights=_hang(flat, body) if style.long else one_bone("head", len(flat)),
        materials=("hair",),
        material_of=np.zeros(len(faces), dtype=np.int64),
        normals=normals,
    )


def _hang(vertices: Floats, body: Body) -> Floats:
    """Weights of long hair: it turns with the head above and rests on the shoulders below."""
    low = vertices[:, 2] - body.head_centre[2]
    names = [name for name, _ in BONES]
    weights = np.zeros((len(vertices), len(BONES)))
    knots = [-0.215, -0.165, -0.115, -0.065]
    for bone, heights in (
        ("head", [0.0, 0.0, 0.0, 1.0]),
        ("neck02", [0.0, 0.0, 1.0, 0.0]),
        ("neck01", [0.0, 1.0, 0.0, 0.0]),
        ("spine01", [1.0, 0.0, 0.0, 0.0]),
    ):
        weights[:, names.index(bone)] = np.interp(low, knots, heights)
    return weights


def _march(
    ground: _Ground,
    start: Floats,
    normal: Floats,
    comb: Floats,
    length: Floats,
    height: Floats,
    style: Style,
    over: Bools,
) -> Floats:
    """Grow locks step by step: leave the scalp, follow the comb, fall, stay off the skin.

    `over` says which may fall over the forehead.
    """
    count = style.segments * _SUBSTEPS
    step = (length / count)[:, None]
    here = start + normal * 0.0006
    direction = unit(comb + style.lift * normal)
    path = [here]
    down = np.array([0.0, 0.0, -1.0])
    aside = np.where(over, 0.0, 1.0)[:, None]
    for k in range(count):
        progress = (k + 1) / count
        direction = unit(direction + style.gravity * 1.1 * step / 0.03 * down)
        here = here + direction * step
        clearance, away = ground.clearance(np.asarray(here))
        wanted = _wanted(height, progress * length, style)
        low = smoothstep(-0.02, 0.05, (here - ground.centre)[:, 2])
        pull = 0.35 if style.gravity < 0.6 else 0.12 + 0.25 * low
        pull = np.where(over, 0.5, pull)
        push = np.maximum(wanted - clearance, 0) * 0.7 + np.minimum(wanted * 1.3 - clearance, 0) * (
            pull
        )
        here = here + away * push[:, None]
        here = here + _clear_of_face(here - ground.centre) * step * aside
        tangent = unit(here - path[-1])
        direction = unit(0.75 * direction + 0.25 * tangent)
        into = np.minimum((direction * away).sum(axis=1, keepdims=True), 0)
        direction = unit(direction - 0.9 * into * away)
        path.append(here)
    return np.stack(path, axis=1)


def _wanted(height: Floats, travelled: Floats, style: Style) -> Floats:
    """How high over the skin locks want to be after a way along them, metres."""
    if style.shell > 0.02:
        return height
    return np.asarray(height * np.minimum(1.0, travelled / _RISE))


def _together(path: Floats, canonical: Floats) -> Floats:
    """Paths, shape (R, K, 3), that mostly run as their neighbours on the same side do."""
    side = np.where(canonical[:, :1] > PARTING, 0.05, -0.05)
    fore = 0.05 * of_fringe(canonical)[:, None]
    place = np.hstack([canonical, side, fore])
    _, near = cKDTree(place).query(place, k=10)
    course = path - path[:, :1]
    mean = course[near].mean(axis=1)
    return np.asarray(path[:, :1] + 0.3 * course + 0.7 * mean)


def _above(ground: _Ground, path: Floats, length: Floats, height: Floats, style: Style) -> Floats:
    """Paths, shape (R, K, 3), nowhere lower over the skin than they were meant to be."""
    clearance, away = ground.clearance(path)
    travelled = np.linspace(0, 1, path.shape[1]) * length[:, None]
    wanted = _wanted(height[:, None], travelled, style)
    return np.asarray(path + away * np.maximum(wanted - clearance, 0)[..., None])


def _pressed(ground: _Ground, path: Floats) -> Floats:
    """Paths, shape (R, K, 3), pressed to the head where a hat lies over them."""
    covered = hat_height((path - ground.centre).reshape(-1, 3)).reshape(path.shape[:2]) > -0.006
    clearance, away = ground.clearance(path)
    down = np.maximum(clearance - _PRESSED, 0) * covered
    return np.asarray(path - away * down[..., None])


def _curled(path: Floats, length: Floats, style: Style, rng: np.random.Generator) -> Floats:
    """Paths wound about their own course."""
    along = unit(np.gradient(path, axis=1))
    across = unit(np.cross(along, rng.normal(size=(len(path), 1, 3))))
    other = np.cross(along, across)
    way = np.linspace(0, 1, path.shape[1]) * length[:, None]
    turn = 2 * np.pi * way / style.wave * rng.uniform(0.8, 1.25, (len(path), 1))
    turn = turn + rng.uniform(0, 2 * np.pi, (len(path), 1))
    radius = style.curl * np.minimum(1.0, way / 0.015) * rng.uniform(0.5, 1.2, (len(path), 1))
    wound = np.cos(turn)[..., None] * across + np.sin(turn)[..., None] * other
    return np.asarray(path + radius[..., None] * wound)


def _knots(segments: int) -> Ints:
    """Which of the steps become points of the ribbon: closer at the root, where locks bend."""
    share = np.linspace(0, 1, segments + 1)
    power = 1.35 if segments > 3 else 1.0
    return np.asarray(np.round(segments * _SUBSTEPS * share**power), dtype=np.int64)


def _smooth(path: Floats) -> Floats:
    """Paths, shape (R, K, 3), without kinks; their ends stay."""
    smooth = path.copy()
    for _ in range(4):
        smooth[:, 1:-1] = 0.5 * smooth[:, 1:-1] + 0.25 * (smooth[:, :-2] + smooth[:, 2:])
    return smooth


def _clear_of_face(p: Floats) -> Floats:
    """Where hair in front of the face is pushed: to its side and back; positions as canonical."""
    front = smoothstep(0.045, 0.010, p[:, 1]) * smoothstep(0.062, 0.045, p[:, 2])
    middle = smoothstep(0.078, 0.060, np.abs(p[:, 0]))
    side = np.where(p[:, 0] > 0.0, 1.0, -1.0)
    force = 1.1 * front * middle
    return np.column_stack([side * force, 0.9 * force, 0 * force])


def _out(
    ground: _Ground,
    path: Floats,
    height: Floats,
    person: PersonSpec,
    style: Style,
    over: Bools,
) -> Bools:
    """Which paths, shape (R, K, 3), run where no hair of the style does."""
    p = path - ground.centre
    lowest = 0.052 if style.fringe is None else style.fringe
    floor = np.where(over, lowest, 0.052)[:, None]
    before: Bools = (p[..., 1] < 0.012) & (p[..., 2] < floor) & (np.abs(p[..., 0]) < 0.064)
    clearance, _ = ground.clearance(path)
    slack = np.where(over, 1.8, 1.35)[:, None]
    stands = (p[..., 2] > 0.03) & (clearance > slack * height[:, None] + 0.001)
    depth = hairline_distance(p.reshape(-1, 3), person.gender, person.age).reshape(p.shape[:2])
    middle = (np.abs(p[..., 0]) < 0.042) & (p[..., 1] < 0.03)
    hangs = middle & (depth < 0.002) & ~over[:, None]
    throat = (p[..., 2] < -0.09) & (p[..., 1] < 0.075) & (np.abs(p[..., 0]) < 0.055)
    hangs |= throat
    high = style.shell > 0.02 or style.curl > 0
    dropped = before | hangs if high else before | stands | hangs
    return np.asarray(dropped.any(axis=1))
