"""Scenes: boxes lie where the faces are, what is hidden is not asked for, nothing leaks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("msgspec")
from app.dataset.sample import DENSE, OUTLINED, POINTS, SIDE, Sample, Traits
from inference.training.augment import NONE
from inference.training.cutouts import Placing, cut_out, faded, from_behind, headless, lay
from inference.training.detector_scenes import FACE, UNSURE, Looks, compose
from inference.training.distractors import distract
from inference.training.scene_people import SceneShares
from inference.training.scenery import Scenery, held_out, patterns, view

RED, GREEN, BLUE = (250, 10, 10), (10, 250, 10), (10, 10, 250)
CENTRE, ACROSS, DOWN = (128, 120), 44, 56


def sample(cut: bool = False, hair: bool = False) -> Sample:
    """A red oval with points all along its outline, over green; a blue body that may be cut off."""
    picture = np.full((SIDE, SIDE, 3), GREEN, np.uint8)
    segments = np.zeros((SIDE, SIDE), np.uint8)
    end = SIDE if cut else 240
    picture[175:end, 90:166] = BLUE
    segments[175:end, 90:166] = 4
    if hair:
        cv2.ellipse(segments, CENTRE, (70, 80), 0, 0, 360, 3, cv2.FILLED)
        picture[segments == 3] = (40, 30, 20)
    cv2.ellipse(picture, CENTRE, (ACROSS, DOWN), 0, 0, 360, RED, cv2.FILLED)
    cv2.ellipse(segments, CENTRE, (ACROSS, DOWN), 0, 0, 360, 1, cv2.FILLED)
    turn = np.linspace(0.0, 2.0 * np.pi, 68, endpoint=False) + np.pi / 2.0
    points = np.zeros((POINTS, 3), np.float32)
    points[OUTLINED, 0] = CENTRE[0] + ACROSS * np.cos(turn)
    points[OUTLINED, 1] = CENTRE[1] + DOWN * np.sin(turn)
    points[DENSE, :2] = CENTRE
    return Sample(
        picture,
        segments,
        np.zeros((SIDE, SIDE), np.float32),
        points,
        np.ones(POINTS, bool),
        np.eye(3, dtype=np.float32),
        np.zeros(3, np.float32),
        np.array(CENTRE, np.float32),
        0.7,
        500.0,
        1,
        Traits(0.5, 30.0, 0.5, False, False, False),
        "plain",
    )


GREY = Scenery(rooms=(np.full((90, 120, 3), 128, np.uint8),), plain=0.0)
BARE = Looks(person=NONE, picture=NONE)
PLAIN = SceneShares(empty=0.0, framed=0.0, letterboxed=0.0, distractors=0.0, smallest=40.0)


def red(picture: np.ndarray) -> np.ndarray:
    r, g, b = (picture[..., k].astype(int) for k in range(3))
    return np.asarray((r - np.maximum(g, b)) > 60)


@pytest.mark.parametrize("letterboxed", [0.0, 1.0])
@pytest.mark.parametrize("framed", [0.0, 1.0])
def test_boxes_lie_tight_around_faces(framed: float, letterboxed: float) -> None:
    shares = SceneShares(
        empty=0.0, framed=framed, letterboxed=letterboxed, distractors=0.0, smallest=40.0
    )
    checked = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        made = compose(rng, 256, lambda _: sample(), GREY, shares, BARE)
        (sure,) = np.nonzero(made.state == FACE)
        if len(sure) != 1 or (made.state == UNSURE).any():
            continue
        x, y, width, height = made.boxes[sure[0]]
        if min(x, y) < 1 or x + width > 254 or y + height > 254:
            continue
        rows, columns = np.nonzero(red(made.picture))
        if not len(rows) or columns.max() - columns.min() > 1.5 * width:
            continue
        seen = columns.min(), rows.min(), columns.max(), rows.max()
        softness = 2.5 + 0.04 * max(width, height)
        told = x, y, x + width, y + height
        assert all(s >= t - softness for s, t in zip(seen[:2], told[:2], strict=True))
        assert all(s <= t + softness for s, t in zip(seen[2:], told[2:], strict=True))
        checked += seen == pytest.approx(told, abs=softness)
    assert checked >= 4


def test_what_something_larger_covers_is_not_asked_for() -> None:
    sure = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        made = compose(rng, 256, lambda _: sample(), GREY, PLAIN, BARE)
        for box, state in zip(made.boxes, made.state, strict=True):
            x, y, width, height = (round(float(v)) for v in box)
            part = made.picture[max(y, 0) : y + height, max(x, 0) : x + width]
            if state == FACE:
                assert red(part).mean() > 0.3
                sure += 1
    assert sure > 20


def test_some_scenes_are_empty_and_sizes_span_what_was_asked_for() -> None:
    shares = SceneShares(empty=0.5, framed=0.0, letterboxed=0.0, distractors=0.0, smallest=16.0)
    scenes = [
        compose(np.random.default_rng(k), 256, lambda _: sample(), GREY, shares, BARE)
        for k in range(60)
    ]
    empty = sum(not (s.state >= UNSURE).any() for s in scenes)
    assert 15 < empty < 48
    sizes = np.concatenate([s.boxes[s.state == FACE, 2:].max(axis=1) for s in scenes])
    assert sizes.min() < 30.0 and sizes.max() > 90.0


def test_the_same_chance_gives_the_same_scene() -> None:
    first, second = (
        compose(
            np.random.default_rng(5), 192, lambda _: sample(), patterns(), SceneShares(), Looks()
        )
        for _ in range(2)
    )
    assert np.array_equal(first.picture, second.picture)
    assert np.array_equal(first.boxes, second.boxes)


def test_nothing_of_the_old_background_comes_along() -> None:
    cutout = cut_out(sample())
    scene = np.full((256, 256, 3), 128, np.uint8)
    placing = Placing.of(cutout.box, 60.0, (128.0, 100.0), 20.0, False)
    covered = lay(scene, cutout.picture, cutout.alpha, placing)
    r, g, b = (scene[..., k].astype(int) for k in range(3))
    assert (g - np.maximum(r, b)).max() < 40
    assert np.all(scene[covered == 0] == 128)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", [30.0, 200.0])
def test_a_placed_box_has_the_size_and_the_middle_asked_for(size: float, mirrored: bool) -> None:
    placing = Placing.of((10.0, 20.0, 60.0, 80.0), size, (100.0, 90.0), 0.0, mirrored)
    corners = placing.points(np.array([[10.0, 20.0], [70.0, 100.0]]))
    assert corners.mean(axis=0) == pytest.approx([100.0, 90.0])
    assert np.abs(np.diff(corners, axis=0))[0] == pytest.approx([size * 0.75, size])
    assert (corners[1, 0] < corners[0, 0]) == mirrored


def test_cut_edges_are_known_and_fade() -> None:
    whole, cut = cut_out(sample()), cut_out(sample(cut=True))
    assert whole.cut == frozenset()
    assert cut.cut == {"bottom"}
    soft = faded(cut, frozenset({"bottom"}))
    assert soft[-1].max() == 0
    assert np.array_equal(soft[:200], cut.alpha[:200])
    assert np.array_equal(faded(cut, frozenset({"left"})), cut.alpha)


def test_bodies_have_no_face_and_backs_no_skin() -> None:
    below = headless(sample())
    assert below is not None
    assert below[: CENTRE[1] + DOWN].max() == 0
    assert from_behind(sample(), np.random.default_rng(0)) is None
    grown = from_behind(sample(hair=True), np.random.default_rng(0))
    assert grown is not None
    assert red(grown[: CENTRE[1] + DOWN]).mean() < 0.01


def test_things_that_are_no_faces_change_the_scene_and_never_fail() -> None:
    changed = 0
    for seed in range(24):
        scene = np.full((128, 128, 3), 128, np.uint8)
        distract(scene, lambda _: sample(hair=True), np.random.default_rng(seed))
        changed += bool((scene != 128).any())
    assert changed > 12


def test_scenery_kept_for_measuring_is_never_trained_on(tmp_path: Path) -> None:
    names = ["around-city.jpg", "around-interior.jpg", "room-shop-005-0.jpg", "room-shop-006-0.jpg"]
    for k, name in enumerate(names):
        cv2.imwrite(str(tmp_path / name), np.full((32, 64, 3), 40 * k, np.uint8))
    train, kept = Scenery.read(tmp_path, False), Scenery.read(tmp_path, True)
    assert [len(s.around) for s in (train, kept)] == [1, 1]
    assert [len(s.rooms) for s in (train, kept)] == [1, 1]
    assert [held_out(n) for n in names] == [False, True, True, False]
    assert Scenery.read(tmp_path / "absent", False).around == ()


def test_views_of_surroundings_are_upright() -> None:
    around = np.zeros((128, 256, 3), np.uint8)
    around[:64] = (90, 140, 250)
    around[64:] = (60, 40, 20)
    for seed in range(12):
        seen = view(np.random.default_rng(seed), around, 64).astype(int)
        blue = seen[..., 2] > seen[..., 0]
        assert blue[0].mean() >= blue[-1].mean()
        assert seen.shape == (64, 64, 3)
