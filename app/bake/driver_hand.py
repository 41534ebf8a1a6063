"""A hand's bones, surface and joint angles, in a frame of its own.

The frame of a hand: x from the wrist to the knuckle of the middle finger, y towards the thumb,
z out of the palm on a left hand and out of its back on a right one, so that it is right-handed on
both. The origin is the wrist.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from app.bake.driver_rig import Rig, skin_weights, turn_about, unit
from app.bake.mesh import Floats, Ints

FINGERS: Final = (2, 3, 4, 5)
"""Index to little finger, as the body model counts them; the thumb is 1."""


@dataclass(frozen=True, eq=False)
class HandPose:
    """Bends of the joints, radians.

    Attributes
    ----------
    flex : ndarray, shape (5, 3)
        Thumb to little finger, from the palm outwards; positive closes the hand. Of the thumb the
        first is the bend of its root towards the palm.
    spread : ndarray, shape (5,)
        Sideways at the first joint, towards the thumb. Of the thumb: away from the index finger.
    """

    flex: Floats
    spread: Floats

    def mixed(self, other: HandPose, share: float) -> HandPose:
        """A pose between this one (share 0) and another (1)."""
        return HandPose(
            self.flex + share * (other.flex - self.flex),
            self.spread + share * (other.spread - self.spread),
        )


def flat_hand(curl: float = 0.15) -> HandPose:
    """A hand at ease, its fingers bent a little."""
    flex = np.tile(np.array([0.5, 0.8, 0.5]) * curl * 2.0, (5, 1))
    flex[0] = [0.1, 0.3 * curl, 0.3 * curl]
    flex[1:, 0] += 0.04 * np.arange(4) * (curl > 0.2)
    return HandPose(flex, np.zeros(5))


def curled_hand(amount: float = 1.0) -> HandPose:
    """A hand that holds something slim, or a fist at 1.4."""
    flex = np.tile(np.array([0.95, 1.25, 0.7]) * amount, (5, 1))
    flex[0] = [0.55 * amount, 0.45 * amount, 0.45 * amount]
    return HandPose(flex, np.array([-0.1, 0.0, 0.0, 0.0, 0.0]))


@dataclass(frozen=True, eq=False)
class Hand:
    """One hand of a person.

    Attributes
    ----------
    side : str
    rig : Rig
    frame : ndarray, shape (3, 3)
        Columns are x, y, z of the hand's frame in the world at rest.
    """

    side: str
    rig: Rig
    frame: Floats

    @staticmethod
    def of(rig: Rig, side: str) -> Hand:
        """The hand of a side, ``"L"`` or ``"R"``."""
        joint = {n: rig.heads[rig.bone(f"finger{n}-1.{side}")] for n in FINGERS}
        along = unit(joint[3] - rig.heads[rig.bone(f"wrist.{side}")])
        across = joint[2] - joint[5]
        across = unit(across - (across @ along) * along)
        return Hand(side, rig, np.stack([along, across, np.cross(along, across)], axis=1))

    @property
    def sign(self) -> float:
        """1 where the frame's z leaves the palm, -1 where it leaves the back."""
        return 1.0 if self.side == "L" else -1.0

    @property
    def palm(self) -> Floats:
        """Direction out of the palm in the world at rest, shape (3,)."""
        return np.asarray(self.sign * self.frame[:, 2])

    @functools.cached_property
    def wrist(self) -> int:
        return self.rig.bone(f"wrist.{self.side}")

    @functools.cached_property
    def origin(self) -> Floats:
        """The wrist at rest, shape (3,)."""
        return np.asarray(self.rig.heads[self.wrist])

    @functools.cached_property
    def length(self) -> float:
        """From the wrist to the knuckle of the middle finger, metres."""
        knuckle = self.rig.heads[self.rig.bone(f"finger3-1.{self.side}")]
        return float(np.linalg.norm(knuckle - self.origin))

    @functools.cached_property
    def chains(self) -> tuple[tuple[int, int, int], ...]:
        """Bones of thumb to little finger, from the palm outwards."""
        return tuple(
            tuple(self.rig.bone(f"finger{n}-{k}.{self.side}") for k in (1, 2, 3))  # type: ignore[misc]
            for n in (1, *FINGERS)
        )

    @functools.cached_property
    def vertices(self) -> Ints:
        """Skin vertices that hang on the hand for the most part, shape (N,)."""
        below = {self.wrist}
        for bone, parent in enumerate(self.rig.parents):
            if int(parent) in below:
                below.add(bone)
        share = np.asarray(skin_weights()[:, sorted(below)].sum(axis=1)).ravel()
        return np.flatnonzero(share[:13380] > 0.6)

    @functools.cached_property
    def weights(self) -> sparse.csr_matrix:
        """Skin weights of `vertices`."""
        return skin_weights()[self.vertices]

    @functools.cached_property
    def points(self) -> Floats:
        """Skin of the hand at rest, shape (N, 3)."""
        return np.asarray(self.rig.vertices[self.vertices])

    @functools.cached_property
    def holder(self) -> Ints:
        """Bone that each of `vertices` hangs on most, shape (N,)."""
        return np.asarray(self.weights.argmax(axis=1)).ravel()

    @functools.cached_property
    def _axes(self) -> tuple[Floats, Floats]:
        """Axes of bending (5, 3, 3) and of spreading (5, 3), unit vectors of the world at rest."""
        bend = np.zeros((5, 3, 3))
        spread = np.zeros((5, 3))
        palm = self.palm
        for f, chain in enumerate(self.chains):
            for k, bone in enumerate(chain):
                way = unit(self.rig.tails[bone] - self.rig.heads[bone])
                if f == 0:
                    # the thumb closes across the palm, towards the ring finger's root
                    root = self.rig.heads[self.rig.bone(f"finger4-1.{self.side}")]
                    aim = unit(root + 0.02 * palm - self.rig.tails[chain[1]])
                    bend[f, k] = unit(np.cross(way, aim))
                else:
                    bend[f, k] = unit(np.cross(way, palm))
            spread[f] = self.sign * palm if f else unit(np.cross(palm, unit(self.frame[:, 0])))
            if f == 0:
                spread[f] = palm * self.sign
        return bend, spread

    @functools.cached_property
    def rest_spread(self) -> Floats:
        """Angles that lay the fingers side by side, shape (5,), radians."""
        out = np.zeros(5)
        for f, chain in enumerate(self.chains):
            if f == 0:
                continue
            way = self.rig.tails[chain[0]] - self.rig.heads[chain[0]]
            x, y = way @ self.frame[:, 0], way @ self.frame[:, 1]
            out[f] = -0.7 * np.arctan2(y, x)
        return out

    def turns(self, pose: HandPose) -> dict[str, Floats]:
        """Turns of the finger bones relative to their parents, for `pose_bones`."""
        bend, spread = self._axes
        out = {}
        for f, chain in enumerate(self.chains):
            for k, bone in enumerate(chain):
                turn = turn_about(bend[f, k], float(pose.flex[f, k]))
                if k == 0:
                    aside = float(pose.spread[f] + self.rest_spread[f])
                    turn = turn_about(spread[f], aside) @ turn
                out[self.rig.names[bone]] = turn
        return out

    @functools.cached_property
    def _phalanges(self) -> tuple[tuple[Ints, Floats], ...]:
        """Of every finger the rows that hang on it, and their weights on its three bones."""
        out = []
        for chain in self.chains:
            rows = np.flatnonzero(np.isin(self.holder, chain))
            out.append((rows, np.asarray(self.weights[rows][:, list(chain)].todense())))
        return tuple(out)

    def phalanx_of(self, finger: int) -> Ints:
        """Which phalanx, 0 to 2, each row of `finger_skin` hangs on most."""
        rows, _ = self._phalanges[finger]
        held = self.holder[rows]
        return np.asarray(np.argmax(held[:, None] == np.array(self.chains[finger]), axis=1))

    def finger_skin(self, finger: int, flex: Floats, spread: Floats, every: int = 1) -> Floats:
        """Skin of one finger for many bends at once, in the hand's own frame.

        Parameters
        ----------
        flex : ndarray, shape (K, 3), radians
        spread : ndarray, shape (K,), radians
        every : int
            Of how many vertices one is carried.

        Returns
        -------
        ndarray, shape (K, N, 3)
        """
        bend, sideways = self._axes
        chain, heads = self.chains[finger], self.rig.heads
        rows, weights = self._phalanges[finger]
        points, weights = self.points[rows[::every]], weights[::every]
        turn = _turns(sideways[finger], spread + self.rest_spread[finger])
        joint = np.broadcast_to(heads[chain[0]], (len(flex), 3))
        skin = (1.0 - weights.sum(axis=1))[None, :, None] * points[None]
        before = chain[0]
        for k, bone in enumerate(chain):
            joint = np.einsum("kij,j->ki", turn, heads[bone] - heads[before]) + joint
            if k == 0:
                joint = np.broadcast_to(heads[bone], (len(flex), 3))
            turn = turn @ _turns(bend[finger, k], flex[:, k])
            carried = np.einsum("kij,nj->kni", turn, points - heads[bone]) + joint[:, None]
            skin = skin + weights[None, :, k, None] * carried
            before = bone
        return np.asarray((skin - self.origin) @ self.frame)

    def skin(self, pose: HandPose) -> Floats:
        """All skin in the hand's own frame, shape (N, 3)."""
        out = (self.points - self.origin) @ self.frame
        for finger, (rows, _) in enumerate(self._phalanges):
            out[rows] = self.finger_skin(finger, pose.flex[finger][None], pose.spread[finger][None])
        return out


def _turns(axis: Floats, angles: Floats) -> Floats:
    """Rotations about one unit vector by many angles, shape (K, 3, 3)."""
    x, y, z = axis
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, cosine = np.sin(angles)[:, None, None], np.cos(angles)[:, None, None]
    return np.asarray(np.eye(3) + sine * k + (1.0 - cosine) * (k @ k))
