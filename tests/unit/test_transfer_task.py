"""The label transfer learns what a face network does wrong, from crops that are kept."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra train is not installed")
pytest.importorskip("onnx", reason="the extra train is not installed")

from app.dataset.packed import Packed  # noqa: E402
from app.dataset.sample import held_out  # noqa: E402
from inference.training.config import ConfigError, TrainingConfig, load_config  # noqa: E402
from inference.training.task import Batch, Samples  # noqa: E402
from inference.training.transfer_task import TransferTask, make  # noqa: E402
from tests.unit.drawn_faces import drawn_shard  # noqa: E402
from tests.unit.habitual_annotators import write_mean_face  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("transfer")
    write_mean_face(folder / "mean.onnx")
    drawn_shard(folder)
    return folder


@pytest.fixture
def task(folder: Path, monkeypatch: pytest.MonkeyPatch) -> TransferTask:
    monkeypatch.setenv("HEADROOM_CACHE", str(folder / "cache"))
    torch.manual_seed(0)
    settings = {"face": str(folder / "mean.onnx"), "noise": 0.0}
    return make(TrainingConfig(task=settings), Packed([folder]))


def batch_of(samples: Samples) -> Batch:
    items = [samples.item(i, np.random.default_rng(0)) for i in range(len(samples))]
    return {k: torch.from_numpy(np.stack([i[k] for i in items])) for k in items[0]}


def test_it_starts_with_the_networks_own_error_and_unlearns_what_is_systematic(
    task: TransferTask,
) -> None:
    network, batch = task.network(), batch_of(task.data("holdout"))
    brows = slice(520 + 17, 520 + 27)
    batch["landmarks"] = batch["points"].clone()
    batch["landmarks"][:, brows, 1] -= 0.03
    with torch.no_grad():
        told = task.measure(network.eval(), [batch])
    assert told["score"] == pytest.approx(told["nme_before"])
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(60):
        optimiser.zero_grad()
        task.loss(network.train(), batch)["sum"].backward()
        optimiser.step()
    with torch.no_grad():
        later = task.measure(network.eval(), [batch])
    assert later["score"] < 0.5 * later["nme_before"]
    assert later["nme_before"] == pytest.approx(told["nme_before"])


def test_nobody_is_in_both_parts_and_looks_are_kept(task: TransferTask) -> None:
    train, held = task.data("train"), task.data("holdout")
    assert held_out(held.people).all() and not held_out(train.people).any()
    again = task.data("train")
    assert again.path == train.path  # type: ignore[attr-defined]
    copy = pickle.loads(pickle.dumps(train))
    first, last = (s.item(3, np.random.default_rng(0)) for s in (train, copy))
    np.testing.assert_array_equal(first["landmarks"], last["landmarks"])
    assert len(pickle.dumps(train)) < 100_000


def test_the_shipped_settings_are_those_of_the_task() -> None:
    with pytest.raises(ConfigError, match="face"):
        make(load_config("transfer", changes=["task.face=missing.onnx"]), None)  # type: ignore[arg-type]


def test_its_export_says_what_it_follows(task: TransferTask) -> None:
    export = task.exported(task.network())
    assert export.kind == "transfer" and export.facts["follows"] == "mean"
    assert list(export.inputs) == ["landmarks"] and list(export.outputs) == ["landmarks_68"]
