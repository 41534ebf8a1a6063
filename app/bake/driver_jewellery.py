"""Watches and rings, on the bones that carry them."""

from __future__ import annotations

import numpy as np

from app.bake.driver_look import Outfit
from app.bake.driver_rig import Posed, Rig, unit
from app.bake.mesh import Floats
from app.scene.solids import Finish, Solid, placed, rounded_box, solid, tube

_BARE: float = 1.9
"""Sleeves that end farther down than here hide a watch; 2 is the wrist."""


def jewellery(outfit: Outfit, posed: Posed) -> list[Solid]:
    """What an outfit has on wrists and fingers."""
    out: list[Solid] = []
    if outfit.watch and outfit.sleeve < _BARE:
        out += _watch(posed, outfit)
    if outfit.ring and not outfit.gloves:
        out.append(_ring(posed, outfit.ring))
    return out


def _girth(rig: Rig, start: Floats, way: Floats, reach: float) -> float:
    """Radius of a limb about an axis at rest, metres, where the axis starts."""
    off = rig.vertices[:13380] - start
    along = off @ way
    across = np.linalg.norm(off - along[:, None] * way, axis=1)
    near = (np.abs(along) < 0.008) & (across < reach)
    return float(np.quantile(across[near], 0.8)) if near.any() else 0.5 * reach


def _watch(posed: Posed, outfit: Outfit) -> list[Solid]:
    rig, side = posed.rig, outfit.watch
    bone = rig.bone(f"lowerarm02.{side}")
    wrist = rig.heads[rig.bone(f"wrist.{side}")]
    way = unit(wrist - rig.heads[bone])
    start = wrist - 0.025 * way
    radius = _girth(rig, start, way, 0.05) + 0.003
    hinge = unit(np.cross(way, [0.0, 0.0, 1.0]))
    over = np.cross(hinge, way)
    over = over if over[2] > 0 else -over
    turn = posed.turns[bone]
    middle = turn @ (start - rig.heads[bone]) + posed.joints[bone]
    along, across, out = turn @ way, turn @ hinge, turn @ over
    angles = np.linspace(0.0, 2.0 * np.pi, 25)[:-1]
    course = middle + radius * (np.cos(angles)[:, None] * across + np.sin(angles)[:, None] * out)
    strap = tube(course, 0.004, 8, closed=True)
    axes = np.stack([along, across, np.cross(along, across)], axis=1)
    dial = placed(
        rounded_box(np.array([0.017, 0.017, 0.005]), 0.004, 3), middle + radius * out, axes
    )
    metal = max(outfit.watch_color) > 0.25
    return [
        solid("strap", strap, Finish(outfit.watch_color, 0.5, 0.4), "person"),
        solid("dial", dial, Finish((0.4, 0.4, 0.42), 0.25, 0.5, 0.8 if metal else 0.3), "person"),
    ]


def _ring(posed: Posed, side: str) -> Solid:
    rig = posed.rig
    bone = rig.bone(f"finger4-1.{side}")
    way = unit(rig.tails[bone] - rig.heads[bone])
    start = rig.heads[bone] + 0.55 * (rig.tails[bone] - rig.heads[bone])
    radius = _girth(rig, start, way, 0.014) + 0.0006
    first = unit(np.cross(way, [0.0, 0.0, 1.0]))
    second = np.cross(way, first)
    angles = np.linspace(0.0, 2.0 * np.pi, 17)[:-1]
    rest = start + radius * (np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second)
    course = (rest - rig.heads[bone]) @ posed.turns[bone].T + posed.joints[bone]
    gold = Finish((0.75, 0.5, 0.2), 0.25, 0.5, 0.9)
    return solid("ring", tube(course, 0.0014, 6, closed=True), gold, "person")
