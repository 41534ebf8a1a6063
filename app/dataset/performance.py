"""How a person moves in a clip: turns, speech, blinks, glances, as functions of time.

A performance is written down as keys and spoken stretches; what lies between follows from them and
a seed, so that a clip can be made again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT, HeadPose

Weights = Mapping[str, float]

VISEMES: Final[tuple[Weights, ...]] = (
    {"jawOpen": 0.34, "mouthLowerDownLeft": 0.25, "mouthLowerDownRight": 0.25},
    {"jawOpen": 0.20, "mouthFunnel": 0.55, "mouthPucker": 0.15},
    {"jawOpen": 0.10, "mouthPucker": 0.60},
    {"jawOpen": 0.15, "mouthStretchLeft": 0.35, "mouthStretchRight": 0.35},
    {"jawOpen": 0.14, "mouthSmileLeft": 0.25, "mouthSmileRight": 0.25, "mouthUpperUpLeft": 0.2}
    | {"mouthUpperUpRight": 0.2},
    {"mouthPressLeft": 0.45, "mouthPressRight": 0.45, "mouthRollLower": 0.25},
)
"""Mouths of an open a, o, u, e, i, and of lips that close, in facial actions."""

SYLLABLE: Final = (0.14, 0.24)
"""Seconds from one to the next."""
BLINK: Final = 0.22
"""Seconds; the lids close in a third of it."""
GAZE: Final = 28.0
"""Degrees that eyes turn at weight 1 of a look."""
FOLLOWED: Final = 0.75
"""Part of a turn of the head that the eyes make up for, so that they stay on what they see."""
SWAY: Final = (0.9, 0.6, 0.6)
"""Degrees of yaw, pitch and roll by which a head is never quite still."""


@dataclass(frozen=True)
class Key:
    """Where a person is at a time.

    Attributes
    ----------
    time : float
        Seconds.
    pose : (float, float, float)
        Yaw, pitch and roll in degrees, ``blender_xyz``.
    place : (float, float, float)
        Metres of the resting head centre from the clip's: right, away from the camera, up.
    looks : float
        0 to 1: how much the eyes stay on the camera while the head turns.
    shapes : mapping of str to float
        Facial actions besides speech and blinks.
    """

    time: float
    pose: tuple[float, float, float] = (0.0, 0.0, 0.0)
    place: tuple[float, float, float] = (0.0, 0.0, 0.0)
    looks: float = 1.0
    shapes: Weights = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """A person at one time: pose with facial actions as shapes, and the place as in `Key`."""

    pose: HeadPose
    place: tuple[float, float, float]


@dataclass(frozen=True)
class Performance:
    """What a person does.

    Attributes
    ----------
    head : str
        ``builtin:NAME`` or a file.
    keys : sequence of Key
        In order of their times; before the first and after the last the person is not there.
    speech : sequence of (float, float)
        Stretches in seconds.
    blinks : sequence of float
        Seconds at which they begin.
    seed : int
    """

    head: str
    keys: Sequence[Key]
    speech: Sequence[tuple[float, float]] = ()
    blinks: Sequence[float] = ()
    seed: int = 0

    def at(self, time: float) -> Moment | None:
        """The person at a time, or none where they are away."""
        if not self.keys[0].time <= time <= self.keys[-1].time:
            return None
        after = next((i for i, key in enumerate(self.keys) if key.time > time), len(self.keys) - 1)
        a, b = self.keys[max(after - 1, 0)], self.keys[after]
        part = _eased((time - a.time) / (b.time - a.time)) if b.time > a.time else 1.0
        pose = _between(a.pose, b.pose, part) + _sway(time, self.seed)
        limits = np.array([YAW_LIMIT, PITCH_LIMIT, ROLL_LIMIT])
        yaw, pitch, roll = (float(v) for v in np.clip(pose, -limits, limits))
        looks = a.looks + (b.looks - a.looks) * part
        total: dict[str, float] = {}
        for weights, share in ((a.shapes, 1.0 - part), (b.shapes, part)):
            _add(total, weights, share)
        for weights, share in _spoken(self.speech, self.seed, time):
            _add(total, weights, share)
        _add(total, _gaze(yaw * FOLLOWED * looks, pitch * FOLLOWED * looks), 1.0)
        closed = max((_blink(time - start) for start in self.blinks), default=0.0)
        _add(total, {"eyeBlinkLeft": closed, "eyeBlinkRight": closed}, 1.0)
        shapes = {name: round(min(max(v, 0.0), 1.0), 4) for name, v in total.items() if v > 1e-3}
        place = _between(a.place, b.place, part)
        return Moment(
            HeadPose(yaw, pitch, roll, shapes=shapes),
            (float(place[0]), float(place[1]), float(place[2])),
        )


def _eased(part: float) -> float:
    """From 0 to 1 without a jerk: the quintic whose speed and acceleration vanish at both ends."""
    return part * part * part * (part * (6.0 * part - 15.0) + 10.0)


def _between(a: Sequence[float], b: Sequence[float], part: float) -> NDArray[np.float64]:
    return np.asarray(np.add(a, np.subtract(b, a) * part))


def _add(total: dict[str, float], weights: Weights, share: float) -> None:
    for name, weight in weights.items():
        total[name] = total.get(name, 0.0) + weight * share


def _sway(time: float, seed: int) -> NDArray[np.float64]:
    """A slow wandering of three angles: sines whose periods share no beat."""
    phases = np.random.default_rng([seed, 1]).uniform(0.0, 2.0 * np.pi, (3, 3))
    rates = np.array([0.31, 0.53, 0.87]) * 2.0 * np.pi
    waves = np.sin(rates * time + phases) * np.array([1.0, 0.5, 0.25])
    return np.asarray(waves.sum(axis=1) * np.array(SWAY))


def _spoken(
    speech: Sequence[tuple[float, float]], seed: int, time: float
) -> list[tuple[Weights, float]]:
    """Mouths that shape the sound at a time, each with its share; syllables melt together."""
    found: list[tuple[Weights, float]] = []
    for number, (start, end) in enumerate(speech):
        chance = np.random.default_rng([seed, 2, number])
        at = start + 0.06
        while at < end - 0.06:
            viseme = VISEMES[int(chance.integers(len(VISEMES)))]
            loud = float(chance.uniform(0.6, 1.0))
            length = float(chance.uniform(*SYLLABLE))
            share = loud * float(np.exp(-(((time - at) / (0.45 * length)) ** 2)))
            if share > 0.01:
                found.append((viseme, share))
            at += length + (0.18 if chance.random() < 0.12 else 0.0)
    return found


def _blink(since: float) -> float:
    """How far the lids are closed some time after a blink began; they open slower."""
    part = since / BLINK
    if not 0.0 < part < 1.0:
        return 0.0
    return _eased(part * 3.0) if part < 1.0 / 3.0 else _eased((1.0 - part) * 1.5)


def _gaze(yaw: float, pitch: float) -> dict[str, float]:
    """Eyes that turn against the head's yaw and pitch, degrees ``blender_xyz``."""
    across, down = -yaw / GAZE, -pitch / GAZE
    names = (
        ("eyeLookInRight", "eyeLookOutLeft", max(across, 0.0)),
        ("eyeLookOutRight", "eyeLookInLeft", max(-across, 0.0)),
        ("eyeLookDownLeft", "eyeLookDownRight", max(down, 0.0)),
        ("eyeLookUpLeft", "eyeLookUpRight", max(-down, 0.0)),
    )
    return {name: min(weight, 0.9) for a, b, weight in names for name in (a, b)}
