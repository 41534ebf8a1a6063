"""How a head is held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]

YAW_LIMIT, PITCH_LIMIT, ROLL_LIMIT = 80.0, 70.0, 55.0
Yaw = Annotated[float, Meta(ge=-YAW_LIMIT, le=YAW_LIMIT)]
Pitch = Annotated[float, Meta(ge=-PITCH_LIMIT, le=PITCH_LIMIT)]
Roll = Annotated[float, Meta(ge=-ROLL_LIMIT, le=ROLL_LIMIT)]


@dataclass(frozen=True)
class HeadPose:
    """How the head is held and which shapes are on.

    Yaw, pitch, roll are degrees in the ``blender_xyz`` convention (posing order of the source
    papers). ``head_share`` is the part of the turn that the head bone takes; the neck bones share
    the rest evenly. ``shapes`` maps a shape's name to its weight; absent means 0.
    """

    yaw: Yaw = 0.0
    pitch: Pitch = 0.0
    roll: Roll = 0.0
    head_share: Fraction = 0.0
    shapes: dict[str, float] = field(default_factory=dict)
