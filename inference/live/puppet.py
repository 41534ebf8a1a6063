"""A live face that drives a head: its turn, and with a neutral face its jaw, lids, brows and mouth.

The head never jumps. It eases towards a face that appears, keeps its pose for a moment when the
face is gone, and then eases back to rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.dataset.sample import rotation_as_seen
from app.geometry.rotations import (
    Angles,
    blender_xyz_from_matrix,
    matrix_from_pose_para,
    nearest_rotation,
)
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT
from inference.live.face_measures import Neutral, changes, measures, neutral_of, onto, usable
from inference.live.outcome import LiveFace
from inference.live.puppet_actions import actions, mirrored
from inference.results import Face

FOLLOWS: Final = 0.03
"""Time constant in seconds while a face is followed; its points have been filtered before."""
TAKES_UP: Final = 0.25
"""The same for a face that has just come, for `TAKING_UP` seconds."""
TAKING_UP: Final = 0.6
EASES_BACK: Final = 0.45
"""The same on the way back to rest."""
HOLDS: Final = 0.3
"""Seconds for which the pose stays after the face was lost."""
FASTEST: Final = 420.0
"""Degrees a second."""
QUICKEST: Final = 18.0
"""Weights a second: a lid closes in 70 ms."""
LONGEST: Final = 0.1
"""Seconds that one step makes up for at most, so that a pause is no leap."""
CALIBRATION: Final = 1.0
"""Seconds of a neutral face."""
FEWEST: Final = 5
"""Frames of it."""
ASIDE: Final = (45.0, 65.0)
"""Degrees of a turn at which expressions begin to fade, as half of the face hides, and are gone."""
LIMITS: Final = (YAW_LIMIT, PITCH_LIMIT, ROLL_LIMIT)


@dataclass(frozen=True)
class PuppetSettings:
    """How a head is driven.

    Attributes
    ----------
    turns : bool
        The pose turns the head.
    moves : bool
        The landmarks drive its shapes, once there is a neutral face.
    gain : float
        Degrees of the head for a degree of the face.
    strength : float
        Of expressions; 1 is as they are.
    mirror : bool
        Left and right exchanged, as in a mirror.
    """

    turns: bool = True
    moves: bool = True
    gain: float = 1.0
    strength: float = 1.0
    mirror: bool = False


@dataclass(frozen=True)
class PuppetState:
    """What the head does now.

    Attributes
    ----------
    yaw, pitch, roll : float
        Degrees, ``blender_xyz``, from the pose at rest.
    actions : mapping of str to float
        Weights of facial actions.
    face : int or None
        Number of the face that drives it.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    actions: Mapping[str, float] = field(default_factory=dict)
    face: int | None = None

    def near(self, other: PuppetState) -> bool:
        """Whether nobody could tell them apart: a fiftieth of a degree and of a weight."""
        names = self.actions.keys() | other.actions.keys()
        pairs = [(self.actions.get(n, 0.0), other.actions.get(n, 0.0)) for n in names]
        pairs += [(self.yaw, other.yaw), (self.pitch, other.pitch), (self.roll, other.roll)]
        return all(abs(a - b) < 0.02 for a, b in pairs)


REST: Final = PuppetState()


class Puppet:
    """Follows one face; for one thread.

    Parameters
    ----------
    settings : PuppetSettings
    rest : PuppetState
        What it begins with and goes back to.

    Attributes
    ----------
    neutral : Neutral or None
        Without one only the pose is followed.
    """

    def __init__(self, settings: PuppetSettings | None = None, rest: PuppetState = REST) -> None:
        self.settings = settings or PuppetSettings()
        self.neutral: Neutral | None = None
        self._rest = rest
        self.state = rest
        self._time: float | None = None
        self._seen = -math.inf
        self._began = -math.inf
        self._target = rest

    def follow(self, faces: Sequence[LiveFace], time: float) -> PuppetState:
        """The state after the faces of one frame, or after none.

        Parameters
        ----------
        faces : sequence of LiveFace
        time : float
            Seconds; never less than before.
        """
        since = 0.0 if self._time is None else time - self._time
        self._time = time
        face = self._chosen(faces, time)
        if face is not None:
            if face.number != self._target.face:
                self._began = time
            self._seen = time
            self._target = self._wanted(face)
            constant = TAKES_UP if time - self._began < TAKING_UP else FOLLOWS
        elif time - self._seen < HOLDS:
            constant = FOLLOWS
        else:
            self._target, constant = self._rest, EASES_BACK
        self.state = _towards(self.state, self._target, min(max(since, 0.0), LONGEST), constant)
        return self.state

    @property
    def rests(self) -> bool:
        """Nothing drives it, and it is back."""
        return self._target is self._rest and self.state.near(self._rest)

    def _chosen(self, faces: Sequence[LiveFace], time: float) -> LiveFace | None:
        """The face that was followed; another one, the largest, once that is really gone."""
        seen = [face for face in faces if face.seen and usable(face.filtered)]
        for face in seen:
            if face.number == self._target.face:
                return face
        if self._target.face is not None and time - self._seen < HOLDS:
            return None
        return max(seen, key=lambda f: f.filtered.box.width * f.filtered.box.height, default=None)

    def _wanted(self, live: LiveFace) -> PuppetState:
        face, settings = live.filtered, self.settings
        side = -1.0 if settings.mirror else 1.0
        turn = turn_of(face, self.neutral) if settings.turns else None
        yaw, pitch, roll = self._rest.yaw, self._rest.pitch, self._rest.roll
        if turn is not None:
            angles = (side * turn.yaw, turn.pitch, side * turn.roll)
            yaw, pitch, roll = (
                min(max(angle * settings.gain, -limit), limit)
                for angle, limit in zip(angles, LIMITS, strict=True)
            )
        weights = dict(self._rest.actions)
        if settings.moves and self.neutral is not None:
            weights = actions_of(face, self.neutral, settings.strength * _seen_part(face))
            weights = mirrored(weights) if settings.mirror else weights
        return PuppetState(yaw, pitch, roll, weights, live.number)


class Calibration:
    """Looks at one face for a second: its neutral self."""

    def __init__(self) -> None:
        self._faces: list[Face] = []
        self._number: int | None = None
        self._start = 0.0
        self.progress = 0.0

    def add(self, faces: Iterable[LiveFace], time: float) -> Neutral | None:
        """Take the largest face; the neutral face once it was seen long enough.

        Another face, or none for a moment, lets it begin anew.

        Raises
        ------
        NeutralError
            When what was seen is of no use.
        """
        seen = [face for face in faces if face.seen and usable(face.filtered)]
        face = max(seen, key=lambda f: f.filtered.box.width * f.filtered.box.height, default=None)
        number = None if face is None else face.number
        if number != self._number:
            self._faces, self._number, self._start = [], number, time
        if face is None:
            self.progress = 0.0
            return None
        self._faces.append(face.filtered)
        self.progress = min((time - self._start) / CALIBRATION, 1.0)
        if self.progress < 1.0 or len(self._faces) < FEWEST:
            return None
        return neutral_of(self._faces)


def turn_of(face: Face, neutral: Neutral | None) -> Angles | None:
    """How a head is turned, ``blender_xyz``, from neutral where there is one; None if unknown."""
    if face.rotation is not None:
        rotation = np.asarray(face.rotation, float)
        if neutral is not None and neutral.rotation is not None:
            rotation = rotation @ neutral.rotation.T
    elif neutral is not None:
        rotation = onto(face, neutral)[1]
    elif face.head_pose is not None:
        return blender_xyz_from_matrix(matrix_from_pose_para(face.head_pose))
    else:
        return None
    return blender_xyz_from_matrix(nearest_rotation(rotation_as_seen(rotation)))


def actions_of(face: Face, neutral: Neutral, strength: float = 1.0) -> dict[str, float]:
    """Facial actions of a face, by its landmarks."""
    points = onto(face, neutral)[0]
    return actions(changes(measures(points), measures(neutral.points)), strength)


def _seen_part(face: Face) -> float:
    """1 for a face that looks at the camera, 0 for a profile."""
    if face.rotation is None:
        return 1.0
    aside = math.degrees(math.acos(min(max(float(face.rotation[2, 2]), -1.0), 1.0)))
    first, last = ASIDE
    return min(max((last - aside) / (last - first), 0.0), 1.0)


def _towards(now: PuppetState, target: PuppetState, since: float, constant: float) -> PuppetState:
    """One step of an exponential approach, bounded in speed."""
    part = 1.0 - math.exp(-since / constant)

    def step(a: float, b: float, most: float) -> float:
        return a + min(max((b - a) * part, -most * since), most * since)

    names = now.actions.keys() | target.actions.keys()
    weights = {
        name: step(now.actions.get(name, 0.0), target.actions.get(name, 0.0), QUICKEST)
        for name in sorted(names)
    }
    return PuppetState(
        step(now.yaw, target.yaw, FASTEST),
        step(now.pitch, target.pitch, FASTEST),
        step(now.roll, target.roll, FASTEST),
        {name: weight for name, weight in weights.items() if weight > 1e-3},
        target.face,
    )
