"""Ground truth of Biwi: its files, its frame of reference, its poses as a sequence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dataset.biwi import read_biwi, seen_angles, sequence_folders
from app.geometry.pinhole import BLENDER_TO_OPENCV, Pinhole, look_at
from app.geometry.rotations import (
    Angles,
    matrix_from_blender_xyz,
    pose_para_from_matrix,
    rotation_x,
    rotation_y,
    rotation_z,
)
from app.scene.biwi import (
    BiwiError,
    angles,
    evaluated_angles,
    head_rotation,
    parse_pose,
    read_camera,
)
from app.scene.sequence import SequenceError, read_sequence

DEGREES = st.floats(-60.0, 60.0)


def in_camera(head: np.ndarray) -> np.ndarray:
    """Rotation of a head in the frame of an OpenCV camera that looks along +Y, by projection."""
    view = Pinhole(look_at(np.array([0.0, -1.0, 0.0]), np.zeros(3)), 60.0, 640, 480)
    turn = view.extrinsics()[:, :3]
    return turn @ head @ turn.T


def text_of(rotation: np.ndarray, position: tuple[float, ...] = (12.5, -30.0, 900.0)) -> str:
    rows = [" ".join(f"{v:.6f}" for v in row) + " " for row in rotation]
    return "\n".join([*rows, "", " ".join(f"{v:g}" for v in position) + " ", ""])


def write_sequence(folder: Path, heads: dict[int, Angles]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for frame, held in heads.items():
        rotation = in_camera(matrix_from_blender_xyz(held))
        (folder / f"frame_{frame:05d}_pose.txt").write_text(text_of(rotation))
        (folder / f"frame_{frame:05d}_rgb.png").write_bytes(b"")


def test_a_pose_is_read_in_metres() -> None:
    pose = parse_pose("1 0 0 \n0 1 0 \n0 0 1 \n\n62.8 109.4 924.2 \n", frame=3)
    assert np.array_equal(pose.rotation, np.eye(3))
    assert pose.position == pytest.approx([0.0628, 0.1094, 0.9242])
    assert angles(pose) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        # About the camera's y, which points down: the face turns towards the picture's left.
        (rotation_y(20.0), Angles(-20.0, 0.0, 0.0)),
        # About the camera's x: from y to z, so the face, which looks along -z, goes to y, down.
        (rotation_x(20.0), Angles(0.0, 20.0, 0.0)),
        # About the camera's z: from x to y, which is clockwise in the picture.
        (rotation_z(20.0), Angles(0.0, 0.0, 20.0)),
    ],
)
def test_turns_about_the_axes_of_the_camera(turn: np.ndarray, expected: Angles) -> None:
    nose = turn @ [0.0, 0.0, -1.0]
    found = angles(parse_pose(text_of(turn)))
    assert found == pytest.approx((expected.yaw, expected.pitch, expected.roll), abs=1e-4)
    assert np.sign(round(nose[0], 9)) == np.sign(expected.yaw)
    assert np.sign(round(nose[1], 9)) == np.sign(expected.pitch)


@given(DEGREES, DEGREES, DEGREES)
def test_known_angles_come_back(yaw: float, pitch: float, roll: float) -> None:
    rotation = in_camera(matrix_from_blender_xyz(Angles(yaw, pitch, roll)))
    assert angles(parse_pose(text_of(rotation))) == pytest.approx((yaw, pitch, roll), abs=2e-3)


@given(DEGREES, DEGREES, DEGREES)
def test_evaluations_read_the_same_angles(yaw: float, pitch: float, roll: float) -> None:
    """The formula of Ruiz et al. (2018) for their evaluation on Biwi, from the matrix's rows."""
    rotation = in_camera(matrix_from_blender_xyz(Angles(yaw, pitch, roll)))
    t = rotation.T
    published = (
        np.degrees(-np.arctan2(-t[2, 0], np.hypot(t[2, 1], t[2, 2]))),
        np.degrees(np.arctan2(t[2, 1], t[2, 2])),
        np.degrees(-np.arctan2(t[1, 0], t[0, 0])),
    )
    assert evaluated_angles(parse_pose(text_of(rotation))) == pytest.approx(published, abs=2e-3)


def test_a_camera_of_the_scene_sees_what_biwis_camera_saw() -> None:
    """The head turned as `head_rotation` says, before a camera along +Y, looks the same."""
    rotation = rotation_y(25.0) @ rotation_x(-10.0) @ rotation_z(5.0)
    head = head_rotation(rotation)
    nose_world = head @ [0.0, -1.0, 0.0]
    nose_camera = rotation @ [0.0, 0.0, -1.0]
    view = Pinhole(look_at(np.array([0.0, -1.0, 0.0]), np.zeros(3)), 60.0, 640, 480)
    assert np.allclose(view.extrinsics()[:, :3] @ nose_world, nose_camera)
    assert np.allclose(in_camera(head), rotation)
    assert np.allclose(BLENDER_TO_OPENCV @ BLENDER_TO_OPENCV, np.eye(3))
    assert pose_para_from_matrix(head).yaw > 0, "to the left side of the image"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not three rows"),
        ("1 0 0\n0 1 0\n0 0 1\n", "not three rows"),
        ("1 0 0\n0 1 0\n0 0\n\n1 2 3\n", "not three rows"),
        ("1 0 0\n0 x 0\n0 0 1\n\n1 2 3\n", "no number"),
        ("1 0 0\n0 nan 0\n0 0 1\n\n1 2 3\n", "no finite number"),
        ("1 0 0\n0 1 0\n0 0 -1\n\n1 2 3\n", "no rotation"),
        ("1 0 0\n0 2 0\n0 0 1\n\n1 2 3\n", "no rotation"),
    ],
)
def test_a_damaged_pose_is_told_in_one_line(text: str, said: str) -> None:
    with pytest.raises(BiwiError, match=said) as caught:
        parse_pose(text, "frame_00003_pose.txt")
    assert "frame_00003_pose.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_a_sequence(tmp_path: Path) -> None:
    folder = tmp_path / "01"
    heads = {3: Angles(10.0, -5.0, 2.0), 5: Angles(20.0, 0.0, 0.0), 100: Angles(-30.0, 15.0, -8.0)}
    write_sequence(folder, heads)
    (folder / "rgb.cal").write_text("not read here")
    for path in (folder, folder / "frame_00005_pose.txt"):
        sequence = read_sequence(path)
        assert [key.frame for key in sequence.keys] == [3, 5, 100]
        assert not sequence.bad_lines
        for key in sequence.keys:
            held = heads[key.frame]
            assert (key.yaw, key.pitch, key.roll) == pytest.approx(
                (held.yaw, held.pitch, held.roll), abs=1e-3
            )


def test_bad_files_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    write_sequence(tmp_path / "01", {1: Angles(0.0, 0.0, 0.0), 4: Angles(85.0, 0.0, 0.0)})
    (tmp_path / "01" / "frame_00002_pose.txt").write_text("cut short")
    sequence = read_sequence(tmp_path / "01")
    assert [key.frame for key in sequence.keys] == [1]
    assert "frame_00002_pose.txt" in sequence.complaint
    assert "yaw 85° is beyond ±80°" in sequence.complaint


def test_all_sequences_are_joined(tmp_path: Path) -> None:
    write_sequence(tmp_path / "01", {3: Angles(10.0, 0.0, 0.0), 4: Angles(11.0, 0.0, 0.0)})
    write_sequence(tmp_path / "02", {3: Angles(-10.0, 0.0, 0.0)})
    (tmp_path / "03").mkdir()
    sequence = read_biwi(tmp_path)
    assert [round(key.yaw, 3) for key in sequence.keys] == [10.0, 11.0, -10.0]
    assert len({key.frame for key in sequence.keys}) == 3
    assert [p.name for p in sequence_folders(tmp_path)] == ["01", "02"]
    assert len(list(seen_angles(tmp_path))) == 3
    assert read_biwi(tmp_path / "01").first == 3


def test_folders_without_poses_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(SequenceError) as caught:
            read_biwi(path)
        assert "\n" not in str(caught.value)
        with pytest.raises(SequenceError):
            read_sequence(path)


CALIBRATION = """\
517.679 0 320 
0 517.679 240.5 
0 0 1 

0 0 0 0 

0.999947 0.00432361 0.00929419 
-0.00446314 0.999877 0.0150443 
-0.009228 -0.015085 0.999844 

-24.0198 5.8896 -13.2308 

640 480
"""  # noqa: W291


def test_the_calibration_projects_the_head(tmp_path: Path) -> None:
    (tmp_path / "rgb.cal").write_text(CALIBRATION)
    camera = read_camera(tmp_path / "rgb.cal")
    assert (camera.width, camera.height) == (640, 480)
    assert camera.translation == pytest.approx([-0.0240198, 0.0058896, -0.0132308])
    point = np.array([0.05, -0.02, 0.9])
    own = camera.rotation @ point + camera.translation
    expected = (
        517.679 * own[0] / own[2] + 320.0,
        517.679 * own[1] / own[2] + 240.5,
    )
    assert camera.project(point) == pytest.approx(expected)
    (tmp_path / "rgb.cal").write_text(CALIBRATION[:60])
    with pytest.raises(BiwiError, match=r"rgb\.cal is no calibration"):
        read_camera(tmp_path / "rgb.cal")
