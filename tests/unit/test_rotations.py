"""Angles and matrices: round trips, signs as a person sees them, and known values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geometry.rotations import (
    Angles,
    angle_between,
    blender_xyz_from_matrix,
    matrix_from_blender_xyz,
    matrix_from_pose_para,
    matrix_from_rotation_vector,
    nearest_rotation,
    pose_para_from_matrix,
    rotation_power,
    rotation_vector,
)

FACE = np.array([0.0, -1.0, 0.0])
TOP = np.array([0.0, 0.0, 1.0])

wide = st.floats(-179.0, 179.0)
narrow = st.floats(-89.0, 89.0)
blender_angles = st.builds(Angles, yaw=wide, pitch=wide, roll=narrow)
para_angles = st.builds(Angles, yaw=narrow, pitch=wide, roll=wide)


def assert_same(a: Angles, b: Angles) -> None:
    assert (a.yaw, a.pitch, a.roll) == pytest.approx((b.yaw, b.pitch, b.roll), abs=1e-6)


@given(blender_angles)
def test_blender_xyz_round_trip(angles: Angles) -> None:
    assert_same(blender_xyz_from_matrix(matrix_from_blender_xyz(angles)), angles)


@given(para_angles)
def test_pose_para_round_trip(angles: Angles) -> None:
    assert_same(pose_para_from_matrix(matrix_from_pose_para(angles)), angles)


@given(blender_angles)
def test_conventions_agree_on_the_rotation(angles: Angles) -> None:
    matrix = matrix_from_blender_xyz(angles)
    again = matrix_from_pose_para(pose_para_from_matrix(matrix))
    assert angle_between(matrix, again) < 1e-5


@pytest.mark.parametrize("roll", [90.0, -90.0])
def test_blender_xyz_at_gimbal_lock_keeps_the_rotation(roll: float) -> None:
    matrix = matrix_from_blender_xyz(Angles(20.0, 30.0, roll))
    again = matrix_from_blender_xyz(blender_xyz_from_matrix(matrix))
    assert angle_between(matrix, again) < 1e-4


@pytest.mark.parametrize("yaw", [90.0, -90.0])
def test_pose_para_at_gimbal_lock_keeps_the_rotation(yaw: float) -> None:
    matrix = matrix_from_pose_para(Angles(yaw, 30.0, 20.0))
    again = matrix_from_pose_para(pose_para_from_matrix(matrix))
    assert angle_between(matrix, again) < 1e-4


@pytest.mark.parametrize(
    ("angles", "moved", "axis", "sign"),
    [
        (Angles(10, 0, 0), FACE, 0, -1),  # looks to the left side of the image
        (Angles(0, 10, 0), FACE, 2, +1),  # looks up
        (Angles(0, 0, 10), TOP, 0, +1),  # leans clockwise in the image
    ],
)
def test_pose_para_signs(angles: Angles, moved: np.ndarray, axis: int, sign: int) -> None:
    assert np.sign((matrix_from_pose_para(angles) @ moved)[axis]) == sign


@pytest.mark.parametrize(
    ("angles", "moved", "axis", "sign"),
    [
        (Angles(10, 0, 0), FACE, 0, +1),  # looks to the right side of the image
        (Angles(0, 10, 0), FACE, 2, -1),  # looks down
        (Angles(0, 0, 10), TOP, 0, +1),  # leans clockwise in the image
    ],
)
def test_blender_xyz_signs(angles: Angles, moved: np.ndarray, axis: int, sign: int) -> None:
    assert np.sign((matrix_from_blender_xyz(angles) @ moved)[axis]) == sign


def test_a_camera_in_front_reads_yaw_0_pitch_90_roll_0() -> None:
    """As the SynFace text files write it."""
    camera = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    assert_same(blender_xyz_from_matrix(camera), Angles(0.0, 90.0, 0.0))


def test_pose_para_is_the_published_product() -> None:
    """R = Rx(pitch)·Ry(yaw)·Rz(roll) with the elementary matrices of 300W-LP."""
    yaw, pitch, roll = np.radians([25.0, -13.0, 7.0])
    rx = [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    ry = [[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]]
    rz = [[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    to_image = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    world = matrix_from_pose_para(Angles(25.0, -13.0, 7.0))
    np.testing.assert_allclose(
        to_image @ world @ to_image.T, np.array(rx) @ ry @ np.array(rz), atol=1e-12
    )


@given(st.lists(st.floats(-1.8, 1.8), min_size=3, max_size=3))
def test_rotation_vector_round_trip(vector: list[float]) -> None:
    matrix = matrix_from_rotation_vector(np.array(vector))
    np.testing.assert_allclose(rotation_vector(matrix), vector, atol=1e-6)


@pytest.mark.parametrize("axis", [[1.0, 0, 0], [0, 1.0, 0], [0.6, 0, 0.8], [0.48, 0.6, -0.64]])
def test_half_turns_are_found(axis: list[float]) -> None:
    half_turn = 2 * np.outer(axis, axis) - np.eye(3)
    again = matrix_from_rotation_vector(rotation_vector(half_turn))
    np.testing.assert_allclose(again, half_turn, atol=1e-6)


@given(blender_angles, st.floats(0.0, 1.0))
def test_parts_of_a_rotation_add_up(angles: Angles, share: float) -> None:
    matrix = matrix_from_blender_xyz(angles)
    parts = rotation_power(matrix, share) @ rotation_power(matrix, 1.0 - share)
    assert angle_between(parts, matrix) < 1e-4


@given(blender_angles)
def test_nearest_rotation_forgives_noise(angles: Angles) -> None:
    matrix = matrix_from_blender_xyz(angles)
    noisy = 3.0 * matrix + 1e-4
    assert angle_between(nearest_rotation(noisy), matrix) < 0.02
