"""The draw keeps to the distribution that is told of it."""

from __future__ import annotations

import dataclasses
import json

import numpy as np

from app.bake import draw
from app.bake.distribution import describe, summary
from app.bake.person import PersonSpec, random_person

PEOPLE = [random_person(seed) for seed in range(1500)]


def share(chosen: list[bool]) -> float:
    return float(np.mean(chosen))


def test_what_is_told_is_plain_json_and_covers_every_parameter() -> None:
    told = json.loads(json.dumps(describe()))["parameters"]
    words = " ".join(told)
    for field in dataclasses.fields(PersonSpec):
        if field.name not in ("name", "seed"):
            assert field.name in words
    assert all("kind" in parameter for parameter in told.values())


def test_ages_and_genders_are_spread_as_told() -> None:
    low, span, early, late = draw.AGE
    ages = np.array([p.age for p in PEOPLE])
    assert low <= ages.min()
    assert ages.max() <= low + span
    assert abs(ages.mean() - (low + span * early / (early + late))) < 1.5
    assert 0.45 < share([p.gender > 0.5 for p in PEOPLE]) < 0.55


def test_beards_and_makeup_go_with_gender() -> None:
    men = [p for p in PEOPLE if p.gender <= 0.5]
    women = [p for p in PEOPLE if p.gender > 0.5]
    assert all(p.beard.style == "none" and p.stubble == 0 for p in women)
    assert all(p.makeup.lipstick == 0 for p in men)
    for style, wanted in draw.BEARDS.items():
        assert abs(share([p.beard.style == style for p in men]) - wanted) < 0.05
    assert abs(share([p.makeup.lipstick > 0 for p in women]) - draw.MADE_UP) < 0.05


def test_glasses_go_with_age() -> None:
    young = [p for p in PEOPLE if p.age < 30]
    old = [p for p in PEOPLE if p.age > 55]
    with_glasses = [share([p.glasses.frame != "none" for p in some]) for some in (young, old)]
    assert 0.12 < with_glasses[0] < with_glasses[1] < 0.55


def test_summary_counts_everyone() -> None:
    told = json.loads(json.dumps(summary(PEOPLE)))
    assert told["people"] == len(PEOPLE)
    for counts in told["names"].values():
        assert sum(counts.values()) == len(PEOPLE)
    assert told["numbers"]["age"]["least"] == min(p.age for p in PEOPLE)
    assert set(told["names"]["hair_style"]) > {"long", "bun", "fringe", "curly", "afro", "bald"}
    assert summary([])["people"] == 0


def test_one_persons_draw_does_not_depend_on_another_value_given() -> None:
    for seed in range(40):
        drawn, changed = random_person(seed), random_person(seed, weight=0.9, hair_style="bob")
        assert (
            dataclasses.replace(drawn, weight=0.9, hair_style="bob", name=changed.name) == changed
        )
