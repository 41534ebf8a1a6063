"""What stands beside a picture, for a head of known bones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geometry.rotations import (
    Angles,
    angle_between,
    matrix_from_blender_xyz,
    matrix_from_pose_para,
    rotation_z,
)
from app.head.asset import BoneRoles, HeadAsset, Skeleton, Source, ZeroPose
from app.head.pose import HeadPose
from app.scene.annotations import SCHEMA, annotate, seen_rotation, write_annotations
from app.scene.placement import camera_matrix
from app.scene.scene import Camera, HeadFile, Scene

ANGLE = st.floats(-50.0, 50.0)


def two_bones() -> HeadAsset:
    """A neck 10 cm under the head centre and a head bone 5 cm under it."""
    matrices = np.tile(np.eye(4), (2, 1, 1))
    matrices[0, :3, 3] = (0.0, 0.06, -0.10)
    matrices[1, :3, 3] = (0.0, 0.05, -0.05)
    skeleton = Skeleton(
        ("Neck", "Head"),
        np.array([-1, 0], dtype=np.int32),
        matrices,
        np.array([[0.0, 0.05, -0.05], [0.0, 0.05, 0.15]]),
    )
    return HeadAsset(
        "Two bones",
        "key",
        Path("nowhere"),
        (),
        (),
        skeleton,
        BoneRoles(("Neck", "Head")),
        ZeroPose(np.eye(3), 0.0, "by hand"),
        np.zeros(3),
        0.24,
        Source("two.fbx", "ab12", 7400, "by hand", 1.0, 0.0),
    )


FRONT = Camera()


def annotated(pose: HeadPose = HeadPose(), camera: Camera = FRONT) -> dict[str, Any]:
    return annotate(two_bones(), Scene(HeadFile("two.fbx"), pose, camera))


def matrix(rows: object) -> Any:
    return np.array(rows, dtype=np.float64)


def test_the_file_names_its_schema_and_units(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_annotations(path, annotated())
    read = json.loads(path.read_text("utf-8"))
    assert (read["schema"], read["version"]) == (SCHEMA, 1)
    assert read["units"]["length"] == "metre"
    assert read["camera"]["distortion"] is None
    assert read["head"]["sha256"] == "ab12"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["a.json"]


def test_zero_pose_before_the_camera_is_zero_in_every_convention() -> None:
    pose = annotated()["head"]["pose"]
    for relative in ("of_the_world", "of_the_camera"):
        for convention in ("blender_xyz", "pose_para"):
            assert list(pose[relative][convention].values()) == pytest.approx([0, 0, 0], abs=1e-9)
    centre = annotated()["head"]["centre"]
    assert centre["pixel"] == pytest.approx([319.5, 239.5])
    assert centre["camera"] == pytest.approx([0.0, 0.0, 0.30])


def test_a_camera_before_the_head_reads_as_in_the_source_papers() -> None:
    angles = annotated()["camera"]["blender_xyz"]
    assert angles == pytest.approx({"yaw": 0.0, "pitch": 90.0, "roll": 0.0}, abs=1e-9)


@given(ANGLE, ANGLE, ANGLE)
def test_angles_of_the_world_are_those_asked_for(yaw: float, pitch: float, roll: float) -> None:
    pose = annotated(HeadPose(yaw, pitch, roll))["head"]["pose"]["of_the_world"]
    asked = matrix_from_blender_xyz(Angles(yaw, pitch, roll))
    assert list(pose["blender_xyz"].values()) == pytest.approx([yaw, pitch, roll], abs=1e-6)
    assert angle_between(asked, matrix_from_pose_para(Angles(**pose["pose_para"]))) < 1e-6


@given(ANGLE, ANGLE, ANGLE, st.floats(-180.0, 180.0))
def test_head_and_camera_turned_together_look_the_same(
    yaw: float, pitch: float, roll: float, turn: float
) -> None:
    head = matrix_from_blender_xyz(Angles(yaw, pitch, roll))
    camera = camera_matrix(Camera())[:3, :3]
    both = seen_rotation(rotation_z(turn) @ head, rotation_z(turn) @ camera)
    assert angle_between(both, seen_rotation(head, camera)) < 1e-6


def test_walking_round_a_still_head_is_seen_as_the_head_turning_away() -> None:
    """From the right side of the picture the face points to its left: pose_para yaw > 0."""
    pose = annotated(camera=Camera(azimuth=30.0))["head"]["pose"]
    assert pose["of_the_world"]["pose_para"]["yaw"] == pytest.approx(0.0)
    assert pose["of_the_camera"]["pose_para"]["yaw"] == pytest.approx(30.0)


def test_a_leaning_camera_is_seen_as_a_leaning_head() -> None:
    pose = annotated(camera=Camera(rotation=(0.0, 0.0, 20.0)))["head"]["pose"]
    assert pose["of_the_camera"]["pose_para"]["roll"] == pytest.approx(20.0)


@given(ANGLE, ANGLE, st.floats(-60, 60), st.floats(-30, 30), st.floats(0.3, 2.0))
def test_pixels_follow_from_the_matrices_in_the_file(
    yaw: float, pitch: float, azimuth: float, elevation: float, distance: float
) -> None:
    truth = annotated(
        HeadPose(yaw, pitch),
        Camera(distance=distance, azimuth=azimuth, elevation=elevation, width=800, height=600),
    )
    k, e = matrix(truth["camera"]["intrinsics"]), matrix(truth["camera"]["extrinsics"])
    for bone in truth["bones"].values():
        for end in ("joint", "tail"):
            seen = k @ (e @ np.append(bone[end]["world"], 1.0))
            assert bone[end]["pixel"] == pytest.approx(seen[:2] / seen[2], abs=1e-6)


def test_bones_outside_the_frame_and_behind_the_camera_are_marked() -> None:
    bones = annotated(camera=Camera(distance=0.08, field_of_view=20.0))["bones"]
    assert not bones["Head"]["tail"]["in_frame"]
    assert bones["Head"]["tail"]["pixel"] is not None
    behind = annotated(camera=Camera(distance=0.05, elevation=90.0))["bones"]["Head"]["tail"]
    assert behind["pixel"] is None and not behind["in_frame"]


def test_only_shapes_that_the_head_has_and_that_are_on_are_listed() -> None:
    assert annotated(HeadPose(shapes={"jawOpen": 0.5}))["head"]["shapes"] == {}
