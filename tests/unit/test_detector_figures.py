"""Boxes that are found, counted: overlaps, suppression, recall at a rate of false boxes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.detection import DetectionFigures, joined, overlaps, suppressed

BOX = st.tuples(
    st.floats(-100, 100), st.floats(-100, 100), st.floats(0.5, 200), st.floats(0.5, 200)
)


@given(BOX, BOX)
def test_overlap_is_one_with_itself_and_the_same_from_both_sides(
    a: tuple[float, ...], b: tuple[float, ...]
) -> None:
    both = overlaps(np.array([a, b]), np.array([a, b]))
    assert both.diagonal() == pytest.approx([1.0, 1.0])
    assert both[0, 1] == pytest.approx(both[1, 0])
    assert 0.0 <= both[0, 1] <= 1.0 + 1e-9


def test_half_a_box_aside_a_third_is_shared() -> None:
    shared = overlaps(np.array([[0, 0, 10, 10]]), np.array([[5, 0, 10, 10]]))
    assert shared[0, 0] == pytest.approx(1 / 3)


@given(st.lists(st.tuples(BOX, st.floats(0, 1)), max_size=12), st.floats(0.1, 0.9))
def test_what_stays_lies_apart_and_all_else_lies_on_something_better(
    found: list[tuple[tuple[float, ...], float]], most: float
) -> None:
    boxes = np.array([b for b, _ in found]).reshape(-1, 4)
    scores = np.array([s for _, s in found])
    kept = suppressed(boxes, scores, most)
    shared = overlaps(boxes, boxes)
    for place, k in enumerate(kept):
        assert all(shared[k, j] <= most for j in kept[:place])
    for k in set(range(len(found))) - set(kept.tolist()):
        assert any(shared[k, j] > most and scores[j] >= scores[k] for j in kept)


FACE = np.array([[10.0, 10.0, 40.0, 40.0]])
ASIDE = np.array([[100.0, 100.0, 40.0, 40.0]])
NONE = np.empty((0, 4))


def test_recall_falls_as_fewer_false_boxes_are_let_through() -> None:
    figures = DetectionFigures()
    for score in (0.9, 0.8, 0.3):
        figures.add(FACE, np.array([score]), FACE)
    for score in (0.5, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02):
        figures.add(ASIDE, np.array([score]), NONE)
    assert figures.recalls([0.0, 0.1, 0.2]) == pytest.approx([2 / 3, 1.0, 1.0])
    at = figures.threshold(0.1)
    assert 0.2 < at <= 0.3
    assert figures.false_rate(at) == pytest.approx(0.1)


def test_a_face_is_found_once_and_a_second_box_on_it_is_wrong() -> None:
    figures = DetectionFigures()
    figures.add(np.concatenate([FACE, FACE + 1.0]), np.array([0.6, 0.7]), FACE)
    assert figures.faces == [0.7]
    assert figures.wrong == [0.6]


def test_two_faces_in_one_place_need_two_boxes() -> None:
    figures = DetectionFigures()
    figures.add(FACE, np.array([0.6]), np.concatenate([FACE, FACE + 2.0]))
    assert sorted(figures.faces) == [-math.inf, 0.6]


def test_where_nobody_can_tell_a_box_is_neither_right_nor_wrong() -> None:
    figures = DetectionFigures()
    figures.add(ASIDE, np.array([0.9]), FACE, unsure=ASIDE - [5, 5, -10, -10])
    assert figures.wrong == []
    assert figures.recall(0.0) == 0.0


def test_pictures_without_boxes_count_and_sets_add_up() -> None:
    first, second = DetectionFigures(), DetectionFigures()
    first.add(NONE, np.empty(0), FACE)
    second.add(ASIDE, np.array([0.4]), NONE)
    whole = joined([first, second])
    assert whole.pictures == 2
    assert whole.false_rate(0.1) == 0.5
    assert whole.recall(0.1) == 0.0
    assert math.isnan(DetectionFigures().recall(0.5))
