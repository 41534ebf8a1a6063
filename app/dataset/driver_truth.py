"""The truth of a driver's picture: hands, wheel, body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.bake.body import EYEBALLS
from app.bake.driver_motion import Moment
from app.bake.driver_rig import skin_weights
from app.dataset.driver_plan import DriverFrame, Sequence
from app.dataset.driver_scene import Drive
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.scene.hands_on_wheel import BAND, THRESHOLD, state_of
from app.scene.solids import SEGMENTS

SCHEMA: Final = "headroom-driver-frame"
VERSION: Final = 1
SIDES: Final = {"left": "L", "right": "R"}
"""The driver's own left and right."""

HAND_POINTS: Final = (
    "wrist",
    *(f"{finger}_{joint}" for finger, joints in (
        ("thumb", ("cmc", "mcp", "ip", "tip")),
        ("index", ("mcp", "pip", "dip", "tip")),
        ("middle", ("mcp", "pip", "dip", "tip")),
        ("ring", ("mcp", "pip", "dip", "tip")),
        ("little", ("mcp", "pip", "dip", "tip")),
    ) for joint in joints),
)  # fmt: skip
BODY_POINTS: Final = {
    "neck": "neck01",
    "left_shoulder": "upperarm01.L",
    "right_shoulder": "upperarm01.R",
    "left_elbow": "lowerarm01.L",
    "right_elbow": "lowerarm01.R",
    "left_wrist": "wrist.L",
    "right_wrist": "wrist.R",
    "left_hip": "upperleg01.L",
    "right_hip": "upperleg01.R",
    "left_knee": "lowerleg01.L",
    "right_knee": "lowerleg01.R",
    "left_ankle": "foot.L",
    "right_ankle": "foot.R",
}
"""Key points of the body that are joints, with their bones; eyes come with them."""
_NEAR: Final = 0.03
"""Metres that a joint may lie under the surface that shows it."""

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


def truth(
    drive: Drive, moment: Moment, frame: DriverFrame, depth: Floats, segments: Bytes, seed: int
) -> dict[str, Any]:
    """What is written of a picture.

    Parameters
    ----------
    depth : ndarray, shape (H, W), metres
    segments : ndarray, shape (H, W)
        Places in `app.scene.solids.SEGMENTS`.
    seed : int
        Of the whole data set.
    """
    view, sequence = drive.view, drive.sequence
    hands = {
        name: _hand(drive, moment, side, view, depth, segments, f"{name}_hand")
        for name, side in SIDES.items()
    }
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "units": "metres; pixels from the middle of the top-left one; camera: x right, y down, "
        "z forward; left and right are the driver's",
        "number": frame.number,
        "id": frame.id,
        "sequence": sequence.number,
        "instant": frame.instant,
        "time": round(frame.time, 6),
        "driver": f"driver_{sequence.person + 1:04d}",
        "behaviour": sequence.script.behaviour,
        "light": sequence.time,
        "infra_red": sequence.film.infra_red,
        "car": sequence.cabin.kind,
        "right_hand_drive": sequence.cabin.right_hand_drive,
        "threshold": {"on_below": THRESHOLD - BAND, "off_above": THRESHOLD + BAND},
        "hands": hands,
        "wheel": _wheel(moment, view, depth),
        "body": _points(*_body(moment), view, depth),
        "camera": {
            "mount": sequence.camera.mount,
            "width": view.width,
            "height": view.height,
            "field_of_view": round(view.field_of_view, 6),
            "intrinsics": _rounded(view.intrinsics(), 6),
            "extrinsics": _rounded(view.extrinsics(), 9),
        },
        "mask": {"values": {str(k): name for k, name in enumerate(SEGMENTS)}},
        "seed": seed,
        "recipe": recipe(sequence),
    }


def recipe(sequence: Sequence) -> dict[str, Any]:
    """What a sequence was made from, as plain values."""
    values: dict[str, Any] = msgspec.to_builtins(sequence)
    return values


def hand_distance(drive: Drive, moment: Moment, side: str) -> float:
    """Signed distance of a hand's skin to the rim, metres."""
    skin = drive.driver.hand_skin(moment.posed, side)
    return float(moment.wheel.distance(skin).min())


def _hand(
    drive: Drive,
    moment: Moment,
    side: str,
    view: Pinhole,
    depth: Floats,
    segments: Bytes,
    segment: str,
) -> dict[str, Any]:
    distance = hand_distance(drive, moment, side)
    shown = int((segments == [str(s) for s in SEGMENTS].index(segment)).sum())
    return {
        "state": state_of(distance),
        "distance": round(distance, 6),
        "pixels": shown,
        "points": _points(HAND_POINTS, _hand_points(moment, side), view, depth),
    }


def _hand_points(moment: Moment, side: str) -> Array:
    posed = moment.posed
    out = [posed.joint(f"wrist.{side}")]
    for finger in range(1, 6):
        out += [posed.joint(f"finger{finger}-{k}.{side}") for k in (1, 2, 3)]
        out.append(posed.tip(f"finger{finger}-3.{side}"))
    return np.stack(out)


def _body(moment: Moment) -> tuple[tuple[str, ...], Array]:
    posed = moment.posed
    names = [*BODY_POINTS]
    places = [posed.joint(bone) for bone in BODY_POINTS.values()]
    for side, name in (("L", "left_eye"), ("R", "right_eye")):
        rows = EYEBALLS[side]
        ball = posed.skin(posed.rig.vertices[rows], skin_weights()[rows])
        names.append(name)
        places.append(ball.mean(axis=0))
    return tuple(names), np.stack(places)


def _wheel(moment: Moment, view: Pinhole, depth: Floats) -> dict[str, Any]:
    wheel = moment.wheel
    rim = wheel.key_points()
    names = tuple(f"rim_{hour:02d}" for hour in (12, *range(1, 12)))
    points = np.concatenate([wheel.centre[None], rim])
    return {
        "angle": round(wheel.angle, 6),
        "radius": round(wheel.wheel.radius, 6),
        "thickness": round(wheel.wheel.thickness, 6),
        "matrix": _rounded(wheel.matrix, 9),
        "points": _points(("centre", *names), points, view, depth),
    }


def _points(
    names: tuple[str, ...], places: Array, view: Pinhole, depth: Floats
) -> Mapping[str, Any]:
    """Points by name: pixel, place in the camera's axes, and whether something hides them."""
    pixels, camera = view.project(places), view.to_camera(places)
    seen = []
    for (x, y), z in zip(pixels, camera[:, 2], strict=True):
        column, row = (round(float(v)) if np.isfinite(v) else -1 for v in (x, y))
        inside = 0 <= column < view.width and 0 <= row < view.height and z > 0
        seen.append(bool(inside and depth[row, column] > z - _NEAR))
    return {
        "names": list(names),
        "pixels": [
            [round(float(v), 3) for v in pixel] if np.isfinite(pixel).all() else None
            for pixel in pixels
        ],
        "camera": _rounded(camera, 6),
        "visible": seen,
    }


def _rounded(values: Array, decimals: int) -> list[Any]:
    """Plain numbers; the last bits of a matrix depend on the machine."""
    out: list[Any] = (np.round(np.asarray(values, float), decimals) + 0.0).tolist()
    return out
