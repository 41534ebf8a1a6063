"""An interior as solids."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from app.geometry.rotations import Array
from app.scene.cabin import Cabin, Color
from app.scene.cabin_seats import seats
from app.scene.fabrics import clouds, color_of, encoded, leather
from app.scene.solids import Bytes, Finish, Solid, extruded, placed, rounded_box, sheet, solid, tube

INSIDE: Final = np.array([-0.35, 0.0, 0.3])


def cabin_solids(cabin: Cabin, back: float, recline: float) -> list[Solid]:
    """Everything but the wheel and the driver.

    Parameters
    ----------
    back : float
        Metres from the hips to the back of the seat, backwards.
    recline : float
        Degrees of the seat's back.
    """
    rng = np.random.default_rng([cabin.seed, 5])
    out = _dash(cabin, rng) + _doors(cabin, rng) + _shell(cabin, rng) + _console(cabin, rng)
    out += seats(cabin, back, recline, rng)
    if cabin.right_hand_drive:
        out = [mirrored(one) for one in out]
    return out


def mirrored(one: Solid) -> Solid:
    """A solid on the other side of the plane x = 0."""
    flip = np.array([-1.0, 1.0, 1.0], np.float32)
    return replace(
        one,
        vertices=one.vertices * flip,
        normals=one.normals * flip,
        triangles=np.ascontiguousarray(one.triangles[:, ::-1]),
    )


def grained(rng: np.random.Generator, color: Color, rough: float = 0.65) -> Finish:
    """Moulded plastic or leather."""
    return Finish((1.0, 1.0, 1.0), rough, 0.35, texture=leather(rng, color, 0.1), tile=0.25)


def _smooth(points: list[tuple[float, float]], count: int = 40) -> Array:
    """A rounded course through corners, shape (count, 2)."""
    line = np.array(points)
    for _ in range(3):
        # Chaikin 1974: corners cut at a quarter
        a, b = line[:-1], line[1:]
        cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
        line = np.concatenate([line[:1], cut, line[-1:]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], count)
    return np.column_stack([np.interp(at, way, line[:, k]) for k in range(2)])


def _dash(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
    m, p = cabin.measures, cabin.palette
    left, right = m.door + 0.03, -(2.0 * m.centre + m.door + 0.03)
    stations = np.linspace(right, left, 25)
    top = [
        (-m.cowl - 0.1, m.dash + 0.01),
        (-m.face - 0.10, m.dash + 0.005),
        (-m.face - 0.02, m.dash - 0.005),
        (-m.face + 0.01, m.dash - 0.05),
        (-m.face, m.dash - 0.09),
    ]
    low = [
        (-m.face, m.dash - 0.09),
        (-m.face + 0.02, m.dash - 0.13),
        (-m.face - 0.01, 0.16),
        (-m.face - 0.10, 0.02),
        (-m.face - 0.16, -m.floor),
    ]
    out = [
        solid("dash-top", extruded(_smooth(top), stations), grained(rng, p.upper), toward=INSIDE),
        solid("dash-low", extruded(_smooth(low), stations), grained(rng, p.lower), toward=INSIDE),
    ]
    strip = placed(
        rounded_box(np.array([(left - right) / 2, 0.006, 0.012]), 0.005, 2),
        np.array([(left + right) / 2, -m.face + 0.012, m.dash - 0.115]),
    )
    metallic = 0.7 if max(p.trim) > 0.25 else 0.0
    out.append(solid("dash-strip", strip, Finish(p.trim, 0.3, 0.5, metallic)))
    hood = placed(
        rounded_box(np.array([0.17, 0.085, 0.055]), 0.045, 4),
        np.array([0.0, -m.face - 0.055, m.dash + 0.015]),
    )
    out.append(solid("hood", hood, grained(rng, p.upper)))
    glass = placed(
        rounded_box(np.array([0.135, 0.004, 0.04]), 0.003, 2),
        np.array([0.0, -m.face + 0.03, m.dash + 0.008]),
        _about_x(-12.0),
    )
    out.append(
        solid(
            "cluster",
            glass,
            Finish(
                (1.0, 1.0, 1.0), 0.2, 0.5, texture=_dials(rng, p.glow), emission=0.06, tile=0.27
            ),
        )
    )
    for x in (0.25, -0.22, -m.centre - 0.02, -2.0 * m.centre - 0.22):
        vent = placed(
            rounded_box(np.array([0.055, 0.006, 0.03]), 0.005, 2),
            np.array([x, -m.face + 0.016, m.dash - 0.065]),
        )
        out.append(solid("vent", vent, Finish((0.01, 0.01, 0.01), 0.6, 0.3)))
    out += _screen(cabin, rng)
    for sign in (1.0, -1.0):
        course = np.array(
            [
                [0.03 * sign, -m.wheel_ahead - 0.11, m.wheel_height - 0.03],
                [0.19 * sign, -m.wheel_ahead - 0.085, m.wheel_height + 0.0],
            ]
        )
        out.append(
            solid(
                "stalk",
                tube(np.linspace(course[0], course[1], 6), np.linspace(0.006, 0.010, 6), 8),
                Finish((0.015, 0.015, 0.015), 0.5),
            )
        )
    lean = np.radians(m.wheel_tilt)
    axis = np.array([0.0, -np.cos(lean), -np.sin(lean)])
    start = np.array([0.0, -m.wheel_ahead, m.wheel_height])
    course = start + np.linspace(cabin.wheel.spoke_depth + 0.03, 0.38, 8)[:, None] * axis
    out.append(
        solid("column", tube(course, np.linspace(0.045, 0.075, 8), 16), grained(rng, p.upper))
    )
    return out


def _about_x(degrees: float) -> Array:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _screen(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
    m = cabin.measures
    if cabin.screen == "none":
        return []
    half = {"tablet": (0.12, 0.075), "wide": (0.17, 0.055), "sunken": (0.10, 0.06)}[cabin.screen]
    rise = 0.045 if cabin.screen != "sunken" else -0.05
    ahead = -m.face + (0.03 if cabin.screen != "sunken" else 0.014)
    at = np.array([-m.centre, ahead, m.dash + rise])
    turn = _about_x(-10.0)
    body = placed(
        rounded_box(np.array([half[0] + 0.006, 0.009, half[1] + 0.006]), 0.006, 2), at, turn
    )
    face = placed(
        rounded_box(np.array([half[0], 0.002, half[1]]), 0.0015, 2),
        at + np.array([0.0, 0.009, 0.0]),
        turn,
    )
    lit = Finish(
        (1.0, 1.0, 1.0), 0.15, 0.5, texture=_menu(rng, cabin.palette.glow), emission=0.08, tile=0.25
    )
    return [
        solid("screen", body, Finish((0.01, 0.01, 0.01), 0.3, 0.5)),
        solid("screen-face", face, lit),
    ]


def _dials(rng: np.random.Generator, glow: Color) -> Bytes:
    v, u = np.meshgrid(np.linspace(-1, 1, 128), np.linspace(-1, 1, 128), indexing="ij")
    light = np.zeros((128, 128))
    for x in (-0.5, 0.5):
        away = np.hypot(u - x, v * 0.6)
        turn = np.arctan2(v, u - x)
        light += 0.7 * (np.abs(away - 0.38) < 0.03) * (np.cos(turn * 16.0) > 0.2)
        light += 0.5 * (np.abs(away - 0.30) < 0.01)
    light += 0.6 * ((np.abs(u) < 0.08) & (np.abs(v) < 0.3))
    return encoded(light[..., None] * np.array(glow) + 0.004)


def _menu(rng: np.random.Generator, glow: Color) -> Bytes:
    """A map or a menu, as screens in cars show them."""
    out = np.full((128, 128, 3), 0.02)
    if rng.random() < 0.5:
        out[:] = rng.uniform(0.02, 0.5) * np.array([0.9, 1.0, 0.9])
        for _ in range(7):
            k, wide = int(rng.integers(128)), int(rng.integers(1, 5))
            line = out[k : k + wide] if rng.random() < 0.5 else out[:, k : k + wide]
            line[:] = rng.uniform(0.3, 0.9)
        out += 0.1 * (clouds(rng, 128, 4)[..., None] > 0.6) * np.array([0.2, 0.6, 1.0])
    else:
        for row in range(3):
            for column in range(4):
                y, x = 12 + row * 38, 8 + column * 30
                out[y : y + 26, x : x + 22] = rng.random(3) * rng.uniform(0.2, 0.9)
    out[:10] = 0.3 * np.array(glow)
    return encoded(out)


def _doors(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
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
        profile = _smooth(shape, 24)
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
            pillar = _pillar(
                np.array([edge + side * 0.02, y, m.sill - 0.05]),
                np.array([edge - side * 0.13, y + 0.06, m.roof - 0.03]),
                wide,
                0.028,
            )
            out.append(
                solid("pillar", pillar, grained(rng, p.roof if rng.random() < 0.6 else p.upper))
            )
        front = _pillar(
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


def _pillar(low: Array, high: Array, wide: float, thick: float) -> tuple[Array, Array, Array]:
    """A flat bar between two points, wide along y and thin along x."""
    share = np.linspace(0.0, 1.0, 9)[:, None]
    bow = np.sin(np.pi * share) * np.array([0.02 * np.sign(low[0]), 0.0, 0.0])
    course = low + share * (high - low) + bow
    turn = np.linspace(0.0, 2.0 * np.pi, 13)[:-1]
    ring = np.stack([thick * np.cos(turn), wide * np.sin(turn), np.zeros(12)], axis=1)
    grid = course[:, None] + ring
    points, triangles, uvs = sheet(grid, closed_columns=True)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    if (np.cross(b - a, c - a) * (a - course.mean(axis=0))).sum() < 0.0:
        triangles = triangles[:, ::-1]
    return points, triangles, uvs


def _shell(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
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
            _about_x(8.0),
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


def _console(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
    m, p = cabin.measures, cabin.palette
    x = -m.centre
    metallic = 0.8 if max(p.trim) > 0.25 else 0.0
    out = [
        solid(
            "tunnel",
            placed(
                rounded_box(np.array([0.105, 0.52, 0.14]), 0.04, 3),
                np.array([x, -0.15, -m.floor + 0.17]),
            ),
            grained(rng, p.lower),
        ),
        solid(
            "tunnel-top",
            placed(
                rounded_box(np.array([0.085, 0.30, 0.012]), 0.01, 2),
                np.array([x, -0.36, -m.floor + 0.312]),
            ),
            Finish(p.trim if max(p.trim) < 0.25 else (0.02, 0.02, 0.02), 0.25, 0.5),
        ),
        solid(
            "box",
            placed(rounded_box(np.array([0.085, 0.16, 0.06]), 0.035, 3), np.array([x, 0.14, 0.10])),
            grained(rng, p.insert),
        ),
    ]
    base = np.array([x + 0.01, -0.33, -m.floor + 0.32])
    top = base + np.array([0.0, 0.03, 0.13 if cabin.gear == "stick" else 0.07])
    if cabin.gear != "knob":
        out.append(
            solid(
                "gear-rod",
                tube(np.linspace(base, top, 5), 0.009, 10),
                Finish((0.4, 0.4, 0.4), 0.3, 0.5, 0.9),
            )
        )
        boot = np.linspace(base, base + 0.45 * (top - base), 6)
        out.append(
            solid("gear-boot", tube(boot, np.linspace(0.05, 0.014, 6), 12), grained(rng, p.seat))
        )
        size = (
            np.array([0.022, 0.024, 0.028])
            if cabin.gear == "stick"
            else np.array([0.022, 0.04, 0.022])
        )
        out.append(
            solid(
                "gear",
                placed(rounded_box(size, 0.018, 4), top),
                grained(rng, cabin.wheel.color, 0.5),
            )
        )
    else:
        out.append(
            solid(
                "gear",
                placed(rounded_box(np.array([0.032, 0.032, 0.018]), 0.016, 4), base),
                Finish(p.trim, 0.3, 0.5, metallic),
            )
        )
    return out


def gear_place(cabin: Cabin) -> Array:
    """Where a hand lies that rests on the gear lever, in a left-hand drive."""
    m = cabin.measures
    rise = {"stick": 0.13, "lever": 0.07, "knob": 0.01}[cabin.gear]
    return np.array([-m.centre + 0.01, -0.30, -m.floor + 0.32 + rise + 0.03])
