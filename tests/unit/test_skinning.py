"""Posing, on a hand-made head: a column of vertices on body, two neck bones and a head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geometry.rotations import (
    angle_between,
    blender_xyz_from_matrix,
    matrix_from_rotation_vector,
)
from app.head.asset import BoneRoles, HeadAsset, Mesh, Shape, Skeleton, Source, ZeroPose
from app.head.pose import HeadPose
from app.head.skinning import (
    MeshPoser,
    bone_motions,
    chain_exponents,
    chain_motions,
    head_matrix,
    pose_rotation,
    pose_vertices,
)

poses = st.builds(
    HeadPose,
    yaw=st.floats(-80, 80),
    pitch=st.floats(-70, 70),
    roll=st.floats(-55, 55),
    head_share=st.floats(0, 1),
)


def column(zero: np.ndarray | None = None, chain: tuple[str, ...] = ("neck1", "neck2", "head")):
    """Bones at z = −0.5, −0.15, −0.10, −0.05 and an eye; one triangle hangs on each."""
    names = ("body", "neck1", "neck2", "head", "eye")
    heights = (-0.5, -0.15, -0.10, -0.05, 0.0)
    matrices = np.tile(np.eye(4), (5, 1, 1))
    matrices[:, 2, 3] = heights
    offsets = np.array([[0.05, -0.05, 0.02], [-0.05, -0.05, 0.02], [0.0, 0.05, 0.03]])
    vertices = np.concatenate([offsets + [0, 0, z] for z in heights]).astype(np.float32)
    triangles = np.arange(15, dtype=np.int32).reshape(5, 3)
    mesh = Mesh(
        name="Column",
        vertices=vertices,
        triangles=triangles,
        uvs=np.zeros((5, 3, 2), np.float32),
        normals=np.tile(np.float32([0, 0, 1]), (5, 3, 1)),
        materials=np.zeros(5, np.int32),
        bones=np.repeat(np.arange(5, dtype=np.int32), 3)[:, None],
        weights=np.ones((15, 1), np.float32),
        shapes=(Shape("up", np.int32([9]), np.float32([[0, 0, 0.01]])),),
    )
    return HeadAsset(
        name="column",
        key="column",
        folder=Path(),
        meshes=(mesh,),
        materials=(),
        skeleton=Skeleton(
            names, np.int32([-1, 0, 1, 2, 3]), matrices, matrices[:, :3, 3] + [0, 0, 0.05]
        ),
        roles=BoneRoles(chain),
        zero=ZeroPose(np.eye(3) if zero is None else zero, 0.0, "by hand"),
        head_centre=np.zeros(3),
        head_height=0.2,
        source=Source("", "", 7400, "", 1.0, 0.0),
    )


@given(poses)
def test_the_head_bone_gets_the_whole_rotation_whatever_the_share(pose: HeadPose) -> None:
    motion = chain_motions(column(), pose)[-1]
    assert angle_between(motion[:3, :3], pose_rotation(pose)) < 1e-4


@given(poses)
def test_the_head_matrix_reads_the_pose_that_was_asked_for(pose: HeadPose) -> None:
    read = blender_xyz_from_matrix(head_matrix(column(), pose)[:3, :3])
    assert (
        angle_between(pose_rotation(HeadPose(read.yaw, read.pitch, read.roll)), pose_rotation(pose))
        < 1e-4
    )


@given(poses)
def test_motions_are_rigid_and_joints_stay_connected(pose: HeadPose) -> None:
    asset = column()
    motions = chain_motions(asset, pose)
    np.testing.assert_allclose(
        motions[:, :3, :3] @ motions[:, :3, :3].transpose(0, 2, 1),
        np.tile(np.eye(3), (3, 1, 1)),
        atol=1e-9,
    )
    for below, joint in ((0, -0.10), (1, -0.05)):
        point = np.array([0.0, 0.0, joint, 1.0])
        np.testing.assert_allclose(motions[below] @ point, motions[below + 1] @ point, atol=1e-12)


@given(poses)
def test_the_body_stays_and_the_eye_follows_the_head(pose: HeadPose) -> None:
    asset = column()
    motions = bone_motions(asset, pose)
    np.testing.assert_array_equal(motions[0], np.eye(4))
    np.testing.assert_allclose(motions[4], motions[3])
    vertices = pose_vertices(asset, pose)[0]
    np.testing.assert_array_equal(vertices[:3], asset.meshes[0].vertices[:3])


def test_at_share_one_the_neck_keeps_still() -> None:
    motions = chain_motions(column(), HeadPose(yaw=40.0, head_share=1.0))
    np.testing.assert_allclose(motions[0], np.eye(4), atol=1e-12)
    np.testing.assert_allclose(motions[1], np.eye(4), atol=1e-12)


def test_zero_pose_is_the_solved_rotation() -> None:
    zero = matrix_from_rotation_vector(np.array([0.1, 0.02, -0.05]))
    asset = column(zero)
    motion = chain_motions(asset, HeadPose())[-1]
    np.testing.assert_allclose(motion[:3, :3], zero, atol=1e-12)
    joint = np.array([0.0, 0.0, -0.15, 1.0])
    np.testing.assert_allclose(motion @ joint, joint, atol=1e-12)


def test_a_head_without_neck_turns_on_its_own() -> None:
    asset = column(chain=("head",))
    motions = chain_motions(asset, HeadPose(yaw=30.0, head_share=0.0))
    assert len(motions) == 1
    assert angle_between(motions[0][:3, :3], pose_rotation(HeadPose(yaw=30.0))) < 1e-9


def test_shapes_come_before_the_skin() -> None:
    asset = column()
    pose = HeadPose(roll=50.0, shapes={"up": 0.5, "unknown": 1.0})
    moved = pose_vertices(asset, pose)[0][9]
    plain = pose_vertices(asset, HeadPose(roll=50.0))[0][9]
    np.testing.assert_allclose(moved - plain, pose_rotation(pose) @ [0, 0, 0.005], atol=1e-6)


def test_normals_turn_with_the_skin() -> None:
    asset = column()
    pose = HeadPose(pitch=30.0)
    posed = MeshPoser(asset, asset.meshes[0]).pose(chain_motions(asset, pose), {})
    np.testing.assert_allclose(
        posed.normals[3], np.tile(pose_rotation(pose) @ [0, 0, 1], (3, 1)), atol=1e-6
    )
    np.testing.assert_allclose(np.linalg.norm(posed.normals, axis=-1), 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("links", "share", "expected"),
    [
        (1, 0.0, [1.0]),
        (2, 0.0, [1.0, 1.0]),
        (2, 0.3, [0.7, 1.0]),
        (4, 0.25, [0.25, 0.5, 0.75, 1.0]),
    ],
)
def test_share_between_neck_and_head(links: int, share: float, expected: list[float]) -> None:
    np.testing.assert_allclose(chain_exponents(links, share), expected)
