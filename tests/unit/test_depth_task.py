"""Depth of faces: which pixels count, how crops carry depth, figures, and that it is learnt."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.dataset.packed import Packed, encode, write_shard
from app.dataset.sample import SIDE, Sample, held_out
from app.evaluation.face_region import face_region
from app.scene.segments import SEGMENTS
from tests.unit.drawn_faces import drawn_face

torch = pytest.importorskip("torch", reason="the extra 'train' is not installed")

from inference.models.depth import DepthNet, ExportedDepth  # noqa: E402
from inference.training.augment import NONE, only  # noqa: E402
from inference.training.config import ConfigError, TrainingConfig  # noqa: E402
from inference.training.depth_figures import DepthFigures  # noqa: E402
from inference.training.depth_samples import COVERS, DepthData, DepthSamples, cut  # noqa: E402
from inference.training.depth_task import DepthTask, forward, make  # noqa: E402
from inference.training.placing import Place, exact  # noqa: E402

Floats = NDArray[np.float64]
KIND = {name: number for number, name in enumerate(SEGMENTS)}


def bowl(x: Floats, y: Floats) -> Floats:
    """Metres of a smooth surface over the picture."""
    return ((x - 120.0) ** 2 + 0.5 * (y - 130.0) ** 2) * 6e-6 - 0.05


def bowl_face(person: int = 1, seed: int = 3) -> Sample:
    """A drawn face whose surface is the bowl, its points upon it."""
    face = drawn_face(person, seed)
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    depth = np.where(face.segments > 0, bowl(columns, rows), np.inf).astype(np.float32)
    points = face.points.copy()
    metres = bowl(points[:, 0].astype(float), points[:, 1].astype(float))
    points[:, 2] = metres * face.focal / face.distance
    return replace(face, depth=depth, points=points)


FACE = bowl_face()


def shard(folder: Path, people: int = 30) -> Packed:
    samples = [encode(bowl_face(person, person)) for person in range(people)]
    write_shard(folder / "bowls.arrow", samples, {"made": "for a test"})
    return Packed([folder])


def config(**task: object) -> TrainingConfig:
    return TrainingConfig(name="depth", task=task)


@settings(deadline=None, max_examples=40)
@given(
    st.floats(-40.0, 40.0),
    st.floats(-0.3, 0.3),
    st.floats(-20.0, 20.0),
    st.booleans(),
)
def test_depth_stays_with_its_place_in_the_picture_however_the_crop_lies(
    angle: float, scale: float, shift: float, mirrored: bool
) -> None:
    right = exact(FACE.points)
    middle = (right.centre[0] + shift, right.centre[1] - shift)
    place = Place(middle, right.side * math.exp(scale), angle, 0.0, mirrored)
    seen = cut(FACE, place, 96)
    back = np.linalg.inv(np.vstack([place.matrix(96), [0.0, 0.0, 1.0]]))
    rows, columns = np.nonzero(seen.mask)
    assert len(rows) > 1000
    x, y, _ = back @ np.stack([columns, rows, np.ones(len(rows))])
    wrong = np.abs(seen.depth[rows, columns] - bowl(x, y))
    assert np.quantile(wrong, 0.98) < 2e-4
    assert wrong.max() < 2e-3
    assert not seen.depth[~seen.mask].any()


def test_what_is_not_the_face_does_not_count() -> None:
    segments, depth = FACE.segments.copy(), FACE.depth.copy()
    at = tuple(int(v) for v in FACE.points[:520, :2].mean(0))
    parts = {
        "brow": (slice(at[1] - 30, at[1] - 26), "hair", -0.003, True),
        "teeth": (slice(at[1] + 20, at[1] + 24), "other", 0.008, True),
        "fringe": (slice(at[1] - 40, at[1] - 36), "hair", -0.03, False),
        "glasses": (slice(at[1] - 20, at[1] - 16), "other", -0.02, False),
        "hand": (slice(at[1], at[1] + 8), "occluder", -0.06, False),
        "a wall": (slice(at[1] + 30, at[1] + 34), "background", 0.0, False),
        "neck": (slice(at[1] + 40, at[1] + 44), "skin", 0.08, False),
        "cheek": (slice(at[1] + 10, at[1] + 14), "skin", 0.0, True),
    }
    columns = slice(at[0] - 10, at[0] + 10)
    for rows, kind, apart, _ in parts.values():
        segments[rows, columns] = KIND[kind]
        depth[rows, columns] += np.float32(apart)
    heights = FACE.points[:, 2] * FACE.distance / FACE.focal
    found = face_region(segments, depth, FACE.points[:, :2], heights)
    for name, (rows, _, _, counts) in parts.items():
        assert found[rows, columns].mean() == float(counts), name
    assert not found[:5].any()


def test_skin_beyond_the_outline_is_no_face_and_hidden_landmarks_settle_nothing() -> None:
    segments = np.full((SIDE, SIDE), KIND["skin"], np.uint8)
    depth = np.zeros((SIDE, SIDE), np.float32)
    points = np.array([[60, 60], [190, 60], [190, 190], [60, 190], [125, 125]], np.float32)
    heights = np.array([0.0, 0.0, 0.0, 0.0, 0.1], np.float32)
    found = face_region(segments, depth, points, heights)
    assert found[70, 70] and not found[40, 125] and not found[125, 125]
    heights[4] = np.nan
    assert face_region(segments, depth, points, heights)[125, 125]
    assert not face_region(segments, depth, points, np.full(5, np.nan)).any()


def test_what_is_laid_over_the_face_is_no_face_and_other_changes_leave_depth_alone(
    tmp_path: Path,
) -> None:
    data, every = shard(tmp_path, 4), np.arange(4)
    plain = DepthSamples(data, every, DepthData(size=96, augment=NONE), True)
    covered = DepthSamples(data, every, DepthData(size=96, augment=only(*COVERS)), True)
    photo = DepthSamples(data, every, DepthData(size=96, augment=only("tone", "noise")), True)
    for index in range(4):
        own = [s.item(index, np.random.default_rng(index)) for s in (plain, covered, photo)]
        np.testing.assert_array_equal(own[0]["mask"], own[2]["mask"])
        np.testing.assert_array_equal(own[0]["depth"], own[2]["depth"])
        assert (own[0]["pictures"] != own[2]["pictures"]).any()
        assert 0 < own[1]["mask"].sum() < own[0]["mask"].sum()
        assert not (own[1]["mask"] & ~own[0]["mask"]).any()


def test_what_is_laid_over_a_picture_stays_before_another_background(tmp_path: Path) -> None:
    data, every = shard(tmp_path, 4), np.arange(4)
    kinds = ((), ("box",), ("box", "background"))
    sets = [
        DepthSamples(data, every, DepthData(size=96, augment=only(*names)), True) for names in kinds
    ]
    beside = 0
    for index in range(4):
        items = [s.item(index, np.random.default_rng(index)) for s in sets]
        plain, boxed, both = (item["pictures"].astype(int) for item in items)
        laid = (np.abs(boxed - plain).max(2) > 12).astype(np.uint8)
        inner = cv2.erode(laid, np.ones((9, 9), np.uint8), borderValue=0) > 0
        assert np.abs(boxed - both)[inner].max(initial=0) <= 1
        assert np.abs(boxed - both).max() > 1
        beside += int((inner & ~items[0]["mask"][0]).sum())
    assert beside > 0


def test_people_held_out_are_never_trained_on_and_look_the_same_at_every_call(
    tmp_path: Path,
) -> None:
    task = make(config(size=64), shard(tmp_path))
    train, rest = task.data("train"), task.data("holdout")
    assert not set(train.people.tolist()) & set(rest.people.tolist())
    assert len(train) + len(rest) == 30 and len(rest) == held_out(np.arange(30)).sum() > 0
    first, second = (rest.item(0, np.random.default_rng(seed)) for seed in (1, 2))
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_figures_are_those_of_all_pixels_together_and_tell_scale_apart() -> None:
    rng = np.random.default_rng(2)
    truth = rng.uniform(-0.06, 0.04, (2, 20, 20))
    mask = np.zeros((2, 20, 20), bool)
    mask[0, :5], mask[1, 3:] = True, True
    off = truth * np.array([1.1, 0.95])[:, None, None]
    figures = DepthFigures()
    for k in range(2):
        figures.add(off[k], truth[k], mask[k], 0.6, (10.0, -50.0)[k])
    figures.add(truth[0], truth[0], np.zeros((20, 20), bool), 0.6, 0.0)
    figures.add_mask(mask, mask)
    told = figures.told()
    assert told["rmse_mm"] == pytest.approx(
        1e3 * math.sqrt(np.mean(((off - truth) ** 2)[mask])), rel=1e-9
    )
    assert told["rmse_rescaled_mm"] == pytest.approx(0.0, abs=1e-6)
    assert told["rmse_yaw_0_30_mm"] > told["rmse_yaw_30_60_mm"] > 0.0
    assert told["delta_1"] == 1.0 and told["mask_iou"] == 1.0
    assert told["abs_rel"] == pytest.approx(
        np.mean(np.abs(off - truth)[mask] / (truth + 0.6)[mask])
    )
    assert math.isnan(DepthFigures().told()["rmse_mm"])


def batch_of(task: DepthTask, count: int) -> dict[str, torch.Tensor]:
    samples, rng = task.data("train"), np.random.default_rng(5)
    items = [samples.item(k, rng) for k in range(count)]
    return {name: torch.from_numpy(np.stack([i[name] for i in items])) for name in items[0]}


def test_a_network_learns_a_few_faces_to_millimetres(tmp_path: Path) -> None:
    torch.manual_seed(3)
    shares = dict.fromkeys(NONE.__struct_fields__, 0.0)
    task = make(
        config(size=64, width=0.25, channels=[32, 24, 16, 16], augment=shares), shard(tmp_path, 8)
    )
    network, batch = task.network(), batch_of(task, 4)
    descent = torch.optim.AdamW(network.parameters(), 1e-2)
    for _ in range(40):
        terms = task.loss(network, batch)
        descent.zero_grad()
        terms["sum"].backward()
        descent.step()
    with torch.no_grad():
        figures = task.measure(network, [batch])
    assert figures["score"] == figures["rmse_mm"] < 2.0
    assert figures["mask_iou"] > 0.7
    picture = task.show(network, batch)
    assert picture.dtype == np.uint8 and picture.shape == (4 * 64, 4 * 64, 3)


def test_the_exported_network_gives_metres_and_probabilities(tmp_path: Path) -> None:
    task = make(config(size=64, width=0.25), shard(tmp_path, 3))
    network = task.network().eval()
    export = task.exported(network)
    with torch.no_grad():
        depth, mask = export.module(*export.inputs.values())
        said = network(next(iter(export.inputs.values())))
    assert depth.shape == mask.shape == (2, 1, 64, 64)
    assert torch.equal(depth, said.depth)
    assert 0.0 <= float(mask.min()) <= float(mask.max()) <= 1.0
    assert export.kind == "depth" and list(export.outputs) == ["depth", "mask"]


def test_onnx_says_what_torch_says_for_any_number_of_crops(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx", reason="the extra 'train' is not installed")
    torch.manual_seed(1)
    network = ExportedDepth(DepthNet(0.5)).eval()
    file = tmp_path / "depth.onnx"
    torch.onnx.export(
        network,
        (torch.rand(2, 3, 64, 64),),
        str(file),
        input_names=["pictures"],
        output_names=["depth", "mask"],
        dynamic_axes={name: {0: "N"} for name in ("pictures", "depth", "mask")},
        opset_version=17,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    pictures = torch.rand(3, 3, 64, 64)
    with torch.no_grad():
        wanted = [o.numpy() for o in network(pictures)]
    for found, want in zip(session.run(None, {"pictures": pictures.numpy()}), wanted, strict=True):
        assert np.abs(found - want).max() <= 1e-4 * np.abs(want).max()


def test_neighbouring_pixels_start_alike_so_that_no_pattern_is_learnt_away() -> None:
    torch.manual_seed(4)
    with torch.no_grad():
        depth = DepthNet(0.5).eval()(torch.rand(1, 3, 64, 64)).depth[0, 0]
    blocks = depth.reshape(32, 2, 32, 2)
    assert torch.allclose(blocks, blocks[:, :1, :, :1].expand_as(blocks), atol=1e-7)


@pytest.mark.parametrize(
    "task", [{"size": 100}, {"size": 32}, {"channels": [8, 8]}, {"widht": 1.0}, {"width": 9.0}]
)
def test_settings_that_do_not_fit_are_refused_in_one_line(
    task: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as refused:
        make(config(**task), shard(tmp_path, 2))
    assert "\n" not in str(refused.value) and "[task]" in str(refused.value)


def test_pictures_reach_the_network_as_shares_of_white(tmp_path: Path) -> None:
    task = make(config(size=64), shard(tmp_path, 3))
    batch = batch_of(task, 2)
    seen: list[torch.Tensor] = []
    network = task.network().eval()
    network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    forward(network, batch)
    assert seen[0].shape == (2, 3, 64, 64)
    assert 0.0 <= float(seen[0].min()) <= float(seen[0].max()) <= 1.0
    assert float(seen[0].max()) > 0.3


def test_the_terms_of_the_loss_add_up_with_the_weights_that_are_stated(tmp_path: Path) -> None:
    task = make(config(size=64, width=0.25, mask_weight=0.5), shard(tmp_path, 3))
    terms = {k: float(v.detach()) for k, v in task.loss(task.network(), batch_of(task, 2)).items()}
    weights = {"l1": 0.28, "ssim": 0.22, "slope": 0.30, "normal": 0.20, "mask": 0.5}
    assert set(terms) == {*weights, "sum"}
    assert terms["sum"] == pytest.approx(sum(w * terms[k] for k, w in weights.items()), rel=1e-5)
