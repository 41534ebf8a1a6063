"""Figures of a model on faces whose errors are known."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evaluation.annotated import Annotated, DepthTruth, Predicted, ReadingError, box_of
from app.evaluation.evaluation import Evaluation, Gathered, worst
from app.evaluation.metrics import depth_error
from app.evaluation.other_figures import picture_depth, pooled
from app.evaluation.report import (
    Setting,
    as_json,
    as_text,
    card_figures,
    card_groups,
)
from app.geometry.rotations import Angles

SETTING = Setting("net", "set", "pts", "tight", "1 look", problems=("x.pts holds no points",))


def face(seed: int = 0, **changes: Any) -> Annotated:
    """A face whose outer eye corners lie 100 pixels apart on a level line."""
    points = np.random.default_rng(seed).uniform(0.0, 150.0, (68, 2))
    points[36], points[45] = (20.0, 60.0), (120.0, 60.0)
    plain = Annotated(f"f{seed}.jpg", lambda: np.zeros((8, 8, 3), np.uint8), points, box_of(points))
    return replace(plain, **changes)


def told(truth: Annotated, right: float = 0.0, down: float = 0.0, **more: Any) -> Predicted:
    assert truth.points is not None
    return Predicted(truth.points + [right, down], **more)


def evaluated(*pairs: tuple[Annotated, Predicted | None]) -> Evaluation:
    gathered = Gathered()
    for truth, predicted in pairs:
        gathered.add(truth, predicted)
    return gathered.evaluation()


def test_a_shift_of_five_pixels_is_five_per_cent_of_a_hundred() -> None:
    faces = [face(k) for k in range(4)]
    found = evaluated(*((f, told(f, 3.0, 4.0)) for f in faces))
    assert found.landmarks is not None
    for subset in ("all 68", "without the jaw"):
        error = found.landmarks.normalised["inter-ocular"][subset]
        assert error.mean == pytest.approx(0.05)
        assert error.interval == pytest.approx((0.05, 0.05))
        assert error.area == pytest.approx(1.0 - 5.0 / 7.0)
        assert error.failures == 0.0
    assert all(v == pytest.approx(0.05) for v in found.landmarks.parts.values())
    assert all(p.right == pytest.approx(0.03) for p in found.landmarks.points)
    assert all(p.down == pytest.approx(0.04) for p in found.landmarks.points)
    assert found.landmarks.pixels.mean == pytest.approx(5.0)
    assert found.landmarks.pixels.success == 1.0


def test_without_the_jaw_the_jaw_does_not_count() -> None:
    truth = face()
    assert truth.points is not None
    points = truth.points.copy()
    points[:17] += 50.0
    found = evaluated((truth, Predicted(points)))
    assert found.landmarks is not None
    ocular = found.landmarks.normalised["inter-ocular"]
    assert ocular["without the jaw"].mean == 0.0
    assert ocular["all 68"].mean == pytest.approx(17 / 68 * math.hypot(0.5, 0.5))
    assert found.landmarks.parts["jaw"] > 0.5
    assert found.landmarks.parts["left eye"] == 0.0


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 359.0))
def test_offsets_are_told_in_the_frame_of_the_face(degrees: float) -> None:
    truth = face()
    assert truth.points is not None
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[c, -s], [s, c]])
    points = truth.points @ turn.T
    turned = replace(truth, points=points, box=box_of(points))
    found = evaluated((turned, Predicted(points + turn @ [3.0, 4.0])))
    assert found.landmarks is not None
    assert found.landmarks.points[10].right == pytest.approx(0.03)
    assert found.landmarks.points[10].down == pytest.approx(0.04)


def test_missed_faces_are_failures_and_no_part_of_the_mean() -> None:
    found = evaluated((face(0), told(face(0), 5.0)), (face(1), None))
    assert found.missed == 1
    assert found.landmarks is not None
    error = found.landmarks.normalised["inter-ocular"]["all 68"]
    assert error.mean == pytest.approx(0.05)
    assert error.failures == 0.5
    assert error.area == pytest.approx((1.0 - 5.0 / 7.0) / 2.0)
    assert error.curve[-1] == 0.5
    assert worst(found.faces, 1)[0].missed


def test_yaw_is_the_true_one_or_else_the_predicted_one_and_it_is_said_which() -> None:
    known = face(0, angles=Angles(-70.0, 0.0, 0.0))
    found = evaluated((known, told(known, 5.0, angles=Angles(10.0, 0.0, 0.0))))
    assert found.landmarks is not None
    assert found.landmarks.yaw_from == "truth"
    assert found.landmarks.normalised["box"]["all 68"].faces_by_yaw["60-90"] == 1
    found = evaluated((face(1), told(face(1), 5.0, angles=Angles(40.0, 0.0, 0.0))))
    assert found.landmarks is not None
    assert found.landmarks.yaw_from == "prediction"
    assert found.landmarks.normalised["box"]["all 68"].faces_by_yaw["30-60"] == 1
    assert "as the data tell none" in as_text(found, SETTING)
    found = evaluated((face(1), told(face(1), 5.0)))
    assert found.landmarks is not None
    assert found.landmarks.yaw_from == "unknown"
    assert sum(found.landmarks.normalised["box"]["all 68"].faces_by_yaw.values()) == 0


def test_the_jaw_that_is_compared_has_the_meaning_of_the_data() -> None:
    truth = face(0)
    assert truth.points is not None
    predicted = Predicted(outline=truth.points, fixed=truth.points + [10.0, 0.0])
    for outlined, error in ((True, 0.0), (False, 0.1)):
        found = evaluated((replace(truth, outlined=outlined), predicted))
        assert found.faces[0].error == pytest.approx(error)


def test_a_profile_without_an_inter_ocular_distance_is_left_out_of_it() -> None:
    truth = face(0)
    assert truth.points is not None
    points = truth.points.copy()
    points[45] = points[36]
    flat = replace(truth, points=points)
    found = evaluated((flat, Predicted(points + 1.0)), (face(1), told(face(1), 5.0)))
    assert found.landmarks is not None
    ocular = found.landmarks.normalised["inter-ocular"]["all 68"]
    assert ocular.left_out == 1
    assert ocular.mean == pytest.approx(0.05)
    assert found.faces[0].error is None
    assert found.faces[0].error_by_box is not None


def test_pose_errors_are_means_of_absolute_differences() -> None:
    truths = [Angles(0.0, 0.0, 0.0), Angles(50.0, 10.0, -5.0)]
    predicted = [Angles(3.0, -2.0, 1.0), Angles(47.0, 14.0, -4.0)]
    found = evaluated(
        *(
            (face(k, angles=t), told(face(k), angles=p))
            for k, (t, p) in enumerate(zip(truths, predicted, strict=True))
        )
    )
    assert found.pose is not None
    assert (found.pose.yaw, found.pose.pitch, found.pose.roll) == pytest.approx((3.0, 3.0, 1.0))
    assert found.pose.mean == pytest.approx(7.0 / 3.0)
    assert found.pose.by_yaw["0-30"] == pytest.approx(2.0)
    assert found.pose.by_yaw["30-60"] == pytest.approx(8.0 / 3.0)
    assert found.faces[0].pose == pytest.approx(2.0)


def depth_of(relative: np.ndarray, face_: np.ndarray) -> DepthTruth:
    return DepthTruth(relative.astype(np.float32), face_, np.isfinite(relative), 0.5)


@given(st.integers(0, 2**32 - 1))
def test_pooled_depth_errors_are_those_of_all_pixels_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = [(rng.uniform(0.3, 0.6, n), rng.uniform(0.3, 0.6, n)) for n in (3, 50, 7)]
    own = [depth_error(p, t, np.ones(len(t), bool)) for p, t in pairs]
    p, t = (np.concatenate(c) for c in zip(*pairs, strict=True))
    whole, joined = depth_error(p, t, np.ones(len(t), bool)), pooled(own)
    for name in ("abs_rel", "sq_rel", "rmse", "rmse_log", "within"):
        assert getattr(joined, name) == pytest.approx(getattr(whole, name))
    assert joined.pixels == whole.pixels


def test_depth_is_measured_where_truth_and_model_say_something() -> None:
    relative = np.full((4, 4), np.inf)
    relative[1:3, 1:3] = -0.05
    area = np.zeros((4, 4), bool)
    area[1:3, 1:3] = True
    predicted = np.full((4, 4), np.nan, np.float32)
    predicted[1, 1:3] = -0.05 + 0.003
    found = picture_depth(predicted, depth_of(relative, area))
    assert found.face is not None
    assert found.face.rmse == pytest.approx(0.003, rel=1e-4)
    assert found.face.pixels == 2
    truth = face(0, depth=lambda: depth_of(relative, area))
    whole = evaluated((truth, Predicted(depth=predicted)))
    assert whole.depth is not None
    assert whole.depth.covered == pytest.approx(0.5)
    assert whole.depth.face.rmse == pytest.approx(0.003, rel=1e-4)
    assert "3.00 mm" in as_text(whole, SETTING)


def test_stated_deviations_that_are_true_are_calibrated_and_told_by_visibility() -> None:
    rng = np.random.default_rng(0)
    gathered = Gathered()
    for k in range(40):
        sigma = rng.uniform(0.5, 4.0, 520)
        dense = rng.uniform(0.0, 200.0, (520, 2))
        seen = rng.random(520) < 0.7
        truth = face(k, dense=dense, dense_visible=seen)
        guess = dense + rng.normal(size=(520, 2)) * np.where(seen, sigma, 2.0 * sigma)[:, None]
        gathered.add(truth, told(truth, dense=guess, sigma=sigma))
    found = gathered.evaluation()
    assert found.sigma is not None
    assert found.sigma.visible is not None and found.sigma.hidden is not None
    assert found.sigma.visible.ratio == pytest.approx(1.0, abs=0.03)
    assert found.sigma.visible.within[1.0] == pytest.approx(1.0 - math.exp(-0.5), abs=0.02)
    assert found.sigma.hidden.ratio == pytest.approx(2.0, abs=0.06)
    assert found.sigma.correlation > 0.3
    assert found.dense is not None
    assert found.dense.hidden > found.dense.visible


def test_groups_have_figures_of_their_own() -> None:
    faces = [face(k, groups={"gender": ("female", "male")[k % 2]}) for k in range(4)]
    found = evaluated(*((f, told(f, 5.0 * (1 + k % 2))) for k, f in enumerate(faces)))
    groups = found.groups["gender"]
    assert groups["female"].error == pytest.approx(0.05)
    assert groups["male"].error == pytest.approx(0.10)
    assert card_groups(found)["gender"]["male"]["NME inter-ocular, all 68, %"] == 10.0


def test_a_report_is_json_without_nan_and_text_that_lists_the_worst_first() -> None:
    faces = [face(k) for k in range(5)]
    found = evaluated(*((f, told(f, float(k))) for k, f in enumerate(faces)))
    content = json.loads(json.dumps(as_json(found, SETTING), allow_nan=False))
    assert content["schema"] == "headroom-evaluation"
    assert content["landmarks"]["normalised"]["inter-ocular"]["all 68"]["mean"] == pytest.approx(
        0.02
    )
    assert [f["source"] for f in content["faces"]] == [f"f{k}.jpg" for k in range(5)]
    text = as_text(found, SETTING, listed=2)
    assert text.index("f4.jpg") < text.index("f3.jpg")
    assert "f2.jpg" not in text
    assert "x.pts holds no points" in text
    assert card_figures(found)["NME inter-ocular, without the jaw, %"] == pytest.approx(2.0)


def test_a_depth_that_cannot_be_read_leaves_nothing_half_counted() -> None:
    def damaged() -> DepthTruth:
        raise ReadingError("the depth is cut short")

    gathered = Gathered()
    truth = face(0, depth=damaged)
    with pytest.raises(ReadingError):
        gathered.add(truth, told(truth, depth=np.zeros((8, 8), np.float32)))
    assert not len(gathered)
    assert gathered.evaluation().landmarks is None
