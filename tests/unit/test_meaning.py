"""What the points of iBUG-68 mean, as relations that anatomy asks for."""

from __future__ import annotations

import numpy as np
import pytest

from app.bake import browline
from app.topology import store

TOPOLOGY = store.load("ibug-68")
MEAN = np.array([m.mean for m in TOPOLOGY.landmarks]) * 1000.0
ACROSS, BACK, UP = MEAN.T


def test_left_and_right_are_mirror_images() -> None:
    assert np.abs(MEAN[list(TOPOLOGY.mirror)] * [-1, 1, 1] - MEAN).max() < 1e-3
    middle = [i for i, other in enumerate(TOPOLOGY.mirror) if i == other]
    assert middle == [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]


def test_no_two_points_are_nearer_than_two_millimetres() -> None:
    gaps = np.linalg.norm(MEAN[:, None] - MEAN, axis=2) + 1e3 * np.eye(68)
    assert gaps.min() > 2.0


def test_the_jaw_runs_from_beside_the_eye_down_to_the_chin_and_up_again() -> None:
    assert (np.diff(ACROSS[:17]) > 0).all()
    assert (np.diff(UP[:9]) < 0).all()
    assert abs(UP[0] - UP[36]) < 10  # at the height of the outer corner of the eye
    assert UP[8] == UP.min()
    assert BACK[0] > BACK[4] > BACK[8]


@pytest.mark.parametrize("point", range(17, 22))
def test_brow_points_lie_on_the_upper_edge_of_the_brow(point: int) -> None:
    """Who moves the painted brow must move these points with it."""
    x = abs(ACROSS[point])
    middle = np.interp(x, browline.X, browline.Z)
    half = np.interp(x, browline.X, browline.HALF)
    assert middle - 0.5 < UP[point] < middle + half + 1.0


def test_nose_points() -> None:
    assert (np.diff(UP[27:31]) < 0).all()
    assert BACK.argmin() == 30
    assert (np.diff(ACROSS[31:36]) > 0).all()
    assert UP[33] < UP[32] < UP[31] < UP[30]
    assert UP[43] - 3 < UP[27] < UP[22]  # between the eyes, at the height of the upper lids


@pytest.mark.parametrize("first", [36, 42])
def test_lid_points_stand_at_thirds_of_the_eye(first: int) -> None:
    corner, other = ACROSS[first], ACROSS[first + 3]
    share = (ACROSS[first : first + 6] - corner) / (other - corner)
    assert share[[1, 5]] == pytest.approx([1 / 3] * 2, abs=0.06)
    assert share[[2, 4]] == pytest.approx([2 / 3] * 2, abs=0.06)
    assert UP[first + 1] > UP[first] > UP[first + 5]
    assert UP[first + 2] > UP[first + 3] > UP[first + 4]


def test_lip_points_follow_one_another_from_the_skin_inwards() -> None:
    for column in ((50, 61, 67, 58), (51, 62, 66, 57), (52, 63, 65, 56)):
        assert (np.diff(UP[list(column)]) < 0).all()
    assert UP[50] > UP[51] < UP[52]  # the dip of cupid's bow
    assert ACROSS[48] < ACROSS[60] < ACROSS[61] < 0
