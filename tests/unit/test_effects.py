"""Effects: repeatable to the byte, told in depth and segments, and none where none is asked for."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dataset.effects import KINDS, Applied, apply, draw
from app.dataset.frame import Effect, EffectKind
from app.geometry.pinhole import Pinhole
from app.scene.placement import pinhole
from app.scene.scene import Camera
from app.scene.segments import SEGMENTS

OCCLUDERS = tuple(k for k in KINDS if k.startswith("occluder-"))
FILTERS = tuple(k for k in KINDS if not k.startswith("occluder-"))
OCCLUDER = SEGMENTS.index("occluder")
Picture = tuple[np.ndarray, np.ndarray, np.ndarray, Pinhole]


def head(width: int = 160, height: int = 128, head_depth: float = 0.4) -> Picture:
    """A ball with eyes and hair before nothing, in whole numbers."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    cx, cy, r = width / 2, height / 2, 0.38 * height
    away = ((x - cx) ** 2 + (y - cy) ** 2) / np.float32(r * r)
    segments = np.where(away < 1, SEGMENTS.index("skin"), 0).astype(np.uint8)
    segments[(away < 1) & (y < cy - 0.6 * r)] = SEGMENTS.index("hair")
    for side in (-1, 1):
        eye = (x - cx - side * 0.35 * r) ** 2 + (y - cy) ** 2 < (0.12 * r) ** 2
        segments[eye] = SEGMENTS.index("eyes")
    bulge = np.sqrt(np.maximum(1 - away, 0)) * np.float32(0.08)
    depth = np.where(segments > 0, head_depth - bulge, np.float32(np.inf)).astype(np.float32)
    tones = np.array([[60, 80, 90], [205, 150, 125], [230, 230, 235], [60, 40, 30]], np.uint8)
    color = tones[segments]
    color[:, ::2] -= 8
    view = pinhole(Camera(distance=head_depth, width=width, height=height, field_of_view=50.0))
    return color, depth, segments, view


def put(kind: EffectKind, amount: float, seed: int, picture: Picture) -> Applied:
    return apply([Effect(kind, amount, seed)], *picture)


def same(first: Applied, second: Applied) -> bool:
    return all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("color", "depth", "segments")
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_effect_is_repeated_to_the_byte_and_changes_nothing_given(kind: EffectKind) -> None:
    picture = head()
    kept = [p.copy() for p in picture[:3]]
    first = put(kind, 0.7, 5, picture)
    assert same(first, put(kind, 0.7, 5, picture))
    assert all(np.array_equal(a, b) for a, b in zip(kept, picture[:3], strict=True))
    assert first.color.dtype == first.segments.dtype == np.uint8
    assert first.depth.dtype == np.float32
    assert first.color.shape == picture[0].shape


@pytest.mark.parametrize("kind", KINDS)
def test_amount_zero_is_nothing_and_one_is_seen(kind: EffectKind) -> None:
    picture = head()
    assert same(put(kind, 0.0, 3, picture), Applied(*picture[:3]))
    strong = put(kind, 1.0, 3, picture).color.astype(int)
    assert np.abs(strong - picture[0]).mean() > 1.0


@pytest.mark.parametrize("kind", ["blur", "noise", "jpeg", "low-resolution", "grey"])
def test_a_stronger_effect_changes_more(kind: EffectKind) -> None:
    picture = head()
    changes = [
        np.abs(put(kind, a, 8, picture).color.astype(int) - picture[0]).mean()
        for a in (0.05, 0.4, 1.0)
    ]
    assert changes[0] < changes[1] < changes[2]


@pytest.mark.parametrize("kind", FILTERS)
def test_what_a_camera_does_leaves_the_truth(kind: EffectKind) -> None:
    picture = head()
    done = put(kind, 0.8, 1, picture)
    assert np.array_equal(done.depth, picture[1]) and np.array_equal(done.segments, picture[2])


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(OCCLUDERS),
    st.floats(0.3, 1.0),
    st.integers(0, 2**31 - 1),
    st.floats(0.2, 1.5),
)
def test_an_occluder_lies_before_the_head_and_says_so(
    kind: EffectKind, amount: float, seed: int, distance: float
) -> None:
    picture = head(head_depth=distance)
    done = put(kind, amount, seed, picture)
    covered = done.segments == OCCLUDER
    nearest = picture[1].min()
    assert (done.depth[covered] < nearest - 0.001).all()
    assert (done.depth[covered] > 0.4 * nearest).all()
    assert np.array_equal(done.depth[~covered], picture[1][~covered])
    assert np.array_equal(done.segments[~covered], picture[2][~covered])


@pytest.mark.parametrize("kind", OCCLUDERS)
def test_occluders_cover_the_face(kind: EffectKind) -> None:
    picture = head()
    face = np.isin(picture[2], [SEGMENTS.index("skin"), SEGMENTS.index("eyes")])
    shares = [
        float((put(kind, 0.8, seed, picture).segments == OCCLUDER)[face].mean())
        for seed in range(12)
    ]
    assert sum(s > 0.01 for s in shares) >= 9 and max(shares) > 0.1


def test_a_second_occluder_lies_before_the_first() -> None:
    picture = head()
    first = put("occluder-hand", 0.8, 2, picture)
    both = apply([Effect("occluder-hand", 0.8, 2), Effect("occluder-hair", 0.9, 4)], *picture)
    newer = both.depth < first.depth
    assert newer.any() and both.depth[newer].max() < first.depth.min()


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_without_a_head_is_no_failure(kind: EffectKind) -> None:
    color, depth, segments, view = head(64, 96)
    depth[:], segments[:] = np.inf, 0
    assert put(kind, 0.9, 6, (color, depth, segments, view)).color.shape == (96, 64, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_larger_pictures_are_covered_alike(kind: EffectKind) -> None:
    small, large = put(kind, 0.8, 9, head(128, 128)), put(kind, 0.8, 9, head(640, 640))
    shares = [float((d.segments == OCCLUDER).mean()) for d in (small, large)]
    assert abs(shares[0] - shares[1]) < 0.03


def test_infra_red_shows_pale_skin_and_dark_eyes() -> None:
    picture = head()
    seen = put("infra-red", 1.0, 2, picture).color
    assert np.ptp(seen, axis=2).max() == 0
    skin, eyes = (seen[picture[2] == SEGMENTS.index(s)].mean() for s in ("skin", "eyes"))
    assert skin > eyes + 30 and seen[picture[2] == 0].mean() < 40


def test_effects_are_the_same_on_every_machine() -> None:
    digest = hashlib.sha256()
    for number, kind in enumerate(KINDS * 3):
        done = put(kind, 0.2 + 0.02 * number, number, head())
        for part in (done.color, done.depth, done.segments):
            digest.update(np.ascontiguousarray(part).tobytes())
    assert digest.hexdigest()[:16] == "eb30462a920b362b"


def test_draws_keep_to_the_share_and_to_what_may_be_drawn() -> None:
    rng = np.random.default_rng(4)
    drawn = [draw(rng, ("blur", "grey", "occluder-hand"), 0.4) for _ in range(600)]
    assert 0.34 < sum(bool(d) for d in drawn) / 600 < 0.46
    assert {e.kind for d in drawn for e in d} == {"blur", "grey", "occluder-hand"}
    assert draw(rng, KINDS, 0.0) == () and all(draw(rng, KINDS, 1.0) for _ in range(50))
    assert draw(rng, (), 1.0) == ()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_drawn_effects_are_in_bounds_and_go_together(seed: int) -> None:
    effects = draw(np.random.default_rng(seed), KINDS, 1.0)
    kinds = [e.kind for e in effects]
    assert 1 <= len(kinds) <= 3 and len(set(kinds)) == len(kinds)
    assert not {"grey", "infra-red"} <= set(kinds)
    assert all(0.0 < e.amount <= 1.0 and 0 <= e.seed < 2**31 for e in effects)
    assert effects == draw(np.random.default_rng(seed), KINDS, 1.0)
