"""Landmarks of people: on the skin, the same place on everyone, and moving with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("anny", reason="the 'bake' extra (anny, torch) is not installed")

from app.bake.asset import BakedHead, bake_asset
from app.bake.head import skin_mesh
from app.bake.person import random_person
from app.bake.shading import split_quads
from app.cli.topology_picture import COLORS, write_picture
from app.geometry.rotations import Array
from app.head.asset import HeadAsset, Mesh
from app.head.pose import HeadPose
from app.head.skinning import chain_motions, pose_vertices
from app.raster.window import NoOpenGLError
from app.topology import store
from app.topology.landmarks import SKIN_MESH, HeadLandmarks, landmarks_of, shared_placement


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> list[BakedHead]:
    return [
        bake_asset(random_person(seed), tmp_path_factory.mktemp(f"person{seed}"), 64)
        for seed in (4, 11)
    ]


@pytest.fixture(scope="module")
def placed(people: list[BakedHead]) -> list[HeadLandmarks]:
    return [landmarks_of(p.asset, p.base_vertices) for p in people]


def skin(asset: HeadAsset) -> Mesh:
    return next(m for m in asset.meshes if m.name == SKIN_MESH)


def rest(asset: HeadAsset) -> list[Array]:
    return [m.vertices for m in asset.meshes]


def test_each_landmark_lies_on_a_triangle_of_the_skin(
    people: list[BakedHead], placed: list[HeadLandmarks]
) -> None:
    for person, landmarks in zip(people, placed, strict=True):
        rows = {frozenset(t) for t in skin(person.asset).triangles.tolist()}
        index = person.asset.meshes.index(skin(person.asset))
        assert [p.topology for p in landmarks.placements] == ["ibug-68", "dense-520"]
        assert landmarks.residual is None
        for placement in landmarks.placements:
            assert (placement.meshes == index).all()
            assert all(frozenset(c) in rows for c in placement.corners.tolist())
            assert np.abs(placement.weights.sum(axis=1) - 1.0).max() < 1e-9
            assert placement.weights.min() >= 0.0


def test_a_landmark_is_the_same_place_on_everyone(
    people: list[BakedHead], placed: list[HeadLandmarks]
) -> None:
    shared = skin_mesh()
    own = skin(people[0].asset)
    mean = replace(
        own,
        vertices=shared.canonical.astype(np.float32),
        triangles=split_quads(shared.canonical, shared.mesh.faces)[0].astype(np.int32),
    )
    for k, name in enumerate(("ibug-68", "dense-520")):
        reference = shared_placement([mean], shared.base_ids, store.load(name))
        for person, landmarks in zip(people, placed, strict=True):
            here = landmarks.placements[k].positions(rest(person.asset))
            there = reference.positions([skin(person.asset).vertices])
            apart = np.linalg.norm(here - there, axis=1)
            assert np.percentile(apart, 95) < 5e-5
            assert apart.max() < 4e-4


def test_landmarks_lie_where_the_face_has_them(
    people: list[BakedHead], placed: list[HeadLandmarks]
) -> None:
    for person, landmarks in zip(people, placed, strict=True):
        points = landmarks.placements[0].positions(rest(person.asset))
        vertices = skin(person.asset).vertices
        near = vertices[np.linalg.norm(vertices - points[30], axis=1) < 0.02]
        assert points[30, 1] < near[:, 1].min() + 0.001  # the tip of the nose
        lips = points[[61, 62, 63]][:, 2] - points[[67, 66, 65]][:, 2]
        assert (lips > 0.0).all()  # the upper lip's line above the lower one's
        for lids in (slice(36, 42), slice(42, 48)):
            eye = points[lids]
            assert (eye[[1, 2], 2] > eye[[5, 4], 2] + 0.003).all()


@settings(max_examples=12, deadline=None)
@given(st.floats(-80, 80), st.floats(-70, 70), st.floats(-55, 55))
def test_points_on_bone_turn_with_the_head(
    people: list[BakedHead],
    placed: list[HeadLandmarks],
    yaw: float,
    pitch: float,
    roll: float,
) -> None:
    asset, landmarks = people[0].asset, placed[0]
    pose = HeadPose(yaw, pitch, roll)
    motion = chain_motions(asset, pose)[-1]
    posed = pose_vertices(asset, pose)
    bridge = [27, 28, 29, 30, 36, 39, 42, 45]
    before = landmarks.placements[0].positions(rest(asset))[bridge]
    after = landmarks.placements[0].positions(posed)[bridge]
    assert np.abs(after - (before @ motion[:3, :3].T + motion[:3, 3])).max() < 2e-4


def test_points_on_the_lips_follow_the_jaw(
    people: list[BakedHead], placed: list[HeadLandmarks]
) -> None:
    asset, placement = people[1].asset, placed[1].placements[0]
    closed = placement.positions(pose_vertices(asset, HeadPose()))
    opened = placement.positions(pose_vertices(asset, HeadPose(shapes={"jawOpen": 1.0})))
    assert closed[66, 2] - opened[66, 2] > 0.01
    assert np.linalg.norm(closed[27:31] - opened[27:31], axis=1).max() < 0.003
    assert opened[62, 2] - opened[66, 2] > 0.01


def test_a_picture_shows_every_origin_in_its_colour(
    people: list[BakedHead], placed: list[HeadLandmarks], tmp_path: Path
) -> None:
    path = tmp_path / "dense.png"
    topology = store.load("dense-520")
    try:
        write_picture(path, people[0].asset, topology, placed[0].placements[1])
    except NoOpenGLError as missing:
        pytest.skip(f"no OpenGL here: {missing}")
    picture = cv2.imread(str(path))[..., ::-1].astype(int)
    height, width = picture.shape[:2]
    assert width > 1.5 * height
    faces = picture[height // 10 :]  # below the legend
    for color in COLORS.values():
        wanted = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
        assert (np.abs(faces - wanted).max(axis=2) < 12).sum() > 20


def test_a_head_without_the_skin_or_its_description_is_said_to_be_so(
    people: list[BakedHead],
) -> None:
    person = people[0]
    others = tuple(m for m in person.asset.meshes if m.name != SKIN_MESH)
    with pytest.raises(ValueError, match="no mesh named 'Head'"):
        shared_placement(others, person.base_vertices, store.load("ibug-68"))
    few = person.base_vertices[:100]
    with pytest.raises(ValueError, match="lacks the place of"):
        shared_placement(person.asset.meshes, few, store.load("ibug-68"))
    with pytest.raises(store.TopologyError, match="there are: ibug-68"):
        landmarks_of(person.asset, person.base_vertices, ("ibug-69",))


def test_the_description_beside_the_file_tells_the_base_vertices(
    people: list[BakedHead], tmp_path: Path
) -> None:
    person = people[0]
    numbers = ", ".join(str(v) for v in person.base_vertices)
    (tmp_path / "her.json").write_text(f'{{"base_vertex_of_head_vertex": [{numbers}]}}')
    source = replace(person.asset.source, path=str(tmp_path / "her.fbx"))
    found = landmarks_of(replace(person.asset, source=source), None, ("ibug-68",))
    known = landmarks_of(person.asset, person.base_vertices, ("ibug-68",))
    assert np.array_equal(found.placements[0].corners, known.placements[0].corners)
    assert np.array_equal(found.placements[0].weights, known.placements[0].weights)
