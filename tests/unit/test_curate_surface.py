"""Working on a mesh by hand: nearest points, rays, and steps that never leave it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.curate.surface import Spots, Surface
from app.curate.walking import walk
from app.geometry.rotations import Array
from app.topology.base_skin import base_skin
from app.topology.closest import closest_on_triangles

seeds = st.integers(0, 10**6)


@pytest.fixture(scope="module")
def head() -> Surface:
    mesh = base_skin().whole
    return Surface(mesh.vertices, mesh.triangles)


def sheet(count: int = 6) -> Surface:
    """A flat square, 60 mm wide, cut into squares of two triangles."""
    x, y = np.meshgrid(np.arange(count + 1), np.arange(count + 1), indexing="ij")
    vertices = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3) * 0.06 / count
    corner = (np.arange(count)[:, None] * (count + 1) + np.arange(count)).ravel()
    right, up = corner + count + 1, corner + 1
    first = np.stack([corner, right, right + 1], axis=1)
    second = np.stack([corner, right + 1, up], axis=1)
    return Surface(vertices, np.concatenate([first, second]))


def some_spots(surface: Surface, seed: int, count: int) -> Spots:
    dice = np.random.default_rng(seed)
    weights = dice.dirichlet([1.0, 1.0, 1.0], count)
    return Spots(dice.integers(0, len(surface.triangles), count), weights)


def on_it(surface: Surface, spots: Spots) -> bool:
    sums = np.abs(spots.weights.sum(axis=1) - 1.0).max() < 1e-9
    rows = (spots.triangles >= 0) & (spots.triangles < len(surface.triangles))
    return bool(sums and rows.all() and spots.weights.min() >= 0.0)


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(0.0, 0.05))
def test_the_nearest_place_is_the_nearest(head: Surface, seed: int, away: float) -> None:
    dice = np.random.default_rng(seed)
    points = head.at(some_spots(head, seed, 3)) + dice.normal(0.0, away, (3, 3))
    spots, gap = head.closest(points)
    assert on_it(head, spots)
    for point, distance in zip(points, gap, strict=True):
        many = np.broadcast_to(point, (len(head.triangles), 3))
        weights = closest_on_triangles(many, head.corners)
        found = np.einsum("nc,nci->ni", weights, head.corners)
        assert abs(np.linalg.norm(found - point, axis=1).min() - distance) < 1e-9


def test_a_point_of_the_upper_lip_stays_on_it(head: Surface) -> None:
    from app.topology import store

    ibug = store.load("ibug-68")
    upper, lower = (np.array(ibug.landmarks[i].mean) for i in (62, 66))
    middle = ((upper + lower) / 2.0)[None]
    down, up = np.array([[0.0, -0.3, -1.0]]), np.array([[0.0, -0.3, 1.0]])
    on_upper, _ = head.closest(middle, down)
    on_lower, _ = head.closest(middle, up)
    assert head.at(on_upper)[0, 2] > head.at(on_lower)[0, 2]


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_ray_meets_the_first_surface(head: Surface, seed: int) -> None:
    dice = np.random.default_rng(seed)
    aim = some_spots(head, seed, 1)
    target, row = head.at(aim)[0], aim.triangles[0]
    way = dice.normal(size=3)
    origin = target + way / np.linalg.norm(way)
    met = head.ray(origin, target - origin)
    seen = head.normals[row] @ (target - origin) < 0.0
    if met is None:
        assert not seen
        return
    spot, length = met
    point = head.at(spot)[0]
    assert np.linalg.norm(np.cross(point - origin, way / np.linalg.norm(way))) < 1e-7
    assert abs(np.linalg.norm(point - origin) - length) < 1e-9
    assert head.normals[spot.triangles[0]] @ (target - origin) < 0.0
    assert not seen or length < 1.0 + 1e-6


def test_a_ray_from_the_front_meets_the_nose(head: Surface) -> None:
    from app.topology import store

    tip = np.array(store.load("ibug-68").landmarks[30].mean)
    met = head.ray(tip + [0.0, -0.5, 0.0], np.array([0.0, 1.0, 0.0]))
    assert met is not None and abs(met[1] - 0.5) < 1e-5
    assert head.ray(np.array([0.0, -1.0, 0.5]), np.array([0.0, 1.0, 0.0])) is None


@settings(max_examples=20, deadline=None)
@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_a_cursor_beside_the_head_holds_the_point_at_its_rim(
    head: Surface, x: float, z: float
) -> None:
    origin, aim = np.array([0.0, -0.6, 0.0]), np.array([x, 0.6, z])
    spots = head.beside(origin, aim)
    assert on_it(head, spots)
    met = head.ray(origin, aim)
    if met is not None:
        assert np.allclose(head.at(spots), head.at(met[0]))


@settings(max_examples=60, deadline=None)
@example(256, 0.0078125)
@given(seeds, st.floats(0.0, 0.06))
def test_a_step_never_leaves_the_surface(head: Surface, seed: int, length: float) -> None:
    dice = np.random.default_rng(seed)
    way = dice.normal(size=3)
    start = some_spots(head, seed, 1)
    end = walk(head, start, length * way / np.linalg.norm(way))
    assert on_it(head, end)
    assert np.linalg.norm(head.at(end) - head.at(start)) <= length + 1e-9


@settings(max_examples=60, deadline=None)
@given(seeds, st.floats(-0.04, 0.04), st.floats(-0.04, 0.04))
def test_a_step_on_a_flat_sheet_is_straight_and_ends_at_its_border(
    seed: int, x: float, y: float
) -> None:
    flat = sheet()
    start = some_spots(flat, seed, 1)
    end = flat.at(walk(flat, start, np.array([x, y, 0.0])))[0]
    wanted = flat.at(start)[0] + [x, y, 0.0]
    if (wanted[:2] >= 0.0).all() and (wanted[:2] <= 0.06).all():
        assert np.allclose(end, wanted, atol=1e-7)
    else:
        assert min(*end[:2], *(0.06 - end[:2])) < 1e-6


def test_a_step_bends_with_the_surface() -> None:
    flat = sheet(2)
    bent = flat.vertices.copy()
    beyond = bent[:, 0] > 0.03
    bent[beyond, 2], bent[beyond, 0] = bent[beyond, 0] - 0.03, 0.03
    corner = Surface(bent, flat.triangles)
    start, _ = corner.closest(np.array([[0.02, 0.014, 0.0]]))
    end: Array = corner.at(walk(corner, start, np.array([0.025, 0.0, 0.0])))[0]
    assert np.allclose(end, [0.03, 0.014, 0.015], atol=1e-9)
