"""The visible outline, on an egg of a head whose silhouette is known exactly."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.geometry.pinhole import Pinhole, look_at
from app.geometry.rotations import Angles, Array, matrix_from_blender_xyz
from app.head.asset import Mesh
from app.topology.contour import OutlineLines, outline_lines, visible_outline
from app.topology.placement import Placement

RADII = np.array([0.075, 0.09, 0.115])


def egg(rows: int = 90, columns: int = 120) -> Mesh:
    """An ellipsoid that faces -Y; its poles lie at the left and right, away from the face."""
    theta = np.linspace(0.02, np.pi - 0.02, rows)
    phi = np.arange(columns) / columns * 2 * np.pi
    t, p = np.meshgrid(theta, phi, indexing="ij")
    unit = np.stack([np.cos(t), np.sin(t) * np.cos(p), np.sin(t) * np.sin(p)], axis=-1)
    vertices = (unit * RADII).reshape(-1, 3).astype(np.float32)
    quads = []
    for i in range(rows - 1):
        for j in range(columns):
            a, b = i * columns + j, i * columns + (j + 1) % columns
            quads.append((a, b, b + columns))
            quads.append((a, b + columns, a + columns))
    triangles = np.ascontiguousarray(np.array(quads, dtype=np.int32)[:, ::-1])
    count = len(triangles)
    return Mesh(
        "Head",
        vertices,
        triangles,
        np.zeros((count, 3, 2), np.float32),
        np.zeros((count, 3, 3), np.float32),
        np.zeros(count, np.int32),
        np.zeros((len(vertices), 1), np.int32),
        np.ones((len(vertices), 1), np.float32),
    )


def face() -> Array:
    """Directions in which 68 points are looked for; only those that matter are like a face."""
    points = np.tile([0.0, -1.0, 0.0], (68, 1))
    round_ = np.radians(np.linspace(-190.0, 10.0, 17))
    points[:17] = np.stack([np.cos(round_), np.full(17, -0.18), np.sin(round_)], axis=1)
    points[27], points[33], points[57] = (0, -0.6, 0.8), (0, -1, -0.1), (0, -1, -0.3)
    points[36:42], points[42:48] = (-0.35, -1, 0.25), (0.35, -1, 0.25)
    points[36, 0], points[39, 0], points[42, 0], points[45, 0] = -0.5, -0.2, 0.2, 0.5
    return points


@functools.cache
def head() -> tuple[Mesh, Placement, OutlineLines]:
    mesh = egg()
    unit = mesh.vertices / RADII
    unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
    wanted = face() / np.linalg.norm(face(), axis=1, keepdims=True)
    vertex = (wanted @ unit.T).argmax(axis=1)
    corners = np.array([mesh.triangles[np.flatnonzero((mesh.triangles == v).any(1))[0]]
                        for v in vertex])  # fmt: skip
    weights = (corners == vertex[:, None]).astype(np.float64)
    placement = Placement("ibug-68", 1, np.zeros(68, np.int32), corners, weights)
    return mesh, placement, outline_lines([mesh], placement)


def view() -> Pinhole:
    return Pinhole(look_at(np.array([0.0, -0.6, 0.0]), np.zeros(3)), 30.0, 400, 400)


def turned(yaw: float, pitch: float, roll: float = 0.0) -> Array:
    return matrix_from_blender_xyz(Angles(yaw, pitch, roll))


def outline(yaw: float, pitch: float, roll: float = 0.0) -> tuple[Array, Array, Array]:
    """Outline points, fixed points and the rotation of the turned egg."""
    mesh, placement, lines = head()
    turn = turned(yaw, pitch, roll)
    vertices = ((mesh.vertices @ turn.T).astype(np.float32),)
    return visible_outline(lines, vertices, view()), placement.positions(vertices)[:17], turn


def facing(points: Array, turn: Array) -> Array:
    """Cosine between the egg's normal and the direction to the camera."""
    normal = (points @ turn) / RADII**2 @ turn.T
    to_camera = view().position - points
    return np.asarray(
        np.einsum("ji,ji->j", normal, to_camera)
        / np.linalg.norm(normal, axis=1)
        / np.linalg.norm(to_camera, axis=1)
    )


angles = st.tuples(st.floats(-80, 80), st.floats(-60, 60), st.floats(-50, 50))


@settings(max_examples=60, deadline=None)
@given(angles)
def test_points_lie_on_the_surface_and_in_order(angle: tuple[float, float, float]) -> None:
    found, _, turn = outline(*angle)
    off = np.linalg.norm((found @ turn) / RADII, axis=1)
    assert np.abs(off - 1.0).max() < 0.01
    around = (found @ turn)[:, [0, 2]] - [0.0, -0.1 * RADII[2]]
    order = np.unwrap(np.arctan2(around[:, 1], around[:, 0]))
    assert (np.diff(order) > 0).all()


@settings(max_examples=60, deadline=None)
@given(angles)
def test_no_point_is_turned_away_where_its_line_reaches_the_outline(
    angle: tuple[float, float, float],
) -> None:
    found, fixed, turn = outline(*angle)
    cosine, before = facing(found, turn), facing(fixed, turn)
    moved = np.linalg.norm(found - fixed, axis=1)
    inner = moved < 0.03  # the ends of the lines may be turned away as well
    assert (cosine[inner] > np.minimum(before[inner], 0.0) - 0.12).all()


@pytest.mark.parametrize(("yaw", "side"), [(40.0, slice(10, 15)), (-40.0, slice(2, 7))])
def test_the_far_side_moves_to_the_silhouette(yaw: float, side: slice) -> None:
    found, fixed, turn = outline(yaw, 0.0)
    assert (facing(fixed, turn)[side] < -0.2).all()
    mesh, _, _ = head()
    skin = mesh.vertices @ turn.T
    horizon = view().project(skin[np.abs(facing(skin, turn)) < 0.03])
    gaps = np.linalg.norm(view().project(found)[side, None] - horizon, axis=2).min(axis=1)
    assert gaps.max() < 3.0  # pixels; one is 0.8 mm


@pytest.mark.parametrize(("yaw", "side"), [(40.0, slice(0, 5)), (-40.0, slice(12, 17))])
def test_the_near_side_stays(yaw: float, side: slice) -> None:
    found, fixed, _ = outline(yaw, 0.0)
    assert np.abs(found - fixed)[side].max() < 1e-6


def test_a_face_seen_from_in_front_keeps_its_points() -> None:
    found, fixed, _ = outline(0.0, 0.0)
    assert np.linalg.norm(found - fixed, axis=1).max() < 0.009


def test_looking_down_moves_the_chin_and_looking_up_does_not() -> None:
    down, fixed, _ = outline(0.0, 40.0)
    assert np.linalg.norm(down - fixed, axis=1)[7:10].min() > 0.01
    up, fixed, _ = outline(0.0, -40.0)
    assert np.linalg.norm(up - fixed, axis=1)[7:10].max() < 1e-6


@settings(max_examples=25, deadline=None)
@given(st.floats(-79, 79), st.floats(-59, 59))
def test_a_little_turn_moves_points_a_little(yaw: float, pitch: float) -> None:
    one, _, turn = outline(yaw, pitch)
    other, _, then = outline(yaw + 0.5, pitch)
    step = np.linalg.norm(one @ turn - other @ then, axis=1)
    assert step.max() < 0.012


@settings(max_examples=25, deadline=None)
@given(st.floats(-80, 80), st.floats(-60, 60))
def test_left_and_right_are_alike(yaw: float, pitch: float) -> None:
    one, _, _ = outline(yaw, pitch)
    other, _, _ = outline(-yaw, pitch)
    assert np.linalg.norm(one[::-1] * [-1, 1, 1] - other, axis=1).max() < 0.012


def test_a_placement_that_is_no_face_is_refused() -> None:
    mesh, placement, _ = head()
    one = placement.corners[:1]
    flat = Placement(
        "ibug-68", 1, placement.meshes, np.repeat(one, 68, axis=0), np.tile([1.0, 0, 0], (68, 1))
    )
    with pytest.raises(ValueError, match="no face"):
        outline_lines([mesh], flat)
    with pytest.raises(ValueError, match="68 points"):
        outline_lines([mesh], Placement("ibug-68", 1, placement.meshes[:5], one, np.ones((1, 3))))
