"""How head and camera move in a data set: one pose and one camera for each picture.

The first three are those of C3I-SynFace (Basak et al., Data in Brief 2023, section 3), whose
formulas are kept; its camera stands 0.30 m before the face. `place` gives the picture ``step`` of
``steps`` that one head makes with a motion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from app.dataset.spec import DatasetSpec, Motion
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT, HeadPose
from app.scene.scene import Camera

Angles = tuple[float, float, float]
"""Yaw, pitch and roll in degrees, ``blender_xyz``."""

HEAD_REACH: Final = 30.0
SWEEP_STEP: Final = 3
TRANSLATION_X: Final = (0.001, 0.140)
TRANSLATION_Z: Final = (0.001, 0.040)
PHI: Final = (60.0, 120.0)
THETA: Final = (-45.0, 45.0)

WIDER: Final = 1.8
"""Balanced: how much more of the scene the widest picture shows than the tightest."""
FARTHER: Final = 3.0
"""Balanced: farthest by nearest camera, where the spec gives one distance."""
AROUND: Final = 15.0
"""Balanced: degrees that the camera moves around the head, to the sides and up and down."""
BESIDE: Final = 0.08
"""Balanced: part of the picture's width that the head stands off its middle."""
TILT: Final = 5.0
"""Balanced: degrees that the camera leans."""

FACING: Final = 0.7
"""Portrait: part of the poses that gather about the front."""
AWAY: Final = (24.0, 13.0, 12.0)
"""Portrait: deviations of their yaw, pitch and roll in degrees."""
SMALLER: Final = 0.2
FILLED: Final = (0.26, 0.40)
SMALL: Final = (0.45, 1.0)
"""Portrait: metres across the picture at the head where it fills the picture, and elsewhere."""

_SHIFT: Final = 99
_PRIMES: Final = (2, 3, 5, 7, 11)
"""Larger bases would need many pictures before their parts of the range are filled."""


@dataclass(frozen=True)
class Step:
    """Which picture of a motion is asked for.

    Attributes
    ----------
    step, steps : int
        The picture and how many there are of this motion and head.
    serial : int
        The picture's place among those of this motion of all heads.
    """

    step: int
    steps: int
    serial: int


def place(
    motion: Motion,
    step: Step,
    spec: DatasetSpec,
    chance: np.random.Generator,
    recorded: Sequence[Angles] = (),
    distance: float = 0.30,
) -> tuple[HeadPose, Camera]:
    """Pose and camera of one picture; the pose without shapes.

    Parameters
    ----------
    motion : str
    step : Step
    spec : DatasetSpec
    chance : Generator
        Of this picture alone.
    recorded : sequence of Angles
        What ``Replay`` repeats.
    distance : float
        Metres of this head's camera from the head centre; ``Balanced`` has its own.
    """
    front = Camera(
        distance=round(distance, 6),
        look_at=False,
        field_of_view=spec.field_of_view,
        width=spec.width,
        height=spec.height,
    )
    if motion == "HeadRot":
        return _turned(chance), front
    if motion == "CameraTran":
        return HeadPose(), _translated(front, chance)
    if motion == "HeadCameraRotTran":
        return _turned(chance), _on_half_sphere(front, chance)
    if motion == "Sweep":
        return _pose(SWEEP[_along(step, len(SWEEP))]), front
    if motion == "Replay":
        return _pose(recorded[_along(step, len(recorded))]), front
    if motion == "Portrait":
        return _portrait(step.serial, spec, front, chance)
    return _balanced(step.serial, spec, front, chance)


def sweep() -> tuple[Angles, ...]:
    """One axis after the other through its range in steps of 3°: pitch, then roll, then yaw.

    The steps are counted from 0, as in the papers, so that both sides are met alike; the last
    one before a limit is 69°, 54° and 78°.
    """
    poses: list[Angles] = []
    for axis, limit in ((1, PITCH_LIMIT), (2, ROLL_LIMIT), (0, YAW_LIMIT)):
        last = int(limit // SWEEP_STEP) * SWEEP_STEP
        for angle in range(-last, last + 1, SWEEP_STEP):
            angles = [0.0, 0.0, 0.0]
            angles[axis] = float(angle)
            poses.append((angles[0], angles[1], angles[2]))
    return tuple(poses)


SWEEP: Final = sweep()


def low_discrepancy(index: int, dimensions: int, seed: int) -> tuple[float, ...]:
    """A point of Halton's sequence, shifted by the seed; in [0, 1), shape (dimensions,).

    The shift modulo 1 (Cranley and Patterson, 1976) makes sequences of different seeds
    independent and keeps the even spread.
    """
    shifts = np.random.default_rng([seed, 0, 0, _SHIFT]).random(dimensions)
    return tuple(
        (radical_inverse(index + 1, prime) + float(shift)) % 1.0
        for prime, shift in zip(_PRIMES, shifts, strict=False)
    )


def radical_inverse(index: int, base: int) -> float:
    """The digits of ``index`` mirrored at the point: van der Corput's sequence."""
    value, scale = 0.0, 1.0
    while index:
        index, digit = divmod(index, base)
        scale /= base
        value += digit * scale
    return value


def _along(step: Step, length: int) -> int:
    """All poses in turn, again and again; fewer pictures than poses are spread over them."""
    return step.step * length // step.steps if step.steps < length else step.step % length


def _pose(angles: Angles) -> HeadPose:
    yaw, pitch, roll = (round(float(a), 4) + 0.0 for a in angles)
    return HeadPose(yaw, pitch, roll)


def _turned(chance: np.random.Generator) -> HeadPose:
    yaw, pitch, roll = chance.uniform(-HEAD_REACH, HEAD_REACH, 3)
    return _pose((yaw, pitch, roll))


def _translated(front: Camera, chance: np.random.Generator) -> Camera:
    x, z = chance.uniform(*TRANSLATION_X), chance.uniform(*TRANSLATION_Z)
    return replace(front, offset=(round(float(x), 6), 0.0, round(float(z), 6)))


def _on_half_sphere(front: Camera, chance: np.random.Generator) -> Camera:
    """x = −sin θ·sin φ·r, y = −cos θ·sin φ·r, z = cos φ·r about the head, looking at it."""
    phi, theta = chance.uniform(*PHI), chance.uniform(*THETA)
    return replace(
        front,
        azimuth=round(-float(theta), 4),
        elevation=round(90.0 - float(phi), 4),
        look_at=True,
    )


def _balanced(
    serial: int, spec: DatasetSpec, front: Camera, chance: np.random.Generator
) -> tuple[HeadPose, Camera]:
    """Angles spread evenly over all that a neck can do, seen from near and far.

    The camera's distance and the width of the scene in the picture are drawn (both so that equal
    ratios are equally likely), and the field of view follows from them, at most the spec's: so
    perspective and size vary by themselves and no head is lost in the picture.
    """
    u = low_discrepancy(serial, 5, spec.seed)
    v = chance.uniform(-1.0, 1.0, 5)
    limits = (YAW_LIMIT, PITCH_LIMIT, ROLL_LIMIT)
    yaw, pitch, roll = ((2.0 * part - 1.0) * limit for part, limit in zip(u, limits, strict=False))
    half = math.tan(math.radians(spec.field_of_view) / 2.0)
    width = 2.0 * spec.distance[0] * half * WIDER ** u[4]
    return _pose((yaw, pitch, roll)), _before(front, spec, _distance(spec, u[3]), width, v)


def _portrait(
    serial: int, spec: DatasetSpec, front: Camera, chance: np.random.Generator
) -> tuple[HeadPose, Camera]:
    """Poses as people take them before cameras, and some of every other; faces large and small.

    Four of five pictures are filled by the head, in the fifth it is smaller. Seven of ten poses
    gather about the front, the others are spread evenly over all that a neck can do.
    """
    u = low_discrepancy(serial, 5, spec.seed)
    v = chance.uniform(-1.0, 1.0, 5)
    limits = (YAW_LIMIT, PITCH_LIMIT, ROLL_LIMIT)
    if chance.random() < FACING:
        drawn = chance.normal(0.0, AWAY)
        angles = [min(max(float(a), -m), m) for a, m in zip(drawn, limits, strict=True)]
    else:
        angles = [(2.0 * part - 1.0) * m for part, m in zip(u, limits, strict=False)]
    low, high = SMALL if chance.random() < SMALLER else FILLED
    width = low * (high / low) ** u[4]
    camera = _before(front, spec, _distance(spec, u[3]), width, v)
    return _pose((angles[0], angles[1], angles[2])), camera


def _distance(spec: DatasetSpec, share: float) -> float:
    near, far = spec.distance
    return float(near * (far / near if far > near else FARTHER) ** share)


def _before(
    front: Camera, spec: DatasetSpec, distance: float, width: float, v: np.ndarray[Any, Any]
) -> Camera:
    """A camera before the point it looks at: the head's centre, moved in its picture.

    Parameters
    ----------
    distance, width : float
        Metres of the camera from the head, and of the scene across the picture there; the field
        of view follows from both and is at most the spec's.
    v : ndarray, shape (5,)
        Azimuth, elevation, place in the picture across and up, lean; each from -1 to 1.
    """
    half = math.tan(math.radians(spec.field_of_view) / 2.0)
    width = min(width, 2.0 * distance * half)
    azimuth, elevation = (AROUND * float(part) for part in v[:2])
    across, up = (BESIDE * width * float(part) for part in v[2:4])
    up *= spec.height / spec.width
    a, e = math.radians(azimuth), math.radians(elevation)
    target = (
        across * math.cos(a) - up * math.sin(e) * math.sin(a),
        across * math.sin(a) + up * math.sin(e) * math.cos(a),
        up * math.cos(e),
    )
    return replace(
        front,
        distance=round(distance, 6),
        azimuth=round(azimuth, 4),
        elevation=round(elevation, 4),
        offset=(round(target[0], 6), round(target[1], 6), round(target[2], 6)),
        rotation=(
            round(-elevation, 4) + 0.0,
            round(azimuth, 4) + 0.0,
            round(TILT * float(v[4]), 4),
        ),
        field_of_view=round(math.degrees(2.0 * math.atan(width / 2.0 / distance)), 4),
    )
