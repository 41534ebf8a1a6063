"""The plan of a data set of drivers, its files, its table, and what is refused."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.generate_driver import add_parser, spec_of
from app.dataset.driver_files import encode_segments
from app.dataset.driver_maker import FILE, read_driver_record, write_driver_record
from app.dataset.driver_plan import DriverPlan
from app.dataset.driver_spec import DriverSpec, check_driver_spec, driver_difference
from app.dataset.driver_stats import counted, table
from app.dataset.spec import SpecError
from app.scene.driving import BEHAVIOURS, FRAMES
from app.scene.solids import SEGMENTS

SMALL = DriverSpec(seed=4, sequences=30, people=4, per_sequence=5)


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return parser.parse_args(["generate-driver", "--output", "out", *words])


@settings(max_examples=25, deadline=None)
@given(number=st.integers(0, 149))
def test_any_picture_can_be_had_by_its_number(number: int) -> None:
    plan = DriverPlan(SMALL)
    frame = plan.frame(number)
    assert frame == DriverPlan(SMALL).frame(number)
    assert frame.number == number and 0 <= frame.instant < FRAMES
    assert frame.folder.startswith(f"driver_{frame.sequence % 4 + 1:04d}/")


def test_sequences_repeat_and_do_not_depend_on_how_many_there_are() -> None:
    few, many = DriverPlan(SMALL), DriverPlan(DriverSpec(seed=4, sequences=900, people=4))
    for number in (0, 7, 29):
        assert few.sequence(number) == many.sequence(number)
    assert few.sequence(1) != few.sequence(2)
    assert few.person(0) == many.person(0) != few.person(1)
    other = DriverPlan(DriverSpec(seed=5, sequences=30, people=4))
    assert other.sequence(0) != few.sequence(0)


def test_files_of_all_pictures_have_names_of_their_own() -> None:
    plan = DriverPlan(SMALL)
    frames = [plan.frame(n) for n in range(len(plan))]
    assert len({frame.file("rgb", "jpg") for frame in frames}) == len(plan) == 150
    assert sum(len(task) for task in plan.tasks(3)) == len(plan)


def test_a_sleeve_of_the_rim_s_colour_has_it() -> None:
    spec = DriverSpec(sequences=6, behaviours=("rim-coloured-sleeve",))
    for number in range(6):
        sequence = DriverPlan(spec).sequence(number)
        assert sequence.outfit.color == sequence.cabin.wheel.color
        assert sequence.outfit.sleeve > 1.8


def test_chosen_behaviours_cameras_and_times_are_the_only_ones() -> None:
    spec = spec_of(arguments("--behaviours", "texting,phone-call", "--cameras", "dash",
                             "--times", "night", "--sequences", "20"))  # fmt: skip
    plan = DriverPlan(spec)
    drawn = [plan.sequence(n) for n in range(20)]
    assert {one.script.behaviour for one in drawn} == {"texting", "phone-call"}
    assert {one.camera.mount for one in drawn} == {"dash"}
    assert {one.time for one in drawn} == {"night"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--sequences", "0"), "--sequences"),
        (("--per-sequence", "151"), "--per-sequence"),
        (("--size", "20"), "--size"),
        (("--behaviours", "juggling"), "juggling"),
        (("--effect-share", "2"), "--effect-share"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words: tuple[str, ...], named: str) -> None:
    with pytest.raises(SpecError) as refused:
        spec_of(arguments(*words))
    text = str(refused.value)
    assert named in text and "\n" not in text


def test_names_given_twice_are_refused() -> None:
    with pytest.raises(SpecError, match="behaviours"):
        check_driver_spec(DriverSpec(behaviours=("texting", "texting")))


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_driver_record(tmp_path, SMALL)
    assert read_driver_record(tmp_path).spec == SMALL
    assert "--people" in driver_difference(SMALL, DriverSpec(seed=4, sequences=30, per_sequence=5))
    (tmp_path / FILE).write_text("{")
    with pytest.raises(SpecError, match="damaged"):
        read_driver_record(tmp_path)
    with pytest.raises(SpecError, match="nothing to resume"):
        read_driver_record(tmp_path / "absent")


def test_masks_hold_indices(tmp_path: Path) -> None:
    from PIL import Image

    rng = np.random.default_rng(0)
    mask = rng.integers(0, len(SEGMENTS), (9, 7)).astype(np.uint8)
    path = tmp_path / "mask.png"
    path.write_bytes(encode_segments(mask))
    picture = Image.open(path)
    assert picture.mode == "P" and np.array_equal(np.asarray(picture), mask)


def test_the_table_counts_as_the_source_does() -> None:
    rows = [
        {"left": left, "right": right, "behaviour": behaviour, "driver": driver,
         "light": "day", "car": "sedan", "mount": "dash"}
        for left, right, behaviour, driver, times in (
            ("on", "on", "two-hands", "driver_0001", 5),
            ("on", "off", "texting", "driver_0002", 3),
            ("off", "on", "texting", "driver_0002", 2),
            ("off", "off", "hands-off", "driver_0001", 1),
            ("uncertain", "on", "texting", "driver_0002", 1),
        )
        for _ in range(times)
    ]  # fmt: skip
    stats = counted(rows)
    assert stats.total == 12 and stats.pairs["on", "on"] == 5
    assert stats.by_behaviour["texting"]["on", "off"] == 3
    text = table(stats)
    assert "12 pictures of 2 drivers" in text and "uncertain" in text
    assert [word for word in BEHAVIOURS if word in text] == ["two-hands", "texting", "hands-off"]
