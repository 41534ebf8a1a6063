"""Screens that stand between a camera and the wheel are left out, others stay."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dataset.driver_sight import hidden_share, in_sight
from app.scene.solids import Finish, Solid

EYE = np.array([-0.9, -0.8, 0.7])
RIM = np.stack([np.linspace(-0.2, 0.2, 12), np.zeros(12), np.full(12, 0.3)], axis=1)


def box(name: str, middle: np.ndarray, half: float = 0.15) -> Solid:
    corners = np.stack(np.meshgrid(*[[-half, half]] * 3), axis=-1).reshape(-1, 3) + middle
    none = np.zeros((0, 3), np.int32)
    flat = np.zeros((8, 3), np.float32)
    finish = Finish((0.5, 0.5, 0.5), 0.5, 0.5)
    segments = np.zeros(0, np.uint8)
    return Solid(name, corners.astype(np.float32), flat, flat[:, :2], none, finish, segments)


def test_a_screen_in_the_way_is_left_out_and_what_is_no_screen_stays() -> None:
    between = 0.5 * (EYE + RIM.mean(axis=0))
    solids = [box("screen", between), box("screen-face", between), box("hood", between)]
    assert [one.name for one in in_sight(solids, EYE, RIM)] == ["hood"]


def test_a_screen_beside_the_way_or_behind_stays() -> None:
    beside = 0.5 * (EYE + RIM.mean(axis=0)) + [0.0, 0.0, 0.9]
    behind = EYE - (RIM.mean(axis=0) - EYE)
    beyond = RIM.mean(axis=0) + (RIM.mean(axis=0) - EYE)
    for middle in (beside, behind, beyond):
        solids = [box("screen", middle)]
        assert in_sight(solids, EYE, RIM) == solids


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 0.95), st.integers(0, 11))
def test_a_box_about_a_place_on_the_way_hides_its_point(share: float, index: int) -> None:
    place = EYE + share * (RIM[index] - EYE)
    assert hidden_share([box("screen", place, 0.01)], EYE, RIM[index : index + 1]) == 1.0
    assert hidden_share([], EYE, RIM) == 0.0
