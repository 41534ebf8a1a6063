"""Pieces of the raster renderer: posing, covered triangles, tones, ribbons, rooms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.geometry.pinhole import Pinhole, look_at
from app.head.pose import HeadPose
from app.head.skinning import MeshPoser, chain_motions
from app.raster import tone
from app.raster.body import Body
from app.raster.culling import Framing, nearest_first
from app.raster.environment_light import environment_light
from app.raster.parts import across
from app.raster.rooms import LARGEST, room_surfaces
from app.raster.sky import sky
from app.raster.surfaces import surfaces
from app.scene.room import Room, RoomPart
from app.scene.scene import Environment
from tests.gui.viewport_head import viewport_head

VIEW = Pinhole(look_at(np.array([0.0, -1.0, 0.0]), np.zeros(3)), 40.0, 64, 48)
angle = st.floats(-60.0, 60.0)


@settings(deadline=None, max_examples=25)
@given(yaw=angle, pitch=angle, roll=angle, share=st.floats(0.0, 1.0), grow=st.floats(0.0, 1.0))
def test_all_meshes_together_are_posed_as_each_alone(
    yaw: float, pitch: float, roll: float, share: float, grow: float
) -> None:
    head = viewport_head()
    body = Body(head, surfaces(head))
    pose = HeadPose(yaw, pitch, roll, share, {"grow": grow})
    motions = chain_motions(head, pose)
    for mesh, vertices in zip(head.meshes, body.split(body.pose(pose).vertices), strict=True):
        alone = MeshPoser(head, mesh).pose(motions, pose.shapes)
        np.testing.assert_allclose(vertices, alone.vertices, atol=1e-6)


def test_normals_follow_pose_and_shapes() -> None:
    head = viewport_head()
    pieces = surfaces(head)
    body, pose = Body(head, pieces), HeadPose(30.0, 10.0, shapes={"grow": 1.0})
    posed, motions = body.pose(pose), chain_motions(head, pose)
    for i, piece in enumerate(pieces):
        alone = MeshPoser(head, head.meshes[piece.mesh]).pose(motions, pose.shapes)
        first, end = body.point_firsts[i : i + 2]
        expected = alone.normals.reshape(-1, 3)[piece.corner]
        off = np.abs(posed.normals[first:end] - expected).max(axis=1)
        assert (off < 1e-4).mean() > 0.98  # triangles without area at the poles have no direction


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(*[st.floats(0.0, 30.0, width=32)] * 3), min_size=1, max_size=300),
)
def test_the_quick_view_transform_is_the_exact_one(colors: list[tuple[float, ...]]) -> None:
    linear = np.array(colors, np.float32)
    exact = np.floor(tone.to_screen(linear) * 255.0 + 0.5)
    assert np.abs(tone.to_bytes(linear).astype(float) - exact).max() <= 1.0


def test_what_lies_behind_a_wall_is_covered_and_what_looks_past_it_is_not() -> None:
    points = np.array(
        [
            [-0.02, 0.1, 0.0], [0.02, 0.1, 0.0], [0.0, 0.1, 0.03],
            [-0.02, -0.1, 0.0], [0.02, -0.1, 0.0], [0.0, -0.1, 0.03],
            [-0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.0, 0.1, 0.03],
            [5.0, 0.1, 0.0], [5.1, 0.1, 0.0], [5.0, 0.1, 0.1],
        ],
        np.float32,
    )  # fmt: skip
    framed = Framing(np.arange(12, dtype=np.int32).reshape(4, 3)).frame(points, VIEW)
    depth = np.full((48, 64), np.inf, np.float32)
    depth[8:40, 12:52] = 1.0
    assert framed.inside.tolist() == [True, True, True, False]
    assert framed.covered(np.arange(3), depth).tolist() == [True, False, False]
    np.testing.assert_allclose(framed.near[:2], [1.1, 0.9], atol=1e-5)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**31))
def test_covering_never_hides_what_some_pixel_shows(width: int, height: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    view = Pinhole(VIEW.matrix_world, 40.0, width, height)
    depth = draw.uniform(0.5, 1.5, (height, width)).astype(np.float32)
    points = draw.uniform(-0.5, 0.5, (90, 3)).astype(np.float32)
    framed = Framing(np.arange(90, dtype=np.int32).reshape(-1, 3)).frame(points, view)
    chosen = np.flatnonzero(framed.inside)
    for i, covered in zip(chosen, framed.covered(chosen, depth), strict=True):
        left, right = int(max(framed.left[i], 0)), int(min(framed.right[i], width - 1))
        top, bottom = int(max(framed.top[i], 0)), int(min(framed.bottom[i], height - 1))
        if covered:
            assert framed.near[i] > depth[top : bottom + 1, left : right + 1].max()


def test_the_nearest_come_first() -> None:
    near = np.array([3.0, 1.0, 2.0, 1.0], np.float32)
    assert nearest_first(near).tolist() == [1, 3, 2, 0]
    assert nearest_first(near[:1]).tolist() == [0]


def test_points_across_a_ribbon_find_one_another() -> None:
    along = np.arange(4) * 0.01
    points = np.array([(x, side, 0.0) for x in along for side in (0.0, 0.0005)], np.float32)
    quads = [(2 * i, 2 * i + 1, 2 * i + 2, 2 * i + 3) for i in range(3)]
    triangles = np.array([t for a, b, c, d in quads for t in ((a, b, c), (b, d, c))], np.int32)
    assert across(points, triangles).tolist() == [1, 0, 3, 2, 5, 4, 7, 6]


def test_walls_are_cut_small_and_keep_area_and_texture() -> None:
    corners = np.array([[0, 0, 0], [8, 0, 0], [8, 0, 3], [0, 0, 3]], np.float32)
    uvs = corners[:, [0, 2]]
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    wall = RoomPart("wall", corners, triangles, uvs[triangles])
    (surface,) = room_surfaces(Room("r", (wall,)))
    cut = surface.points[surface.triangles]
    assert np.linalg.norm(cut - np.roll(cut, 1, axis=1), axis=2).max() <= LARGEST
    area = np.linalg.norm(np.cross(cut[:, 1] - cut[:, 0], cut[:, 2] - cut[:, 0]), axis=1) / 2
    assert area.sum() == pytest.approx(24.0, rel=1e-4)
    np.testing.assert_allclose(surface.uvs, surface.points[:, [0, 2]], atol=1e-5)


def test_the_sky_turns_with_its_environment() -> None:
    light, _ = environment_light(Environment("sunset"))
    ahead = sky(light, Environment("sunset", strength=1.0), VIEW)
    east = Pinhole(look_at(np.zeros(3), np.array([1.0, 0.0, 0.0])), 40.0, 64, 48)
    turned = sky(light, Environment("sunset", strength=1.0, rotation=-90.0), east)
    assert np.abs(ahead.astype(int) - turned).mean() < 1.0
    assert np.abs(ahead.astype(int) - sky(light, Environment("sunset"), east)).mean() > 5.0
