"""A crop shows what its square covers, and points go there and back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.crop import CROP_SCALE, Crop

crops = st.builds(
    Crop,
    st.tuples(st.floats(-500, 5000), st.floats(-500, 5000)),
    st.floats(8, 3000),
    st.sampled_from([64, 128, 160]),
    st.floats(-180, 180),
)


def spot(x: float, y: float, width: int = 320, height: int = 240) -> np.ndarray:
    """A soft spot about a place, 0 to 255."""
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    value = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 6.0**2))
    return np.rint(value * 255).astype(np.uint8)


def middle(picture: np.ndarray) -> np.ndarray:
    """Centre of mass, x and y in pixels."""
    weight = picture.astype(np.float64)
    rows, columns = np.indices(picture.shape)
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


@given(crops, st.lists(st.tuples(*[st.floats(-2, 2)] * 3), min_size=1, max_size=4))
def test_points_go_to_the_picture_and_back(crop: Crop, points: list[tuple[float, ...]]) -> None:
    units = np.array(points)
    for chosen in (units, units[:, :2]):
        assert crop.to_unit(crop.to_picture(chosen)) == pytest.approx(chosen, abs=1e-9)


@given(crops)
def test_the_matrix_takes_pixels_where_their_units_are(crop: Crop) -> None:
    pixels = np.array([[0.0, 0.0], [crop.size - 1, 0.0], [3.0, crop.size / 2]])
    units = (pixels + 0.5) / crop.size - 0.5
    placed = pixels @ crop.matrix[:, :2].T + crop.matrix[:, 2]
    assert placed == pytest.approx(crop.to_picture(units), abs=1e-6)


@pytest.mark.parametrize("angle", [0.0, 30.0, -75.0])
@pytest.mark.parametrize("box", [(100, 60, 80, 100), (90, 50, 20, 33), (20, 10, 290, 200)])
def test_what_is_seen_lies_where_the_points_say(box: tuple[float, ...], angle: float) -> None:
    place = np.array([box[0] + 0.6 * box[2], box[1] + 0.4 * box[3]])
    crop = Crop.around(box, 128, angle=angle)
    seen = (middle(crop.cut(spot(*place))) + 0.5) / crop.size - 0.5
    assert crop.to_picture(seen) == pytest.approx(place, abs=0.05)


def test_a_head_that_leans_clockwise_stands_upright_in_a_square_turned_as_far() -> None:
    crop = Crop((100.0, 100.0), 50.0, 64, angle=90.0)
    above = crop.to_picture(np.array([0.0, -0.5]))
    assert above == pytest.approx([125.0, 100.0])


def test_the_square_is_about_the_box() -> None:
    crop = Crop.around((10, 20, 40, 60), 128)
    assert crop.centre == (30.0, 50.0)
    assert crop.side == pytest.approx(60 * CROP_SCALE)


def test_depth_grows_with_the_side() -> None:
    crop = Crop((5.0, 5.0), 200.0, 128, angle=33.0)
    assert crop.to_picture(np.array([[0.0, 0.0, -0.25]]))[0, 2] == pytest.approx(-50.0)


def test_large_faces_are_averaged_not_sampled() -> None:
    stripes = np.zeros((1200, 1200, 3), np.uint8)
    stripes[:, ::2] = 200
    crop = Crop((600.0, 600.0), 1024.0, 128).cut(stripes)
    assert np.ptp(crop[4:-4, 4:-4].astype(int)) <= 4
    assert crop[64, 64, 0] == pytest.approx(100, abs=3)


@pytest.mark.parametrize("centre", [(-900.0, 50.0), (50.0, 5000.0)])
def test_beyond_the_picture_it_is_black(centre: tuple[float, float]) -> None:
    white = np.full((100, 100, 3), 255, np.uint8)
    crop = Crop(centre, 80.0, 64).cut(white)
    assert crop.shape == (64, 64, 3)
    assert not crop.any()


@settings(max_examples=40)
@given(st.tuples(st.floats(-60, 160), st.floats(-60, 160)), st.floats(20, 150), st.floats(-90, 90))
def test_only_what_is_covered_is_looked_at(
    centre: tuple[float, float], side: float, angle: float
) -> None:
    picture = np.random.default_rng(4).integers(0, 255, (100, 120, 3)).astype(np.uint8)
    crop = Crop(centre, side, 160, angle)
    whole = cv2.warpAffine(
        picture, crop.matrix, (160, 160), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    difference = np.abs(crop.cut(picture).astype(int) - whole)
    assert np.quantile(difference, 0.99) <= 6


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (0, 0, -5, 8), (float("nan"), 0, 5, 5)])
def test_a_box_without_extent_is_refused(box: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="not one of a face"):
        Crop.around(box, 128)
