"""Adaptation learns habits, tells what they gain, and leaves alone what needs no change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the extra train is not installed")

from inference.training.adapt_report import differences, rows
from inference.training.habit import Form, Looks, frames, learn, moved
from inference.training.habit_choice import cross_validate, face_means, folds, interval
from tests.unit.habitual_annotators import BROWS, drawn_looks, habit


def test_a_habit_is_found_from_twelve_faces_and_its_gain_is_shown_on_faces_left_out() -> None:
    looks = drawn_looks(12, habit(0.006))
    found = cross_validate(looks, np.arange(12))
    assert found.proven
    assert 0.0 < found.low < found.gain < found.high
    brows = next(r for r in rows(found) if r.name == "brows")
    assert brows.after < 0.6 * brows.before
    assert next(r for r in rows(found) if r.name == "eyes").after < 1.1 * brows.before


def test_where_points_are_found_as_they_are_drawn_nothing_is_changed() -> None:
    found = cross_validate(drawn_looks(16, habit(0.0)), np.arange(16))
    assert found.form is None and not found.proven
    np.testing.assert_array_equal(found.before, found.after)


def test_the_same_seed_gives_the_same_figures() -> None:
    looks = drawn_looks(8, habit(0.005))
    first, last = (cross_validate(looks, np.arange(8), seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.after, last.after)
    assert (first.low, first.high, first.form) == (last.low, last.high, last.form)


def test_what_is_learnt_is_told_in_millimetres() -> None:
    looks = drawn_looks(40, habit(0.005))
    learnt = learn(frames(looks), np.arange(40), Form())
    assert np.abs(learnt.offsets[0, BROWS, 1] + 0.005).max() < 0.0012
    told = differences(learnt)
    assert len(told) == 2
    assert all("brow: " in line and "mm higher" in line for line in told)


def test_a_habit_that_changes_with_the_direction_of_sight_needs_that_term() -> None:
    looks = drawn_looks(60, habit(0.005), view=1.5)
    seen, train, test = frames(looks), np.arange(40), np.arange(40, 60)
    left = {}
    for view in (False, True):
        apart = (seen.apart - moved(learn(seen, train, Form(view)), seen))[test]
        left[view] = np.linalg.norm(apart[:, 0, BROWS], axis=-1).mean()
    assert left[True] < 0.85 * left[False]


def test_points_that_were_not_drawn_and_wild_ones_do_no_harm() -> None:
    looks = drawn_looks(30, habit(0.005))
    drawn = looks.drawn.copy()
    drawn[::2, :, 20] = np.nan
    drawn[:, :, 5] = np.nan
    drawn[3, :, BROWS] += 0.3
    spoilt = Looks(looks.landmarks, looks.start, drawn, looks.flipped)
    learnt = learn(frames(spoilt), np.arange(30), Form())
    assert np.isfinite(learnt.offsets).all()
    assert np.abs(learnt.offsets[0, BROWS, 1] + 0.005).max() < 0.0015
    found = cross_validate(spoilt, np.arange(30))
    assert np.isnan(found.after[:, 5]).all() and np.isfinite(face_means(found.after)).all()


@given(st.lists(st.integers(0, 9), min_size=4, max_size=60), st.integers(2, 10), st.integers(0, 99))
def test_folds_keep_groups_whole_and_use_every_number(
    groups: list[int], count: int, seed: int
) -> None:
    found = folds(groups, count, seed)
    for group in set(groups):
        assert len({f for f, g in zip(found, groups, strict=True) if g == group}) == 1
    assert set(found) == set(range(min(count, len(set(groups)))))


def test_the_bounds_of_a_gain_count_groups_and_not_pictures() -> None:
    values = np.repeat(np.random.default_rng(0).normal(0.1, 1.0, 10), 20)
    low, high = interval(values, np.repeat(np.arange(10), 20), 1)
    alone_low, alone_high = interval(values, np.arange(200), 1)
    assert high - low > 3.0 * (alone_high - alone_low)
