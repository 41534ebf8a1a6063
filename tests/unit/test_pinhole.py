"""The pinhole camera, against OpenCV and by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.geometry.pinhole import Pinhole, look_at
from app.scene.placement import camera_position, pinhole
from app.scene.scene import Camera

cameras = st.builds(
    Camera,
    distance=st.floats(0.2, 2.0),
    azimuth=st.floats(-170, 170),
    elevation=st.floats(-80, 80),
    offset=st.tuples(*[st.floats(-0.2, 0.2)] * 3),
    look_at=st.booleans(),
    rotation=st.tuples(*[st.floats(-60, 60)] * 3),
    field_of_view=st.floats(20, 100),
)
points = st.tuples(*[st.floats(-0.15, 0.15)] * 3).map(np.array)


@given(cameras, points)
def test_projection_is_opencvs(camera: Camera, point: np.ndarray) -> None:
    view = pinhole(camera)
    assume(view.to_camera(point)[2] > 0.01)
    e = view.extrinsics()
    rotation, _ = cv2.Rodrigues(e[:, :3])
    expected, _ = cv2.projectPoints(point[None], rotation, e[:, 3], view.intrinsics(), None)
    np.testing.assert_allclose(view.project(point), expected.ravel(), rtol=1e-6, atol=1e-4)


@given(cameras, points)
def test_a_ray_through_a_pixel_meets_its_point(camera: Camera, point: np.ndarray) -> None:
    view = pinhole(camera)
    assume(view.to_camera(point)[2] > 0.01)
    origin, direction = view.ray(tuple(view.project(point)))
    off = np.linalg.norm(np.cross(point - origin, direction))
    assert off < 1e-6


@given(cameras)
def test_looking_at_the_head_puts_it_in_the_middle(camera: Camera) -> None:
    assume(camera.look_at)
    assume(np.linalg.norm(camera_position(camera)) > 0.05)
    middle = pinhole(camera).project(np.zeros(3))
    np.testing.assert_allclose(middle, [319.5, 239.5], atol=1e-6)


def test_default_camera_stands_before_the_face() -> None:
    view = pinhole(Camera())
    np.testing.assert_allclose(view.position, [0.0, -0.30, 0.0])
    assert view.intrinsics()[0, 0] == pytest.approx(320 / np.tan(np.radians(30)))
    assert view.focal_mm == pytest.approx(31.177, abs=1e-3)
    x, y = view.project(np.array([0.1, 0.0, 0.05]))
    assert x > 319.5
    assert y < 239.5


def test_points_behind_the_camera_have_no_pixel() -> None:
    assert np.isnan(pinhole(Camera()).project(np.array([0.0, -1.0, 0.0]))).all()


def test_field_of_view_spans_the_width() -> None:
    view = Pinhole(look_at(np.array([0.0, -1.0, 0.0]), np.zeros(3)), 60.0, 640, 480)
    edge = np.array([np.tan(np.radians(30.0)), 0.0, 0.0])
    assert view.project(edge)[0] == pytest.approx(639.5)


@pytest.mark.parametrize("height", [1.0, -1.0])
def test_looking_straight_down_or_up_is_defined(height: float) -> None:
    matrix = look_at(np.array([0.0, 0.0, height]), np.zeros(3))
    np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1.0)


@given(st.floats(-80, 80), st.floats(-60, 60))
def test_orbit_angles_read_back_from_the_position(azimuth: float, elevation: float) -> None:
    x, y, z = camera_position(Camera(distance=0.5, azimuth=azimuth, elevation=elevation))
    assert np.degrees(np.arctan2(x, -y)) == pytest.approx(azimuth, abs=1e-6)
    assert np.degrees(np.arcsin(z / 0.5)) == pytest.approx(elevation, abs=1e-6)
