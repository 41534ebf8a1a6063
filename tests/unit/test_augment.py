"""Augmentation: kinds by name, repeatable, and the points stay on what they mark."""

from __future__ import annotations

import time

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dataset.sample import OUTLINED, rotation_as_seen
from app.geometry.rotations import pose_para_from_matrix
from inference.crop import Crop
from inference.training.augment import NONE, STAGES, Shares, augmented, only, photographed, without
from inference.training.augment_view import Bytes, Floats, View
from inference.training.placing import (
    Place,
    exact,
    jittered,
    mirror_pairs,
    moved,
    placed,
    tight_box,
    turned,
)
from tests.unit.drawn_faces import drawn_face

SIZE = 96
FACE = drawn_face(seed=3)


class Others:
    def picture(self, rng: np.random.Generator) -> Bytes:
        return FACE.picture

    def face(self, rng: np.random.Generator) -> tuple[Bytes, Floats]:
        return FACE.picture, FACE.points[OUTLINED, :2]


def view() -> View:
    cut = placed(FACE, exact(FACE.points), SIZE)
    pixels = (cut.points[OUTLINED, :2] + 0.5) * SIZE - 0.5
    return View(cut.picture, cut.head, cut.skin, pixels)


@pytest.mark.parametrize("name", STAGES)
def test_each_kind_changes_the_picture_and_not_what_it_was_given(name: str) -> None:
    given_view = view()
    before = given_view.picture.copy()
    changed = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        after = augmented(given_view, only(name), rng, Others())
        assert after.shape == before.shape
        assert after.dtype == np.uint8
        changed += bool((after != before).any())
    np.testing.assert_array_equal(given_view.picture, before)
    assert changed >= 4


@pytest.mark.parametrize("name", STAGES)
def test_a_kind_is_repeated_by_its_seed_and_is_left_out_at_a_share_of_nought(name: str) -> None:
    first, again = (
        augmented(view(), only(name), np.random.default_rng(5), Others()) for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    none = augmented(view(), only(name, share=0.0), np.random.default_rng(5), Others())
    np.testing.assert_array_equal(none, view().picture)


def test_leaving_a_kind_out_does_not_move_the_others() -> None:
    shares, seeds = only("tone", "border", share=0.5), range(60)
    same = 0
    for seed in seeds:
        both, tone = (
            augmented(view(), chosen, np.random.default_rng(seed), Others())
            for chosen in (shares, without(shares, "border"))
        )
        middle = slice(SIZE // 4, 3 * SIZE // 4)
        np.testing.assert_array_equal(both[middle, middle], tone[middle, middle])
        same += bool((both == tone).all())
    assert 0.3 < same / len(seeds) < 0.7


def test_names_of_kinds_are_those_of_the_settings() -> None:
    assert set(STAGES) <= set(Shares.__struct_fields__)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"nois": 0.5}, Shares)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"noise": 1.5}, Shares)


def test_photographic_kinds_need_no_face_and_any_shape_of_picture() -> None:
    shares = only(*STAGES)
    picture = np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8)
    after = photographed(picture, shares, np.random.default_rng(0))
    assert after.shape == picture.shape
    assert (after != picture).any()


def test_the_background_changes_and_the_head_does_not() -> None:
    sure = cv2.erode(view().head, np.ones((7, 7))) == 255
    far = cv2.dilate(view().head, np.ones((7, 7))) == 0
    after = augmented(view(), only("background"), np.random.default_rng(2), Others())
    np.testing.assert_array_equal(after[sure], view().picture[sure])
    assert (after[far] != view().picture[far]).mean() > 0.5


def test_an_exact_crop_is_that_of_run_time() -> None:
    cut = placed(FACE, exact(FACE.points), SIZE)
    crop = Crop.around(tight_box(FACE.points), SIZE)
    np.testing.assert_array_equal(cut.picture, crop.cut(FACE.picture))
    np.testing.assert_allclose(cut.points, crop.to_unit(FACE.points), atol=1e-6)


@given(st.floats(-40.0, 40.0), st.floats(60.0, 400.0))
@settings(max_examples=20, deadline=None)
def test_a_turned_crop_is_that_of_run_time(angle: float, side: float) -> None:
    place = Place((120.0, 131.0), side, angle)
    crop = Crop((120.0, 131.0), side, SIZE, angle)
    cut = placed(FACE, place, SIZE)
    apart = cut.picture.astype(int) - crop.cut(FACE.picture)
    assert np.abs(apart).mean() < 0.5
    np.testing.assert_allclose(cut.points, crop.to_unit(FACE.points), atol=1e-5)


@given(st.floats(-30.0, 30.0))
@settings(max_examples=20, deadline=None)
def test_turning_the_crop_takes_from_the_roll(angle: float) -> None:
    before = pose_para_from_matrix(rotation_as_seen(np.eye(3)))
    upright = turned(np.eye(3, dtype=np.float32), Place((0.0, 0.0), 1.0, angle))
    after = pose_para_from_matrix(rotation_as_seen(upright))
    assert after.roll - before.roll == pytest.approx(-angle, abs=1e-3)
    assert after.yaw == pytest.approx(0.0, abs=1e-3)


def test_a_mirrored_head_is_the_mirror_image() -> None:
    place = Place((128.0, 128.0), 256.0)
    mirror = Place((128.0, 128.0), 256.0, mirrored=True)
    seen, other = placed(FACE, place, SIZE), placed(FACE, mirror, SIZE)
    apart = other.picture.astype(int) - seen.picture[:, ::-1]
    assert np.abs(apart).max() <= 1
    pairs = mirror_pairs()
    np.testing.assert_array_equal(pairs[pairs], np.arange(588))
    np.testing.assert_allclose(other.points[pairs] * [-1, 1, 1], seen.points, atol=1e-6)
    before, after = (
        pose_para_from_matrix(rotation_as_seen(cut.rotation.astype(float))) for cut in (seen, other)
    )
    assert after.yaw == pytest.approx(-before.yaw, abs=1e-4)
    assert after.roll == pytest.approx(-before.roll, abs=1e-4)
    assert after.pitch == pytest.approx(before.pitch, abs=1e-4)
    left, right = other.points[OUTLINED][45], other.points[OUTLINED][36]
    assert left[0] > right[0], "the eye on the right of the picture keeps its number"


@given(st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_points_go_where_the_picture_goes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    place = jittered(FACE.points, only("jitter", "rotation", "stretch", "mirror"), rng)
    dots = np.zeros((256, 256, 3), np.uint8)
    where = FACE.points[556, :2].round()
    cv2.circle(dots, (int(where[0]), int(where[1])), 6, (255, 255, 255), -1)
    picture = cv2.warpAffine(dots, place.matrix(256), (256, 256))
    ys, xs = np.nonzero(picture[..., 0] > 127)
    found = (np.array([xs.mean(), ys.mean()]) + 0.5) / 256.0 - 0.5
    expected = moved(np.array([[*where, 0.0]], np.float32), place)[0, :2]
    np.testing.assert_allclose(found, expected, atol=3e-3)


def test_strangers_boxes_are_a_tenth_off_and_seldom_more_than_a_fifth() -> None:
    rng = np.random.default_rng(0)
    right = exact(FACE.points)
    places = [jittered(FACE.points, Shares(), rng) for _ in range(2000)]
    off = np.array([np.subtract(p.centre, right.centre) / right.side for p in places])
    size = np.array([p.side / right.side for p in places])
    assert 0.02 < off.std() < 0.08
    assert np.abs(off).max() < 0.25
    assert (np.abs(np.log(size)) > 0.1).mean() > 0.1
    assert jittered(FACE.points, NONE, rng) == right


def test_a_sample_is_augmented_in_little_time() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        augmented(view(), Shares(), rng, Others())
    start = time.process_time()
    for _ in range(100):
        augmented(view(), Shares(), rng, Others())
    assert (time.process_time() - start) / 100 < 0.02, "many times the usual two milliseconds"
