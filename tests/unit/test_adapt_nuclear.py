"""The nuclear-norm discrepancy: what it measures, which way it pulls, and the task around it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra train is not installed")

from app.dataset.packed import Packed  # noqa: E402
from inference.models.face import FaceNet  # noqa: E402
from inference.models.nuclear import (  # noqa: E402
    FaceWithClasses,
    classes_of,
    directions,
    discrepancy,
)
from inference.training.config import ConfigError, TrainingConfig  # noqa: E402
from inference.training.nuclear_task import NuclearTask, make  # noqa: E402
from inference.training.task import Batch  # noqa: E402
from tests.unit.drawn_faces import drawn_shard  # noqa: E402

SMALL = {"size": 64, "width": 0.25, "code": 32}


def test_batches_that_are_sure_and_diverse_have_more_than_those_that_are_not() -> None:
    sure = torch.eye(8)
    unsure = torch.full((8, 8), 1.0 / 8.0)
    alike = torch.eye(8)[:1].repeat(8, 1)
    assert float(discrepancy(sure, unsure)) == pytest.approx(1.0 - 1.0 / 8.0)
    assert float(discrepancy(sure, alike)) > 0.5
    assert float(discrepancy(sure, sure)) == pytest.approx(0.0)


def test_batches_of_different_lengths_are_weighed_by_their_lengths() -> None:
    one = torch.eye(4)
    assert float(discrepancy(one, one.repeat(4, 1))) == pytest.approx(0.5, abs=1e-5)


def test_each_direction_is_its_own_class_however_the_head_leans() -> None:
    found = []
    for lean in (0.0, 0.7):
        c, s = np.cos(lean), np.sin(lean)
        turn = torch.tensor([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]).float()
        rotations = []
        for view in directions():
            x = torch.linalg.cross(torch.tensor([0.0, 1.0, 0.0]), view)
            x = x / x.norm()
            rotations.append(turn @ torch.stack([x, torch.linalg.cross(view, x), view]))
        found.append(classes_of(torch.stack(rotations)))
    assert found[0].tolist() == list(range(len(directions())))
    assert found[0].tolist() == found[1].tolist()


def test_the_classifier_tells_both_apart_and_the_features_become_alike() -> None:
    torch.manual_seed(0)
    network = FaceWithClasses(FaceNet(588, 0.25, 16, 64))
    source = torch.randn(12, 16, requires_grad=True)
    target = torch.randn(12, 16, requires_grad=True)

    def apart() -> torch.Tensor:
        return -network.apart(source, target, 1.0)

    before = apart()
    (-before).backward()
    with torch.no_grad():
        network.classes.weight -= 0.05 * network.classes.weight.grad
        told = float(apart())
        network.classes.weight += 0.05 * network.classes.weight.grad
        source -= 0.05 * source.grad
        target -= 0.05 * target.grad
        alike = float(apart())
    assert told > float(before.detach()) > alike


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return drawn_shard(tmp_path_factory.mktemp("shard"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, data: Packed) -> Path:
    """Pictures without labels, with their boxes."""
    folder = tmp_path_factory.mktemp("pictures")
    boxes = []
    for k in range(9):
        points = data.sample(k).points[-68:, :2]
        x, y = points.min(0)
        w, h = np.ptp(points, axis=0)
        boxes.append(f'"{k}.png": [{x:.1f}, {y:.1f}, {w:.1f}, {h:.1f}]')
        cv2.imwrite(str(folder / f"{k}.png"), data.sample(k).picture[:, :, ::-1] // 2)
    (folder / "boxes.json").write_text("{" + ", ".join(boxes) + "}", encoding="utf-8")
    return folder


def task_of(data: Packed, folder: Path, **more: object) -> NuclearTask:
    torch.manual_seed(0)
    settings = {**SMALL, "unlabelled": str(folder), "boxes": str(folder / "boxes.json"), **more}
    return make(TrainingConfig(task=settings), data)


def batch_of(task: NuclearTask, part: str) -> Batch:
    samples = task.data(part)  # type: ignore[arg-type]
    items = [samples.item(i, np.random.default_rng(i)) for i in range(min(8, len(samples)))]
    return {k: torch.from_numpy(np.stack([i[k] for i in items])) for k in items[0]}


def test_it_learns_labels_and_pulls_on_the_backbone(data: Packed, folder: Path) -> None:
    task = task_of(data, folder, adversary=1.0)
    network = task.network()
    batch = batch_of(task, "train")
    gradients = []
    for fraction in (0.0, 1.0):
        task.pace(fraction)
        network.zero_grad()
        torch.manual_seed(1)
        terms = task.loss(network.train(), batch)
        assert all(torch.isfinite(v) for v in terms.values())
        terms["sum"].backward()
        gradients.append(network.face.backbone.stem[0].weight.grad.clone())
    assert not torch.allclose(gradients[0], gradients[1], rtol=1e-3)


def test_figures_and_export_are_those_of_the_face_network(data: Packed, folder: Path) -> None:
    task = task_of(data, folder)
    network = task.network().eval()
    with torch.no_grad():
        assert np.isfinite(task.measure(network, [batch_of(task, "holdout")])["score"])
    assert task.exported(network).kind == "face"


def test_what_is_missing_is_said(data: Packed, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"task\.unlabelled=DIR"):
        make(TrainingConfig(task=SMALL), data)
    with pytest.raises(ConfigError, match="train face first"):
        task_of(data, folder, start=str(tmp_path)).network()
