"""Drivers' bodies: hands close round the rim without entering it, arms reach, feet stay."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bake.driver_grip import Hold, take_hold
from app.bake.driver_hand import Hand, curled_hand, flat_hand
from app.bake.driver_jewellery import jewellery
from app.bake.driver_look import draw_outfit
from app.bake.driver_pose import Feet, HandPlace, Torso, pose_driver, pose_trunk, two_bones
from app.bake.driver_rig import Rig, rig_of, turn_about, twist_of
from app.bake.person import random_person
from app.scene.wheel import Placed, Wheel

baking = pytest.mark.skipif(
    find_spec("anny") is None or find_spec("torch") is None, reason="the extra bake is absent"
)
WHEEL = Wheel(radius=0.182, thickness=0.0152)
PLACED = Placed(WHEEL, np.array([0.0, -0.36, 0.35]), 24.0)
FEET = Feet(np.array([0.14, -0.70, -0.22]), np.array([-0.05, -0.72, -0.20]))


@pytest.fixture(scope="module")
def rig() -> Rig:
    return rig_of(random_person(11))


@given(angle=st.floats(-3.0, 3.0), bend=st.floats(0.0, 1.4))
def test_twist_is_found_whatever_the_bend(angle: float, bend: float) -> None:
    axis = np.array([0.0, 0.6, 0.8])
    across = np.array([1.0, 0.0, 0.0])
    turn = turn_about(across, bend) @ turn_about(axis, angle)
    assert twist_of(turn, axis) == pytest.approx(angle, abs=1e-6)


@given(x=st.floats(-0.6, 0.6), y=st.floats(-0.6, 0.6), z=st.floats(-0.6, 0.6), turn=st.floats(0, 6))
def test_two_bones_keep_their_lengths_and_say_how_far_they_fall_short(
    x: float, y: float, z: float, turn: float
) -> None:
    end = np.array([x, y, z])
    if np.linalg.norm(end) < 0.1:
        return
    pole = np.array([np.cos(turn), np.sin(turn), 0.3])
    middle, short = two_bones(np.zeros(3), end, 0.30, 0.25, pole)
    assert np.linalg.norm(middle) == pytest.approx(0.30, abs=1e-6)
    reached = end * (1.0 - max(short, 0.0) / np.linalg.norm(end))
    assert np.linalg.norm(reached - middle) == pytest.approx(0.25, abs=1e-3)
    assert (short > 1e-6) == (np.linalg.norm(end) > 0.998 * 0.55 + 1e-6)


@baking
@pytest.mark.parametrize("side", ["L", "R"])
@pytest.mark.parametrize(
    "hold",
    [Hold(9.0), Hold(11.0, around=45.0, slant=25.0, thumb=1.0), Hold(7.5, around=-10.0, slant=0.0)],
)
def test_a_hand_closes_round_the_rim(rig: Rig, side: str, hold: Hold) -> None:
    hand = Hand.of(rig, side)
    grip = take_hold(hand, WHEEL, hold)
    skin = hand.skin(grip.pose) @ grip.turn.T + grip.wrist
    distance = WHEEL.distance(skin)
    assert -0.005 < distance.min() < 0.001
    for finger in range(1, 5):
        tips = distance[hand.holder == hand.chains[finger][2]]
        assert tips.min() < 0.006, "a finger stands off"
    assert np.linalg.det(grip.turn) == pytest.approx(1.0)


@baking
def test_a_hovering_hand_keeps_its_gap(rig: Rig) -> None:
    hand = Hand.of(rig, "L")
    for gap in (0.02, 0.03):
        grip = take_hold(hand, WHEEL, Hold(9.5, gap=gap, closed=0.5))
        skin = hand.skin(grip.pose) @ grip.turn.T + grip.wrist
        assert 0.6 * gap < WHEEL.distance(skin).min() < 1.3 * gap


@baking
def test_palms_face_each_other_at_nine_and_three(rig: Rig) -> None:
    for side, clock in (("L", 9.0), ("R", 3.0)):
        hand = Hand.of(rig, side)
        grip = take_hold(hand, WHEEL, Hold(clock, around=10.0))
        palm = PLACED.matrix[:3, :3] @ grip.turn[:, 2] * hand.sign
        thumb = PLACED.matrix[:3, :3] @ grip.turn[:, 1]
        assert palm[0] * hand.sign < -0.9  # towards the middle of the car
        assert thumb[2] > 0.6  # up


@baking
def test_the_body_sits_and_its_hands_are_where_they_were_wanted(rig: Rig) -> None:
    hands = {}
    for side, clock in (("L", 9.4), ("R", 2.7)):
        grip = take_hold(Hand.of(rig, side), WHEEL, Hold(clock))
        frame = PLACED.matrix[:3, :3]
        hands[side] = HandPlace(frame @ grip.turn, PLACED.to_cabin(grip.wrist), grip.pose)
    posed = pose_driver(rig, Torso(), FEET, hands)
    for side, place in hands.items():
        assert np.linalg.norm(posed.joint(f"wrist.{side}") - place.wrist) < 1e-6
        hand = Hand.of(rig, side)
        distance = PLACED.distance(posed.skin(hand.points, hand.weights))
        assert -0.005 < distance.min() < 0.001
        elbow = posed.joint(f"lowerarm01.{side}")
        shoulder = posed.joint(f"upperarm01.{side}")
        assert elbow[2] < shoulder[2] and abs(elbow[0]) < 0.5
    middle = (posed.joint("upperleg01.L") + posed.joint("upperleg01.R")) / 2
    assert np.linalg.norm(middle) < 1e-9
    assert np.linalg.norm(posed.joint("foot.L") - FEET.left) < 0.05
    assert posed.joint("head")[2] > 0.5
    assert posed.joint("lowerleg01.L")[2] > -0.1  # knees up


@baking
def test_watch_and_ring_sit_where_they_are_worn(rig: Rig) -> None:
    outfit = replace(
        draw_outfit(np.random.default_rng(0)), sleeve=0.6, watch="L", ring="R", gloves=False
    )
    posed = pose_trunk(rig, Torso())
    worn = {one.name: one.vertices for one in jewellery(outfit, posed)}
    assert set(worn) == {"strap", "dial", "ring"}
    wrist = posed.joint("wrist.L")
    assert 0.02 < np.linalg.norm(worn["strap"] - wrist, axis=1).max() < 0.08
    joint, tip = posed.joint("finger4-1.R"), posed.tip("finger4-1.R")
    assert np.linalg.norm(worn["ring"].mean(axis=0) - (joint + tip) / 2) < 0.008
    assert not jewellery(replace(outfit, sleeve=1.97, ring=""), posed)


@baking
def test_bones_keep_their_lengths(rig: Rig) -> None:
    posed = pose_trunk(rig, Torso(forward=20.0, twist=30.0, head_yaw=40.0))
    for bone, parent in enumerate(rig.parents):
        if parent >= 0:
            before = np.linalg.norm(rig.heads[bone] - rig.heads[parent])
            after = np.linalg.norm(posed.joints[bone] - posed.joints[parent])
            assert after == pytest.approx(before, abs=1e-9)


@baking
def test_a_closed_hand_is_shorter_than_a_flat_one(rig: Rig) -> None:
    for side in ("L", "R"):
        hand = Hand.of(rig, side)
        flat, fist, half = (
            hand.skin(pose) for pose in (flat_hand(0.0), curled_hand(1.2), curled_hand(0.5))
        )
        assert np.ptp(flat[:, 0]) > 1.4 * np.ptp(fist[:, 0])
        # fingers bend to the palm's side
        tips = np.isin(hand.holder, [chain[2] for chain in hand.chains[1:]])
        assert (half[tips, 2] * hand.sign).mean() > (flat[tips, 2] * hand.sign).mean() + 0.01
