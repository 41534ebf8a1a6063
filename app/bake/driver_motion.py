"""A script on a body: where hands, trunk and wheel are at any time."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from app.bake.driver import Driver
from app.bake.driver_grip import Grip, Hold, hold_frame, take_hold
from app.bake.driver_hand import Hand, curled_hand, flat_hand
from app.bake.driver_places import elsewhere, frame_of
from app.bake.driver_pose import (
    Feet,
    HandPlace,
    Torso,
    pose_driver,
    reach_for,
)
from app.bake.driver_rig import SIDES, Posed, unit
from app.bake.mesh import Floats
from app.scene.cabin import Cabin
from app.scene.driving import ON_WHEEL, BodyKey, HandKey, Script
from app.scene.wheel import Placed

BACK_RECLINE: Final = 30.0
"""Degrees by which a driver's pelvis leans back."""
_SPOKE_GAP: Final = 0.004
"""Metres that a hand on a spoke keeps from the rim at least."""
_BESIDE: Final = 0.03
"""Metres that a hand before the rim keeps from it."""
_ELSEWHERE: Final = 0.02
"""Metres that a hand elsewhere keeps from the rim."""
_MOVES: Final = np.arange(0.0, 0.164, 0.004)
"""Metres that a hand may be moved to clear the rim."""
_LIFTED: Final = 0.035
"""Metres by which a hand leaves the rim before it travels."""


@dataclass(frozen=True, eq=False)
class Way:
    """A key on a body: a place in the axes of what it goes with.

    Attributes
    ----------
    carrier : str
        ``"wheel"``, ``"head"`` or ``"cabin"``.
    away : ndarray, shape (3,)
        Direction in which the hand leaves, in the same axes.
    """

    carrier: str
    place: HandPlace
    away: Floats


@dataclass(frozen=True, eq=False)
class Moment:
    """A driver at one time."""

    posed: Posed
    wheel: Placed
    body: BodyKey
    hands: Mapping[str, HandPlace]

    @property
    def shapes(self) -> dict[str, float]:
        """Amounts of facial actions."""
        lids, jaw = self.body.lids, self.body.jaw
        return {"eyeBlinkLeft": lids, "eyeBlinkRight": lids, "jawOpen": jaw}


@dataclass(frozen=True, eq=False)
class Performance:
    """A script, a driver and a cabin brought together.

    Attributes
    ----------
    camera : ndarray, shape (3,)
        Where the picture is taken from, for what is to lie before the rim.
    """

    driver: Driver
    cabin: Cabin
    script: Script
    camera: Floats
    seed: int = 0
    _grips: dict[tuple[object, ...], Grip] = field(default_factory=dict)

    def wheel(self, time: float) -> Placed:
        """The wheel at a time."""
        m = self.cabin.measures
        centre = np.array([0.0, -m.wheel_ahead, m.wheel_height])
        return Placed(self.cabin.wheel, centre, m.wheel_tilt, self.script.wheel_angle(time))

    @functools.cached_property
    def feet(self) -> Feet:
        """Feet at the pedals, as far as the legs reach."""
        rig = self.driver.rig
        leg = sum(
            float(np.linalg.norm(rig.heads[rig.bone(b)] - rig.heads[rig.bone(a)]))
            for a, b in (("upperleg01.L", "lowerleg01.L"), ("lowerleg01.L", "foot.L"))
        )
        low = -self.cabin.measures.floor + 0.10
        ahead = np.sqrt(max((0.93 * leg) ** 2 - low**2, 0.04))
        rng = np.random.default_rng([self.seed, 21])
        rest = float(rng.uniform(0.86, 0.99))
        return Feet(
            np.array([0.15, -ahead * rest, low]),
            np.array([-0.05, -ahead * 0.97, low + 0.015]),
            float(rng.uniform(4.0, 16.0)),
            float(rng.uniform(2.0, 10.0)),
        )

    @functools.cached_property
    def _slouch(self) -> tuple[float, float]:
        rng = np.random.default_rng([self.seed, 22])
        return float(rng.normal(0.0, 2.5)), float(rng.normal(10.0, 3.0))

    def torso(self, body: BodyKey) -> Torso:
        """Trunk and head as they are held."""
        slouch, bend = self._slouch
        return Torso(
            recline=BACK_RECLINE + slouch,
            forward=bend + body.forward,
            aside=body.aside,
            twist=body.twist,
            head_yaw=body.yaw,
            head_pitch=body.pitch,
            head_roll=body.roll,
        )

    def at(self, time: float) -> Moment:
        """The whole driver at a time."""
        body = self.script.body_at(time)
        torso = self.torso(body)
        wheel = self.wheel(time)
        bare = self._bare(torso)
        hands = {side: self._hand(side, time, wheel, bare) for side in SIDES}
        return Moment(pose_driver(self.driver.rig, torso, self.feet, hands), wheel, body, hands)

    def _bare(self, torso: Torso) -> Posed:
        return pose_driver(self.driver.rig, torso, self.feet, {})

    def _hand(self, side: str, time: float, wheel: Placed, bare: Posed) -> HandPlace:
        keys = self.script.keys(side)
        k = max(0, sum(key.at <= time for key in keys) - 1)
        here = self._way(side, k)
        if k + 1 >= len(keys) or time <= keys[k + 1].at - keys[k + 1].takes:
            return _carried(here, here.place, wheel, bare)
        share = 1.0 - (keys[k + 1].at - time) / keys[k + 1].takes
        place, lift = _between(here, self._way(side, k + 1), share, wheel, bare)
        free = 0.004 if 0.16 < share < 0.86 else -0.003
        return _cleared(self.driver.hands[side], place, wheel, lift, free)

    @functools.cached_property
    def _ways(self) -> dict[tuple[str, int], Way]:
        return {}

    def _way(self, side: str, number: int) -> Way:
        known = self._ways.get((side, number))
        if known is None:
            key = self.script.keys(side)[number]
            if key.task in ON_WHEEL:
                known = self._on_wheel(side, key)
            else:
                known = self._elsewhere(side, key)
            self._ways[side, number] = known
        return known

    def _on_wheel(self, side: str, key: HandKey) -> Way:
        wheel = self.wheel(key.at)
        if key.task == "spoke":
            return self._on_spoke(side, key, wheel)
        bare = self._bare(self.torso(self.script.body_at(key.at)))
        hold = self._easiest(side, key, wheel, bare)
        grip = self._grip(side, wheel, hold)
        away = hold_frame(wheel.wheel, hold, side)[1]
        if key.task == "beside":
            point = wheel.to_cabin(wheel.wheel.point(hold.clock))
            rng = np.random.default_rng([self.seed, 23])
            pose = flat_hand(float(rng.uniform(0.2, 1.0)))
            way = wheel.matrix[:3, :3].T @ unit(self.camera - point)
            skin = self.driver.hands[side].skin(pose) @ grip.turn.T + grip.wrist
            gaps = float(rng.uniform(0.07, 0.13)) + np.arange(0.0, 0.2, 0.01)
            near = [float(wheel.wheel.nearness(skin + gap * way).min()) for gap in gaps]
            free = np.flatnonzero(np.array(near) > _BESIDE)
            gap = float(gaps[free[0]] if len(free) else gaps[int(np.argmax(near))])
            grip = replace(grip, wrist=grip.wrist + gap * way, pose=pose)
        return Way("wheel", HandPlace(grip.turn, grip.wrist, grip.pose), away)

    def _easiest(self, side: str, key: HandKey, wheel: Placed, bare: Posed) -> Hold:
        """The wished grip, turned about the rim so far that the arm is at ease."""
        hand = self.driver.hands[side]
        clock = key.clock - wheel.angle / 30.0
        best, least = None, np.inf
        for around in (-15.0, 5.0, 25.0, 45.0, 65.0):
            for slant in (-10.0, 5.0, 20.0, 32.0):
                hold = _hold(key, clock, around, slant)
                turn, away, middle = hold_frame(wheel.wheel, hold, side)
                level = wheel.wheel.thickness + 0.014 + max(hold.gap, 0.0)
                wrist = middle + away * level - turn[:, 0] * hold.depth * hand.length
                frame = wheel.matrix[:3, :3]
                place = HandPlace(frame @ turn, wheel.to_cabin(wrist))
                reach = reach_for(bare, hand, place)
                cost = reach.strain**2 + 400.0 * reach.short
                cost += ((around - key.around) / 45.0) ** 2 + ((slant - key.slant) / 30.0) ** 2
                if cost < least:
                    best, least = hold, cost
        assert best is not None
        return best

    def _grip(self, side: str, wheel: Placed, hold: Hold) -> Grip:
        """A grip, found once and turned to its clock position where the rim is round there."""
        w = wheel.wheel
        low = abs((hold.clock % 12.0) - 6.0) < 2.2
        if w.flat > 0.0 and low:
            return take_hold(self.driver.hands[side], w, hold)
        name = (side, replace(hold, clock=12.0))
        if name not in self._grips:
            self._grips[name] = take_hold(self.driver.hands[side], w, replace(hold, clock=12.0))
        grip = self._grips[name]
        angle = hold.clock / 6.0 * np.pi
        # clockwise for the driver: about the wheel's own z, which points away from him
        turn = Rotation.from_rotvec([0.0, 0.0, angle]).as_matrix()
        return Grip(turn @ grip.turn, turn @ grip.wrist, grip.pose)

    def _on_spoke(self, side: str, key: HandKey, wheel: Placed) -> Way:
        """The palm on a spoke near the hub, the fingers over it."""
        w = wheel.wheel
        wanted = 270.0 if side == "L" else 90.0
        angle = min(w.spokes, key=lambda s: abs((s - wanted + 180.0) % 360.0 - 180.0))
        way = unit(w.point(angle / 30.0))
        spot = way * (0.46 * w.radius) + np.array([0.0, 0.0, w.spoke_depth * 0.6 - 0.012])
        sign = 1.0 if side == "L" else -1.0
        palm = np.array([0.0, 0.0, 1.0])
        x = unit(np.array([-sign * 0.7, 0.3, 0.42]))
        turn = frame_of(x, palm, side)
        wrist = spot - x * 0.085 - turn[:, 2] * sign * 0.022
        pose = curled_hand(0.35)
        hand = self.driver.hands[side]
        skin = hand.skin(pose) @ turn.T
        lifts = np.arange(0.0, 0.08, 0.004)
        clear = [float(w.distance(skin + wrist - palm * lift).min()) > _SPOKE_GAP for lift in lifts]
        lift = float(lifts[int(np.argmax(clear))])
        return Way("wheel", HandPlace(turn, wrist - palm * lift, pose), -palm)

    def _elsewhere(self, side: str, key: HandKey) -> Way:
        body = self.script.body_at(key.at + 0.4)
        bare = self._bare(self.torso(body))
        carrier, place, away = elsewhere(self.cabin, side, key, bare)
        place = replace(place, wrist=place.wrist + np.array(key.shift))
        back = np.array([0.0, 1.0, 0.0])
        hand, wheel = self.driver.hands[side], self.wheel(key.at)
        return Way(carrier, _cleared(hand, place, wheel, back, _ELSEWHERE), away)


def _hold(key: HandKey, clock: float, around: float, slant: float) -> Hold:
    if key.task == "hover":
        return Hold(clock, around, slant, gap=key.gap, closed=key.closed, thumb=key.thumb)
    return Hold(clock, around, slant, loose=0.03 * (1.0 - key.closed), thumb=key.thumb)


def _carried(way: Way, place: HandPlace, wheel: Placed, bare: Posed) -> HandPlace:
    """A place in the cabin."""
    if way.carrier == "wheel":
        turn = wheel.matrix[:3, :3]
        return replace(place, turn=turn @ place.turn, wrist=wheel.to_cabin(place.wrist))
    return place


def _cleared(
    hand: Hand, place: HandPlace, wheel: Placed, direction: Floats, wanted: float
) -> HandPlace:
    """The place moved as little along a direction as keeps the hand so far from the rim."""
    skin = wheel.to_wheel(hand.skin(place.pose) @ place.turn.T + place.wrist)
    way = wheel.matrix[:3, :3].T @ direction
    near = [float(wheel.wheel.nearness(skin + move * way).min()) for move in _MOVES]
    far_enough = np.flatnonzero(np.array(near) >= wanted)
    k = int(far_enough[0]) if len(far_enough) else int(np.argmax(near))
    return replace(place, wrist=place.wrist + float(_MOVES[k]) * direction)


def _between(
    here: Way, there: Way, share: float, wheel: Placed, bare: Posed
) -> tuple[HandPlace, Floats]:
    """A place on the way: the hand opens and lifts off, travels, and lies down again.

    With the direction in which it is lifted.
    """
    a, b = (_carried(w, w.place, wheel, bare) for w in (here, there))
    off_a, off_b = (
        unit(wheel.matrix[:3, :3] @ w.away if w.carrier == "wheel" else w.away)
        for w in (here, there)
    )
    travel = _ramp(share, 0.12, 0.88)
    turn = Slerp([0.0, 1.0], Rotation.from_matrix(np.stack([a.turn, b.turn])))(travel).as_matrix()
    rise = _ramp(share, 0.04, 0.3) * (1.0 - _ramp(share, 0.75, 1.0))
    lifted = (1.0 - travel) * off_a + travel * off_b
    wrist = a.wrist + travel * (b.wrist - a.wrist) + _LIFTED * rise * lifted
    open_hand = flat_hand(0.25)
    opening, closing = _ramp(share, 0.0, 0.16), _ramp(share, 0.86, 1.0)
    pose = a.pose.mixed(open_hand, opening).mixed(b.pose, closing)
    return HandPlace(turn, wrist, pose, a.lift + travel * (b.lift - a.lift)), unit(lifted)


def _ramp(share: float, begin: float, end: float) -> float:
    """0 before the beginning, 1 after the end, smooth between."""
    x = float(np.clip((share - begin) / (end - begin), 0.0, 1.0))
    return x * x * (3.0 - 2.0 * x)
