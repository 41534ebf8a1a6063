"""Pictures of solids: exact depth and masks, shadows, and that they repeat."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.geometry.pinhole import Pinhole, look_at
from app.raster.stage import Illumination, StagePicture, StageRenderer
from app.scene.film import Film, developed
from app.scene.scene import Light
from app.scene.solids import SEGMENTS, Finish, Solid, placed, rounded_box, sheet, solid

GREY = np.full((16, 32, 3), 0.5, np.float32)
VIEW = Pinhole(look_at(np.array([0.0, -1.5, 0.6]), np.zeros(3)), 45.0, 64, 48, 0.05, 6.0)
ABOVE = np.array([0.0, 0.0, 5.0])


@pytest.fixture(scope="module")
def renderer() -> Iterator[StageRenderer]:
    made = StageRenderer()
    yield made
    made.close()


def floor() -> Solid:
    corners = np.array([[[-1, -1, -0.2], [-1, 1, -0.2]], [[1, -1, -0.2], [1, 1, -0.2]]], float)
    return solid("floor", sheet(corners), Finish((0.5, 0.5, 0.5)), "cabin", ABOVE)


def box(segment: str = "prop") -> Solid:
    shape = placed(rounded_box(np.array([0.2, 0.2, 0.1]), 0.02), np.array([0.0, 0.0, 0.1]))
    return solid("box", shape, Finish((0.8, 0.2, 0.1)), segment)  # type: ignore[arg-type]


def render(renderer: StageRenderer, *lights: Light) -> StagePicture:
    return renderer.render([floor(), box()], VIEW, Illumination(GREY, lights))


def test_depth_is_that_of_the_ray_through_the_pixel_s_middle(renderer: StageRenderer) -> None:
    picture = render(renderer)
    on_floor = picture.segments == SEGMENTS.index("cabin")
    assert 500 < on_floor.sum() < 3000
    rows, columns = np.nonzero(on_floor)
    for row, column in list(zip(rows, columns, strict=True))[::97]:
        origin, way = VIEW.ray((float(column), float(row)))
        t = (-0.2 - origin[2]) / way[2]
        expected = float(VIEW.to_camera(origin + t * way)[2])
        assert picture.depth[row, column] == pytest.approx(expected, abs=1e-5)


def test_the_mask_tells_what_is_nearest_and_where_nothing_is(renderer: StageRenderer) -> None:
    picture = render(renderer)
    x, y = (round(float(v)) for v in VIEW.project(np.array([0.0, -0.2, 0.1])))
    assert SEGMENTS[picture.segments[y, x]] == "prop"
    assert SEGMENTS[picture.segments[0, 0]] == "outside"
    assert np.isinf(picture.depth[0, 0])
    assert picture.light[0, 0] == pytest.approx(0.5, abs=0.02)  # the even sky


def test_a_box_darkens_the_floor_under_a_sun_and_beside_it(renderer: StageRenderer) -> None:
    sun = Light("sun", "sun", 4.0, size=0.5, position=(3.0, 0.0, 3.0))
    lit, unlit = render(renderer, sun), render(renderer)
    shade = VIEW.project(np.array([-0.3, 0.0, -0.2]))
    free = VIEW.project(np.array([0.55, 0.0, -0.2]))
    at = [tuple(round(float(v)) for v in p[::-1]) for p in (shade, free)]
    gain = [float(lit.light[p].mean() - unlit.light[p].mean()) for p in at]
    assert gain[0] < 0.1 * gain[1] and gain[1] > 0.2


def test_a_picture_does_not_depend_on_those_before(renderer: StageRenderer) -> None:
    first = render(renderer)
    renderer.render([box("left_hand")], VIEW, Illumination(GREY * 0.1))
    again = render(renderer)
    assert np.array_equal(first.light, again.light)
    assert np.array_equal(first.depth, again.depth)
    assert np.array_equal(first.segments, again.segments)


def test_the_film_exposes_for_the_cabin_and_keeps_grey_grey() -> None:
    rng = np.random.default_rng(0)
    light = rng.uniform(0.01, 0.05, (20, 30, 3)).astype(np.float32)
    metered = np.ones((20, 30), bool)
    dim, bright = (developed(light * k, metered, Film()) for k in (1.0, 50.0))
    assert np.abs(dim.astype(int) - bright.astype(int)).max() <= 1
    infra_red = developed(light, metered, Film(infra_red=True))
    assert (np.ptp(infra_red.astype(int), axis=2) <= 1).all()
    darker = developed(light, metered, Film(brightness=0.08))
    assert darker.mean() < dim.mean()
