"""Steering wheels, interiors, cameras: where the rim is, and what is drawn at random."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scene.cabin import CAR_KINDS, draw_cabin
from app.scene.cabin_solids import cabin_solids
from app.scene.driver_camera import MOUNTS, draw_camera
from app.scene.outside import DAYTIMES, draw_outside
from app.scene.solids import SEGMENTS, Solid, rounded_box, sheet, tube
from app.scene.wheel import RIM_KEY_POINTS, Placed, Wheel
from app.scene.wheel_solids import wheel_solids

ROUND = Wheel(radius=0.18, thickness=0.015)
FLAT = Wheel(radius=0.18, thickness=0.015, flat=0.12)
HERE = np.array([0.1, -0.4, 0.35])


def sound(one: Solid) -> None:
    """All numbers are finite, all normals have length one, all corners are points."""
    assert np.isfinite(one.vertices).all(), one.name
    assert np.isfinite(one.uvs).all(), one.name
    used = np.unique(one.triangles)
    assert used.min() >= 0 and used.max() < len(one.vertices), one.name
    lengths = np.linalg.norm(one.normals[used], axis=1)
    assert ((np.abs(lengths - 1.0) < 1e-3) | (lengths == 0.0)).all(), one.name
    assert len(one.segments) == len(one.triangles)


@given(clock=st.floats(0.0, 12.0), away=st.floats(0.0, 0.1), around=st.floats(0.0, 6.28))
def test_distance_is_that_to_a_torus_where_the_rim_is_round(
    clock: float, away: float, around: float
) -> None:
    turn = clock / 6.0 * np.pi
    outward = np.array([-np.sin(turn), np.cos(turn), 0.0])
    point = outward * (ROUND.radius + (ROUND.thickness + away) * np.cos(around))
    point[2] = (ROUND.thickness + away) * np.sin(around)
    assert ROUND.distance(point[None])[0] == pytest.approx(away, abs=2e-4)
    assert ROUND.nearness(point[None])[0] == pytest.approx(away, abs=1e-6)


@given(x=st.floats(-0.25, 0.25), y=st.floats(-0.25, 0.25), z=st.floats(-0.05, 0.05))
def test_the_quick_distance_agrees_with_the_exact_one_near_a_flat_bottom(
    x: float, y: float, z: float
) -> None:
    point = np.array([[x, y, z]])
    exact = float(FLAT.distance(point)[0])
    if exact < 0.02:
        assert abs(float(FLAT.nearness(point)[0]) - exact) < 0.003


def test_a_flat_bottom_is_flat_and_the_rest_is_round() -> None:
    bottom = FLAT.point(np.linspace(5.6, 6.4, 9))
    assert np.ptp(bottom[:, 1]) < 0.002
    assert bottom[4, 1] == pytest.approx(-0.18 * 0.88, abs=0.002)
    assert FLAT.reach(np.array([12.0, 3.0, 9.0, 1.0])) == pytest.approx(0.18)


def test_clock_positions_are_as_the_driver_sees_them() -> None:
    wheel = Placed(ROUND, HERE, 25.0)
    top, right, left = (wheel.to_cabin(ROUND.point(c)) - HERE for c in (12.0, 3.0, 9.0))
    assert top[2] > 0.15 and top[1] < 0.0  # up, and leaning away from a driver at +Y
    assert left[0] == pytest.approx(0.18) and right[0] == pytest.approx(-0.18)


@given(angle=st.floats(-400.0, 400.0))
def test_a_turn_to_the_right_moves_the_top_to_the_driver_s_right(angle: float) -> None:
    wheel = Placed(ROUND, HERE, 20.0, angle)
    top = wheel.to_cabin(ROUND.point(12.0)) - HERE
    assert top[0] == pytest.approx(-0.18 * np.sin(np.radians(angle)), abs=1e-9)
    assert np.linalg.det(wheel.matrix[:3, :3]) == pytest.approx(1.0)
    point = np.array([0.03, -0.5, 0.2])
    assert wheel.to_cabin(wheel.to_wheel(point)) == pytest.approx(point)
    assert wheel.key_points().shape == (RIM_KEY_POINTS, 3)
    assert np.abs(wheel.distance(wheel.key_points()) + ROUND.thickness).max() < 1e-3


def test_the_rim_s_surface_lies_at_distance_zero() -> None:
    for wheel in (ROUND, FLAT):
        rim = next(one for one in wheel_solids(wheel) if one.name == "rim")
        assert np.abs(wheel.distance(rim.vertices)).max() < 4e-4


@pytest.mark.parametrize("seed", range(2))
def test_interiors_are_sound_and_all_face_the_cabin(seed: int) -> None:
    cabin = draw_cabin(np.random.default_rng(seed))
    solids = cabin_solids(cabin, 0.12, 22.0) + wheel_solids(cabin.wheel)
    for one in solids:
        sound(one)
    names = {one.name for one in solids}
    assert {"roof", "dash-top", "seat-back", "rim", "hub", "gear"} <= names
    roof = next(one for one in solids if one.name == "roof")
    assert (roof.normals[:, 2] < 0.0).mean() > 0.9  # seen from below
    labels = {SEGMENTS[k] for one in solids for k in np.unique(one.segments)}
    assert labels == {"cabin", "wheel"}


def test_a_right_hand_drive_is_the_mirror_image() -> None:
    rng = np.random.default_rng(3)
    cabin = draw_cabin(rng)
    sides = {}
    for right in (False, True):
        solids = cabin_solids(replace(cabin, right_hand_drive=right), 0.12, 22.0)
        tunnel = next(one for one in solids if one.name == "tunnel")
        sides[right] = float(tunnel.vertices[:, 0].mean())
        a, b, c = (tunnel.vertices[tunnel.triangles[:, k]] for k in range(3))
        outward = np.cross(b - a, c - a) * (a - tunnel.vertices.mean(axis=0))
        assert outward.sum() > 0.0
    assert sides[False] == pytest.approx(-sides[True]) and sides[False] < 0.0


def test_draws_repeat_and_differ() -> None:
    drawn = [draw_cabin(np.random.default_rng(k)) for k in range(60)]
    assert drawn == [draw_cabin(np.random.default_rng(k)) for k in range(60)]
    assert {one.kind for one in drawn} == set(CAR_KINDS)
    assert len({one.wheel.spokes for one in drawn}) > 3
    assert any(one.wheel.flat for one in drawn) and any(one.right_hand_drive for one in drawn)
    assert len({one.palette for one in drawn}) == 60


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), mount=st.sampled_from(MOUNTS))
def test_every_camera_has_the_wheel_in_its_picture(seed: int, mount: str) -> None:
    rng = np.random.default_rng(seed)
    cabin = draw_cabin(rng)
    camera = draw_camera(rng, cabin, mount)  # type: ignore[arg-type]
    m = cabin.measures
    centre = np.array([0.0, -m.wheel_ahead, m.wheel_height])
    for mirrored in (False, True):
        view = camera.view(mirrored)
        x, y = view.project(centre)
        assert -26 < x < 282 and -26 < y < 282


@pytest.mark.parametrize("time", DAYTIMES)
def test_surroundings_are_light_by_day_and_dark_by_night(time: str) -> None:
    outside = draw_outside(np.random.default_rng(1), time)  # type: ignore[arg-type]
    assert np.isfinite(outside.sky).all() and outside.sky.min() >= 0.0
    mean = float(outside.sky.mean())
    assert mean < 0.1 if time == "night" else mean > 0.05


@given(seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_shapes_are_closed_and_face_outwards(seed: int) -> None:
    rng = np.random.default_rng(seed)
    half = rng.uniform(0.02, 0.3, 3)
    points, triangles, _ = rounded_box(half, float(rng.uniform(0.005, 0.02)))
    a, b, c = (points[triangles[:, k]] for k in range(3))
    volume = float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0)
    assert 0.7 * 8.0 * half.prod() < volume <= 8.0 * half.prod() * 1.0001
    assert (np.abs(points) <= half + 1e-9).all()


def test_a_tube_is_as_thick_as_it_is_told() -> None:
    course = np.column_stack([np.linspace(0, 1, 9), np.zeros(9), np.zeros(9)])
    points, _, _ = tube(course, 0.05, 12, ends=False)
    assert np.hypot(points[:, 1], points[:, 2]) == pytest.approx(0.05)
    assert len(sheet(np.zeros((3, 4, 3)))[1]) == 12
