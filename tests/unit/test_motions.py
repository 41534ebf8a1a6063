"""Motions keep to the ranges and formulas of the papers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dataset.motions import SWEEP, Step, low_discrepancy, place, radical_inverse
from app.dataset.spec import DatasetSpec
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT
from app.scene.placement import pinhole

SPEC = DatasetSpec(people=1)
seeds = st.integers(0, 2**31 - 1)


def chance(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(seeds)
def test_head_rotation_stays_within_thirty_degrees_before_a_fixed_camera(seed: int) -> None:
    pose, camera = place("HeadRot", Step(0, 1, 0), SPEC, chance(seed))
    assert max(abs(pose.yaw), abs(pose.pitch), abs(pose.roll)) <= 30.0
    np.testing.assert_allclose(pinhole(camera).position, [0.0, -0.3, 0.0], atol=1e-12)


@given(seeds)
def test_camera_translation_moves_right_and_up_without_turning(seed: int) -> None:
    pose, camera = place("CameraTran", Step(0, 1, 0), SPEC, chance(seed))
    view = pinhole(camera)
    x, y, z = view.position
    assert (pose.yaw, pose.pitch, pose.roll) == (0.0, 0.0, 0.0)
    assert 0.001 <= x <= 0.140 and 0.001 <= z <= 0.04
    assert y == pytest.approx(-0.3)
    np.testing.assert_allclose(-view.matrix_world[:3, 2], [0.0, 1.0, 0.0], atol=1e-12)


@given(seeds)
def test_half_sphere_camera_looks_at_the_head_from_the_paper_s_angles(seed: int) -> None:
    pose, camera = place("HeadCameraRotTran", Step(0, 1, 0), SPEC, chance(seed))
    view = pinhole(camera)
    x, y, z = view.position
    assert np.linalg.norm(view.position) == pytest.approx(0.3)
    phi, theta = np.degrees(np.arccos(z / 0.3)), np.degrees(np.arctan2(-x, -y))
    assert 60.0 - 1e-3 <= phi <= 120.0 + 1e-3 and -45.0 - 1e-3 <= theta <= 45.0 + 1e-3
    np.testing.assert_allclose(view.project(np.zeros(3)), [319.5, 239.5], atol=1e-6)
    assert max(abs(pose.yaw), abs(pose.pitch), abs(pose.roll)) <= 30.0


def test_sweep_turns_one_axis_after_the_other_in_steps_of_three_degrees() -> None:
    angles = np.array(SWEEP)
    assert (np.count_nonzero(angles, axis=1) <= 1).all()
    moving = [int(np.argmax(np.abs(row))) for row in angles if row.any()]
    assert [axis for i, axis in enumerate(moving) if not i or moving[i - 1] != axis] == [1, 2, 0]
    for axis, last in ((0, 78.0), (1, 69.0), (2, 54.0)):
        own = angles[[i for i, row in enumerate(angles) if row[axis]], axis]
        assert own.min() == -last and own.max() == last
        np.testing.assert_array_equal(
            np.unique(own), [a for a in np.arange(-last, last + 1, 3) if a]
        )


def test_a_full_round_of_the_sweep_meets_each_pose_once() -> None:
    count = len(SWEEP)
    met = [place("Sweep", Step(i, count, i), SPEC, chance(0))[0] for i in range(count)]
    assert [(p.yaw, p.pitch, p.roll) for p in met] == list(SWEEP)


@given(st.integers(1, 60))
def test_a_short_sweep_is_spread_over_the_whole(steps: int) -> None:
    met = [place("Sweep", Step(i, steps, i), SPEC, chance(0))[0] for i in range(steps)]
    places: list[int] = []
    for p in met:  # the face to the front is there once for each axis
        places.append(SWEEP.index((p.yaw, p.pitch, p.roll), places[-1] + 1 if places else 0))
    gaps = np.diff([*places, len(SWEEP)])
    assert gaps.min() >= 1 and gaps.max() - gaps.min() <= 1


def test_replay_repeats_what_was_recorded() -> None:
    recorded = [(10.0, -5.0, 2.5), (11.0, -6.0, 3.5)]
    for step in range(5):
        pose, _ = place("Replay", Step(step, 5, step), SPEC, chance(1), recorded)
        assert (pose.yaw, pose.pitch, pose.roll) == recorded[step % 2]


@given(seeds, st.integers(0, 10**7))
def test_balanced_stays_within_the_limits_and_sees_the_head(seed: int, serial: int) -> None:
    pose, camera = place("Balanced", Step(0, 1, serial), SPEC, chance(seed))
    assert abs(pose.yaw) <= YAW_LIMIT
    assert abs(pose.pitch) <= PITCH_LIMIT
    assert abs(pose.roll) <= ROLL_LIMIT
    assert camera.field_of_view <= SPEC.field_of_view + 1e-3
    assert 0.3 - 1e-6 <= camera.distance <= 0.9 + 1e-6
    x, y = pinhole(camera).project(np.zeros(3))
    assert 0.4 * 640 <= x <= 0.6 * 640 and 0.4 * 480 <= y <= 0.6 * 480


def test_balanced_fills_every_part_of_every_angle_evenly() -> None:
    """Each of ten parts of a range holds a tenth, to a hundredth of all."""
    poses = [place("Balanced", Step(0, 1, i), SPEC, chance(i))[0] for i in range(1000)]
    for name, limit in (("yaw", YAW_LIMIT), ("pitch", PITCH_LIMIT), ("roll", ROLL_LIMIT)):
        counts, _ = np.histogram([getattr(p, name) for p in poses], 10, (-limit, limit))
        assert np.abs(counts / 1000 - 0.1).max() <= 0.01


def test_low_discrepancy_numbers_of_two_seeds_differ() -> None:
    assert low_discrepancy(5, 5, 1) == low_discrepancy(5, 5, 1)
    assert low_discrepancy(5, 5, 1) != low_discrepancy(5, 5, 2)


def test_radical_inverse_mirrors_the_digits() -> None:
    assert [radical_inverse(i, 2) for i in range(5)] == [0.0, 0.5, 0.25, 0.75, 0.125]
    assert radical_inverse(5, 3) == pytest.approx(2 / 3 + 1 / 9)
