"""Faces that are followed: numbers, crops, losses, returns, and what the detector adds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.crop import Crop
from inference.face import Look
from inference.live.crops import PLAY, SIZE_PLAY, TURN_PLAY, eased
from inference.live.matching import Sighting, pairs, returned, shared_part
from inference.live.tracks import Followed, Rules, Tracker
from inference.results import Box, Bytes, Detection
from tests.unit.disc_faces import DiscDetector, DiscLandmarker, picture

STEP = 1.0 / 30.0
Disc = tuple[float, float, float]

quick = settings(max_examples=40, deadline=None)


class Film:
    """Discs that move, a frame at a time."""

    def __init__(self, rules: Rules | None = None, presence: bool = True) -> None:
        self.tracker = Tracker(rules)
        self.landmarker = DiscLandmarker(presence=presence)
        self.detector = DiscDetector()
        self.time = 0.0

    def show(self, *discs: Disc, look: bool = False, step: float = STEP) -> tuple[Followed, ...]:
        self.time += step
        frame = picture(discs)
        sighting = None
        if look:
            sighting = Sighting(self.detector.detect(frame), self.tracker.boxes())
        return self.tracker.advance(frame, self.time, self.landmarker, sighting)

    def stay(self, *discs: Disc) -> tuple[Followed, ...]:
        """Detected, and seen for long enough to be taken for faces."""
        self.show(*discs, look=True)
        for _ in range(8):
            found = self.show(*discs)
        return found


def middles(faces: Sequence[Followed]) -> dict[int, tuple[int, int]]:
    """By number, to the nearest ten pixels."""
    return {
        f.number: (
            round(f.face.box.x + f.face.box.width / 2, -1),
            round(f.face.box.y + f.face.box.height / 2, -1),
        )
        for f in faces
    }


def test_without_the_detector_nothing_is_found() -> None:
    assert Film().show((100, 100, 30)) == ()


def test_a_detected_face_is_looked_at_twice_and_then_once_a_frame() -> None:
    film = Film()
    (found,) = film.show((100, 100, 30), look=True)
    assert found.number == 1 and found.seen
    assert found.face.box.x == pytest.approx(70, abs=2)
    assert found.face.box.width == pytest.approx(60, abs=3)
    film.show((100, 100, 30))
    film.show((100, 100, 30))
    assert film.landmarker.looks == [1, 1, 1, 1]


def test_a_face_is_followed_far_from_where_it_was_detected() -> None:
    film = Film()
    film.show((60, 100, 30), look=True)
    for k in range(40):
        found = film.show((60 + 5 * k, 100 + k, 30 - k / 4))
        assert [f.number for f in found] == [1] and found[0].seen
    assert found[0].face.box.x + found[0].face.box.width / 2 == pytest.approx(255, abs=2)
    assert found[0].face.box.width == pytest.approx(40, abs=3)
    assert film.detector.calls == 1


def test_faces_that_pass_each_other_keep_their_numbers() -> None:
    film = Film()
    film.show((60, 70, 25), (260, 180, 28), look=True)
    first = middles(film.show((60, 70, 25), (260, 180, 28)))
    for k in range(50):
        look = k % 7 == 0
        found = film.show((60 + 4 * k, 70, 25), (260 - 4 * k, 180, 28), look=look)
        assert len(found) == 2 and all(f.seen for f in found)
    last = middles(found)
    for number, (x, y) in first.items():
        assert last[number][1] == y
        assert abs(last[number][0] - (320 - x)) <= 10


def test_all_faces_of_a_frame_are_looked_at_together() -> None:
    film = Film()
    film.show((60, 70, 25), (160, 70, 25), (260, 70, 25), look=True)
    film.show((60, 70, 25), (160, 70, 25), (260, 70, 25))
    assert film.landmarker.looks == [3, 3, 3]


def test_there_are_never_more_than_the_most_faces() -> None:
    film = Film(Rules(most=8))
    discs = [(40.0 + 60 * (k % 5), 60.0 + 120 * (k // 5), 20.0) for k in range(10)]
    found = film.show(*discs, look=True)
    assert [f.number for f in found] == list(range(1, 9))
    again = film.show(*discs, look=True)
    assert middles(again) == middles(found)


def test_a_face_that_leaves_fades_and_is_then_gone() -> None:
    film = Film()
    film.stay((100, 100, 30))
    confidences = []
    for _ in range(30):
        found = film.show()
        confidences.append(found[0].confidence if found else 0.0)
        assert all(not f.seen for f in found)
    assert 0.6 < confidences[0] < 1.0
    assert confidences == sorted(confidences, reverse=True)
    assert min(c for c in confidences if c > 0.0) < 0.12
    assert confidences[-1] == 0.0


def test_a_face_hidden_for_a_moment_is_found_again_without_the_detector() -> None:
    film = Film()
    film.stay((100, 100, 30))
    for _ in range(5):
        (hidden,) = film.show()
        assert hidden.number == 1 and not hidden.seen
    (back,) = film.show((102, 100, 30))
    assert back.number == 1 and back.seen


def test_a_face_that_comes_back_near_by_has_its_number_again() -> None:
    film = Film()
    one, two = sorted(middles(film.stay((80, 70, 25), (240, 180, 25))).items())
    kept = one if one[1][1] == 70 else two
    for _ in range(30):
        film.show((80, 70, 25))
    found = film.show((80, 70, 25), (262, 172, 27), look=True)
    numbers = middles(found)
    assert len(numbers) == 2 and numbers[kept[0]] == kept[1]


def test_a_number_is_given_to_another_face_only_after_a_while() -> None:
    film = Film(Rules(patience=0.2, memory=1.0))
    film.stay((60, 60, 20))
    for _ in range(15):
        film.show()
    assert [f.number for f in film.show((260, 180, 30), look=True)] == [2]
    film.tracker.clear()
    film.stay((60, 60, 20))
    for _ in range(60):
        film.show()
    assert [f.number for f in film.show((260, 180, 30), look=True)] == [1]


def test_unseen_tells_that_the_detector_is_wanted() -> None:
    film = Film()
    film.stay((100, 100, 30))
    assert not film.tracker.unseen
    film.show()
    assert film.tracker.unseen
    film.show((100, 100, 30))
    assert not film.tracker.unseen


def test_a_detection_without_a_face_begins_nothing() -> None:
    film = Film()
    sighting = Sighting((Detection(Box(200, 50, 60, 60), 0.9),))
    found = film.tracker.advance(picture([(60, 150, 30)]), 1.0, film.landmarker, sighting)
    assert found == ()
    assert film.tracker.boxes() == {}


def test_a_new_face_that_is_not_seen_again_was_none() -> None:
    film = Film()
    assert len(film.show((100, 100, 30), look=True)) == 1
    assert film.show() == ()
    assert film.tracker.boxes() == {} and not film.tracker.unseen


def test_an_old_sighting_is_matched_with_where_the_face_was_then() -> None:
    film = Film()
    film.show((80, 100, 25), look=True)
    frame = picture([(80, 100, 25)])
    old = Sighting(film.detector.detect(frame), film.tracker.boxes())
    for k in range(12):
        film.show((80 + 6 * (k + 1), 100, 25))
    found = film.tracker.advance(picture([(158, 100, 25)]), film.time + STEP, film.landmarker, old)
    assert middles(found) == {1: (160, 100)}


def test_a_face_that_leapt_away_is_found_again_under_its_number() -> None:
    film = Film()
    film.stay((100, 100, 30))
    (lost,) = film.show((145, 120, 30))
    assert not lost.seen
    (found,) = film.show((145, 120, 30), look=True)
    assert found.number == 1 and found.seen
    assert found.face.box.x == pytest.approx(115, abs=2)


@pytest.mark.parametrize(("shift", "looks"), [(28.0, 2), (5.0, 1)])
def test_a_track_off_course_begins_anew_where_the_detector_found_it(
    shift: float, looks: int
) -> None:
    film = Film()
    film.show((100, 100, 30), look=True)
    film.landmarker = DiscLandmarker(shift=shift)
    film.show((100, 100, 30))
    before = len(film.landmarker.looks)
    film.show((100, 100, 30), look=True)
    assert len(film.landmarker.looks) - before == looks


def test_two_tracks_on_one_face_become_one() -> None:
    film = Film()
    doubled = Sighting((Detection(Box(70, 70, 60, 60), 0.9), Detection(Box(82, 62, 66, 66), 0.8)))
    found = film.tracker.advance(picture([(100, 100, 30)]), 1.0, film.landmarker, doubled)
    assert [f.number for f in found] == [1]


def test_without_presence_a_face_that_the_detector_misses_is_given_up() -> None:
    film = Film(presence=False)
    film.show((100, 100, 30), look=True)
    nothing = Sighting((), {1: Box(70, 70, 60, 60)})
    shown = []
    for _ in range(3):
        film.time += STEP
        shown.append(
            len(
                film.tracker.advance(picture([(100, 100, 30)]), film.time, film.landmarker, nothing)
            )
        )
    assert shown == [1, 0, 0]


def test_with_presence_a_sure_face_may_be_missed_by_the_detector() -> None:
    film = Film()
    film.show((100, 100, 30), look=True)
    nothing = Sighting((), {1: Box(70, 70, 60, 60)})
    for _ in range(10):
        film.time += STEP
        found = film.tracker.advance(picture([(100, 100, 30)]), film.time, film.landmarker, nothing)
    assert [f.number for f in found] == [1]


def test_another_model_takes_over_with_crops_of_its_own() -> None:
    film = Film()
    film.show((100, 100, 30), look=True)
    film.landmarker = DiscLandmarker(size=96)
    for _ in range(3):
        (found,) = film.show((100, 100, 30))
    assert found.number == 1 and found.seen
    assert found.face.box.width == pytest.approx(60, abs=3)


def test_time_that_goes_back_forgets_faces_that_are_gone_and_keeps_the_others() -> None:
    film = Film()
    film.show((80, 70, 25), (240, 180, 25), look=True)
    for _ in range(30):
        film.show((80, 70, 25))
    film.time = -5.0
    found = film.show((80, 70, 25))
    assert len(found) == 1 and found[0].seen
    assert len(film.tracker.boxes()) == 1


def test_a_failing_network_is_passed_on_and_the_next_frame_goes_on() -> None:
    film = Film()
    film.show((100, 100, 30), look=True)
    working = film.landmarker

    class Failing(DiscLandmarker):
        def look(self, picture: Bytes, crops: Sequence[Crop]) -> list[Look]:
            raise OSError("gone")

    film.landmarker = Failing()
    with pytest.raises(OSError, match="gone"):
        film.show((100, 100, 30))
    film.landmarker = working
    (found,) = film.show((100, 100, 30))
    assert found.number == 1 and found.seen


@pytest.mark.parametrize("spoilt", [math.nan, math.inf, 1e6, 0.0])
def test_points_that_cannot_be_a_face_are_not_taken_for_one(spoilt: float) -> None:
    class Spoilt(DiscLandmarker):
        def _look(self, picture: Bytes, crop: Crop) -> Look:
            given = super()._look(picture, crop)
            points = np.full_like(given.points, spoilt)
            return replace(given, points=points, outlined=points, presence=1.0)

    film = Film()
    film.stay((100, 100, 30))
    film.landmarker = Spoilt()
    (found,) = film.show((100, 100, 30))
    assert not found.seen
    assert np.isfinite(found.face.landmarks_68).all()


centres = st.tuples(st.floats(-500, 500), st.floats(-500, 500))


@quick
@given(centres, centres, st.floats(10, 500), st.floats(0.6, 1.6), st.floats(-180, 180))
def test_a_crop_follows_only_beyond_its_play(
    old: tuple[float, float], new: tuple[float, float], side: float, factor: float, angle: float
) -> None:
    last, wanted = Crop(old, side, 64, 170.0), Crop(new, side * factor, 64, 170.0 + angle)
    crop = eased(last, wanted)
    assert math.dist(crop.centre, wanted.centre) <= PLAY * side * (1 + 1e-9) + 1e-9
    assert abs(math.log(crop.side / wanted.side)) <= SIZE_PLAY + 1e-9
    turned = (crop.angle - wanted.angle + 180.0) % 360.0 - 180.0
    assert abs(turned) <= TURN_PLAY + 1e-6


def test_noise_of_a_resting_face_does_not_move_its_crop() -> None:
    last = Crop((100.0, 100.0), 140.0, 64, 5.0)
    rng = np.random.default_rng(0)
    for _ in range(20):
        x, y, turn = rng.uniform(-0.9, 0.9, 3) * (1.4, 1.4, 2.0)
        wanted = Crop((100.0 + x, 100.0 + y), 141.0, 64, 5.0 + turn)
        assert eased(last, wanted) == last


boxes = st.builds(Box, st.floats(0, 99), st.floats(0, 99), st.floats(1, 99), st.floats(1, 99))


@quick
@given(boxes, boxes)
def test_shared_parts_of_boxes(a: Box, b: Box) -> None:
    assert shared_part(a, b) == pytest.approx(shared_part(b, a))
    assert 0.0 <= shared_part(a, b) <= 1.0 + 1e-9
    assert shared_part(a, a) == pytest.approx(1.0)
    moved = replace(a, x=a.x + a.width / 2)
    assert shared_part(a, moved) == pytest.approx(1 / 3)
    assert 0.0 <= returned(a, b) <= 1.0


@quick
@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), max_size=5))
def test_pairs_use_each_row_and_column_once_and_take_the_best_first(
    fits: list[list[float]],
) -> None:
    found = pairs(fits, 0.2)
    assert len(set(found.values())) == len(found)
    assert all(fits[row][column] > 0.2 for row, column in found.items())
    best = max((fit for own in fits for fit in own), default=0.0)
    if best > 0.2:
        assert best in [fits[row][column] for row, column in found.items()]
