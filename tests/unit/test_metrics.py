"""Figures of error: known cases by hand, and what must hold for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.evaluation import metrics

coordinates = st.floats(-500, 500)
faces = arrays(np.float64, (3, 68, 2), elements=coordinates)
error_lists = st.lists(st.floats(0, 0.5), min_size=1, max_size=40)


def face(scale: float = 1.0) -> np.ndarray:
    """A face whose outer eye corners are 100 · scale apart."""
    points = np.random.default_rng(0).uniform(0, 80, (68, 2))
    points[36], points[45] = (0, 0), (60, 80)
    return points * scale


def test_a_shift_of_one_tenth_of_the_eye_distance_is_an_error_of_a_tenth() -> None:
    truth = face()[None]
    predicted = truth + [6.0, 8.0]
    size = metrics.inter_ocular(truth)
    assert size == pytest.approx([100.0])
    assert metrics.normalised_mean_errors(predicted, truth, size) == pytest.approx([0.1])


@given(faces, st.floats(0.1, 50), st.floats(-100, 100))
def test_errors_know_neither_scale_nor_place(points: np.ndarray, scale: float, by: float) -> None:
    truth = face()[None] + np.zeros((3, 1, 1))
    size = metrics.inter_ocular(truth)
    moved = metrics.normalised_mean_errors(
        points * scale + by, truth * scale + by, metrics.inter_ocular(truth * scale + by)
    )
    assert moved == pytest.approx(metrics.normalised_mean_errors(points, truth, size), rel=1e-6)


def test_a_face_without_size_is_refused() -> None:
    with pytest.raises(ValueError, match="no size"):
        metrics.normalised_mean_errors(np.zeros((1, 68, 2)), np.zeros((1, 68, 2)), [0.0])


def test_the_other_two_sizes() -> None:
    points = np.zeros((68, 2))
    points[42:48] = [30, 40]
    points[0] = [90, 40]
    assert metrics.inter_pupil(points) == pytest.approx(50.0)
    assert metrics.box_size(points) == pytest.approx(np.sqrt(90 * 40))


@given(error_lists)
def test_the_area_is_that_under_the_drawn_curve(errors: list[float]) -> None:
    thresholds, shares = metrics.cumulative(errors, 0.07, 20_000)
    drawn = np.trapezoid if hasattr(np, "trapezoid") else np.trapz
    area = drawn(shares, thresholds) / 0.07
    assert metrics.area_under_curve(errors) == pytest.approx(area, abs=1e-3)
    assert (np.diff(shares) >= 0).all()


@given(error_lists)
def test_failures_and_successes_share_the_faces(errors: list[float]) -> None:
    failed = metrics.failure_rate(errors, 0.1)
    assert failed == sum(e > 0.1 for e in errors) / len(errors)


def test_pixels_and_success_rate() -> None:
    truth = np.zeros((2, 68, 2))
    predicted = truth.copy()
    predicted[0, :, 0], predicted[1, :, 1] = 10.0, 30.0
    found = metrics.pixel_error(predicted, truth)
    assert (found.mean, found.deviation, found.success) == (20.0, 10.0, 0.5)


def test_yaw_bins_and_their_balanced_mean() -> None:
    found = metrics.by_yaw([1, 3, 5, 9], [-10, 29.9, 30.0, -90.0])
    assert found == {"0-30": 2.0, "30-60": 5.0, "60-90": 9.0, "mean": pytest.approx(16 / 3)}
    assert np.isnan(metrics.by_yaw([1.0], [5.0])["60-90"])


@given(st.floats(-180, 180), st.floats(-180, 180))
def test_angles_go_the_short_way(a: float, b: float) -> None:
    error = float(metrics.angle_errors(a, b))
    turn = np.exp(1j * np.radians(a - b))
    assert error == pytest.approx(abs(np.degrees(np.angle(turn))), abs=1e-6)


def test_depth_a_tenth_too_far() -> None:
    truth = np.full((4, 4), 0.5)
    truth[0, 0] = np.inf
    found = metrics.depth_error(truth * 1.1, truth, np.ones((4, 4)))
    assert found.pixels == 15
    assert found.abs_rel == pytest.approx(0.1)
    assert found.sq_rel == pytest.approx(0.005)
    assert found.rmse == pytest.approx(0.05)
    assert found.rmse_log == pytest.approx(np.log(1.1))
    assert found.within == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("mask", [np.zeros((2, 2)), np.ones((2, 2))])
def test_depth_without_a_face_or_below_zero_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(ValueError):
        metrics.depth_error(np.zeros((2, 2)), np.ones((2, 2)), mask)


def test_a_true_gaussian_is_calibrated() -> None:
    draw = np.random.default_rng(3)
    sigma = draw.uniform(0.5, 4.0, 40_000)
    errors = np.linalg.norm(draw.normal(size=(40_000, 2)) * sigma[:, None], axis=1)
    found = metrics.calibration(errors, sigma)
    assert found.ratio == pytest.approx(1.0, abs=0.02)
    for k, share in found.within.items():
        assert share == pytest.approx(found.expected[k], abs=0.01)
    assert metrics.calibration(errors, sigma / 2).ratio == pytest.approx(2.0, abs=0.03)
