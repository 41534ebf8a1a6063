"""A pose as text that people can read, mail and paste."""

from __future__ import annotations

import json
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.head.pose import Fraction, HeadPose, Pitch, Roll, Yaw

KIND: Final = "headroom pose"
CONVENTION: Final = "blender_xyz"
MAX_LENGTH: Final = 200_000


class PoseTextError(ValueError):
    """The text is no pose; the message is one line for people."""


class _PoseText(msgspec.Struct):
    kind: str
    convention: str = CONVENTION
    yaw: Yaw = 0.0
    pitch: Pitch = 0.0
    roll: Roll = 0.0
    head_share: Fraction = 0.0
    shapes: dict[str, Annotated[float, Meta(ge=-10.0, le=10.0)]] = {}


def pose_to_text(pose: HeadPose) -> str:
    """The pose as JSON, degrees in ``blender_xyz``."""
    return json.dumps(
        {
            "kind": KIND,
            "convention": CONVENTION,
            "yaw": round(pose.yaw, 6),
            "pitch": round(pose.pitch, 6),
            "roll": round(pose.roll, 6),
            "head_share": round(pose.head_share, 6),
            "shapes": {name: round(weight, 6) for name, weight in pose.shapes.items() if weight},
        },
        indent=2,
        ensure_ascii=False,
    )


def pose_from_text(text: str) -> HeadPose:
    """The pose that `pose_to_text` wrote.

    Raises
    ------
    PoseTextError
        When the text is something else, or a value is out of its limits.
    """
    if len(text) > MAX_LENGTH:
        raise PoseTextError("The clipboard holds no pose.")
    try:
        read = msgspec.json.decode(text.encode("utf-8", "replace"), type=_PoseText)
    except msgspec.ValidationError as error:
        raise PoseTextError(f"The clipboard's pose cannot be used: {error}.") from None
    except (msgspec.DecodeError, RecursionError):
        raise PoseTextError("The clipboard holds no pose. Copy one first.") from None
    if read.kind != KIND:
        raise PoseTextError("The clipboard holds no pose. Copy one first.")
    if read.convention != CONVENTION:
        raise PoseTextError(
            f"The clipboard's pose is written in {read.convention}; only {CONVENTION} can be used."
        )
    return HeadPose(read.yaw, read.pitch, read.roll, read.head_share, read.shapes)
