"""Closing a hand round a steering wheel's rim.

A grip is found where it is held: the palm is laid on the rim, and of all bends of a finger's three
joints, those are taken at which all of its skin lies closest to the rim without entering it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.bake.driver_hand import Hand, HandPose
from app.bake.mesh import Floats, Ints
from app.scene.wheel import Wheel

SINK: Final = 0.0012
"""Metres by which soft skin is let into the rim where it touches."""

_LIMITS: Final = np.radians([[-5.0, 90.0], [5.0, 108.0], [0.0, 75.0]])
"""Bends of knuckle, middle and last joint of a finger."""

_DEEPEST: Final = 0.0036
"""Metres that skin may be in the rim before fingers are held off it."""

_DEEP: Final = 1200.0
"""Cost of a metre of skin inside the rim, against tens for a metre beside it."""

_COUPLING: Final = 0.6
"""Share of the middle joint's bend that the last joint follows with."""

_SPARSE: Final = (4, 2, 1)
"""Of how many skin vertices one is looked at, from the coarse search to the fine."""

Distance = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Hold:
    """How a hand lies on the rim.

    Attributes
    ----------
    clock : float
        Where, in hours, in the wheel's own axes.
    around : float
        Degrees about the rim's section: 0 with the palm outside, 90 with it before the driver.
    slant : float
        Degrees by which the fingers lean along the rim towards the thumb.
    depth : float
        Where across the hand the rim runs: 0 at the wrist, 1 at the knuckles.
    gap : float
        Metres between palm and rim.
    closed : float
        How far the fingers close: 1 until they touch, 0 not at all.
    loose : float
        Metres that the fingers stay off the rim.
    thumb : float
        0 with the thumb along the rim, 1 round it.
    """

    clock: float
    around: float = 20.0
    slant: float = 14.0
    depth: float = 0.80
    gap: float = -SINK
    closed: float = 1.0
    loose: float = 0.0
    thumb: float = 0.5


@dataclass(frozen=True, eq=False)
class Grip:
    """A hand in the wheel's own axes.

    Attributes
    ----------
    turn : ndarray, shape (3, 3)
        Columns are x, y, z of the hand's frame.
    wrist : ndarray, shape (3,)
    pose : HandPose
    """

    turn: Floats
    wrist: Floats
    pose: HandPose


def hold_frame(wheel: Wheel, hold: Hold, side: str) -> tuple[Floats, Floats, Floats]:
    """Frame of a hand that holds so, shape (3, 3), the way out of the rim and its middle there."""
    ends = wheel.point(np.array([hold.clock - 0.02, hold.clock + 0.02]))
    middle = wheel.point(hold.clock)
    clockwise = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    towards_driver = np.array([0.0, 0.0, -1.0])
    outward = np.cross(clockwise, towards_driver)
    outward *= np.sign(outward @ middle)
    thumb = clockwise if side == "L" else -clockwise
    angle, slant = np.radians(hold.around), np.radians(hold.slant)
    away = np.cos(angle) * outward + np.sin(angle) * towards_driver
    palm = -away
    sign = 1.0 if side == "L" else -1.0
    z = sign * palm
    along = np.cross(thumb, z)
    x = np.cos(slant) * along + np.sin(slant) * thumb
    return np.stack([x, np.cross(z, x), z], axis=1), away, middle


def take_hold(hand: Hand, wheel: Wheel, hold: Hold) -> Grip:
    """Lay a hand on the rim and close it."""
    turn, away, middle = hold_frame(wheel, hold, hand.side)
    pose = _open_hand()
    palm = np.flatnonzero(np.isin(hand.holder, _palm_bones(hand)))
    skin = hand.skin(pose)[palm]
    inner = skin[skin[:, 2] * hand.sign > 0]
    height = float(np.quantile(inner[:, 2] * hand.sign, 0.9))
    contact = np.array([hold.depth * hand.length, 0.0, hand.sign * height])
    wrist = middle + away * wheel.thickness - turn @ contact
    wrist = wrist + away * _clearance(skin, turn, wrist, away, wheel.distance, hold.gap)

    def distance(points: Floats) -> Floats:
        return wheel.nearness(points @ turn.T + wrist)

    gap = max(hold.gap + hold.loose, -SINK)
    closed = _closed(hand, pose, distance, hold.thumb, gap)
    deepest = float(distance(hand.skin(closed)).min())
    if deepest < -_DEEPEST:
        # fingers that cannot lie on the rim without entering it are held off as far as they did
        closed = _closed(hand, pose, distance, hold.thumb, gap - deepest)
    if hold.closed < 1.0:
        closed = _open_hand().mixed(closed, hold.closed)
    if hold.gap > 0.0:
        wrist = _at_gap(hand, wheel, turn, wrist, closed, away, hold.gap)
    return Grip(turn, wrist, closed)


def _closed(hand: Hand, pose: HandPose, distance: Distance, thumb: float, gap: float) -> HandPose:
    """All fingers laid on the rim, or a gap off it."""
    flex, spread = pose.flex.copy(), pose.spread.copy()
    flex[0], spread[0] = _thumb(hand, distance, thumb, gap)
    for finger in range(1, 5):
        flex[finger] = _finger(hand, finger, distance, gap)
    return HandPose(flex, spread)


def _at_gap(
    hand: Hand,
    wheel: Wheel,
    turn: Floats,
    wrist: Floats,
    pose: HandPose,
    away: Floats,
    gap: float,
) -> Floats:
    """The wrist of a hovering hand moved so that what is nearest to the rim keeps the gap."""
    skin = hand.skin(pose) @ turn.T + wrist
    moves = np.linspace(-0.015, 0.025, 21)
    nearest = wheel.nearness(skin + moves[:, None, None] * away).min(axis=1)
    return np.asarray(wrist + float(moves[int(np.argmin(np.abs(nearest - gap)))]) * away)


def _open_hand() -> HandPose:
    flex = np.tile(np.radians([10.0, 14.0, 8.0]), (5, 1))
    flex[0] = [0.0, 0.1, 0.1]
    return HandPose(flex, np.zeros(5))


def _palm_bones(hand: Hand) -> list[int]:
    names = [f"metacarpal{k}.{hand.side}" for k in (1, 2, 3, 4)]
    return [hand.wrist, *(hand.rig.bone(name) for name in names), hand.chains[0][0]]


def _clearance(
    skin: Floats, turn: Floats, wrist: Floats, away: Floats, distance: Distance, gap: float
) -> float:
    """Metres to move the hand away from the rim's middle so that its palm keeps a gap."""
    points = skin @ turn.T + wrist
    moves = np.arange(-0.02, 0.06, 0.001)
    nearest = distance(points + moves[:, None, None] * away).min(axis=1)
    deep = np.flatnonzero(nearest < gap)
    k = int(deep[-1]) if len(deep) else 0
    if k + 1 >= len(moves):
        return float(moves[-1])
    share = (gap - nearest[k]) / max(nearest[k + 1] - nearest[k], 1e-9)
    return float(moves[k] + np.clip(share, 0.0, 1.0) * 0.001)


def _finger(hand: Hand, finger: int, distance: Distance, gap: float) -> Floats:
    """Bends of one finger, shape (3,), that lay all of it on the rim."""
    phalanx = hand.phalanx_of(finger)
    # knuckle, middle joint, and how much the last one bends more than it usually does with it
    low, high = np.radians([-5.0, 5.0, -22.0]), np.radians([90.0, 108.0, 22.0])
    step = (high - low) / np.array([12.0, 13.0, 2.0])
    best = np.zeros(3)
    for every in _SPARSE:
        if every != _SPARSE[0]:
            low, high = best - step, best + step
            step = step / 3.0
        axes = [np.arange(a, b + 1e-9, s) for a, b, s in zip(low, high, step, strict=True)]
        trial = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        flex = _bent(trial)
        away = distance(hand.finger_skin(finger, flex, np.zeros(len(flex)), every))
        near = _nearest(away, phalanx[::every])
        cost = _DEEP * np.maximum(gap - near, 0.0).sum(axis=1)
        cost += np.abs(near - gap) @ np.array([6.0, 24.0, 30.0])
        cost += 0.10 * trial[:, 2] ** 2 + 0.03 * (flex[:, 1] - flex[:, 0]) ** 2
        best = trial[int(np.argmin(cost))]
    return np.asarray(_bent(best[None])[0])


def _bent(trial: Floats) -> Floats:
    """Bends of three joints, shape (K, 3), within what fingers can do."""
    last = _COUPLING * trial[:, 1] + trial[:, 2]
    flex = np.stack([trial[:, 0], trial[:, 1], last], axis=1)
    return np.asarray(np.clip(flex, _LIMITS[:, 0], _LIMITS[:, 1]))


def _nearest(away: Floats, phalanx: Ints) -> Floats:
    """Least of distances (K, N) on each of three phalanges, shape (K, 3)."""
    return np.stack([away[:, phalanx == k].min(axis=1) for k in range(3)], axis=1)


def _thumb(hand: Hand, distance: Distance, wrap: float, gap: float) -> tuple[Floats, float]:
    """Bends, shape (3,), and spread of the thumb that lay its outer parts on the rim, or nearly."""
    phalanx = hand.phalanx_of(0)
    low = np.radians([-25.0, 0.0, 0.0, -30.0])
    high = np.radians([50.0, 60.0, 60.0, 36.0])
    step = (high - low) / np.array([6.0, 3.0, 2.0, 6.0])
    wanted = np.radians(10.0 + 25.0 * wrap)
    best = np.zeros(4)
    for every in _SPARSE:
        if every != _SPARSE[0]:
            low, high = best - step, best + step
            low[1:3], step = np.maximum(low[1:3], 0.0), step / 2.0
        axes = [np.arange(a, b + 1e-9, s) for a, b, s in zip(low, high, step, strict=True)]
        trial = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 4)
        away = distance(hand.finger_skin(0, trial[:, :3], trial[:, 3], every))
        near = _nearest(away, phalanx[::every])
        cost = _DEEP * np.maximum(gap - near, 0.0).sum(axis=1)
        cost += np.abs(near - gap) @ np.array([0.0, 6.0, 12.0])
        cost += 0.2 * ((trial[:, 1:3] - wanted) ** 2).sum(axis=1)
        cost += 0.3 * trial[:, 0] ** 2 + 0.6 * trial[:, 3] ** 2
        best = trial[int(np.argmin(cost))]
    return best[:3], float(best[3])
