"""Left and right of shapes and poses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geometry.rotations import Angles, matrix_from_blender_xyz
from app.head.pose import HeadPose
from app.scene.mirror import mirrored, opposite, split_side
from app.scene.shape_groups import group_shapes


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("eyeBlinkLeft", "eyeBlinkRight"),
        ("jawLeft", "jawRight"),
        ("A25_Jaw_Left", "A25_Jaw_Right"),
        ("Eye_Blink_L", "Eye_Blink_R"),
        ("brow.R", "brow.L"),
        ("EYE_BLINK_LEFT", "EYE_BLINK_RIGHT"),
        ("L_smile", "R_smile"),
        ("left_eye", "right_eye"),
    ],
)
def test_the_opposite_side(name: str, other: str) -> None:
    assert opposite(name) == other
    assert opposite(other) == name


@pytest.mark.parametrize("name", ["jawOpen", "cleft", "brightness", "upright", "LipsLarge", "Roll"])
def test_words_that_only_look_like_a_side(name: str) -> None:
    assert opposite(name) == name
    assert split_side(name) == (name, None)


def test_a_mirrored_pose_is_the_reflection_of_the_head() -> None:
    pose = HeadPose(20.0, -8.0, 12.0, 0.4, {"eyeBlinkLeft": 0.7, "jawOpen": 0.2})
    seen = mirrored(pose)
    assert seen.shapes == {"eyeBlinkRight": 0.7, "jawOpen": 0.2}
    assert seen.head_share == 0.4
    reflection = np.diag([-1.0, 1.0, 1.0])
    rotation = matrix_from_blender_xyz(Angles(pose.yaw, pose.pitch, pose.roll))
    expected = reflection @ rotation @ reflection
    got = matrix_from_blender_xyz(Angles(seen.yaw, seen.pitch, seen.roll))
    np.testing.assert_allclose(got, expected, atol=1e-12)


def test_a_shape_whose_opposite_is_missing_stays() -> None:
    seen = mirrored(HeadPose(shapes={"winkLeft": 1.0}), names=("winkLeft", "jawOpen"))
    assert seen.shapes == {"winkLeft": 1.0}


@given(st.floats(-80, 80), st.floats(-70, 70), st.floats(-55, 55))
def test_mirroring_twice_changes_nothing(yaw: float, pitch: float, roll: float) -> None:
    pose = HeadPose(yaw, pitch, roll, shapes={"mouthSmileLeft": 0.3, "mouthSmileRight": 0.1})
    assert mirrored(mirrored(pose)) == pose


def test_shapes_are_grouped_and_paired() -> None:
    groups = group_shapes(
        ["jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "jawLeft", "jawRight", "cheekPuff", "weird"]
    )
    by_title = {group.title: group.rows for group in groups}
    assert list(by_title) == ["Eyes", "Jaw", "Cheeks", "Other"]
    (blink,) = by_title["Eyes"]
    assert (blink.title, blink.names) == ("Blink", ("eyeBlinkLeft", "eyeBlinkRight"))
    assert blink.symmetric
    sideways = by_title["Jaw"][1]
    assert sideways.names == ("jawLeft", "jawRight")
    assert not sideways.symmetric, "left and right of the jaw at once would cancel"


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=30))
def test_every_shape_is_in_the_list_exactly_once(names: list[str]) -> None:
    listed = [n for group in group_shapes(names) for row in group.rows for n in row.names]
    assert sorted(listed) == sorted(names)


def test_shapes_may_be_named_left_and_right_alone() -> None:
    (other,) = group_shapes(["Left", "Right"])
    assert [(row.title, row.names) for row in other.rows] == [("To the side", ("Left", "Right"))]
