"""Faces come out where they are in the picture, however often they are looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.dataset.sample import rotation_in_camera
from app.geometry.rotations import Angles, matrix_from_pose_para
from inference.card import Card
from inference.crop import Crop
from inference.face import Effort, FacePredictor, lean, mirror_pairs
from inference.results import Box, head_angles
from inference.sessions import ModelError, open_session
from inference.transfer import Transfer
from tests.unit.onnx_files import Constant, helper, seeing_face, write

SIZE = 64


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    return rotation_in_camera(matrix_from_pose_para(Angles(yaw, pitch, roll)))


def predictor(path: Path, turned: np.ndarray | None = None) -> FacePredictor:
    seeing_face(path, SIZE, np.eye(3) if turned is None else turned)
    return FacePredictor(open_session(path, trusted=True), Card(name="seeing", kind="face"))


def two_spots(left: tuple[float, float], right: tuple[float, float]) -> np.ndarray:
    picture = np.zeros((240, 320, 3), np.uint8)
    columns, rows = np.meshgrid(np.arange(320), np.arange(240))
    for x, y in (left, right):
        light = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 4.0**2))
        picture = np.maximum(picture, np.rint(255 * light)[:, :, None].astype(np.uint8))
    return picture


@pytest.mark.parametrize("effort", [Effort(1), Effort(1, mirror=True)])
def test_points_lie_on_what_was_seen(tmp_path: Path, effort: Effort) -> None:
    left, right = (120.0, 100.0), (170.0, 112.0)
    faces = predictor(tmp_path / "f.onnx").predict(
        two_spots(left, right), [Box(105, 60, 90, 80)], effort=effort
    )
    assert len(faces) == 1
    face, pairs = faces[0], mirror_pairs(68)
    index = np.arange(68)
    assert face.landmarks_68[index < pairs, :2] == pytest.approx(
        np.broadcast_to(left, (29, 2)), abs=0.2
    )
    assert face.landmarks_68[index > pairs, :2] == pytest.approx(
        np.broadcast_to(right, (29, 2)), abs=0.2
    )
    assert face.landmarks_520 is not None and face.sigma_520 is not None
    assert face.landmarks_520.shape == (520, 3) and face.sigma_520.shape == (520,)
    assert face.landmarks_68[:, 2] == pytest.approx(np.full(68, 0.1 * 1.4 * 90), abs=1e-3)
    assert face.sigma_520 == pytest.approx(np.full(520, 0.01 * 1.4 * 90), abs=1e-4)
    assert face.score == pytest.approx(0.9)


def test_a_second_pass_looks_where_the_first_found_points_and_the_mean_counts(
    tmp_path: Path,
) -> None:
    picture = two_spots((120.0, 100.0), (170.0, 112.0))
    network = predictor(tmp_path / "f.onnx")
    once = network.predict(picture, [Box(60, 60, 140, 110)])[0]
    again = network.predict(picture, [Box(60, 60, 140, 110)], effort=Effort(2))[0]
    depth = 0.1 * 1.4 * (140.0 + 50.0) / 2.0
    assert np.unique(again.landmarks_68[:, 2]) == pytest.approx(depth, rel=0.05)
    assert np.unique(once.landmarks_68[:, 2]) == pytest.approx(0.1 * 1.4 * 140.0, rel=0.05)
    assert again.box == once.box == Box(60, 60, 140, 110)


def test_angles_of_a_mirrored_look_are_mirrored(tmp_path: Path) -> None:
    network = predictor(tmp_path / "f.onnx", rotation(20, 10, 5))
    picture = two_spots((120.0, 100.0), (170.0, 100.0))
    plain, both = (
        network.predict(picture, [Box(105, 60, 90, 80)], effort=Effort(1, m))[0].head_pose
        for m in (False, True)
    )
    assert plain is not None and both is not None
    assert (plain.yaw, plain.pitch, plain.roll) == pytest.approx((20, 10, 5), abs=1e-3)
    assert (both.yaw, both.roll) == pytest.approx((0, 0), abs=1e-3)
    assert both.pitch == pytest.approx(10, abs=1.0)


def test_the_second_look_is_upright_and_its_turn_is_added(tmp_path: Path) -> None:
    network = predictor(tmp_path / "f.onnx", rotation(0, 0, 30))
    picture = two_spots((120.0, 100.0), (170.0, 100.0))
    box = Box(105, 60, 90, 80)
    look = network.look(picture, [Crop.around(box.as_tuple(), SIZE)])[0]
    assert network.closer(look).angle == pytest.approx(30, abs=1e-3)
    (again,) = network.look(picture, [network.closer(look)])
    assert head_angles(again.rotation).roll == pytest.approx(60, abs=1e-3)
    both = network.predict(picture, [box], effort=Effort(2))[0].head_pose
    assert both is not None and both.roll == pytest.approx(45, abs=1e-3)


@pytest.mark.parametrize("pitch", [-100.0, -80.0, 80.0, 100.0])
def test_a_head_that_looks_far_up_or_down_is_not_put_on_its_head(
    tmp_path: Path, pitch: float
) -> None:
    network = predictor(tmp_path / "f.onnx", rotation(0, pitch, 0))
    look = network.look(two_spots((120, 100), (170, 100)), [Crop((145.0, 100.0), 126.0, SIZE)])[0]
    assert network.closer(look).angle == 0.0


@pytest.mark.parametrize("angle", [-50.0, 0.0, 35.0])
def test_the_closer_crop_holds_the_points_as_the_first_does(tmp_path: Path, angle: float) -> None:
    network = predictor(tmp_path / "f.onnx", rotation(0, 0, angle))
    cloud = np.random.default_rng(3).uniform(-30, 30, (588, 3)).astype(np.float32)
    turned = Crop((150.0, 120.0), 1.0, SIZE, angle).to_picture(cloud)
    picture = np.zeros((240, 320, 3), np.uint8)
    look = network.look(picture, [Crop((150.0, 120.0), 80.0, SIZE)])[0]
    crop = network.closer(
        type(look)(turned, turned[520:], None, rotation(0, 0, angle).astype(np.float32), None)
    )
    units = crop.to_unit(turned[520:])[:, :2]
    least, most = units.min(axis=0), units.max(axis=0)
    assert (least + most) / 2 == pytest.approx([0, 0], abs=1e-5)
    assert max(most - least) == pytest.approx(1 / 1.4, rel=1e-5)


@pytest.mark.parametrize("roll", [-120.0, -30.0, 0.0, 45.0, 90.0])
@pytest.mark.parametrize("yaw", [-60.0, 0.0, 40.0])
def test_a_head_leans_as_far_as_it_rolls(yaw: float, roll: float) -> None:
    upright = rotation(yaw, 0, 0)
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    leaning = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ upright
    assert lean(leaning) == pytest.approx(roll, abs=1e-6)


def test_many_faces_keep_their_order(tmp_path: Path) -> None:
    network = predictor(tmp_path / "f.onnx")
    picture = np.random.default_rng(1).integers(0, 255, (300, 400, 3)).astype(np.uint8)
    boxes = [Box(5.0 * k, 4.0 * k, 60 + k, 70) for k in range(20)]
    all_at_once = network.predict(picture, boxes, [k / 20 for k in range(20)], Effort(2, True))
    assert [f.box for f in all_at_once] == boxes
    assert [f.score for f in all_at_once] == [k / 20 for k in range(20)]
    alone = network.predict(picture, boxes[17:18], effort=Effort(2, True))[0]
    assert all_at_once[17].landmarks_68 == pytest.approx(alone.landmarks_68, abs=1e-2)


def test_label_transfer_gives_the_68(tmp_path: Path) -> None:
    shift = write(
        tmp_path / "t.onnx",
        {"landmarks": ["N", 588, 3]},
        {"landmarks_68": ["N", 68, 3]},
        [
            helper.make_node("Slice", ["landmarks", "from", "to", "axis"], ["last"]),
            helper.make_node("Add", ["last", "shift"], ["landmarks_68"]),
        ],
        {
            "from": np.array([520], np.int64),
            "to": np.array([588], np.int64),
            "axis": np.array([1], np.int64),
            "shift": np.array([0.0, 0.05, 0.0], np.float32),
        },
    )
    path = seeing_face(tmp_path / "f.onnx", SIZE, np.eye(3))
    picture, box = two_spots((120.0, 100.0), (170.0, 112.0)), Box(105, 60, 90, 80)
    card = Card(name="seeing", kind="face")
    session = open_session(path, trusted=True)
    before = FacePredictor(session, card).predict(picture, [box])[0]
    transfer = Transfer(open_session(shift, trusted=True))
    for effort in (Effort(1), Effort(1, mirror=True)):
        after = FacePredictor(session, card, transfer).predict(picture, [box], effort=effort)[0]
        moved = after.landmarks_68[:, :2] - before.landmarks_68[:, :2]
        assert moved == pytest.approx(np.tile([0, 0.05 * 1.4 * 90], (68, 1)), abs=0.2)


@pytest.mark.parametrize("count", [68, 520])
def test_networks_of_landmarks_alone_give_what_they_have(tmp_path: Path, count: int) -> None:
    values = np.random.default_rng(0).uniform(-0.4, 0.4, (count, 3))
    path = Constant({"landmarks": values}).write(tmp_path / "l.onnx", 96)
    network = FacePredictor(
        open_session(path, trusted=True), Card(name="l", kind="landmarks", crop_scale=2.0)
    )
    face = network.predict(np.zeros((90, 90, 3), np.uint8), [Box(10, 20, 40, 40)])[0]
    assert face.landmarks_68[:, :2] == pytest.approx(values[:68, :2] * 80 + [30, 40], abs=1e-3)
    assert (face.landmarks_520 is None) == (count == 68)
    assert face.head_pose is None and face.sigma_520 is None and face.score == 1.0


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"landmarks": np.zeros((67, 3))}, "no landmarks"),
        ({"landmarks": np.zeros((588, 2))}, "landmarks has the shape"),
        ({"landmarks": np.zeros((588, 3)), "sigma": np.zeros(520)}, "sigma has the shape"),
        ({"depth": np.zeros((1, 8, 8))}, "no landmarks"),
    ],
)
def test_other_networks_are_refused(
    tmp_path: Path, outputs: dict[str, np.ndarray], said: str
) -> None:
    path = Constant(outputs).write(tmp_path / "x.onnx", 64)
    with pytest.raises(ModelError, match=said):
        FacePredictor(open_session(path, trusted=True), Card(name="x", kind="face"))


def test_the_picture_is_seen_as_rgb_from_0_to_1(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.onnx",
        {"pictures": ["N", 3, 64, 64]},
        {"landmarks": ["N", 68, 3]},
        [
            helper.make_node("ReduceMean", ["pictures"], ["mean"], axes=[2, 3], keepdims=0),
            helper.make_node("Reshape", ["mean", "as row"], ["row"]),
            helper.make_node("Expand", ["row", "as points"], ["landmarks"]),
        ],
        {"as row": np.array([-1, 1, 3], np.int64), "as points": np.array([1, 68, 3], np.int64)},
    )
    network = FacePredictor(open_session(path, trusted=True), Card(name="m", kind="landmarks"))
    picture = np.full((200, 200, 3), (255, 102, 51), np.uint8)
    crop = Crop((100.0, 100.0), 100.0, 64)
    units = crop.to_unit(network.look(picture, [crop])[0].points)
    assert units[0] == pytest.approx([1.0, 0.4, 0.2], abs=1e-4)


def test_no_face_is_no_error(tmp_path: Path) -> None:
    assert predictor(tmp_path / "f.onnx").predict(np.zeros((9, 9, 3), np.uint8), []) == ()
