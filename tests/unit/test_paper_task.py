"""The papers' landmark networks as tasks."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from app.dataset.packed import Packed  # noqa: E402
from app.dataset.sample import OUTLINED  # noqa: E402
from inference.models import losses  # noqa: E402
from inference.models.paper_nets import in_pixels, in_units  # noqa: E402
from inference.training.config import TrainingConfig  # noqa: E402
from inference.training.paper_task import PaperTask, make  # noqa: E402
from inference.training.task import Batch  # noqa: E402
from tests.unit.drawn_faces import drawn_shard  # noqa: E402

NAMES = {"face-direct": (256, 520), "facemesh-68": (192, 68), "facemesh-68-trimmed": (192, 68)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return drawn_shard(tmp_path_factory.mktemp("shard"), people=24, each=1)


def made(name: str, data: Packed) -> PaperTask:
    torch.manual_seed(0)
    return make(TrainingConfig(name=name), data)


def batch_of(task: PaperTask, count: int) -> Batch:
    samples = task.data("train")
    items = [samples.item(i, np.random.default_rng(i)) for i in range(count)]
    return {k: torch.from_numpy(np.stack([i[k] for i in items])) for k in items[0]}


@pytest.mark.parametrize("name", NAMES)
def test_the_crop_has_the_papers_size_and_the_start_is_the_mean_face(
    name: str, data: Packed
) -> None:
    size, points = NAMES[name]
    task = made(name, data)
    batch = batch_of(task, 2)
    assert batch["pictures"].shape[1:] == (size, size, 3)
    export = task.exported(task.network().eval())
    assert export.facts["input_size"] == size
    with torch.no_grad():
        (landmarks,) = export.module(*export.inputs.values())
    assert landmarks.shape == (2, points, 3)
    assert landmarks[..., :2].abs().max() < 3.0


def test_pixels_and_crop_units_are_told_apart() -> None:
    units = torch.tensor([[-0.5, 0.5, 0.1]])
    assert torch.allclose(in_pixels(units, 64), torch.tensor([[-0.5, 63.5, 6.4]]))
    assert torch.allclose(in_units(in_pixels(units, 64), 64), units)


def test_the_direct_loss_is_one_and_a_half_wings_and_half_a_square(data: Packed) -> None:
    task = made("face-direct", data)
    batch = batch_of(task, 2)
    assert (batch["face"] == 1.0).all(), "it has nothing to say about crops without a face"
    network = task.network().eval()
    with torch.no_grad():
        value = float(task.loss(network, batch)["sum"])
        apart = task.landmarks(network, batch["pictures"].permute(0, 3, 1, 2).float() / 255.0)
        apart = (apart - batch["points"][:, :520]) * 256.0
    wing = torch.where(
        apart.abs() < 15.0,
        15.0 * torch.log1p(apart.abs() / 3.0),
        apart.abs() - 15.0 + 15.0 * float(np.log(6.0)),
    )
    assert value == pytest.approx(float(1.5 * wing.mean() + 0.5 * (apart**2).mean()), rel=1e-4)


def test_the_mesh_like_loss_looks_at_faces_alone(data: Packed) -> None:
    task = made("facemesh-68-trimmed", data)
    batch = batch_of(task, 3)
    batch["face"] = torch.tensor([1.0, 0.0, 0.0])
    network = task.network().eval()
    with torch.no_grad():
        wing = float(task.loss(network, batch)["wing"])
        crops = batch["pictures"].permute(0, 3, 1, 2).float() / 255.0
        found = network(crops)[0][:1]
    truth = in_pixels(batch["points"][:1, OUTLINED], 192)
    assert wing == pytest.approx(float(losses.wing(found, truth, 5.0, 0.5)), rel=1e-4)


def test_a_step_of_each_lessens_its_loss(data: Packed) -> None:
    task = made("facemesh-68-trimmed", data)
    network = task.network()
    batch = batch_of(task, 6)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    values = []
    for _ in range(4):
        loss = task.loss(network, batch)["sum"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        values.append(float(loss.detach()))
    assert values[-1] < values[0]
    told = task.measure(network.eval(), [batch])
    assert np.isfinite(told["score"])
