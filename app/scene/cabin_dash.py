"""Dashboard, screens and console of an interior."""

from __future__ import annotations

import numpy as np

from app.geometry.rotations import Array
from app.scene.cabin import Cabin, Color
from app.scene.cabin_parts import INSIDE, about_x, grained, smooth
from app.scene.fabrics import clouds, encoded
from app.scene.solids import Bytes, Finish, Solid, extruded, placed, rounded_box, solid, tube


def dash(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
    """Dashboard with instruments, vents and screen."""
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
        solid("dash-top", extruded(smooth(top), stations), grained(rng, p.upper), toward=INSIDE),
        solid("dash-low", extruded(smooth(low), stations), grained(rng, p.lower), toward=INSIDE),
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
        about_x(-12.0),
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


def _screen(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
    m = cabin.measures
    if cabin.screen == "none":
        return []
    half = {"tablet": (0.12, 0.075), "wide": (0.17, 0.055), "sunken": (0.10, 0.06)}[cabin.screen]
    rise = 0.045 if cabin.screen != "sunken" else -0.05
    ahead = -m.face + (0.03 if cabin.screen != "sunken" else 0.014)
    at = np.array([-m.centre, ahead, m.dash + rise])
    turn = about_x(-10.0)
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


def console(cabin: Cabin, rng: np.random.Generator) -> list[Solid]:
    """Tunnel, box and gear lever."""
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
