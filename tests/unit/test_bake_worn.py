"""Beards, glasses and hats sit where they belong on very different faces."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

pytest.importorskip("anny", reason="the 'bake' extra (anny, torch) is not installed")
pytest.importorskip("scipy", reason="the 'bake' extra (scipy) is not installed")

from scipy.spatial import cKDTree

from app.bake.assemble import BakedPerson, build_person
from app.bake.body import BONES, EYEBALLS
from app.bake.features import FRAMES, Beard, Earrings, Glasses, Hat
from app.bake.head import skin_mesh
from app.bake.looks import looks
from app.bake.person import random_person

FACES = (
    {"weight": 0.9, "asian": 1.0, "african": 0.0, "caucasian": 0.0},
    {"weight": 0.1, "asian": 0.0, "african": 0.0, "caucasian": 1.0},
    {"weight": 0.5, "asian": 0.0, "african": 1.0, "caucasian": 0.0, "age": 70.0},
)


@functools.cache
def baked(face: int, frame: str) -> BakedPerson:
    return build_person(
        random_person(
            90 + face, gender=0.0, glasses=Glasses(frame), beard=Beard("full", 0.3),
            hair_style="bald", hat=Hat(), earrings=Earrings("stud"), **FACES[face],
        )
    )  # fmt: skip


def part(person: BakedPerson, name: str) -> Any:
    return next(p for p in person.parts if p.name == name)


def depth_under(points: np.ndarray, person: BakedPerson) -> np.ndarray:
    """How far before the skin (towards -Y) points are, seen from the front."""
    front = skin_mesh().canonical[:, 1] < 0.03
    skin = part(person, "Head").vertices[front]
    _, near = cKDTree(skin[:, [0, 2]]).query(points[:, [0, 2]], k=4)
    return np.asarray(skin[near, 1].min(axis=1) - points[:, 1])


@pytest.mark.parametrize("face", range(len(FACES)))
@pytest.mark.parametrize("frame", [f for f in FRAMES if f != "none"])
def test_glasses_rest_before_the_eyes_and_over_the_ears(face: int, frame: str) -> None:
    person = baked(face, frame)
    worn = part(person, "Glasses")
    eyes = person.body.head_centre
    lens = np.unique(worn.faces[worn.material_of == worn.materials.index("lens")])
    lens = worn.vertices[lens[lens >= 0]]
    before_eyes = lens[np.abs(np.abs(lens[:, 0]) - 0.032) < 0.006]
    cornea = min(person.body.vertices[balls, 1].min() for balls in EYEBALLS.values())
    assert before_eyes[:, 1].max() < cornea - 0.006
    assert lens[:, 1].min() > cornea - 0.035
    rim = worn.vertices[worn.vertices[:, 1] < eyes[1]]
    assert depth_under(rim, person).min() > -0.004
    ends = worn.vertices[worn.vertices[:, 1] > eyes[1] + 0.06]
    assert (ends[:, 0] > 0).any()
    assert (ends[:, 0] < 0).any()
    distance, _ = cKDTree(part(person, "Head").vertices).query(ends)
    assert distance.max() < 0.012


def test_glasses_follow_the_head_alone() -> None:
    worn = part(baked(0, "round"), "Glasses")
    assert np.array_equal(worn.weights[:, [name for name, _ in BONES].index("head")],
                          np.ones(len(worn.vertices)))  # fmt: skip
    assert not worn.actions


def test_clear_lenses_hide_nothing_and_dark_ones_do() -> None:
    def alpha(tint: float) -> float:
        return looks(random_person(0, glasses=Glasses("round", tint=tint)))["lens"].alpha

    assert alpha(0.0) < alpha(0.3) < 0.5
    assert alpha(0.8) == 1.0


@pytest.mark.parametrize("face", range(len(FACES)))
def test_a_beard_grows_from_the_skin_and_moves_with_the_jaw(face: int) -> None:
    person = baked(face, "round")
    beard, head = part(person, "Beard"), part(person, "Head")
    roots = beard.vertices.reshape(-1, 5, 3)[:, :2].mean(axis=1)
    distance, _ = cKDTree(head.vertices).query(roots)
    assert distance.max() < 0.008
    opened = (beard.vertices + beard.actions["jawOpen"]).reshape(-1, 5, 3)[:, :2].mean(axis=1)
    distance, _ = cKDTree(head.vertices + head.actions["jawOpen"]).query(opened)
    assert distance.max() < 0.009
    eyes = person.body.head_centre
    assert beard.vertices[:, 2].max() < eyes[2] - 0.015


def test_no_hair_pokes_through_a_hat() -> None:
    person = build_person(
        random_person(8, gender=1.0, hair_style="long", hat=Hat("cap"), glasses=Glasses())
    )
    hat, hair = part(person, "Hat"), part(person, "Hair")
    top = person.body.head_centre[2] + 0.08
    crown = hair.vertices[hair.vertices[:, 2] > top]
    head = part(person, "Head").vertices.mean(axis=0)
    _, near = cKDTree(hat.vertices).query(crown)
    outside = np.linalg.norm(crown - head, axis=1) - np.linalg.norm(
        hat.vertices[near] - head, axis=1
    )
    assert np.mean(outside > 0.002) < 0.01


@pytest.mark.parametrize("style", ["long", "bun", "curly", "afro", "fringe"])
@pytest.mark.parametrize("gender", [0.0, 1.0])
def test_hair_of_every_style_leaves_the_eyes_free(style: str, gender: float) -> None:
    person = build_person(random_person(6, gender=gender, hair_style=style, hat=Hat()))
    eyes = person.body.head_centre
    hair = np.concatenate([p.vertices for p in person.parts if p.name.startswith("Hair")]) - eyes
    before = (hair[:, 1] < 0.0) & (np.abs(hair[:, 0]) < 0.045) & (np.abs(hair[:, 2]) < 0.012)
    assert not before.any()
    assert person.triangles < 50_000
    assert np.isfinite(hair).all()
