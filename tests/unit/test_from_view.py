"""The camera is put where one looks from."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.geometry.pinhole import look_at
from app.scene.from_view import camera_at
from app.scene.placement import camera_matrix
from app.scene.scene import Camera


@given(st.floats(-179.0, 179.0), st.floats(-85.0, 85.0), st.floats(0.1, 5.0))
def test_a_view_of_the_head_centre_is_met_and_locked(
    azimuth: float, elevation: float, distance: float
) -> None:
    view = camera_matrix(Camera(distance=distance, azimuth=azimuth, elevation=elevation))
    camera = camera_at(Camera(field_of_view=40.0), view)
    assert camera.look_at
    assert camera.field_of_view == 40.0
    np.testing.assert_allclose(camera_matrix(camera), view, atol=1e-6)


@given(
    st.tuples(st.floats(-1, 1), st.floats(-3.0, -0.5), st.floats(-0.4, 0.4)),
    st.tuples(st.floats(-170, 170), st.floats(-80, 80)),
)
def test_any_other_view_is_met_by_a_free_camera(
    position: tuple[float, float, float], aim: tuple[float, float]
) -> None:
    view = camera_matrix(Camera(look_at=False, rotation=(aim[1], aim[0], 0.0)))
    view[:3, 3] = position
    np.testing.assert_allclose(camera_matrix(camera_at(Camera(), view)), view, atol=0.01)


def test_straight_from_above() -> None:
    view = look_at(np.array([0.0, 0.0, 2.0]), np.zeros(3), 0.0)
    camera = camera_at(Camera(), view)
    np.testing.assert_allclose(camera_matrix(camera)[:3, 3], [0.0, 0.0, 2.0], atol=1e-9)
