"""Figures of hands on the wheel."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evaluation.hands import (
    GROUPS,
    HandsGathered,
    area_under_curve,
    as_lines,
    as_values,
    card_figures,
    hand_figures,
)

chances = st.lists(st.integers(0, 8).map(lambda k: k / 8.0), max_size=12)


def groups(behaviour: str) -> dict[str, object]:
    return dict.fromkeys(GROUPS, "x") | {"behaviour": behaviour, "infra_red": True}


@settings(deadline=None)
@given(chances, chances)
def test_the_area_is_the_share_of_pairs_in_order(on: list[float], off: list[float]) -> None:
    found = area_under_curve(np.array(on), np.array(off))
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in on for b in off]
    if pairs:
        assert found == pytest.approx(np.mean(pairs))
    else:
        assert np.isnan(found)


def test_figures_of_a_confusion_that_is_known() -> None:
    states = np.array([1, 1, 1, 0, 0, -1], np.int8)
    given_ = np.array([0.9, 0.8, 0.2, 0.6, 0.1, 0.7])
    one = hand_figures(given_, states)
    assert (one.on_on, one.on_off, one.off_on, one.off_off) == (2, 1, 1, 1)
    assert one.accuracy == pytest.approx(0.6) and one.precision == pytest.approx(2 / 3)
    assert one.recall == pytest.approx(2 / 3) and one.f1 == pytest.approx(2 / 3)
    assert one.auc == pytest.approx(5 / 6)


def test_uncertain_hands_are_counted_and_left_out() -> None:
    gathered = HandsGathered()
    gathered.add(np.array([0.9, 0.9]), np.array([1, -1], np.int8), groups("two-hands"))
    gathered.add(np.array([0.2, 0.8]), np.array([0, 0], np.int8), groups("hovering-3cm"))
    report = gathered.report()
    assert (report.pictures, report.uncertain) == (2, 1)
    assert report.hands["left"].count == 2 and report.hands["right"].count == 1
    assert report.hands["left"].accuracy == 1.0 and report.hands["right"].accuracy == 0.0
    assert report.slices["hovering-3cm"].accuracy == 0.5
    assert set(report.groups["infra_red"]) == {"yes"}


def test_what_cannot_be_told_is_no_number() -> None:
    gathered = HandsGathered()
    gathered.add(np.array([0.9, 0.4]), np.array([1, 1], np.int8), groups("two-hands"))
    report = gathered.report()
    values = as_values(report)
    json.dumps(values, allow_nan=False)
    assert values["hands"]["left"]["auc"] is None
    assert "left AUC" not in card_figures(report)
    text = "\n".join(as_lines(report, "m", "d"))
    assert "two-hands" in text and "nan" not in text


def test_no_pictures_give_an_empty_report() -> None:
    report = HandsGathered().report()
    assert report.pictures == 0 and report.hands["left"].count == 0 and not report.slices
