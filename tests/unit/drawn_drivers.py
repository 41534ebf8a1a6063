"""A data set of drivers in the program's own files, drawn in milliseconds instead of rendered.

Hands are discs, the left one red and the right one blue, at the rim or well inside of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.dataset import manifest
from app.dataset.driver_files import driver_schema, write_driver_frame
from app.dataset.driver_maker import write_driver_record
from app.dataset.driver_plan import DriverFrame, DriverPlan
from app.dataset.driver_spec import DriverSpec
from app.dataset.driver_truth import SCHEMA, VERSION
from app.geometry.pinhole import Pinhole, look_at
from app.scene.driving import BEHAVIOURS
from app.scene.hands_on_wheel import BAND, THRESHOLD, state_of
from app.scene.solids import SEGMENTS
from app.scene.wheel import Placed, Wheel

RADIUS = 0.19
_COLORS = {"left": (210, 40, 40), "right": (40, 60, 220)}


def camera(size: int, chance: np.random.Generator) -> Pinhole:
    place = np.array([0.0, 0.75, 0.35]) + chance.uniform(-0.1, 0.1, 3)
    return Pinhole(look_at(place, chance.uniform(-0.06, 0.06, 3), 0.0), 55.0, size, size, 0.05, 6.0)


def points(names: tuple[str, ...], places: NDArray[Any], view: Pinhole) -> dict[str, Any]:
    pixels = view.project(places)
    return {
        "names": list(names),
        "pixels": [[float(v) for v in p] for p in pixels],
        "camera": view.to_camera(places).tolist(),
        "visible": [True] * len(names),
    }


def drawn(
    frame: DriverFrame, spec: DriverSpec
) -> tuple[NDArray[Any], NDArray[Any], dict[str, Any]]:
    """Picture, segments and annotation of one frame."""
    chance = np.random.default_rng([spec.seed, frame.number])
    size = spec.size
    view = camera(size, chance)
    wheel = Placed(Wheel(radius=RADIUS), np.zeros(3), 25.0, float(chance.uniform(-30, 30)))
    picture = np.full((size, size, 3), int(chance.integers(90, 200)), np.uint8)
    picture = (picture + chance.integers(0, 12, picture.shape)).astype(np.uint8)
    segments = np.full((size, size), SEGMENTS.index("cabin"), np.uint8)
    rim = view.project(wheel.to_cabin(wheel.wheel.point(np.linspace(0, 12, 200))))
    line = np.round(rim).astype(np.int32)
    cv2.polylines(picture, [line], True, (30, 30, 30), max(2, size // 40))
    cv2.polylines(segments, [line], True, SEGMENTS.index("wheel"), max(2, size // 40))
    hands: dict[str, Any] = {}
    for name, clock in (("left", 9.0), ("right", 3.0)):
        on = bool(chance.random() < 0.6)
        reach = 1.0 if on else 0.35
        middle = wheel.to_cabin(wheel.wheel.point(clock + chance.uniform(-0.7, 0.7)) * reach)
        distance = 0.0 if on else float(chance.uniform(0.03, 0.3))
        pixel = view.project(middle[None])[0]
        place = (round(float(pixel[0])), round(float(pixel[1])))
        cv2.circle(picture, place, max(3, size // 14), _COLORS[name], -1, cv2.LINE_AA)
        cv2.circle(segments, place, max(3, size // 14), SEGMENTS.index(f"{name}_hand"), -1)
        names = tuple(f"p{k}" for k in range(21))
        hands[name] = {
            "state": state_of(distance),
            "distance": distance,
            "pixels": 0,
            "points": points(names, np.repeat(middle[None], 21, axis=0), view),
        }
    for name in hands:
        hands[name]["pixels"] = int((segments == SEGMENTS.index(f"{name}_hand")).sum())
    rim_points = np.concatenate([wheel.centre[None], wheel.key_points()])
    content = {
        "schema": SCHEMA,
        "version": VERSION,
        "number": frame.number,
        "id": frame.id,
        "sequence": frame.sequence,
        "instant": frame.instant,
        "time": frame.time,
        "driver": frame.folder.split("/")[0],
        "behaviour": BEHAVIOURS[frame.sequence % len(BEHAVIOURS)],
        "light": "day" if frame.sequence % 2 else "night",
        "infra_red": bool(frame.sequence % 3 == 0),
        "car": "sedan",
        "right_hand_drive": bool(frame.sequence % 2),
        "threshold": {"on_below": THRESHOLD - BAND, "off_above": THRESHOLD + BAND},
        "hands": hands,
        "wheel": {
            "angle": wheel.angle,
            "radius": RADIUS,
            "thickness": wheel.wheel.thickness,
            "matrix": wheel.matrix.tolist(),
            "points": points(tuple("abcdefghijklm"), rim_points, view),
        },
        "camera": {
            "mount": "dash",
            "width": size,
            "height": size,
            "field_of_view": 55.0,
            "intrinsics": view.intrinsics().tolist(),
            "extrinsics": view.extrinsics().tolist(),
        },
    }
    return picture, segments, content


def write_drivers(
    root: Path, people: int = 5, sequences: int = 5, each: int = 4, size: int = 96, seed: int = 3
) -> DriverPlan:
    """A whole data set with its record and manifest."""
    spec = DriverSpec(seed=seed, sequences=sequences, people=people, per_sequence=each, size=size)
    plan = DriverPlan(spec)
    root.mkdir(parents=True, exist_ok=True)
    write_driver_record(root, spec)
    rows = []
    for number in range(len(plan)):
        frame = plan.frame(number)
        picture, segments, content = drawn(frame, spec)
        (root / frame.folder).mkdir(parents=True, exist_ok=True)
        depth = np.full((size, size), 0.8, np.float32)
        rows.append(write_driver_frame(root, frame, picture, depth, segments, content))
    manifest.write_part(root, rows)
    manifest.join(root, schema=driver_schema)
    manifest.remove_parts(root)
    return plan
