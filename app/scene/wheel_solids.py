"""A steering wheel as solids, in its own axes."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.geometry.rotations import Array
from app.scene.fabrics import clouds, color_of, encoded, leather, wood
from app.scene.solids import Bytes, Finish, Solid, placed, rounded_box, sheet, solid, tube
from app.scene.wheel import Wheel

Shape = tuple[Array, Array, Array]
_SIDES: Final = 20
_ALONG: Final = 96
DRIVER: Final = np.array([0.0, 0.0, -1.0])


def wheel_solids(wheel: Wheel) -> list[Solid]:
    """Rim, spokes, airbag, buttons and badge, not turned."""
    rng = np.random.default_rng([wheel.seed, 3])
    out = [_rim(wheel, rng), _hub(wheel, rng), _badge(wheel)]
    spokes, trims, buttons = [], [], []
    for angle in wheel.spokes:
        spokes.append(_spoke(wheel, angle))
        if wheel.controls and 60.0 < min(angle, 360.0 - angle) < 130.0:
            buttons += _buttons(wheel, angle, rng)
        if rng.random() < 0.6:
            trims.append(_spoke(wheel, angle, 0.35, -0.006))
    plastic = Finish(color_of(1.3 * c + 0.004 for c in wheel.color), 0.55, 0.4)
    metal = Finish(wheel.trim, 0.35, 0.5, 0.7 if max(wheel.trim) > 0.25 else 0.0)
    out += [solid(f"spoke{k}", s, plastic, "wheel") for k, s in enumerate(spokes)]
    out += [solid(f"trim{k}", s, metal, "wheel") for k, s in enumerate(trims)]
    keys = Finish((0.03, 0.03, 0.032), 0.5, 0.5)
    out += [solid(f"button{k}", s, keys, "wheel") for k, s in enumerate(buttons)]
    return out


def _rim(wheel: Wheel, rng: np.random.Generator) -> Solid:
    course = wheel.point(np.arange(_ALONG) * (12.0 / _ALONG))
    shape = tube(course, wheel.thickness, _SIDES, closed=True)
    points, triangles, _ = shape
    turn = np.repeat(np.arange(_ALONG) / _ALONG, _SIDES)
    around = np.tile(np.arange(_SIDES) / _SIDES, _ALONG)
    # texture coordinates that run once round the rim, without a seam across it
    uvs = np.column_stack([around, turn])
    picture = _cover(wheel, rng)
    finish = Finish((1.0, 1.0, 1.0), 0.5, 0.4, texture=picture)
    if wheel.cover == "wood":
        finish = Finish((1.0, 1.0, 1.0), 0.3, 0.5, texture=picture)
    elif wheel.cover == "suede":
        finish = Finish((1.0, 1.0, 1.0), 0.9, 0.2, texture=picture)
    points, triangles, uvs = _unwrapped(points, triangles, uvs)
    return solid("rim", (points, triangles, uvs), finish, "wheel")


def _unwrapped(points: Array, triangles: Array, uvs: Array) -> Shape:
    """Points doubled where texture coordinates would run backwards."""
    corner = uvs[triangles].copy()
    for axis in range(2):
        wide = np.ptp(corner[:, :, axis], axis=1) > 0.5
        values = corner[wide, :, axis]
        values[values < 0.5] += 1.0
        corner[wide, :, axis] = values
    key = np.column_stack([triangles.ravel(), np.round(corner.reshape(-1, 2) * 4096)]).astype(int)
    _, first, local = np.unique(key, axis=0, return_index=True, return_inverse=True)
    return points[triangles.ravel()[first]], local.reshape(-1, 3), corner.reshape(-1, 2)[first]


def _cover(wheel: Wheel, rng: np.random.Generator) -> Bytes:
    """The rim unrolled: columns round its section, rows clockwise from twelve, (512, 64, 3)."""
    rows, columns = 512, 64
    base = np.tile(leather(rng, wheel.color, 0.18), (4, 1, 1))[:, :columns]
    clock = 1.0 - (np.arange(rows) + 0.5) / rows
    hours = clock * 12.0
    picture = base.astype(np.uint8).copy()
    if wheel.cover == "wood":
        grain = np.tile(wood(rng, wheel.second).transpose(1, 0, 2), (4, 1, 1))[:, :columns]
        part = (np.abs(hours - 12.0) < 2.0) | (hours < 2.0) | (np.abs(hours - 6.0) < 1.6)
        if rng.random() < 0.3:
            part[:] = True
        picture[part] = grain[part]
    elif wheel.cover == "two-tone":
        other = np.tile(leather(rng, wheel.second, 0.15), (4, 1, 1))[:, :columns]
        part = (np.abs(hours - 9.0) < 1.3) | (np.abs(hours - 3.0) < 1.3)
        picture[part] = other[part]
    elif wheel.cover == "perforated":
        dots = np.zeros((rows, columns))
        dots[::4, ::4] = 1.0
        part = (np.abs(hours - 9.0) < 1.4) | (np.abs(hours - 3.0) < 1.4)
        picture[part] = (picture[part] * (1.0 - 0.5 * dots[part])[..., None]).astype(np.uint8)
    elif wheel.cover == "suede":
        fuzz = 1.0 + 0.2 * np.tile(clouds(rng, 128, 50), (4, 1))[:, :columns]
        picture = encoded(np.array(wheel.color) * 1.6 * np.maximum(fuzz, 0.2)[..., None])
    seam = encoded(np.array(wheel.stitching))
    stitches = (np.arange(rows) % 4) < 2
    middle = columns // 2 if rng.random() < 0.5 else 3 * columns // 4
    picture[stitches, middle - 1 : middle + 1] = seam
    return picture


def _hub(wheel: Wheel, rng: np.random.Generator) -> Solid:
    """The airbag's cover: a low dome whose outline is a superellipse."""
    wide, high, power = wheel.hub
    turn = np.linspace(0.0, 2.0 * np.pi, 49)[:-1]
    ring = np.stack(
        [
            wide * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2.0 / power),
            high * np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** (2.0 / power),
        ],
        axis=1,
    )
    taper = 1.0 - 0.18 * np.clip(-ring[:, 1] / high, 0.0, 1.0)
    ring[:, 0] *= taper
    levels = [
        (1.0, 0.035),
        (1.02, 0.012),
        (0.98, 0.0),
        (0.88, -0.008),
        (0.6, -0.013),
        (0.3, -0.015),
        (0.02, -0.0155),
    ]
    grid = np.stack(
        [
            np.column_stack([ring * share, np.full(len(ring), wheel.spoke_depth + depth)])
            for share, depth in levels
        ]
    )
    shape = sheet(grid, closed_columns=True, scale=0.15)
    color = color_of(1.15 * c + 0.003 for c in wheel.color)
    finish = Finish((1.0, 1.0, 1.0), 0.6, 0.4, texture=leather(rng, color, 0.1))
    return solid("hub", shape, finish, "wheel", toward=np.array([0.0, 0.0, -5.0]))


def _badge(wheel: Wheel) -> Solid:
    half = np.array([0.018, 0.013, 0.0025])
    shape = placed(rounded_box(half, 0.002, 2), np.array([0.0, 0.0, wheel.spoke_depth - 0.016]))
    return solid("badge", shape, Finish((0.6, 0.6, 0.62), 0.25, 0.5, 0.9), "wheel")


def _spoke(wheel: Wheel, angle: float, share: float = 1.0, lift: float = 0.0) -> Shape:
    """A flat bar from the hub to the rim; ``share`` of its width, ``lift`` towards the driver."""
    clock = angle / 30.0
    end = wheel.point(clock)
    way = end / np.linalg.norm(end)
    across = np.array([-way[1], way[0], 0.0])
    inner = 0.55 * min(wheel.hub[0], wheel.hub[1])
    outer = float(np.linalg.norm(end)) - 0.3 * wheel.thickness
    count = 9
    at = np.linspace(inner, outer, count)
    part = (at - inner) / (outer - inner)
    wide = wheel.spoke_width * (0.5 + 0.18 * (1.0 - part) ** 2 - 0.10 * part) * share
    if 130.0 < angle < 230.0:
        wide = wide * 0.8
    thick = 0.006 + 0.006 * (1.0 - part)
    depth = wheel.spoke_depth * (1.0 - part**2) + 0.004 * (1.0 - part) + lift
    turn = np.linspace(0.0, 2.0 * np.pi, 13)[:-1]
    flat = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.6
    deep = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.6
    grid = (
        at[:, None, None] * way
        + (wide[:, None] * flat)[..., None] * across
        + (depth[:, None] + thick[:, None] * deep)[..., None] * np.array([0.0, 0.0, 1.0])
    )
    shape = sheet(grid, closed_columns=True)
    return _outward(shape, at.mean() * way + np.array([0.0, 0.0, float(depth.mean())]))


def _outward(shape: Shape, middle: Array) -> Shape:
    points, triangles, uvs = shape
    a, b, c = (points[triangles[:, k]] for k in range(3))
    if (np.cross(b - a, c - a) * (a - middle)).sum() < 0.0:
        triangles = triangles[:, ::-1]
    return points, triangles, uvs


def _buttons(wheel: Wheel, angle: float, rng: np.random.Generator) -> list[Shape]:
    way = wheel.point(angle / 30.0)
    way = way / np.linalg.norm(way)
    out = []
    rows = int(rng.integers(1, 4))
    for k in range(rows):
        at = way * (wheel.hub[0] + 0.012 + 0.02 * k)
        half = np.array([0.007, 0.011, 0.003])
        depth = wheel.spoke_depth * 0.5 - 0.008
        out.append(placed(rounded_box(half, 0.0025, 2), at + np.array([0.0, 0.0, depth])))
    return out
