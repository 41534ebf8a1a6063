"""Doors, pillars, roof and floor of an interior."""

from __future__ import annotations

import numpy as np

from app.scene.cabin import Cabin
from app.scene.cabin_parts import INSIDE, about_x, grained, pillar, smooth
from app.scene.fabrics import color_of, leather
from app.scene.solids import Finish, Solid, placed, rounded_box, sheet, solid, tube


def doors(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
    """Both sides: doors, pillars, outer mirrors."""
    m, p = cabin.measures, cabin.palette
    out: list[Solid] = []
    for side, edge in ((1.0, m.door), (-1.0, -(2.0 * m.centre + m.door))):
        stations = np.linspace(-1.0, 1.65, 20)
        shape = [
            (0.02, -m.floor - 0.02),
            (0.03, -0.1),
            (0.0, 0.1),
            (0.02, 0.28),
            (0.015, m.sill - 0.03),
            (0.03, m.sill),
        ]
        profile = smooth(shape, 24)
        for name, rows, color in (("low", slice(0, 15), p.lower), ("high", slice(14, 24), p.upper)):
            line = profile[rows]
            grid = np.empty((len(stations), len(line), 3))
            grid[..., 0] = edge + side * line[None, :, 0]
            grid[..., 1] = stations[:, None]
            grid[..., 2] = line[None, :, 1]
            out.append(solid(f"door-{name}", sheet(grid), grained(rng, color), toward=INSIDE))
        for y in (-0.12, 0.85):
            rest = placed(
                rounded_box(np.array([0.045, 0.24, 0.03]), 0.025, 3),
                np.array([edge - side * 0.035, y, 0.16]),
            )
            out.append(solid("arm-rest", rest, grained(rng, p.insert)))
            grip = placed(
                rounded_box(np.array([0.012, 0.07, 0.012]), 0.01, 2),
                np.array([edge - side * 0.03, y - 0.15, 0.29]),
            )
            out.append(
                solid("handle", grip, Finish(p.trim, 0.3, 0.5, 0.8 if max(p.trim) > 0.25 else 0.0))
            )
        for y, wide in ((0.42, 0.07), (1.42, 0.13)):
            post = pillar(
                np.array([edge + side * 0.02, y, m.sill - 0.05]),
                np.array([edge - side * 0.13, y + 0.06, m.roof - 0.03]),
                wide,
                0.028,
            )
            out.append(
                solid("pillar", post, grained(rng, p.roof if rng.random() < 0.6 else p.upper))
            )
        front = pillar(
            np.array([edge + side * 0.02, -m.cowl + 0.03, m.dash - 0.05]),
            np.array([edge - side * 0.13, -m.header, m.roof - 0.03]),
            0.042,
            0.035,
        )
        out.append(solid("front-pillar", front, grained(rng, p.roof)))
        mirror = placed(
            rounded_box(np.array([0.10, 0.05, 0.065]), 0.03, 3),
            np.array([edge + side * 0.20, -0.72, m.sill + 0.08]),
        )
        out.append(solid("outer-mirror", mirror, Finish((0.02, 0.02, 0.02), 0.4)))
    return out


def shell(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
    """Roof, floor, walls, visors, inner mirror and bonnet."""
    m, p = cabin.measures, cabin.palette
    left, right = m.door, -(2.0 * m.centre + m.door)
    cloth = Finish((1.0, 1.0, 1.0), 0.95, 0.1, texture=leather(rng, p.roof, 0.06), tile=0.3)
    across = np.linspace(0.0, 1.0, 21)
    x = right + across * (left - right)
    side = np.abs(2.0 * across - 1.0)
    along = np.linspace(-m.header, 1.75, 16)
    grid = np.empty((16, 21, 3))
    grid[..., 0] = x[None] - 0.10 * np.sign(2 * across - 1)[None] * (side[None] ** 8)
    grid[..., 1] = along[:, None]
    fall = (
        0.05 * np.clip((along + m.header - 0.0) / -0.2 + 1.0, 0.0, 1.0)
        + 0.10 * np.clip((along - 1.2) / 0.55, 0.0, 1.0) ** 2
    )
    grid[..., 2] = m.roof - 0.05 * side[None] ** 6 - fall[:, None]
    out = [solid("roof", sheet(grid), cloth, toward=INSIDE)]
    rail = np.array([[1.0, -m.header], [1.0, 1.75]])
    for edge, sign in ((left, 1.0), (right, -1.0)):
        course = np.column_stack(
            [
                np.full(9, edge - sign * 0.11),
                np.linspace(rail[0, 1], rail[1, 1], 9),
                np.full(9, m.roof - 0.05),
            ]
        )
        out.append(solid("rail", tube(course, 0.035, 10), cloth))
    course = np.column_stack(
        [np.linspace(right + 0.1, left - 0.1, 9), np.full(9, -m.header), np.full(9, m.roof - 0.045)]
    )
    out.append(solid("header", tube(course, 0.03, 10), cloth))
    for centre in (0.0, -2.0 * m.centre):
        visor = placed(
            rounded_box(np.array([0.19, 0.07, 0.010]), 0.009, 2),
            np.array([centre, -m.header + 0.10, m.roof - 0.045]),
            about_x(8.0),
        )
        out.append(solid("visor", visor, cloth))
    mirror = placed(
        rounded_box(np.array([0.115, 0.016, 0.033]), 0.014, 3),
        np.array([-m.centre, -m.header - 0.13, m.roof - 0.12]),
    )
    out.append(solid("mirror", mirror, Finish((0.02, 0.02, 0.02), 0.35, 0.5)))
    floor = np.array(
        [
            [[right - 0.1, -1.3, -m.floor], [right - 0.1, 1.9, -m.floor]],
            [[left + 0.1, -1.3, -m.floor], [left + 0.1, 1.9, -m.floor]],
        ]
    )
    out.append(
        solid(
            "floor",
            sheet(floor),
            Finish((1.0, 1.0, 1.0), 0.95, 0.1, texture=leather(rng, p.carpet, 0.08), tile=0.3),
            toward=INSIDE,
        )
    )
    wall = np.array(
        [
            [[right - 0.1, 1.9, -m.floor], [right - 0.1, 1.62, m.sill + 0.03]],
            [[left + 0.1, 1.9, -m.floor], [left + 0.1, 1.62, m.sill + 0.03]],
        ]
    )
    out.append(solid("rear-wall", sheet(wall), grained(rng, p.lower), toward=INSIDE))
    fire = np.array(
        [
            [[right - 0.1, -1.25, -m.floor], [right - 0.1, -1.25, m.dash]],
            [[left + 0.1, -1.25, -m.floor], [left + 0.1, -1.25, m.dash]],
        ]
    )
    out.append(solid("fire-wall", sheet(fire), Finish(p.carpet, 0.95, 0.1), toward=INSIDE))
    bonnet = np.array(
        [
            [[right, -1.12, m.dash - 0.02], [right, -2.1, m.dash - 0.16]],
            [[left, -1.12, m.dash - 0.02], [left, -2.1, m.dash - 0.16]],
        ]
    )
    paint = color_of(rng.random(3) ** 2 * 0.6)
    out.append(
        solid("bonnet", sheet(bonnet), Finish(paint, 0.25, 0.5), toward=np.array([0.0, -1.5, 3.0]))
    )
    return out
