"""The close cap of hair over the scalp, and the knot behind it."""

from __future__ import annotations

import numpy as np

from app.bake.hair_styles import BUN, CROWN, PARTING, Style, style_of
from app.bake.head import SkinMesh, canonical_positions
from app.bake.mesh import Floats, clip
from app.bake.noise import fractal_noise
from app.bake.parts import Part, one_bone
from app.bake.person import PersonSpec
from app.bake.scalp import hairline_distance
from app.bake.strands import Surface, ribbons, unit, window_uv
from app.bake.tone import smoothstep

_PLAIN = 0.005  # metres: the cap without locks
_BUN_RADIUS = 0.033


def shell_rise(depth: Floats, thick: float, reach: float) -> Floats:
    """Height of the shell over the skin `depth` metres inside the hairline."""
    return np.asarray(0.0003 + thick * smoothstep(0.009, reach, depth))


def shell_part(skin: SkinMesh, surface: Surface, person: PersonSpec) -> Part | None:
    """A close cap over the scalp that lets no skin through between the locks."""
    if person.hair_style == "bald":
        return None
    hatted = person.hat.style != "none"
    rng = person.rng("shell")
    style = style_of(person)
    thick, reach = (style.shell, style.reach) if style else (_PLAIN, 0.030)
    wave = 0.0016 * fractal_noise(skin.canonical, 0.016, 2, rng)
    inside = hairline_distance(skin.canonical, person.gender, person.age) - 0.011 + wave
    inside = np.where(skin.canonical[:, 1] < -0.04, -1, inside)
    mesh = clip(skin.mesh, np.where(np.abs(inside) < 1e-7, 1e-7, inside))
    canonical = np.asarray(mesh.carry @ canonical_positions())
    distance, index = skin.tree.query(canonical, k=3)
    share = 1 / np.maximum(distance, 1e-7)
    share /= share.sum(axis=1, keepdims=True)
    vertices = (share[..., None] * surface.part.vertices[index]).sum(axis=1)
    exact = distance[:, 0] < 1e-7
    vertices[exact] = surface.part.vertices[index[exact, 0]]
    normals = unit((share[..., None] * surface.normals[index]).sum(axis=1))
    depth = hairline_distance(canonical, person.gender, person.age)
    lumps = 1 + 0.10 * fractal_noise(canonical, 0.022, 2, rng) * (thick > 0.02)
    if hatted:
        thick = min(thick, 0.004)
    vertices = vertices + normals * (shell_rise(depth, thick, reach) * lumps)[:, None]
    uv = _shell_uv(canonical, person.hair_style)[np.maximum(mesh.faces, 0)]
    return Part(
        name="HairShell",
        vertices=vertices,
        faces=mesh.faces,
        uv=uv,
        weights=one_bone("head", len(vertices)),
        materials=("hair",),
        material_of=np.zeros(len(mesh.faces), dtype=np.int64),
    )


def _shell_uv(p: Floats, style: str) -> Floats:
    """Streaks of the shell run as the hair over it is combed."""
    if style in ("bob", "long", "fringe"):
        across = np.clip(0.03 + np.abs(p[:, 0] - PARTING) / 0.2, 0, 0.98)
        return np.column_stack([(p[:, 1] + 0.06) / 0.26, across])
    if style == "afro":
        return np.asarray(np.column_stack([p[:, 0] + p[:, 1], p[:, 2]]) * 6)
    from_crown = p - (BUN if style == "bun" else CROWN)
    azimuth = np.arctan2(from_crown[:, 0], -from_crown[:, 1])
    if style == "bun":
        azimuth = np.arctan2(from_crown[:, 0], from_crown[:, 2])
    radius = np.clip(np.linalg.norm(from_crown, axis=1) / 0.22, 0, 0.98)
    return np.stack([np.abs(azimuth / np.pi), radius], axis=1)


def bun_part(surface: Surface, person: PersonSpec, style: Style | None) -> Part | None:
    """A knot of hair behind the head, wound of ribbons; None for other styles."""
    if style is None or not style.bun or person.hat.style != "none":
        return None
    rng = person.rng("bun")
    radius = _BUN_RADIUS * (0.85 + 0.4 * person.gender * rng.random())
    index = int(np.argmin(np.linalg.norm(surface.canonical - BUN, axis=1)))
    out = unit(surface.normals[index] + [0.0, 0.4, 0.35])
    centre = surface.part.vertices[index] + out * (radius * 0.72)
    side = unit(np.cross(out, [1.0, 0.0, 0.0]))
    frame = np.stack([np.cross(side, out), side, out], axis=1)
    count, points = 170, 7
    latitude = np.linspace(-0.55, 0.98, points) * (np.pi / 2) * rng.uniform(0.93, 1.0, (count, 1))
    turn = rng.uniform(0, 2 * np.pi, (count, 1)) + np.linspace(0, 2.3, points)
    ball = np.stack(
        [np.cos(latitude) * np.cos(turn), np.cos(latitude) * np.sin(turn), np.sin(latitude)], -1
    )
    away = ball @ frame.T
    size = radius * rng.uniform(0.93, 1.04, (count, 1, 1)) * np.array([1.0, 1.0, 0.82])
    path = centre + (ball * size) @ frame.T
    along = unit(np.gradient(path, axis=1))
    across = unit(np.cross(along, away) + 0.06 * rng.normal(size=(count, 1, 3)))
    width = 0.0105 * np.cos(latitude).clip(0.25, 1) * rng.uniform(0.7, 1.2, (count, 1))
    vertices, faces, uv = ribbons(path, across, width)
    corner = window_uv(uv, count, faces, 0.20, rng)
    sides = np.repeat(away[:, :-1], 2, axis=1)
    normals = unit(np.concatenate([sides, away[:, -1:]], axis=1)).reshape(-1, 3)
    return Part(
        name="HairBun",
        vertices=vertices.reshape(-1, 3),
        faces=faces,
        uv=corner,
        weights=one_bone("head", len(normals)),
        materials=("hair",),
        material_of=np.zeros(len(faces), dtype=np.int64),
        normals=normals,
    )
