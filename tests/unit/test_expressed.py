"""Landmarks told by others: exact where they are one, sound when turned, not across lips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from app.topology import store
from app.topology.expressed import expressed
from tests.unit.small_curation import moved

BASIS = store.load("dense-520")
MEANS = np.array([mark.mean for mark in BASIS.landmarks])
NOSE_TIP, UPPER_LIP, LOWER_LIP = 30, 62, 66


def test_landmarks_of_the_basis_are_told_exactly() -> None:
    told = expressed(store.load("ibug-68"), BASIS)
    assert told.exact.all()
    assert np.array_equal(told.of(MEANS), MEANS[:68])


@settings(max_examples=12, deadline=None)
@given(
    place=st.integers(0, 519),
    millimetres=st.floats(0.2, 4.0),
    turn=st.tuples(*[st.floats(-3.0, 3.0)] * 3),
    scale=st.floats(0.5, 900.0),
)
def test_a_moved_point_is_told_on_a_head_turned_and_scaled(
    place: int, millimetres: float, turn: tuple[float, float, float], scale: float
) -> None:
    after = moved(BASIS, {place: millimetres})
    told = expressed(after, BASIS)
    assert np.allclose(told.weights.sum(axis=1), 1.0)
    assert told.exact.sum() >= 519

    def placed(points: np.ndarray) -> np.ndarray:
        return scale * Rotation.from_rotvec(turn).apply(points) + [3.0, -2.0, 7.0]

    wanted = placed(np.array([mark.mean for mark in after.landmarks]))
    gap = np.linalg.norm(told.of(placed(MEANS)) - wanted, axis=1) / scale
    assert gap.max() < 3e-4


def test_a_point_of_one_lip_is_not_told_by_the_other() -> None:
    """The lips touch at rest and part when the mouth opens."""
    lower = [k for k in range(520) if MEANS[k, 2] < MEANS[LOWER_LIP, 2] + 1e-4]
    after = moved(BASIS, {UPPER_LIP: 1.5})
    weights = expressed(after, BASIS).weights[UPPER_LIP]
    assert abs(weights[LOWER_LIP]) < 0.02
    assert np.abs(weights[lower]).sum() < 0.1


def test_a_point_that_needs_an_unknown_one_is_unknown() -> None:
    after = moved(BASIS, {NOSE_TIP: 1.0})
    points = MEANS.copy()
    points[NOSE_TIP] = np.nan
    found = expressed(after, BASIS).of(points)
    assert np.isnan(found[NOSE_TIP]).all()
    assert np.isfinite(np.delete(found, NOSE_TIP, axis=0)).all()


def test_points_of_another_mesh_are_refused() -> None:
    other = replace(BASIS, base_mesh="another")
    with pytest.raises(ValueError, match="cannot be told"):
        expressed(other, BASIS)
