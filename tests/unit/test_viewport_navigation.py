"""Where the viewer stands, and that its picture agrees with the scene's camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scene.placement import camera_position, pinhole
from app.scene.scene import Camera
from widgets.viewport.navigation import (
    VIEWS,
    Orbit,
    between,
    camera_frame,
    camera_view,
    orbit_from,
    pinhole_view,
)

orbits = st.builds(
    Orbit,
    target=st.tuples(*[st.floats(-0.5, 0.5)] * 3),
    azimuth=st.floats(-180, 180),
    elevation=st.floats(-90, 90),
    distance=st.floats(0.1, 5.0),
    orthographic=st.booleans(),
)
points = st.tuples(*[st.floats(-0.3, 0.3)] * 3).map(np.array)


@given(orbits)
def test_the_target_is_in_the_middle_and_the_picture_upright(orbit: Orbit) -> None:
    view = orbit.view(800, 600)
    assert view.project(np.array(orbit.target)) == pytest.approx([400, 300], abs=1e-6)
    assert view.matrix[2, 1] >= -1e-9
    np.testing.assert_allclose(view.matrix[:3, :3] @ view.matrix[:3, :3].T, np.eye(3), atol=1e-12)


@given(orbits, st.floats(5, 795), st.floats(5, 595), st.floats(0.05, 3.0))
def test_a_ray_goes_through_the_point_that_it_was_made_for(orbit, x, y, far) -> None:
    view = orbit.view(800, 600)
    origin, direction = view.ray(x, y)
    assert view.project(origin + direction * far) == pytest.approx([x, y], abs=1e-5)


@given(
    orbits.filter(lambda o: o.distance < 3),
    st.floats(0.5, 2.0),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
def test_zooming_keeps_what_lies_under_the_pointer(orbit, factor, x, y) -> None:
    before = orbit.view(800, 600)
    pixel = (400 + 300 * x, 300 - 300 * y)
    origin, direction = before.ray(*pixel)
    depth = (np.array(orbit.target) - origin) @ before.forward / (direction @ before.forward)
    held = origin + direction * depth
    after = orbit.zoomed(factor, x, y).view(800, 600)
    assert after.project(held) == pytest.approx(pixel, abs=1e-4)


@given(points, st.floats(-100, 100), st.floats(-100, 100))
def test_panning_follows_the_pointer(target, right, down) -> None:
    orbit = Orbit(tuple(target))
    metres = orbit.view(800, 600).metres_per_pixel(target)
    moved = orbit.panned(-right * metres, down * metres).view(800, 600)
    assert moved.project(target) == pytest.approx([400 + right, 300 + down], abs=1e-6)


@pytest.mark.parametrize("name", VIEWS)
def test_named_views_look_from_their_side(name: str) -> None:
    sides = {
        "front": (0, -1, 0),
        "back": (0, 1, 0),
        "right": (1, 0, 0),
        "left": (-1, 0, 0),
        "top": (0, 0, 1),
        "bottom": (0, 0, -1),
    }
    orbit = Orbit().facing(name)
    np.testing.assert_allclose(-orbit.view(4, 3).forward, sides[name], atol=1e-12)
    assert orbit.name() == name
    assert orbit.opposite().opposite().name() == name


def test_the_elevation_stops_at_the_poles() -> None:
    assert Orbit().turned(0, 500).elevation == 90
    assert Orbit().turned(0, -500).elevation == -90


def test_a_flight_turns_the_short_way_and_arrives_exactly() -> None:
    start, end = Orbit(azimuth=170.0), Orbit(azimuth=-170.0, distance=2.0, orthographic=True)
    assert abs(between(start, end, 0.5).azimuth) > 175
    assert between(start, end, 1.0) == end


@given(st.floats(-180, 180), st.floats(-80, 80), st.floats(0.05, 2.0))
def test_leaving_the_camera_one_stays_where_it_stood(azimuth, elevation, distance) -> None:
    camera = Camera(azimuth=azimuth, elevation=elevation, distance=distance)
    orbit = orbit_from(camera_view(pinhole(camera), 800, 600), distance)
    view = orbit.view(800, 600)
    np.testing.assert_allclose(view.position, camera_position(camera), atol=1e-9)
    assert orbit.target == pytest.approx((0, 0, 0), abs=1e-9)


@given(
    st.floats(-180, 180),
    st.floats(-60, 60),
    st.floats(5, 150),
    st.integers(200, 2000),
    st.integers(200, 2000),
    points,
)
def test_camera_view_lays_the_picture_of_blender_on_its_frame(
    azimuth, elevation, angle, width, height, point
) -> None:
    camera = pinhole(
        Camera(azimuth=azimuth, elevation=elevation, distance=1.0, field_of_view=angle)
    )
    frame = camera_frame(camera, width, height, 20.0)
    scale = frame.width / camera.width
    assert scale == pytest.approx(frame.height / camera.height)
    expected = (camera.project(point) + 0.5) * scale + [frame.left, frame.top]
    assert camera_view(camera, width, height, 20.0).project(point) == pytest.approx(
        expected, rel=1e-9, abs=1e-6
    )


def test_pinhole_view_is_the_camera_s_own_picture() -> None:
    camera = pinhole(Camera(azimuth=20, width=320, height=480))
    point = np.array([0.03, -0.02, 0.05])
    np.testing.assert_allclose(pinhole_view(camera).project(point), camera.project(point) + 0.5)


def test_what_lies_behind_the_viewer_has_no_place_in_the_picture() -> None:
    view = Orbit().view(800, 600)
    assert np.isnan(view.project(view.position - view.forward)).all()


def test_a_framed_sphere_fits_a_narrow_window() -> None:
    orbit = replace(Orbit(), orthographic=True).framing(np.zeros(3), 0.2, 0.5)
    view = orbit.view(300, 600)
    assert view.project(np.array([0.0, 0.0, 0.0])) == pytest.approx([150, 300])
    edge = view.matrix[:3, 0] * 0.2
    assert 0 < view.project(edge)[0] < 300
