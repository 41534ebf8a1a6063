"""The detector's task: scenes from shards, figures, and scores that 0.5 decides after export."""

from __future__ import annotations

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from app.dataset.packed import Packed, encode, write_shard  # noqa: E402
from app.dataset.sample import OUTLINED, POINTS, SIDE, Sample, Traits, held_out  # noqa: E402
from inference.models.detector import REFERENCE, DetectorNet, Maps  # noqa: E402
from inference.models.detector_loss import FACE  # noqa: E402
from inference.training.config import ConfigError, TrainingConfig, load_config  # noqa: E402
from inference.training.detector_task import DetectorSettings, DetectorTask, make  # noqa: E402

TINY = {
    "size": 96,
    "channels": [8, 8, 16, 16, 16],
    "blocks": [1, 1, 1, 1],
    "neck": 16,
    "scenes": 12,
    "calibrated": 0,
}


def sample(person: int) -> Sample:
    chance = np.random.default_rng(person)
    picture = chance.integers(0, 90, (SIDE, SIDE, 3), dtype=np.uint8)
    segments = np.zeros((SIDE, SIDE), np.uint8)
    for target, value in ((picture, (200, 150, 120)), (segments, 1)):
        cv2.ellipse(target, (128, 128), (48, 60), 0, 0, 360, value, cv2.FILLED)
    turn = np.linspace(0.0, 2.0 * np.pi, 68, endpoint=False)
    points = np.zeros((POINTS, 3), np.float32)
    points[:, :2] = 128.0
    points[OUTLINED, :2] += np.stack([48 * np.cos(turn), 60 * np.sin(turn)], axis=1)
    return Sample(
        picture,
        segments,
        np.zeros((SIDE, SIDE), np.float32),
        points,
        np.ones(POINTS, bool),
        np.eye(3, dtype=np.float32),
        np.zeros(3, np.float32),
        np.full(2, 128.0, np.float32),
        0.7,
        500.0,
        person,
        Traits(0.5, 30.0, 0.5, False, False, False),
        "plain",
    )


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    folder = tmp_path_factory.mktemp("shards")
    numbers = np.arange(400)
    apart = held_out(numbers)
    chosen = [*numbers[~apart][:6], *numbers[apart][:3]]
    write_shard(folder / "one.arrow", (encode(sample(int(n))) for n in chosen), {})
    return Packed([folder])


@pytest.fixture
def task(packed: Packed, tmp_path: Path) -> DetectorTask:
    grey = np.full((48, 64, 3), 99, np.uint8)
    scenery = tmp_path / "scenery"
    scenery.mkdir()
    for name in ("room-shop-000-0.jpg", "room-shop-001-0.jpg"):
        cv2.imwrite(str(scenery / name), grey)
    return make(TrainingConfig(name="detector", task={**TINY, "scenery": str(scenery)}), packed)


def test_scenes_of_people_held_out_are_the_same_each_time(task: DetectorTask) -> None:
    train, apart = task.data("train"), task.data("holdout")
    assert not set(train.people.tolist()) & set(apart.people.tolist())
    assert len(train) == 6
    assert len(apart) == TINY["scenes"]
    first, second = (apart.item(3, np.random.default_rng(k)) for k in (1, 2))
    assert all(np.array_equal(first[key], second[key]) for key in first)
    first, second = (train.item(3, np.random.default_rng(k)) for k in (1, 2))
    assert not np.array_equal(first["pictures"], second["pictures"])
    assert first["pictures"].shape == (3, 96, 96)
    assert first["pictures"].dtype == np.uint8


class Sees(torch.nn.Module):
    """Knows one scene after another by heart, and is as sure of each face as it is told."""

    def __init__(self, truths: list[np.ndarray], score: float) -> None:
        super().__init__()
        self.truths, self.logit = list(truths), float(np.log(score / (1.0 - score)))

    def forward(self, pictures: torch.Tensor) -> list[Maps]:
        cells = 96
        heat = torch.full((len(pictures), cells, cells), -12.0)
        box = torch.zeros(len(pictures), 4, cells, cells)
        for k in range(len(pictures)):
            for n, (x, y, width, height) in enumerate(self.truths.pop(0)):
                row, column = 4 * n, 4 * k % cells
                heat[k, row, column] = self.logit
                box[k, 0, row, column] = float(x + width / 2) - column
                box[k, 1, row, column] = float(y + height / 2) - row
                box[k, 2, row, column] = float(np.log(width / REFERENCE))
                box[k, 3, row, column] = float(np.log(height / REFERENCE))
        return [Maps(heat, box, 1)]


def test_who_sees_all_misses_nothing_and_who_sees_nothing_misses_all(task: DetectorTask) -> None:
    apart = task.data("holdout")
    items = [apart.item(k, np.random.default_rng()) for k in range(len(apart))]
    batches = [
        {key: torch.from_numpy(np.stack([i[key] for i in part])) for key in items[0]}
        for part in (items[:6], items[6:])
    ]
    truths = [i["boxes"][i["state"] == FACE] for i in items]
    assert sum(map(len, truths)) > 5
    told = task.measure(Sees(truths, 0.9), batches)
    assert told["score"] == pytest.approx(0.0)
    assert told["recall_at_0.01"] == pytest.approx(1.0)
    blind = task.measure(Sees([t[:0] for t in truths], 0.9), batches)
    assert blind["score"] == pytest.approx(1.0)


def test_its_loss_can_be_descended(task: DetectorTask) -> None:
    torch.manual_seed(0)
    network = task.network()
    items = [task.data("train").item(k, np.random.default_rng(k)) for k in range(4)]
    batch = {key: torch.from_numpy(np.stack([i[key] for i in items])) for key in items[0]}
    losses = task.loss(network, batch)
    losses["sum"].backward()
    assert set(losses) == {"sum", "centre", "box"}
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


def test_after_export_half_is_where_false_boxes_are_few(task: DetectorTask) -> None:
    settings = msgspec.structs.replace(task.settings, calibrated=3)
    torch.manual_seed(0)
    network = task.network().eval()
    assert isinstance(network, DetectorNet)
    raw = DetectorTask(task.settings, task.packed).exported(network)
    set_right = DetectorTask(settings, task.packed).exported(network)
    assert raw.kind == "detector"
    assert raw.outputs == ("boxes", "scores")
    before, after = (e.module(torch.zeros(1, 3, 64, 64))[1] for e in (raw, set_right))
    sure = set_right.facts["operating_score_before_shift"]
    assert isinstance(sure, float) and 0.05 <= sure <= 0.95
    assert bool(((before < sure) == (after < 0.5)).all())


def test_the_projects_own_settings_are_sound(packed: Packed) -> None:
    config = load_config("detector")
    msgspec.convert(config.task, DetectorSettings)
    with pytest.raises(ConfigError, match="multiple of 32"):
        make(TrainingConfig(name="detector", task={"size": 100}), packed)


def test_it_shows_what_it_finds(task: DetectorTask) -> None:
    item = task.data("holdout").item(1, np.random.default_rng())
    batch = {key: torch.from_numpy(values[None]) for key, values in item.items()}
    shown = task.show(task.network().eval(), batch)
    assert shown.shape == (96, 4 * 96, 3)
    assert shown.dtype == np.uint8
