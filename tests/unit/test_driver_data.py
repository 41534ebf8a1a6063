"""Data sets of drivers as networks read them: folders, shards, checks, one picture shown."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli import main as cli
from app.dataset.check_jobs import Finding
from app.dataset.driver_check import check_drivers
from app.dataset.driver_data import Drivers
from app.dataset.driver_packed import pack_drivers
from app.dataset.driver_sample import (
    OFF,
    ON,
    clipped,
    held_out_drivers,
    person_of,
    wheel_box,
)
from app.dataset.packed import ShardError
from app.geometry.pinhole import Pinhole, look_at
from app.scene.wheel import Placed, Wheel
from tests.unit.drawn_drivers import RADIUS, write_drivers


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("drivers") / "set"
    write_drivers(root)
    return root


def run(words: list[str]) -> int:
    return cli(words, lambda _: 0)


def findings(root: Path, quick: bool = False) -> list[Finding]:
    found: list[Finding] = []
    check_drivers(root, found.append, quick=quick, workers=1, progress=lambda done, total: None)
    return found


@settings(max_examples=25, deadline=None)
@given(
    x=st.floats(-0.4, 0.4),
    z=st.floats(-0.2, 0.6),
    tilt=st.floats(0.0, 60.0),
    angle=st.floats(-180.0, 180.0),
    flat=st.sampled_from([0.0, 0.12, 0.25]),
)
def test_the_box_of_a_wheel_is_tight_about_its_rim(
    x: float, z: float, tilt: float, angle: float, flat: float
) -> None:
    view = Pinhole(look_at(np.array([x, 0.9, z]), np.zeros(3), 5.0), 60.0, 256, 256, 0.05, 6.0)
    wheel = Placed(Wheel(radius=RADIUS, flat=flat), np.zeros(3), tilt, angle)
    rim = np.concatenate([wheel.centre[None], wheel.key_points()])
    about = {"points": {"camera": view.to_camera(rim).tolist()}, "thickness": wheel.wheel.thickness}
    box = wheel_box(about, view.intrinsics())
    line = wheel.to_cabin(wheel.wheel.curve)
    pixels = view.project(line)
    reach = wheel.wheel.thickness * view.intrinsics()[0, 0] / view.to_camera(line)[:, 2:]
    low, high = (pixels - reach).min(axis=0), (pixels + reach).max(axis=0)
    allowed = 1.0 if flat == 0.0 else 4.0
    assert np.abs(box[:2] - low).max() < allowed
    assert np.abs(box[:2] + box[2:] - high).max() < allowed


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.floats(-300.0, 300.0)] * 2, *[st.floats(0.0, 600.0)] * 2))
def test_a_clipped_box_lies_in_the_picture(box: tuple[float, float, float, float]) -> None:
    x, y, w, h = clipped(np.array(box, np.float32), 200, 100)
    assert w >= 0.0 and h >= 0.0
    assert x >= -0.5 and x + w <= 199.5 + 1e-3 and y >= -0.5 and y + h <= 99.5 + 1e-3


def test_shards_hold_what_the_folder_holds(drivers: Path, tmp_path: Path) -> None:
    count = pack_drivers(drivers, tmp_path, lambda done, total: None)
    plain, packed = Drivers([drivers]), Drivers([tmp_path])
    assert len(plain) == len(packed) == count == 20
    assert np.array_equal(plain.people, packed.people)
    for name in ("behaviour", "left", "right", "infra_red", "sequence"):
        assert np.array_equal(plain.column(name), packed.column(name)), name
    for index in (0, 7, 19):
        a, b = plain.sample(index), packed.sample(index)
        assert np.array_equal(a.picture, b.picture) and np.array_equal(a.segments, b.segments)
        assert np.array_equal(a.wheel, b.wheel) and np.array_equal(a.hands, b.hands)
        assert a.states.tolist() == b.states.tolist() and a.facts.behaviour == b.facts.behaviour
    assert len(pickle.loads(pickle.dumps(packed))) == 20


def test_states_and_columns_agree_with_the_distances(drivers: Path) -> None:
    data = Drivers([drivers])
    for index in range(len(data)):
        sample = data.sample(index)
        for state, distance in zip(sample.states, sample.distances, strict=True):
            assert state == (ON if distance < 0.005 else OFF)
        assert data.column("left")[index] == sample.states[0]


def test_packing_goes_on_where_it_was(drivers: Path, tmp_path: Path) -> None:
    pack_drivers(drivers, tmp_path, lambda done, total: None)
    (shard,) = tmp_path.glob("*.arrow")
    before = shard.stat().st_mtime_ns
    assert pack_drivers(drivers, tmp_path, lambda done, total: None) == 20
    assert shard.stat().st_mtime_ns == before


def test_every_fifth_driver_is_held_out_and_seeds_do_not_share_people() -> None:
    people = np.array([person_of(seed, f"driver_{k:04d}") for seed in (1, 2) for k in range(1, 11)])
    assert len(set(people.tolist())) == 20
    assert np.flatnonzero(held_out_drivers(people)).tolist() == [4, 9, 14, 19]


def test_what_is_no_data_set_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="generate-driver") as refused:
        Drivers([tmp_path])
    assert "\n" not in str(refused.value)
    (tmp_path / "x.arrow").write_bytes(b"nothing of the kind")
    with pytest.raises(ShardError, match="no shard"):
        Drivers([tmp_path])


def test_a_whole_data_set_has_no_findings(drivers: Path) -> None:
    assert findings(drivers) == [] and findings(drivers, quick=True) == []


def test_damage_is_found_and_named(tmp_path: Path) -> None:
    root = tmp_path / "set"
    plan = write_drivers(root, people=2, sequences=3, each=2)
    one, two, three, four = (plan.frame(k) for k in (0, 1, 2, 3))
    (root / one.file("rgb", "jpg")).unlink()
    path = root / two.file("mask", "png")
    path.write_bytes(path.read_bytes()[:-20])
    path = root / three.file("ann", "json")
    text = path.read_text().replace('"behaviour":"', '"behaviour":"x', 1)
    path.write_text(text)
    path = root / four.file("depthExr", "exr")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    told = {finding.path: finding.problem for finding in findings(root)}
    assert "missing" in told[one.file("rgb", "jpg")]
    assert "bytes" in told[two.file("mask", "png")]
    assert "bytes" in told[three.file("ann", "json")]
    assert "CRC" in told[four.file("depthExr", "exr")]
    assert len(told) == 4


def test_a_state_that_its_distance_does_not_bear_out_is_found(tmp_path: Path) -> None:
    from app.dataset.driver_check import _content_problems
    from app.dataset.manifest import rows

    root = tmp_path / "set"
    plan = write_drivers(root, people=1, sequences=1, each=1)
    path = root / plan.frame(0).file("ann", "json")
    content = json.loads(path.read_text())
    content["hands"]["left"] |= {"state": "on", "distance": 0.2}
    path.write_text(json.dumps(content))
    problems = [f.problem for f in _content_problems(root, plan.frame(0), next(iter(rows(root))))]
    assert any("left hand: on at 0.2" in problem for problem in problems)


def test_a_picture_is_shown_by_number_and_by_place(drivers: Path, tmp_path: Path) -> None:
    out = tmp_path / "one.png"
    assert run(["dataset", "show", str(drivers), "3", "--output", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG") and out.stat().st_size > 20_000
    again = tmp_path / "again.png"
    words = ["dataset", "show", str(drivers), "driver_0001/00001/0003", "--output", str(again)]
    assert run(words) == 0 and again.stat().st_size == out.stat().st_size


@pytest.mark.parametrize("asked", ["999", "driver_0001/00009/0000", "somewhere"])
def test_a_picture_that_is_not_there_is_bad_input(
    drivers: Path, tmp_path: Path, asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["dataset", "show", str(drivers), asked, "--output", str(tmp_path / "x.png")]
    assert run(words) == 2
    assert asked in capsys.readouterr().err


def test_packing_and_checking_from_the_command_line(
    drivers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["dataset", "pack", str(tmp_path / "shards"), "--drivers", str(drivers)]) == 0
    assert "20 of 20" in capsys.readouterr().out
    assert run(["dataset", "check", str(drivers)]) == 0
    assert "20 frames checked, nothing is wrong" in capsys.readouterr().out
    assert run(["dataset", "pack", str(tmp_path / "no"), "--drivers", str(tmp_path)]) == 2
