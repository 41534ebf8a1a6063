"""Zero pose from the face, and what comes before it: upright, facing, size, eyes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.geometry.rotations import (
    Angles,
    Array,
    angle_between,
    matrix_from_blender_xyz,
    rotation_x,
    rotation_z,
)
from app.head.asset import Ints
from app.head.eyes import check_eyes, estimate_eyes, eyeball_centre, fit_sphere
from app.head.placing import (
    HEIGHT_RANGE,
    facing_turn,
    left_of_geometry,
    left_of_pairs,
    mirror_plane,
    plausible_scale,
    upright,
)
from app.head.zero import face_pitch, zero_rotation

EYE_LEFT, EYE_RIGHT = np.array([0.0315, 0.0, 0.0]), np.array([-0.0315, 0.0, 0.0])

PROFILE = np.array(
    [
        (0.060, -0.015),
        (0.035, -0.030),
        (0.020, -0.034),
        (0.006, -0.028),
        (-0.020, -0.042),
        (-0.040, -0.056),
        (-0.050, -0.036),
        (-0.060, -0.036),
        (-0.068, -0.040),
        (-0.074, -0.034),
        (-0.082, -0.039),
        (-0.094, -0.024),
        (-0.106, -0.028),
        (-0.116, -0.022),
        (-0.124, 0.005),
        (-0.128, 0.040),
    ]
)
"""Height and depth of a made-up profile: nasion at (6, −28) mm, pogonion at (−106, −28) mm."""


def face(chin_back: float = 0.0, nose: float = 1.0) -> tuple[Array, Ints]:
    """A mask of a face at zero pose: the profile, bent back to both sides, as a grid."""
    heights = np.linspace(0.06, -0.128, 190)
    depths = np.interp(-heights, -PROFILE[:, 0], PROFILE[:, 1])
    depths = np.where(
        (heights < 0.0) & (heights > -0.058), -0.028 + nose * (depths + 0.028), depths
    )
    depths = depths + chin_back * np.clip((-heights - 0.06) / 0.04, 0, 1)
    across = np.linspace(-0.07, 0.07, 41)
    grid = np.stack(
        [
            np.broadcast_to(across, (190, 41)),
            depths[:, None] + 9.0 * across**2,
            np.broadcast_to(heights[:, None], (190, 41)),
        ],
        axis=-1,
    )
    index = np.arange(190 * 41).reshape(190, 41)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    triangles = np.concatenate(
        [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    )
    return grid.reshape(-1, 3), triangles.astype(np.int32)


degrees = st.floats(-18, 18)


@settings(max_examples=20, deadline=None)
@given(degrees, degrees, degrees)
def test_a_turned_face_is_turned_back(yaw: float, pitch: float, roll: float) -> None:
    vertices, triangles = face()
    turned = matrix_from_blender_xyz(Angles(yaw, pitch, roll))
    away = np.array([0.3, -0.2, 1.6])
    rotation, method = zero_rotation(
        turned @ EYE_LEFT + away, turned @ EYE_RIGHT + away, vertices @ turned.T + away, triangles
    )
    straight, _ = zero_rotation(EYE_LEFT, EYE_RIGHT, vertices, triangles)
    assert angle_between(straight, np.eye(3)) < 0.2
    assert angle_between(rotation @ turned, straight) < 0.05
    assert "face plane" in method


@pytest.mark.parametrize("size", [0.7, 1.0, 1.3])
def test_the_size_of_the_head_does_not_matter(size: float) -> None:
    vertices, triangles = face()
    turned = rotation_x(6.0)
    rotation, _ = zero_rotation(
        turned @ EYE_LEFT * size, turned @ EYE_RIGHT * size, vertices @ turned.T * size, triangles
    )
    assert angle_between(rotation @ turned, np.eye(3)) < 0.2


def test_a_lower_lip_before_the_chin_is_not_taken_for_it() -> None:
    vertices, triangles = face(chin_back=0.008)
    found = face_pitch(vertices, triangles, 1.0)
    assert found.degrees == pytest.approx(-np.degrees(np.arctan(0.008 / 0.112)), abs=0.6)


def test_a_necklace_below_the_chin_is_not_taken_for_it() -> None:
    vertices, triangles = face()
    heights = vertices[triangles][:, :, 2].mean(axis=1)
    worn = triangles[(heights > -0.118)]
    ring = np.array([[-0.01, -0.06, -0.134], [0.01, -0.06, -0.134], [0.0, -0.06, -0.139]])
    both = np.concatenate([vertices, ring])
    extra = np.array([[0, 1, 2]], np.int32) + np.int32(len(vertices))
    found = face_pitch(both, np.concatenate([worn, extra]), 1.0)
    assert found.degrees == pytest.approx(0.0, abs=0.6)


def test_a_face_without_a_nose_keeps_its_pitch() -> None:
    vertices, triangles = face(nose=0.0)
    rotation, method = zero_rotation(EYE_LEFT, EYE_RIGHT, vertices, triangles)
    assert angle_between(rotation, np.eye(3)) < 1e-9
    assert "no nose" in method


def test_a_mask_that_ends_below_the_nose_keeps_its_pitch() -> None:
    vertices, triangles = face()
    upper = triangles[vertices[triangles][:, :, 2].min(axis=1) > -0.06]
    rotation, method = zero_rotation(EYE_LEFT, EYE_RIGHT, vertices, upper)
    assert angle_between(rotation, np.eye(3)) < 1e-9
    assert "no profile" in method


def test_without_a_surface_the_eyes_alone_are_used() -> None:
    turned = rotation_z(12.0)
    rotation, _ = zero_rotation(turned @ EYE_LEFT, turned @ EYE_RIGHT, None, None)
    assert angle_between(rotation @ turned, np.eye(3)) < 1e-9


@pytest.mark.parametrize("turn", [0.0, 1.0, 57.0, 90.0, 199.58, 301.0])
def test_the_mirror_plane_follows_a_turned_head(turn: float) -> None:
    vertices, triangles = face()
    rotation, shift = rotation_z(turn), np.array([0.1, -0.2, 1.6])
    normal, point = mirror_plane(vertices @ rotation.T + shift, triangles)
    expected = rotation[:, 0]
    assert np.degrees(np.arccos(min(1.0, abs(float(normal @ expected))))) < 0.5
    assert float((point - shift) @ expected) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("turn", [0.0, 90.0, 180.0, -90.0])
def test_facing_of_named_pairs(turn: float) -> None:
    rotation = rotation_z(turn)
    joints = np.array([[0.2, 0, 1.4], [-0.2, 0, 1.4], [0, 0, 1.0]]) @ rotation.T
    left = left_of_pairs(("arm_l", "arm_r", "root"), joints)
    assert left is not None
    choice = facing_turn(left, "taken from a test")
    assert rotation_z(choice.value) @ rotation == pytest.approx(np.eye(3), abs=1e-9)


def test_a_small_turn_of_the_body_is_left_to_the_zero_pose() -> None:
    left = rotation_z(8.0) @ np.array([1.0, 0.0, 0.0])
    assert facing_turn(left, "").value == 0.0
    askew = rotation_z(40.0) @ np.array([1.0, 0.0, 0.0])
    assert facing_turn(askew, "").value == pytest.approx(-40.0)


def test_facing_of_a_bare_surface_is_where_the_mesh_is_fine() -> None:
    vertices, triangles = face()
    back_z, back_x = np.meshgrid(np.linspace(-0.12, 0.06, 6), np.linspace(-0.07, 0.07, 6))
    back = np.stack([back_x.ravel(), np.full(36, 0.12), back_z.ravel()], axis=1)
    index = np.arange(36).reshape(6, 6) + len(vertices)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    rear = np.concatenate(
        [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    )
    both, all_triangles = np.concatenate([vertices, back]), np.concatenate([triangles, rear])
    for turn in (0.0, 90.0, 200.0):
        left = left_of_geometry(both @ rotation_z(turn).T, all_triangles.astype(np.int32))
        assert left @ rotation_z(turn)[:, 0] > 0.99


@pytest.mark.parametrize(
    "way", [(0, 0, 1), (0, -0.6, 0.8), (1, 0, 0), (-1, 0, 0.1), (0, 1, 0), (0, -1, 0.2), (0, 0, -1)]
)
def test_a_head_that_lies_is_put_upright(way: tuple[float, float, float]) -> None:
    direction = np.array(way, float)
    turn, warning = upright(direction)
    assert np.linalg.det(turn) == pytest.approx(1.0)
    assert (turn @ direction)[2] / np.linalg.norm(direction) >= 0.5
    assert (warning is None) == (way[2] >= 0.5)


@given(st.floats(1e-4, 1e4))
def test_every_scale_ends_at_a_persons_size(height: float) -> None:
    choice = plausible_scale(height)
    assert HEIGHT_RANGE[0] <= height * choice.value <= HEIGHT_RANGE[1] + 1e-9
    assert (choice.warning is None) == (choice.value == 1.0)


def test_units_that_were_mixed_up_are_recognised() -> None:
    assert plausible_scale(25.0).value == 0.01
    assert plausible_scale(0.0025).value == 100.0
    assert plausible_scale(250.0).value == 0.001


@given(st.floats(0.005, 0.02), st.floats(-0.1, 0.1), st.floats(0.3, 1.0))
def test_a_sphere_is_found_from_its_cap(radius: float, x: float, open_part: float) -> None:
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 20), np.linspace(0.05, np.pi * open_part, 12))
    cap = np.stack([np.sin(v) * np.cos(u), -np.cos(v), np.sin(v) * np.sin(u)], -1).reshape(-1, 3)
    centre = np.array([x, -0.05, 1.6])
    found, size = fit_sphere(cap * radius + centre)
    assert found == pytest.approx(centre, abs=radius * 1e-3)
    assert size == pytest.approx(radius, rel=1e-3)


def test_the_joint_counts_while_it_lies_in_the_eyeball() -> None:
    rng = np.random.default_rng(3)
    ball = rng.normal(size=(200, 3))
    ball = 0.012 * ball / np.linalg.norm(ball, axis=1, keepdims=True) + [0.03, -0.05, 1.6]
    inside = np.array([0.031, -0.048, 1.601])
    assert eyeball_centre(inside, ball) == pytest.approx(inside)
    outside = np.array([0.03, 0.05, 1.5])
    assert eyeball_centre(outside, ball) == pytest.approx([0.03, -0.05, 1.6], abs=1e-3)
    assert eyeball_centre(outside, ball[:3]) == pytest.approx(outside)


def test_implausible_eyes_are_told() -> None:
    vertices, _ = face()
    assert check_eyes(EYE_LEFT, EYE_RIGHT, vertices) is None
    assert check_eyes(EYE_LEFT, EYE_LEFT, vertices)
    assert check_eyes(EYE_RIGHT, EYE_LEFT, vertices)
    assert check_eyes(EYE_LEFT + [0, 0, 1], EYE_RIGHT + [0, 0, 1], vertices)


def test_estimated_eyes_lie_in_the_head_left_and_right() -> None:
    vertices, _ = face()
    eyes = estimate_eyes(vertices, np.array([1.0, 0.0, 0.0]), np.zeros(3))
    assert check_eyes(eyes.left, eyes.right, vertices) is None
    assert not eyes.measured
