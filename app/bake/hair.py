"""Hair: a close shell over the scalp and locks of ribbons combed over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from app.bake.features import srgb
from app.bake.head import SkinMesh
from app.bake.mesh import Bools, Floats, Ints, clip
from app.bake.noise import fractal_noise, value_noise
from app.bake.parts import Part, one_bone
from app.bake.person import PersonSpec
from app.bake.scalp import hairline_distance
from app.bake.strands import Surface, ribbons, scatter, unit, window_uv
from app.bake.tone import smoothstep, to_linear, to_srgb

_SUBSTEPS = 4
_RISE = 0.012  # metres along a lock until it has left the shell
CROWN = np.array([0.012, 0.125, 0.098])
PARTING = 0.024  # metres to the left of the middle


@dataclass(frozen=True)
class Style:
    """How hair is combed.

    Attributes
    ----------
    locks : int
    segments : int
        Pieces of a ribbon.
    width : float
        Metres at the widest.
    length : callable
        Length in metres from canonical root positions, shape (R, 3).
    comb : callable
        Tangent direction from canonical root positions, shape (R, 3).
    hairline : float
        How far inside the hairline locks begin, metres.
    tilt : float
        How round a lock is shaded across, 0 flat to 1.
    lift : float
        How much a lock leaves the scalp before it bends.
    gravity : float
    volume : float
        Greatest height over the shell, metres.
    shell : float
        Height of the shell under the locks, metres.
    share : callable
        Share of locks kept at canonical root positions, 0..1, shape (R,).
    """

    locks: int
    segments: int
    width: float
    length: Callable[[Floats], Floats]
    comb: Callable[[Floats], Floats]
    hairline: float
    tilt: float
    lift: float
    gravity: float
    volume: float
    shell: float
    share: Callable[[Floats], Floats]


def _from_crown(p: Floats) -> Floats:
    return unit(p - CROWN)


def _swept(p: Floats) -> Floats:
    """From the crown outwards; the top of the front goes to the person's right and back."""
    top = smoothstep(0.045, 0.085, p[:, 2])[:, None]
    front = smoothstep(0.05, -0.01, p[:, 1])[:, None]
    sideways = np.array([-0.85, -0.25, 0.25])
    return unit(_from_crown(p) * (1 - 0.85 * top * front) + sideways * top * front)


def _parted(p: Floats) -> Floats:
    """Away from a parting left of the middle, then down and a little back."""
    side = np.tanh((p[:, 0] - PARTING) / 0.012)
    back = smoothstep(0.07, 0.13, p[:, 1])
    away = np.column_stack([side, np.full(len(p), 0.55), np.full(len(p), -0.30)])
    behind = np.column_stack([0.3 * side, np.ones(len(p)) * 0.5, -np.ones(len(p))])
    return unit(away * (1 - back[:, None]) + behind * back[:, None])


def _short_length(p: Floats) -> Floats:
    top = smoothstep(0.02, 0.08, p[:, 2])
    front = smoothstep(0.06, -0.02, p[:, 1])
    return np.asarray(0.015 + top * (0.020 + 0.010 * front))


def _bob_length(p: Floats) -> Floats:
    """Long enough that every lock ends near the same height, at the jaw."""
    end = -0.085 - 0.012 * smoothstep(0.0, 0.1, p[:, 1])
    over = np.maximum(0.0, p[:, 2] - 0.03) * 0.55 + 0.02
    return np.asarray(np.clip(p[:, 2] - end + over, 0.05, 0.30))


def _evenly(p: Floats) -> Floats:
    return np.full(len(p), 0.7)


def _at_parting(p: Floats) -> Floats:
    """Most at the parting and its ends, least low on the head, where locks from above lie."""
    near = np.exp(-(((p[:, 0] - PARTING) / 0.022) ** 2)) * smoothstep(0.16, 0.12, p[:, 1])
    return 0.22 + 0.78 * np.maximum(near, smoothstep(0.05, 0.085, p[:, 2]) * 0.45)


STYLES: dict[str, Style] = {
    "crop": Style(
        locks=2400, segments=2, width=0.0020, length=lambda p: np.full(len(p), 0.006),
        tilt=0.3, hairline=0.011,
        comb=_from_crown, lift=0.1, gravity=0.1, volume=0.0012, shell=0.0026, share=_evenly,
    ),
    "short": Style(
        locks=1900, segments=3, width=0.0036, length=_short_length, tilt=0.35,
        hairline=0.004,
        comb=_swept, lift=0.05, gravity=0.25, volume=0.0034, shell=0.0045, share=_evenly,
    ),
    "bob": Style(
        locks=1000, segments=6, width=0.0070, length=_bob_length, tilt=0.2, hairline=0.007,
        comb=_parted, lift=0.25, gravity=1.0, volume=0.0042, shell=0.0060, share=_at_parting,
    ),
}  # fmt: skip


def shell_part(skin: SkinMesh, surface: Surface, person: PersonSpec) -> Part:
    """A close cap over the scalp that lets no skin through between the locks."""
    rng = person.rng("shell")
    wave = 0.0016 * fractal_noise(skin.canonical, 0.016, 2, rng)
    inside = hairline_distance(skin.canonical, person.gender, person.age) - 0.011 + wave
    inside = np.where(skin.canonical[:, 1] < -0.04, -1, inside)
    mesh = clip(skin.mesh, np.where(np.abs(inside) < 1e-7, 1e-7, inside))
    thick = STYLES[person.hair_style].shell if person.hair_style in STYLES else 0.005
    lookup = cKDTree(skin.canonical)
    base_canonical = _canonical_of(skin, mesh.carry)
    distance, index = lookup.query(base_canonical, k=3)
    share = 1 / np.maximum(distance, 1e-7)
    share /= share.sum(axis=1, keepdims=True)
    vertices = (share[..., None] * surface.part.vertices[index]).sum(axis=1)
    exact = distance[:, 0] < 1e-7
    vertices[exact] = surface.part.vertices[index[exact, 0]]
    normals = unit((share[..., None] * surface.normals[index]).sum(axis=1))
    depth = hairline_distance(base_canonical, person.gender, person.age)
    vertices = vertices + normals * _shell_rise(depth, thick)[:, None]
    uv = _shell_uv(base_canonical, person.hair_style)[np.maximum(mesh.faces, 0)]
    return Part(
        name="HairShell",
        vertices=vertices,
        faces=mesh.faces,
        uv=uv,
        weights=one_bone("head", len(vertices)),
        materials=("hair",),
        material_of=np.zeros(len(mesh.faces), dtype=np.int64),
    )


def _shell_rise(depth: Floats, thick: float) -> Floats:
    """Height of the shell over the skin `depth` metres inside the hairline."""
    return 0.0003 + thick * smoothstep(0.009, 0.030, depth)


def _shell_uv(p: Floats, style: str) -> Floats:
    """Streaks of the shell run as the hair over it is combed."""
    if style == "bob":
        across = np.clip(0.03 + np.abs(p[:, 0] - PARTING) / 0.2, 0, 0.98)
        return np.column_stack([(p[:, 1] + 0.06) / 0.26, across])
    from_crown = p - CROWN
    azimuth = np.arctan2(from_crown[:, 0], -from_crown[:, 1])
    radius = np.clip(np.linalg.norm(from_crown, axis=1) / 0.22, 0, 0.98)
    return np.column_stack([np.abs(azimuth / np.pi), radius])


def _canonical_of(skin: SkinMesh, carry: object) -> Floats:
    from app.bake.head import canonical_positions

    return np.asarray(carry @ canonical_positions())  # type: ignore[operator]


def lock_part(surface: Surface, person: PersonSpec) -> Part | None:
    """The combed locks, or None for the plain cap."""
    if person.hair_style not in STYLES:
        return None
    style = STYLES[person.hair_style]
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
    height = _shell_rise(within, style.shell)
    height += 0.0006 + style.volume * (0.12 + 0.88 * edge) * rng.uniform(0.1, 1.0, len(start))
    path = _march(surface, start, normal, comb, length, height, style)
    path = _smooth(_above(surface, _together(path, canonical), length, height))
    path = path[:, _knots(style.segments)]
    centre = surface.part.vertices.mean(axis=0) - surface.canonical.mean(axis=0)
    out = _crosses_face(path - centre) | _stands_off(surface, path, height, centre)
    out |= _over_forehead(path - centre, person)
    path, within = _without(out, path, within)
    step = np.diff(path, axis=1)
    along = unit(np.concatenate([step, step[:, -1:]], axis=1))
    away = _outward(surface, path)
    across = unit(np.cross(along, away))
    twist = rng.normal(0, 0.06, (len(path), 1, 1))
    across = unit(across + twist * away)
    profile = np.interp(
        np.linspace(0, 1, style.segments + 1), [0, 0.25, 0.84, 1], [0.25, 1, 0.85, 0]
    )
    edge = smoothstep(0.0, 0.025, within)
    size = style.width * (0.45 + 0.55 * edge) * rng.uniform(0.6, 1.25, len(path))
    vertices, faces, uv = ribbons(path, across, size[:, None] * profile)
    corner = window_uv(uv, len(path), faces, 0.20, rng)
    count = vertices.shape[0] * vertices.shape[1]
    away = _outward(surface, path)
    tilt = style.tilt * across
    sides = np.stack([away - tilt, away + tilt], axis=2)[:, :-1].reshape(len(path), -1, 3)
    normals = unit(np.concatenate([sides, away[:, -1:]], axis=1)).reshape(-1, 3)
    return Part(
        name="Hair",
        vertices=vertices.reshape(-1, 3),
        faces=faces,
        uv=corner,
        weights=one_bone("head", count),
        materials=("hair",),
        material_of=np.zeros(len(faces), dtype=np.int64),
        normals=normals,
    )


def _proxy(surface: Surface) -> tuple[cKDTree, Floats, Floats]:
    front = surface.canonical[:, 2] > -0.2
    points, normals = surface.part.vertices[front], surface.normals[front]
    return cKDTree(points), points, normals


def _outward(surface: Surface, path: Floats) -> Floats:
    tree, _, normals = _proxy(surface)
    _, index = tree.query(path.reshape(-1, 3), k=6)
    return unit(normals[index].mean(axis=1)).reshape(path.shape)


def _march(
    surface: Surface,
    start: Floats,
    normal: Floats,
    comb: Floats,
    length: Floats,
    height: Floats,
    style: Style,
) -> Floats:
    """Grow locks step by step: leave the scalp, follow the comb, fall, stay off the skin."""
    tree, points, normals = _proxy(surface)
    count = style.segments * _SUBSTEPS
    step = (length / count)[:, None]
    here = start + normal * 0.0006
    direction = unit(comb + style.lift * normal)
    path = [here]
    centre = surface.part.vertices.mean(axis=0) - surface.canonical.mean(axis=0)
    down = np.array([0.0, 0.0, -1.0])
    for k in range(count):
        progress = (k + 1) / count
        direction = unit(direction + style.gravity * 1.1 * step / 0.03 * down)
        here = here + direction * step
        _, index = tree.query(here, k=4)
        away = unit(normals[index].mean(axis=1))
        clearance = ((here - points[index].mean(axis=1)) * away).sum(axis=1)
        wanted = height * np.minimum(1.0, progress * length / _RISE)
        push = np.maximum(wanted - clearance, 0) * 0.7 + np.minimum(wanted * 1.3 - clearance, 0) * (
            0.35
            if style.gravity < 0.6
            else 0.12 + 0.25 * smoothstep(-0.02, 0.05, (here - centre)[:, 2])
        )
        here = here + away * push[:, None]
        here = here + _clear_of_face(here - centre) * step
        tangent = unit(here - path[-1])
        direction = unit(0.75 * direction + 0.25 * tangent)
        into = np.minimum((direction * away).sum(axis=1, keepdims=True), 0)
        direction = unit(direction - 0.9 * into * away)
        path.append(here)
    return np.stack(path, axis=1)


def _together(path: Floats, canonical: Floats) -> Floats:
    """Paths, shape (R, K, 3), that mostly run as their neighbours on the same side do."""
    side = np.where(canonical[:, :1] > PARTING, 0.05, -0.05)
    _, near = cKDTree(np.hstack([canonical, side])).query(np.hstack([canonical, side]), k=10)
    course = path - path[:, :1]
    mean = course[near].mean(axis=1)
    return np.asarray(path[:, :1] + 0.3 * course + 0.7 * mean)


def _clearance(surface: Surface, path: Floats) -> tuple[Floats, Floats]:
    """Height of paths, shape (R, K, 3), over the skin, shape (R, K), and which way is off it."""
    tree, points, normals = _proxy(surface)
    _, index = tree.query(path, k=4)
    away = unit(normals[index].mean(axis=2))
    return ((path - points[index].mean(axis=2)) * away).sum(axis=2), away


def _above(surface: Surface, path: Floats, length: Floats, height: Floats) -> Floats:
    """Paths, shape (R, K, 3), nowhere lower over the skin than they were meant to be."""
    clearance, away = _clearance(surface, path)
    travelled = np.linspace(0, 1, path.shape[1]) * length[:, None]
    wanted = height[:, None] * np.minimum(1.0, travelled / _RISE)
    return np.asarray(path + away * np.maximum(wanted - clearance, 0)[..., None])


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


def _crosses_face(p: Floats) -> Bools:
    """Which paths, shape (R, K, 3), come before the face between brows and temples."""
    before = (p[..., 1] < 0.012) & (p[..., 2] < 0.052) & (np.abs(p[..., 0]) < 0.064)
    return np.asarray(before.any(axis=1))


def _over_forehead(p: Floats, person: PersonSpec) -> Bools:
    """Which paths, shape (R, K, 3), hang before the hairline between the temples."""
    depth = hairline_distance(p.reshape(-1, 3), person.gender, person.age).reshape(p.shape[:2])
    middle = (np.abs(p[..., 0]) < 0.042) & (p[..., 1] < 0.03)
    return np.asarray((middle & (depth < 0.002)).any(axis=1))


def _stands_off(surface: Surface, path: Floats, height: Floats, centre: Floats) -> Bools:
    """Which paths, shape (R, K, 3), leave the hair on the upper head."""
    clearance, _ = _clearance(surface, path)
    above = (path - centre)[..., 2] > 0.03
    return np.asarray((above & (clearance > 1.35 * height[:, None] + 0.001)).any(axis=1))


def _without(dropped: Bools, *arrays: Floats) -> tuple[Floats, ...]:
    return tuple(array[~dropped] for array in arrays)


def hair_texture(person: PersonSpec, size: int) -> tuple[Floats, Floats]:
    """Streaked strip of hair: sRGB picture, shape (size, size, 3), and height, metres."""
    rng = person.rng("hair-texture")
    axis = (np.arange(size) + 0.5) / size
    u, v = np.meshgrid(axis, 1 - axis)
    flat = np.column_stack([u.ravel(), v.ravel(), np.zeros(size * size)])
    streak = 0.7 * value_noise(flat, np.array([0.010, 0.9, 1.0]), rng)
    streak += 0.7 * value_noise(flat, np.array([0.0045, 0.6, 1.0]), rng)
    lock = value_noise(flat, np.array([0.05, 1.5, 1.0]), rng)
    if person.hair_style == "crop":
        streak = 2.5 * fractal_noise(flat, 0.012, 2, rng)
        lock = 0.6 * fractal_noise(flat, 0.06, 2, rng)
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
