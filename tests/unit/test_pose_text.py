"""A pose as text, poses by chance, cameras let go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.head.pose import HeadPose
from app.scene.aim import free_rotation
from app.scene.clipboard import PoseTextError, pose_from_text, pose_to_text
from app.scene.lamps import new_light, of_kind
from app.scene.naming import free_name
from app.scene.placement import camera_matrix
from app.scene.random_pose import random_pose
from app.scene.scene import Camera

poses = st.builds(
    HeadPose,
    st.floats(-80, 80),
    st.floats(-70, 70),
    st.floats(-55, 55),
    st.floats(0, 1),
    st.dictionaries(st.text(min_size=1, max_size=12), st.floats(0.01, 1), max_size=4),
)


@given(poses)
def test_a_pose_survives_the_clipboard(pose: HeadPose) -> None:
    back = pose_from_text(pose_to_text(pose))
    for name in ("yaw", "pitch", "roll", "head_share"):
        assert getattr(back, name) == pytest.approx(getattr(pose, name), abs=1e-6)
    assert back.shapes == pytest.approx(pose.shapes, abs=1e-6)


def test_the_text_can_be_read_by_people() -> None:
    text = pose_to_text(HeadPose(12.5, shapes={"jawOpen": 0.25}))
    assert '"convention": "blender_xyz"' in text
    assert '"yaw": 12.5' in text
    assert '"jawOpen": 0.25' in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[1, 2, 3]",
        '{"kind": "something else"}',
        '{"kind": "headroom pose", "yaw": 200}',
        '{"kind": "headroom pose", "yaw": "left"}',
        '{"kind": "headroom pose", "convention": "pose_para", "yaw": 5}',
        '{"kind": "headroom pose", "shapes": {"a": 1e9}}',
        "x" * 300_000,
        "\ud800",
        '{"kind": "headroom pose", "more": ' + "[" * 50_000,
    ],
)
def test_what_is_no_pose_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(PoseTextError) as refusal:
        pose_from_text(text)
    assert "\n" not in str(refusal.value)


@given(st.integers(0, 2**31 - 1), st.floats(0, 1))
def test_random_poses_keep_to_their_reach_and_can_be_made_again(seed: int, reach: float) -> None:
    pose = random_pose(seed, reach)
    assert pose == random_pose(seed, reach)
    for angle, limit in ((pose.yaw, 80), (pose.pitch, 70), (pose.roll, 55)):
        assert abs(angle) <= limit * reach + 0.01


def test_a_random_expression_is_one_of_those_given() -> None:
    faces = [{"jawOpen": 1.0}, {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}]
    seen = {frozenset(random_pose(seed, 1.0, faces).shapes) for seed in range(40)}
    assert seen == {frozenset(face) for face in faces}
    assert all(
        0.2 < weight <= 1.0
        for seed in range(40)
        for weight in random_pose(seed, 1.0, faces).shapes.values()
    )


@given(
    st.floats(-180, 180),
    st.floats(-89, 89),
    st.floats(-180, 180),
    st.tuples(*[st.floats(-0.1, 0.1)] * 3),
)
def test_a_camera_that_is_let_go_keeps_its_view(
    azimuth: float, elevation: float, roll: float, offset: tuple[float, float, float]
) -> None:
    camera = Camera(azimuth=azimuth, elevation=elevation, rotation=(0.0, 0.0, roll), offset=offset)
    free = replace(camera, look_at=False, rotation=free_rotation(camera))
    np.testing.assert_allclose(camera_matrix(free), camera_matrix(camera), atol=1e-6)


def test_names_that_are_free() -> None:
    assert free_name("Key", ["Fill"]) == "Key"
    assert free_name("Key", ["Key"]) == "Key 2"
    assert free_name("Key 2", ["Key", "Key 2"]) == "Key 3"


def test_a_sun_starts_with_energy_and_size_of_a_sun() -> None:
    area = new_light("area", ())
    sun = of_kind(area, "sun")
    assert (sun.energy, sun.size) == (3.0, 0.53)
    assert sun.position == area.position
    assert of_kind(area, "spot").energy == area.energy
