"""Eyeballs: sclera with veins, iris with fibres, and the cornea's clear dome."""

from __future__ import annotations

import numpy as np

from app.bake.body import EYEBALLS, Body
from app.bake.features import srgb
from app.bake.mesh import Floats, Ints
from app.bake.noise import fractal_noise, value_noise
from app.bake.parts import Part, moving, one_bone
from app.bake.person import PersonSpec
from app.bake.tone import smoothstep, to_linear, to_srgb

IRIS_RADIUS = 0.00590
CORNEA_RADIUS = 0.0092
_SECTORS = 26
_SCLERA_REACH = np.radians(105)


def _grid(rings: Floats, depth: Floats, closed: bool) -> tuple[Floats, Ints]:
    """Surface of revolution about -Y: radii and depths of its rings; `closed` adds a middle."""
    angle = np.arange(_SECTORS) / _SECTORS * 2 * np.pi
    points = np.stack(
        [
            rings[:, None] * np.cos(angle),
            np.broadcast_to(-depth[:, None], (len(rings), _SECTORS)),
            rings[:, None] * np.sin(angle),
        ],
        axis=-1,
    ).reshape(-1, 3)
    a = np.arange(_SECTORS)
    b = (a + 1) % _SECTORS
    faces = [
        np.stack(
            [k * _SECTORS + a, k * _SECTORS + b, (k + 1) * _SECTORS + b, (k + 1) * _SECTORS + a], 1
        )
        for k in range(len(rings) - 1)
    ]
    if closed:
        inner = (len(rings) - 1) * _SECTORS
        middle = np.full(_SECTORS, len(points))
        faces.append(np.stack([inner + a, inner + b, middle, np.full(_SECTORS, -1)], 1))
        tip = depth[-1] + (depth[-1] - depth[-2]) * 0.25
        points = np.concatenate([points, [[0, -tip, 0]]])
    return points, np.concatenate(faces)


def iris_radius(person: PersonSpec) -> float:
    """Radius of a person's iris, metres."""
    return IRIS_RADIUS * (0.93 + 0.14 * person.iris_size)


def eyeball(radius: float, wide: float) -> dict[str, tuple[Floats, Ints, Floats]]:
    """Vertices (metres, centre at the origin, gaze along -Y), faces and UV of the three shells.

    ``wide`` is the radius of the iris.
    """
    edge = np.arcsin(wide / radius)
    angles = np.concatenate([np.linspace(_SCLERA_REACH, 1.15, 5), np.linspace(0.95, edge, 5)])
    sclera, sclera_faces = _grid(radius * np.sin(angles), radius * np.cos(angles), False)
    limbus = radius * np.cos(edge)
    r = np.linspace(1, 0.12, 6) * wide
    sink = np.array([0.0, -0.00055, -0.00060, -0.00052, -0.00046, -0.00044])
    iris, iris_faces = _grid(r, limbus + sink, True)
    r = np.linspace(1.04, 0.14, 6) * wide
    dome = np.sqrt(CORNEA_RADIUS**2 - np.minimum(r, wide) ** 2)
    rise = dome - np.sqrt(CORNEA_RADIUS**2 - wide**2)
    depth = np.where(r > wide, np.sqrt(radius**2 - r**2) + 0.00003, limbus + rise + 0.00005)
    cornea, cornea_faces = _grid(r, depth, True)
    result = {}
    for name, points, faces in (
        ("sclera", sclera, sclera_faces),
        ("iris", iris, iris_faces),
        ("cornea", cornea, cornea_faces),
    ):
        flat = points[:, [0, 2]]
        length = np.maximum(np.linalg.norm(flat, axis=1), 1e-9)
        if name == "sclera":
            reach = np.arctan2(length, -points[:, 1]) / _SCLERA_REACH
        else:
            reach = length / (1.04 * wide)
        uv = 0.5 + 0.49 * reach[:, None] * flat / length[:, None]
        result[name] = (points, faces, uv[np.maximum(faces, 0)])
    return result


def gaze_frame(body: Body, side: str) -> Floats:
    """Rotation from the eyeball's frame to the world, shape (3, 3)."""
    ball = body.vertices[EYEBALLS[side]]
    centre = ball.mean(axis=0)
    front = ball.reshape(8, 9, 3)[:, 0].mean(axis=0) - centre
    y = -front / np.linalg.norm(front)
    x = np.cross(y, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    return np.stack([x, y, np.cross(x, y)], axis=1)


def best_rotation(start: Floats, end: Floats) -> Floats:
    """Rotation about the mean that best takes `start` to `end` (Kabsch, 1976)."""
    u, _, vt = np.linalg.svd((start - start.mean(0)).T @ (end - end.mean(0)))
    flip = np.diag([1, 1, np.sign(np.linalg.det(vt.T @ u.T))])
    rotation: Floats = vt.T @ flip @ u.T
    return rotation


def eye_parts(body: Body, person: PersonSpec) -> list[Part]:
    """``Eyes`` (sclera and iris) and ``Cornea``, skinned to the eye bones."""
    groups: dict[str, list[tuple[str, str]]] = {
        "Eyes": [(s, m) for s in "LR" for m in ("sclera", "iris")],
        "Cornea": [(s, "cornea") for s in "LR"],
    }
    parts = []
    for name, shells in groups.items():
        materials = tuple(dict.fromkeys(m for _, m in shells))
        vertices, faces, uvs, weights, material_of = [], [], [], [], []
        actions: dict[str, list[Floats]] = {k: [] for k in body.actions}
        count = 0
        for side, material in shells:
            ball = body.vertices[EYEBALLS[side]]
            centre = ball.mean(axis=0)
            radius = float(np.linalg.norm(ball - centre, axis=1).mean())
            points, some, uv = eyeball(radius, iris_radius(person))[material]
            local = points @ gaze_frame(body, side).T
            vertices.append(local + centre)
            faces.append(np.where(some >= 0, some + count, -1))
            uvs.append(uv)
            weights.append(one_bone(f"eye.{side}", len(points)))
            material_of.append(np.full(len(some), materials.index(material)))
            for action, offsets in body.actions.items():
                moved = offsets[EYEBALLS[side]]
                if np.abs(moved).max() > 1e-5:
                    turn = best_rotation(ball, ball + moved)
                    actions[action].append(local @ turn.T - local + moved.mean(axis=0))
                else:
                    actions[action].append(np.zeros_like(local))
            count += len(points)
        parts.append(
            Part(
                name=name,
                vertices=np.concatenate(vertices),
                faces=np.concatenate(faces),
                uv=np.concatenate(uvs),
                weights=np.concatenate(weights),
                materials=materials,
                material_of=np.concatenate(material_of),
                actions=moving({k: np.concatenate(v) for k, v in actions.items()}),
            )
        )
    return parts


def _disc(size: int) -> tuple[Floats, Floats, Floats]:
    """Radius (1 at the rim of the unit UV disc), angle and points of the texels, flattened."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, -axis)
    x, y = x.ravel() / 0.98, y.ravel() / 0.98
    return np.hypot(x, y), np.arctan2(y, x), np.column_stack([x, y, np.zeros_like(x)])


def iris_texture(person: PersonSpec, size: int) -> Floats:
    """sRGB picture of the iris, shape (size, size, 3), 0..1."""
    rng = person.rng("iris")
    radius, angle, flat = _disc(size)
    radius = radius * 1.04
    ring = np.column_stack([np.cos(angle), np.sin(angle), 0.06 * radius])
    fibre = 0.6 * fractal_noise(ring, 0.16, 2, rng) + 0.5 * fractal_noise(ring, 0.05, 2, rng)
    blot = fractal_noise(flat, 0.5, 3, rng)
    base = to_linear(np.array(srgb(person.eye_color)))
    warm = to_linear(np.array([0.55, 0.38, 0.18]))
    pupil, collarette = 0.37, 0.54
    tone = 0.85 + 0.34 * fibre + 0.12 * blot
    light = np.clip(tone, 0.25, 2.0)[:, None]
    edge = collarette + 0.05 * fractal_noise(ring, 0.5, 2, rng)
    middle = (0.55 * smoothstep(0.14, -0.10, radius - edge) * (0.6 + 0.25 * fibre))[:, None]
    linear = (
        base * (1 - middle) + (0.5 * base + 0.5 * warm * base.mean() / warm.mean() * 1.3) * middle
    )
    linear = linear * light
    linear *= (1 - 0.35 * np.exp(-(((radius - edge) / 0.035) ** 2)))[:, None]
    limbal = smoothstep(0.70, 0.98, radius + 0.02 * fibre)
    linear *= (1 - 0.80 * limbal)[:, None]
    linear *= (1 - 0.995 * smoothstep(pupil + 0.02, pupil - 0.02, radius + 0.006 * fibre))[:, None]
    return np.asarray(to_srgb(linear).reshape(size, size, 3))


def sclera_texture(person: PersonSpec, size: int) -> Floats:
    """sRGB picture of the white of the eye, shape (size, size, 3), 0..1."""
    rng = person.rng("sclera")
    radius, angle, flat = _disc(size)
    old = float(np.interp(person.age, [25, 80], [0, 1]))
    linear = np.tile(
        np.array([0.70, 0.665, 0.625]) - old * np.array([0.04, 0.06, 0.10]), (len(flat), 1)
    )
    warp = 0.10 * np.column_stack([value_noise(flat, 0.22, rng) for _ in range(3)])
    veins = np.zeros(len(flat))
    ring = np.column_stack([np.cos(angle), np.sin(angle), 0.35 * radius])
    for wavelength, strength in ((0.24, 0.8), (0.12, 0.45)):
        line = np.abs(value_noise(ring + warp, wavelength, rng))
        veins += strength * np.exp(-((line / 0.05) ** 2))
    edge = np.sin(np.arcsin(iris_radius(person) / 0.015)) / np.sin(_SCLERA_REACH) * 0.90
    far = smoothstep(edge * 0.9, 0.75, radius)
    sideways = np.abs(np.cos(angle))
    veins = (
        veins * far * (0.35 + 0.65 * sideways) * (0.5 + 0.3 * value_noise(flat, 0.4, rng)).clip(0)
    )
    blush = far * (0.35 + 0.3 * sideways) + 0.10 * person.skin_tone
    linear *= np.exp(-np.outer(0.55 * veins + 0.30 * blush, [0.25, 1.0, 0.9]))
    linear *= np.exp(
        -np.outer(0.10 * person.skin_tone + 0.05 * value_noise(flat, 0.3, rng), [0.6, 0.8, 1.2])
    )
    limbus = np.arcsin(iris_radius(person) / 0.015) / _SCLERA_REACH
    near = smoothstep(limbus * 1.22, limbus * 0.98, radius)
    iris = to_linear(np.array(srgb(person.eye_color))) * 0.25
    linear = linear * (1 - 0.85 * near[:, None]) + iris * 0.85 * near[:, None]
    return np.asarray(to_srgb(linear).reshape(size, size, 3))
