"""States of hands over time: no flicker, no delay beyond what is set, warnings in time."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.hands_state import NOTHING, HandsNow, HandsSettings, over, step
from inference.results import HandsOnWheel

RATE = 20.0
PLAIN = HandsSettings()

chance = st.floats(0.0, 1.0)
samples = st.lists(st.tuples(chance, chance), min_size=1, max_size=80)


def at_rate(values: list[tuple[float, float]]) -> list[tuple[float, HandsOnWheel | None]]:
    return [(k / RATE, HandsOnWheel(*value)) for k, value in enumerate(values)]


def steady(value: float, seconds: float, begin: float = 0.0) -> list[tuple[float, HandsOnWheel]]:
    count = round(seconds * RATE)
    return [(begin + k / RATE, HandsOnWheel(value, value)) for k in range(count)]


@settings(max_examples=40, deadline=None)
@given(samples)
def test_a_state_lasts_at_least_as_long_as_is_asked_for(values: list[tuple[float, float]]) -> None:
    found = over(at_rate(values), PLAIN)
    for side in ("left", "right"):
        changes = [
            (b.time, getattr(b, side))
            for a, b in pairwise(found)
            if getattr(a, side).told != getattr(b, side).told
        ]
        for (first, one), (second, _) in pairwise(changes):
            least = PLAIN.least_off if one.told == "on" else PLAIN.least_on
            assert second - first >= least - 1e-9


@settings(max_examples=40, deadline=None)
@given(samples)
def test_probabilities_between_the_thresholds_change_nothing(
    values: list[tuple[float, float]],
) -> None:
    between = [(0.41 + 0.18 * a, 0.41 + 0.18 * b) for a, b in values]
    found = over(at_rate([(0.95, 0.02), *between]), PLAIN)
    assert {now.left.told for now in found} == {"on"}
    assert {now.right.told for now in found} == {"off"}


@settings(max_examples=40, deadline=None)
@given(samples, samples)
def test_what_was_does_not_depend_on_what_comes(
    first: list[tuple[float, float]], then: list[tuple[float, float]]
) -> None:
    whole = over(at_rate([*first, *then]), PLAIN)
    assert whole[: len(first)] == over(at_rate(first), PLAIN)


@settings(max_examples=40, deadline=None)
@given(samples)
def test_exchanged_hands_have_exchanged_states(values: list[tuple[float, float]]) -> None:
    plain = over(at_rate(values), PLAIN)
    other = over(at_rate([(b, a) for a, b in values]), PLAIN)
    for one, two in zip(plain, other, strict=True):
        assert (one.left, one.right, one.warning) == (two.right, two.left, two.warning)


@settings(max_examples=40, deadline=None)
@given(samples)
def test_a_warning_needs_both_hands_off_for_the_whole_time(
    values: list[tuple[float, float]],
) -> None:
    settings = HandsSettings(warn_after=1.0)
    for now in over(at_rate(values), settings):
        if now.warning:
            assert now.left.told == now.right.told == "off"
            assert now.off_for >= 1.0
        assert now.off_for <= now.time


def test_hands_that_leave_are_told_off_soon_and_warned_of_in_time() -> None:
    gone = 3.0
    found = over([*steady(0.98, gone), *steady(0.02, 8.0, gone)], PLAIN)
    off = next(now for now in found if now.left.told == "off")
    assert gone < off.time < gone + 1.0
    warned = next(now for now in found if now.warning)
    assert warned.time - off.left.since == pytest.approx(PLAIN.warn_after, abs=1.5 / RATE)
    assert off.left.since < off.time


def test_one_bad_picture_changes_nothing() -> None:
    values = [(0.97, 0.97)] * 20 + [(0.01, 0.01)] + [(0.97, 0.97)] * 20
    assert {now.left.told for now in over(at_rate(values), PLAIN)} == {"on"}


def test_a_gap_makes_everything_unknown_and_the_warning_begins_anew() -> None:
    found = over([*steady(0.01, 4.0), *steady(0.01, 4.0, 30.0)], PLAIN)
    assert not any(now.warning for now in found)
    late = step(found[-1], 60.0, None, PLAIN)
    assert late.left.told == late.right.told == "unknown" and late.off_since is None


def test_a_jump_back_in_a_clip_begins_anew() -> None:
    now = over(steady(0.01, 4.0), PLAIN)[-1]
    again = step(now, 0.5, HandsOnWheel(0.9, 0.1), PLAIN)
    assert again.left.told == "on" and again.left.since == again.right.since == 0.5


def test_a_frame_without_a_wheel_is_waited_through() -> None:
    now = over(steady(0.01, 3.0), PLAIN)[-1]
    blind = step(now, now.time + 0.3, None, PLAIN)
    assert blind.left.told == "off"
    assert step(blind, now.time + 0.9, HandsOnWheel(0.0, 0.0), PLAIN).off_since == now.off_since
    assert step(blind, now.time + 1.5, None, PLAIN).left.told == "unknown"


def test_nothing_is_known_before_the_first_sample() -> None:
    assert NOTHING.left.told == "unknown" and math.isnan(NOTHING.left.probability)
    assert isinstance(step(NOTHING, 0.0, None, PLAIN), HandsNow)


@pytest.mark.parametrize(
    "wrong",
    [{"off_below": 0.7}, {"on_above": 1.2}, {"least_on": -1.0}, {"warn_after": math.inf}],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        HandsSettings(**wrong)
