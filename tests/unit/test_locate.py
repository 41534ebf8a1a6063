"""Visibility by depth, against planes and steps whose depth is known exactly."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.geometry.pinhole import Pinhole, look_at
from app.geometry.rotations import Array
from app.topology.locate import around, seen, seen_on_rim

VIEW = Pinhole(look_at(np.array([0.0, -0.5, 0.0]), np.zeros(3)), 30.0, 120, 90)
FOCAL = VIEW.focal_pixels


def plane_depth(normal: Array, point: Array) -> Array:
    """Depth picture of an endless plane."""
    x, y = np.meshgrid(np.arange(VIEW.width), np.arange(VIEW.height))
    k = np.linalg.inv(VIEW.intrinsics())
    rays = np.stack([x, y, np.ones_like(x)], axis=-1) @ k.T
    matrix = VIEW.extrinsics()
    n = matrix[:, :3] @ normal
    at = matrix[:, :3] @ point + matrix[:, 3]
    return np.asarray((at @ n) / (rays @ n))


pixels = st.tuples(st.floats(-0.4, 119.3), st.floats(-0.4, 89.3))
gentle = st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))
slopes = st.tuples(st.floats(-1.2, 1.2), st.floats(-1.2, 1.2))


def on_plane(pixel: tuple[float, float], normal: Array, point: Array) -> tuple[Array, float]:
    origin, direction = VIEW.ray(pixel)
    world = origin + direction * ((point - origin) @ normal) / (direction @ normal)
    return VIEW.project(world[None]), float(VIEW.to_camera(world[None])[0, 2])


inner = st.tuples(st.floats(0.0, 119.0), st.floats(0.0, 89.0))


@given(inner, slopes)
def test_a_point_on_a_sloping_surface_is_seen(
    pixel: tuple[float, float], slope: tuple[float, float]
) -> None:
    normal = np.array([slope[0], -1.0, slope[1]])
    at, distance = on_plane(pixel, normal, np.zeros(3))
    assert seen(at, np.array([distance]), plane_depth(normal, np.zeros(3)), FOCAL).all()


@given(pixels, gentle, st.floats(0.012, 0.1))
def test_a_point_behind_a_surface_is_not_seen(
    pixel: tuple[float, float], slope: tuple[float, float], behind: float
) -> None:
    normal = np.array([slope[0], -1.0, slope[1]])
    at, distance = on_plane(pixel, normal, np.zeros(3))
    depth = plane_depth(normal, np.zeros(3))
    assert not seen(at, np.array([distance + behind]), depth, FOCAL).any()


@given(pixels, st.floats(0.0013, 0.05))
def test_hair_a_millimetre_before_the_skin_hides_it(
    pixel: tuple[float, float], lift: float
) -> None:
    skin = np.array([0.0, -1.0, 0.0])
    at, distance = on_plane(pixel, skin, np.zeros(3))
    assert not seen(at, np.array([distance]), plane_depth(skin, skin * lift), FOCAL).any()
    assert seen(at, np.array([distance]), plane_depth(skin, skin * 0.0004), FOCAL).all()


@given(st.floats(40.001, 40.999), st.floats(0.0, 88.0))
def test_beside_a_rim_only_a_point_of_the_outline_is_seen(x: float, y: float) -> None:
    depth = np.full((90, 120), np.inf)
    depth[:, :41] = 0.5
    assert seen_on_rim(np.array([[x, y]]), np.array([0.5]), depth).all()
    assert not seen(np.array([[x, y]]), np.array([0.5]), depth, FOCAL).any()


@given(st.floats(40.0, 44.0), st.floats(0.0, 88.0), st.floats(0.006, 0.2), st.floats(0.6, 3.0))
def test_what_a_silhouette_hides_is_not_seen_beside_it(
    x: float, y: float, behind: float, far: float
) -> None:
    depth = np.full((90, 120), far)
    depth[:, :45] = 0.5
    assert not seen(np.array([[x, y]]), np.array([0.5 + behind]), depth, FOCAL).any()


@given(st.floats(-0.99, 0.99), st.floats(0.0, 2 * np.pi), st.sampled_from([25.0, 40.0, 60.0]))
def test_of_a_ball_the_near_side_is_seen_and_the_far_side_is_not(
    away: float, turn: float, field_of_view: float
) -> None:
    view = Pinhole(look_at(np.array([0.0, -0.5, 0.0]), np.zeros(3)), field_of_view, 256, 256)
    radius, k = 0.08, view.intrinsics()
    x, y = np.meshgrid(np.arange(256), np.arange(256))
    rays = np.stack([(x - k[0, 2]) / k[0, 0], (y - k[1, 2]) / k[1, 1], np.ones(x.shape)], axis=-1)
    along, length = rays @ np.array([0.0, 0.0, 0.5]), (rays**2).sum(-1)
    root = along**2 - length * (0.25 - radius**2)
    depth = np.where(root > 0, (along - np.sqrt(np.maximum(root, 0))) / length, np.inf)
    rim = np.sqrt(1 - (radius / 0.5) ** 2)
    side = np.sin(np.arccos(radius / 0.5)) * abs(away)
    towards = np.sqrt(1 - side**2)
    near = np.array([side * np.cos(turn), -towards, side * np.sin(turn)]) * radius
    far = near * [1, -1, 1]
    for point, expected in ((near, True), (far, False)):
        pixels = view.project(point[None])
        distance = view.to_camera(point[None])[:, 2]
        if abs(away) < 0.95 * rim or expected:
            assert bool(seen_on_rim(pixels, distance, depth)[0]) is expected
            if abs(away) < 0.85 * rim:
                assert bool(seen(pixels, distance, depth, view.focal_pixels)[0]) is expected


def test_what_is_out_of_the_picture_or_behind_the_lens_is_not_seen() -> None:
    depth = np.full((90, 120), 0.5)
    out = np.array([[-0.6, 5.0], [119.6, 5.0], [5.0, -0.51], [5.0, 89.5], [np.nan, np.nan]])
    assert not seen(out, np.full(5, 0.5), depth, FOCAL).any()
    inside = np.array([[-0.5, -0.5], [119.4, 89.4]])
    assert seen(inside, np.full(2, 0.5), depth, FOCAL).all()


def test_a_point_on_nothing_is_not_seen() -> None:
    depth = np.full((9, 12), np.inf)
    assert not seen(np.array([[5.2, 5.1]]), np.array([0.5]), depth, FOCAL).any()


@given(pixels)
def test_the_surrounding_pixels_hold_the_nearest(pixel: tuple[float, float]) -> None:
    depth = np.arange(90 * 120, dtype=np.float64).reshape(90, 120)
    least, greatest = around(np.array([pixel]), depth)
    x, y = (int(np.clip(round(v), 0, n)) for v, n in zip(pixel, (119, 89), strict=True))
    assert least[0] <= depth[y, x] <= greatest[0]
