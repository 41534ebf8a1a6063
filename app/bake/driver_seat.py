"""A driver sets seat and wheel: near enough to reach all of the rim."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from app.bake.driver_pose import Torso, pose_trunk
from app.bake.driver_rig import SIDES, Rig
from app.scene.cabin import Cabin
from app.scene.wheel import Placed

NEAREST: Final = 0.27
"""Metres from the hips to the middle of the wheel at least."""
_COMFORT: Final = 0.90
"""Share of an arm's length that is stretched to the far side of the rim."""
_HAND: Final = 0.075
"""Metres from the wrist to the rim that the hand holds."""


def fitted(cabin: Cabin, rig: Rig, torso: Torso) -> Cabin:
    """The cabin with its front as far away as the driver's arms like it.

    Dashboard, windscreen and wheel keep their distances from each other.
    """
    m = cabin.measures
    posed = pose_trunk(rig, torso)
    arms = []
    for side, clocks in zip(SIDES, ((9.0, 10.5, 12.0), (3.0, 1.5, 12.0)), strict=True):
        a, b, c = (
            rig.heads[rig.bone(f"{name}.{side}")] for name in ("upperarm01", "lowerarm01", "wrist")
        )
        length = float(np.linalg.norm(b - a) + np.linalg.norm(c - b))
        arms.append((posed.joint(f"upperarm01.{side}"), length, np.array(clocks)))
    nearer = 0.0
    while m.wheel_ahead - nearer > NEAREST:
        centre = np.array([0.0, -(m.wheel_ahead - nearer), m.wheel_height])
        wheel = Placed(cabin.wheel, centre, m.wheel_tilt)
        if all(
            np.linalg.norm(wheel.to_cabin(cabin.wheel.point(clocks)) - shoulder, axis=1).max()
            < _COMFORT * length + _HAND
            for shoulder, length, clocks in arms
        ):
            break
        nearer += 0.01
    return replace(
        cabin,
        measures=replace(
            m,
            wheel_ahead=m.wheel_ahead - nearer,
            face=m.face - nearer,
            cowl=m.cowl - nearer,
            header=m.header - nearer,
        ),
    )
