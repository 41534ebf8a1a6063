"""The plan of a data set: any picture by its number, the same whoever asks and when."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dataset.frame import Subject
from app.dataset.heads import gender_of, people, subjects_of_heads
from app.dataset.plan import BLOCK, Plan, PlanInputs
from app.dataset.plan_expressions import mixed
from app.dataset.run_record import difference, new_record, read_record, write_record
from app.dataset.scenes import lighting
from app.dataset.spec import DatasetSpec, Motion, SpecError, check_ranges
from app.scene.expressions import ACTIONS

SUBJECTS = tuple(
    Subject(f"female/{i + 1:04d}", person=f"people/female_{i + 1:04d}.json", gender="female")
    for i in range(7)
)
INPUTS = PlanInputs(SUBJECTS, ("a.jpg", "b/c.png"), ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))

specs = st.builds(
    DatasetSpec,
    seed=st.integers(0, 2**31 - 1),
    people=st.just(7),
    per_person=st.integers(1, 60),
    motions=st.lists(
        st.sampled_from(get_args(Motion)),
        min_size=1,
        unique=True,
    ).map(tuple),
    expressions=st.lists(
        st.sampled_from(("neutral", "happy", "sad", "angry", "scared", "mixed")),
        min_size=1,
        unique=True,
    ).map(tuple),
    backgrounds=st.lists(
        st.sampled_from(("plain", "texture", "pictures", "environment", "classroom", "shop")),
        min_size=1,
        unique=True,
    ).map(tuple),
    pictures=st.just("/pictures"),
    replay=st.just(("a.csv",)),
    effects=st.sampled_from(((), ("blur", "noise", "grey"))),
)


def plan(**given: object) -> Plan:
    return Plan(DatasetSpec(people=7, pictures="/pictures", **given), INPUTS)  # type: ignore[arg-type]


@given(specs, st.data())
@settings(max_examples=30, deadline=None)
def test_a_picture_is_the_same_whenever_it_is_asked_for(
    spec: DatasetSpec, data: st.DataObject
) -> None:
    made = Plan(spec, INPUTS)
    number = data.draw(st.integers(0, len(made) - 1))
    frame = made.frame(number)
    for other in range(0, len(made), max(1, len(made) // 5)):
        made.frame(other)
    again = pickle.loads(pickle.dumps(made)).frame(number)
    assert frame == again
    assert frame.number == number


@given(specs)
@settings(max_examples=12, deadline=None)
def test_ids_count_from_zero_in_every_folder(spec: DatasetSpec) -> None:
    made = Plan(spec, INPUTS)
    folders: dict[str, list[int]] = {}
    for number in range(len(made)):
        frame = made.frame(number)
        folders.setdefault(frame.folder, []).append(int(frame.id))
        assert len(frame.id) >= 4
    for ids in folders.values():
        assert ids == list(range(len(ids)))


def test_pictures_are_spread_evenly_over_all_combinations() -> None:
    made = plan(
        per_person=31,
        motions=("HeadRot", "Sweep"),
        expressions=("neutral", "mixed"),
        backgrounds=("plain", "shop", "texture"),
    )
    cells = Counter(
        (f.motion, f.expression, f.backdrop.kind) for f in (made.frame(i) for i in range(len(made)))
    )
    assert len(cells) == 12
    assert max(cells.values()) - min(cells.values()) <= 1


def test_folders_are_those_of_the_papers() -> None:
    made = plan(
        per_person=40,
        motions=("HeadRot", "CameraTran", "HeadCameraRotTran"),
        expressions=("neutral", "happy"),
        backgrounds=("plain", "texture", "classroom", "shop", "environment", "pictures"),
    )
    found = {made.frame(i).folder for i in range(36)}
    assert "female/0001/Simple/neutral/HeadRot" in found
    assert "female/0001/Complex/Classroom/happy/CameraTran" in found
    assert {f.split("/", 2)[2].rsplit("/", 2)[0] for f in found} == {
        "Simple",
        "Textured",
        "Complex/Classroom",
        "Complex/Shop",
        "Complex/Environment",
        "Complex/Pictures",
    }


def test_effects_do_not_change_what_else_is_drawn() -> None:
    without, some = plan(per_person=20), plan(per_person=20, effects=("blur", "occluder-hand"))
    for number in range(20):
        assert without.frame(number).scene == some.frame(number).scene


def test_two_seeds_draw_different_pictures() -> None:
    assert plan(seed=1).frame(3).scene != plan(seed=2).frame(3).scene


@given(st.integers(1, 3000), st.integers(1, 64), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_tasks_hold_every_picture_once_and_end_where_blocks_do(
    each: int, workers: int, heads: int
) -> None:
    made = Plan(DatasetSpec(people=heads, per_person=each), PlanInputs(SUBJECTS[:1] * heads))
    tasks = list(made.tasks(workers))
    ends = [t.subject * each + t.last for t in tasks]
    assert [t.subject * each + t.first for t in tasks] == [0, *ends[:-1]]
    assert ends[-1] == heads * each
    assert all(t.first % BLOCK == 0 and len(t) > 0 for t in tasks)
    assert all(t.last % BLOCK == 0 or t.last == each for t in tasks)


def test_millions_of_pictures_cost_nothing_until_they_are_asked_for() -> None:
    made = Plan(
        DatasetSpec(people=9999, per_person=1_000_000, motions=("Balanced",)),
        PlanInputs(SUBJECTS[:1] * 9999),
    )
    assert len(made) == 9_999_000_000
    assert made.frame(len(made) - 1).number == len(made) - 1
    with pytest.raises(IndexError):
        made.frame(len(made))


@given(st.integers(0, 2**31 - 1))
def test_mixed_expressions_use_known_actions_sparingly(seed: int) -> None:
    mix = mixed(np.random.default_rng(seed))
    assert set(mix) <= set(ACTIONS)
    assert all(0.0 < weight <= 1.0 for weight in mix.values())
    assert len(mix) <= 20
    assert not {"mouthSmileLeft", "mouthFrownLeft"} <= set(mix)


@given(st.integers(0, 2**31 - 1), st.sampled_from(("plain", "environment", "shop")))
def test_light_is_neither_absent_nor_without_bounds(seed: int, background: str) -> None:
    lights, surroundings = lighting(np.random.default_rng(seed), background)  # type: ignore[arg-type]
    assert len({light.name for light in lights}) == len(lights)
    assert surroundings.visible == (background == "environment")
    assert lights or surroundings.strength >= 0.5
    assert not (background == "shop" and any(light.kind == "sun" for light in lights))


def test_people_count_in_the_folder_of_their_gender() -> None:
    drawn = list(people(DatasetSpec(seed=5, people=30)))
    for gender in ("female", "male"):
        own = [(s, p) for s, p in drawn if s.gender == gender]
        assert [s.folder for s, _ in own] == [f"{gender}/{i + 1:04d}" for i in range(len(own))]
        assert all((p.gender > 0.5) == (gender == "female") for _, p in own)
    assert drawn[:10] == list(people(DatasetSpec(seed=5, people=10)))


def test_heads_from_files_find_their_folder(tmp_path: Path) -> None:
    assert gender_of(tmp_path / "male" / "0003" / "x.fbx") == "male"
    assert gender_of(tmp_path / "x.fbx") == "unknown"
    (tmp_path / "y.json").write_text('{"person": {"gender": 0.1}}')
    assert gender_of(tmp_path / "y.fbx") == "male"
    found = subjects_of_heads(
        DatasetSpec(heads=(str(tmp_path / "x.fbx"), "builtin:ada", "builtin:ben"), gender="male")
    )
    assert [(s.folder, s.gender) for s in found] == [
        ("male/0001", "unknown"),
        ("female/0001", "female"),
        ("male/0002", "male"),
    ]


def test_the_record_holds_the_whole_plan(tmp_path: Path) -> None:
    made = plan(per_person=12, motions=("Replay", "HeadRot"), replay=("x.csv",))
    write_record(tmp_path, new_record(made))
    again = read_record(tmp_path).plan
    assert again == made
    assert again.frame(11) == made.frame(11)
    other = plan(per_person=12, motions=("HeadRot",))
    assert difference(made.spec, made.spec) == ""
    assert "--poses was Replay, HeadRot, now HeadRot" in difference(made.spec, other.spec)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"format": "other", "version": 1}', b"[1]"])
def test_a_damaged_record_is_refused_in_one_line(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "dataset.json").write_bytes(damage)
    with pytest.raises(SpecError) as fault:
        read_record(tmp_path)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"people": 0}, "Give people"),
        ({"width": 63}, "--size: the width must be at least 64"),
        ({"per_person": 0}, "--per-person: must be at least 1"),
        ({"effect_share": 1.5}, "--effect-share: must be at most 1"),
        ({"distance": (1.0, 0.5)}, "distance"),
        ({"texture": 100}, "texture"),
        ({"motions": ("Replay",)}, "Replay"),
        ({"backgrounds": ("pictures",)}, "--pictures"),
        ({"expressions": ()}, "expressions"),
        ({"motions": ("HeadRot", "HeadRot")}, "twice"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(wrong: dict[str, object], word: str) -> None:
    spec = DatasetSpec(**{"people": 1, **wrong})  # type: ignore[arg-type]
    with pytest.raises(SpecError, match=word) as fault:
        check_ranges(spec)
    assert "\n" not in str(fault.value)
