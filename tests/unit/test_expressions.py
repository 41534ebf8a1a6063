"""Expressions on heads that name their shapes in different ways."""

from __future__ import annotations

import pytest

from app.scene.expressions import ACTIONS, EXPRESSIONS, expression_shapes


def test_there_are_five_built_from_the_52_actions() -> None:
    assert list(EXPRESSIONS) == ["neutral", "happy", "sad", "angry", "scared"]
    assert len(set(ACTIONS)) == len(ACTIONS) == 52
    for weights in EXPRESSIONS.values():
        assert set(weights) <= set(ACTIONS)
        assert all(0.0 < w <= 1.0 for w in weights.values())


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_faces_are_symmetric(name: str) -> None:
    weights = EXPRESSIONS[name]
    for action, weight in weights.items():
        mirrored = action.replace("Left", "*").replace("Right", "Left").replace("*", "Right")
        assert weights[mirrored] == weight


def test_the_names_of_arkit_are_taken_as_they_are() -> None:
    assert expression_shapes("sad", ACTIONS) == EXPRESSIONS["sad"]


@pytest.mark.parametrize(
    "spelling",
    [
        "mouthSmile_L",
        "mouthSmileLeft",
        "Mouth_Smile_L",
        "mouth_smile_left",
        "AK_44_MouthSmileLeft",
        "head_geo.mouthSmileLeft",
        "MouthSmileL",
    ],
)
def test_other_spellings_mean_the_same(spelling: str) -> None:
    happy = EXPRESSIONS["happy"]["mouthSmileLeft"]
    assert expression_shapes("happy", [spelling, "mouthLeft"]) == {spelling: happy}


def test_a_shape_for_both_sides_takes_their_mean() -> None:
    assert expression_shapes("happy", ["mouthSmile"]) == {
        "mouthSmile": EXPRESSIONS["happy"]["mouthSmileLeft"]
    }


def test_one_side_of_a_middle_action_is_found() -> None:
    shapes = expression_shapes("sad", ["Brow_Raise_Inner_L", "Brow_Raise_Inner_R"])
    assert set(shapes.values()) == {EXPRESSIONS["sad"]["browInnerUp"]}
    assert len(shapes) == 2


def test_heads_without_such_shapes_and_neutral_faces_stay_still() -> None:
    assert expression_shapes("angry", ["Belly", "viseme_aa", ""]) == {}
    assert expression_shapes("neutral", ACTIONS) == {}


def test_an_unknown_expression_is_an_error() -> None:
    with pytest.raises(KeyError):
        expression_shapes("bored", ACTIONS)
