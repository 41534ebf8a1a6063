"""Shards: what is written comes back, damage is told, people are kept apart."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dataset.packed import Packed, ShardError, about, decode, encode, write_shard
from app.dataset.sample import (
    POINTS,
    SIDE,
    Sample,
    Traits,
    held_out,
    relative_points,
    rotation_as_seen,
    rotation_in_camera,
)
from app.geometry.rotations import Angles, matrix_from_pose_para, pose_para_from_matrix


def sample(person: int, seed: int = 0) -> Sample:
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0, 255, SIDE).astype(np.uint8)
    segments = np.zeros((SIDE, SIDE), np.uint8)
    segments[64:192, 64:192] = 1
    depth = np.full((SIDE, SIDE), np.inf, np.float32)
    depth[64:192, 64:192] = rng.uniform(-0.2, 0.3, (128, 128))
    return Sample(
        np.stack([np.tile(ramp, (SIDE, 1))] * 3, axis=2),
        segments,
        depth,
        rng.uniform(-20, 300, (POINTS, 3)).astype(np.float32),
        rng.random(POINTS) < 0.5,
        np.eye(3, dtype=np.float32),
        np.array([10.0, -20.0, 30.0], np.float32),
        np.array([128.0, 120.0], np.float32),
        0.7,
        500.0,
        person,
        Traits(0.25, 40.0, 1.0, glasses=True, beard=False, hat=False),
        "plain",
    )


def test_a_sample_comes_back_from_its_shard(tmp_path: Path) -> None:
    given_samples = [sample(k // 2, k) for k in range(5)]
    write_shard(tmp_path / "a.arrow", [encode(s) for s in given_samples[:3]], {"seed": 1})
    write_shard(tmp_path / "b.arrow", [encode(s) for s in given_samples[3:]], {})
    data = Packed([tmp_path])
    assert len(data) == 5
    assert data.people.tolist() == [0, 0, 1, 1, 2]
    assert about(tmp_path / "a.arrow")["seed"] == 1
    for k, expected in enumerate(given_samples):
        got = data.sample(k)
        assert np.abs(got.picture.astype(int) - expected.picture).max() <= 4
        assert np.array_equal(got.segments, expected.segments)
        inside = np.isfinite(expected.depth)
        assert np.array_equal(np.isfinite(got.depth), inside)
        assert np.abs(got.depth[inside] - expected.depth[inside]).max() < 5.1e-5
        for name in ("points", "visible", "rotation", "angles", "centre"):
            assert np.array_equal(getattr(got, name), getattr(expected, name))
        assert got.traits.age == 40.0 and got.traits.glasses and not got.traits.hat
    assert np.array_equal(data.angles()[4], given_samples[4].angles)
    assert np.array_equal(data.points()[2], given_samples[2].points)
    with pytest.raises(IndexError):
        data.sample(5)


def test_another_process_maps_the_files_itself(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.arrow", [encode(sample(3))], {})
    pickled = pickle.dumps(Packed([tmp_path]))
    assert len(pickled) < 1000
    assert pickle.loads(pickled).sample(0).person == 3


@pytest.mark.parametrize("content", [b"", b"ARROW1\0\0", b"no shard at all" * 100])
def test_a_damaged_shard_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.arrow").write_bytes(content)
    with pytest.raises(ShardError, match="is no shard") as caught:
        Packed([tmp_path])
    assert "\n" not in str(caught.value)


def test_a_shard_cut_short_is_told(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.arrow", [encode(sample(3))], {})
    whole = (tmp_path / "a.arrow").read_bytes()
    (tmp_path / "a.arrow").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ShardError):
        Packed([tmp_path])


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="dataset pack"):
        Packed([tmp_path])


def test_one_person_in_twenty_is_held_out_whatever_the_others() -> None:
    people = np.arange(20_000)
    kept = held_out(people)
    assert 0.045 < kept.mean() < 0.055
    assert np.array_equal(held_out(people[::7]), kept[::7])


@given(st.floats(-85, 85), st.floats(-85, 85), st.floats(-85, 85))
@settings(max_examples=50)
def test_camera_axes_and_written_angles_agree(yaw: float, pitch: float, roll: float) -> None:
    seen = matrix_from_pose_para(Angles(yaw, pitch, roll))
    turned = rotation_in_camera(seen)
    back = pose_para_from_matrix(rotation_as_seen(turned))
    assert (back.yaw, back.pitch, back.roll) == pytest.approx((yaw, pitch, roll), abs=1e-6)


def test_a_face_that_looks_to_the_left_of_the_picture_has_its_nose_there() -> None:
    turned = rotation_in_camera(matrix_from_pose_para(Angles(40.0, 0.0, 0.0)))
    x, y, z = turned @ np.array([0.0, 0.0, -1.0])
    assert x < -0.5 and abs(y) < 1e-9 and z < 0


def test_nearer_points_have_less_z() -> None:
    pixels = np.array([[1.0, 2.0], [3.0, 4.0]])
    points = relative_points(pixels, np.array([0.45, 0.55]), 0.5, 500.0)
    assert points[:, :2].tolist() == pixels.tolist()
    assert points[:, 2] == pytest.approx([-50.0, 50.0])


def test_a_damaged_picture_within_a_shard_is_told() -> None:
    row = {**encode(sample(1)).__dict__, "depth": b"no png"}
    with pytest.raises(ShardError, match="damaged"):
        decode(row)
