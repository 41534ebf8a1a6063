"""One-euro filters: steady at rest, quick in motion, anew after leaps and gaps."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.geometry.rotations import (
    Angles,
    angle_between,
    matrix_from_pose_para,
    rotation_vector,
    rotation_x,
    rotation_y,
    rotation_z,
)
from inference.live.filters import (
    FaceFilter,
    PointFilter,
    Tuning,
    TurnFilter,
    point_tuning,
    rotation_of,
    smoothing,
)
from inference.results import Box, Face, head_angles

STEP = 1.0 / 30.0
TUNING = Tuning(1.0, 5.0)
quick = settings(max_examples=30, deadline=None)


def face(
    x: float = 100.0,
    turn: float = 0.0,
    noise: np.ndarray | float = 0.0,
    dense: bool = True,
    pose: bool = True,
) -> Face:
    """A face 100 pixels wide."""
    around = np.linspace(0.0, 2.0 * np.pi, 68, endpoint=False)
    points = np.stack([x + 50 * np.cos(around), 80 + 50 * np.sin(around), 0 * around], 1)
    outlined = (points + noise).astype(np.float32)
    rotation = rotation_y(turn).astype(np.float32) if pose else None
    return Face(
        Box.of_points(outlined),
        0.9,
        outlined,
        np.repeat(outlined[:52], 10, axis=0) if dense else None,
        rotation=rotation,
        head_pose=None if rotation is None else head_angles(rotation),
        presence=0.9,
    )


def test_one_coordinate_follows_the_algorithm_of_the_paper() -> None:
    """Worked out here a second time, number by number, with the formulas of the paper."""
    values = [0.0, 1.0, 0.5, 3.0, 8.0, 8.5, 8.4]

    def alpha(cutoff: float) -> float:
        tau = 1.0 / (2.0 * math.pi * cutoff)
        return 1.0 / (1.0 + tau / STEP)

    expected, speed = [values[0]], 0.0
    for before, value in itertools.pairwise(values):
        derivative = (value - before) / STEP
        speed = alpha(1.0) * derivative + (1.0 - alpha(1.0)) * speed
        share = alpha(1.0 + 5.0 * abs(speed))
        expected.append(share * value + (1.0 - share) * expected[-1])
    points = PointFilter(TUNING)
    found = [points.apply(np.array([[v]], np.float32), STEP)[0, 0] for v in values]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@quick
@given(st.floats(0.01, 100.0), st.floats(0.001, 1.0))
def test_the_share_of_a_new_value_grows_with_cutoff_and_time(cutoff: float, step: float) -> None:
    share = smoothing(cutoff, step)
    assert 0.0 < share < 1.0
    assert share < smoothing(cutoff * 1.1, step)
    assert share < smoothing(cutoff, step * 1.1)


@quick
@given(st.floats(-180.0, 180.0), st.integers(0, 2**31))
def test_the_answer_does_not_depend_on_the_axes(angle: float, seed: int) -> None:
    walk = np.random.default_rng(seed).normal(size=(12, 5, 2)).cumsum(0).astype(np.float32)
    turn = rotation_z(angle)[:2, :2].T.astype(np.float32)
    plain, turned = PointFilter(TUNING), PointFilter(TUNING)
    for points in walk:
        a, b = plain.apply(points, STEP) @ turn, turned.apply(points @ turn, STEP)
        np.testing.assert_allclose(a, b, atol=1e-3)


@quick
@given(st.floats(0.2, 20.0))
def test_a_face_twice_as_near_is_filtered_alike(scale: float) -> None:
    walk = np.random.default_rng(1).normal(size=(12, 5, 2)).cumsum(0).astype(np.float32)
    near, far = PointFilter(TUNING), PointFilter(TUNING)
    for points in walk:
        a = near.apply(points * np.float32(scale), STEP, 10.0 * scale)
        np.testing.assert_allclose(a / scale, far.apply(points, STEP, 10.0), atol=1e-3)


def test_a_resting_face_becomes_steady_and_a_moving_one_is_not_left_behind() -> None:
    rng = np.random.default_rng(0)
    own = FaceFilter()
    shown, raw = [], []
    for k in range(150):
        found = face(noise=rng.normal(0.0, 0.4, (68, 3)))
        raw.append(found.landmarks_68)
        shown.append(own.apply(found, k * STEP).landmarks_68)
    steady = np.std(shown[60:], axis=0).mean()
    assert steady < 0.45 * np.std(raw[60:], axis=0).mean()
    for k in range(150, 180):
        x = 100.0 + 4.0 * (k - 150)
        last = own.apply(face(x), k * STEP)
    behind = x - last.landmarks_68[:, 0].mean()
    assert 0.0 <= behind < 4.0 * 1.5, "a face that crosses its own width in 0.8 s"


def test_a_stronger_filter_is_steadier() -> None:
    rng = np.random.default_rng(0)
    faces = [face(noise=rng.normal(0.0, 0.4, (68, 3))) for _ in range(120)]

    def jitter(strength: float) -> float:
        own = FaceFilter(strength)
        shown = [own.apply(f, k * STEP).landmarks_68 for k, f in enumerate(faces)]
        return float(np.std(shown[40:], axis=0).mean())

    found = [jitter(s) for s in (0.0, 0.1, 0.5, 1.0)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 2.0 * found[-1]


def test_without_strength_a_face_passes_as_it_is() -> None:
    own = FaceFilter(0.0)
    for k in range(3):
        found = face(100.0 + k)
        assert own.apply(found, k * STEP) is found
    assert point_tuning(0.0) is None


@pytest.mark.parametrize("strength", [-0.1, 1.1, math.nan])
def test_an_impossible_strength_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        FaceFilter(strength)
    own = FaceFilter()
    with pytest.raises(ValueError, match="between 0 and 1"):
        own.strength = strength
    assert own.strength == 0.5


@pytest.mark.parametrize(
    ("then", "now", "wait"),
    [
        (face(100.0), face(145.0), STEP),
        (face(turn=-30.0), face(turn=25.0), STEP),
        (face(100.0), face(104.0), 0.6),
        (face(100.0), face(104.0), -1.0),
        (face(100.0), face(104.0, dense=False), STEP),
        (face(100.0), face(104.0, pose=False), STEP),
    ],
    ids=["leap", "turn", "gap", "time goes back", "other points", "no pose any more"],
)
def test_it_begins_anew(then: Face, now: Face, wait: float) -> None:
    own = FaceFilter(1.0)
    for k in range(5):
        own.apply(then, k * STEP)
    shown = own.apply(now, 4 * STEP + wait)
    np.testing.assert_array_equal(shown.landmarks_68, now.landmarks_68)


def test_a_small_step_is_no_reason_to_begin_anew() -> None:
    own = FaceFilter(1.0)
    for k in range(5):
        own.apply(face(100.0), k * STEP)
    shown = own.apply(face(104.0), 5 * STEP)
    assert 100.1 < shown.landmarks_68[:, 0].mean() < 103.9


def test_the_same_moment_gives_the_same_face() -> None:
    own = FaceFilter()
    own.apply(face(100.0), 1.0)
    shown = own.apply(face(101.0), 1.1)
    assert own.apply(face(102.0), 1.1) is shown
    assert own.last is shown


def test_the_strength_may_change_while_a_face_is_followed() -> None:
    own = FaceFilter(1.0)
    for k in range(5):
        own.apply(face(100.0), k * STEP)
    own.strength = 0.0
    found = face(103.0)
    assert own.apply(found, 5 * STEP) is found
    own.strength = 0.5
    assert own.apply(face(104.0), 6 * STEP).landmarks_68[:, 0].mean() == pytest.approx(104.0)


def test_what_is_filtered_belongs_together() -> None:
    own = FaceFilter()
    for k in range(6):
        shown = own.apply(face(100.0 + 3 * k, turn=2.0 * k), k * STEP)
    assert shown.box == Box.of_points(shown.landmarks_68)
    assert shown.landmarks_520 is not None and shown.landmarks_520.shape == (520, 3)
    np.testing.assert_allclose(shown.landmarks_520[:10], shown.landmarks_68[:1].repeat(10, 0))
    assert shown.rotation is not None and shown.head_pose is not None
    assert shown.rotation.dtype == np.float32
    np.testing.assert_allclose(np.linalg.det(shown.rotation), 1.0, atol=1e-5)
    assert abs(head_angles(shown.rotation).yaw - shown.head_pose.yaw) < 0.01
    assert 0.0 < abs(shown.head_pose.yaw) < 10.0
    assert shown.presence == 0.9


def test_angles_alone_are_filtered_as_a_rotation() -> None:
    def told(yaw: float) -> Face:
        plain = face(pose=False)
        return Face(plain.box, 1.0, plain.landmarks_68, head_pose=Angles(yaw, 5.0, -10.0))

    found = rotation_of(told(20.0))
    assert found is not None
    expected = Angles(20.0, 5.0, -10.0)
    again = head_angles(found)
    np.testing.assert_allclose(
        [again.yaw, again.pitch, again.roll], [expected.yaw, expected.pitch, expected.roll]
    )
    own = FaceFilter(1.0)
    for k in range(5):
        own.apply(told(20.0), k * STEP)
    shown = own.apply(told(24.0), 5 * STEP)
    assert shown.rotation is None and shown.head_pose is not None
    assert 20.05 < shown.head_pose.yaw < 23.95
    assert shown.head_pose.roll == pytest.approx(-10.0, abs=0.5)


@quick
@given(st.tuples(*[st.floats(-80.0, 80.0)] * 3), st.tuples(*[st.floats(-8.0, 8.0)] * 3))
def test_a_turn_ends_between_where_it_was_and_where_it_is(
    start: tuple[float, float, float], turn: tuple[float, float, float]
) -> None:
    before = matrix_from_pose_para(Angles(*start))
    after = rotation_x(turn[0]) @ rotation_y(turn[1]) @ rotation_z(turn[2]) @ before
    own = TurnFilter(TUNING)
    own.apply(before, STEP)
    shown = own.apply(after, STEP)
    np.testing.assert_allclose(shown @ shown.T, np.eye(3), atol=1e-9)
    whole = angle_between(before, after)
    assert angle_between(before, shown) + angle_between(shown, after) == pytest.approx(
        whole, abs=1e-4
    )


def test_a_steady_turn_is_followed_across_the_half_circle() -> None:
    own = TurnFilter(Tuning(1.0, 10.0))
    for k in range(120):
        given_ = rotation_z(3.0 * k)
        shown = own.apply(given_, STEP)
    behind = np.degrees(np.linalg.norm(rotation_vector(given_ @ shown.T)))
    assert behind < 6.0
