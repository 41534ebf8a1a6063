"""Bones are chosen by what they are called, and without telling names by where they stand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.head.bones import Bones, NoHeadError, arms_on_neck, find_roles
from app.head.correction import Correction
from app.head.names import score, side, words

ROOT = Path(__file__).resolve().parents[2]

TORSO = [
    ("hips", None, (0, 0, 1.0)),
    ("spine", "hips", (0, 0, 1.2)),
    ("chest", "spine", (0, 0, 1.4)),
    ("arm.L", "chest", (0.2, 0, 1.45)),
    ("hand.L", "arm.L", (0.6, 0, 1.45)),
    ("arm.R", "chest", (-0.2, 0, 1.45)),
    ("hand.R", "arm.R", (-0.6, 0, 1.45)),
]
"""A body whose names a test replaces."""


def skeleton(
    bones: list[tuple[str, str | None, tuple[float, float, float]]],
    heavy: str,
    top: str | None = None,
) -> Bones:
    """Bones with joints; every one skins ten vertices, ``heavy`` five hundred."""
    names = tuple(n for n, *_ in bones)
    parents = tuple(-1 if p is None else names.index(p) for _, p, _ in bones)
    joints = np.array([j for *_, j in bones], float)
    hanging = np.full(len(names), 10)
    hanging[names.index(heavy)] = 500
    highest = np.zeros(len(names), int)
    highest[names.index(top or heavy)] = 30
    return Bones(names, parents, joints, hanging, highest)


def person(necks: list[str], head: str, extra: list[tuple[str, str]] = []) -> Bones:  # noqa: B006
    """A body with neck bones above the chest, a head, and bones below the head."""
    bones = list(TORSO)
    below = "chest"
    for i, name in enumerate([*necks, head]):
        bones.append((name, below, (0, 0, 1.5 + 0.05 * i)))
        below = name
    for i, (name, parent) in enumerate(extra):
        bones.append((name, parent, (0.03 * (-1) ** i, -0.08, 1.7)))
    return skeleton(bones, heavy=head)


CONVENTIONS = {
    "reallusion": (
        ["CC_Base_NeckTwist01", "CC_Base_NeckTwist02"],
        "CC_Base_Head",
        ["CC_Base_L_Eye", "CC_Base_R_Eye", "CC_Base_JawRoot"],
    ),
    "iclone": (["NeckTwist01", "NeckTwist02"], "Head", ["L_Eye", "R_Eye", "JawRoot"]),
    "g6": (["G6Beta_Neck"], "G6Beta_Head", ["G6Beta_L_Eye", "G6Beta_R_Eye", "G6Beta_Jaw"]),
    "mixamo": (
        ["mixamorig:Neck"],
        "mixamorig:Head",
        ["mixamorig:LeftEye", "mixamorig:RightEye", "mixamorig:Jaw"],
    ),
    "biped": (["Bip01 Neck"], "Bip01 Head", ["Bip01 LEye", "Bip01 REye", "Bip01 MJaw"]),
    "second biped": (["Bip02 Neck"], "Bip02 Head", ["Bip02 LEye", "Bip02 REye", "Bip02 MJaw"]),
    "unreal": (["neck_01", "neck_02"], "head", ["eye_l", "eye_r", "jaw"]),
    "metahuman": (["neck_01"], "head", ["FACIAL_L_Eye", "FACIAL_R_Eye", "FACIAL_C_Jaw"]),
    "makehuman": (["neck01", "neck02", "neck03"], "head", ["eye.L", "eye.R", "jaw"]),
    "rigify": (
        ["spine.004", "spine.005"],
        "spine.006",
        ["eye.L", "eye.R", "jaw"],
    ),
    "rigify deform": (
        ["DEF-spine.004", "DEF-spine.005"],
        "DEF-spine.006",
        ["DEF-eye.L", "DEF-eye.R", "DEF-jaw"],
    ),
    "ready player me": (["Neck"], "Head", ["LeftEye", "RightEye", "Jaw"]),
    "human ik": (["Character1_Neck"], "Character1_Head", ["Char_LeftEye", "Char_RightEye", "Jaw"]),
    "vroid": (
        ["J_Bip_C_Neck"],
        "J_Bip_C_Head",
        ["J_Adj_L_FaceEye", "J_Adj_R_FaceEye", "J_Jaw"],
    ),
    "valve": (
        ["ValveBiped.Bip01_Neck1"],
        "ValveBiped.Bip01_Head1",
        ["eye_left", "eye_right", "jaw"],
    ),
    "french": (["cou"], "tête", ["œil gauche", "œil droit", "mâchoire"]),
    "german": (["Hals"], "Kopf", ["Auge_L", "Auge_R", "Kiefer"]),
    "spanish": (["cuello"], "cabeza", ["ojo izq", "ojo der", "mandíbula"]),
    "japanese": (["首"], "頭", ["左目", "右目", "顎"]),
    "russian": (["шея"], "голова", ["глаз левый", "глаз правый", "челюсть"]),
    "spaces": (["  the neck "], " Head  1", ["eye left", "eye right", "lower jaw"]),
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_bones_of_every_tool_are_found(convention: str) -> None:
    necks, head, face = CONVENTIONS[convention]
    roles = find_roles(person(necks, head, [(n, head) for n in face]))
    assert roles.chain == (*necks, head)
    assert [roles.eye_left, roles.eye_right, roles.jaw] == face
    assert set(roles.reasons) == {"head", "neck", "eye_left", "eye_right", "jaw"}
    assert all(r.endswith(".") for r in roles.reasons.values())


@pytest.mark.parametrize(
    "leaf", ["head_end", "HeadTop_End", "Bip01 HeadNub", "tête_end", "Head_IK", "head ctrl", "Hat"]
)
def test_a_leaf_or_a_handle_is_never_the_head(leaf: str) -> None:
    roles = find_roles(person(["Neck"], "Head", [(leaf, "Head")]))
    assert roles.head == "Head"
    assert score(words(leaf), "head") == 0


def test_eyelids_and_brows_are_no_eyes() -> None:
    lids = ["LEyeBlinkTop", "REyeBlinkTop", "eyebrow.L", "eyelid_r", "LeftEye_end", "eye_target"]
    roles = find_roles(person(["Neck"], "Head", [(n, "Head") for n in lids]))
    assert roles.eye_left is None
    assert roles.eye_right is None


def test_every_bone_named_in_the_manifest_is_understood() -> None:
    manifest = ROOT.parent / "shared" / "data" / "fbx" / "manifest.json"
    if not manifest.is_file():
        pytest.skip("../shared/data/fbx not present")
    for entry in json.loads(manifest.read_text(encoding="utf-8"))["files"]:
        for part, key in (("head", "head_bone"), ("neck", "neck_bone")):
            if entry.get(key):
                assert score(words(entry[key]), part), entry[key]  # type: ignore[arg-type]
        for eye in entry.get("eye_bones") or []:
            assert score(words(eye), "eye") and side(words(eye)), eye


@given(
    st.sampled_from(["Hero", "Armature|", "rig:", "X_", "Bip07 ", "民_", "a.b:"]),
    st.sampled_from(["", "_01", ".001", "_jnt"]),
)
def test_a_prefix_on_all_bones_changes_nothing(prefix: str, suffix: str) -> None:
    plain = person(["Neck"], "Head", [("LeftEye", "Head"), ("RightEye", "Head")])
    renamed = Bones(
        tuple(f"{prefix}{n}{suffix}" for n in plain.names),
        plain.parents,
        plain.joints,
        plain.hanging,
        plain.top,
    )
    old, new = find_roles(plain), find_roles(renamed)
    assert new.chain == tuple(f"{prefix}{n}{suffix}" for n in old.chain)
    assert new.eye_left == f"{prefix}LeftEye{suffix}"


@given(st.lists(st.text(min_size=1, max_size=12), min_size=9, max_size=9, unique=True))
def test_any_names_give_a_head_or_a_reason(names: list[str]) -> None:
    plain = person(["Neck"], "Head")
    bones = Bones(tuple(names), plain.parents, plain.joints, plain.hanging, plain.top)
    try:
        roles = find_roles(bones)
    except NoHeadError as problem:
        assert str(problem)
    else:
        assert set(roles.chain) <= set(names)


def test_nameless_bones_are_told_by_the_arms_below_them() -> None:
    plain = person(["Neck"], "Head")
    names = tuple(f"Bone.{i:03d}" for i in range(len(plain.names)))
    bones = Bones(names, plain.parents, plain.joints, plain.hanging, plain.top)
    roles = find_roles(bones)
    assert roles.chain == ("Bone.007", "Bone.008")
    assert "mirrored" in roles.reasons["head"]


@pytest.mark.parametrize("count", [1, 2, 4, 16])
def test_a_tube_has_no_head(count: int) -> None:
    tube = [(f"Bone{i}", f"Bone{i - 1}" if i else None, (0.0, 0.0, 0.2 * i)) for i in range(count)]
    with pytest.raises(NoHeadError):
        find_roles(skeleton(tube, heavy=f"Bone{count - 1}"))  # type: ignore[arg-type]


def test_without_a_neck_the_head_turns_alone() -> None:
    roles = find_roles(person([], "Head"))
    assert roles.chain == ("Head",)
    assert roles.neck is None
    assert "arms" in roles.reasons["neck"]


def test_a_bone_above_the_head_that_carries_no_arms_is_the_neck() -> None:
    roles = find_roles(person(["Stalk"], "Head"))
    assert roles.chain == ("Stalk", "Head")


def test_the_bone_that_skins_is_preferred_to_a_control_of_the_same_name() -> None:
    bones = skeleton(
        [
            *TORSO,
            ("Neck", "chest", (0, 0, 1.5)),
            ("DEF-Head", "Neck", (0, 0, 1.6)),
            ("Head", "hips", (0, 0, 1.6)),
        ],
        heavy="DEF-Head",
    )
    bones.hanging[bones.names.index("Head")] = 0
    assert find_roles(bones).head == "DEF-Head"


def test_corrections_win() -> None:
    bones = person(["Neck"], "Head", [("eyeA", "Head"), ("eyeB", "Head")])
    roles = find_roles(bones, Correction(neck="chest", eye_left="eyeA", eye_right="eyeB"))
    assert roles.chain == ("chest", "Neck", "Head")
    assert (roles.eye_left, roles.eye_right) == ("eyeA", "eyeB")
    assert "by hand" in roles.reasons["neck"]


@pytest.mark.parametrize("wrong", [Correction(head="nobody"), Correction(neck="hand.L")])
def test_a_correction_that_does_not_fit_is_refused(wrong: Correction) -> None:
    with pytest.raises(NoHeadError):
        find_roles(person(["Neck"], "Head"), wrong)


def test_shoulders_on_the_neck_are_noticed() -> None:
    bones = person(
        ["Bip01 Neck"],
        "Bip01 Head",
        [("Bip01 L Clavicle", "Bip01 Neck"), ("Bip01 R Clavicle", "Bip01 Neck")],
    )
    assert arms_on_neck(bones, find_roles(bones)) == ("Bip01 L Clavicle", "Bip01 R Clavicle")
    plain = person(["Neck"], "Head", [("LeftEye", "Head")])
    assert arms_on_neck(plain, find_roles(plain)) == ()
