"""Detectors, depth and head pose over networks that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.card import Card
from inference.crop import CROP_SCALE
from inference.depth import DepthPredictor
from inference.detector import OVERLAP, CascadeDetector, OnnxDetector, apart
from inference.head_pose import HeadPosePredictor
from inference.results import Box
from inference.sessions import ModelError, open_session
from tests.unit.onnx_files import Constant


def detector(path: Path, boxes: list[list[float]], scores: list[float]) -> OnnxDetector:
    outputs = {"boxes": np.array(boxes), "scores": np.array(scores)}
    return OnnxDetector(open_session(Constant(outputs).write(path, None), trusted=True))


def test_boxes_come_back_in_pixels_of_the_picture(tmp_path: Path) -> None:
    found = detector(tmp_path / "d.onnx", [[99.5, 49.5, 60, 80]], [0.8])
    small = found.detect(np.zeros((480, 640, 3), np.uint8))[0]
    assert small.box.as_tuple() == pytest.approx((99.5, 49.5, 60, 80), abs=1e-4)
    large = found.detect(np.zeros((960, 1280, 3), np.uint8))[0]
    assert large.box.as_tuple() == pytest.approx((199.5, 99.5, 120, 160), abs=1e-4)
    assert large.score == pytest.approx(0.8)


@pytest.mark.parametrize("shape", [(1, 1), (33, 7), (37, 641), (2000, 20)])
def test_pictures_of_any_size_are_looked_at(tmp_path: Path, shape: tuple[int, int]) -> None:
    found = detector(tmp_path / "d.onnx", [[1, 1, 4, 4]], [0.8])
    assert len(found.detect(np.zeros((*shape, 3), np.uint8))) == 1


def test_what_is_not_sure_enough_is_left_out(tmp_path: Path) -> None:
    boxes = [[0, 0, 10, 10], [100, 0, 10, 10], [200, 0, 10, 10]]
    found = detector(tmp_path / "d.onnx", boxes, [0.3, 0.9, 0.6])
    picture = np.zeros((320, 320, 3), np.uint8)
    assert [d.score for d in found.detect(picture)] == pytest.approx([0.9, 0.6])
    assert len(found.detect(picture, 0.1)) == 3
    assert len(found.detect(picture, 0.95)) == 0


def union_share(a: Box, b: Box) -> float:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)


sides = st.tuples(*[st.floats(0, 50)] * 2, *[st.floats(1, 50)] * 2)


@given(st.lists(st.tuples(sides, st.floats(0, 1)), max_size=12))
def test_boxes_over_each_other_are_one_face(found: list[tuple[tuple[float, ...], float]]) -> None:
    boxes = np.array([box for box, _ in found]).reshape(-1, 4)
    scores = np.array([score for _, score in found])
    kept = apart(boxes, scores)
    assert list(kept) == sorted(kept, key=lambda d: -d.score)
    for k, one in enumerate(kept):
        for other in kept[k + 1 :]:
            assert union_share(one.box, other.box) <= OVERLAP + 1e-9
    for box, score in found:
        assert any(
            d.score >= score and union_share(d.box, Box(*box)) > OVERLAP
            for d in kept
            if d.box != Box(*box)
        ) or any(d.box == Box(*box) for d in kept)


def test_cascades_find_nothing_where_nothing_is() -> None:
    assert CascadeDetector().detect(np.full((240, 320, 3), 128, np.uint8)) == ()


@pytest.mark.parametrize("outputs", [{"boxes": np.zeros((3, 4))}, {"angles": np.zeros(3)}])
def test_other_networks_are_no_detectors(tmp_path: Path, outputs: dict[str, np.ndarray]) -> None:
    path = Constant(outputs).write(tmp_path / "x.onnx", None)
    with pytest.raises(ModelError, match="no detector"):
        OnnxDetector(open_session(path, trusted=True))


def test_boxes_without_their_scores_are_refused(tmp_path: Path) -> None:
    path = Constant({"boxes": np.zeros((3, 4)), "scores": np.zeros(2)}).write(
        tmp_path / "x.onnx", None
    )
    with pytest.raises(ModelError, match="boxes has the shape"):
        OnnxDetector(open_session(path, trusted=True))


def test_depth_lies_where_its_crop_says(tmp_path: Path) -> None:
    depth = np.linspace(-0.1, 0.1, 32 * 32).reshape(1, 32, 32)
    path = Constant({"depth": depth, "mask": np.ones((1, 32, 32))}).write(tmp_path / "d.onnx", 64)
    network = DepthPredictor(open_session(path, trusted=True), Card(name="d", kind="depth"))
    found = network.predict(np.zeros((100, 100, 3), np.uint8), Box(30, 20, 40, 50))
    assert found.depth == pytest.approx(depth[0], abs=1e-6)
    assert found.mask.shape == (32, 32)
    assert (found.crop.size, found.crop.centre) == (32, (50.0, 45.0))
    assert found.crop.side == pytest.approx(50 * CROP_SCALE)


def test_depth_without_a_mask_is_refused(tmp_path: Path) -> None:
    path = Constant({"depth": np.zeros((1, 32, 32))}).write(tmp_path / "d.onnx", 64)
    with pytest.raises(ModelError, match="no depth with a mask"):
        DepthPredictor(open_session(path, trusted=True), Card(name="d", kind="depth"))


def test_head_poses_are_angles_in_the_order_of_boxes(tmp_path: Path) -> None:
    path = Constant({"angles": np.array([10.0, -5.0, 2.0])}).write(tmp_path / "p.onnx", 64)
    network = HeadPosePredictor(open_session(path, trusted=True), Card(name="p", kind="head-pose"))
    picture = np.zeros((100, 100, 3), np.uint8)
    poses = network.predict(picture, [Box(0, 0, 40, 40), Box(20, 20, 50, 60)])
    assert [(p.yaw, p.pitch, p.roll) for p in poses] == [(10.0, -5.0, 2.0)] * 2
    assert network.predict(picture, []) == ()
