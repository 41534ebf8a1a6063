"""The record of a person, its random draw, and the command's arguments."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bake.features import srgb
from app.bake.person import EYE_COLORS, random_person
from app.bake.person_file import decode_person, encode_person, read_person
from app.cli import bake_head
from app.paths import HEADS


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    bake_head.add_parser(parser.add_subparsers())
    return parser.parse_args(["bake-head", "--output", "out", *words])


@given(st.integers(0, 2**31))
def test_any_seed_is_a_valid_person_that_json_can_hold(seed: int) -> None:
    person = random_person(seed)
    assert person == random_person(seed)
    assert decode_person(encode_person(person)) == person
    assert encode_person(decode_person(encode_person(person))) == encode_person(person)


@given(st.integers(0, 1000), st.floats(14, 90), st.floats(0, 1))
def test_given_values_replace_drawn_ones_and_leave_the_face_alone(
    seed: int, age: float, tone: float
) -> None:
    drawn, changed = random_person(seed), random_person(seed, age=age, skin_tone=tone)
    assert (changed.age, changed.skin_tone) == (age, tone)
    aged = {"head-age-incr"}
    assert {p for p in changed.local if p[0] not in aged} == {
        p for p in drawn.local if p[0] not in aged
    }
    assert (changed.weight, changed.asian) == (drawn.weight, drawn.asian)


def test_seeds_differ_and_purposes_have_their_own_numbers() -> None:
    assert len({random_person(seed).local for seed in range(30)}) == 30
    person = random_person(1)
    assert person.rng("skin").random() == person.rng("skin").random()
    assert person.rng("skin").random() != person.rng("hair").random()


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("age", 7.0, "age: 7 is outside 14 to 90"),
        ("gender", 1.5, "gender: 1.5 is outside 0 to 1"),
        ("skin_tone", float("nan"), "skin_tone"),
        ("hair_style", "mohican", "mohican"),
        ("eye_color", "#12", "#rrggbb"),
        ("eye_color", "#zzzzzz", "#rrggbb"),
        ("local", (("nose-hump-incr", 2.0),), "local change nose-hump-incr"),
    ],
)
def test_values_out_of_range_are_named(field: str, value: object, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        dataclasses.replace(random_person(0), **{field: value})


def test_srgb() -> None:
    assert srgb("#ff0080") == (1.0, 0.0, 128 / 255)


def test_arguments_override_the_draw() -> None:
    words = "--seed 4 --age 33 --gender female --ancestry asian=1 --eye-color green --name eve"
    person = bake_head.person_of(arguments(*words.split(), "--set", "nose-hump-incr=0.4"))
    assert (person.name, person.age, person.gender) == ("eve", 33.0, 1.0)
    assert (person.african, person.asian, person.caucasian) == (0.0, 1.0, 0.0)
    assert person.eye_color == EYE_COLORS["green"]
    assert dict(person.local)["nose-hump-incr"] == 0.4


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("--seed -1", "--seed"),
        ("--gender maybe", "--gender: 'maybe' is not a number"),
        ("--ancestry martian=1", "'martian' is not one of"),
        ("--ancestry asian", "'asian' is not of the form NAME=NUMBER"),
        ("--ancestry asian=0", "at least one share"),
        ("--set nose=much", "--set nose: 'much' is not a number"),
        ("--texture-size 1000", "power of two"),
        ("--name a/b", "is no file name"),
        ("--age 200", "age: 200 is outside"),
    ],
)
def test_bad_arguments_end_with_status_2_and_one_line(
    words: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bake_head.run(arguments(*words.split())) == 2
    error = capsys.readouterr().err
    assert text in error
    assert error.count("\n") == 1


def test_shipped_heads_descriptions_are_still_read() -> None:
    for name in ("ada", "ben", "amara"):
        person = read_person(HEADS / name / f"{name}.json")
        assert person.name == name
        assert person.glasses.frame == "none"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[1]", "no description of a person"),
        ('{"name": "x"}', "missing required field"),
        ('{"nose": 1}', "'nose' is no parameter"),
        ('{"local": 3}', "local: names with numbers"),
    ],
)
def test_bad_descriptions_are_told_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said) as caught:
        read_person(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"age": 200}, "age: 200 is outside"),
        ({"glasses": {"frame": "monocle"}}, "glasses frame: 'monocle' is not one of"),
        ({"beard": {"length": 2}}, "beard length: 2 is outside"),
        ({"makeup": {"lip_color": "red"}}, "#rrggbb"),
        ({"hair_style": 4}, "hair_style"),
        ({"name": "../x"}, "is no file name"),
        ({"local": {"nose-hump-incr": "much"}}, "Expected `float`"),
    ],
)
def test_a_description_with_a_bad_value_is_refused(change: dict[str, object], said: str) -> None:
    values = random_person(0).as_dict() | change
    with pytest.raises(ValueError, match=said):
        decode_person(json.dumps(values).encode())


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        read_person(tmp_path / "nobody.json")
