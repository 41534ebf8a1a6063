"""A person in a driver's seat: hips and back on the seat, feet at the pedals, hands where wanted.

World of the cabin: metres, the middle between the hip joints is the origin, the car drives to -Y,
the driver's left is +X, Z is up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from app.bake.driver_hand import Hand, HandPose, flat_hand
from app.bake.driver_rig import SIDES, Posed, Rig, pose_bones, turn_about, twist_of, unit
from app.bake.mesh import Floats

X, Y, Z = np.eye(3)
_SPINE: Final = ("spine04", "spine03", "spine02", "spine01")
_NECK: Final = ("neck01", "neck02", "neck03", "head")
_WRIST_EASE: Final = np.radians([42.0, 20.0])
"""Bend of a wrist towards palm or back, and to the sides, at which it is as strained as a forearm
turned by `_TWIST_EASE`."""
_TWIST_EASE: Final = np.radians(55.0)
STRETCH: Final = 0.012
"""Metres that a forearm may give."""


@dataclass(frozen=True)
class Torso:
    """How the upper body is held, degrees.

    Attributes
    ----------
    recline : float
        Of the pelvis against the upright, backwards.
    forward, aside, twist : float
        Bend of the spine forwards, to the driver's left, and turn to the left.
    head_yaw, head_pitch, head_roll : float
        Of the head against straight ahead: to the left, down, and to the left shoulder.
    """

    recline: float = 30.0
    forward: float = 10.0
    aside: float = 0.0
    twist: float = 0.0
    head_yaw: float = 0.0
    head_pitch: float = 0.0
    head_roll: float = 0.0


@dataclass(frozen=True, eq=False)
class HandPlace:
    """Where a hand is.

    Attributes
    ----------
    turn : ndarray, shape (3, 3)
        Columns are x, y, z of the hand's frame (see `app.bake.driver_hand`) in the cabin.
    wrist : ndarray, shape (3,)
    pose : HandPose
    lift : float
        Degrees by which the elbow is raised sideways from where it hangs.
    """

    turn: Floats
    wrist: Floats
    pose: HandPose = field(default_factory=flat_hand)
    lift: float = 0.0


@dataclass(frozen=True, eq=False)
class Feet:
    """Where the ankles are, shape (3,), and how far the knees open, degrees."""

    left: Floats
    right: Floats
    open_left: float = 10.0
    open_right: float = 6.0


@dataclass(frozen=True, eq=False)
class Reach:
    """How an arm gets somewhere.

    Attributes
    ----------
    elbow : ndarray, shape (3,)
    swivel : float
        Radians of the elbow about the line from shoulder to wrist.
    strain : float
        0 at ease; above about 2 it looks forced.
    short : float
        Metres by which the arm is too short.
    """

    elbow: Floats
    swivel: float
    strain: float
    short: float


def pose_driver(rig: Rig, torso: Torso, feet: Feet, hands: dict[str, HandPlace]) -> Posed:
    """The whole body."""
    turns = _trunk(torso)
    root = _root(rig, turns)
    bare = pose_bones(rig, turns, root)
    turns |= _legs(rig, bare, feet)
    for side in SIDES:
        if side in hands:
            turns |= _shoulder(bare, side, hands[side].wrist)
    bare = pose_bones(rig, turns, root)
    for side in SIDES:
        if side in hands:
            turns |= _arm(bare, Hand.of(rig, side), hands[side])
    return _hands_home(pose_bones(rig, turns, root), hands)


def pose_trunk(rig: Rig, torso: Torso) -> Posed:
    """The upper body alone, with limbs as at rest."""
    turns = _trunk(torso)
    return pose_bones(rig, turns, _root(rig, turns))


def _hands_home(posed: Posed, hands: dict[str, HandPlace]) -> Posed:
    """Take up the last millimetres between wrists and where they are wanted.

    The twisting of the forearm moves its end a little; the skin of the forearm makes up for it.
    """
    rig, joints = posed.rig, posed.joints.copy()
    for side, place in hands.items():
        wrist = rig.bone(f"wrist.{side}")
        gap = place.wrist - joints[wrist]
        gap *= min(1.0, STRETCH / max(float(np.linalg.norm(gap)), 1e-9))
        moved = np.zeros(len(rig.names), dtype=bool)
        for bone, parent in enumerate(rig.parents):
            moved[bone] = bone == wrist or (parent >= 0 and moved[parent])
        joints[moved] += gap
    return Posed(rig, posed.turns, joints)


def _root(rig: Rig, turns: dict[str, Floats]) -> Floats:
    """Place of the first bone for which the middle of the hips is the origin."""
    return np.asarray(turns["root"] @ (rig.heads[0] - rig.hips))


def _trunk(torso: Torso) -> dict[str, Floats]:
    lean = np.radians(torso.recline)
    turns = {"root": turn_about(X, -lean)}
    each = (
        turn_about(Z, np.radians(torso.twist) / len(_SPINE))
        @ turn_about(Y, np.radians(torso.aside) / len(_SPINE))
        @ turn_about(X, np.radians(torso.forward) / len(_SPINE))
    )
    trunk = turns["root"]
    for name in _SPINE:
        turns[name] = each
        trunk = trunk @ each
    wanted = (
        turn_about(Z, np.radians(torso.head_yaw))
        @ turn_about(X, np.radians(torso.head_pitch))
        @ turn_about(Y, np.radians(torso.head_roll))
    )
    axis, angle = _axis_angle(trunk.T @ wanted)
    for name, share in zip(_NECK, (0.2, 0.2, 0.2, 0.4), strict=True):
        turns[name] = turn_about(axis, share * angle)
    return turns


def _axis_angle(turn: Floats) -> tuple[Floats, float]:
    skew = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    sine = float(np.linalg.norm(skew))
    angle = float(np.arctan2(sine, np.trace(turn) - 1.0))
    return (skew / sine if sine > 1e-9 else X), angle


def _legs(rig: Rig, bare: Posed, feet: Feet) -> dict[str, Floats]:
    out: dict[str, Floats] = {}
    for side, ankle, opening in (
        ("L", feet.left, feet.open_left),
        ("R", feet.right, -feet.open_right),
    ):
        names = (f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}")
        hip, knee, foot = (rig.heads[rig.bone(name)] for name in names)
        start = bare.joint(names[0])
        pole = turn_about(Y, np.radians(opening)) @ Z
        bent, _ = two_bones(
            start,
            ankle,
            float(np.linalg.norm(knee - hip)),
            float(np.linalg.norm(foot - knee)),
            pole,
        )
        above = bare.turns[rig.bone(f"pelvis.{side}")]
        upper = _align(knee - hip, foot - knee, bent - start, ankle - bent, -X)
        lower = _align(foot - knee, knee - hip, ankle - bent, bent - start, -X)
        out[names[0]] = above.T @ upper
        out[names[1]] = upper.T @ lower
        flat = turn_about(X, np.radians(-32.0))
        out[names[2]] = lower.T @ flat
    return out


def _align(
    along: Floats, other: Floats, new_along: Floats, new_other: Floats, hinge: Floats
) -> Floats:
    """Rotation that takes a bone and its hinge to where they are wanted.

    The hinge is the normal of both bones; at rest, where they are nearly straight, it is ``hinge``.
    """
    a, b = unit(along), unit(new_along)
    n = unit(hinge - (hinge @ a) * a)
    m = np.cross(new_along, new_other)
    if m @ hinge < 0:
        m = -m
    m = unit(m - (m @ b) * b)
    before = np.stack([a, n, np.cross(a, n)], axis=1)
    after = np.stack([b, m, np.cross(b, m)], axis=1)
    return np.asarray(after @ before.T)


def two_bones(
    start: Floats, end: Floats, first: float, second: float, pole: Floats
) -> tuple[Floats, float]:
    """Where the joint between two bones lies, bent towards a pole, and how far they fall short."""
    way = end - start
    length = float(np.linalg.norm(way))
    reach = min(length, 0.998 * (first + second))
    reach = max(reach, abs(first - second) * 1.02 + 1e-3)
    along = unit(way)
    share = (first**2 - second**2 + reach**2) / (2.0 * reach)
    off = np.sqrt(max(first**2 - share**2, 0.0))
    side = unit(pole - (pole @ along) * along)
    return np.asarray(start + share * along + off * side), length - reach


def _shoulder(bare: Posed, side: str, wrist: Floats) -> dict[str, Floats]:
    """Turn of the collar bone that brings the shoulder towards a far or a high hand."""
    rig = bare.rig
    names = (f"upperarm01.{side}", f"lowerarm01.{side}", f"wrist.{side}")
    a, b, c = (rig.heads[rig.bone(name)] for name in names)
    arm = float(np.linalg.norm(b - a) + np.linalg.norm(c - b))
    trunk = bare.turns[rig.bone("spine01")]
    way = trunk.T @ (wrist - bare.joint(names[0]))
    far = float(np.clip((np.linalg.norm(way) / arm - 0.72) / 0.3, 0.0, 1.0))
    sign = 1.0 if side == "L" else -1.0
    forward = -way[1] / max(float(np.linalg.norm(way)), 1e-6)
    turn = turn_about(Z, -sign * np.radians(20.0) * far * forward)
    raised = float(np.clip(way[2] / arm + 0.25, 0.0, 1.0))
    return {f"clavicle.{side}": turn @ turn_about(Y, -sign * np.radians(16.0) * raised)}


def _arm(bare: Posed, hand: Hand, place: HandPlace) -> dict[str, Floats]:
    rig, side = bare.rig, hand.side
    names = [f"{n}.{side}" for n in ("upperarm01", "upperarm02", "lowerarm01", "lowerarm02")]
    shoulder, elbow, wrist = (rig.heads[rig.bone(n)] for n in (names[0], names[2], f"wrist.{side}"))
    reach = reach_for(bare, hand, place)
    start = bare.joint(names[0])
    end = place.wrist
    if reach.short > 0.0:
        end = start + (end - start) * (1.0 - reach.short / np.linalg.norm(end - start))
    hinge = np.cross(elbow - shoulder, wrist - elbow)
    upper = _align_arm(elbow - shoulder, hinge, reach.elbow - start, end - reach.elbow)
    lower = _align_arm(
        wrist - elbow, hinge, end - reach.elbow, end - reach.elbow, reach.elbow - start
    )
    held = place.turn @ hand.frame.T
    twist = twist_of(lower.T @ held, unit(wrist - elbow))
    along = unit(wrist - elbow)
    first, second = turn_about(along, 0.25 * twist), turn_about(along, 0.65 * twist)
    above = bare.turns[rig.bone(f"shoulder01.{side}")]
    out = {names[0]: above.T @ upper, names[2]: upper.T @ lower @ first}
    out[names[3]] = second
    out[f"wrist.{side}"] = (lower @ first @ second).T @ held
    return out | hand.turns(place.pose)


def _align_arm(
    along: Floats, hinge: Floats, new_along: Floats, fore: Floats, upper: Floats | None = None
) -> Floats:
    """Rotation of an arm's bone whose elbow's hinge goes along."""
    new_hinge = np.cross(new_along if upper is None else upper, fore)
    a, b = unit(along), unit(new_along)
    n, m = unit(hinge - (hinge @ a) * a), unit(new_hinge - (new_hinge @ b) * b)
    before = np.stack([a, n, np.cross(a, n)], axis=1)
    after = np.stack([b, m, np.cross(b, m)], axis=1)
    return np.asarray(after @ before.T)


def reach_for(bare: Posed, hand: Hand, place: HandPlace) -> Reach:
    """The least strained way of an arm to a place, over all swivels of the elbow."""
    rig, side = bare.rig, hand.side
    shoulder, elbow, wrist = (
        rig.heads[rig.bone(f"{n}.{side}")] for n in ("upperarm01", "lowerarm01", "wrist")
    )
    first, second = float(np.linalg.norm(elbow - shoulder)), float(np.linalg.norm(wrist - elbow))
    start = bare.joint(f"upperarm01.{side}")
    sign = 1.0 if side == "L" else -1.0
    way = unit(place.wrist - start)
    hang = unit(-Z + 0.30 * sign * X)
    hang = unit(hang - (hang @ way) * way)
    angles = np.radians(np.arange(-30.0, 121.0, 5.0))
    turned = np.cross(way, hang) * sign
    poles = np.cos(angles)[:, None] * hang + np.sin(angles)[:, None] * turned
    joint, short = two_bones(start, place.wrist, first, second, hang)
    short = max(short, 0.0)
    end = place.wrist - short * way
    middle = start + ((joint - start) @ way) * way
    elbows = middle + float(np.linalg.norm(joint - middle)) * poles
    costs = _strains(hand, place, elbows, start, end)
    hung = (angles - np.radians(place.lift + 12.0)) / np.radians(35.0)
    costs = costs + 0.8 * hung**2
    k = int(np.argmin(costs))
    angle = float(angles[k])
    if 0 < k < len(angles) - 1:
        a, b, c = costs[k - 1 : k + 2]
        angle += float(np.radians(5.0) * 0.5 * (a - c) / max(a - 2 * b + c, 1e-9))
    pole = np.cos(angle) * hang + np.sin(angle) * turned
    elbow_there = middle + float(np.linalg.norm(joint - middle)) * pole
    return Reach(elbow_there, angle, float(np.sqrt(costs[k])), short)


def _strains(hand: Hand, place: HandPlace, elbows: Floats, start: Floats, end: Floats) -> Floats:
    """Squared strain of wrist and forearm for many places of the elbow, shape (K,)."""
    rig, side = hand.rig, hand.side
    shoulder, elbow, wrist = (
        rig.heads[rig.bone(f"{n}.{side}")] for n in ("upperarm01", "lowerarm01", "wrist")
    )
    fore, hinge = unit(wrist - elbow), np.cross(elbow - shoulder, wrist - elbow)
    n = unit(hinge - (hinge @ fore) * fore)
    before = np.stack([fore, n, np.cross(fore, n)], axis=1)
    along = end - elbows
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(elbows - start, along)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    after = np.stack([along, across, np.cross(along, across)], axis=2)
    lower = after @ before.T
    relative = np.swapaxes(lower, 1, 2) @ (place.turn @ hand.frame.T)
    quaternion = Rotation.from_matrix(relative).as_quat()
    twist = 2.0 * np.arctan2(quaternion[:, :3] @ fore, quaternion[:, 3])
    twist = (twist + np.pi) % (2.0 * np.pi) - np.pi
    swing = Rotation.from_quat(quaternion) * Rotation.from_rotvec(-twist[:, None] * fore)
    bend = swing.as_rotvec()
    over = bend @ hand.frame[:, 1] / _WRIST_EASE[0]
    beside = bend @ hand.frame[:, 2] / _WRIST_EASE[1]
    sign = 1.0 if side == "L" else -1.0
    strain: Floats = over**2 + beside**2 + ((twist - 0.15 * sign) / _TWIST_EASE) ** 2
    return strain
